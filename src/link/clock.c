/* SPDX-License-Identifier: BSD-2-Clause */
#include <time.h>

#include "lastack/link.h"

tcp_time
la_clock(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (tcp_time)t.tv_sec * 1000000 + (tcp_time)t.tv_nsec / 1000;
}
