/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * window.h - the receive window: what is offered, and when an offer is worth a segment of its own (RFC 9293 3.8.6).
 */
#ifndef LASTACK_TCP_WINDOW_H
#define LASTACK_TCP_WINDOW_H

#include "tcp/tcb.h"

/* The smallest shift with which the largest receive buffer can be offered (RFC 7323 2.2). */
uint8_t window_shift(uint32_t most_bytes);

/* SEG.WND for a segment about to leave; moves rcv.edge if the offer grows. */
uint16_t window_offer(struct tcp_host *h, struct tcb *t, bool syn);

/* The user has read: should the peer be told now? */
bool window_worth_telling(const struct tcb *t);

#endif
