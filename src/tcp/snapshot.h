/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LASTACK_TCP_SNAPSHOT_H
#define LASTACK_TCP_SNAPSHOT_H

#include "tcp/tcb.h"

/* Everything a connection knows of itself, into a snapshot that holds zeros; addresses and handle are its stack's to
 * say.  `now_ms` may lie behind the host's time: to look changes nothing. */
void tcb_snapshot(const struct tcp_host *h, uint32_t now_ms, const struct tcb *t, struct la_snapshot *s);

#endif
