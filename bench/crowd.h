/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * crowd.h - a population of TCP sockets to measure on: a handful of processes that connect to themselves over the
 * loopback of the network namespace they are started in.
 *
 *         struct crowd crowd;
 *         r = crowd_start(&crowd);
 *         r = crowd_hold(&crowd, 20000, &held);                     established sockets, both ends
 *         r = crowd_leave(&crowd, 200000, deadline_ns, &left);      TIME_WAIT records, which last 60 s
 *         ...
 *         crowd_dismiss(&crowd);
 *
 * Its processes end with the process that started them, however that ends.
 */
#ifndef LASTACK_BENCH_CROWD_H
#define LASTACK_BENCH_CROWD_H

#include <stdint.h>

#include <sys/types.h>

/* By this name its processes are known in listings of owners. */
#define CROWD_COMM "crowd"

#define CROWD_SIZE 4

struct crowd_member {
        pid_t pid;
        int line; /* orders go out, what was done comes back */
        uint32_t held;
};

struct crowd {
        struct crowd_member member[CROWD_SIZE];
};

/* These return 0 or a negative errno. */
int crowd_start(struct crowd *crowd);

/* Has connections made until `sockets` are held in all, and says how many are. */
int crowd_hold(struct crowd *crowd, uint32_t sockets, uint32_t *ret_held);

/* Has connections made and closed, their active end first, so that each leaves a record in TIME_WAIT.  Stops at
 * `deadline_ns` of the monotonic clock, and says how many were made. */
int crowd_leave(struct crowd *crowd, uint32_t records, uint64_t deadline_ns, uint32_t *ret_left);

void crowd_dismiss(struct crowd *crowd);

#endif
