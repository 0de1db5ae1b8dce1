/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * connection_json.c - the same for machines: what lastack ls -j tells of the connection, and what is judged of it.  Texts are
 * not translated.
 */
#include <stdio.h>

#include "cli/connection.h"
#include "cli/json.h"

static const char *
end_name(enum connection_end end)
{
        static const char *const names[] = {
                [CONNECTION_NEVER] = "never",
                [CONNECTION_TIMER] = "timer",
                [CONNECTION_GIVE_UP] = "give_up",
                [CONNECTION_UNKNOWN] = "unknown",
        };

        return names[end];
}

static void
add_row(json_t *object, enum la_transition row)
{
        const struct la_transition_info *t = la_transition_info(row);
        json_t *why = json_object();

        json_set_transition(why, t);
        json_set_text(why, "sentence", t->sentence);
        json_object_set_new(object, "why", why);
}

static void
add_who(json_t *object, const struct connection_judgement *j)
{
        json_t *who = json_object();

        json_set_actor(who, "actor", j->actor);
        json_set_text(who, "sentence", j->who);
        json_object_set_new(object, "must_act", who);
}

static void
add_end(json_t *object, const struct connection *c)
{
        const struct connection_judgement *j = &c->judgement;
        json_t *ends = json_object();

        json_set_text(ends, "by_itself", end_name(j->end));
        if (j->end == CONNECTION_TIMER)
                json_set_number(ends, "in_ms", j->ends_in_ms);
        json_set_text(ends, "sentence", j->ends);
        if (j->knob)
                json_set_text(ends, "knob", j->knob);
        if (c->knob_value)
                json_set_text(ends, "knob_value", c->knob_value);
        json_object_set_new(object, "ends", ends);
}

static void
add_remarks(json_t *object, const struct connection_judgement *j)
{
        json_t *remarks = json_array();

        for (unsigned int i = 0; i < j->remark_count; i++)
                json_array_append_new(remarks, json_string(j->remarks[i]));
        json_object_set_new(object, "remarks", remarks);
}

void
connection_json(const struct connection *c, const struct collect_report *report)
{
        json_t *object = json_object();

        json_add_report(object, report);
        json_object_set_new(object, "connection", json_snapshot(&c->snapshot));
        if (c->snapshot.known & LA_KNOWN_CAME_BY)
                add_row(object, c->snapshot.came_by);
        add_who(object, &c->judgement);
        add_end(object, c);
        if (connection_received(&c->snapshot))
                json_set_text(object, "received", connection_received(&c->snapshot));
        if (connection_sent(&c->snapshot))
                json_set_text(object, "sent", connection_sent(&c->snapshot));
        add_remarks(object, &c->judgement);
        json_write(object, stdout);
}
