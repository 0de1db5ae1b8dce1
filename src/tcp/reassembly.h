/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reassembly.h - what has arrived ahead of a gap (SHLD-31), and what the peer is told of it (RFC 2018, RFC 2883).
 *
 * The bytes lie in the receive chain already, at their place; here stand the ranges that are filled, the latest first,
 * as RFC 2018 4 wants them reported.  Their number is bounded: what would need one more is dropped, and comes again.
 * A connection without a gap and without a D-SACK to send has no such record.
 */
#ifndef LASTACK_TCP_REASSEMBLY_H
#define LASTACK_TCP_REASSEMBLY_H

#include "tcp/tcb.h"

#define REASSEMBLY_RANGES 32

struct reassembly {
        uint32_t count;
        bool has_fin, has_dsack;
        tcp_seq fin; /* the peer's FIN came ahead of the gap */
        struct sack_block dsack;
        struct sack_block range[REASSEMBLY_RANGES];
};

/* Is there such a record?  What is LA_RARELY below asks for one, or makes it. */
static inline bool
reassembly_holds(const struct tcb *t)
{
        return LA_UNLIKELY(t->reassembly != 0);
}

static inline struct reassembly *
reassembly_of(const struct tcp_host *h, const struct tcb *t)
{
        return reassembly_holds(t) ? pool_item(h, &h->reassemblies, t->reassembly) : NULL;
}

/* True while there is a gap to report. */
static inline bool
reassembly_has_gap(const struct tcp_host *h, const struct tcb *t)
{
        const struct reassembly *r = reassembly_of(h, t);

        return r && r->count > 0;
}

/* Bytes left =< seq < right are there, ahead of rcv.nxt.  False if there is no room to remember it; *ret_duplicate tells
 * whether all of it was there before. */
LA_RARELY bool reassembly_add(struct tcp_host *h, struct tcb *t, tcp_seq left, tcp_seq right, bool *ret_duplicate);

/* How far the stream goes on without a gap from `seq`; forgets what lies before. */
LA_RARELY tcp_seq reassembly_advance(struct tcp_host *h, struct tcb *t, tcp_seq seq);

LA_RARELY void reassembly_note_fin(struct tcp_host *h, struct tcb *t, tcp_seq fin);
/* The peer's FIN, which came ahead of a gap, stands at `seq`. */
LA_RARELY bool reassembly_fin_at(const struct tcp_host *h, const struct tcb *t, tcp_seq seq);

/* RFC 2883: the next acknowledgment says that these bytes came twice. */
LA_RARELY void reassembly_note_duplicate(struct tcp_host *h, struct tcb *t, tcp_seq left, tcp_seq right);

/* The SACK blocks for a segment about to leave, D-SACK first; at most `room`. */
LA_RARELY void reassembly_report(struct tcp_host *h, struct tcb *t, struct tcp_options *options, unsigned int room);

LA_RARELY void reassembly_free(struct tcp_host *h, struct tcb *t);

#endif
