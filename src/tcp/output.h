/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * output.h - what leaves, and when.  One function decides both.
 */
#ifndef LASTACK_TCP_OUTPUT_H
#define LASTACK_TCP_OUTPUT_H

#include "tcp/tcb.h"

/* A segment, or a run of them that one decision lets go: all of `segment_bytes` text but the last, which alone has the
 * first one's PSH and FIN. */
struct outgoing {
        struct segment segment; /* the first, without text */
        tcp_seq from;           /* text: so many bytes from here in the out chain */
        uint32_t text_bytes;
        uint16_t segment_bytes; /* 0: one segment */
        bool again;             /* a retransmission */
};

static inline uint32_t
outgoing_segments(const struct outgoing *o)
{
        return LA_UNLIKELY(o->segment_bytes) ? (o->text_bytes + o->segment_bytes - 1) / o->segment_bytes : 1;
}

/* What this connection wants to send next, in at most `most` segments, recorded as sent; false if there is nothing. */
bool output_next(struct tcp_host *h, struct tcb *t, uint32_t most, struct outgoing *ret_out);

/* True if output_next() would find nothing, as far as can be told at a glance. */
bool output_is_done(const struct tcb *t);

/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>, recorded as sent. */
void output_ack(struct tcp_host *h, struct tcb *t, struct segment *ret_segment);

/* The reset that ABORT sends. */
LA_RARELY void output_reset(struct tcp_host *h, struct tcb *t, struct segment *ret_segment);

/* RFC 9293 3.10.7.1: the reset that answers a segment for which there is no connection. */
LA_RARELY void output_reset_for(struct tcp_host *h, const struct segment *arrived, struct segment *ret_segment);

#endif
