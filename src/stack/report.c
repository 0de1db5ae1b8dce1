/* SPDX-License-Identifier: BSD-2-Clause */
/* What the stack says about itself: status of whatever it holds, counts, and the trace. */
#include "stack/stack.h"

#include <string.h>

/* ---- Status ---- */

static struct tcp_host
copy_of_time(const struct la_stack *s, tcp_time now)
{
        struct tcp_host h;

        h.now_us = now > s->host.now_us ? now : s->host.now_us;
        h.now_ms = (uint32_t)(h.now_us / 1000);
        h.rules = s->host.rules;
        return h;
}

static uint32_t
ms_left(uint32_t now_ms, uint32_t at_ms)
{
        return ms_reached(now_ms, at_ms) ? 0 : at_ms - now_ms;
}

static void
put_ends(struct la_snapshot *seen, const struct tuple *t)
{
        seen->family = (enum la_family)t->family;
        seen->local = tuple_local(t);
        seen->remote = tuple_remote(t);
}

static void
status_of_listener(const struct la_stack *s, uint32_t now_ms, const struct listener *l, struct la_status *r)
{
        (void)s;
        memset(r, 0, sizeof *r);
        r->seen.known = LA_KNOWN_QUEUES | LA_KNOWN_AGE | LA_KNOWN_MEMORY | LA_KNOWN_TIMER;
        r->seen.state = LA_LISTEN;
        put_ends(&r->seen, &l->tuple);
        r->seen.receive_queue = l->accept_count;
        r->seen.send_queue = l->backlog;
        r->seen.v6only = l->tuple.family == LA_IPV6;
        r->seen.memory.drops = l->drops;
        r->seen.age_min_ms = r->seen.age_max_ms = now_ms - l->since_ms;
        r->came_by = LA_T_CLOSED_PASSIVE_OPEN;
        r->came_by_known = true;
        r->user = l->user;
        r->handle = (struct la_handle){ ref_make(REF_LISTENER, l->index), l->generation };
}

static void
status_of_half_open(uint32_t now_ms, const struct half_open *o, struct la_status *r)
{
        memset(r, 0, sizeof *r);
        r->seen.known = LA_KNOWN_AGE | LA_KNOWN_TIMER | LA_KNOWN_QUEUES | LA_KNOWN_INODE;
        r->seen.state = LA_SYN_RECEIVED;
        put_ends(&r->seen, &o->tuple);
        r->seen.timer = LA_TIMER_KEEPALIVE; /* where the kernel groups the SYN,ACK's */
        r->seen.timer_ms = ms_left(now_ms, o->due_ms);
        r->seen.retransmits = o->retries;
        r->seen.age_min_ms = r->seen.age_max_ms = now_ms - o->since_ms;
        r->came_by = (enum la_transition)o->came_by;
        r->came_by_known = true;
        r->snd_una = r->iss = o->iss.v;
        r->snd_nxt = o->iss.v + 1;
        r->irs = o->irs.v;
        r->rcv_nxt = o->irs.v + 1;
}

static void
status_of_record(const struct la_stack *s, uint32_t now_ms, uint32_t ref, struct la_status *r)
{
        const struct time_wait *w = time_wait_at(s, ref);
        struct tuple tuple = time_wait_tuple(s, ref);
        uint32_t length = w->fin_wait_2 ? s->host.rules.fin_timeout_ms : s->host.rules.time_wait_ms;

        memset(r, 0, sizeof *r);
        r->seen.known = LA_KNOWN_AGE | LA_KNOWN_TIMER | LA_KNOWN_QUEUES | LA_KNOWN_INODE;
        r->seen.state = w->fin_wait_2 ? LA_FIN_WAIT_2 : LA_TIME_WAIT;
        put_ends(&r->seen, &tuple);
        r->seen.timer = LA_TIMER_TIME_WAIT;
        r->seen.timer_ms = ms_left(now_ms, w->since_ms + length);
        r->seen.age_min_ms = r->seen.age_max_ms = now_ms - w->entered_ms;
        r->came_by = (enum la_transition)w->came_by;
        r->came_by_known = true;
        r->peer_closed = !w->fin_wait_2;
        r->closed = true;
        r->orphan = w->fin_wait_2;
        r->snd_una = r->snd_nxt = w->snd_nxt.v;
        r->rcv_nxt = w->rcv_nxt.v;
}

/* A handle whose connection has become a record says what the record says, as long as there is one. */
static void
status_of_detached(const struct la_stack *s, uint32_t now_ms, const struct tcb *t, struct la_status *r)
{
        uint32_t ref = index_find(s, &t->tuple, stack_hash(s, &t->tuple));
        bool record = ref_kind(ref) == REF_TIME_WAIT4 || ref_kind(ref) == REF_TIME_WAIT6;
        struct la_status waiting;

        if (!record || !seq_eq(time_wait_at(s, ref)->snd_nxt, t->snd.nxt)) {
                r->seen.state = LA_CLOSED;
                r->came_by = LA_T_TIME_WAIT_TIMEOUT;
                return;
        }
        status_of_record(s, now_ms, ref, &waiting);
        r->seen.timer = waiting.seen.timer;
        r->seen.timer_ms = waiting.seen.timer_ms;
}

static void
status_of_tcb(const struct la_stack *s, const struct tcp_host *time, uint32_t index, struct la_status *r)
{
        const struct tcb *t = tcb_at(s, index);

        tcb_status(time, t, r);
        if (t->state == LA_TIME_WAIT && !t->hashed)
                status_of_detached(s, time->now_ms, t, r);
        if (t->held)
                r->handle = (struct la_handle){ ref_make(REF_TCB, index), t->generation };
        if (!t->held) {
                r->seen.known |= LA_KNOWN_INODE; /* nobody holds it: inode 0 */
                r->user = 0;
        }
}

static bool
status_of(const struct la_stack *s, const struct tcp_host *time, uint32_t ref, struct la_status *r)
{
        switch (ref_kind(ref)) {
        case REF_TCB:
                if (tcb_at(s, ref_index(ref))->generation == 0)
                        return false;
                status_of_tcb(s, time, ref_index(ref), r);
                return true;
        case REF_HALF_OPEN:
                status_of_half_open(time->now_ms, half_open_at(s, ref_index(ref)), r);
                return true;
        case REF_TIME_WAIT4:
        case REF_TIME_WAIT6:
                status_of_record(s, time->now_ms, ref, r);
                return true;
        case REF_LISTENER:
                if (listener_at(s, ref_index(ref))->generation == 0)
                        return false;
                status_of_listener(s, time->now_ms, listener_at(s, ref_index(ref)), r);
                return true;
        case REF_NONE:
                break;
        }
        return false;
}

enum la_error
la_status(const struct la_stack *s, tcp_time now, struct la_handle handle, struct la_status *ret_status)
{
        struct tcp_host time = copy_of_time(s, now);
        struct la_status status;
        uint32_t limit = ref_kind(handle.index) == REF_TCB        ? s->tcbs.limit
                         : ref_kind(handle.index) == REF_LISTENER ? s->listeners.limit
                                                                  : 0;

        if (ref_index(handle.index) == 0 || ref_index(handle.index) > limit)
                return LA_ERR_HANDLE;
        if (!status_of(s, &time, handle.index, &status) || !la_handle_equal(status.handle, handle))
                return LA_ERR_HANDLE;
        *ret_status = status;
        return LA_OK;
}

/* The table of connections, slot by slot; then the listeners; then the connections that no segment finds any more. */
bool
la_next_status(const struct la_stack *s, tcp_time now, uint64_t *cursor, struct la_status *ret_status)
{
        const struct index_slot *slots = (const struct index_slot *)((uintptr_t)s + s->index.offset);
        struct tcp_host time = copy_of_time(s, now);
        uint64_t listeners = s->index.slots, detached = listeners + s->listeners.fresh, end = detached + s->tcbs.fresh;

        while (*cursor < end) {
                uint64_t at = (*cursor)++;
                uint32_t ref;

                if (at < listeners)
                        ref = slots[at].ref;
                else if (at < detached)
                        ref = at == listeners ? 0 : ref_make(REF_LISTENER, (uint32_t)(at - listeners));
                else
                        ref = at == detached || tcb_at(s, (uint32_t)(at - detached))->hashed
                                      ? 0
                                      : ref_make(REF_TCB, (uint32_t)(at - detached));
                if (ref && status_of(s, &time, ref, ret_status))
                        return true;
        }
        return false;
}

bool
la_find(const struct la_stack *s, tcp_time now, enum la_family family, const struct la_endpoint *local,
        const struct la_endpoint *remote, struct la_status *ret_status)
{
        struct tuple tuple = tuple_of(family, local, remote);
        struct tcp_host time = copy_of_time(s, now);
        uint32_t ref = index_find(s, &tuple, stack_hash(s, &tuple));

        return ref && status_of(s, &time, ref, ret_status);
}

/* ---- Counts ---- */

uint64_t
la_state_count(const struct la_stack *s, enum la_state state)
{
        return state < LA_STATE_COUNT ? s->host.states[state] : 0;
}

uint64_t
la_verdict_count(const struct la_stack *s, enum la_verdict verdict)
{
        return verdict < LA_VERDICT_COUNT ? s->host.verdicts[verdict] : 0;
}

uint64_t
la_transition_count(const struct la_stack *s, enum la_transition transition)
{
        return transition < LA_TRANSITION_COUNT ? s->host.transitions[transition] : 0;
}

uint64_t
la_counter(const struct la_stack *s, enum la_counter counter)
{
        return counter < LA_COUNTER_COUNT ? s->host.counters[counter] : 0;
}

struct la_usage
la_usage(const struct la_stack *s)
{
        return (struct la_usage){
                .connections = s->tcbs.used,
                .half_open = s->half_opens.used,
                .time_wait4 = s->time_waits4.used,
                .time_wait6 = s->time_waits6.used,
                .listeners = s->listeners.used,
                .chunks = s->host.chunks.used,
                .reassemblies = s->host.reassemblies.used,
                .orphans = s->orphans,
                .replies_lost = s->replies.lost,
        };
}

/* ---- The trace ---- */

bool
la_next_trace(struct la_stack *s, struct la_trace *ret_trace)
{
        struct trace_ring *r = &s->host.trace;

        if (r->count == 0)
                return false;
        *ret_trace = ((const struct la_trace *)((uintptr_t)s + r->offset))[r->first];
        r->first = (r->first + 1) % r->limit;
        r->count--;
        return true;
}

uint64_t
la_trace_lost(const struct la_stack *s)
{
        return s->host.trace.lost;
}
