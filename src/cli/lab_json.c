/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "cli/json.h"
#include "cli/lab.h"
#include "cli/text.h"

static json_t *
endpoint(enum la_family family, const struct la_endpoint *e)
{
        char address[TEXT_ROOM], *end = text_address(address, family, e->address);

        return json_pack("{s:s%,s:i}", "address", address, (size_t)(end - address), "port", (int)e->port);
}

static void
set(json_t *object, const char *name, json_t *value)
{
        json_object_set_new(object, name, value);
}

static const char *
fate_name(enum la_lab_fate fate)
{
        static const char *const names[] = {
                [LA_LAB_UNDER_WAY] = "under-way",
                [LA_LAB_DELIVERED] = "delivered",
                [LA_LAB_LOST] = "lost",
                [LA_LAB_LOST_BY_RULE] = "lost-by-rule",
                [LA_LAB_LOST_IN_QUEUE] = "queue-full",
                [LA_LAB_TOO_BIG] = "too-big",
                [LA_LAB_NOWHERE] = "nowhere",
                [LA_LAB_NOT_MAPPED] = "not-mapped",
                [LA_LAB_REFUSED] = "refused",
        };

        return names[fate];
}

static json_t *
packet(const struct la_lab *lab, size_t id)
{
        const struct la_lab_packet *p = la_lab_packet(lab, id);
        struct la_endpoint from, to;
        enum la_family family;
        char text[256];
        json_t *o = json_pack("{s:I,s:s,s:s,s:I}", "id", (json_int_t)id, "text",
                              la_lab_describe(lab, id, text, sizeof(text)), "fate", fate_name(p->fate), "bytes",
                              (json_int_t)p->length);

        if (la_lab_packet_ends(lab, id, false, &family, &from, &to)) {
                set(o, "source", endpoint(family, &from));
                set(o, "destination", endpoint(family, &to));
        }
        set(o, "from", json_string(la_lab_host_name(lab, p->from)));
        if (p->to >= 0)
                set(o, "to", json_string(la_lab_host_name(lab, p->to)));
        if (p->again)
                set(o, "retransmission", json_true());
        if (p->probe)
                set(o, "probe", json_true());
        if (p->duplicate)
                set(o, "duplicate", json_true());
        if (p->corrupted)
                set(o, "damaged", json_true());
        if (p->marked)
                set(o, "marked", json_true());
        return o;
}

static const char *
kind_name(enum la_lab_event_kind kind)
{
        static const char *const names[] = {
                [LA_LAB_EVENT_CALL] = "call",
                [LA_LAB_EVENT_SENT] = "sent",
                [LA_LAB_EVENT_DELIVERED] = "delivered",
                [LA_LAB_EVENT_DROPPED] = "dropped",
                [LA_LAB_EVENT_TRANSITION] = "transition",
                [LA_LAB_EVENT_VERDICT] = "verdict",
                [LA_LAB_EVENT_REBOOT] = "reboot",
                [LA_LAB_EVENT_NOTE] = "note",
        };

        return names[kind];
}

static void
add_transition(json_t *o, const struct la_lab_event *e)
{
        const struct la_transition_info *t = la_transition_info(e->transition);

        set(o, "transition", json_string(t->id));
        set(o, "from", json_string(la_state_name(t->from)));
        set(o, "to", json_string(la_state_name(t->to)));
        set(o, "section", json_string(t->section));
}

static void
add_verdict(json_t *o, const struct la_lab_event *e)
{
        const struct la_verdict_info *v = la_verdict_info(e->verdict);

        set(o, "verdict", json_string(v->id));
        set(o, "section", json_string(v->section));
}

static json_t *
event(const struct la_lab *lab, size_t number)
{
        const struct la_lab_event *e = la_lab_event(lab, number);
        json_t *o = json_pack("{s:I,s:I,s:s}", "number", (json_int_t)number, "us", (json_int_t)e->at, "kind",
                              kind_name(e->kind));

        if (e->host >= 0)
                set(o, "host", json_string(la_lab_host_name(lab, e->host)));
        if (e->cause != LA_LAB_NO_CAUSE)
                set(o, "cause", json_integer((json_int_t)e->cause));
        if (e->packet != SIZE_MAX)
                set(o, "packet", packet(lab, e->packet));
        if (e->text)
                set(o, "text", json_string(e->text));
        if (e->kind == LA_LAB_EVENT_CALL && e->error != LA_OK)
                set(o, "error", json_string(la_error_text(e->error)));
        if (e->kind == LA_LAB_EVENT_TRANSITION)
                add_transition(o, e);
        if (e->kind == LA_LAB_EVENT_VERDICT)
                add_verdict(o, e);
        if (e->local.port != 0)
                set(o, "local", endpoint(e->family, &e->local));
        if (e->remote.port != 0)
                set(o, "remote", endpoint(e->family, &e->remote));
        return o;
}

static json_t *
run_object(const struct lab_run *run)
{
        static const char *const kinds[] = {
                [LAB_RUN_ROW] = "transition",
                [LAB_RUN_STATE] = "state",
                [LAB_RUN_STORY] = "story",
                [LAB_RUN_SCRIPT] = "script",
        };
        json_t *events = json_array(), *o = json_object();

        set(o, "kind", json_string(kinds[run->kind]));
        set(o, "name", json_string(run->scenario->name));
        set(o, "reproduced", json_boolean(run->reproduced));
        if (!run->reproduced)
                set(o, "why", json_string(lab_run_why_not(run)));
        set(o, "script", json_string(run->scenario->script));
        for (size_t i = 0; run->lab && i < la_lab_event_count(run->lab); i++)
                json_array_append_new(events, event(run->lab, i));
        set(o, "events", events);
        return o;
}

bool
lab_runs_json(FILE *file, const struct lab_run *runs, size_t count, uint64_t seed)
{
        json_t *array = json_array(), *document = json_object();

        for (size_t i = 0; i < count; i++)
                json_array_append_new(array, run_object(&runs[i]));
        set(document, "seed", json_integer((json_int_t)seed));
        if (json_object_set_new(document, "runs", array) < 0) {
                json_decref(document);
                return false;
        }
        json_write(document, file);
        return true;
}
