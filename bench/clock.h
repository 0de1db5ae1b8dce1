/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LASTACK_BENCH_CLOCK_H
#define LASTACK_BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

#define SECOND_NS UINT64_C(1000000000)

static inline uint64_t
clock_ns(clockid_t clock)
{
        struct timespec t;
        clock_gettime(clock, &t);
        return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_nsec;
}

static inline uint64_t
now_ns(void)
{
        return clock_ns(CLOCK_MONOTONIC);
}

/* That this process has used. */
static inline uint64_t
cpu_ns(void)
{
        return clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

#endif
