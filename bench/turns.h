/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * turns.h - figures of the same kind, measured in turns: every row once in each round, so that whatever else happens on
 * the machine happens to all, and the median of the rounds is what counts.
 */
#ifndef LASTACK_BENCH_TURNS_H
#define LASTACK_BENCH_TURNS_H

#include "pair.h"

#define ROUNDS_MAX 25
#define ROWS_MAX   10

struct row {
        const char *name;
        struct pair *pair;
        void (*work)(struct pair *, uint32_t n);
        uint32_t n;            /* for work(), each round */
        double ns[ROUNDS_MAX]; /* of one, by rounds; sorted once they are measured */
        double packets;        /* that one took */
};

struct table {
        struct row row[ROWS_MAX];
        unsigned int count, rounds;
};

/* The row to be; NULL where there is no pair to work with but `work` wants one. */
struct row *
table_add(struct table *t, const char *name, struct pair *pair, void (*work)(struct pair *, uint32_t), uint32_t n);

/* Measures all in so many rounds, after one that warms up; in the time of this process, not of the clock. */
void table_measure(struct table *t, unsigned int rounds);

double row_median(const struct table *t, const struct row *r);
void table_show(const struct table *t, const char *title);

/* Frees the pairs of its rows. */
void table_free(struct table *t);

void show_goal(const char *what, double figure, const char *unit, bool met);
void show_figure(const char *what, double figure, const char *unit);

#endif
