/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/mss.h"

#include "tcp/timestamps.h"

static uint16_t
headers_of(const struct tuple *tuple)
{
        return (uint16_t)(ip_build_bytes((enum la_family)tuple->family) + TCP_HEADER_MIN);
}

uint16_t
mss_to_announce(const struct tcp_host *h, const struct tuple *tuple, uint16_t limit)
{
        uint16_t mss = (uint16_t)(h->rules.mtu - headers_of(tuple));

        return limit && limit < mss ? limit : mss;
}

/* MUST-16: Eff.snd.MSS = min(SendMSS+20, MMS_S) - TCPhdrsize - IPoptionsize. */
uint16_t
mss_to_send(const struct tcp_host *h, const struct tcb *t, uint16_t peer_mss)
{
        uint16_t mss = (uint16_t)(t->path_mtu - headers_of(&t->tuple));

        if (parts_hold(h) < mss)
                mss = (uint16_t)parts_hold(h);
        if (peer_mss < mss)
                mss = peer_mss;
        if (t->set.mss && t->set.mss < mss)
                mss = t->set.mss;
        if (mss < 64)
                mss = 64; /* a peer that announces next to nothing would have us send next to nothing but headers */
        return (uint16_t)(mss - (t->timestamps ? TIMESTAMPS_BYTES : 0));
}
