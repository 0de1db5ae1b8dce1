/* SPDX-License-Identifier: BSD-2-Clause */
#include "tune/trial.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "linux/count.h"
#include "linux/counters.h"
#include "linux/netns.h"
#include "linux/tunable.h"
#include "tune/law.h"

#define GRACE_S 10 /* for a side to be set up and counted */

static const struct {
        const char *id;
        int (*run)(struct tune_work *w);
} workloads[TUNE_WORK_COUNT] = {
        [TUNE_WORK_PORTS] = { "ports", tune_work_ports },
        [TUNE_WORK_ACCEPT] = { "accept", tune_work_accept },
        [TUNE_WORK_FLOOD] = { "flood", tune_work_flood },
        [TUNE_WORK_HALF_CLOSED] = { "half-closed", tune_work_half_closed },
};

const char *
tune_workload_id(enum tune_workload workload)
{
        return workloads[workload].id;
}

bool
tune_workload_named(const char *id, enum tune_workload *ret)
{
        for (unsigned int i = 0; i < TUNE_WORK_COUNT; i++)
                if (strcmp(workloads[i].id, id) == 0) {
                        *ret = (enum tune_workload)i;
                        return true;
                }
        return false;
}

const char *
tune_trial_counter_name(enum tune_trial_counter counter)
{
        static const char *const names[] = {
#define TUNE_TRIAL_COUNTER(name) #name,
                TUNE_TRIAL_COUNTERS(TUNE_TRIAL_COUNTER)
#undef TUNE_TRIAL_COUNTER
        };

        return names[counter];
}

/* ---- For the workloads ---- */

uint64_t
tune_now_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void
tune_work_failed(struct tune_work *w, int error)
{
        for (size_t i = 0; i < TUNE_TRIAL_ERRORS; i++)
                if (w->side->failed[i].count == 0 || w->side->failed[i].error == error) {
                        w->side->failed[i].error = error;
                        w->side->failed[i].count++;
                        return;
                }
}

void
tune_work_made(struct tune_work *w, uint64_t took_us)
{
        if (w->side->made < w->trial->connections)
                w->latency_us[w->side->made++] = took_us < UINT32_MAX ? (uint32_t)took_us : UINT32_MAX;
}

/* ---- One side ---- */

static int
write_named(int netns_fd, const char *name, const char *value)
{
        char *path = tune_name_path(name);
        int r = path ? tunable_write(netns_fd, path, value) : -ENOMEM;

        free(path);
        return r;
}

/* As they are here.  What a namespace has not, or does not let us set, stays as the kernel makes it. */
static void
set_as_here(const struct tune_trial *t, const struct tune_evidence *e, int netns_fd)
{
        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                const struct la_knob_info *k = la_knob_info((enum la_knob)i);
                const char *value = tune_live_text(e, k->name);
                if (value && k->scope == LA_SCOPE_NETNS)
                        (void)write_named(netns_fd, k->name, value);
        }
        if (t->small_range) {
                (void)write_named(netns_fd, "net.ipv4.ip_local_reserved_ports", "");
                (void)write_named(netns_fd, "net.ipv4.ip_local_port_range", TUNE_TRIAL_RANGE);
        }
}

static void
set_all(struct tune_work *w, const struct tune_evidence *e, const struct tune_conf *conf)
{
        const int fds[] = { w->pair.client, w->pair.server };

        for (size_t k = 0; k < (w->pair.one ? 1 : 2); k++) {
                set_as_here(w->trial, e, fds[k]);
                for (size_t i = 0; conf && i < conf->count && i < TUNE_TRIAL_SETTINGS; i++)
                        w->side->refused[i] = write_named(fds[k], conf->setting[i].name, conf->setting[i].value);
        }
}

static void
count_end(int netns_fd, uint64_t in_state[LA_STATE_COUNT], uint64_t counted[TUNE_COUNTER_COUNT])
{
        struct dump_request request = { .states = DUMP_ALL_STATES, .netns_fd = netns_fd };
        struct counters *all = malloc(sizeof(*all));
        uint64_t value;

        (void)count_states(&request, in_state, NULL);
        if (all && counters_read(netns_fd, all) == 0)
                for (unsigned int i = 0; i < TUNE_COUNTER_COUNT; i++)
                        if (counters_get(all, tune_trial_counter_name((enum tune_trial_counter)i), &value))
                                counted[i] += value;
        free(all);
}

static int
compare(const void *a, const void *b)
{
        const uint32_t *first = a, *second = b;

        return (*first > *second) - (*first < *second);
}

static void
sum_up(struct tune_work *w)
{
        struct tune_trial_side *s = w->side;

        s->took_us = (w->ended_us ? w->ended_us : tune_now_us()) - w->begun_us;
        count_end(w->pair.client, s->client, s->counted);
        if (!w->pair.one)
                count_end(w->pair.server, s->server, s->counted);
        s->one_namespace = w->pair.one;
        if (s->made == 0)
                return;
        qsort(w->latency_us, s->made, sizeof(*w->latency_us), compare);
        s->median_us = w->latency_us[s->made / 2];
        s->p99_us = w->latency_us[(uint64_t)s->made * 99 / 100];
        s->longest_us = w->latency_us[s->made - 1];
}

/* As many descriptors as we may have: a burst needs one each. */
static void
raise_limit(void)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
                limit.rlim_cur = limit.rlim_max;
                (void)setrlimit(RLIMIT_NOFILE, &limit);
        }
}

/* Both ends on one CPU: on two, the last ACK of a handshake can come after all that follows it, and be answered with a reset
 * that ends a TIME_WAIT (RFC 1337), which would be an accident of this machine and not the tunable's doing. */
static void
stay_on_one_cpu(void)
{
        int cpu = sched_getcpu();
        cpu_set_t one;

        if (cpu < 0)
                return;
        CPU_ZERO(&one);
        CPU_SET((unsigned int)cpu, &one);
        (void)sched_setaffinity(0, sizeof(one), &one);
}

static void __attribute__((noreturn)) be_a_side(const struct tune_trial *t, const struct tune_evidence *e,
                                                const struct tune_conf *conf, int pipe, pid_t parent)
{
        struct tune_trial_side side = { 0 };
        struct tune_work w = { .trial = t, .side = &side };
        bool whole;

        alarm(t->for_s + GRACE_S);
        signal(SIGPIPE, SIG_IGN);
        if (!throwaway_end_with(parent))
                _exit(1);
        raise_limit();
        stay_on_one_cpu();
        w.latency_us = calloc(t->connections, sizeof(*w.latency_us));
        side.error = w.latency_us ? throwaway_pair_enter(&w.pair) : -ENOMEM;
        if (side.error == 0) {
                set_all(&w, e, conf);
                tune_work_warm_up();
                w.begun_us = tune_now_us();
                w.deadline_us = w.begun_us + (uint64_t)t->for_s * 1000000;
                side.error = workloads[t->workload].run(&w);
                sum_up(&w);
        }
        whole = write(pipe, &side, sizeof(side)) == (ssize_t)sizeof(side);
        _exit(whole ? 0 : 1);
}

/* Less than PIPE_BUF, so it comes in one piece or not at all. */
_Static_assert(sizeof(struct tune_trial_side) <= 4096, "a side's report is one write to a pipe");

int
tune_trial_run(const struct tune_trial *t, const struct tune_evidence *e, const struct tune_conf *conf,
               struct tune_trial_side *ret)
{
        pid_t parent = getpid(), child;
        int ends[2], status;
        bool whole;

        fflush(NULL);
        if (pipe(ends) < 0)
                return -errno;
        child = fork();
        if (child == 0) {
                close(ends[0]);
                be_a_side(t, e, conf, ends[1], parent);
        }
        close(ends[1]);
        whole = child > 0 && read(ends[0], ret, sizeof(*ret)) == (ssize_t)sizeof(*ret);
        close(ends[0]);
        while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
                ;
        return whole ? 0 : child < 0 ? -EAGAIN : -ECHILD;
}
