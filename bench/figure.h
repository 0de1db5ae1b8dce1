/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * figure.h - what a command costs: run several times, each time to its end.
 */
#ifndef LASTACK_BENCH_FIGURE_H
#define LASTACK_BENCH_FIGURE_H

#include <stdbool.h>
#include <stdint.h>

#define FIGURE_RUNS 9

/* One run, of the command and all the processes of its pipeline together; the peak is that of the largest. */
struct figure {
        uint64_t wall_ns, cpu_ns, peak_bytes;
};

struct series {
        const char *name;    /* to print */
        const char *argv[5]; /* to run; ends with NULL */
        int status_at_most;  /* with which it may end */
        struct figure run[FIGURE_RUNS];
        unsigned int runs;
        bool failed; /* it ended with another status */
        bool wrong;  /* it gave another answer than the right one */
};

/* Runs it once more, at most FIGURE_RUNS times in all.  Its output goes to `output`, a file that is emptied before.
 * Returns 0 or a negative errno. */
int series_run(struct series *s, int output);

/* Over its runs: the one in the middle, and the least. */
struct figure series_median(const struct series *s);
struct figure series_least(const struct series *s);

#endif
