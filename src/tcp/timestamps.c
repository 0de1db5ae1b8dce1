/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/timestamps.h"

static bool
older(uint32_t a, uint32_t b)
{
        return (int32_t)(a - b) < 0;
}

bool
timestamps_refuse(const struct tcp_host *h, const struct tcb *t, const struct segment *s)
{
        if (!t->timestamps || !s->options.has_timestamps || s->rst)
                return false;
        return older(s->options.ts_value, t->ts.recent) && h->now_ms - t->ts.recent_ms < TIMESTAMPS_STALE_MS;
}

void
timestamps_remember(const struct tcp_host *h, struct tcb *t, const struct segment *s)
{
        if (!t->timestamps || !s->options.has_timestamps || seq_gt(s->seq, t->rcv.acked))
                return;
        if (older(s->options.ts_value, t->ts.recent) && h->now_ms - t->ts.recent_ms < TIMESTAMPS_STALE_MS)
                return;
        t->ts.recent = s->options.ts_value;
        t->ts.recent_ms = h->now_ms;
}
