/* SPDX-License-Identifier: BSD-2-Clause */
/* Without lwIP's headers there is no lwIP. */
#include "wire_lwip.h"

#include <errno.h>

int
lwip_serve(int ready_fd)
{
        (void)ready_fd;
        return -ENOENT;
}
