/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/tcb.h"

#include <string.h>

#include "tcp/congestion.h"
#include "tcp/loans.h"
#include "tcp/pacing.h"
#include "tcp/reassembly.h"
#include "tcp/rto.h"

void
tcp_options_default(const struct tcp_host *h, struct tcp_options_set *ret_set)
{
        *ret_set = (struct tcp_options_set){
                .send_buffer = h->rules.send_buffer[1],
                .receive_buffer = h->rules.receive_buffer[1],
                .linger_s = LINGER_OFF,
                .ttl = 64,
        };
}

void
tcb_init(struct tcp_host *h, struct tcb *t, const struct tuple *tuple, const struct tcp_options_set *set)
{
        uint32_t generation = t->generation;

        memset(t, 0, sizeof *t);
        t->generation = generation;
        tuple_copy(&t->tuple, tuple);
        if (set)
                t->set = *set;
        else
                tcp_options_default(h, &t->set);
        t->since_ms = h->now_ms;
        t->heard_ms = h->now_ms;
        t->refused_ms = h->now_ms - 1000;
        t->came_by = NO_ROW;
        t->path_mtu = h->rules.mtu;
        t->congestion = h->rules.congestion;
        rto_init(t);
}

void
tcb_move(struct tcp_host *h, struct tcb *t, enum la_transition row)
{
        const struct la_transition_info *info = la_transition_info(row);

        LA_ASSERT(info && info->from == (enum la_state)t->state);
        host_transition(h, &t->tuple, row, info->from != LA_LISTEN && info->from != LA_CLOSED, info->to != LA_LISTEN);
        t->state = (uint8_t)info->to;
        t->came_by = (uint8_t)row;
        t->since_ms = h->now_ms;
        t->happened |= LA_HAPPENED_STATE;
}

void
tcb_quiet(struct tcp_host *h, struct tcb *t, bool keep_readable)
{
        t->rexmit_on = t->ack_on = t->slow_on = t->cork_on = t->rtt_on = false;
        t->want_ack = t->want_first = t->want_probe = t->want_output = false;
        if (LA_UNLIKELY(t->paced))
                pacing_end(h, t);
        chain_clear(&h->chunks, &t->out);
        if (reassembly_holds(t))
                reassembly_free(h, t);
        if (!keep_readable || tcb_readable(t) == 0) {
                loans_forget(h, t);
                chain_clear(&h->chunks, &t->in);
        }
}

static void
count_end(struct tcp_host *h, enum la_state from)
{
        if (from == LA_SYN_SENT || from == LA_SYN_RECEIVED)
                count(h, LA_C_AttemptFails);
        else if (from == LA_ESTABLISHED || from == LA_CLOSE_WAIT)
                count(h, LA_C_EstabResets);
}

void
tcb_end(struct tcp_host *h, struct tcb *t, enum la_transition row, enum la_error error)
{
        count_end(h, (enum la_state)t->state);
        tcb_move(h, t, row);
        t->error = (uint8_t)error;
        tcb_quiet(h, t, error == LA_OK);
        t->happened |= LA_HAPPENED_CLOSED | LA_HAPPENED_READABLE;
        if (error != LA_OK)
                t->happened |= LA_HAPPENED_ERROR;
        /* What had arrived before a reset is not delivered: "all segment queues should be flushed" (3.10.7.4). */
        if (error != LA_OK)
                t->rcv.read = t->peer_closed ? seq_sub(t->rcv.nxt, 1) : t->rcv.nxt;
}

void
tcb_reset(struct tcp_host *h, struct tcb *t, enum la_transition row, enum la_error error)
{
        tcb_end(h, t, row, error);
        t->want_reset = true;
}

/* One table for each cause; a state it cannot meet has no row.  CLOSED_PASSIVE_OPEN is row 0 and leaves CLOSED: an entry
 * that was left out is caught by tcb_move(). */
#define ROWS(name, ...)                                                        \
        enum la_transition name(enum la_state state)                           \
        {                                                                      \
                static const uint8_t rows[LA_STATE_COUNT] = { __VA_ARGS__ };   \
                LA_ASSERT(state < LA_STATE_COUNT);                             \
                return rows[state] ? (enum la_transition)rows[state] : NO_ROW; \
        }

_Static_assert(LA_T_CLOSED_PASSIVE_OPEN == 0, "row 0 stands for no row in these tables");
_Static_assert(LA_TRANSITION_COUNT < 255, "rows are kept in a byte");

ROWS(row_of_close, [LA_SYN_SENT] = LA_T_SYN_SENT_CLOSE, [LA_SYN_RECEIVED] = LA_T_SYN_RECEIVED_CLOSE,
     [LA_ESTABLISHED] = LA_T_ESTABLISHED_CLOSE, [LA_CLOSE_WAIT] = LA_T_CLOSE_WAIT_CLOSE)

ROWS(row_of_close_unread, [LA_SYN_RECEIVED] = LA_T_SYN_RECEIVED_CLOSE_UNREAD,
     [LA_ESTABLISHED] = LA_T_ESTABLISHED_CLOSE_UNREAD, [LA_FIN_WAIT_1] = LA_T_FIN_WAIT_1_CLOSE_UNREAD,
     [LA_FIN_WAIT_2] = LA_T_FIN_WAIT_2_CLOSE_UNREAD, [LA_CLOSE_WAIT] = LA_T_CLOSE_WAIT_CLOSE_UNREAD,
     [LA_CLOSING] = LA_T_CLOSING_CLOSE_UNREAD, [LA_LAST_ACK] = LA_T_LAST_ACK_CLOSE_UNREAD)

ROWS(row_of_abort, [LA_SYN_SENT] = LA_T_SYN_SENT_ABORT, [LA_SYN_RECEIVED] = LA_T_SYN_RECEIVED_ABORT,
     [LA_ESTABLISHED] = LA_T_ESTABLISHED_ABORT, [LA_FIN_WAIT_1] = LA_T_FIN_WAIT_1_ABORT,
     [LA_FIN_WAIT_2] = LA_T_FIN_WAIT_2_ABORT, [LA_CLOSE_WAIT] = LA_T_CLOSE_WAIT_ABORT,
     [LA_CLOSING] = LA_T_CLOSING_ABORT, [LA_LAST_ACK] = LA_T_LAST_ACK_ABORT, [LA_TIME_WAIT] = LA_T_TIME_WAIT_ABORT)

ROWS(row_of_abort_time_wait, [LA_SYN_RECEIVED] = LA_T_SYN_RECEIVED_ABORT_TIME_WAIT,
     [LA_ESTABLISHED] = LA_T_ESTABLISHED_ABORT_TIME_WAIT, [LA_FIN_WAIT_1] = LA_T_FIN_WAIT_1_ABORT_TIME_WAIT,
     [LA_FIN_WAIT_2] = LA_T_FIN_WAIT_2_ABORT_TIME_WAIT, [LA_CLOSE_WAIT] = LA_T_CLOSE_WAIT_ABORT_TIME_WAIT)

ROWS(row_of_rst, [LA_ESTABLISHED] = LA_T_ESTABLISHED_RCV_RST, [LA_FIN_WAIT_1] = LA_T_FIN_WAIT_1_RCV_RST,
     [LA_FIN_WAIT_2] = LA_T_FIN_WAIT_2_RCV_RST, [LA_CLOSE_WAIT] = LA_T_CLOSE_WAIT_RCV_RST,
     [LA_CLOSING] = LA_T_CLOSING_RCV_RST, [LA_LAST_ACK] = LA_T_LAST_ACK_RCV_RST,
     [LA_TIME_WAIT] = LA_T_TIME_WAIT_RCV_RST)

ROWS(row_of_give_up, [LA_SYN_SENT] = LA_T_SYN_SENT_GIVE_UP, [LA_SYN_RECEIVED] = LA_T_SYN_RECEIVED_GIVE_UP,
     [LA_ESTABLISHED] = LA_T_ESTABLISHED_GIVE_UP, [LA_FIN_WAIT_1] = LA_T_FIN_WAIT_1_GIVE_UP,
     [LA_CLOSE_WAIT] = LA_T_CLOSE_WAIT_GIVE_UP, [LA_CLOSING] = LA_T_CLOSING_GIVE_UP,
     [LA_LAST_ACK] = LA_T_LAST_ACK_GIVE_UP)

ROWS(row_of_user_timeout, [LA_SYN_SENT] = LA_T_SYN_SENT_USER_TIMEOUT,
     [LA_SYN_RECEIVED] = LA_T_SYN_RECEIVED_USER_TIMEOUT, [LA_ESTABLISHED] = LA_T_ESTABLISHED_USER_TIMEOUT,
     [LA_FIN_WAIT_1] = LA_T_FIN_WAIT_1_USER_TIMEOUT, [LA_FIN_WAIT_2] = LA_T_FIN_WAIT_2_USER_TIMEOUT,
     [LA_CLOSE_WAIT] = LA_T_CLOSE_WAIT_USER_TIMEOUT, [LA_CLOSING] = LA_T_CLOSING_USER_TIMEOUT,
     [LA_LAST_ACK] = LA_T_LAST_ACK_USER_TIMEOUT)

ROWS(row_of_keepalive_timeout, [LA_ESTABLISHED] = LA_T_ESTABLISHED_KEEPALIVE_TIMEOUT,
     [LA_FIN_WAIT_2] = LA_T_FIN_WAIT_2_KEEPALIVE_TIMEOUT, [LA_CLOSE_WAIT] = LA_T_CLOSE_WAIT_KEEPALIVE_TIMEOUT)

ROWS(row_of_icmp_error, [LA_SYN_SENT] = LA_T_SYN_SENT_ICMP_ERROR, [LA_SYN_RECEIVED] = LA_T_SYN_RECEIVED_ICMP_ERROR,
     [LA_ESTABLISHED] = LA_T_ESTABLISHED_ICMP_ERROR, [LA_FIN_WAIT_1] = LA_T_FIN_WAIT_1_ICMP_ERROR,
     [LA_CLOSE_WAIT] = LA_T_CLOSE_WAIT_ICMP_ERROR, [LA_CLOSING] = LA_T_CLOSING_ICMP_ERROR,
     [LA_LAST_ACK] = LA_T_LAST_ACK_ICMP_ERROR)

ROWS(row_of_orphan_limit, [LA_FIN_WAIT_1] = LA_T_FIN_WAIT_1_ORPHAN_LIMIT,
     [LA_FIN_WAIT_2] = LA_T_FIN_WAIT_2_ORPHAN_LIMIT, [LA_CLOSING] = LA_T_CLOSING_ORPHAN_LIMIT,
     [LA_LAST_ACK] = LA_T_LAST_ACK_ORPHAN_LIMIT)
