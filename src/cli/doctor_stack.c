/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything the doctor looks at, asked of a running stack: its tunables, its counters, and how full it is.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/doctor_look.h"
#include "cli/stack.h"
#include "doctor/facts.h"

/* ---- Tunables ------------------------------------------------------------------------------------------------------ */

static int
tell_knob(struct witness *w, const struct control_knob_view *view)
{
        const struct la_knob_info *knob = la_knob_find(view->name);
        char *text;

        if (!knob)
                return 0;
        int r = stack_plain_text(view->value, &text);
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
                int told = tell_knob(l->w, &view);
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

static int
tell_facts(struct witness *w, const struct la_usage *u, const struct la_config *c)
{
        const struct looking_amount facts[] = {
                { FACT_ORPHANS, u->orphans },
                { FACT_TIME_WAIT, (int64_t)u->time_wait4 + u->time_wait6 },
                { FACT_STACK_USED "connections", u->connections },
                { FACT_STACK_MOST "connections", c->connections },
                { FACT_STACK_USED "half_open", u->half_open },
                { FACT_STACK_MOST "half_open", c->half_open },
                { FACT_STACK_USED "time_wait4", u->time_wait4 },
                { FACT_STACK_MOST "time_wait4", c->time_wait4 },
                { FACT_STACK_USED "time_wait6", u->time_wait6 },
                { FACT_STACK_MOST "time_wait6", c->time_wait6 },
                { FACT_STACK_USED "listeners", u->listeners },
                { FACT_STACK_MOST "listeners", c->listeners },
                { FACT_STACK_USED "chunks", u->chunks },
                { FACT_STACK_MOST "chunks", c->chunks },
                { FACT_STACK_USED "reassemblies", u->reassemblies },
                { FACT_STACK_MOST "reassemblies", c->reassemblies },
        };

        return looking_tell(w, witness_fact, facts, sizeof(facts) / sizeof(facts[0]));
}

static int
tell_amounts(struct looking *l)
{
        struct control_client *client = collect_stack(l->c);
        struct control_status status;
        int r = control_status(client, &status);

        if (r == 0)
                r = tell_counters(l->w, &status);
        return r < 0 ? r : tell_facts(l->w, &status.usage, &control_hello_of(client)->config);
}

const struct looking_source looking_at_stack = { tell_tunables, tell_amounts, NULL };
