/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * seq.h - TCP sequence numbers (RFC 9293 3.4).
 *
 * The sequence space is a ring of 2^32, so "less" means "less than half a turn behind".  The number is wrapped in a
 * struct: `a < b`, `a - b` and `a == b` on sequence numbers do not compile, and nobody can forget that they wrap.
 *
 *            seq_lt(a, b)                        two numbers exactly half a turn apart have no order that
 *      ----a=======>b-----------                 means anything: each is "less" than the other.  Windows
 *                                                of at most 2^30 bytes (RFC 7323 2.3) never get there.
 */
#ifndef LASTACK_WIRE_SEQ_H
#define LASTACK_WIRE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
        uint32_t v;
} tcp_seq;

static inline tcp_seq
seq_of(uint32_t number)
{
        return (tcp_seq){ number };
}

/* The number `n` further on. */
static inline tcp_seq
seq_add(tcp_seq a, uint32_t n)
{
        return (tcp_seq){ a.v + n };
}

/* The number `n` further back. */
static inline tcp_seq
seq_sub(tcp_seq a, uint32_t n)
{
        return (tcp_seq){ a.v - n };
}

/* How far `a` is ahead of `b`; negative if it is behind. */
static inline int32_t
seq_diff(tcp_seq a, tcp_seq b)
{
        return (int32_t)(a.v - b.v);
}

/* How many numbers there are from `from` up to, and without, `to`, going forward only: snd.nxt - snd.una. */
static inline uint32_t
seq_distance(tcp_seq from, tcp_seq to)
{
        return to.v - from.v;
}

static inline bool
seq_eq(tcp_seq a, tcp_seq b)
{
        return a.v == b.v;
}

static inline bool
seq_lt(tcp_seq a, tcp_seq b)
{
        return seq_diff(a, b) < 0;
}

static inline bool
seq_le(tcp_seq a, tcp_seq b)
{
        return seq_diff(b, a) >= 0;
}

static inline bool
seq_gt(tcp_seq a, tcp_seq b)
{
        return seq_lt(b, a);
}

static inline bool
seq_ge(tcp_seq a, tcp_seq b)
{
        return seq_le(b, a);
}

static inline tcp_seq
seq_max(tcp_seq a, tcp_seq b)
{
        return seq_lt(a, b) ? b : a;
}

static inline tcp_seq
seq_min(tcp_seq a, tcp_seq b)
{
        return seq_lt(b, a) ? b : a;
}

/* left =< a < left + size, for any size: "RCV.NXT =< SEG.SEQ < RCV.NXT+RCV.WND".  An empty window holds nothing. */
static inline bool
seq_in_window(tcp_seq a, tcp_seq left, uint32_t size)
{
        return seq_distance(left, a) < size;
}

/* low < a =< high, going forward from `low`: "SND.UNA < SEG.ACK =< SND.NXT". */
static inline bool
seq_in_range(tcp_seq a, tcp_seq low, tcp_seq high)
{
        return seq_distance(low, a) - 1 < seq_distance(low, high);
}

#endif
