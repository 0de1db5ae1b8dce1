/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine.c - lastack's engine and lwIP in memory, on one core, doing the same work (work.h) in turns.
 *
 *         engine [--quick] [--lastack] [--data] [--conversations] [--many]
 *
 * --quick is a small one, to see that it works; --lastack leaves lwIP out; the others are the parts, all if none is
 * named.  README.md says what is measured and how to read what is printed.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "turns.h"
#include "wire/checksum.h"
#include "work.h"

enum { EXIT_NOT_MEASURED = 1, EXIT_BAD_USAGE = 64 };

#define LWIP_CROWDS     3
#define MINUTES_AT_MOST 5

struct plan {
        unsigned int rounds;
        struct held crowd;
        uint32_t lwip_crowd[LWIP_CROWDS]; /* so many of both; the more, the longer each conversation takes it */
        uint32_t lwip_conversations[LWIP_CROWDS];
        struct held waiting, most;
};

static const struct plan full = {
        .rounds = 15,
        .crowd = { 100000, 100000, false },
        .lwip_crowd = { 1000, 10000, 100000 },
        .lwip_conversations = { 1000, 100, 10 },
        .waiting = { 0, 1000000, false },
        .most = { 1000000, 10000000, true },
};

static const struct plan quick = {
        .rounds = 3,
        .crowd = { 5000, 5000, false },
        .lwip_crowd = { 10, 100, 1000 },
        .lwip_conversations = { 1000, 1000, 100 },
        .waiting = { 0, 10000, false },
        .most = { 10000, 100000, true },
};

/* lwIP's pairs; all NULL where there is none. */
struct lwip_pairs {
        struct pair *data, *talk, *crowd[LWIP_CROWDS], *helped_data, *helped_talk;
        size_t connection_bytes;
};

_Noreturn void
cannot(const char *what, const char *why)
{
        fflush(stdout);
        fprintf(stderr, "engine: cannot %s: %s\n", what, why);
        exit(EXIT_NOT_MEASURED);
}

/* ---- Pairs ------------------------------------------------------------------------------------------------------- */

static struct pair *
checked(struct pair *p)
{
        work_check(p);
        return p;
}

static struct pair *
lastack(struct held held)
{
        return checked(pair_lastack_new(held));
}

static struct pair *
lwip(enum lwip_kind kind, uint32_t crowd)
{
        const char *why;
        struct pair *p = pair_lwip_new(kind, (struct held){ crowd, crowd, false }, &why);

        if (!p)
                cannot("use lwIP", why);
        return checked(p);
}

/* All at once, since those that are helped must come last. */
static struct lwip_pairs
make_lwip(const struct plan *plan)
{
        const char *why;
        struct lwip_pairs l = { .data = pair_lwip_new(LWIP_AS_BUILT, (struct held){ 0 }, &why) };

        if (!l.data) {
                printf("lwIP is not measured: %s\n", why);
                return l;
        }
        pair_lwip_describe();
        l.connection_bytes = pair_lwip_connection_bytes(checked(l.data));
        l.talk = lwip(LWIP_AS_BUILT, 0);
        for (int i = 0; i < LWIP_CROWDS; i++)
                l.crowd[i] = lwip(LWIP_AS_BUILT, plan->lwip_crowd[i]);
        l.helped_data = lwip(LWIP_HELPED, 0);
        l.helped_talk = lwip(LWIP_HELPED, 0);
        return l;
}

/* What lastack takes is to be at most half of what lwIP takes. */
static void
show_half(const struct table *t, const struct row *ours, const struct row *theirs, const struct row *helped)
{
        double x = row_median(t, ours) / row_median(t, theirs);

        show_goal("lastack / lwIP: at most a half", x, "x", x <= 0.5);
        show_figure("        a third would be better still", x, x <= 1. / 3 ? "x: met" : "x: not met");
        show_figure("lastack / lwIP, helped", row_median(t, ours) / row_median(t, helped), "x");
}

/* ---- Data -------------------------------------------------------------------------------------------------------- */

#define FLOOR_SEGMENTS 64 /* of 1536 bytes: two flights' worth of memory */

static uint8_t floor_from[FLOOR_SEGMENTS][1536], floor_to[FLOOR_SEGMENTS][1536];

static void
copy_segments(struct pair *none, uint32_t n)
{
        (void)none;
        for (uint32_t i = 0; i < n; i++) {
                memcpy(floor_to[i % FLOOR_SEGMENTS], floor_from[i % FLOOR_SEGMENTS], SEGMENT_BYTES);
                __asm__ volatile("" ::: "memory");
        }
}

static void
sum_segments(struct pair *none, uint32_t n)
{
        (void)none;
        for (uint32_t i = 0; i < n; i++) {
                struct sum s = sum_bytes(floor_from[i % FLOOR_SEGMENTS], SEGMENT_BYTES);

                __asm__ volatile("" : : "r"(s.v) : "memory");
        }
}

static void
pass_segments(struct pair *p, uint32_t n)
{
        work_flights(p, n / FLIGHT_SEGMENTS);
}

static struct row *
add_data(struct table *t, const char *name, struct pair *p)
{
        work_connect(p);
        return table_add(t, name, p, pass_segments, 1000 * FLIGHT_SEGMENTS);
}

static void
bench_data(const struct plan *plan, const struct lwip_pairs *l)
{
        struct table t = { .count = 0 };
        struct row *ours, *theirs = NULL, *helped = NULL;

        table_add(&t, "memcpy of 1460 bytes", NULL, copy_segments, 100000);
        table_add(&t, "checksum of 1460 bytes", NULL, sum_segments, 100000);
        ours = add_data(&t, "lastack", lastack((struct held){ 0 }));
        if (l->data) {
                theirs = add_data(&t, "lwIP", l->data);
                helped = add_data(&t, "lwIP, helped", l->helped_data);
        }
        table_measure(&t, plan->rounds);
        table_show(&t, "A data segment of 1460 bytes, both ends");
        if (l->data)
                show_half(&t, ours, theirs, helped);
        table_free(&t);
}

/* ---- Conversations ----------------------------------------------------------------------------------------------- */

static const char *
named(char *name, size_t room, const char *who, struct held held)
{
        snprintf(name, room, "%s, %u established and %u in TIME_WAIT held", who, held.established, held.time_wait);
        return name;
}

static void
bench_conversations(const struct plan *plan, const struct lwip_pairs *l)
{
        struct table t = { .count = 0 };
        struct row *ours, *crowded, *theirs = NULL, *helped = NULL, *most = NULL;
        char name[1 + LWIP_CROWDS][80];

        ours = table_add(&t, "lastack", lastack((struct held){ 0 }), work_conversations, 5000);
        if (l->data) {
                theirs = table_add(&t, "lwIP", l->talk, work_conversations, 5000);
                helped = table_add(&t, "lwIP, helped", l->helped_talk, work_conversations, 5000);
        }
        crowded = table_add(&t, named(name[LWIP_CROWDS], sizeof name[0], "lastack", plan->crowd), lastack(plan->crowd),
                            work_conversations, 3000);
        for (int i = 0; l->data && i < LWIP_CROWDS; i++)
                most = table_add(&t, named(name[i], sizeof name[i], "lwIP", l->crowd[i]->held), l->crowd[i],
                                 work_conversations, plan->lwip_conversations[i]);
        table_measure(&t, plan->rounds);
        table_show(&t, "Connect, request, response, close, both ends");
        if (l->data)
                show_half(&t, ours, theirs, helped);
        show_goal("lastack, with the crowd / without: at most 2", row_median(&t, crowded) / row_median(&t, ours), "x",
                  row_median(&t, crowded) <= 2 * row_median(&t, ours));
        if (l->data)
                show_figure("lwIP, with the largest crowd / without", row_median(&t, most) / row_median(&t, theirs),
                            "x");
        table_free(&t);
}

/* ---- Very many --------------------------------------------------------------------------------------------------- */

#define GIB (1024.0 * 1024 * 1024)

static void
show_memory(struct pair *p, size_t lwip_bytes)
{
        size_t block, resident;
        double all = (double)p->held.established + p->held.time_wait;

        pair_lastack_memory(p, &block, &resident);
        show_goal("lastack, the host that holds all, resident: at most 1.2", (double)resident / GIB, "GiB",
                  (double)resident <= 1.2 * GIB);
        show_figure("        its block of memory, with what is not used yet", (double)block / GIB, "GiB");
        if (lwip_bytes > 0)
                show_figure("lwIP would take, by the size of its connections", all * (double)lwip_bytes / GIB, "GiB");
}

static void
bench_ticks(const struct plan *plan, struct pair *none, struct pair *most, const struct lwip_pairs *l)
{
        struct table t = { .count = 0 };
        struct row *empty, *full_row;
        char name[2][80];

        empty = table_add(&t, "lastack, a millisecond", none, work_ticks, 10000);
        full_row = table_add(&t, named(name[0], sizeof name[0], "lastack", most->held), most, work_ticks, 10000);
        if (l->data) {
                table_add(&t, "lwIP, a quarter of a second", l->talk, work_ticks, 10000);
                table_add(&t, named(name[1], sizeof name[1], "lwIP", l->crowd[2]->held), l->crowd[2], work_ticks, 4);
        }
        table_measure(&t, plan->rounds);
        table_show(&t, "An idle tick: timers are served and none is due");
        show_goal("lastack, all that / nothing held: nothing more", row_median(&t, full_row) - row_median(&t, empty),
                  "ns", row_median(&t, full_row) <= 1.5 * row_median(&t, empty) + 1);
}

static void
bench_many(const struct plan *plan, const struct lwip_pairs *l)
{
        struct table t = { .count = 0 };
        struct pair *none = lastack((struct held){ 0 }), *most = lastack(plan->most);
        char name[2][80];
        struct row *row[3];

        row[0] = table_add(&t, "lastack", none, work_conversations, 3000);
        row[1] = table_add(&t, named(name[0], sizeof name[0], "lastack", plan->waiting), lastack(plan->waiting),
                           work_conversations, 3000);
        row[2] = table_add(&t, named(name[1], sizeof name[1], "lastack", plan->most), most, work_conversations, 3000);
        table_measure(&t, plan->rounds);
        table_show(&t, "Connect, request, response, close, both ends, beside very many");
        for (int i = 1; i < 3; i++)
                show_figure(i == 1 ? "lastack, with the lesser crowd / without"
                                   : "lastack, with the larger crowd / without",
                            row_median(&t, row[i]) / row_median(&t, row[0]), "x");
        show_memory(most, l->connection_bytes);
        bench_ticks(plan, none, most, l);
        table_free(&t);
}

/* ---- The command ------------------------------------------------------------------------------------------------- */

static void
give_up(int signal)
{
        static const char text[] = "engine: it took too long on this machine, and was given up\n";
        ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);

        (void)signal;
        (void)written;
        _exit(EXIT_NOT_MEASURED);
}

struct choice {
        const struct plan *plan;
        bool lastack, data, conversations, many;
};

static bool
choose(struct choice *c, const char *word)
{
        if (strcmp(word, "--quick") == 0)
                c->plan = &quick;
        else if (strcmp(word, "--lastack") == 0)
                c->lastack = true;
        else if (strcmp(word, "--data") == 0)
                c->data = true;
        else if (strcmp(word, "--conversations") == 0)
                c->conversations = true;
        else if (strcmp(word, "--many") == 0)
                c->many = true;
        else
                return false;
        return true;
}

int
main(int argc, char **argv)
{
        struct choice c = { .plan = &full };
        struct lwip_pairs l = { .data = NULL };

        for (int i = 1; i < argc; i++)
                if (!choose(&c, argv[i])) {
                        fprintf(stderr, "usage: engine [--quick] [--lastack] [--data] [--conversations] [--many]\n");
                        return EXIT_BAD_USAGE;
                }
        if (!c.data && !c.conversations && !c.many)
                c.data = c.conversations = c.many = true;
        signal(SIGALRM, give_up);
        alarm(MINUTES_AT_MOST * 60);
        setvbuf(stdout, NULL, _IOLBF, 0);
        if (!c.lastack)
                l = make_lwip(c.plan);
        if (c.data)
                bench_data(c.plan, &l);
        if (c.conversations)
                bench_conversations(c.plan, &l);
        if (c.many)
                bench_many(c.plan, &l);
        return EXIT_SUCCESS;
}
