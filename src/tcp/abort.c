/* SPDX-License-Identifier: BSD-2-Clause */
/* ABORT: RFC 9293 3.10.5. */
#include "tcp/calls.h"

void
tcb_abort(struct tcp_host *h, struct tcb *t)
{
        switch ((enum la_state)t->state) {
        case LA_SYN_RECEIVED:
        case LA_ESTABLISHED:
        case LA_FIN_WAIT_1:
        case LA_FIN_WAIT_2:
        case LA_CLOSE_WAIT:
                tcb_reset(h, t, row_of_abort((enum la_state)t->state), LA_ERR_ABORTED);
                return;
        case LA_SYN_SENT:
        case LA_CLOSING:
        case LA_LAST_ACK:
        case LA_TIME_WAIT:
                tcb_end(h, t, row_of_abort((enum la_state)t->state), LA_ERR_ABORTED);
                return;
        case LA_CLOSED:
        case LA_LISTEN:
        case LA_STATE_COUNT:
                return;
        }
}

bool
tcb_abort_time_wait(struct tcp_host *h, struct tcb *t)
{
        enum la_transition row = row_of_abort_time_wait((enum la_state)t->state);

        if (row == NO_ROW)
                return false;
        tcb_quiet(h, t, false);
        t->rcv.read = t->peer_closed ? seq_sub(t->rcv.nxt, 1) : t->rcv.nxt;
        t->error = LA_ERR_ABORTED;
        t->want_reset = true;
        tcb_move(h, t, row);
        return true;
}
