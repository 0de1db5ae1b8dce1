/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/overview.h"

#include "cli/json.h"

/* A program that wants every path has `lastack ls -j`. */
#define MOST_PATHS 100

static json_t *
paths(const struct survey *s, uint32_t (*figure)(const struct path *))
{
        const struct path *top[MOST_PATHS];
        size_t count = paths_top(&s->paths, figure, MOST_PATHS, top);
        uint32_t ports = survey_ports(s);
        json_t *array = json_array();

        for (size_t i = 0; i < count; i++) {
                const struct path *p = top[i];
                json_t *object = json_object();
                json_set_text(object, "role", p->role == PATH_CLIENT ? "client" : "server");
                json_set_address(object, "local", p->family, p->local);
                json_set_address(object, "remote", p->family, p->remote);
                json_set_number(object, "port", p->service);
                json_set_number(object, "sockets", p->sockets);
                json_set_number(object, "time_wait", p->time_wait);
                json_object_set_new(object, "closes_per_second",
                                    json_real((double)p->closed_now * 1000 / PATHS_NOW_MS));
                json_set_number(object, "ephemeral_ports", p->ephemeral);
                if (ports > 0)
                        json_object_set_new(object, "ephemeral_share", json_real((double)p->ephemeral / ports));
                json_array_append_new(array, object);
        }
        return array;
}

static json_t *
listeners(const struct survey *s)
{
        json_t *array = json_array();

        for (size_t i = 0; i < s->listeners.count; i++) {
                const struct listener *l = &s->listeners.listener[i];
                json_t *object = json_object();
                json_set_address(object, "address", l->family, l->local.address);
                json_set_number(object, "port", l->local.port);
                json_set_number(object, "sockets", l->sockets);
                json_set_number(object, "accept_queue", l->queue);
                if (l->limit_known)
                        json_set_number(object, "accept_queue_limit", l->limit);
                if (l->drops_known)
                        json_set_number(object, "drops", l->drops);
                json_set_number(object, "half_open", l->half_open);
                json_set_process(object, &l->owner);
                json_array_append_new(array, object);
        }
        return array;
}

static json_t *
holders(const struct holders *h)
{
        json_t *array = json_array();

        for (size_t i = 0; i < h->count; i++) {
                json_t *object = json_object();
                json_set_process(object, &h->holder[i].owner);
                json_set_number(object, "sockets", h->holder[i].sockets);
                if (h->holder[i].age_known)
                        json_set_number(object, "oldest_at_least_ms", h->holder[i].oldest_min_ms);
                json_array_append_new(array, object);
        }
        return array;
}

static json_t *
fin_wait_2(const struct survey *s)
{
        json_t *object = json_object();

        json_object_set_new(object, "held", holders(&s->half_closed));
        json_set_number(object, "orphans", s->fin_wait_2_orphans);
        if (s->orphans_left_ms > 0)
                json_set_number(object, "orphans_left_ms", s->orphans_left_ms);
        if (s->fin_wait_2_unknown > 0)
                json_set_number(object, "unknown", s->fin_wait_2_unknown);
        return object;
}

static json_t *
closes(const struct survey *s)
{
        json_t *array = json_array();

        for (unsigned int i = 0; i < SURVEY_STEPS; i++)
                json_array_append_new(array, json_integer((json_int_t)s->closes[i]));
        return array;
}

static json_t *
ports(const struct survey *s)
{
        json_t *object = json_object();

        json_set_number(object, "low", s->port_low);
        json_set_number(object, "high", s->port_high);
        json_set_number(object, "reserved", s->ports_reserved);
        json_set_number(object, "available", survey_ports(s));
        return object;
}

/* Of several queues, which has least left: it has limits of its own. */
static json_t *
fullest(const struct overview *o, const struct stack_limit *l)
{
        json_t *object = json_object();

        json_set_text(object, "queue", o->queue[l->fullest]);
        json_set_number(object, "used", l->fullest_used);
        json_set_number(object, "limit", l->fullest_limit);
        return object;
}

/* {"connections": {"used": 812, "limit": 1024}, ...} */
static json_t *
limits(const struct overview *o)
{
        json_t *object = json_object();

        for (size_t i = 0; i < STACK_LIMITS; i++) {
                json_t *one = json_object();
                json_set_number(one, "used", o->limits[i].used);
                json_set_number(one, "limit", o->limits[i].limit);
                if (o->queue)
                        json_object_set_new(one, "fullest", fullest(o, &o->limits[i]));
                json_object_set_new(object, o->limits[i].id, one);
        }
        return object;
}

/* Those that are not zero, by nstat's names. */
static json_t *
counters(const struct control_status *status)
{
        json_t *object = json_object();

        for (unsigned int i = 0; i < LA_COUNTER_COUNT; i++)
                if (status->counters[i] > 0)
                        json_set_number(object, la_counter_name((enum la_counter)i), status->counters[i]);
        return object;
}

static void
add_stack(json_t *object, const struct overview *o)
{
        json_set_number(object, "pid", (uint64_t)o->stack.pid);
        json_set_text(object, "comm", o->stack.comm);
        json_set_text(object, "application", o->stack.application);
        if (o->queue)
                json_set_number(object, "queues", o->queues);
        json_object_set_new(object, "limits", limits(o));
        json_set_number(object, "orphans", o->status.usage.orphans);
        json_set_number(object, "replies_lost", o->status.usage.replies_lost);
        json_object_set_new(object, "counters", counters(&o->status));
}

void
overview_json(const struct overview *o)
{
        const struct survey *s = &o->survey;
        json_t *object = json_object();

        json_add_report(object, &o->report);
        if (o->stack_known)
                add_stack(object, o);
        json_object_set_new(object, "states", json_states(s->in_state));
        json_set_number(object, "total", s->total);
        json_object_set_new(object, "closes_5s_steps", closes(s));
        json_object_set_new(object, "closing_paths", paths(s, path_closed_now));
        if (s->port_high > 0)
                json_object_set_new(object, "local_ports", ports(s));
        json_object_set_new(object, "port_paths", paths(s, path_ephemeral));
        json_object_set_new(object, "listeners", listeners(s));
        json_object_set_new(object, "close_wait", holders(&s->close_wait));
        json_set_number(object, "close_wait_not_accepted", s->close_wait_unaccepted);
        json_object_set_new(object, "fin_wait_2", fin_wait_2(s));
        json_write(object, stdout);
}
