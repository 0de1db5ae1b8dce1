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

struct path {
        enum la_family family;
        enum path_role role;
        uint8_t local[16], remote[16];
        uint16_t service;    /* the port, as `role` says whose */
        uint32_t sockets;    /* connections in any state */
        uint32_t ephemeral;  /* of these, client's ends whose local port lies in the ephemeral range */
        uint32_t time_wait;  /* connections in TIME_WAIT */
        uint32_t closed_now; /* of these, closed within the last PATHS_NOW_MS */
};

/* "Now", for rates: long enough to be steady, short enough to be news. */
#define PATHS_NOW_MS 10000

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

/* The up to `most` paths with the highest figures other than 0, highest first; returns how many.  The two figures below
 * are those that tell something; any other will do. */
uint32_t path_closed_now(const struct path *p);
uint32_t path_ephemeral(const struct path *p);
size_t
paths_top(const struct paths *p, uint32_t (*figure)(const struct path *), size_t most, const struct path **ret_top);

void paths_clear(struct paths *p);
void paths_fini(struct paths *p);

#endif
