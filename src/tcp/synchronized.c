/* SPDX-License-Identifier: BSD-2-Clause */
/* SEGMENT ARRIVES in the states that have heard from the peer: RFC 9293 3.10.7.4, steps one to four and their order. */
#include "tcp/arrives.h"
#include "tcp/ecn.h"
#include "tcp/fastopen.h"
#include "tcp/reassembly.h"
#include "tcp/timeouts.h"
#include "tcp/timestamps.h"

/* Table 6. */
static bool
segment_acceptable(const struct tcb *t, const struct arrival *a)
{
        uint32_t window = tcb_window(t), length = a->length + (a->fin ? 1 : 0) + (a->segment->syn ? 1 : 0);

        if (length == 0)
                return window == 0 ? seq_eq(a->seq, t->rcv.nxt) : seq_in_window(a->seq, t->rcv.nxt, window);
        if (window == 0)
                return false;
        return LA_LIKELY(seq_in_window(a->seq, t->rcv.nxt, window)) ||
               seq_in_window(seq_add(a->seq, length - 1), t->rcv.nxt, window);
}

/* "further processing only of the new parts": cuts off what was received before and what exceeds the window. */
static void
cut_to_window(struct tcp_host *h, struct tcb *t, struct arrival *a)
{
        uint32_t window;

        if (LA_UNLIKELY(seq_lt(a->seq, t->rcv.nxt))) {
                uint32_t old = seq_distance(a->seq, t->rcv.nxt);

                if (old > a->length)
                        old = a->length;
                if (old > 0)
                        reassembly_note_duplicate(h, t, a->seq, seq_add(a->seq, old));
                a->seq = seq_add(a->seq, old);
                a->skipped += old;
                a->length -= old;
        }
        window = tcb_window(t);
        if (LA_LIKELY(seq_in_window(a->seq, t->rcv.nxt, window)) || window == 0) {
                uint32_t room = window == 0 ? 0 : window - seq_distance(t->rcv.nxt, a->seq);

                if (LA_UNLIKELY(a->length + (a->fin ? 1 : 0) > room)) {
                        a->fin = false;
                        if (a->length > room)
                                a->length = room;
                }
        }
}

/* "If the RCV.WND is zero, no segments will be acceptable, but special allowance should be made to accept valid ACKs,
 * URGs, and RSTs" (MUST-66). */
static bool
nothing_but_text_refused(const struct tcb *t, const struct arrival *a)
{
        return tcb_window(t) == 0 && seq_eq(a->seq, t->rcv.nxt) && (!a->segment->syn || a->segment->rst);
}

static LA_RARELY enum la_verdict
refuse(struct tcp_host *h, struct tcb *t, const struct arrival *a)
{
        tcp_seq end = seq_add(a->seq, a->length);

        if (a->segment->rst)
                return LA_V_NOT_ACCEPTABLE_RST;
        if (a->length > 0 && seq_le(end, t->rcv.nxt))
                reassembly_note_duplicate(h, t, a->seq, end);
        return LA_V_NOT_ACCEPTABLE;
}

/* "The only thing that can arrive in this state is a retransmission of the remote FIN", which acknowledges ours. */
static LA_RARELY bool
is_fin_again(const struct tcb *t, const struct segment *s)
{
        return s->fin && s->ack && !s->rst && !s->syn && seq_eq(segment_end(s), t->rcv.nxt) &&
               seq_le(s->ack_seq, t->snd.nxt) && seq_ge(s->ack_seq, seq_sub(t->snd.una, t->snd.max_wnd));
}

/* Figure 7, line 6: in a simultaneous open the peer's SYN comes again with the acknowledgment of ours. */
static bool
is_crossed_syn_ack(const struct tcb *t, const struct segment *s)
{
        return t->state == LA_SYN_RECEIVED && !t->passive && s->syn && s->ack && !s->rst && seq_eq(s->seq, t->rcv.irs);
}

static enum la_verdict
first_check_sequence(struct tcp_host *h, struct tcb *t, struct arrival *a)
{
        const struct segment *s = a->segment;
        bool waiting = t->state == LA_TIME_WAIT;

        /* RFC 6191: a SYN in TIME_WAIT is judged by its timestamp or sequence number, in the fourth step. */
        if (LA_UNLIKELY(waiting) && s->syn && !s->rst && !s->ack)
                return LA_V_GO_ON;
        if (fastopen_is_syn_again(t, s))
                return fastopen_on_syn_again(h, t, s);
        if (timestamps_refuse(h, t, s)) {
                count(h, waiting ? LA_C_PAWSTimewait : LA_C_PAWSEstab);
                return LA_V_PAWS;
        }
        if (LA_UNLIKELY(waiting) && is_fin_again(t, s))
                return LA_V_TIME_WAIT_FIN;
        if (is_crossed_syn_ack(t, s)) {
                a->seq = t->rcv.nxt;
                return LA_V_GO_ON;
        }
        if (LA_UNLIKELY(!segment_acceptable(t, a))) {
                if (!nothing_but_text_refused(t, a))
                        return refuse(h, t, a);
                t->want_ack = true;
        }
        if (LA_LIKELY(!s->syn))
                cut_to_window(h, t, a);
        return LA_V_GO_ON;
}

/* 3.10.7.4, SYN-RECEIVED: back to LISTEN what came from there; to TIME_WAIT what a SYN had reopened; refused the rest.
 * What the user has been given already (Fast Open) cannot be forgotten. */
static LA_RARELY void
reset_half_open(struct tcp_host *h, struct tcb *t)
{
        if (t->let_in) {
                tcb_end(h, t, LA_T_SYN_RECEIVED_RCV_RST_FAST_OPEN, LA_ERR_RESET);
                return;
        }
        if (!t->passive) {
                tcb_end(h, t, LA_T_SYN_RECEIVED_RCV_RST_ACTIVE, LA_ERR_REFUSED);
                return;
        }
        tcb_move(h, t, t->reopened ? LA_T_SYN_RECEIVED_RCV_RST_REOPENED : LA_T_SYN_RECEIVED_RCV_RST_PASSIVE);
        count(h, LA_C_AttemptFails);
}

static enum la_verdict
second_check_rst(struct tcp_host *h, struct tcb *t, const struct segment *s)
{
        if (LA_LIKELY(!s->rst))
                return LA_V_GO_ON;
        /* Its text may reach into the window: what counts is where the reset itself lies (RFC 5961 3.2, 1). */
        if (!seq_eq(s->seq, t->rcv.nxt) && !seq_in_window(s->seq, t->rcv.nxt, tcb_window(t)))
                return LA_V_NOT_ACCEPTABLE_RST;
        if (t->state == LA_TIME_WAIT && h->rules.rfc1337)
                return LA_V_RST_TIME_WAIT;
        if (!seq_eq(s->seq, t->rcv.nxt))
                return LA_V_RST_CHALLENGED;
        if (t->state == LA_SYN_RECEIVED)
                reset_half_open(h, t);
        else
                tcb_end(h, t, row_of_rst((enum la_state)t->state), LA_ERR_RESET);
        return LA_V_RST;
}

/* RFC 6191 2, case by case; without timestamps RFC 1122 4.2.2.13 (b).  The last number the peer used is its FIN's. */
bool
syn_reopens(const struct tcp_host *h, const struct tcb *t, const struct segment *s)
{
        bool higher = seq_ge(s->seq, t->rcv.nxt), with_timestamps = s->options.has_timestamps && h->rules.timestamps;
        int32_t later = (int32_t)(s->options.ts_value - t->ts.recent);

        if (!with_timestamps)
                return higher;
        if (!t->timestamps)
                return true;
        return later > 0 || (later == 0 && higher);
}

static enum la_verdict
fourth_check_syn(struct tcp_host *h, struct tcb *t, const struct arrival *a)
{
        const struct segment *s = a->segment;

        if (LA_LIKELY(!s->syn))
                return LA_V_GO_ON;
        if (is_crossed_syn_ack(t, s))
                return LA_V_GO_ON;
        /* "If the SYN is not in the window, this step would not be reached": one that only drags its text in is cut off. */
        if (t->state == LA_SYN_RECEIVED && t->passive && !t->let_in &&
            seq_in_window(s->seq, t->rcv.nxt, tcb_window(t))) {
                tcb_move(h, t, LA_T_SYN_RECEIVED_RCV_SYN_PASSIVE);
                count(h, LA_C_AttemptFails);
                return LA_V_SYN_RECEIVED_BACK_TO_LISTEN;
        }
        if (t->state == LA_TIME_WAIT && !s->ack && !s->fin && syn_reopens(h, t, s))
                return LA_V_SYN_REOPENS;
        count(h, LA_C_TCPSYNChallenge);
        return LA_V_SYN_CHALLENGED;
}

enum la_verdict
arrives_synchronized(struct tcp_host *h, struct tcb *t, struct arrival *a)
{
        enum la_verdict v;

        if ((v = first_check_sequence(h, t, a)) != LA_V_GO_ON)
                return v;
        if ((v = second_check_rst(h, t, a->segment)) != LA_V_GO_ON)
                return v;
        if ((v = fourth_check_syn(h, t, a)) != LA_V_GO_ON)
                return v;
        timers_on_answer(h, t);
        if ((v = fifth_check_ack(h, t, a)) != LA_V_GO_ON)
                return v;
        timestamps_remember(h, t, a->segment);
        ecn_take_mark(t, a->segment);
        if ((v = sixth_check_urg(h, t, a)) != LA_V_GO_ON)
                return v;
        if ((v = seventh_process_text(h, t, a)) == LA_V_GO_ON)
                v = eighth_check_fin(h, t, a);
        leave_fin_wait_1(h, t);
        return v;
}
