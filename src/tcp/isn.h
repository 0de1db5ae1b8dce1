/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * isn.h - initial sequence numbers (RFC 6528; MUST-8, SHLD-1): ISN = M + F(local, remote, secret), where M counts every
 * 4 microseconds.
 */
#ifndef LASTACK_TCP_ISN_H
#define LASTACK_TCP_ISN_H

#include "tcp/host.h"
#include "wire/seq.h"

static inline tcp_seq
isn_choose(const struct tcp_host *h, const struct tuple *tuple)
{
        return seq_of((uint32_t)(h->now_us / 4) + (uint32_t)tuple_secret(&h->keys.isn, tuple, true, true));
}

/* For a connection that takes the place of one in TIME_WAIT: "assigns its initial sequence number for the new connection
 * to be larger than the largest sequence number it used on the previous connection incarnation" (RFC 1122 4.2.2.13). */
static inline tcp_seq
isn_choose_after(const struct tcp_host *h, const struct tuple *tuple, tcp_seq used)
{
        tcp_seq isn = isn_choose(h, tuple), least = seq_add(used, 65535 + 2);

        return seq_gt(isn, least) ? isn : least;
}

#endif
