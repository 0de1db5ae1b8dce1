/* SPDX-License-Identifier: BSD-2-Clause */
/* ring.h - events that one client has yet to be told: so many at most, and what finds no room is counted. */
#ifndef LASTACK_CONTROL_RING_H
#define LASTACK_CONTROL_RING_H

#include "lastack/terms.h"

#define RING_ENTRIES 8192

struct ring {
        struct la_trace *entries; /* NULL: there is no ring */
        uint32_t first, count;
        uint64_t lost;
};

/* Returns 0 or -ENOMEM. */
int ring_init(struct ring *r);
void ring_fini(struct ring *r);

void ring_put(struct ring *r, const struct la_trace *trace);

/* Takes at most `n`, the oldest first, and says how many. */
uint32_t ring_take(struct ring *r, struct la_trace *ret_traces, uint32_t n);

#endif
