/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ecn.h - Explicit Congestion Notification (RFC 3168): routers mark what they would have to drop.
 *
 *      sender                          router                          receiver
 *        text, ECT(0) ------------------>| queue grows too long
 *                                        | CE ------------------------> notes it: ecn_echo
 *        halves its window <-------------------------------- ECE, ACK
 *        new text, ECT(0), CWR --------->| ---------------------------> goes on without ECE
 *
 * Both ends must want it.  A SYN asks with ECE and CWR, a SYN,ACK grants with ECE alone: one that has both bits was sent
 * by somebody who reflects bits that he does not know (6.1.1.2).  tcp_ecn says who asks and who grants.  Some boxes drop a
 * SYN that asks, so what is sent again after a timeout does not (6.1.1.1; tcp_ecn_fallback).  Whoever has said both things
 * keeps to both: marks of the peer's text are echoed, but nothing of its own may be marked (`ecn_plain`).
 *
 * Only text that is sent for the first time is ECT: not what is sent again, lest anybody believe a mark that comes with a
 * forged old segment (6.1.5), not acknowledgments, for which there is no congestion control (6.1.4), not probes (6.1.6),
 * and no SYN, FIN or RST by itself.  Which is what Linux does too.  RFC 8311 lets experiments relax some of that: ECT on
 * SYNs and on what is sent again (4.3), another answer to a mark than to a loss (4.1), ECT(1) for such (4.2).  Here are
 * none; ECT(1) is taken for what ECT(0) is.
 *
 * An echo is answered like a loss, but nothing was lost: the congestion control reduces the window, once for all that was
 * in flight (`reduced`, until snd.una has passed cc.recover, which losses share), and does not grow it upon an ACK with
 * ECE.  A window of one segment cannot be halved: then nothing new leaves until a retransmission timeout is over
 * (`ecn_held`), which makes it less than one a round trip (6.1.2).
 */
#ifndef LASTACK_TCP_ECN_H
#define LASTACK_TCP_ECN_H

#include "tcp/tcb.h"

/* tcp_ecn. */
enum {
        ECN_NEVER = 0,
        ECN_ASKS_AND_GRANTS = 1,
        ECN_GRANTS = 2,
};

/* ---- Agreeing ---- */

/* OPEN: will the SYN ask? */
void ecn_open(const struct tcp_host *h, struct tcb *t);

/* A SYN or SYN,ACK is about to leave. */
void ecn_send_syn(const struct tcp_host *h, struct tcb *t, struct segment *s);

/* The peer's SYN or SYN,ACK, for whoever has sent a SYN. */
void ecn_take_syn(struct tcb *t, const struct segment *s);

/* Is what this SYN asks for granted?  For listeners. */
bool ecn_granted(const struct tcp_host *h, const struct segment *s);

/* ---- The sender ---- */

/* A segment with an acknowledgment is about to leave, with text that was not sent before, or without. */
void ecn_send(struct tcb *t, struct segment *s, bool new_text);

/* Does this acknowledgment say that something was marked? */
static inline bool
ecn_echoed(const struct tcb *t, const struct segment *s)
{
        return LA_UNLIKELY(s->ece) && t->ecn && !t->ecn_plain && !s->syn;
}

/* An acceptable acknowledgment of snd.una or more, before snd.una moves: half of what is in flight now is what may be. */
void ecn_take_echo(struct tcp_host *h, struct tcb *t, const struct segment *s);

/* The window was reduced, for whatever reason: the peer is told so, and stops echoing. */
void ecn_on_reduced(struct tcb *t);

/* ---- The receiver ---- */

/* A segment whose sequence number and acknowledgment are acceptable. */
void ecn_take_mark(struct tcb *t, const struct segment *s);

/* Is there nothing about a segment that any of this would act upon?  What is not ordinary has to go through the steps. */
static inline bool
ecn_is_ordinary(const struct tcb *t, const struct segment *s)
{
        enum ip_ecn ecn = ip_ecn_of(&s->ip);

        if (s->ece || s->cwr || ecn == IP_CE)
                return false;
        return !t->ecn || s->text_bytes == 0 || t->ecn_seen == (ecn != IP_NOT_ECT);
}

#endif
