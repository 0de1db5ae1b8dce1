/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor.c - what the doctor costs: `lastack doctor` with very many sockets, in time and memory.
 *
 * README.md says how to read what is printed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/mman.h>

#include "clock.h"
#include "crowd.h"
#include "figure.h"
#include "namespace.h"

enum {
        EXIT_NOT_MEASURED = 1,
        EXIT_SKIPPED = 77,
        MINUTES_AT_MOST = 3,
        RUNS = 5,
        STATUS_CRITICAL = 2, /* what the crowd does is no healthy sight */
};

#define CREATE_AT_MOST_NS  (40 * SECOND_NS)
#define MEASURE_AT_MOST_NS (56 * SECOND_NS)

struct size {
        uint32_t established, time_wait;
};

static const struct size full = { 40000, 260000 }, quick = { 1000, 5000 };

static void
give_up(int number)
{
        _exit(number == SIGALRM ? EXIT_NOT_MEASURED : 128 + number);
}

/* How many sockets the answer in `file` says it looked at. */
static uint64_t
sockets_told(int file)
{
        static const char name[] = "\"sockets\":";
        off_t size = lseek(file, 0, SEEK_END);
        uint64_t sockets = 0;
        char *text = size > 0 ? mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;

        if (text == MAP_FAILED)
                return 0;
        const char *found = memmem(text, (size_t)size, name, sizeof(name) - 1);
        for (const char *p = found ? found + sizeof(name) - 1 : text + size; p < text + size && *p >= '0' && *p <= '9';
             p++)
                sockets = sockets * 10 + (uint64_t)(*p - '0');
        munmap(text, (size_t)size);
        return sockets;
}

/* Right if it looked at all that were made, less at most what is gone when it has ended. */
static bool
run_once(struct series *s, int output, uint32_t held, uint32_t left)
{
        int r = series_run(s, output);
        uint64_t told = sockets_told(output);

        if (r == 0 && told >= held + namespace_time_wait() && told <= (uint64_t)held + left + 2 * CROWD_SIZE * 64)
                return !s->failed;
        fprintf(stderr, "bench: %s looked at %" PRIu64 " sockets; there are %" PRIu32 " and %" PRIu32 " in TIME_WAIT\n",
                s->name, told, held, left);
        s->wrong = true;
        return false;
}

static void
show(const struct series *s, uint64_t sockets)
{
        struct figure median = series_median(s), least = series_least(s);

        printf("  %-34s %9.1f %9.1f %9.1f %9.1f %9.0f%s\n", s->name, (double)median.wall_ns / 1e6,
               (double)least.wall_ns / 1e6, (double)median.cpu_ns / 1e6, (double)median.peak_bytes / (1 << 20),
               (double)median.cpu_ns / (double)sockets,
               s->failed  ? "  FAILED"
               : s->wrong ? "  WRONG ANSWER"
                          : "");
}

static void
show_goal(const char *what, double figure, const char *unit, double goal)
{
        printf("  %-52s %7.2f %s: %s\n", what, figure, unit, figure <= goal ? "met" : "NOT MET");
}

static int
measure(const char *lastack, int output, uint32_t held, uint32_t left, uint64_t deadline_ns)
{
        struct series s[] = {
                { .name = "lastack doctor --for 0 (one look)",
                  .argv = { lastack, "doctor", "-j", "--for=0" },
                  .status_at_most = STATUS_CRITICAL },
                { .name = "lastack doctor --for 1 (two looks)",
                  .argv = { lastack, "doctor", "-j", "--for=1" },
                  .status_at_most = STATUS_CRITICAL },
        };
        bool right = true;

        for (unsigned int i = 0; i < RUNS && (i == 0 || now_ns() < deadline_ns); i++)
                for (size_t j = 0; j < 2; j++)
                        right &= run_once(&s[j], output, held, left);
        printf("\nThe doctor: %" PRIu32 " in TIME_WAIT, %" PRIu32 " established, held by %d processes; %u runs\n\n",
               left, held, CROWD_SIZE, s[0].runs);
        printf("  %-34s %9s %9s %9s %9s %9s\n", "", "wall ms", "least", "CPU ms", "peak MiB", "ns/socket");
        show(&s[0], (uint64_t)held + left);
        show(&s[1], (uint64_t)held + left);
        putchar('\n');
        show_goal("one look: in at most a second", (double)series_median(&s[0]).wall_ns / 1e9, "s", 1);
        show_goal("two looks: at most a second beside the wait", (double)series_median(&s[1]).wall_ns / 1e9 - 1, "s",
                  1);
        show_goal("one look, in CPU time", (double)series_median(&s[0]).cpu_ns / 1e9, "s", 1);
        show_goal("in at most 32 MiB", (double)series_median(&s[1]).peak_bytes / (1 << 20), "MiB", 32);
        return right ? EXIT_SUCCESS : EXIT_NOT_MEASURED;
}

int
main(int argc, char **argv)
{
        const struct size *size = argc == 3 && strcmp(argv[2], "--quick") == 0 ? &quick : &full;
        struct crowd crowd;
        const char *what = "processes";
        uint32_t held = 0, left = 0;
        int status = EXIT_NOT_MEASURED;

        if (argc < 2 || (argc == 3 && size == &full) || argc > 3) {
                fprintf(stderr, "usage: doctor LASTACK [--quick]\n");
                return 64;
        }
        if (geteuid() != 0) {
                puts("skipped: the benchmark makes a network namespace and needs root");
                return EXIT_SKIPPED;
        }
        signal(SIGALRM, give_up);
        signal(SIGINT, give_up);
        signal(SIGTERM, give_up);
        alarm(MINUTES_AT_MOST * 60);
        int output = memfd_create("output", MFD_CLOEXEC), r = namespace_enter_new(&what);
        if (r >= 0 && output >= 0)
                r = crowd_start(&crowd);
        if (r < 0 || output < 0) {
                fprintf(stderr, "bench: cannot make %s: %s\n", what, strerror(r < 0 ? -r : errno));
                return EXIT_NOT_MEASURED;
        }
        r = crowd_hold(&crowd, size->established, &held);
        uint64_t begin_ns = now_ns();
        if (r >= 0)
                r = crowd_leave(&crowd, size->time_wait, begin_ns + CREATE_AT_MOST_NS, &left);
        if (r < 0)
                fprintf(stderr, "bench: cannot make connections: %s\n", strerror(-r));
        else
                status = measure(argv[1], output, held, left, begin_ns + MEASURE_AT_MOST_NS);
        crowd_dismiss(&crowd);
        return status;
}
