/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sock_diag_decode.h - one socket as sock_diag tells it (struct inet_diag_msg and its attributes), to a snapshot.
 */
#ifndef LASTACK_LINUX_SOCK_DIAG_DECODE_H
#define LASTACK_LINUX_SOCK_DIAG_DECODE_H

#include <linux/netlink.h>

#include "lastack/snapshot.h"

/* Reads a message whose nlmsg_len is known to be within what was received; nothing else of it is believed.  `want`
 * holds bits of enum dump_want.  False, and *ret_snapshot untouched, if it makes no sense: too short, an attribute
 * beyond its end or of an impossible size, a state or family that Linux does not have.
 *
 * Where `want` has neither DUMP_WANT_TCP nor DUMP_WANT_MEMORY, tcp and memory are left as they were. */
bool sock_diag_decode(const struct nlmsghdr *message, uint32_t want, struct la_snapshot *ret_snapshot);

/* The bits of enum la_known that a kernel which knows all that was wanted brings for such a socket. */
uint32_t sock_diag_expected(const struct la_snapshot *s, uint32_t want);

#endif
