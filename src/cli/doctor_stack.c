/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything the doctor looks at, asked of a running stack: its tunables, its counters, and how full it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/doctor_look.h"
#include "cli/stack.h"
#include "cli/stack_limits.h"
#include "doctor/facts.h"

/* ---- Tunables ------------------------------------------------------------------------------------------------------ */

static int
tell_knob(struct witness *w, const struct control_client *client, const struct control_knob_view *view)
{
        const struct la_knob_info *knob = la_knob_find(view->name);
        char *text;

        if (!knob)
                return 0;
        int r = stack_told_text(client, view, &text);
        if (r < 0)
                return r;
        r = witness_knob(w, knob, text, false);
        free(text);
        return r;
}

/* Those of its own ("lastack.rto_min_ms") have no row, and no rule asks for them. */
static int
tell_tunables(struct looking *l)
{
        struct control_client *client = collect_stack(l->c);
        struct control_knob_view view;
        int r = control_knobs(client);

        while (r >= 0 && (r = control_knobs_next(client, &view)) > 0) {
                int told = tell_knob(l->w, client, &view);
                if (told < 0)
                        return told;
        }
        return r;
}

/* ---- Counters and facts -------------------------------------------------------------------------------------------- */

/* The doctor's name of a counter is Linux's in /proc/net, without nstat's group before it: "ListenDrops". */
static const char *
plain_name(enum la_counter counter)
{
        static const char *const groups[] = { "TcpExt", "IpExt", "Tcp" };
        const char *name = la_counter_name(counter);

        for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
                if (strncmp(name, groups[i], strlen(groups[i])) == 0)
                        return name + strlen(groups[i]);
        return name;
}

static int
tell_counters(struct witness *w, const struct control_status *s)
{
        const struct looking_amount own[] = {
                { COUNT_REPLIES_LOST, s->usage.replies_lost },
                { COUNT_LINK_DROP, (int64_t)(s->link.dropped_out & INT64_MAX) },
        };
        int r = 0;

        for (unsigned int i = 0; i < LA_COUNTER_COUNT && r == 0; i++)
                r = witness_counter(w, plain_name((enum la_counter)i), (int64_t)(s->counters[i] & INT64_MAX));
        return r < 0 ? r : looking_tell(w, witness_counter, own, sizeof(own) / sizeof(own[0]));
}

/* What is compared with a limit that each queue has for itself: the most that one of them has. */
static int
tell_amounts_of_one(struct witness *w, const struct control_client *client)
{
        int64_t orphans = 0, records = 0;

        for (unsigned int i = 0; i < control_queues(client); i++) {
                const struct la_usage *u = &control_queue(client, i).status->usage;
                int64_t waiting = (int64_t)u->time_wait4 + u->time_wait6;
                orphans = u->orphans > orphans ? u->orphans : orphans;
                records = waiting > records ? waiting : records;
        }
        const struct looking_amount facts[] = { { FACT_ORPHANS, orphans }, { FACT_TIME_WAIT, records } };
        return looking_tell(w, witness_fact, facts, sizeof(facts) / sizeof(facts[0]));
}

static int
tell_limit(struct witness *w, const struct stack_limit *l, bool several)
{
        char used[64], most[64], fullest[64];

        snprintf(used, sizeof(used), FACT_STACK_USED "%s", l->id);
        snprintf(most, sizeof(most), FACT_STACK_MOST "%s", l->id);
        snprintf(fullest, sizeof(fullest), FACT_STACK_FULLEST "%s", l->id);
        const struct looking_amount facts[] = {
                { used, (int64_t)l->fullest_used },
                { most, (int64_t)l->fullest_limit },
                { fullest, several ? (int64_t)l->fullest : -1 },
        };
        return looking_tell(w, witness_fact, facts, sizeof(facts) / sizeof(facts[0]));
}

static int
tell_facts(struct witness *w, const struct control_client *client)
{
        struct stack_limit limits[STACK_LIMITS];
        unsigned int queues = control_queues(client);
        int r = tell_amounts_of_one(w, client);

        stack_limits(client, limits);
        for (size_t i = 0; i < STACK_LIMITS && r == 0; i++)
                r = tell_limit(w, &limits[i], queues > 1);
        return r == 0 && queues > 1 ? witness_fact(w, FACT_STACK_QUEUES, queues) : r;
}

static int
tell_amounts(struct looking *l)
{
        struct control_client *client = collect_stack(l->c);
        struct control_status status;
        int r = control_status(client, &status);

        if (r == 0)
                r = tell_counters(l->w, &status);
        return r < 0 ? r : tell_facts(l->w, client);
}

const struct looking_source looking_at_stack = { tell_tunables, tell_amounts, NULL };
