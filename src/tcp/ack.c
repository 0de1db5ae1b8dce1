/* SPDX-License-Identifier: BSD-2-Clause */
/* The fifth step of SEGMENT ARRIVES: RFC 9293 3.10.7.4, "check the ACK field". */
#include "tcp/arrives.h"
#include "tcp/calls.h"
#include "tcp/congestion.h"
#include "tcp/ecn.h"
#include "tcp/recovery.h"
#include "tcp/rto.h"
#include "tcp/timeouts.h"

static uint32_t
window_of(const struct tcb *t, const struct segment *s)
{
        return s->syn ? s->window : (uint32_t)s->window << t->send_shift;
}

static void
take_window(struct tcp_host *h, struct tcb *t, const struct segment *s, tcp_seq seq)
{
        uint32_t before = t->snd.wnd;

        t->snd.wnd = window_of(t, s);
        t->snd.wl1 = seq;
        t->snd.wl2 = s->ack_seq;
        t->snd.max_wnd = t->snd.wnd > t->snd.max_wnd ? t->snd.wnd : t->snd.max_wnd;
        if (t->snd.wnd > before)
                timers_on_window(h, t);
}

/* "This check prevents using old segments to update the window." */
static void
update_window(struct tcp_host *h, struct tcb *t, const struct arrival *a)
{
        tcp_seq seq = a->segment->seq;

        if (seq_lt(t->snd.wl1, seq) || (seq_eq(t->snd.wl1, seq) && seq_le(t->snd.wl2, a->segment->ack_seq)))
                take_window(h, t, a->segment, seq);
}

void
release_acked(struct tcp_host *h, struct tcb *t)
{
        tcp_seq text_acked = seq_min(t->snd.una, t->snd.end);

        if (seq_eq(text_acked, t->snd.end))
                chain_clear(&h->chunks, &t->out);
        else
                chain_drop(&h->chunks, &t->out, text_acked);
        if (LA_UNLIKELY(t->send_urgent) && seq_ge(t->snd.una, t->snd.up))
                t->send_urgent = false;
        if (LA_UNLIKELY(t->write_blocked)) {
                t->write_blocked = false;
                tcb_send_buffer_grow(h, t);
                t->happened |= LA_HAPPENED_WRITABLE;
        }
        if (seq_ge(t->snd.una, t->closed ? seq_add(t->snd.end, 1) : t->snd.end))
                t->happened |= LA_HAPPENED_SENT;
}

static void
advance(struct tcp_host *h, struct tcb *t, const struct segment *s)
{
        uint32_t bytes = seq_distance(t->snd.una, s->ack_seq);

        t->snd.una = s->ack_seq;
        if (LA_UNLIKELY(t->syn_unacked)) {
                t->syn_unacked = false;
                timers_on_opened(h, t);
        }
        t->snd.rtx = seq_max(t->snd.rtx, t->snd.una);
        rto_on_acked(h, t, &s->options);
        if (t->state != LA_SYN_RECEIVED)
                recovery_on_acked(h, t, bytes, ecn_echoed(t, s));
        timers_on_acked(h, t);
        release_acked(h, t);
        t->soft_error = LA_OK;
        t->want_output = true;
}

/* RFC 5681 2: (a) data outstanding, which our SYN is not, (b) no data, (c) no SYN or FIN, (d) the highest number so far,
 * (e) the window as it was.  With SACK the window may have changed: the blocks say that something arrived. */
static bool
is_duplicate(const struct tcb *t, const struct arrival *a)
{
        const struct segment *s = a->segment;

        return seq_lt(t->snd.una, t->snd.nxt) && !t->syn_unacked && s->text_bytes == 0 && !s->fin && !s->syn &&
               seq_eq(s->ack_seq, t->snd.una) && (window_of(t, s) == t->snd.wnd || s->options.sack_count > 0);
}

static enum la_verdict
check_ack_of_syn(struct tcp_host *h, struct tcb *t, const struct arrival *a)
{
        if (!seq_in_range(a->segment->ack_seq, t->snd.una, t->snd.nxt))
                return LA_V_SYN_RECEIVED_BAD_ACK;
        if (a->segment->syn)
                ecn_take_syn(t, a->segment);
        tcb_move(h, t, LA_T_SYN_RECEIVED_RCV_ACK);
        take_window(h, t, a->segment, a->segment->seq);
        advance(h, t, a->segment);
        congestion_at(t->congestion)->on_established(h, t);
        enter_established(h, t);
        return LA_V_GO_ON;
}

/* RFC 2883 4.1: the first block lies before the acknowledgment.  It is counted; nothing else follows from it. */
static void
note_dsack(struct tcp_host *h, const struct tcb *t, const struct segment *s)
{
        if (LA_UNLIKELY(s->options.sack_count > 0) && t->sack && seq_lt(s->options.sack[0].left, s->ack_seq))
                count(h, LA_C_TCPDSACKRecv);
}

/* ESTABLISHED's processing, which all later states share. */
static enum la_verdict
check_ack_in_window(struct tcp_host *h, struct tcb *t, const struct arrival *a)
{
        const struct segment *s = a->segment;

        if (LA_UNLIKELY(seq_gt(s->ack_seq, t->snd.nxt)))
                return LA_V_ACK_NOT_SENT;
        if (LA_UNLIKELY(seq_lt(s->ack_seq, seq_sub(t->snd.una, t->snd.max_wnd))))
                return LA_V_ACK_TOO_OLD;
        note_dsack(h, t, s);
        if (LA_LIKELY(seq_ge(s->ack_seq, t->snd.una)))
                ecn_take_echo(h, t, s);
        if (seq_gt(s->ack_seq, t->snd.una))
                advance(h, t, s);
        else if (is_duplicate(t, a))
                recovery_on_duplicate(h, t);
        if (LA_LIKELY(seq_ge(s->ack_seq, t->snd.una)))
                update_window(h, t, a);
        if (s->text_bytes == 0 && !s->fin)
                count(h, LA_C_TCPPureAcks);
        return LA_V_GO_ON;
}

static enum la_verdict
after_fin_acked(struct tcp_host *h, struct tcb *t, const struct arrival *a)
{
        switch ((enum la_state)t->state) {
        case LA_FIN_WAIT_1:
                /* With the peer's FIN in the same segment it is the eighth step's to say which row it is (figure 5, note 2),
                 * unless text stands before it that the seventh will not get past. */
                if (tcb_fin_acked(t) && (!a->fin || (t->dead && a->length > 0)))
                        tcb_move(h, t, LA_T_FIN_WAIT_1_RCV_ACK);
                return LA_V_GO_ON;
        case LA_CLOSING:
                if (!tcb_fin_acked(t))
                        return LA_V_CLOSING_NOT_ACKED;
                tcb_move(h, t, LA_T_CLOSING_RCV_ACK);
                return LA_V_GO_ON;
        case LA_LAST_ACK:
                if (!tcb_fin_acked(t))
                        return LA_V_GO_ON;
                tcb_end(h, t, LA_T_LAST_ACK_RCV_ACK, LA_OK);
                return LA_V_LAST_ACK_DONE;
        case LA_TIME_WAIT:
                return a->length > 0 || a->fin ? LA_V_TIME_WAIT_OLD : LA_V_GO_ON;
        case LA_CLOSED:
        case LA_LISTEN:
        case LA_SYN_SENT:
        case LA_SYN_RECEIVED:
        case LA_ESTABLISHED:
        case LA_FIN_WAIT_2:
        case LA_CLOSE_WAIT:
        case LA_STATE_COUNT:
                return LA_V_GO_ON;
        }
        return LA_V_GO_ON;
}

enum la_verdict
fifth_check_ack(struct tcp_host *h, struct tcb *t, struct arrival *a)
{
        enum la_verdict v;

        if (LA_UNLIKELY(!a->segment->ack))
                return LA_V_NO_ACK;
        v = t->state == LA_SYN_RECEIVED ? check_ack_of_syn(h, t, a) : check_ack_in_window(h, t, a);
        return v == LA_V_GO_ON ? after_fin_acked(h, t, a) : v;
}
