/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * holders.h - connections in one state, counted by the process that holds them, with the oldest's age.
 */
#ifndef LASTACK_DOCTOR_HOLDERS_H
#define LASTACK_DOCTOR_HOLDERS_H

#include "lastack/snapshot.h"

struct holder {
        struct la_owner owner; /* pid 0: no process that we may look into holds them */
        uint32_t sockets;
        bool age_known;
        uint32_t oldest_min_ms; /* the oldest has been in the state at least this long */
};

struct holders {
        struct holder *holder;
        size_t count, capacity;
};

/* Counts a connection for the first process that holds it; false if there is no memory for it. */
bool holders_add(struct holders *h, const struct la_snapshot *s);

/* Most sockets first. */
void holders_sort(struct holders *h);

void holders_clear(struct holders *h);
void holders_fini(struct holders *h);

#endif
