/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * population - makes a known population of TCP sockets and keeps it until its standard input ends.
 *
 *         population < pipe
 *
 * Writes what there is as a JSON document and then the line "ready".  Look at it from inside with
 * nsenter --net --target PID.  Exits with 77 and the reason on standard error where it is not permitted.
 *
 * Three processes: the elder holds most sockets; the younger, which forgets to close, holds others; the janitor waits
 * for the end of the elder, whatever it be, and then resets what the kernel would otherwise keep trying to say to the
 * puppet for a minute and a half.
 */
#include <err.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "population.h"

/* A name that readers of /proc/PID/stat stumble over. */
#define YOUNGER_NAME "forgets (to) R "

struct pipe {
        int reader, writer;
};

static struct pipe
make_pipe(void)
{
        int ends[2];
        if (pipe(ends) < 0)
                err(1, "cannot make a pipe");
        return (struct pipe){ .reader = ends[0], .writer = ends[1] };
}

static void
wait_for_end(struct pipe life_line)
{
        char byte;
        close(life_line.writer);
        while (read(life_line.reader, &byte, 1) > 0)
                ;
}

static pid_t
fork_child(void)
{
        fflush(stdout);
        pid_t child = fork();
        if (child < 0)
                err(1, "cannot fork");
        if (child == 0)
                close(STDOUT_FILENO);
        return child;
}

/* In a session of its own, so that what is meant to end a test's process group spares whoever cleans up after it. */
static pid_t
start_janitor(struct population *p, struct pipe life_line)
{
        pid_t janitor = fork_child();
        if (janitor != 0)
                return janitor;
        setsid();
        wait_for_end(life_line);
        population_reset(p);
        _exit(0);
}

static void
close_all_but(const struct population *p, unsigned int keepers)
{
        for (size_t i = 0; i < p->count; i++)
                if (p->sockets[i].fd >= 0 && !(p->sockets[i].keeper & keepers))
                        close(p->sockets[i].fd);
}

static void
be_younger(const struct population *p, struct pipe ready)
{
        if (prctl(PR_SET_NAME, YOUNGER_NAME) < 0)
                err(1, "cannot take the name '%s'", YOUNGER_NAME);
        close(p->puppet);
        close_all_but(p, POPULATION_YOUNGER);
        if (write(ready.writer, "y", 1) != 1)
                err(1, "cannot say that the younger process is ready");
        close(ready.reader);
        close(ready.writer);
}

static void
wait_for_younger(struct pipe ready)
{
        char byte;
        close(ready.writer);
        if (read(ready.reader, &byte, 1) != 1)
                errx(1, "the younger process did not become ready");
        close(ready.reader);
}

/* Returns when it has its name and holds its own sockets and no others: until then it passes for the elder. */
static pid_t
start_younger(const struct population *p, struct pipe life_line)
{
        struct pipe ready = make_pipe();
        pid_t younger = fork_child();
        if (younger != 0) {
                wait_for_younger(ready);
                return younger;
        }
        be_younger(p, ready);
        wait_for_end(life_line);
        _exit(0);
}

static int
open_signals(void)
{
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGINT);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGHUP);
        sigprocmask(SIG_BLOCK, &set, NULL);
        return signalfd(-1, &set, SFD_CLOEXEC);
}

/* Until standard input ends or a signal comes; what the kernel says to the puppet meanwhile gets no answer. */
static void
hold(int puppet, int signals)
{
        struct pollfd wait[] = {
                { .fd = STDIN_FILENO, .events = POLLIN },
                { .fd = signals, .events = POLLIN },
                { .fd = puppet, .events = POLLIN },
        };
        char byte;
        while (poll(wait, 3, -1) >= 0) {
                if (wait[1].revents || (wait[0].revents && read(STDIN_FILENO, &byte, 1) <= 0))
                        return;
                puppet_ignore(puppet);
        }
}

static void
allow_many_descriptors(void)
{
        struct rlimit limit;
        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                err(1, "cannot ask for the limit of descriptors");
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
}

int
main(void)
{
        allow_many_descriptors();
        int puppet = population_enter_namespace();
        struct population *p = population_new(puppet);
        struct pipe life_line = make_pipe(); /* only the elder keeps the writer: it ends when the elder does */
        pid_t janitor = start_janitor(p, life_line);
        population_make(p);
        population_settle(p);
        pid_t younger = start_younger(p, life_line);
        close_all_but(p, POPULATION_ELDER);

        int signals = open_signals();
        population_write(p, stdout, getpid(), younger);
        puts("ready");
        fflush(stdout);
        hold(puppet, signals);

        close_all_but(p, 0);
        close(life_line.writer);
        waitpid(younger, NULL, 0);
        waitpid(janitor, NULL, 0);
        return 0;
}
