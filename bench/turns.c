/* SPDX-License-Identifier: BSD-2-Clause */
#include "turns.h"

#include <stdio.h>

#include "clock.h"
#include "median.h"

struct row *
table_add(struct table *t, const char *name, struct pair *pair, void (*work)(struct pair *, uint32_t), uint32_t n)
{
        struct row *r = &t->row[t->count];

        if (t->count == ROWS_MAX)
                cannot("measure one more", name);
        t->count++;
        *r = (struct row){ .name = name, .pair = pair, .work = work, .n = n };
        return r;
}

static double
one_turn(const struct row *r)
{
        uint64_t begin_ns = cpu_ns();

        r->work(r->pair, r->n);
        return (double)(cpu_ns() - begin_ns) / r->n;
}

static void
warm_up(struct row *r)
{
        uint64_t before = r->pair ? r->pair->packets : 0;

        one_turn(r);
        if (r->pair)
                r->packets = (double)(r->pair->packets - before) / r->n;
}

void
table_measure(struct table *t, unsigned int rounds)
{
        t->rounds = rounds;
        for (unsigned int j = 0; j < t->count; j++)
                warm_up(&t->row[j]);
        for (unsigned int i = 0; i < rounds; i++)
                for (unsigned int j = 0; j < t->count; j++)
                        t->row[j].ns[i] = one_turn(&t->row[j]);
        for (unsigned int j = 0; j < t->count; j++)
                (void)median(t->row[j].ns, rounds);
}

double
row_median(const struct table *t, const struct row *r)
{
        return r->ns[t->rounds / 2];
}

static void
show_row(const struct table *t, const struct row *r)
{
        printf("  %-58s %11.1f %11.1f", r->name, row_median(t, r), r->ns[0]);
        if (r->packets > 0)
                printf(" %9.2f", r->packets);
        putchar('\n');
}

void
table_show(const struct table *t, const char *title)
{
        printf("\n%s\n\n  %-58s %11s %11s %9s\n", title, "nanoseconds, by rounds", "median", "least", "packets");
        for (unsigned int i = 0; i < t->count; i++)
                show_row(t, &t->row[i]);
        putchar('\n');
}

void
table_free(struct table *t)
{
        for (unsigned int i = 0; i < t->count; i++)
                if (t->row[i].pair)
                        t->row[i].pair->calls->free(t->row[i].pair);
        t->count = 0;
}

void
show_goal(const char *what, double figure, const char *unit, bool met)
{
        printf("  %-58s %11.2f %s: %s\n", what, figure, unit, met ? "met" : "NOT MET");
}

void
show_figure(const char *what, double figure, const char *unit)
{
        printf("  %-58s %11.2f %s\n", what, figure, unit);
}
