/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything the doctor looks at, asked of Linux: tunables, then once or twice counters, facts and all sockets.
 */
#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/doctor.h"
#include "cli/gettext.h"
#include "cli/origin.h"
#include "doctor/facts.h"
#include "linux/counters.h"
#include "linux/host.h"
#include "linux/sysctl.h"

/* A shorter time between looks tells nothing of rates. */
#define SHORTEST_SPAN_MS 200

/* Processes whose limits are looked at: those with most sockets. */
#define PROCESSES 64

static uint64_t
now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- Tunables ------------------------------------------------------------------------------------------------------ */

static int
tell_knobs(struct witness *w, int netns_fd, bool outer)
{
        int r = 0;

        for (unsigned int i = 0; i < LA_KNOB_COUNT && r == 0; i++) {
                const struct la_knob_info *knob = la_knob_info((enum la_knob)i);
                char *text;
                if (sysctl_read_text(netns_fd, knob, &text) < 0)
                        continue;
                r = witness_knob(w, knob, text, outer);
                free(text);
        }
        return r;
}

/* Where the sockets are in another namespace than the host's first, the host's values are told as well: those of the
 * namespace we are in, if we look into another, else those of process 1, as far as they may be read. */
static int
tell_outer_knobs(struct witness *w, const struct netns *here, bool *ret_foreign)
{
        struct netns_list list;
        int r = 0;

        *ret_foreign = here->fd != 0;
        if (here->fd != 0)
                return tell_knobs(w, 0, true);
        if (netns_list_open("1", &list) < 0)
                return 0;
        *ret_foreign = list.netns[0].inode != 0 && here->inode != 0 && list.netns[0].inode != here->inode;
        if (*ret_foreign)
                r = tell_knobs(w, list.netns[0].fd, true);
        netns_list_close(&list);
        return r;
}

/* ---- Facts and counters -------------------------------------------------------------------------------------------- */

struct named {
        const char *name;
        int64_t value; /* negative: not known */
};

static int
tell(struct witness *w, int (*how)(struct witness *, const char *, int64_t), const struct named *list, size_t count)
{
        int r = 0;

        for (size_t i = 0; i < count && r == 0; i++)
                if (list[i].value >= 0)
                        r = how(w, list[i].name, list[i].value);
        return r;
}

static int
tell_counters(struct witness *w, int netns_fd)
{
        struct counters *c = malloc(sizeof(*c));
        int r = c ? 0 : -ENOMEM;

        if (c && counters_read(netns_fd, c) == 0)
                for (size_t i = 0; i < c->count && r == 0; i++)
                        r = witness_counter(w, c->counter[i].name, (int64_t)(c->counter[i].value & INT64_MAX));
        free(c);
        return r;
}

static int
tell_host(struct witness *w, int netns_fd, bool foreign)
{
        struct host h;
        struct sockstat s = { -1, -1, -1, -1, -1, -1 };

        host_read(netns_fd, &h);
        sockstat_read(netns_fd, &s);
        const struct named facts[] = {
                { FACT_ORPHANS, s.orphans },
                { FACT_TIME_WAIT, s.time_wait },
                { FACT_MEMORY_PAGES, s.memory_pages },
                { FACT_MEMORY_LOW, h.memory_low_pages },
                { FACT_MEMORY_PRESSED, h.memory_pressure_pages },
                { FACT_MEMORY_MOST, h.memory_max_pages },
                { FACT_PAGE, h.page_bytes },
                { FACT_TRACKED, h.tracked },
                { FACT_TRACKED_MOST, h.tracked_most },
                { FACT_UNPRIVILEGED, h.unprivileged_start },
                { FACT_BUCKETS, h.buckets == -1 ? -1 : llabs(h.buckets) },
                { FACT_FOREIGN, foreign },
        };
        const struct named counters[] = {
                { COUNT_TRACK_DROP, h.track_drops },
                { COUNT_TRACK_EARLY_DROP, h.track_early_drops },
                { COUNT_TRACK_INSERT_FAIL, h.track_insert_failures },
                { COUNT_SOFTNET_DROP, h.softnet_drops },
        };
        int r = tell(w, witness_fact, facts, sizeof(facts) / sizeof(facts[0]));
        return r < 0 ? r : tell(w, witness_counter, counters, sizeof(counters) / sizeof(counters[0]));
}

/* The descriptors of a process are counted where its sockets or a low limit make it worth the time. */
static int
tell_process(struct witness *w, const struct holder *h)
{
        char name[AMOUNT_NAME_SIZE];
        int64_t limit, files;

        if (h->owner.pid == 0 || host_process_files(h->owner.pid, &limit) < 0)
                return 0;
        snprintf(name, sizeof(name), FACT_NOFILE "%d", h->owner.pid);
        int r = witness_fact(w, name, limit);
        if (r < 0 || (limit > 4096 && (int64_t)h->sockets < limit / 2) || host_count_files(h->owner.pid, &files) < 0)
                return r;
        snprintf(name, sizeof(name), FACT_FILES "%d", h->owner.pid);
        return witness_fact(w, name, files);
}

static int
tell_processes(struct witness *w)
{
        struct holders *h = &w->evidence->now.survey.owners;
        int r = 0;

        holders_sort(h);
        for (size_t i = 0; i < h->count && i < PROCESSES && r == 0; i++)
                r = tell_process(w, &h->holder[i]);
        return r;
}

/* ---- Looks --------------------------------------------------------------------------------------------------------- */

static int
tell_sockets(struct witness *w, struct collect *c)
{
        struct la_snapshot snapshot = { 0 };
        int r, told = 0;

        while ((r = collect_next(c, &snapshot)) != DUMP_END) {
                if (r < 0)
                        return r;
                told = r == DUMP_RESTARTED ? witness_restart(w) : witness_socket(w, &snapshot);
                if (told < 0)
                        return told;
        }
        return 0;
}

/* Counters before sockets: what happens in between is then in the sockets, and at the next look in both. */
static int
look(struct witness *w, struct collect *c, bool foreign)
{
        int netns_fd = collect_namespaces(c)->netns[0].fd;
        int r = witness_look(w, now_ms());

        if (r == 0)
                r = tell_counters(w, netns_fd);
        if (r == 0)
                r = tell_host(w, netns_fd, foreign);
        if (r == 0)
                r = tell_sockets(w, c);
        return r < 0 ? r : tell_processes(w);
}

static volatile sig_atomic_t interrupted;

static void
note_interrupt(int signal)
{
        (void)signal;
        interrupted = 1;
}

/* Ctrl-C ends the wait, the second one the program. */
static void
wait_between(double seconds)
{
        struct sigaction note = { .sa_handler = note_interrupt, .sa_flags = (int)SA_RESETHAND }, before;
        uint64_t until_ms = now_ms() + (uint64_t)(seconds * 1000);
        bool person = isatty(STDERR_FILENO);

        if (person)
                fprintf(stderr, _("looking twice, %.3g s apart (Ctrl-C: no longer)"), seconds);
        sigaction(SIGINT, &note, &before);
        for (uint64_t at = now_ms(); !interrupted && at < until_ms; at = now_ms()) {
                struct timespec left = { .tv_sec = (time_t)((until_ms - at) / 1000),
                                         .tv_nsec = (long)((until_ms - at) % 1000 * 1000000) };
                nanosleep(&left, NULL);
        }
        if (!interrupted)
                sigaction(SIGINT, &before, NULL);
        if (person)
                fputs("\r\033[K", stderr);
}

static int
look_twice(const struct doctor_linux *how, struct witness *w, struct collect *c, bool foreign)
{
        uint64_t begin_ms = now_ms();
        int r = look(w, c, foreign);

        if (r < 0 || how->for_s <= 0)
                return r;
        wait_between(how->for_s);
        if (now_ms() - begin_ms < SHORTEST_SPAN_MS)
                return 0;
        r = collect_again(c);
        return r < 0 ? r : look(w, c, foreign);
}

static void
note_report(struct evidence *e, const struct collect_report *report)
{
        snprintf(e->source, sizeof(e->source), "%s", origin_source(report));
        e->missing = report->dump.missing;
        e->owners_hidden = report->owners_hidden;
        e->inconsistent = report->dump.inconsistent;
}

int
doctor_look_at_linux(const struct doctor_linux *how, struct witness *w, struct collect_report *ret)
{
        struct collect_request request = how->request;
        struct collect *c;
        bool foreign = false;

        request.states = DUMP_ALL_STATES;
        request.want = DUMP_WANT_TCP | DUMP_WANT_MEMORY;
        request.owners = true;
        int r = collect_open(&request, &c);
        if (r < 0)
                return r;
        const struct netns *here = &collect_namespaces(c)->netns[0];
        r = tell_knobs(w, here->fd, false);
        if (r == 0)
                r = tell_outer_knobs(w, here, &foreign);
        if (r == 0)
                r = look_twice(how, w, c, foreign);
        *ret = collect_report(c);
        note_report(w->evidence, ret);
        collect_close(c);
        return r;
}

bool
doctor_seconds(const char *text, double *ret)
{
        char *end;

        errno = 0;
        double s = strtod(text, &end);
        if (end == text || *end != '\0' || errno != 0 || !(s >= 0 && s <= DOCTOR_FOR_MOST))
                return false;
        *ret = s;
        return true;
}

bool
doctor_idle(const char *text, uint32_t *ret_ms)
{
        char *end;

        errno = 0;
        unsigned long s = strtoul(text, &end, 10);
        if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || s == 0 || s > DOCTOR_IDLE_MOST)
                return false;
        *ret_ms = (uint32_t)s * 1000;
        return true;
}
