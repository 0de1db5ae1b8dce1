/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loans.h - text that arrived in order and still lies in its packet.
 *
 *      receive:   rcv.read                                  rcv.nxt
 *      ------------|------------|-----------------|----------|---
 *                  |   chain    |      loan       |   loan   |
 *
 * Who reads before the packets' memory is used again gets the text from where it arrived: it is never copied.  What was
 * not read by then goes to its place in the receive chain (loans_end), for which as many chunks are kept as it can need.
 * Short text is not worth it: copying it takes less than keeping books.
 *
 * Loans are few and short-lived, so they are looked for one after the other, and only for a connection that has some.
 */
#ifndef LASTACK_TCP_LOANS_H
#define LASTACK_TCP_LOANS_H

#include "tcp/tcb.h"

struct loan {
        uint64_t tcb; /* its distance from the struct tcp_host; 0: the loan was given back */
        const uint8_t *bytes;
        tcp_seq seq;
        uint32_t length;
};

/* False if it cannot be: the text is to be copied. */
bool loans_add(struct tcp_host *h, struct tcb *t, tcp_seq seq, struct la_part text);

/* The bytes from `seq` on, at most `n`, that are lent; or none, and *n is cut to where some begin. */
struct la_part loans_look(const struct tcp_host *h, const struct tcb *t, tcp_seq seq, size_t *n);

/* The connection will not read any more. */
void loans_forget(struct tcp_host *h, struct tcb *t);

/* Copies what was not read.  From now on nothing refers to a packet. */
void loans_end(struct tcp_host *h);

#endif
