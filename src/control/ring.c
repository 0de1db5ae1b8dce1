/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/ring.h"

#include <errno.h>
#include <stdlib.h>

int
ring_init(struct ring *r)
{
        *r = (struct ring){ .entries = malloc(RING_ENTRIES * sizeof(*r->entries)) };
        return r->entries ? 0 : -ENOMEM;
}

void
ring_fini(struct ring *r)
{
        free(r->entries);
        *r = (struct ring){ 0 };
}

void
ring_put(struct ring *r, const struct la_trace *trace)
{
        if (r->count == RING_ENTRIES) {
                r->lost++;
                return;
        }
        r->entries[(r->first + r->count++) % RING_ENTRIES] = *trace;
}

uint32_t
ring_take(struct ring *r, struct la_trace *ret_traces, uint32_t n)
{
        uint32_t taken = 0;

        for (; taken < n && r->count > 0; taken++) {
                ret_traces[taken] = r->entries[r->first];
                r->first = (r->first + 1) % RING_ENTRIES;
                r->count--;
        }
        return taken;
}
