/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything the doctor looks at, asked of Linux: tunables, counters, facts, and what processes may have.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/doctor_look.h"
#include "doctor/facts.h"
#include "linux/counters.h"
#include "linux/host.h"
#include "linux/sysctl.h"

/* Processes whose limits are looked at: those with most sockets. */
#define PROCESSES 64

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

static int
tell_tunables(struct looking *l)
{
        const struct netns *here = &collect_namespaces(l->c)->netns[0];
        int r = tell_knobs(l->w, here->fd, false);

        return r < 0 ? r : tell_outer_knobs(l->w, here, &l->foreign);
}

/* ---- Facts and counters -------------------------------------------------------------------------------------------- */

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
        const struct looking_amount facts[] = {
                { FACT_ORPHANS, s.orphans },
                { FACT_TIME_WAIT, s.time_wait },
                { FACT_MEMORY_PAGES, s.memory_pages },
                { FACT_MEMORY_LOW, h.memory_low_pages },
                { FACT_MEMORY_PRESSED, h.memory_pressure_pages },
                { FACT_MEMORY_MOST, h.memory_max_pages },
                { FACT_PAGE, h.page_bytes },
                { FACT_TRACKED, h.tracked },
                { FACT_TRACKED_MOST, h.tracked_most },
                { FACT_TRACKED_KEPT, h.tracked_s },
                { FACT_UNPRIVILEGED, h.unprivileged_start },
                { FACT_BUCKETS, h.buckets == -1 ? -1 : llabs(h.buckets) },
                { FACT_FOREIGN, foreign },
        };
        const struct looking_amount counters[] = {
                { COUNT_TRACK_DROP, h.track_drops },
                { COUNT_TRACK_EARLY_DROP, h.track_early_drops },
                { COUNT_TRACK_INSERT_FAIL, h.track_insert_failures },
                { COUNT_SOFTNET_DROP, h.softnet_drops },
        };
        int r = looking_tell(w, witness_fact, facts, sizeof(facts) / sizeof(facts[0]));
        return r < 0 ? r : looking_tell(w, witness_counter, counters, sizeof(counters) / sizeof(counters[0]));
}

static int
tell_amounts(struct looking *l)
{
        int netns_fd = collect_namespaces(l->c)->netns[0].fd;
        int r = tell_counters(l->w, netns_fd);

        return r < 0 ? r : tell_host(l->w, netns_fd, l->foreign);
}

/* ---- Processes ----------------------------------------------------------------------------------------------------- */

/* The descriptors of a process are counted where its sockets or a low limit make it worth the time. */
static int
tell_process(struct witness *w, const struct holder *h)
{
        char name[AMOUNT_NAME_SIZE];
        int64_t limit, hard, files;

        if (h->owner.pid == 0 || host_process_files(h->owner.pid, &limit, &hard) < 0)
                return 0;
        snprintf(name, sizeof(name), FACT_NOFILE "%d", h->owner.pid);
        int r = witness_fact(w, name, limit);
        snprintf(name, sizeof(name), FACT_NOFILE_HARD "%d", h->owner.pid);
        if (r == 0 && hard >= 0)
                r = witness_fact(w, name, hard);
        if (r < 0 || (limit > 4096 && (int64_t)h->sockets < limit / 2) || host_count_files(h->owner.pid, &files) < 0)
                return r;
        snprintf(name, sizeof(name), FACT_FILES "%d", h->owner.pid);
        return witness_fact(w, name, files);
}

static int
tell_processes(struct looking *l)
{
        struct holders *h = &l->w->evidence->now.survey.owners;
        int r = 0;

        holders_sort(h);
        for (size_t i = 0; i < h->count && i < PROCESSES && r == 0; i++)
                r = tell_process(l->w, &h->holder[i]);
        return r;
}

const struct looking_source looking_at_linux = { tell_tunables, tell_amounts, tell_processes };
