/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * timeouts.h - what happens to a connection, as its timers see it (RFC 9293 3.10.8 and 3.8.3, RFC 6298 5).
 *
 * Three deadlines a connection: retransmission (which is the persist timer when nothing is in flight), the delayed
 * acknowledgment, and a slow one for keepalive and linger.  Everybody else announces events; only this file sets them.
 * Few connections have a fourth, when text may leave again: pacing.h keeps it, and it is only asked here.
 */
#ifndef LASTACK_TCP_TIMEOUTS_H
#define LASTACK_TCP_TIMEOUTS_H

#include "tcp/tcb.h"

void timers_on_opened(struct tcp_host *h, struct tcb *t); /* ESTABLISHED */
void timers_on_sent(struct tcp_host *h, struct tcb *t);   /* something that must be acknowledged left */
void timers_on_acked(struct tcp_host *h, struct tcb *t);  /* snd.una has moved */
void timers_on_answer(struct tcp_host *h, struct tcb *t); /* the peer is alive, whatever it said */
LA_RARELY void
timers_on_stuck(struct tcp_host *h, struct tcb *t);       /* there is something to send, and the window forbids */
void timers_on_window(struct tcp_host *h, struct tcb *t); /* the window has opened */
void timers_on_text(struct tcp_host *h, struct tcb *t);   /* text arrived in order, to be acknowledged */
void timers_on_ack_sent(struct tcp_host *h, struct tcb *t);
void timers_on_keepalive_set(struct tcp_host *h, struct tcb *t);
LA_RARELY void timers_on_linger(struct tcp_host *h, struct tcb *t, uint32_t ms);

/* The earliest deadline; false if no timer runs. */
bool timers_next(const struct tcp_host *h, const struct tcb *t, uint32_t *ret_ms);

/* Serves what is due. */
void timeouts(struct tcp_host *h, struct tcb *t);

#endif
