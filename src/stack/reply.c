/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segments that belong to no whole connection, waiting for la_output(): resets, SYN,ACKs of half-open connections, SYN
 * cookies, acknowledgments of TIME_WAIT.  A ring of its own size: a flood fills it, and what finds no room is lost as if
 * on the network, whose rules all of these survive.
 */
#include "stack/stack.h"

static struct segment *
ring(const struct la_stack *s)
{
        return (struct segment *)((uintptr_t)s + s->replies.offset);
}

void
reply(struct la_stack *s, const struct segment *segment)
{
        struct reply_ring *r = &s->replies;
        uint32_t at = r->first + r->count;

        if (r->count == r->limit) {
                r->lost++;
                if (segment->rst)
                        count(&s->host, LA_C_TCPAbortFailed);
                return;
        }
        ring(s)[at < r->limit ? at : at - r->limit] = *segment;
        r->count++;
}

void
reply_reset(struct la_stack *s, const struct segment *arrived)
{
        struct segment reset;

        if (arrived->rst)
                return;
        output_reset_for(&s->host, arrived, &reset);
        reply(s, &reset);
}

bool
reply_take(struct la_stack *s, struct segment *ret_segment)
{
        struct reply_ring *r = &s->replies;

        if (r->count == 0)
                return false;
        *ret_segment = ring(s)[r->first];
        r->first = r->first + 1 == r->limit ? 0 : r->first + 1;
        r->count--;
        return true;
}
