/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rto.h - RFC 6298: from round trips to the retransmission timeout.
 *
 * One segment of a window is timed, and none that was sent twice (Karn, MUST-18); with timestamps the echo tells even
 * then which sending was answered.  The floor is Linux's 200 ms and not RFC 6298 2.4's second, which RFC 8961 leaves to
 * local policy; lastack.rto_min_ms sets it.
 */
#ifndef LASTACK_TCP_RTO_H
#define LASTACK_TCP_RTO_H

#include "tcp/tcb.h"

#define RTO_INITIAL_US        1000000u
#define RTO_AFTER_LOST_SYN_US 3000000u

void rto_init(struct tcb *t);

/* A round trip was measured.  Only now does a timeout that was doubled come down again (RFC 6298 5). */
void rto_sample(const struct tcp_host *h, struct tcb *t, uint32_t rtt_us);

/* The handshake is complete.  RFC 6298 5.7: after a SYN that timed out 3 seconds, unless a timestamp has told how long the
 * round trip is. */
void rto_on_opened(struct tcb *t);

/* The timeout now, back-off included. */
uint32_t rto_current_us(const struct tcp_host *h, const struct tcb *t);

/* A segment leaves for the first time, beginning at `seq`: time it if none is. */
void rto_on_sent(const struct tcp_host *h, struct tcb *t, tcp_seq seq);

/* Something is about to be sent again: nothing that was sent so far can be timed. */
void rto_on_resent(const struct tcp_host *h, struct tcb *t);

/* snd.una has moved. */
void rto_on_acked(const struct tcp_host *h, struct tcb *t, const struct tcp_options *options);

#endif
