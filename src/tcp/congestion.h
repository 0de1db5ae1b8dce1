/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * congestion.h - how much may be in flight: what a congestion control has to answer.
 *
 * An algorithm is told what happens and keeps cc.cwnd and cc.ssthresh, in bytes.  Which segment to send again is
 * recovery.c's to say, whichever algorithm runs.
 */
#ifndef LASTACK_TCP_CONGESTION_H
#define LASTACK_TCP_CONGESTION_H

#include "tcp/tcb.h"

struct congestion {
        const char *name; /* as in tcp_congestion_control */
        void (*on_established)(struct tcp_host *h, struct tcb *t);
        void (*on_acked)(struct tcp_host *h, struct tcb *t, uint32_t bytes); /* not while recovering */
        void (*on_loss)(struct tcp_host *h, struct tcb *t);                  /* fast recovery begins: sets ssthresh */
        void (*on_timeout)(struct tcp_host *h, struct tcb *t); /* the retransmission timer expired, the first time */
};

/* The algorithm with this index or name; NULL if there is none. */
const struct congestion *congestion_at(unsigned int index);
bool congestion_find(const char *name, size_t length, unsigned int *ret_index);

extern const struct congestion congestion_newreno;

/* RFC 5681 4.1: after an idle time as long as the timeout, start slowly again. */
LA_RARELY void congestion_on_idle(struct tcp_host *h, struct tcb *t);

uint32_t congestion_initial_window(const struct tcp_host *h, const struct tcb *t);

#endif
