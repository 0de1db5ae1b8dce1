/* SPDX-License-Identifier: BSD-2-Clause */
/* The eighth step of SEGMENT ARRIVES: RFC 9293 3.10.7.4, "check the FIN bit". */
#include "tcp/arrives.h"
#include "tcp/reassembly.h"

static void
enter_after_fin(struct tcp_host *h, struct tcb *t)
{
        switch ((enum la_state)t->state) {
        case LA_SYN_RECEIVED: /* in the SYN: the fifth step leaves this state, or ends the segment */
                tcb_move(h, t, LA_T_SYN_RECEIVED_RCV_FIN);
                return;
        case LA_ESTABLISHED:
                tcb_move(h, t, LA_T_ESTABLISHED_RCV_FIN);
                return;
        case LA_FIN_WAIT_1:
                tcb_move(h, t, tcb_fin_acked(t) ? LA_T_FIN_WAIT_1_RCV_FIN_ACK : LA_T_FIN_WAIT_1_RCV_FIN);
                return;
        case LA_FIN_WAIT_2:
                tcb_move(h, t, LA_T_FIN_WAIT_2_RCV_FIN);
                return;
        case LA_CLOSED:
        case LA_LISTEN:
        case LA_SYN_SENT:
        case LA_CLOSE_WAIT:
        case LA_CLOSING:
        case LA_LAST_ACK:
        case LA_TIME_WAIT:
        case LA_STATE_COUNT:
                LA_NOT_REACHED("a FIN is taken once, in a state that awaits it");
        }
}

static void
take_fin(struct tcp_host *h, struct tcb *t)
{
        if (reassembly_holds(t))
                reassembly_free(h, t);
        t->rcv.nxt = seq_add(t->rcv.nxt, 1);
        t->peer_closed = true;
        t->want_ack = true;
        t->happened |= LA_HAPPENED_PEER_CLOSED | LA_HAPPENED_READABLE;
        enter_after_fin(h, t);
}

/* The FIN of this segment, or one that came ahead of the gap that this segment has filled. */
static bool
fin_is_next(const struct tcp_host *h, const struct tcb *t, const struct arrival *a)
{
        if (a->fin && seq_eq(seq_add(a->seq, a->length), t->rcv.nxt))
                return true;
        return reassembly_holds(t) && reassembly_fin_at(h, t, t->rcv.nxt);
}

enum la_verdict
eighth_check_fin(struct tcp_host *h, struct tcb *t, struct arrival *a)
{
        bool awaited = t->state == LA_ESTABLISHED || t->state == LA_FIN_WAIT_1 || t->state == LA_FIN_WAIT_2;

        if (!awaited && t->state != LA_SYN_RECEIVED)
                return LA_V_GO_ON;
        if (fin_is_next(h, t, a)) {
                take_fin(h, t);
        } else if (a->fin) {
                reassembly_note_fin(h, t, seq_add(a->seq, a->length));
                t->want_ack = true;
        }
        return LA_V_GO_ON;
}

void
leave_fin_wait_1(struct tcp_host *h, struct tcb *t)
{
        if (LA_UNLIKELY(t->state == LA_FIN_WAIT_1) && tcb_fin_acked(t))
                tcb_move(h, t, LA_T_FIN_WAIT_1_RCV_ACK);
}
