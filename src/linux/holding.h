/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * holding.h - what the two ways to find owners bring home: a row for each descriptor that is a socket.
 */
#ifndef LASTACK_LINUX_HOLDING_H
#define LASTACK_LINUX_HOLDING_H

#include <errno.h>
#include <stddef.h>

#include "lastack/snapshot.h"

/* A process that holds a socket, of whatever family. */
struct holding {
        uint32_t inode;
        struct la_owner owner;
};

struct holdings {
        struct holding *rows; /* in any order, and a row may be there twice */
        size_t count, capacity;
        uint32_t hidden; /* as owners_hidden() */
};

/* Makes room for `more` rows behind those there are.  Returns 0 or -ENOMEM. */
int holdings_reserve(struct holdings *h, size_t more);

/* Both add to *h and return 0; or a negative errno, and *h may have been added to. */
int holdings_from_proc(struct holdings *h);

#ifdef LASTACK_BPF
int holdings_from_bpf(struct holdings *h);
#else
static inline int
holdings_from_bpf(struct holdings *h)
{
        (void)h;
        return -EOPNOTSUPP;
}
#endif

#endif
