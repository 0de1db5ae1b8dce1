/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "figure.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "clock.h"

static _Noreturn void
become(const struct series *s, int output)
{
        char *argv[sizeof(s->argv) / sizeof(s->argv[0])];
        memcpy(argv, s->argv, sizeof(argv)); /* execvp() does not write to them, but does not promise it either */
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(output, STDOUT_FILENO);
        execvp(argv[0], argv);
        _exit(127);
}

static uint64_t
time_ns(struct timeval t)
{
        return (uint64_t)t.tv_sec * SECOND_NS + (uint64_t)t.tv_usec * 1000;
}

int
series_run(struct series *s, int output)
{
        if (s->runs == FIGURE_RUNS)
                return -ENOSPC;
        if (ftruncate(output, 0) < 0 || lseek(output, 0, SEEK_SET) < 0)
                return -errno;
        struct figure *f = &s->run[s->runs++];
        struct rusage usage;
        int status;
        uint64_t begin_ns = now_ns();
        pid_t pid = fork();
        if (pid == 0)
                become(s, output);
        if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
                return -errno;
        f->wall_ns = now_ns() - begin_ns;
        f->cpu_ns = time_ns(usage.ru_utime) + time_ns(usage.ru_stime);
        f->peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
        s->failed |= !WIFEXITED(status) || WEXITSTATUS(status) > s->status_at_most;
        return 0;
}

static int
compare(const void *a, const void *b)
{
        const uint64_t *x = a, *y = b;
        return (*x > *y) - (*x < *y);
}

/* The value at `place` percent of the way through one member of all runs, sorted. */
static uint64_t
ranked(const struct series *s, size_t member, unsigned int percent)
{
        uint64_t value[FIGURE_RUNS] = { 0 };
        for (unsigned int i = 0; i < s->runs; i++)
                memcpy(&value[i], (const char *)&s->run[i] + member, sizeof(value[i]));
        qsort(value, s->runs, sizeof(value[0]), compare);
        return s->runs ? value[(s->runs - 1) * percent / 100] : 0;
}

static struct figure
all_ranked(const struct series *s, unsigned int percent)
{
        return (struct figure){ .wall_ns = ranked(s, offsetof(struct figure, wall_ns), percent),
                                .cpu_ns = ranked(s, offsetof(struct figure, cpu_ns), percent),
                                .peak_bytes = ranked(s, offsetof(struct figure, peak_bytes), percent) };
}

struct figure
series_median(const struct series *s)
{
        return all_ranked(s, 50);
}

struct figure
series_least(const struct series *s)
{
        return all_ranked(s, 0);
}
