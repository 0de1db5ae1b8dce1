/* SPDX-License-Identifier: BSD-2-Clause */
/* SEGMENT ARRIVES in SYN_SENT: RFC 9293 3.10.7.3. */
#include "tcp/arrives.h"
#include "tcp/congestion.h"
#include "tcp/ecn.h"
#include "tcp/fastopen.h"
#include "tcp/mss.h"
#include "tcp/output.h"
#include "tcp/rto.h"
#include "tcp/timeouts.h"
#include "tcp/timestamps.h"

static enum la_verdict
first_check_ack(const struct tcb *t, const struct segment *s)
{
        if (!s->ack || seq_in_range(s->ack_seq, t->snd.una, t->snd.nxt))
                return LA_V_GO_ON;
        return s->rst ? LA_V_SYN_SENT_BAD_ACK_RST : LA_V_SYN_SENT_BAD_ACK;
}

/* RFC 7323 3.2: a <SYN,ACK> echoes what our SYN said; any other echo is an old duplicate's. */
static enum la_verdict
check_echo(struct tcp_host *h, const struct tcb *t, const struct segment *s)
{
        uint32_t ago = timestamps_now(h, t) - s->options.ts_echo;

        if (!s->ack || s->rst || !t->timestamps || !s->options.has_timestamps || s->options.ts_echo == 0)
                return LA_V_GO_ON;
        if (ago <= h->now_ms - t->since_ms + 1)
                return LA_V_GO_ON;
        count(h, LA_C_PAWSActive);
        return LA_V_SYN_SENT_BAD_ECHO;
}

static enum la_verdict
second_check_rst(struct tcp_host *h, struct tcb *t, const struct segment *s)
{
        if (!s->rst)
                return LA_V_GO_ON;
        if (!s->ack)
                return LA_V_SYN_SENT_RST_NO_ACK;
        tcb_end(h, t, LA_T_SYN_SENT_RCV_RST, LA_ERR_REFUSED);
        return LA_V_RST;
}

/* What both sides offered holds.  RFC 7323 2.2 and 3.2, RFC 2018 2: an option counts only if our SYN carried it too. */
void
take_syn_options(struct tcp_host *h, struct tcb *t, const struct segment *s)
{
        const struct tcp_options *o = &s->options;

        t->window_scaling = t->window_scaling && o->has_window_scale;
        t->send_shift = t->window_scaling ? o->window_shift : 0;
        if (!t->window_scaling)
                t->receive_shift = 0;
        t->sack = t->sack && o->sack_permitted;
        t->timestamps = t->timestamps && o->has_timestamps;
        if (t->timestamps) {
                t->ts.recent = o->ts_value;
                t->ts.recent_ms = h->now_ms;
        }
        t->receive_mss = mss_to_announce(h, &t->tuple, t->set.mss);
        t->send_mss = mss_to_send(h, t, o->has_mss ? o->mss_bytes : mss_default(&t->tuple));
}

static void
take_syn(struct tcp_host *h, struct tcb *t, const struct segment *s)
{
        uint32_t offered = tcb_window(t);

        t->rcv.irs = s->seq;
        t->rcv.nxt = seq_add(s->seq, 1);
        t->rcv.read = t->rcv.nxt;
        t->rcv.up = t->rcv.nxt;
        t->rcv.acked = t->rcv.nxt;
        /* Our SYN's window counts from here: so far the peer knows no other edge. */
        t->rcv.edge = seq_add(t->rcv.nxt, offered);
        take_syn_options(h, t, s);
        ecn_take_syn(t, s);
        t->snd.wnd = s->window; /* never scaled in a SYN */
        t->snd.max_wnd = s->window;
        t->snd.wl1 = s->seq;
        t->snd.wl2 = s->ack ? s->ack_seq : t->snd.iss;
        congestion_at(t->congestion)->on_established(h, t);
}

/* LA_SEND_LAST was said in SYN_SENT, where a CLOSE would have ended the attempt. */
static void
close_as_promised(struct tcp_host *h, struct tcb *t)
{
        if (t->closed)
                tcb_move(h, t, row_of_close((enum la_state)t->state));
}

static void
open_both_ways(struct tcp_host *h, struct tcb *t, const struct segment *s)
{
        t->snd.una = s->ack_seq;
        t->syn_unacked = false;
        t->snd.rtx = seq_max(t->snd.rtx, t->snd.una);
        rto_on_acked(h, t, &s->options);
        if (t->fast_open)
                fastopen_on_syn_ack(h, t, s);
        if (seq_gt(t->snd.una, seq_add(t->snd.iss, 1)))
                release_acked(h, t);
        if (seq_lt(t->snd.una, t->snd.nxt)) {
                t->snd.rtx = t->snd.una; /* text of our SYN that was not taken */
                rto_on_resent(h, t);
        }
        timers_on_acked(h, t);
        tcb_move(h, t, LA_T_SYN_SENT_RCV_SYN_ACK);
        enter_established(h, t);
        close_as_promised(h, t);
        t->want_ack = true;
}

/* Simultaneous open (MUST-10): our SYN goes again, with an acknowledgment.  What else the segment carries comes again. */
static void
open_crossed(struct tcp_host *h, struct tcb *t)
{
        tcb_move(h, t, LA_T_SYN_SENT_RCV_SYN);
        close_as_promised(h, t);
        t->snd.rtx = t->snd.una;
        t->want_output = true;
}

enum la_verdict
arrives_syn_sent(struct tcp_host *h, struct tcb *t, struct arrival *a)
{
        const struct segment *s = a->segment;
        uint32_t offered = tcb_window(t);
        enum la_verdict v;

        if ((v = first_check_ack(t, s)) != LA_V_GO_ON || (v = check_echo(h, t, s)) != LA_V_GO_ON ||
            (v = second_check_rst(h, t, s)) != LA_V_GO_ON)
                return v;
        if (!s->syn)
                return LA_V_SYN_SENT_NO_SYN;
        take_syn(h, t, s);
        if (!s->ack) {
                open_crossed(h, t);
                return LA_V_GO_ON;
        }
        open_both_ways(h, t, s);
        a->seq = t->rcv.nxt;
        if (a->length > offered) {
                a->length = offered;
                a->fin = false;
        }
        if ((v = sixth_check_urg(h, t, a)) == LA_V_GO_ON && (v = seventh_process_text(h, t, a)) == LA_V_GO_ON)
                v = eighth_check_fin(h, t, a);
        leave_fin_wait_1(h, t);
        return v;
}
