/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Segments that belong to no whole connection, waiting for la_output(): resets, SYN,ACKs of half-open connections, SYN
 * cookies, acknowledgments of TIME_WAIT.  A ring of its own size: a flood fills it, and what finds no room is lost as if
 * on the network, whose rules all of these survive.
 */
#include "stack/stack.h"

/* One more than the limit: what will be lost is put together there. */
static struct outgoing *
ring_at(const struct la_stack *s, uint32_t i)
{
        const struct reply_ring *r = &s->replies;
        struct outgoing *ring = (struct outgoing *)((uintptr_t)s + r->offset);
        uint32_t at = r->first + i;

        if (i == r->limit)
                return &ring[r->limit];
        return &ring[at < r->limit ? at : at - r->limit];
}

struct outgoing *
reply_slot(struct la_stack *s)
{
        return ring_at(s, s->replies.count);
}

void
reply_add(struct la_stack *s)
{
        struct reply_ring *r = &s->replies;

        if (r->count == r->limit) {
                r->lost++;
                if (reply_slot(s)->segment.rst)
                        count(&s->host, LA_C_TCPAbortFailed);
                return;
        }
        r->count++;
}

struct segment *
reply_begin(struct la_stack *s)
{
        struct outgoing *o = reply_slot(s);

        o->text_bytes = 0;
        o->segment_bytes = 0;
        o->again = false;
        return &o->segment;
}

void
reply_reset(struct la_stack *s, const struct segment *arrived)
{
        if (arrived->rst)
                return;
        output_reset_for(&s->host, arrived, reply_begin(s));
        reply_add(s);
}

const struct outgoing *
reply_first(const struct la_stack *s)
{
        return ring_at(s, 0);
}

void
reply_drop(struct la_stack *s)
{
        struct reply_ring *r = &s->replies;

        r->first = r->first + 1 == r->limit ? 0 : r->first + 1;
        r->count--;
}
