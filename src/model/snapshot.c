/* SPDX-License-Identifier: BSD-2-Clause */
#include "lastack/snapshot.h"

bool
la_endpoint_is_mapped(const struct la_endpoint *e)
{
        for (int i = 0; i < 10; i++)
                if (e->address[i] != 0)
                        return false;
        return e->address[10] == 0xff && e->address[11] == 0xff;
}
