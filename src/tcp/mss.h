/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mss.h - the largest segment: what is announced, and what is sent.
 *
 * A segment's size counts its text alone.  What is announced leaves options out of account (RFC 6691); what is sent does
 * not, so timestamps are taken off it.
 */
#ifndef LASTACK_TCP_MSS_H
#define LASTACK_TCP_MSS_H

#include "tcp/tcb.h"

/* MUST-67: to announce; `limit` is the user's, 0 for none. */
uint16_t mss_to_announce(const struct tcp_host *h, const struct tuple *tuple, uint16_t limit);

/* MUST-16: to send to a peer that announces `peer_mss`, on the connection's path. */
uint16_t mss_to_send(const struct tcp_host *h, const struct tcb *t, uint16_t peer_mss);

/* MUST-15: what a peer takes that announces nothing. */
static inline uint16_t
mss_default(const struct tuple *tuple)
{
        return tuple->family == LA_IPV4 ? 536 : 1220;
}

/* The text that fits in a packet's parts, wherever in a chunk it begins. */
static inline uint32_t
parts_hold(const struct tcp_host *h)
{
        return (uint32_t)(LA_PARTS_MAX - 1) << h->chunks.shift;
}

#endif
