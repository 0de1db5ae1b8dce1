/* SPDX-License-Identifier: BSD-2-Clause */
/* What the stack holds, seen from outside: connections, half-open ones, records, listeners. */
#include "tcp/snapshot.h"

#include <string.h>

#include "stack/stack.h"

static uint32_t
ms_of(const struct la_stack *s, tcp_time now)
{
        return now > s->host.now_us ? (uint32_t)(now / 1000) : s->host.now_ms;
}

static uint32_t
ms_left(uint32_t now_ms, uint32_t at_ms)
{
        return ms_reached(now_ms, at_ms) ? 0 : at_ms - now_ms;
}

/* What holds for everything here: no interface is ever asked for, and no IPv6 socket serves IPv4. */
static void
begin(struct la_snapshot *r, enum la_state state, const struct tuple *t)
{
        memset(r, 0, sizeof *r);
        r->known = LA_KNOWN_INTERFACE;
        r->state = state;
        r->family = (enum la_family)t->family;
        r->local = tuple_local(t);
        r->remote = tuple_remote(t);
        if (r->family == LA_IPV6) {
                r->known |= LA_KNOWN_V6ONLY;
                r->v6only = true;
        }
}

static void
put_age(struct la_snapshot *r, uint32_t age_ms)
{
        r->known |= LA_KNOWN_AGE;
        r->age_min_ms = r->age_max_ms = age_ms;
}

static void
put_came_by(struct la_snapshot *r, unsigned int row)
{
        r->known |= LA_KNOWN_CAME_BY;
        r->came_by = (enum la_transition)row;
}

static void
put_sequence(struct la_snapshot *r, tcp_seq una, tcp_seq nxt, tcp_seq rcv_nxt)
{
        r->known |= LA_KNOWN_SEQUENCE;
        r->snd_una = una.v;
        r->snd_nxt = nxt.v;
        r->rcv_nxt = rcv_nxt.v;
}

static void
put_cookie(struct la_snapshot *r, uint32_t ref, uint32_t generation)
{
        r->known |= LA_KNOWN_COOKIE;
        r->cookie = (uint64_t)generation << 32 | ref;
}

static void
snapshot_of_listener(uint32_t now_ms, const struct listener *l, struct la_snapshot *r)
{
        begin(r, LA_LISTEN, &l->tuple);
        r->known |= LA_KNOWN_TIMER | LA_KNOWN_QUEUES | LA_KNOWN_QUEUE_LIMIT | LA_KNOWN_HALF_OPEN | LA_KNOWN_MEMORY |
                    LA_KNOWN_DROPS;
        r->receive_queue = l->accept_count;
        r->send_queue = l->backlog;
        r->half_open = l->half_open;
        r->memory.receive_buffer = l->set.receive_buffer;
        r->memory.send_buffer = l->set.send_buffer;
        r->memory.drops = l->drops;
        put_age(r, now_ms - l->since_ms);
        put_came_by(r, LA_T_CLOSED_PASSIVE_OPEN);
        put_cookie(r, ref_make(REF_LISTENER, l->index), l->generation);
}

/* As Linux tells of a request: no queues, and the timer of a retransmission. */
static void
snapshot_of_half_open(uint32_t now_ms, const struct half_open *o, struct la_snapshot *r)
{
        begin(r, LA_SYN_RECEIVED, &o->tuple);
        r->known |= LA_KNOWN_TIMER | LA_KNOWN_QUEUES | LA_KNOWN_INODE;
        r->timer = LA_TIMER_RETRANSMIT;
        r->timer_ms = ms_left(now_ms, o->due_ms);
        r->retransmits = o->retries;
        put_age(r, now_ms - o->since_ms);
        put_came_by(r, o->came_by);
        put_sequence(r, o->iss, seq_add(o->iss, 1), seq_add(o->irs, 1));
}

static void
put_wait(const struct la_stack *s, uint32_t now_ms, const struct time_wait *w, struct la_snapshot *r)
{
        r->known |= LA_KNOWN_TIMER;
        r->timer = LA_TIMER_TIME_WAIT;
        r->timer_ms = ms_left(now_ms, w->since_ms + time_wait_length_ms(s, w));
}

static void
snapshot_of_record(const struct la_stack *s, uint32_t now_ms, uint32_t ref, struct la_snapshot *r)
{
        const struct time_wait *w = time_wait_at(s, ref);
        struct tuple tuple = time_wait_tuple(s, ref);

        begin(r, w->fin_wait_2 ? LA_FIN_WAIT_2 : LA_TIME_WAIT, &tuple);
        r->known |= LA_KNOWN_QUEUES | LA_KNOWN_INODE;
        put_wait(s, now_ms, w, r);
        put_age(r, now_ms - time_wait_entered_ms(s, w));
        put_came_by(r, w->came_by);
        put_sequence(r, w->snd_nxt, w->snd_nxt, w->rcv_nxt);
}

/* Its record is told instead; or, while that lies in shadow, who would follow it. */
static bool
is_detached(const struct tcb *t)
{
        return t->state == LA_TIME_WAIT && !t->hashed;
}

void
snapshot_of_tcb(const struct la_stack *s, tcp_time now, uint32_t index, struct la_snapshot *r)
{
        const struct tcb *t = tcb_at(s, index);
        uint32_t now_ms = ms_of(s, now);

        begin(r, (enum la_state)t->state, &t->tuple);
        tcb_snapshot(&s->host, now_ms, t, r);
        put_cookie(r, ref_make(REF_TCB, index), t->generation);
        if (!t->held)
                r->known |= LA_KNOWN_INODE; /* 0: nobody holds it */
        if (is_detached(t))
                put_wait(s, now_ms, time_wait_at(s, time_wait_of(s, index)), r);
}

/* ---- One, and all ---- */

enum la_error
la_snapshot(const struct la_stack *s, tcp_time now, struct la_handle handle, struct la_snapshot *ret_snapshot)
{
        const struct listener *l = listener_of(s, handle);
        uint32_t tcb = tcb_of(s, handle);

        if (!tcb && !l)
                return LA_ERR_HANDLE;
        if (l)
                snapshot_of_listener(ms_of(s, now), l, ret_snapshot);
        else
                snapshot_of_tcb(s, now, tcb, ret_snapshot);
        return LA_OK;
}

/* Of what segments find, and of listeners. */
static void
snapshot_of(const struct la_stack *s, tcp_time now, uint32_t ref, struct la_snapshot *r)
{
        switch (ref_kind(ref)) {
        case REF_TCB:
                snapshot_of_tcb(s, now, ref_index(ref), r);
                return;
        case REF_HALF_OPEN:
                snapshot_of_half_open(ms_of(s, now), half_open_at(s, ref_index(ref)), r);
                return;
        case REF_TIME_WAIT4:
        case REF_TIME_WAIT6:
                snapshot_of_record(s, ms_of(s, now), ref, r);
                return;
        case REF_LISTENER:
                snapshot_of_listener(ms_of(s, now), listener_at(s, ref_index(ref)), r);
                return;
        case REF_NONE:
                break;
        }
        LA_NOT_REACHED("nothing has no snapshot");
}

/* The listeners; then the table of connections, slot by slot; then connections that no segment finds any more.  The
 * listeners' places are as many as there may be: so a new one moves nothing. */
static uint32_t
ref_at(const struct la_stack *s, uint64_t at)
{
        const struct index_slot *slots = (const struct index_slot *)((uintptr_t)s + s->index.offset);
        const struct tcb *t;
        uint32_t i;

        if (at <= s->listeners.limit) {
                i = (uint32_t)at;
                return i && i < s->listeners.fresh && listener_at(s, i)->generation ? ref_make(REF_LISTENER, i) : 0;
        }
        at -= s->listeners.limit + UINT64_C(1);
        if (at < s->index.slots)
                return slots[at].ref;
        i = (uint32_t)(at - s->index.slots);
        t = tcb_at(s, i);
        return i && t->generation && !t->hashed && !is_detached(t) ? ref_make(REF_TCB, i) : 0;
}

bool
la_next_snapshot_within(const struct la_stack *s, tcp_time now, uint64_t *cursor, uint32_t *places,
                        struct la_snapshot *ret_snapshot)
{
        uint64_t end = UINT64_C(1) + s->listeners.limit + s->index.slots + s->tcbs.fresh;

        while (*cursor<end && * places> 0) {
                uint32_t ref = ref_at(s, (*cursor)++);

                --*places;
                if (!ref)
                        continue;
                snapshot_of(s, now, ref, ret_snapshot);
                return true;
        }
        return false;
}

bool
la_next_snapshot(const struct la_stack *s, tcp_time now, uint64_t *cursor, struct la_snapshot *ret_snapshot)
{
        uint32_t places;

        do {
                places = UINT32_MAX;
                if (la_next_snapshot_within(s, now, cursor, &places, ret_snapshot))
                        return true;
        } while (places == 0);
        return false;
}

bool
la_find(const struct la_stack *s, tcp_time now, enum la_family family, const struct la_endpoint *local,
        const struct la_endpoint *remote, struct la_snapshot *ret_snapshot)
{
        struct tuple tuple = tuple_of(family, local, remote);
        uint32_t ref = index_find(s, &tuple, stack_hash(s, &tuple));

        if (!ref)
                return false;
        snapshot_of(s, now, ref, ret_snapshot);
        return true;
}
