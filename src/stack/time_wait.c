/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TIME_WAIT, and FIN_WAIT_2 that nobody holds, as compact records.
 *
 * Why wait at all: the last ACK may be lost, and then the peer's FIN comes again and must find somebody who knows (RFC
 * 9293 3.6.1, MUST-13); and segments of the old connection may still be under way, which a new one between the same
 * ports must not take for its own.
 *
 * All records of a kind wait equally long, so that a queue is enough to know which ends next: the one whose wait began
 * first.  The length is looked up when it ends, and a change holds for those who wait already.  A record whose wait
 * begins anew goes to the queue's end.
 *
 * A segment for a record is judged by the steps of src/tcp like any other, in the spare connection number 0.
 */
#include "stack/stack.h"

#include <string.h>

#include "tcp/isn.h"
#include "tcp/timestamps.h"
#include "tcp/window.h"
#include "wire/bytes.h"

#define SPARE 0

/* What waits no longer than this Linux counts as killed (__inet_twsk_schedule()). */
#define KILLED_MS 4000u

static size_t
address_bytes(uint32_t ref)
{
        return ref_kind(ref) == REF_TIME_WAIT4 ? 4 : 16;
}

struct tuple
time_wait_tuple(const struct la_stack *s, uint32_t ref)
{
        const struct time_wait *w = time_wait_at(s, ref);
        size_t n = address_bytes(ref);
        struct tuple t = { .local_port = w->local_port, .remote_port = w->remote_port };

        t.family = n == 4 ? LA_IPV4 : LA_IPV6;
        if (n == 4) {
                put4_of_16(t.local, w->address);
                put4_of_16(t.remote, w->address + 4);
        } else {
                memcpy(t.local, w->address, 16);
                memcpy(t.remote, w->address + 16, 16);
        }
        return t;
}

/* ---- The queues ---- */

static struct queue *
queue_of(struct la_stack *s, uint32_t ref)
{
        const struct time_wait *w = time_wait_at(s, ref);
        enum time_wait_queue q = w->fin_wait_2 ? QUEUE_FIN_WAIT4 : w->recycled ? QUEUE_RECYCLED4 : QUEUE_TIME_WAIT4;

        return &s->time_wait_queue[ref_kind(ref) == REF_TIME_WAIT4 ? q : q + 1];
}

static void
queue_append(struct la_stack *s, uint32_t ref)
{
        struct queue *q = queue_of(s, ref);
        struct time_wait *w = time_wait_at(s, ref);

        w->previous = q->last;
        w->next = 0;
        if (q->last)
                time_wait_at(s, q->last)->next = ref;
        else
                q->first = ref;
        q->last = ref;
}

static void
queue_remove(struct la_stack *s, uint32_t ref)
{
        struct queue *q = queue_of(s, ref);
        struct time_wait *w = time_wait_at(s, ref);

        if (w->previous)
                time_wait_at(s, w->previous)->next = w->next;
        else
                q->first = w->next;
        if (w->next)
                time_wait_at(s, w->next)->previous = w->previous;
        else
                q->last = w->previous;
}

static void
wait_anew(struct la_stack *s, uint32_t ref)
{
        queue_remove(s, ref);
        time_wait_at(s, ref)->since_ms = s->host.now_ms;
        queue_append(s, ref);
}

uint32_t
time_wait_length_ms(const struct la_stack *s, const struct time_wait *w)
{
        if (w->fin_wait_2)
                return s->host.rules.fin_timeout_ms;
        return w->recycled ? recycle_wait_ms(s) : s->host.rules.time_wait_ms;
}

/* ---- From a connection and back ---- */

static void
put_addresses(struct time_wait *w, const struct tuple *tuple)
{
        if (LA_LIKELY(tuple->family == LA_IPV4)) {
                memcpy(w->address, tuple->local, 4);
                memcpy(w->address + 4, tuple->remote, 4);
        } else {
                memcpy(w->address, tuple->local, 16);
                memcpy(w->address + 16, tuple->remote, 16);
        }
}

static void
take_facts(struct time_wait *w, const struct tcb *t)
{
        uint32_t window = tcb_window(t) >> t->receive_shift;

        w->snd_nxt = t->snd.nxt;
        w->rcv_nxt = t->rcv.nxt;
        w->ts_recent = t->ts.recent;
        w->window = (uint16_t)(window < 65535 ? window : 65535);
        w->shift = (uint8_t)(t->receive_shift & 15u) & 15u;
        w->timestamps = t->timestamps;
        w->sack = t->sack;
        w->ts_plain = t->ts.offset == 0;
        w->tos = t->set.tos;
        w->ttl = t->set.ttl;
        w->came_by = t->came_by;
        w->fin_wait_2 = t->state == LA_FIN_WAIT_2;
}

/* A record is in TIME_WAIT: under tcp_tw_recycle its host is remembered instead. */
static void
consider_recycling(struct la_stack *s, struct time_wait *w, const struct tuple *tuple)
{
        w->recycled = s->host.rules.tw_recycle && w->timestamps && !w->fin_wait_2;
        if (w->recycled)
                recycle_remember(s, tuple, w->ts_recent);
}

bool
time_wait_add(struct la_stack *s, uint32_t tcb)
{
        struct tcb *t = tcb_at(s, tcb);
        enum ref_kind kind = t->tuple.family == LA_IPV4 ? REF_TIME_WAIT4 : REF_TIME_WAIT6;
        struct pool *pool = kind == REF_TIME_WAIT4 ? &s->time_waits4 : &s->time_waits6;
        bool full = s->time_waits4.used + s->time_waits6.used >= s->host.rules.max_tw_buckets;
        uint32_t ref = ref_make(kind, full ? 0 : pool_take(&s->host, pool));
        struct time_wait *w = time_wait_at(s, ref);

        if (LA_UNLIKELY(ref_index(ref) == 0)) {
                count(&s->host, LA_C_TCPTimeWaitOverflow);
                return false;
        }
        *w = (struct time_wait){ 0 };
        put_addresses(w, &t->tuple);
        w->local_port = t->tuple.local_port;
        w->remote_port = t->tuple.remote_port;
        take_facts(w, t);
        consider_recycling(s, w, &t->tuple);
        w->entered_ms = t->since_ms;
        w->since_ms = s->host.now_ms;
        queue_append(s, ref);
        index_replace(s, stack_hash(s, &t->tuple), ref_make(REF_TCB, tcb), ref);
        count(&s->host, time_wait_length_ms(s, w) > KILLED_MS ? LA_C_TW : LA_C_TWKilled);
        return true;
}

void
time_wait_fill(const struct la_stack *s, uint32_t ref, struct tcb *t)
{
        const struct time_wait *w = time_wait_at(s, ref);
        struct tuple tuple = time_wait_tuple(s, ref);
        struct tcp_host *h = (struct tcp_host *)&s->host;

        tcb_init(h, t, &tuple, NULL);
        t->set.receive_buffer = (uint32_t)w->window << w->shift;
        t->set.tos = w->tos;
        t->set.ttl = w->ttl;
        t->state = w->fin_wait_2 ? LA_FIN_WAIT_2 : LA_TIME_WAIT;
        t->came_by = w->came_by;
        t->since_ms = w->entered_ms;
        t->dead = t->closed = true;
        t->peer_closed = !w->fin_wait_2;
        t->timestamps = w->timestamps;
        t->sack = w->sack;
        t->receive_shift = w->shift;
        t->receive_mss = t->send_mss = 536;
        t->snd.una = t->snd.rtx = t->snd.nxt = w->snd_nxt;
        t->snd.iss = t->snd.end = seq_sub(w->snd_nxt, 1);
        t->snd.max_wnd = UINT32_C(65535) << TCP_WINDOW_SHIFT_MAX; /* RFC 5961 5.2: "may be hard-coded" */
        t->rcv.nxt = t->rcv.acked = t->rcv.up = w->rcv_nxt;
        t->rcv.read = w->fin_wait_2 ? w->rcv_nxt : seq_sub(w->rcv_nxt, 1);
        t->rcv.irs = seq_sub(t->rcv.read, 1);
        t->rcv.edge = seq_add(w->rcv_nxt, t->set.receive_buffer);
        t->ts.recent = w->ts_recent;
        t->ts.recent_ms = w->since_ms;
        t->ts.offset = w->ts_plain ? 0 : timestamps_offset(&s->host, &tuple);
}

/* ---- Ends ---- */

static void
give(struct la_stack *s, uint32_t ref)
{
        queue_remove(s, ref);
        pool_give(&s->host, ref_kind(ref) == REF_TIME_WAIT4 ? &s->time_waits4 : &s->time_waits6, ref_index(ref));
}

static void
unhash(struct la_stack *s, uint32_t ref)
{
        struct tuple tuple = time_wait_tuple(s, ref);

        index_remove(s, stack_hash(s, &tuple), ref);
}

void
time_wait_end(struct la_stack *s, uint32_t ref, enum la_transition row)
{
        struct tuple tuple = time_wait_tuple(s, ref);

        host_transition(&s->host, &tuple, row, true, false);
        unhash(s, ref);
        give(s, ref);
}

void
time_wait_forget(struct la_stack *s, uint32_t ref)
{
        LA_ASSERT(time_wait_at(s, ref)->shadowed);
        give(s, ref);
}

/* The half-open connection that took this record's place is gone: TIME_WAIT goes on. */
void
time_wait_revive(struct la_stack *s, uint32_t ref, enum la_transition row)
{
        struct time_wait *w = time_wait_at(s, ref);
        struct tuple tuple = time_wait_tuple(s, ref);

        w->shadowed = false;
        w->came_by = (uint8_t)row;
        w->entered_ms = s->host.now_ms;
        index_add(s, stack_hash(s, &tuple), ref);
}

/* ---- Segments ---- */

static void
send_ack(struct la_stack *s, struct tcb *t)
{
        if (!t->want_ack)
                return;
        output_ack(&s->host, t, reply_begin(s));
        reply_add(s);
}

/* What the steps made of it goes back into the record. */
static void
write_back(struct la_stack *s, uint32_t ref, struct tcb *t, enum la_verdict verdict)
{
        struct time_wait *w = time_wait_at(s, ref);
        bool was_fin_wait_2 = w->fin_wait_2;

        send_ack(s, t);
        if (was_fin_wait_2 && t->state == LA_TIME_WAIT) {
                queue_remove(s, ref);
                take_facts(w, t);
                consider_recycling(s, w, &t->tuple);
                w->entered_ms = w->since_ms = s->host.now_ms;
                queue_append(s, ref);
                return;
        }
        w->ts_recent = t->ts.recent;
        if (verdict == LA_V_TIME_WAIT_FIN)
                wait_anew(s, ref);
}

/* A SYN that may open the connection anew, if somebody listens. */
static enum la_verdict
reopen(struct la_stack *s, uint32_t ref, struct arrival *a)
{
        struct tuple tuple = time_wait_tuple(s, ref);
        uint32_t listener = listener_find(s, &tuple);
        enum la_verdict verdict;

        if (!listener)
                return LA_V_SYN_CHALLENGED;
        verdict = listener_take_syn(s, listener, &tuple, a, ref);
        return verdict == LA_V_GO_ON ? LA_V_SYN_REOPENS : verdict;
}

/* A SYN cookie that was sent to the one who would reopen this connection comes back: only now is it replaced. */
static bool
answers_cookie(struct la_stack *s, uint32_t ref, struct arrival *a, enum la_verdict *ret_verdict)
{
        struct tuple tuple = time_wait_tuple(s, ref);
        uint32_t listener;
        enum la_verdict verdict;

        if (!a->segment->ack || a->segment->rst || a->segment->syn || time_wait_at(s, ref)->fin_wait_2)
                return false;
        /* What may belong to the old connection does. */
        if (seq_le(a->segment->ack_seq, time_wait_at(s, ref)->snd_nxt))
                return false;
        listener = listener_find(s, &tuple);
        if (!listener)
                return false;
        verdict = cookie_arrives(s, listener, &tuple, a, ref);
        if (verdict == LA_V_LISTEN_COOKIE_BAD || verdict == LA_V_LISTEN_ACK)
                return false;
        *ret_verdict = verdict;
        return true;
}

/* The record ends, stays or changes as the steps have decided. */
static void
follow(struct la_stack *s, uint32_t ref, struct tcb *t, enum la_verdict verdict)
{
        if (t->state != LA_CLOSED) {
                write_back(s, ref, t, verdict);
                return;
        }
        s->host.states[LA_CLOSED]--; /* the steps recorded the row, for a connection that nobody holds */
        unhash(s, ref);
        give(s, ref);
}

enum la_verdict
time_wait_arrives(struct la_stack *s, uint32_t ref, struct arrival *a)
{
        struct tcb *t = tcb_at(s, SPARE);
        enum la_verdict verdict;

        if (answers_cookie(s, ref, a, &verdict))
                return verdict;
        time_wait_fill(s, ref, t);
        verdict = arrives(&s->host, t, a);
        if (verdict == LA_V_SYN_REOPENS) {
                verdict = reopen(s, ref, a);
                if (verdict != LA_V_SYN_CHALLENGED || !host_challenge_allowed(&s->host))
                        return verdict;
                time_wait_fill(s, ref, t);
                t->want_ack = true;
        }
        follow(s, ref, t, verdict);
        tcb_quiet(&s->host, t, false); /* what the steps attached goes with the spare connection */
        return verdict;
}

/* ---- Time ---- */

bool
time_wait_next(const struct la_stack *s, uint32_t *ret_ms)
{
        bool any = false;

        for (enum time_wait_queue q = 0; q < QUEUE_COUNT; q++) {
                uint32_t first = s->time_wait_queue[q].first, at;

                if (!first)
                        continue;
                at = time_wait_at(s, first)->since_ms + time_wait_length_ms(s, time_wait_at(s, first));
                if (!any || (int32_t)(at - *ret_ms) < 0)
                        *ret_ms = at;
                any = true;
        }
        return any;
}

static void
expire(struct la_stack *s, uint32_t ref)
{
        struct time_wait *w = time_wait_at(s, ref);
        struct tuple tuple;
        uint32_t taker;

        if (!w->shadowed) {
                time_wait_end(s, ref, w->fin_wait_2 ? LA_T_FIN_WAIT_2_TIMEOUT : LA_T_TIME_WAIT_TIMEOUT);
                return;
        }
        tuple = time_wait_tuple(s, ref);
        taker = index_find(s, &tuple, stack_hash(s, &tuple));
        LA_ASSERT(ref_kind(taker) == REF_HALF_OPEN);
        half_open_at(s, ref_index(taker))->shadow = 0;
        give(s, ref);
}

void
time_wait_advance(struct la_stack *s)
{
        for (enum time_wait_queue q = 0; q < QUEUE_COUNT; q++) {
                uint32_t first;

                while (LA_UNLIKELY((first = s->time_wait_queue[q].first) != 0)) {
                        const struct time_wait *w = time_wait_at(s, first);

                        if (!ms_reached(s->host.now_ms, w->since_ms + time_wait_length_ms(s, w)))
                                break;
                        expire(s, first);
                }
        }
}

/* ---- tcp_tw_reuse ---- */

static bool
is_loopback(const struct tuple *t)
{
        static const uint8_t loopback6[16] = { [15] = 1 };

        if (t->family == LA_IPV4)
                return t->local[0] == 127 || t->remote[0] == 127;
        return memcmp(t->local, loopback6, 16) == 0 || memcmp(t->remote, loopback6, 16) == 0;
}

/* As Linux's tcp_twsk_unique(): timestamps must tell the two connections apart, and FIN_WAIT_2 is never replaced. */
bool
time_wait_may_reuse(const struct la_stack *s, uint32_t ref)
{
        const struct time_wait *w = time_wait_at(s, ref);
        const struct tcp_rules *rules = &s->host.rules;
        struct tuple tuple = time_wait_tuple(s, ref);

        if (rules->tw_reuse == 0 || (rules->tw_reuse == 2 && !is_loopback(&tuple)))
                return false;
        if (w->fin_wait_2 || !w->timestamps || !rules->timestamps)
                return false;
        return s->host.now_ms - w->since_ms >= rules->tw_reuse_delay_ms;
}
