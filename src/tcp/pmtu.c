/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/pmtu.h"

#include "tcp/fastopen.h"
#include "tcp/mss.h"
#include "tcp/output.h"
#include "tcp/rto.h"
#include "tcp/timestamps.h"

/* Linux's min_pmtu for IPv4 (552), so that a forged message cannot make us send crumbs; RFC 8200 5 for IPv6. */
#define LEAST_MTU4 552u
#define LEAST_MTU6 1280u

/* RFC 1191 3: a router older than it says nothing; take the next lower plateau. */
static uint32_t
plateau_below(uint32_t mtu)
{
        static const uint16_t plateaus[] = { 32000, 17914, 8166, 4352, 2002, 1492, 1006, 576 };

        for (size_t i = 0; i < sizeof plateaus / sizeof plateaus[0]; i++)
                if (plateaus[i] < mtu)
                        return plateaus[i];
        return LEAST_MTU4;
}

static enum la_verdict
lower_mtu(struct tcp_host *h, struct tcb *t, const struct icmp_message *m)
{
        uint32_t least = t->tuple.family == LA_IPV4 ? LEAST_MTU4 : LEAST_MTU6;
        uint32_t mtu = m->mtu_bytes ? m->mtu_bytes : plateau_below((uint32_t)m->quote.packet_bytes);
        uint16_t mss;

        if (mtu < least)
                mtu = least;
        if (mtu >= t->path_mtu || m->quote.packet_bytes <= mtu)
                return LA_V_ICMP_IGNORED;
        t->path_mtu = (uint16_t)mtu;
        mss = mss_to_send(h, t, (uint16_t)(t->send_mss + (t->timestamps ? TIMESTAMPS_BYTES : 0)));
        if (t->send_mss && mss < t->send_mss) {
                t->send_mss = mss;
                /* What was too big is sent again at once, in smaller segments: nothing says that it was congestion. */
                t->snd.rtx = t->snd.una;
                rto_on_resent(h, t);
                t->want_output = true;
        }
        return LA_V_ICMP_MTU;
}

static enum la_verdict
soft(struct tcb *t)
{
        t->soft_error = LA_ERR_UNREACHABLE;
        t->happened |= LA_HAPPENED_SOFT_ERROR;
        return LA_V_ICMP_SOFT;
}

/* SHLD-26 has hard errors end a connection; RFC 5927 5.2 has only attempts end, since anybody can forge the message.  The
 * user may prefer the former. */
static enum la_verdict
hard(struct tcp_host *h, struct tcb *t)
{
        enum la_transition row = row_of_icmp_error((enum la_state)t->state);
        bool attempt = t->state == LA_SYN_SENT || t->state == LA_SYN_RECEIVED;

        if (row == NO_ROW || (!attempt && !t->set.icmp_errors))
                return soft(t);
        if (t->state == LA_SYN_SENT && t->fast_open)
                fastopen_on_failure(h, t);
        tcb_end(h, t, row, LA_ERR_UNREACHABLE);
        return LA_V_ICMP_HARD;
}

enum la_verdict
icmp_about(struct tcp_host *h, struct tcb *t, const struct icmp_message *m)
{
        uint32_t flight = seq_distance(t->snd.una, t->snd.nxt);

        if (!seq_in_window(m->quote.seq, t->snd.una, flight)) {
                count(h, LA_C_OutOfWindowIcmps);
                return LA_V_ICMP_NOT_IN_FLIGHT;
        }
        switch (m->kind) {
        case ICMP_PACKET_TOO_BIG:
                return lower_mtu(h, t, m);
        case ICMP_PROTOCOL_UNREACHABLE:
        case ICMP_PORT_UNREACHABLE:
                return hard(h, t);
        case ICMP_NETWORK_UNREACHABLE:
        case ICMP_HOST_UNREACHABLE:
        case ICMP_SOURCE_ROUTE_FAILED:
        case ICMP_PROHIBITED:
        case ICMP_TIME_EXCEEDED:
        case ICMP_PARAMETER_PROBLEM:
                return soft(t);  /* SHLD-25, MUST-56 */
        case ICMP_SOURCE_QUENCH: /* MUST-55 */
        case ICMP_UNKNOWN_ERROR:
        case ICMP_OTHER:
        case ICMP_ECHO_REQUEST:
        case ICMP_ECHO_REPLY:
                break;
        }
        return LA_V_ICMP_IGNORED;
}
