/* SPDX-License-Identifier: BSD-2-Clause */
/* CLOSE: RFC 9293 3.10.4, 3.6.1. */
#include "tcp/calls.h"
#include "tcp/timeouts.h"

enum la_error
tcb_shutdown(struct tcp_host *h, struct tcb *t)
{
        switch ((enum la_state)t->state) {
        case LA_SYN_SENT:
                tcb_end(h, t, LA_T_SYN_SENT_CLOSE, LA_ERR_ABORTED);
                return LA_OK;
        case LA_SYN_RECEIVED:
        case LA_ESTABLISHED:
        case LA_CLOSE_WAIT:
                t->closed = true;
                t->more = false;
                t->want_output = true;
                tcb_move(h, t, row_of_close((enum la_state)t->state));
                timers_on_keepalive_set(h, t); /* SYN_RECEIVED had none, and ESTABLISHED is passed by */
                return LA_OK;
        case LA_FIN_WAIT_1:
        case LA_FIN_WAIT_2:
        case LA_CLOSING:
        case LA_LAST_ACK:
        case LA_TIME_WAIT:
                return LA_ERR_CLOSING;
        case LA_CLOSED:
                return t->error ? (enum la_error)t->error : LA_ERR_NOT_CONNECTED;
        case LA_LISTEN:
        case LA_STATE_COUNT:
                break;
        }
        return LA_ERR_NOT_CONNECTED;
}

/* SHLD-3 and RFC 2525 2.17: who closes without having read what arrived tells the peer, who believes it delivered. */
static bool
close_unread(struct tcp_host *h, struct tcb *t)
{
        enum la_transition row = row_of_close_unread((enum la_state)t->state);

        if (tcb_readable(t) == 0 || row == NO_ROW)
                return false;
        count(h, LA_C_TCPAbortOnClose);
        tcb_reset(h, t, row, LA_ERR_ABORTED);
        return true;
}

void
tcb_close(struct tcp_host *h, struct tcb *t)
{
        t->dead = true;
        t->slow_on = false;
        if (t->state == LA_CLOSED || t->state == LA_TIME_WAIT)
                return;
        if (close_unread(h, t))
                return;
        if (t->set.linger_s == 0) {
                count(h, LA_C_TCPAbortOnData);
                tcb_abort(h, t);
                return;
        }
        if (!t->closed || t->state == LA_SYN_SENT)
                tcb_shutdown(h, t);
        if (t->set.linger_s > 0 && t->state != LA_CLOSED && t->state != LA_FIN_WAIT_2)
                timers_on_linger(h, t, (uint32_t)t->set.linger_s * 1000);
}
