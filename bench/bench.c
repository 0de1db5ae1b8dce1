/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bench.c - the lens measured beside ss and netstat, on the same sockets and in turns.
 *
 * Two crowds, each in a network namespace of its own: first established sockets alone, for the listing of owners; then
 * very many in TIME_WAIT, for counting.  In this order, since records of TIME_WAIT are in every namespace's way: the
 * kernel has one table of connections for all.
 *
 * README.md says how to read what is printed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>
#include <sys/utsname.h>

#include "answer.h"
#include "clock.h"
#include "crowd.h"
#include "figure.h"
#include "namespace.h"

enum {
        EXIT_NOT_MEASURED = 1,
        EXIT_BAD_USAGE = 64,
        EXIT_SKIPPED = 77,
};

#define MINUTES_AT_MOST    3
#define CREATE_AT_MOST_NS  (30 * SECOND_NS)
#define MEASURE_AT_MOST_NS (56 * SECOND_NS) /* after 60 s the first records of TIME_WAIT go */
#define LISTING_RUNS       5
#define COUNTING_RUNS      7

struct size {
        uint32_t listed[3];
        uint32_t established, time_wait;
};

static const struct size full = { { 15000, 30000, 60000 }, 20000, 200000 };
static const struct size quick = { { 1000, 2000, 4000 }, 1000, 5000 };

struct bench {
        const char *lastack;
        const struct size *size;
        int output;  /* of the commands */
        bool failed; /* something could not be measured, or was answered wrongly */
};

/* ---- Showing ----------------------------------------------------------------------------------------------------- */

static double
ms(uint64_t ns)
{
        return (double)ns / 1e6;
}

static double
ratio(uint64_t a, uint64_t b)
{
        return b ? (double)a / (double)b : 0;
}

static void
show_table(const struct series *s, unsigned int count, uint64_t sockets)
{
        printf("  %-26s %9s %9s %9s %9s %9s\n", "", "wall ms", "least", "CPU ms", "peak MiB", "ns/socket");
        for (unsigned int i = 0; i < count; i++) {
                struct figure median = series_median(&s[i]), least = series_least(&s[i]);
                printf("  %-26s %9.1f %9.1f %9.1f %9.1f %9.0f%s\n", s[i].name, ms(median.wall_ns), ms(least.wall_ns),
                       ms(median.cpu_ns), (double)median.peak_bytes / (1 << 20), ratio(median.wall_ns, sockets),
                       s[i].failed  ? "  FAILED"
                       : s[i].wrong ? "  WRONG ANSWER"
                                    : "");
        }
        putchar('\n');
}

enum verdict { NOT_MET, MET, NO_GOAL };

static void
show_goal(const char *what, double figure, const char *unit, enum verdict verdict)
{
        static const char *const words[] = { [NOT_MET] = "NOT MET", [MET] = "met", [NO_GOAL] = "" };
        printf("  %-58s %7.1f %s%s%s\n", what, figure, unit, verdict == NO_GOAL ? "" : ": ", words[verdict]);
}

/* How many times faster one is than another, beside how many it should be; 0: nobody said. */
static void
show_speedup(const struct series *ours, const struct series *theirs, double goal)
{
        struct figure a = series_median(ours), b = series_median(theirs);
        double times = ratio(b.wall_ns, a.wall_ns);
        char what[128];
        if (ours->failed || theirs->failed)
                return;
        if (goal > 0) {
                snprintf(what, sizeof(what), "%s: %.0f times faster than %s", ours->name, goal, theirs->name);
                show_goal(what, times, "x", times >= goal ? MET : NOT_MET);
        } else {
                snprintf(what, sizeof(what), "%s: faster than %s", ours->name, theirs->name);
                show_goal(what, times, "x", NO_GOAL);
        }
        printf("  %-58s %7.1f x\n", "      in CPU time, which a busy machine distorts less", ratio(b.cpu_ns, a.cpu_ns));
}

static void
show_peak(const struct series *ours, double goal_mib)
{
        char what[128];
        double peak_mib = (double)series_median(ours).peak_bytes / (1 << 20);
        if (ours->failed)
                return;
        snprintf(what, sizeof(what), "%s: in at most %.0f MiB", ours->name, goal_mib);
        show_goal(what, peak_mib, "MiB", peak_mib <= goal_mib ? MET : NOT_MET);
}

/* Where it is measured, and whether others use it meanwhile. */
static void
show_machine(void)
{
        struct utsname u;
        double load;
        long cpus = sysconf(_SC_NPROCESSORS_ONLN);
        if (uname(&u) == 0)
                printf("%s %s, %s, %ld CPUs\n", u.sysname, u.release, u.machine, cpus);
        if (getloadavg(&load, 1) == 1)
                printf("load average %.1f%s\n", load, load > 0.5 ? ": not at rest, expect ratios to suffer" : "");
        fflush(stdout);
        if (system("ss -V; netstat -V 2>&1 | head -n 1") != 0)
                puts("(versions of ss and netstat are not known)");
}

/* ---- Measuring --------------------------------------------------------------------------------------------------- */

static void
complain(struct bench *b, const char *what, int error)
{
        b->failed = true;
        fprintf(stderr, "bench: cannot make %s: %s\n", what, strerror(-error));
}

/* A listing is right if it has every socket with its owner; a count, if it has the established and those in TIME_WAIT
 * that were made, less at most those that are gone when it is done. */
static bool
is_right(const struct answer *a, const struct answer *truth)
{
        if (truth->owned > 0)
                return a->owned == truth->owned;
        return a->established == truth->established && a->time_wait <= truth->time_wait &&
               a->time_wait >= namespace_time_wait();
}

static void
show_wrong(const struct series *s, const struct answer *a, const struct answer *truth)
{
        if (truth->owned > 0)
                fprintf(stderr, "bench: %s told the owner of %" PRIu64 " sockets; there are %" PRIu64 "\n", s->name,
                        a->owned, truth->owned);
        else
                fprintf(stderr,
                        "bench: %s told of %" PRIu64 " established and %" PRIu64 " in TIME_WAIT; there are %" PRIu64
                        " and %" PRIu64 "\n",
                        s->name, a->established, a->time_wait, truth->established, truth->time_wait);
}

static bool
run_once(struct bench *b, struct series *s, const struct answer *truth)
{
        struct answer a;
        int r = series_run(s, b->output);
        if (r >= 0)
                r = answer_read(b->output, CROWD_COMM, &a);
        if (r < 0) {
                fprintf(stderr, "bench: %s: %s\n", s->name, strerror(-r));
                return false;
        }
        bool right = is_right(&a, truth);
        if (!right && !s->wrong)
                show_wrong(s, &a, truth);
        s->wrong |= !right;
        return right && !s->failed;
}

/* Every command once, in turns, so that what else happens on the machine happens to all. */
static void
run_all(struct bench *b, struct series *s, unsigned int count, const struct answer *truth)
{
        for (unsigned int i = 0; i < count; i++)
                if (!s[i].failed && !run_once(b, &s[i], truth))
                        b->failed = true;
}

/* ---- Listing with owners ----------------------------------------------------------------------------------------- */

/* Returns what `lastack ls -p` took for each socket, in ns; 0 if it could not be measured. */
static double
measure_listing(struct bench *b, struct crowd *crowd, uint32_t sockets)
{
        struct series s[] = {
                { .name = "ss -tanp", .argv = { "ss", "-tanp" } },
                { .name = "lastack ls -p", .argv = { b->lastack, "ls", "-p" } },
        };
        uint32_t held;
        int r = crowd_hold(crowd, sockets, &held);
        if (r < 0) {
                complain(b, "connections", r);
                return 0;
        }
        for (unsigned int i = 0; i < LISTING_RUNS; i++)
                run_all(b, s, 2, &(struct answer){ .owned = held });
        printf("\nListing with owners: %" PRIu32 " established, held by %d processes; %u runs\n\n", held, CROWD_SIZE,
               s[0].runs);
        show_table(s, 2, held);
        show_speedup(&s[1], &s[0], 10);
        fflush(stdout);
        return s[1].failed ? 0 : ratio(series_median(&s[1]).wall_ns, held);
}

static void
bench_listing(struct bench *b)
{
        const uint32_t *sizes = b->size->listed;
        struct crowd crowd;
        const char *what;
        double each_ns[3];
        int r = namespace_enter_new(&what);
        if (r < 0) {
                complain(b, what, r);
                return;
        }
        r = crowd_start(&crowd);
        if (r < 0) {
                complain(b, "processes", r);
                return;
        }
        for (unsigned int i = 0; i < 3; i++)
                each_ns[i] = measure_listing(b, &crowd, sizes[i]);
        crowd_dismiss(&crowd);
        if (each_ns[0] > 0 && each_ns[2] > 0)
                show_goal("lastack ls -p: grows no faster than the sockets, for each of them", each_ns[2] / each_ns[0],
                          "x", each_ns[2] <= 1.25 * each_ns[0] ? MET : NOT_MET);
}

/* ---- Counting ---------------------------------------------------------------------------------------------------- */

/* Runs until there are enough, or the first records would go. */
static void
run_counting(struct bench *b, struct series *s, unsigned int count, const struct answer *truth, uint64_t deadline_ns)
{
        uint64_t longest_ns = 0;
        for (unsigned int i = 0; i < COUNTING_RUNS; i++) {
                uint64_t begin_ns = now_ns();
                if (begin_ns + longest_ns > deadline_ns)
                        break;
                run_all(b, s, count, truth);
                uint64_t took_ns = now_ns() - begin_ns;
                if (took_ns > longest_ns)
                        longest_ns = took_ns;
        }
}

static void
measure_counting(struct bench *b, const struct answer *truth, uint64_t deadline_ns)
{
        struct series s[] = {
                { .name = "netstat -tan | awk",
                  .argv = { "sh", "-c", "netstat -tan | awk '{n[$6]++} END {for (s in n) print s, n[s]}'" } },
                { .name = "ss -tan | awk",
                  .argv = { "sh", "-c", "ss -tan | awk '{n[$1]++} END {for (s in n) print s, n[s]}'" } },
                { .name = "lastack states", .argv = { b->lastack, "states" } },
                { .name = "lastack", .argv = { b->lastack } },
        };
        const struct series *netstat = &s[0], *ss = &s[1], *states = &s[2], *overview = &s[3];
        run_counting(b, s, 4, truth, deadline_ns);
        printf("\nCounting by state: %" PRIu64 " in TIME_WAIT, %" PRIu64 " established; %u runs\n\n", truth->time_wait,
               truth->established, s[0].runs);
        show_table(s, 4, truth->time_wait + truth->established);
        show_speedup(states, ss, 10);
        show_speedup(states, netstat, 20);
        show_peak(states, 16);
        show_speedup(overview, ss, 0);
        show_speedup(overview, netstat, 0);
        show_peak(overview, 16);
}

static void
bench_counting(struct bench *b)
{
        struct crowd crowd;
        const char *what;
        uint32_t held = 0, left = 0;
        int r = namespace_enter_new(&what);
        if (r < 0) {
                complain(b, what, r);
                return;
        }
        r = crowd_start(&crowd);
        if (r < 0) {
                complain(b, "processes", r);
                return;
        }
        r = crowd_hold(&crowd, b->size->established, &held);
        uint64_t begin_ns = now_ns();
        if (r >= 0)
                r = crowd_leave(&crowd, b->size->time_wait, begin_ns + CREATE_AT_MOST_NS, &left);
        if (r < 0)
                complain(b, "connections", r);
        else
                measure_counting(b, &(struct answer){ .established = held, .time_wait = left },
                                 begin_ns + MEASURE_AT_MOST_NS);
        crowd_dismiss(&crowd);
}

/* ---- The command ------------------------------------------------------------------------------------------------- */

/* The crowd and a running command end with us (PR_SET_PDEATHSIG). */
static void
give_up(int signal)
{
        static const char text[] = "bench: it took too long on this machine, and was given up\n";
        if (signal == SIGALRM && write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
                _exit(EXIT_NOT_MEASURED);
        _exit(signal == SIGALRM ? EXIT_NOT_MEASURED : 128 + signal);
}

static bool
is_there(const char *command)
{
        char line[256];
        snprintf(line, sizeof(line), "command -v %s >/dev/null", command);
        if (system(line) == 0)
                return true;
        fprintf(stderr, "bench: there is no command '%s' to measure against: install the packages of the group bench\n",
                command);
        return false;
}

int
main(int argc, char **argv)
{
        struct bench b = { .size = &full };
        if (argc == 3 && strcmp(argv[2], "--quick") == 0)
                b.size = &quick;
        else if (argc != 2) {
                fprintf(stderr, "usage: bench LASTACK [--quick]\n");
                return EXIT_BAD_USAGE;
        }
        b.lastack = argv[1];
        if (geteuid() != 0) {
                puts("skipped: the benchmark makes network namespaces and needs root");
                return EXIT_SKIPPED;
        }
        if (access(b.lastack, X_OK) < 0) {
                fprintf(stderr, "bench: cannot run %s: %s\n", b.lastack, strerror(errno));
                return EXIT_NOT_MEASURED;
        }
        if (!is_there("ss") || !is_there("netstat") || !is_there("awk"))
                return EXIT_NOT_MEASURED;
        b.output = memfd_create("output", MFD_CLOEXEC);
        if (b.output < 0) {
                perror("bench: memfd_create");
                return EXIT_NOT_MEASURED;
        }
        signal(SIGALRM, give_up);
        signal(SIGINT, give_up);
        signal(SIGTERM, give_up);
        alarm(MINUTES_AT_MOST * 60);

        show_machine();
        bench_listing(&b);
        bench_counting(&b);
        return b.failed ? EXIT_NOT_MEASURED : EXIT_SUCCESS;
}
