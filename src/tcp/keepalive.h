/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keepalive.h - RFC 1122 4.2.3.6: is a silent peer still there?  Off unless the user asks (MUST-24, MUST-25).
 */
#ifndef LASTACK_TCP_KEEPALIVE_H
#define LASTACK_TCP_KEEPALIVE_H

#include "tcp/tcb.h"

/* When the next look is due: after the keepalive time of silence, then an interval after each probe. */
uint32_t keepalive_due(const struct tcp_host *h, const struct tcb *t);

/* The timer runs from now on as options and tunables say. */
void keepalive_begin(const struct tcp_host *h, struct tcb *t);

LA_RARELY void keepalive_timeout(struct tcp_host *h, struct tcb *t);

#endif
