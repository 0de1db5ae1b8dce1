/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owners.h - who holds each socket: processes and their descriptors, by the socket's inode.
 *
 * The kernel does not keep from a socket to those who hold it, so all descriptors of all processes are looked at once,
 * and the answer is kept as a table:
 *
 *         struct owners *owners;
 *         int r = owners_collect(&owners);
 *         if (r < 0)
 *                 return r;
 *         for each snapshot with LA_KNOWN_INODE {
 *                 snapshot.owners = owners_of(owners, snapshot.inode, &snapshot.owner_count);
 *                 snapshot.known |= LA_KNOWN_OWNERS;
 *         }
 *         owners_free(owners);
 *
 * A socket may have many owners (after fork) and one process may hold it by several descriptors (after dup); each is a
 * row.  It has none if it is half-open, in TIME_WAIT or orphaned, and none that can be seen if it is on its way through
 * a Unix socket, or is known to io_uring alone.
 *
 * The table is a moment's view: a socket opened later is not in it, and who has exited since still is.
 */
#ifndef LASTACK_LINUX_OWNERS_H
#define LASTACK_LINUX_OWNERS_H

#include "lastack/snapshot.h"

enum owners_source {
        OWNERS_FROM_BPF,  /* the kernel walks the descriptors: about 0.4 us each; all processes of our PID namespace */
        OWNERS_FROM_PROC, /* /proc/PID/fd, a link read for each: about 4 us each; those we are permitted to look into */
};

struct owners;

/* Asks BPF where that is permitted (CAP_BPF and CAP_PERFMON, Linux 5.17) and built in, else /proc.
 * Returns 0 and *ret_owners, to be given to owners_free(); or a negative errno if neither can be had. */
int owners_collect(struct owners **ret_owners);

/* The same from this source and no other; -EOPNOTSUPP if BPF is not built in. */
int owners_collect_from(enum owners_source source, struct owners **ret_owners);

enum owners_source owners_source(const struct owners *owners);

/* How many processes we were not permitted to look into, so that their sockets seem to have no owner.  At least this
 * many: a /proc mounted with hidepid does not even show them. */
uint32_t owners_hidden(const struct owners *owners);

/* The owners of a socket, by pid and then descriptor, and their number; none is NULL and 0.  Borrowed until
 * owners_free(). */
const struct la_owner *owners_of(const struct owners *owners, uint32_t inode, uint32_t *ret_count);

void owners_free(struct owners *owners);

#endif
