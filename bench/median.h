/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LASTACK_BENCH_MEDIAN_H
#define LASTACK_BENCH_MEDIAN_H

#include <stdlib.h>

static inline int
median_compare(const void *a, const void *b)
{
        const double *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

/* The figure in the middle; `figures` are sorted then, the least first. */
static inline double
median(double *figures, size_t n)
{
        qsort(figures, n, sizeof(*figures), median_compare);
        return figures[n / 2];
}

#endif
