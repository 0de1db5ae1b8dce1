/* SPDX-License-Identifier: BSD-2-Clause */
/* What the stack says about itself: the status of a handle, counts, and the trace. */
#include "stack/stack.h"

/* ---- Status ---- */

static void
status_of_listener(const struct listener *l, struct la_status *r)
{
        *r = (struct la_status){
                .state = LA_LISTEN,
                .came_by = LA_T_CLOSED_PASSIVE_OPEN,
                .came_by_known = true,
                .user = l->user,
        };
}

enum la_error
la_status(const struct la_stack *s, tcp_time now, struct la_handle handle, struct la_status *ret_status)
{
        const struct listener *l = listener_of(s, handle);
        uint32_t tcb = tcb_of(s, handle);

        (void)now;
        if (!tcb && !l)
                return LA_ERR_HANDLE;
        if (l)
                status_of_listener(l, ret_status);
        else
                tcb_status(tcb_at(s, tcb), ret_status);
        return LA_OK;
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
                .paced = s->host.pacers.used,
                .orphans = s->orphans,
                .replies_lost = s->replies.lost,
        };
}

const struct la_config *
la_stack_config(const struct la_stack *s)
{
        return &s->config;
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
