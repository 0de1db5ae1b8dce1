/* SPDX-License-Identifier: BSD-2-Clause */
/* Without lwIP's headers there is no lwIP. */
#include "wire_lwip.h"

#include <errno.h>

bool
lwip_can_serve(const char **ret_why)
{
        *ret_why = "the package liblwip-dev was not there when this was built";
        return false;
}

int
lwip_serve(int ready_fd)
{
        (void)ready_fd;
        return -ENOENT;
}
