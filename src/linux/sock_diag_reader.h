/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sock_diag_reader.h - what the kernel answers to a sock_diag dump, from datagrams to snapshots.
 *
 * No I/O: datagrams are handed in, sockets come out.  Any bytes may be handed in: what makes no sense is counted and
 * left out, and what leaves no way to tell where the next message starts is reported as damage.
 */
#ifndef LASTACK_LINUX_SOCK_DIAG_READER_H
#define LASTACK_LINUX_SOCK_DIAG_READER_H

#include <stddef.h>

#include "lastack/snapshot.h"

enum sock_diag_step {
        SOCK_DIAG_EMPTY,       /* the datagram is used up: hand in the next */
        SOCK_DIAG_SOCKET,      /* a snapshot was filled */
        SOCK_DIAG_DONE,        /* the kernel has told all */
        SOCK_DIAG_INTERRUPTED, /* the table changed under the kernel's walk: what came may be incomplete */
        SOCK_DIAG_DAMAGED,     /* some of the answer is lost or unreadable, and nobody can say how much */
};

/* An answer being read.  The caller fills the first group and zeroes the rest. */
struct sock_diag_reader {
        uint32_t states;             /* bit 1 << enum la_state for each state wanted; others are passed over */
        uint32_t want;               /* bits of enum dump_want: which attributes to read */
        uint32_t sequence;           /* of the request: messages that answer another are left out */
        uint32_t port;               /* netlink's address of the socket that asked, likewise */
        bool goes_on_if_interrupted; /* do not stop at an interruption, only remember it */

        bool interrupted;
        uint64_t malformed;  /* messages left out because they made no sense */
        uint32_t seen;       /* bit 1 << enum la_state for each state that a socket was in */
        uint32_t missing;    /* bits of enum la_known that were wanted and that a socket should have brought */
        const uint8_t *next; /* what is not yet read of the datagram, which is borrowed until it is empty */
        size_t left;
        bool damaged;
};

/* Hands in a datagram, aligned as struct nlmsghdr is. */
void sock_diag_reader_take(struct sock_diag_reader *r, const uint8_t *datagram, size_t size);

/* Says that a datagram, or the end of one, was lost on the way: the next step is SOCK_DIAG_DAMAGED. */
void sock_diag_reader_lose(struct sock_diag_reader *r);

/* If the datagram begins with the kernel's refusal, that as a negative errno; otherwise 0.  Takes nothing from it. */
int sock_diag_reader_refusal(const struct sock_diag_reader *r);

/* The next step: an enum sock_diag_step, or the kernel's refusal as a negative errno. */
int sock_diag_reader_next(struct sock_diag_reader *r, struct la_snapshot *ret_snapshot);

#endif
