/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * recovery.h - fast retransmit and fast recovery (RFC 5681 3.2) in NewReno's form (RFC 6582), with limited transmit (RFC
 * 3042), and going back after a timeout.
 */
#ifndef LASTACK_TCP_RECOVERY_H
#define LASTACK_TCP_RECOVERY_H

#include "tcp/tcb.h"

/* A duplicate acknowledgment as RFC 5681 2 defines it. */
LA_RARELY void recovery_on_duplicate(struct tcp_host *h, struct tcb *t);

/* snd.una has moved by `bytes`; `echoed`: upon an acknowledgment that says that some of them were marked (ecn.h). */
void recovery_on_acked(struct tcp_host *h, struct tcb *t, uint32_t bytes, bool echoed);

/* The retransmission timer has expired. */
LA_RARELY void recovery_on_timeout(struct tcp_host *h, struct tcb *t);

/* The window was reduced because of something that was in flight: once for all of it. */
void recovery_on_reduced(struct tcb *t);

/* What the congestion control and limited transmit allow to be in flight. */
uint32_t recovery_window(const struct tcb *t);

#endif
