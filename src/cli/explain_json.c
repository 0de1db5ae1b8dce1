/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain_json.c - the tables for machines.
 *
 * {"states": [...], "transitions": [...], "knobs": [...], "steps": [...]}: rows that were asked for, all of them where no
 * topic was.  A step, "A -> B", adds its rows to the transitions, and to "steps" whether it is legal and, if not, the
 * rows of the shortest way.  Texts are not translated.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explain.h"
#include "cli/json.h"
#include "cli/route.h"

struct document {
        const struct explain *explain;
        json_t *states, *transitions, *knobs, *steps;
};

static const char *
event_name(enum la_event event)
{
        static const char *const names[] = {
                [LA_EVENT_USER] = "user",
                [LA_EVENT_SEGMENT] = "segment",
                [LA_EVENT_TIMER] = "timer",
                [LA_EVENT_NETWORK] = "network",
        };

        return names[event];
}

static const char *
kind_name(enum la_knob_kind kind)
{
        static const char *const names[] = {
                [LA_KNOB_NUMBER] = "number",       [LA_KNOB_RANGE] = "range", [LA_KNOB_TRIPLE] = "triple",
                [LA_KNOB_PORT_LIST] = "port list", [LA_KNOB_WORD] = "word",
        };

        return names[kind];
}

/* Absent rather than empty. */
static void
set_if_any(json_t *object, const char *key, const char *text)
{
        if (*text != '\0')
                json_set_text(object, key, text);
}

/* The pieces of a text between separators. */
static json_t *
pieces(const char *text, const char *separator)
{
        json_t *array = json_array();

        while (*text != '\0') {
                size_t length = strcspn(text, separator);

                json_array_append_new(array, json_stringn(text, length));
                text += length;
                text += strspn(text, separator);
        }
        return array;
}

static json_t *
rows_of(enum la_state state, bool out)
{
        json_t *array = json_array();

        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                const struct la_transition_info *t = la_transition_info((enum la_transition)i);

                if ((out ? t->from : t->to) == state)
                        json_array_append_new(array, json_string(t->id));
        }
        return array;
}

static json_t *
knobs_of(enum la_state state)
{
        json_t *array = json_array();

        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                const struct la_knob_info *k = la_knob_info((enum la_knob)i);

                if (la_knob_concerns(k, state))
                        json_array_append_new(array, json_string(k->name));
        }
        return array;
}

static void
add_state(struct document *d, enum la_state state)
{
        const struct la_state_info *s = la_state_info(state);
        json_t *o = json_object();

        json_set_text(o, "name", s->name);
        json_set_text(o, "linux_name", s->linux_name);
        json_set_number(o, "linux_number", s->linux_number);
        json_set_text(o, "ss_name", s->ss_name);
        json_set_actor(o, "actor", s->actor);
        json_set_text(o, "section", s->section);
        json_set_text(o, "brief", s->brief);
        json_set_text(o, "meaning", s->meaning);
        json_set_text(o, "who", s->who);
        json_set_text(o, "ends", s->ends);
        json_set_text(o, "normal", s->normal);
        json_set_text(o, "fault", s->fault);
        json_set_text(o, "helps", s->helps);
        json_object_set_new(o, "in", rows_of(state, false));
        json_object_set_new(o, "out", rows_of(state, true));
        json_object_set_new(o, "knobs", knobs_of(state));
        json_array_append_new(d->states, o);
}

static void
add_row(struct document *d, enum la_transition row)
{
        const struct la_transition_info *t = la_transition_info(row);
        json_t *o = json_object();

        json_set_transition(o, t);
        json_set_text(o, "event", event_name(t->event));
        set_if_any(o, "answer", t->answer);
        json_set_text(o, "sentence", t->sentence);
        json_array_append_new(d->transitions, o);
}

static void
add_step(struct document *d, enum la_state from, enum la_state to)
{
        json_t *o = json_object(), *rows = json_array();
        struct route route = { 0 };

        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                const struct la_transition_info *t = la_transition_info((enum la_transition)i);

                if (t->from == from && t->to == to) {
                        add_row(d, t->transition);
                        json_array_append_new(rows, json_string(t->id));
                }
        }
        json_set_text(o, "from", la_state_name(from));
        json_set_text(o, "to", la_state_name(to));
        json_set_bool(o, "legal", json_array_size(rows) > 0);
        if (json_array_size(rows) == 0)
                route = route_between(from, to);
        json_object_set_new(o, "transitions", rows);
        if (route.length > 0) {
                json_t *way = json_array();
                for (unsigned int i = 0; i < route.length; i++)
                        json_array_append_new(way, json_string(la_transition_info(route.steps[i])->id));
                json_object_set_new(o, "way", way);
        }
        json_array_append_new(d->steps, o);
}

static void
add_knob(struct document *d, const struct la_knob_info *k)
{
        json_t *o = json_object();
        char *value;

        json_set_text(o, "name", k->name);
        json_set_text(o, "leaf", k->leaf);
        json_set_text(o, "kind", kind_name(k->kind));
        json_set_text(o, "scope", k->scope == LA_SCOPE_NETNS ? "network namespace" : "host");
        if (d->explain->knob_text(k, &value) == 0) {
                json_set_text(o, "value", value);
                free(value);
        }
        if (*k->standard != '\0' || k->kind == LA_KNOB_PORT_LIST)
                json_set_text(o, "default", k->standard);
        set_if_any(o, "default_note", k->standard_note);
        if (k->kind != LA_KNOB_WORD) {
                json_object_set_new(o, "min", json_integer(k->min));
                json_object_set_new(o, "max", json_integer(k->max));
        }
        json_set_text(o, "accepted", k->accepts);
        set_if_any(o, "unit", k->unit);
        set_if_any(o, "since", k->since);
        set_if_any(o, "removed", k->removed);
        json_set_text(o, "brief", k->brief);
        json_set_text(o, "effect", k->effect);
        json_set_text(o, "risk", k->risk);
        json_set_text(o, "mistaken", k->mistaken);
        json_object_set_new(o, "versions", pieces(k->versions, "\n"));
        json_object_set_new(o, "states", pieces(k->states, " "));
        json_set_text(o, "source", k->source);
        json_array_append_new(d->knobs, o);
}

static void
add_states(struct document *d)
{
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                add_state(d, (enum la_state)i);
}

static void
add_rows(struct document *d)
{
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++)
                add_row(d, (enum la_transition)i);
}

static void
add_knobs(struct document *d)
{
        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++)
                add_knob(d, la_knob_info((enum la_knob)i));
}

static void
add_topic(struct document *d, const struct topic *t)
{
        switch (t->kind) {
        case TOPIC_STATE:
                add_state(d, t->from);
                break;
        case TOPIC_STEP:
                add_step(d, t->from, t->to);
                break;
        case TOPIC_ROW:
                add_row(d, t->row);
                break;
        case TOPIC_KNOB:
                add_knob(d, t->knob);
                break;
        case TOPIC_STATES:
                add_states(d);
                break;
        case TOPIC_TRANSITIONS:
                add_rows(d);
                break;
        case TOPIC_KNOBS:
                add_knobs(d);
                break;
        case TOPIC_DIAGRAM: /* states, and what lies between them */
                add_states(d);
                add_rows(d);
                break;
        }
}

void
explain_json(const struct explain *e)
{
        struct document d = {
                .explain = e,
                .states = json_array(),
                .transitions = json_array(),
                .knobs = json_array(),
                .steps = json_array(),
        };
        json_t *document = json_object();

        if (e->topic_count == 0) {
                add_states(&d);
                add_rows(&d);
                add_knobs(&d);
        }
        for (size_t i = 0; i < e->topic_count; i++)
                add_topic(&d, &e->topics[i]);
        json_object_set_new(document, "states", d.states);
        json_object_set_new(document, "transitions", d.transitions);
        json_object_set_new(document, "knobs", d.knobs);
        json_object_set_new(document, "steps", d.steps);
        json_write(document, e->terminal.file);
}
