/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pacing.h - text leaves no faster than at a rate, and not as fast as the windows allow.
 *
 *      |--- ms ---|--- ms ---|--- ms ---|
 *          ^ now  ^ its end        ^ next_us: what has left so far would have by then, byte by byte at the rate
 *
 * What is due within the running millisecond may leave in it, since that is how finely the wheel calls: so a paced
 * connection is woken once a millisecond at most, and has as much to send then as Linux puts in one packet (tcp_output.c,
 * tcp_tso_autosize(): the rate's bytes of about a millisecond, two segments at least).  next_us lies behind now by as much
 * at most: that is made good to who was called late, since a program waits for its processor longer than a kernel's timer
 * does, and earned by who had nothing to send.  Together: in any time, no more than the rate's bytes of that time and of
 * two milliseconds, and four segments.
 *
 * As in Linux (tcp_output.c: tcp_write_xmit(), tcp_xmit_retransmit_queue() and tcp_update_skb_after_send()) text waits,
 * and so do the FIN behind it and what recovery sends again.  Not so SYN, RST, bare acknowledgments, probes, and the segment
 * that a retransmission timeout sends, which counts all the same.  What counts is text, without headers.
 *
 * The rate is the least of the connection's ceiling, the stack's, and what follows from the congestion window.  Few
 * connections are paced: what that needs lies in a record of its own, of which the connection knows that it is there.
 */
#ifndef LASTACK_TCP_PACING_H
#define LASTACK_TCP_PACING_H

#include "tcp/tcb.h"

struct pacer {
        uint64_t ceiling; /* bytes a second, as the user said; 0: none */
        tcp_time next_us;
        uint64_t rest; /* of a microsecond, in millionths of the rate */
};

/* A connection begins; `ceiling` is its listener's.  Where no record is left it is not paced. */
LA_RARELY void pacing_begin(struct tcp_host *h, struct tcb *t, uint64_t ceiling);

static inline void
pacing_on_opened(struct tcp_host *h, struct tcb *t, uint64_t ceiling)
{
        if (LA_UNLIKELY(ceiling || h->rules.pacing || h->rules.max_pacing_rate || t->set.pacing == PACING_ON))
                pacing_begin(h, t, ceiling);
}

/* What the user or the stack's tunables say has changed: it begins or ends, and who waits looks again. */
LA_RARELY void pacing_on_changed(struct tcp_host *h, struct tcb *t);

/* The same for the connection's ceiling; false if no record is left, and nothing has changed. */
LA_RARELY bool pacing_set_ceiling(struct tcp_host *h, struct tcb *t, uint64_t ceiling);
uint64_t pacing_ceiling(const struct tcp_host *h, const struct tcb *t);

LA_RARELY void pacing_end(struct tcp_host *h, struct tcb *t);

/* ---- Of a connection that is paced ---- */

/* In bytes a second; 0: there is no limit just now. */
LA_RARELY uint64_t pacing_rate(const struct tcp_host *h, const struct tcb *t);

/* How much text may leave now, in segments of `room`; 0, and the connection waits, if none may. */
LA_RARELY uint32_t pacing_allows(struct tcp_host *h, struct tcb *t, uint32_t room);
LA_RARELY void pacing_on_sent(struct tcp_host *h, struct tcb *t, uint32_t text_bytes);

/* The millisecond in which the next may leave. */
LA_RARELY uint32_t pacing_due_ms(const struct tcp_host *h, const struct tcb *t);

#endif
