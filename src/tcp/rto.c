/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/rto.h"

/* RFC 6298 2.1. */
void
rto_init(struct tcb *t)
{
        t->rtt.smoothed_us = 0;
        t->rtt.variation_us = 0;
        t->rtt.rto_us = RTO_INITIAL_US;
        t->backoff = 0;
}

/* RFC 6298 2.2 and 2.3, with alpha 1/8 and beta 1/4; the scaled values keep the fractions. */
void
rto_sample(const struct tcp_host *h, struct tcb *t, uint32_t rtt_us)
{
        uint32_t variation;

        if (rtt_us > 120000000)
                rtt_us = 120000000;
        if (t->rtt.smoothed_us == 0) {
                t->rtt.smoothed_us = rtt_us << 3;
                t->rtt.variation_us = rtt_us << 1;
        } else {
                int32_t error = (int32_t)rtt_us - (int32_t)(t->rtt.smoothed_us >> 3);

                t->rtt.smoothed_us = (uint32_t)((int32_t)t->rtt.smoothed_us + error);
                if (error < 0)
                        error = -error;
                t->rtt.variation_us =
                        (uint32_t)((int32_t)t->rtt.variation_us + error - (int32_t)(t->rtt.variation_us >> 2));
        }
        if (t->rtt.smoothed_us == 0)
                t->rtt.smoothed_us = 1;
        variation = t->rtt.variation_us > h->rules.rto_min_us ? t->rtt.variation_us : h->rules.rto_min_us;
        /* The floor is under RTTVAR's part, as in Linux: a timer must not fire on the peer's delayed acknowledgment. */
        t->rtt.rto_us = (t->rtt.smoothed_us >> 3) + variation;
        t->backoff = 0;
}

void
rto_on_opened(struct tcb *t)
{
        if (!t->first_rto_done || t->rtt.smoothed_us > 0)
                return;
        t->rtt.rto_us = RTO_AFTER_LOST_SYN_US;
        t->backoff = 0;
}

uint32_t
rto_current_us(const struct tcp_host *h, const struct tcb *t)
{
        uint64_t rto = (uint64_t)t->rtt.rto_us << (t->backoff < 20 ? t->backoff : 20);

        return rto > h->rules.rto_max_us ? h->rules.rto_max_us : (uint32_t)rto;
}

void
rto_on_sent(const struct tcp_host *h, struct tcb *t, tcp_seq seq)
{
        if (t->rtt_on)
                return;
        t->rtt_on = true;
        t->rtt.seq = seq;
        t->rtt.begun_us = (uint32_t)h->now_us;
}

void
rto_on_resent(const struct tcp_host *h, struct tcb *t)
{
        t->retransmitted = true;
        t->rtt_on = false;
        t->rtt.begun_us = (uint32_t)h->now_us;
}

/* An echo of what was sent before the retransmission says only that the first sending arrived, perhaps long ago, and
 * that its acknowledgment was lost: that is no round trip. */
static bool
echo_counts(const struct tcp_host *h, const struct tcb *t, uint32_t ago_ms)
{
        return ago_ms <= ((uint32_t)h->now_us - t->rtt.begun_us) / 1000 + 1;
}

void
rto_on_acked(const struct tcp_host *h, struct tcb *t, const struct tcp_options *options)
{
        if (LA_LIKELY(t->rtt_on && seq_gt(t->snd.una, t->rtt.seq))) {
                t->rtt_on = false;
                rto_sample(h, t, (uint32_t)h->now_us - t->rtt.begun_us);
        } else if (!t->rtt_on && t->retransmitted && t->timestamps && options->has_timestamps && options->ts_echo) {
                uint32_t ago_ms = h->now_ms + t->ts.offset - options->ts_echo;

                if (echo_counts(h, t, ago_ms))
                        rto_sample(h, t, ago_ms * 1000);
        }
}
