/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 5681: slow start and congestion avoidance, counting bytes (RFC 3465 2.1, L = 2). */
#include "tcp/congestion.h"

static void
newreno_on_established(struct tcp_host *h, struct tcb *t)
{
        t->cc.cwnd = congestion_initial_window(h, t);
        t->cc.ssthresh = SSTHRESH_NONE;
        t->cc.acked = 0;
        /* "if the SYN or SYN/ACK is lost, the initial window ... MUST be one segment" (RFC 5681 3.1). */
        if (t->first_rto_done)
                t->cc.cwnd = t->send_mss;
}

static void
newreno_on_acked(struct tcp_host *h, struct tcb *t, uint32_t bytes)
{
        uint32_t mss = t->send_mss;

        (void)h;
        if (t->cc.cwnd >= 1u << 30)
                return;
        if (t->cc.cwnd < t->cc.ssthresh) {
                uint32_t most = t->lossy ? mss : 2 * mss;

                t->cc.cwnd += bytes < most ? bytes : most;
                return;
        }
        t->cc.acked += bytes;
        if (t->cc.acked >= t->cc.cwnd) {
                t->cc.acked -= t->cc.cwnd;
                t->cc.cwnd += mss;
        }
}

/* RFC 5681 equation 4. */
static uint32_t
half_flight(const struct tcb *t)
{
        uint32_t half = seq_distance(t->snd.una, t->snd.nxt) / 2, least = 2u * t->send_mss;

        return half > least ? half : least;
}

static void
newreno_on_loss(struct tcp_host *h, struct tcb *t)
{
        (void)h;
        t->cc.ssthresh = half_flight(t);
        t->cc.acked = 0;
}

static void
newreno_on_timeout(struct tcp_host *h, struct tcb *t)
{
        newreno_on_loss(h, t);
        t->cc.cwnd = t->send_mss;
}

const struct congestion congestion_newreno = {
        .name = "reno",
        .on_established = newreno_on_established,
        .on_acked = newreno_on_acked,
        .on_loss = newreno_on_loss,
        .on_timeout = newreno_on_timeout,
};
