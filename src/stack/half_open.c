/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Half-open connections: SYN_RECEIVED from a listener, as a record of 84 bytes until the handshake is complete.
 *
 * The SYN,ACK is repeated after 1, 2, 4, ... seconds.  Records that have repeated it equally often wait equally long:
 * a queue for each number is all the timer there is.
 */
#include "stack/stack.h"

#include "tcp/ecn.h"
#include "tcp/fastopen.h"
#include "tcp/isn.h"
#include "tcp/mss.h"
#include "tcp/rto.h"
#include "tcp/timestamps.h"
#include "tcp/window.h"

/* ---- The queues ---- */

static void
queue_append(struct la_stack *s, uint32_t index)
{
        struct half_open *o = half_open_at(s, index);
        uint32_t level = o->retries < HALF_OPEN_LEVELS ? o->retries : HALF_OPEN_LEVELS - 1;
        struct queue *q = &s->half_open_queue[level];
        uint64_t wait_us = (uint64_t)RTO_INITIAL_US << level;

        if (wait_us > s->host.rules.rto_max_us)
                wait_us = s->host.rules.rto_max_us;
        o->level = (uint8_t)level;
        o->due_ms = ms_after(&s->host, wait_us);
        o->previous = q->last;
        o->next = 0;
        if (q->last)
                half_open_at(s, q->last)->next = index;
        else
                q->first = index;
        q->last = index;
}

static void
queue_remove(struct la_stack *s, uint32_t index)
{
        struct half_open *o = half_open_at(s, index);
        struct queue *q = &s->half_open_queue[o->level];

        if (o->previous)
                half_open_at(s, o->previous)->next = o->next;
        else
                q->first = o->next;
        if (o->next)
                half_open_at(s, o->next)->previous = o->previous;
        else
                q->last = o->previous;
}

/* ---- From a SYN, and to a connection ---- */

void
half_open_take_rules(struct half_open *o, const struct tcp_rules *rules)
{
        o->receive_shift = o->window_scaling ? window_shift(rules->receive_buffer[2]) : 0;
        o->ts_plain = !o->timestamps || rules->timestamps == 2;
}

void
half_open_fill(struct la_stack *s, const struct half_open *o, struct tcb *t)
{
        struct tcp_host *h = &s->host;
        const struct listener *l = listener_at(s, o->listener);

        tcb_init(h, t, &o->tuple, &l->set);
        t->state = LA_SYN_RECEIVED;
        t->came_by = o->came_by;
        t->since_ms = o->since_ms;
        t->passive = true;
        t->reopened = o->shadow != 0;
        t->window_scaling = o->window_scaling;
        t->sack = o->sack;
        t->timestamps = o->timestamps;
        t->receive_shift = o->receive_shift;
        t->ecn = o->ecn;
        t->send_shift = o->send_shift;
        t->ts.recent = o->ts_recent;
        t->ts.recent_ms = o->since_ms;
        t->ts.offset = o->ts_plain ? 0 : timestamps_offset(h, &o->tuple);
        t->snd.iss = t->snd.una = o->iss;
        t->snd.nxt = t->snd.rtx = t->snd.end = seq_add(o->iss, 1);
        t->snd.up = o->iss;
        t->syn_unacked = true;
        t->snd.wnd = t->snd.max_wnd = o->window;
        t->snd.wl1 = o->irs;
        t->rcv.irs = o->irs;
        t->rcv.nxt = t->rcv.read = t->rcv.acked = t->rcv.up = seq_add(o->irs, 1);
        t->rcv.edge = t->rcv.nxt;
        t->receive_mss = mss_to_announce(h, &o->tuple, l->set.mss);
        t->send_mss = mss_to_send(h, t, o->peer_mss);
        t->retransmitted = t->first_rto_done = o->retries > 0;
        /* What the SYN,ACK offered. */
        (void)window_offer(h, t, true);
        /* The SYN's round trip, if it was sent once (Karn). */
        if (o->retries == 0) {
                t->rtt_on = true;
                t->rtt.seq = o->iss;
                t->rtt.begun_us = o->since_ms * 1000;
        }
}

static void
send_syn_ack(struct la_stack *s, uint32_t index, bool again, const struct tcp_options *offer)
{
        struct half_open *o = half_open_at(s, index);
        struct tcb *t = tcb_at(s, 0);
        struct outgoing *out = reply_slot(s);

        half_open_fill(s, o, t);
        t->snd.rtx = t->snd.iss;
        t->first_rto_done = again;
        if (!output_next(&s->host, t, 1, out))
                return;
        out->again = false; /* OutSegs counts it each time, as Linux's does */
        if (offer && offer->has_fastopen)
                fastopen_cookie_copy(offer, &out->segment.options);
        reply_add(s);
}

void
half_open_from_syn(const struct la_stack *s, uint32_t listener, const struct tuple *tuple, const struct segment *g,
                   uint32_t shadow, struct half_open *ret_half_open)
{
        const struct tcp_rules *rules = &s->host.rules;
        struct half_open *o = ret_half_open;

        *o = (struct half_open){ 0 };
        o->listener = listener;
        o->shadow = shadow;
        tuple_copy(&o->tuple, tuple);
        o->irs = g->seq;
        o->iss = shadow ? isn_choose_after(&s->host, tuple, time_wait_at(s, shadow)->snd_nxt)
                        : isn_choose(&s->host, tuple);
        o->peer_mss = g->options.has_mss ? g->options.mss_bytes : mss_default(tuple);
        o->window = g->window;
        o->window_scaling = rules->window_scaling && g->options.has_window_scale;
        o->send_shift = o->window_scaling ? g->options.window_shift : 0;
        o->sack = rules->sack && g->options.sack_permitted;
        o->timestamps = rules->timestamps && g->options.has_timestamps;
        o->ts_recent = o->timestamps ? g->options.ts_value : 0;
        o->ecn = ecn_granted(&s->host, g);
        half_open_take_rules(o, rules);
        o->since_ms = s->host.now_ms;
        o->came_by = shadow ? LA_T_TIME_WAIT_RCV_SYN : LA_T_LISTEN_RCV_SYN;
}

uint32_t
half_open_add(struct la_stack *s, uint32_t listener, const struct tuple *tuple, const struct segment *g,
              uint32_t shadow, const struct tcp_options *offer)
{
        uint32_t index = pool_take(&s->host, &s->half_opens), hash = stack_hash(s, tuple);
        struct half_open *o = half_open_at(s, index);

        if (!index)
                return 0;
        half_open_from_syn(s, listener, tuple, g, shadow, o);
        if (shadow) {
                time_wait_at(s, shadow)->shadowed = true;
                index_replace(s, hash, shadow, ref_make(REF_HALF_OPEN, index));
        } else {
                index_add(s, hash, ref_make(REF_HALF_OPEN, index));
        }
        host_transition(&s->host, tuple, (enum la_transition)o->came_by, shadow != 0, true);
        listener_at(s, listener)->half_open++;
        queue_append(s, index);
        send_syn_ack(s, index, false, offer);
        return index;
}

/* ---- Ends ---- */

static void
give(struct la_stack *s, uint32_t index)
{
        struct half_open *o = half_open_at(s, index);

        listener_at(s, o->listener)->half_open--;
        queue_remove(s, index);
        pool_give(&s->host, &s->half_opens, index);
}

static void
unhash(struct la_stack *s, uint32_t index)
{
        index_remove(s, stack_hash(s, &half_open_at(s, index)->tuple), ref_make(REF_HALF_OPEN, index));
}

static void
drop(struct la_stack *s, uint32_t index)
{
        uint32_t shadow = half_open_at(s, index)->shadow;

        unhash(s, index);
        give(s, index);
        if (shadow)
                time_wait_forget(s, shadow);
}

void
half_open_end(struct la_stack *s, uint32_t index, enum la_transition row)
{
        host_transition(&s->host, &half_open_at(s, index)->tuple, row, true, false);
        drop(s, index);
}

/* ---- Segments ---- */

/* RFC 1122 4.2.2.20: the SYN again means that the SYN,ACK was lost, or is under way. */
static bool
is_syn_again(const struct half_open *o, const struct segment *g)
{
        return g->syn && !g->ack && !g->rst && seq_eq(g->seq, o->irs);
}

/* Is this the acknowledgment that completes the handshake, for a listener that has no room?  Linux drops it, and the peer
 * believes itself connected until data or our SYN,ACK bring the matter up again; or resets. */
static bool
finds_no_room(const struct la_stack *s, const struct half_open *o, const struct segment *g)
{
        return g->ack && !g->rst && !g->syn && seq_eq(g->ack_seq, seq_add(o->iss, 1)) &&
               !listener_accepts(s, listener_at(s, o->listener));
}

static LA_RARELY enum la_verdict
overflow(struct la_stack *s, uint32_t index)
{
        struct half_open *o = half_open_at(s, index);

        count(&s->host, LA_C_ListenOverflows);
        listener_count_drop(s, listener_at(s, o->listener));
        if (s->host.rules.abort_on_overflow) {
                half_open_end(s, index, LA_T_SYN_RECEIVED_ACCEPT_OVERFLOW);
                return LA_V_SYN_RECEIVED_QUEUE_FULL_RST;
        }
        o->acked = true;
        return LA_V_SYN_RECEIVED_QUEUE_FULL;
}

static void
promote(struct la_stack *s, uint32_t index, uint32_t tcb)
{
        struct half_open *o = half_open_at(s, index);
        struct tcb *t = tcb_at(s, tcb);
        uint32_t listener = o->listener, shadow = o->shadow;

        index_replace(s, stack_hash(s, &o->tuple), ref_make(REF_HALF_OPEN, index), ref_make(REF_TCB, tcb));
        t->hashed = true;
        give(s, index);
        if (shadow)
                time_wait_forget(s, shadow);
        count(&s->host, LA_C_PassiveOpens);
        pacing_on_opened(&s->host, t, listener_at(s, listener)->max_pacing_rate);
        listener_queue(s, listener, tcb);
        settle(s, tcb);
}

/* The connection that was made for the segment says what becomes of the record. */
static void
follow(struct la_stack *s, uint32_t index, uint32_t tcb)
{
        struct half_open *o = half_open_at(s, index);
        struct tcb *t = tcb_at(s, tcb);
        uint32_t shadow;

        switch ((enum la_state)t->state) {
        case LA_SYN_RECEIVED:
                o->ts_recent = t->ts.recent;
                if (t->want_ack) {
                        output_ack(&s->host, t, reply_begin(s));
                        reply_add(s);
                }
                tcb_give(s, tcb);
                return;
        case LA_LISTEN:
                drop(s, index);
                tcb_give(s, tcb);
                return;
        case LA_TIME_WAIT:
                shadow = o->shadow;
                unhash(s, index);
                give(s, index);
                time_wait_revive(s, shadow, LA_T_SYN_RECEIVED_RCV_RST_REOPENED);
                tcb_give(s, tcb);
                return;
        case LA_ESTABLISHED:
        case LA_CLOSE_WAIT:
                promote(s, index, tcb);
                return;
        case LA_CLOSED:
        case LA_SYN_SENT:
        case LA_FIN_WAIT_1:
        case LA_FIN_WAIT_2:
        case LA_CLOSING:
        case LA_LAST_ACK:
        case LA_STATE_COUNT:
                LA_NOT_REACHED("a half-open connection opens, stays, or goes back");
        }
}

enum la_verdict
half_open_arrives(struct la_stack *s, uint32_t index, struct arrival *a)
{
        struct half_open *o = half_open_at(s, index);
        enum la_verdict verdict;
        uint32_t tcb;

        if (is_syn_again(o, a->segment)) {
                o->ecn = o->ecn && ecn_granted(&s->host, a->segment); /* RFC 3168 6.1.1.1, the peer's second thoughts */
                send_syn_ack(s, index, true, NULL);
                return LA_V_SYN_RECEIVED_SYN_AGAIN;
        }
        if (finds_no_room(s, o, a->segment))
                return overflow(s, index);
        tcb = tcb_take_blank(s);
        if (!tcb) {
                listener_count_drop(s, listener_at(s, o->listener));
                return LA_V_NO_MEMORY;
        }
        half_open_fill(s, o, tcb_at(s, tcb));
        verdict = arrives(&s->host, tcb_at(s, tcb), a);
        follow(s, index, tcb);
        return verdict;
}

/* ---- Time ---- */

bool
half_open_next(const struct la_stack *s, uint32_t *ret_ms)
{
        bool any = false;

        for (unsigned int level = 0; level < HALF_OPEN_LEVELS; level++) {
                uint32_t first = s->half_open_queue[level].first;

                if (!first)
                        continue;
                if (!any || (int32_t)(half_open_at(s, first)->due_ms - *ret_ms) < 0)
                        *ret_ms = half_open_at(s, first)->due_ms;
                any = true;
        }
        return any;
}

static void
timeout(struct la_stack *s, uint32_t index)
{
        struct half_open *o = half_open_at(s, index);

        count(&s->host, LA_C_TCPTimeouts);
        if (o->retries >= s->host.rules.synack_retries) {
                half_open_end(s, index, LA_T_SYN_RECEIVED_GIVE_UP);
                return;
        }
        queue_remove(s, index);
        o->retries++;
        queue_append(s, index);
        send_syn_ack(s, index, true, NULL);
}

void
half_open_advance(struct la_stack *s)
{
        if (s->half_opens.used == 0)
                return;
        for (unsigned int level = 0; level < HALF_OPEN_LEVELS; level++) {
                uint32_t first;

                while ((first = s->half_open_queue[level].first) != 0 &&
                       ms_reached(s->host.now_ms, half_open_at(s, first)->due_ms))
                        timeout(s, first);
        }
}
