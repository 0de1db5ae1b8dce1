/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a stack on TUN makes of its path: Linux's TCP talks to lastack, to a server that does nothing (the floor), to
 * lwIP, and to Linux's own TCP over a veth pair.  README.md says how to read it.
 *
 *     BUILD_DIR/bench/wire [--quick] [--rounds N] LASTACK
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "median.h"
#include "wire_client.h"
#include "wire_lwip.h"
#include "wire_null.h"
#include "wire_veth.h"

#define ROUNDS_MAX 15

enum server {
        SERVER_NULL,
        SERVER_NULL_PLAIN,
        SERVER_LASTACK,
        SERVER_LASTACK_PLAIN,
        SERVER_LWIP,
        SERVER_VETH,
        SERVER_COUNT,
};

static const struct server_row {
        const char *name;
        bool plain;
} servers[SERVER_COUNT] = {
        [SERVER_NULL] = { "floor: null server, offloads", false },
        [SERVER_NULL_PLAIN] = { "floor: null server, plain frames", true },
        [SERVER_LASTACK] = { "lastack, offloads", false },
        [SERVER_LASTACK_PLAIN] = { "lastack, plain frames", true },
        [SERVER_LWIP] = { "lwIP, plain frames", true },
        [SERVER_VETH] = { "Linux over veth", false },
};

static const struct column {
        const char *head;
        enum wire_work work;
        unsigned int flows;
        double unit;
} columns[] = {
        { "in Gb/s", WIRE_TO_SERVER, 1, 8e-9 },    { "8 flows", WIRE_TO_SERVER, 8, 8e-9 },
        { "out Gb/s", WIRE_FROM_SERVER, 1, 8e-9 }, { "8 flows", WIRE_FROM_SERVER, 8, 8e-9 },
        { "conv/s", WIRE_CONVERSATIONS, 1, 1 },
};
#define COLUMNS (sizeof(columns) / sizeof(columns[0]))

struct cell {
        double figure[ROUNDS_MAX], cpu_s_per_gib[ROUNDS_MAX];
};

static struct cell cells[SERVER_COUNT][COLUMNS];
static unsigned int rounds = 5, work_ms = 500;
static const char *lastack, *why_no_lwip; /* NULL: lwIP is there */

/* ---- Servers, each a process of its own ---- */

static bool
is_there(enum server server)
{
        return server != SERVER_LWIP || !why_no_lwip;
}

_Noreturn static void
exec_lastack(bool plain, int ready_fd)
{
        char ready[16], name[16];

        snprintf(ready, sizeof(ready), "%d", ready_fd);
        snprintf(name, sizeof(name), "wire%d", (int)getpid()); /* stacks that run have their names for themselves */
        execl(lastack, lastack, "up", "--name", name, "--addr", "10.77.0.2/24", "--serve", "echo=7", "--serve",
              "discard=9", "--serve", "chargen=19", "--quiet", "--ready-fd", ready, plain ? "--plain" : NULL, NULL);
        _exit(127);
}

static int
serve(enum server server, int ready_fd)
{
        switch (server) {
        case SERVER_NULL:
        case SERVER_NULL_PLAIN:
                return null_serve(servers[server].plain, ready_fd);
        case SERVER_LWIP:
                return lwip_serve(ready_fd);
        case SERVER_VETH:
                return veth_serve(ready_fd);
        case SERVER_LASTACK:
        case SERVER_LASTACK_PLAIN:
                exec_lastack(servers[server].plain, ready_fd);
        case SERVER_COUNT:
                break;
        }
        return -EINVAL;
}

static pid_t
start(enum server server)
{
        int ready[2];
        char byte;
        pid_t pid;

        if (pipe(ready) < 0 || (pid = fork()) < 0)
                return -errno;
        if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                close(ready[0]);
                _exit(serve(server, ready[1]) < 0);
        }
        close(ready[1]);
        if (read(ready[0], &byte, 1) != 1)
                fprintf(stderr, "wire: %s did not start\n", servers[server].name), pid = -ECHILD;
        close(ready[0]);
        return pid;
}

static double
cpu_s(const struct rusage *u)
{
        return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
               (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) * 1e-6;
}

/* lastack is asked, so that it takes its socket away, and asked again, so that it does not wait for anybody. */
static void
end(enum server server, pid_t pid, struct rusage *ret_usage)
{
        bool ours = server == SERVER_LASTACK || server == SERVER_LASTACK_PLAIN;

        for (unsigned int i = 0; ours && i < 100; i++) {
                kill(pid, SIGINT);
                usleep(10000);
                if (wait4(pid, NULL, WNOHANG, ret_usage) == pid)
                        return;
        }
        kill(pid, SIGKILL);
        wait4(pid, NULL, 0, ret_usage);
}

/* The server lives for one column of one round, so that its end tells what it cost. */
static int
measure(enum server server, size_t column, unsigned int round)
{
        struct rusage before, after, of_server;
        pid_t pid = start(server);
        struct cell *cell = &cells[server][column];
        double figure;

        if (pid < 0)
                return (int)pid;
        getrusage(RUSAGE_SELF, &before);
        figure = wire_client(columns[column].work, columns[column].flows, work_ms);
        getrusage(RUSAGE_SELF, &after);
        end(server, pid, &of_server);
        if (server == SERVER_VETH)
                veth_remove();
        if (figure < 0) {
                fprintf(stderr, "wire: %s, %s: %s\n", servers[server].name, columns[column].head,
                        strerror((int)-figure));
                return (int)figure;
        }
        cell->figure[round] = figure * columns[column].unit;
        cell->cpu_s_per_gib[round] =
                (cpu_s(&after) - cpu_s(&before) + cpu_s(&of_server)) / (figure * work_ms * 1.1 / 1000 / (1 << 30));
        return 0;
}

/* ---- The answer ---- */

/* The figures stay in the order of their rounds, since show_ratio() divides those of one round. */
static double
median_of_rounds(const double *figures)
{
        double sorted[ROUNDS_MAX];

        memcpy(sorted, figures, rounds * sizeof(*figures));
        return median(sorted, rounds);
}

static void
show_figures(void)
{
        printf("%-34s", "");
        for (size_t c = 0; c < COLUMNS; c++)
                printf("%10s", columns[c].head);
        printf("   CPU s/GiB in     out\n");
        for (size_t s = 0; s < SERVER_COUNT; s++) {
                printf("  %-32s", servers[s].name);
                if (!is_there((enum server)s)) {
                        printf("%s\n", why_no_lwip);
                        continue;
                }
                for (size_t c = 0; c < COLUMNS; c++)
                        printf(columns[c].unit == 1 ? "%10.0f" : "%10.1f", median_of_rounds(cells[s][c].figure));
                printf("%13.3f%8.3f\n", median_of_rounds(cells[s][0].cpu_s_per_gib),
                       median_of_rounds(cells[s][2].cpu_s_per_gib));
        }
}

/* The ratio is taken in each round, and then their median. */
static void
show_ratio(enum server server, enum server floor)
{
        printf("  %-32s", servers[server].name);
        for (size_t c = 0; c < COLUMNS; c++) {
                double ratio[ROUNDS_MAX];

                for (unsigned int r = 0; r < rounds; r++)
                        ratio[r] = cells[server][c].figure[r] / cells[floor][c].figure[r] * 100;
                printf("%8.0f %%", median(ratio, rounds));
        }
        printf("   of %s\n", servers[floor].name);
}

static void
usage(FILE *file)
{
        fprintf(file, "usage: wire [--quick] [--rounds N] LASTACK\n");
}

static int
parse(int argc, char **argv)
{
        for (int i = 1; i < argc; i++)
                if (strcmp(argv[i], "--quick") == 0)
                        rounds = 1, work_ms = 200;
                else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc)
                        rounds = (unsigned int)strtoul(argv[++i], NULL, 10);
                else if (argv[i][0] != '-' && !lastack)
                        lastack = argv[i];
                else
                        return -1;
        return lastack && rounds > 0 && rounds <= ROUNDS_MAX ? 0 : -1;
}

int
main(int argc, char **argv)
{
        int status = parse(argc, argv);

        if (status < 0) {
                usage(stderr);
                return 64;
        }
        if (geteuid() != 0) {
                fprintf(stderr, "wire: skipped, it makes network namespaces and needs root\n");
                return 77;
        }
        if (lwip_can_serve(&why_no_lwip))
                why_no_lwip = NULL;
        status = veth_enter();
        for (unsigned int r = 0; r < rounds && status == 0; r++)
                for (size_t c = 0; c < COLUMNS && status == 0; c++)
                        for (size_t s = 0; s < SERVER_COUNT && status == 0; s++)
                                status = is_there((enum server)s) ? measure((enum server)s, c, r) : 0;
        if (status < 0) {
                fprintf(stderr, "wire: %s\n", strerror(-status));
                return 1;
        }
        printf("Linux's TCP as the peer, at 10.77.0.1; %u rounds of %u ms each, medians\n\n", rounds, work_ms);
        show_figures();
        printf("\n");
        show_ratio(SERVER_LASTACK, SERVER_NULL);
        show_ratio(SERVER_LASTACK_PLAIN, SERVER_NULL_PLAIN);
        if (is_there(SERVER_LWIP))
                show_ratio(SERVER_LASTACK, SERVER_LWIP);
        show_ratio(SERVER_LASTACK, SERVER_VETH);
        return 0;
}
