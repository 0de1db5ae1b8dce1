/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timestamps.h - RFC 7323: the timestamps option, and PAWS, which it makes possible.
 *
 * Our clock ticks in milliseconds (RFC 7323 5.4: 1 ms to 1 s), from a beginning that is secret for each pair of hosts
 * (7.1) and the same for all connections between them, so that a new connection from a port in TIME_WAIT has a later
 * one (RFC 6191).  With tcp_timestamps at 2 it is the stack's own beginning, for everybody to see.
 */
#ifndef LASTACK_TCP_TIMESTAMPS_H
#define LASTACK_TCP_TIMESTAMPS_H

#include "tcp/tcb.h"

/* RFC 7323 5.5: TS.Recent says nothing after 24 days of silence, when the peer's clock may have gone round. */
#define TIMESTAMPS_STALE_MS (24u * 24 * 60 * 60 * 1000)

/* What the option takes of each segment, padded (RFC 7323 appendix A). */
#define TIMESTAMPS_BYTES 12u

static inline uint32_t
timestamps_offset(const struct tcp_host *h, const struct tuple *tuple)
{
        return (uint32_t)tuple_secret(&h->keys.timestamps, tuple, false, false);
}

/* For a new connection. */
static inline uint32_t
timestamps_offset_now(const struct tcp_host *h, const struct tuple *tuple)
{
        return h->rules.timestamps == 1 ? timestamps_offset(h, tuple) : 0;
}

static inline uint32_t
timestamps_now(const struct tcp_host *h, const struct tcb *t)
{
        return h->now_ms + t->ts.offset;
}

/* RFC 7323 5.3 R1: an old duplicate.  A reset is never one (5.2). */
bool timestamps_refuse(const struct tcp_host *h, const struct tcb *t, const struct segment *s);

/* RFC 7323 4.3 (2): TS.Recent takes the value of a segment that covers the last acknowledgment sent. */
void timestamps_remember(const struct tcp_host *h, struct tcb *t, const struct segment *s);

#endif
