/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * holders.h - connections of one kind, counted by the process that holds them, with the age of the oldest.
 */
#ifndef LASTACK_DOCTOR_HOLDERS_H
#define LASTACK_DOCTOR_HOLDERS_H

#include "lastack/snapshot.h"

/* Longer than this is no moment: what an application does about an event it does sooner, or it is late. */
#define HOLDERS_LATE_MS 2500

struct holder {
        struct la_owner owner; /* pid 0: no process that we may look into holds them */
        uint32_t sockets;
        uint32_t late; /* of these, such as have been there for HOLDERS_LATE_MS at least */
        bool age_known;
        uint32_t oldest_min_ms; /* the oldest has been there at least this long */
        uint64_t bytes;         /* received and not yet read, all together */
};

struct holders {
        struct holder *holder;
        size_t count, capacity;
        uint32_t *slots; /* open addressing by pid: index into holder plus one, 0 for free */
        size_t slot_count;
};

/* Counts a connection, by the time in its state, for the first process that holds it; false if there is no memory for
 * it. */
bool holders_add(struct holders *h, const struct la_snapshot *s);

/* The same for what has another age than that of the state. */
bool holders_add_aged(struct holders *h, const struct la_snapshot *s, uint32_t age_ms);

/* The process of this pid, NULL if it holds none. */
const struct holder *holders_find(const struct holders *h, int32_t pid);

/* What all of them hold together; `owner` is nobody's. */
struct holder holders_sum(const struct holders *h);

/* Most sockets first.  Nothing may be added afterwards before holders_clear(). */
void holders_sort(struct holders *h);

void holders_clear(struct holders *h);
void holders_fini(struct holders *h);

#endif
