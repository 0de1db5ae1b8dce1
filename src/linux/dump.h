/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dump.h - every TCP socket of a network namespace, one snapshot after the other.
 *
 *         struct dump_request request = { .states = DUMP_ALL_STATES };
 *         struct dump *dump;
 *         int r = dump_open(&request, &dump);
 *         while (r >= 0 && (r = dump_next(dump, &snapshot)) != DUMP_END) {
 *                 if (r == DUMP_RESTARTED)
 *                         forget_everything_so_far();
 *                 else if (r == DUMP_SOCKET)
 *                         use(&snapshot);
 *         }
 *         struct dump_report report = dump_report(dump);
 *         dump_close(dump);
 *
 * The kernel is asked over sock_diag; where it refuses or does not know sock_diag, /proc/net/tcp and tcp6 are read, and
 * the report says so and what is missing.  Sockets are passed on as they arrive: nothing is stored, and memory does
 * not grow with their number.  Neither source stops the world: sockets that come, go or change their state meanwhile
 * may be told or not.  Of each address family the listeners come first.
 *
 * Who only wants to know how many there are in each state asks count.h, which is faster.
 */
#ifndef LASTACK_LINUX_DUMP_H
#define LASTACK_LINUX_DUMP_H

#include "lastack/snapshot.h"

#define DUMP_ALL_STATES ((1u << LA_STATE_COUNT) - 1)

/* What to ask for beyond addresses, state, timer, queues, uid and inode; each costs the kernel time for each socket. */
enum dump_want {
        DUMP_WANT_TCP = 1 << 0,    /* struct tcp_info and the congestion control's name */
        DUMP_WANT_MEMORY = 1 << 1, /* socket memory and drops */
        DUMP_WANT_MARK = 1 << 2,   /* needs CAP_NET_ADMIN */
        DUMP_WANT_CGROUP = 1 << 3,
        DUMP_WANT_BOUND = 1 << 4, /* count as CLOSED, too, what is bound to a port and neither listens nor connects
                                     (Linux 6.8): the kernel then walks all its ports, which doubles the time */
};

enum dump_source {
        DUMP_FROM_NETLINK, /* sock_diag */
        DUMP_FROM_PROC,    /* /proc/net/tcp and tcp6 */
};

struct dump_request {
        uint32_t states;  /* bit 1 << enum la_state for each state wanted */
        uint32_t want;    /* bits of enum dump_want */
        bool proc_only;   /* do not try netlink */
        const char *proc; /* a directory with files tcp and tcp6 to read instead of /proc/net, for tests; NULL: none */
        int netns_fd;     /* a descriptor of the network namespace to look into, borrowed until dump_close(); 0 for the
                             calling thread's own */
};

/* What became of a dump: `source` and `refused` are valid from the start, the rest after DUMP_END. */
struct dump_report {
        enum dump_source source;
        int refused;             /* why not netlink, as a positive errno; 0 if it was used or not tried */
        uint32_t missing;        /* bits of enum la_known that this source cannot tell, or this kernel did not */
        uint32_t missing_states; /* bit 1 << enum la_state: asked for, and cannot be seen this way */
        bool inconsistent;       /* the kernel marked the dump as interrupted, each time it was repeated */
        unsigned int repeats;    /* how often it was repeated */
        uint64_t malformed;      /* messages or lines left out because they made no sense */
};

enum {
        DUMP_END = 0,
        DUMP_SOCKET = 1,
        DUMP_RESTARTED = 2, /* the kernel said that the dump was interrupted; it starts over */
};

struct dump;

/* Returns 0 and *ret_dump, to be given to dump_close(); or a negative errno if neither source can be had. */
int dump_open(const struct dump_request *request, struct dump **ret_dump);

/* Returns DUMP_SOCKET with *ret_snapshot filled, DUMP_RESTARTED, DUMP_END, or a negative errno.
 *
 * Where nothing was wanted beyond the ordinary, the large parts `tcp` and `memory` of *ret_snapshot are left as they
 * were: hand in one that begins as all zero, and they stay zero. */
int dump_next(struct dump *dump, struct la_snapshot *ret_snapshot);

struct dump_report dump_report(const struct dump *dump);

void dump_close(struct dump *dump);

#endif
