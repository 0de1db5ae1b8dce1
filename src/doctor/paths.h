/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * paths.h - connections tallied by path: the two addresses, the port of the service, and which end this host is.
 *
 * On the client's side each connection of a path occupies one local port, and the ports of the ephemeral range are all
 * there are: the tally is how near the path is to "Cannot assign requested address".
 */
#ifndef LASTACK_DOCTOR_PATHS_H
#define LASTACK_DOCTOR_PATHS_H

#include "lastack/snapshot.h"

enum path_role {
        PATH_CLIENT, /* we connected: the service's port is the remote one */
        PATH_SERVER, /* we listen on the local port */
};

/* Packed, since a host may have hundreds of thousands of them; 16 bits are enough to count in, since a path has no more
 * connections than there are numbers of ports.  IPv4 mapped into IPv6 is IPv4 here: the two compete for the same ports. */
struct path {
        uint8_t local[16], remote[16];
        uint16_t service;    /* the port, as `role` says whose */
        uint8_t family;      /* enum la_family */
        uint8_t role;        /* enum path_role */
        uint32_t sockets;    /* connections in any state */
        uint32_t ephemeral;  /* of these, client's ends whose local port lies in the ephemeral range */
        uint32_t time_wait;  /* connections in TIME_WAIT */
        uint32_t closed_now; /* of these, closed within the last PATHS_NOW_MS */
        uint16_t ending;     /* of these, those whose wait ends within the next PATHS_NOW_MS */
        uint16_t fresh;      /* those closed so lately that tcp_tw_reuse does not take their port yet */
        int32_t pid;    /* of the process that holds most of the open ones, as far as one pass can tell; 0: unknown */
        uint16_t votes; /* for that process (Boyer and Moore's vote) */
        bool half_open : 1;                     /* there is one in SYN_RECEIVED */
        bool heard : 1;                         /* one that repeats nothing has got an answer within PATHS_HEARD_MS */
        bool timestamps : 1, no_timestamps : 1; /* there is a live one with, without timestamps */
};

/* "Now", for rates: long enough to be steady, short enough to be news. */
#define PATHS_NOW_MS 10000

/* A peer that has answered so lately is there. */
#define PATHS_HEARD_MS 2000

struct paths {
        struct path *path; /* in the order in which they were met */
        size_t count, capacity;
        uint32_t *slots; /* open addressing: index into path plus one, 0 for free */
        size_t slot_count;
};

/* At half of the range the kernel has tried every port of its preferred parity and searches the other, one by one:
 * connect() turns from microseconds into milliseconds (net/ipv4/inet_hashtables.c, __inet_hash_connect). */
#define PATHS_ALARM_PERCENT 50

/* The path of a connection, made if it is new; NULL if there is no memory for it. Valid until the next call. */
struct path *paths_of(struct paths *p, const struct la_snapshot *s, enum path_role role);

/* Counts a process as a holder of one of the path's connections. */
void path_vote(struct path *p, int32_t pid);

/* The path of the same ends in another tally; NULL if it has none. */
const struct path *paths_same(const struct paths *p, const struct path *as);

/* The up to `most` paths with the highest figures other than 0, highest first; returns how many.  The two figures below
 * are those that tell something; any other will do. */
uint32_t path_closed_now(const struct path *p);
uint32_t path_ephemeral(const struct path *p);
size_t
paths_top(const struct paths *p, uint32_t (*figure)(const struct path *), size_t most, const struct path **ret_top);

/* Keeps the `most` paths with the highest figure and gives back the memory of the others.  Returns false, and keeps
 * all, if there is no memory for that. */
bool paths_keep(struct paths *p, uint32_t (*figure)(const struct path *), size_t most);

void paths_clear(struct paths *p);
void paths_fini(struct paths *p);

#endif
