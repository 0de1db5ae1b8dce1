/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/kernel.h"

#include <stdio.h>
#include <sys/utsname.h>

bool
kernel_release_at_least(const char *release, unsigned int major, unsigned int minor)
{
        unsigned int a, b;

        if (sscanf(release, "%9u.%9u", &a, &b) != 2)
                return false;
        return a > major || (a == major && b >= minor);
}

bool
kernel_at_least(unsigned int major, unsigned int minor)
{
        struct utsname name;

        return uname(&name) == 0 && kernel_release_at_least(name.release, major, minor);
}
