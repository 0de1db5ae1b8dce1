/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pmtu.h - what ICMP says about a connection: RFC 9293 3.9.2.2, RFC 1191, RFC 8201, and what not to believe, RFC 5927.
 */
#ifndef LASTACK_TCP_PMTU_H
#define LASTACK_TCP_PMTU_H

#include "tcp/tcb.h"
#include "wire/icmp.h"

/* An ICMP error that quotes a segment of this connection. */
enum la_verdict icmp_about(struct tcp_host *h, struct tcb *t, const struct icmp_message *m);

#endif
