/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linux keeps no time of entry into a state.  What follows from the times that it does keep:
 *
 *   TIME_WAIT     The timer was set to TCP_TIMEWAIT_LEN, 60 s in every kernel (include/net/tcp.h), so the age is what
 *                 has gone of it: exact.  A segment that makes the wait start anew (RFC 9293 3.10.7.4: a retransmitted
 *                 FIN) makes the age start anew too.
 *
 *   ESTABLISHED   At least as long as nothing was sent or acknowledged: both clocks start at the latest when the
 *                 handshake ends (tcp_finish_connect, tcp_rcv_state_process).  Not last_data_received: with TCP Fast
 *                 Open data comes before the state does.  Nothing bounds it from above.
 *
 *   FIN_WAIT_2    Entered by the ACK of our FIN, so at least last_ack_received ago.  Data before the FIN was sent, or
 *                 sent again, before that ACK and none can be since, so at most last_data_sent ago.  An orphan that has
 *                 become a TIME_WAIT-like record has no tcp_info, and its timer was set by tcp_fin_timeout or
 *                 TCP_LINGER2 when it was orphaned, not when it entered the state: nothing follows.
 *
 *   CLOSE_WAIT,   Entered by the peer's FIN.  That segment carried an ACK, so at least last_ack_received ago (a FIN
 *   CLOSING       that a later ACK overtook on the path is younger by as much as it was late).  No data comes after a
 *                 FIN, so at most last_data_received ago; where there was never any, that clock runs from the handshake.
 *
 *   LAST_ACK      Entered after the peer's FIN, so at most last_data_received ago.  The application's close leaves no
 *                 time, so at least 0.
 *
 *   SYN_SENT, SYN_RECEIVED, FIN_WAIT_1: no time that Linux tells bounds them.  LISTEN, CLOSED: none either.
 *
 * These clocks are 32 bits of milliseconds: an upper bound is short by 49.7 days for each time they went round.
 */
#include "linux/age.h"

enum { TIME_WAIT_MS = 60 * 1000 };

static void
bound(struct la_snapshot *s, uint32_t min_ms, uint32_t max_ms)
{
        s->known |= LA_KNOWN_AGE;
        s->age_max_ms = max_ms;
        s->age_min_ms = min_ms < max_ms ? min_ms : max_ms;
}

static uint32_t
larger(uint32_t a, uint32_t b)
{
        return a > b ? a : b;
}

static void
time_wait(struct la_snapshot *s)
{
        uint32_t age_ms;

        if (!(s->known & LA_KNOWN_TIMER) || s->timer != LA_TIMER_TIME_WAIT || s->timer_ms > TIME_WAIT_MS)
                return;
        age_ms = TIME_WAIT_MS - s->timer_ms;
        bound(s, age_ms, age_ms);
}

void
age_fill(struct la_snapshot *s)
{
        const struct la_tcp_details *tcp = &s->tcp;

        if (s->state == LA_TIME_WAIT)
                time_wait(s);
        if (!(s->known & LA_KNOWN_TCP))
                return;
        switch (s->state) {
        case LA_ESTABLISHED:
                bound(s, larger(tcp->last_ack_received_ms, tcp->last_data_sent_ms), UINT32_MAX);
                break;
        case LA_FIN_WAIT_2:
                bound(s, tcp->last_ack_received_ms, tcp->last_data_sent_ms);
                break;
        case LA_CLOSE_WAIT:
        case LA_CLOSING:
                bound(s, tcp->last_ack_received_ms, tcp->last_data_received_ms);
                break;
        case LA_LAST_ACK:
                bound(s, 0, tcp->last_data_received_ms);
                break;
        case LA_CLOSED:
        case LA_LISTEN:
        case LA_SYN_SENT:
        case LA_SYN_RECEIVED:
        case LA_FIN_WAIT_1:
        case LA_TIME_WAIT:
        case LA_STATE_COUNT:
                break;
        }
}
