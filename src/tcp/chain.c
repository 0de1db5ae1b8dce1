/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/chain.h"

#include <string.h>

#include "model/check.h"
#include "wire/likely.h"

static struct chunk_link *
link_of(const struct chunk_pool *p, uint32_t chunk)
{
        return (struct chunk_link *)((uintptr_t)p + p->links_offset) + chunk;
}

static uint8_t *
own_bytes_of(const struct chunk_pool *p, uint32_t chunk)
{
        return (uint8_t *)((uintptr_t)p + p->bytes_offset) + ((size_t)(chunk - 1) << p->shift);
}

/* The byte that is `at` bytes into the chunk. */
static const uint8_t *
byte_of(const struct chunk_pool *p, uint32_t chunk, size_t at)
{
        uintptr_t elsewhere = link_of(p, chunk)->elsewhere;

        return LA_UNLIKELY(elsewhere) ? (const uint8_t *)(elsewhere + at) : own_bytes_of(p, chunk) + at;
}

static size_t
within(const struct chunk_pool *p, tcp_seq seq)
{
        return seq.v & (((uint32_t)1 << p->shift) - 1);
}

/* Keys wrap where sequence numbers do. */
static int32_t
key_diff(const struct chunk_pool *p, uint32_t a, uint32_t b)
{
        return (int32_t)((a - b) << p->shift);
}

static uint32_t
chunk_take(struct chunk_pool *p, uint32_t key)
{
        uint32_t chunk = p->free;

        if (p->used + p->promised >= p->limit)
                return 0;
        if (chunk)
                p->free = link_of(p, chunk)->next;
        else
                chunk = p->fresh++;
        p->used++;
        *link_of(p, chunk) = (struct chunk_link){ .key = key };
        return chunk;
}

static void
chunk_give(struct chunk_pool *p, uint32_t chunk)
{
        link_of(p, chunk)->next = p->free;
        p->free = chunk;
        LA_ASSERT(p->used > 0);
        p->used--;
}

static uint32_t
kept_for_answers(const struct chunk_pool *p)
{
        return p->limit / 32;
}

static bool
is_scarce(const struct chunk_pool *p, size_t wanted)
{
        return p->limit - p->used - p->promised < p->limit / 8 + kept_for_answers(p) + wanted;
}

bool
chunks_promise(struct chunk_pool *p, tcp_seq seq, size_t n)
{
        size_t needed = (within(p, seq) + n + ((size_t)1 << p->shift) - 1) >> p->shift;

        if (is_scarce(p, needed))
                return false;
        p->promised += (uint32_t)needed;
        return true;
}

/* The last chunk whose key is not after `key`; 0 if there is none. */
static uint32_t
chunk_at_or_before(const struct chunk_pool *p, const struct chain *c, uint32_t key)
{
        uint32_t at = 0, next = c->head;

        if (!c->tail)
                return 0;
        if (LA_LIKELY(key_diff(p, key, link_of(p, c->tail)->key) >= 0))
                return c->tail;
        if (c->cursor && key_diff(p, key, link_of(p, c->cursor)->key) >= 0)
                next = c->cursor;
        while (next && key_diff(p, key, link_of(p, next)->key) >= 0) {
                at = next;
                next = link_of(p, at)->next;
        }
        return at;
}

/* A new chunk for `key`, behind `before`, if that is not 0; 0 if none is left. */
static uint32_t
chunk_insert(struct chunk_pool *p, struct chain *c, uint32_t before, uint32_t key)
{
        uint32_t chunk = chunk_take(p, key);

        if (!chunk)
                return 0;
        if (before) {
                link_of(p, chunk)->next = link_of(p, before)->next;
                link_of(p, before)->next = chunk;
        } else {
                link_of(p, chunk)->next = c->head;
                c->head = chunk;
        }
        if (c->tail == before)
                c->tail = chunk;
        return chunk;
}

/* The chunk for `key`, made if it is not there; 0 if none is left. */
static uint32_t
chunk_for(struct chunk_pool *p, struct chain *c, uint32_t key)
{
        uint32_t before = chunk_at_or_before(p, c, key);

        return before && link_of(p, before)->key == key ? before : chunk_insert(p, c, before, key);
}

size_t
chain_share(const struct chunk_pool *p, struct chain *c, tcp_seq seq)
{
        uint32_t chunk;

        if (LA_LIKELY(!is_scarce(p, 0)))
                return SIZE_MAX;
        chunk = chunk_at_or_before(p, c, seq.v >> p->shift);
        if (chunk && link_of(p, chunk)->key == seq.v >> p->shift)
                return chain_to_end(p, seq);
        if (c->head || p->limit - p->used - p->promised <= kept_for_answers(p))
                return 0;
        return chain_to_end(p, seq);
}

size_t
chain_to_end(const struct chunk_pool *p, tcp_seq seq)
{
        return ((size_t)1 << p->shift) - within(p, seq);
}

size_t
chain_refer(struct chunk_pool *p, struct chain *c, tcp_seq seq, const uint8_t *bytes, size_t n)
{
        size_t done = 0, whole;

        while ((whole = chain_to_end(p, seq)) <= n - done) {
                uint32_t before = chunk_at_or_before(p, c, seq.v >> p->shift), chunk;

                if (before && link_of(p, before)->key == seq.v >> p->shift)
                        break;
                chunk = chunk_insert(p, c, before, seq.v >> p->shift);
                if (!chunk)
                        break;
                link_of(p, chunk)->elsewhere = (uintptr_t)(bytes + done) - within(p, seq);
                seq = seq_add(seq, (uint32_t)whole);
                done += whole;
        }
        return done;
}

size_t
chain_space(struct chunk_pool *p, struct chain *c, tcp_seq seq, uint8_t **ret_bytes)
{
        uint32_t chunk = chunk_for(p, c, seq.v >> p->shift);

        if (!chunk)
                return 0;
        LA_ASSERT(!link_of(p, chunk)->elsewhere); /* it goes to the chunk's end: nothing is written behind it */
        *ret_bytes = own_bytes_of(p, chunk) + within(p, seq);
        return chain_to_end(p, seq);
}

size_t
chain_write(struct chunk_pool *p, struct chain *c, tcp_seq seq, const uint8_t *bytes, size_t n)
{
        size_t done = 0;

        while (done < n) {
                uint8_t *to;
                size_t room = chain_space(p, c, seq_add(seq, (uint32_t)done), &to);

                if (room == 0)
                        break;
                if (room > n - done)
                        room = n - done;
                memcpy(to, bytes + done, room);
                done += room;
        }
        return done;
}

struct la_part
chain_look(const struct chunk_pool *p, struct chain *c, tcp_seq seq, size_t n)
{
        uint32_t chunk = chunk_at_or_before(p, c, seq.v >> p->shift);
        size_t room = chain_to_end(p, seq);

        LA_ASSERT(chunk && link_of(p, chunk)->key == seq.v >> p->shift);
        c->cursor = chunk;
        return (struct la_part){ byte_of(p, chunk, within(p, seq)), n < room ? n : room };
}

uint32_t
chain_chunks(const struct chunk_pool *p, const struct chain *c)
{
        uint32_t n = 0;

        for (uint32_t chunk = c->head; chunk; chunk = link_of(p, chunk)->next)
                n++;
        return n;
}

void
chain_drop(struct chunk_pool *p, struct chain *c, tcp_seq seq)
{
        while (c->head && key_diff(p, seq.v >> p->shift, link_of(p, c->head)->key) > 0) {
                uint32_t chunk = c->head;

                c->head = link_of(p, chunk)->next;
                if (c->cursor == chunk)
                        c->cursor = 0;
                chunk_give(p, chunk);
        }
        if (!c->head)
                c->tail = 0;
}

void
chain_cut(struct chunk_pool *p, struct chain *c, tcp_seq seq)
{
        uint32_t last = chunk_at_or_before(p, c, seq_sub(seq, 1).v >> p->shift);
        struct chain behind = { .head = last ? link_of(p, last)->next : c->head };

        chain_clear(p, &behind);
        if (last)
                link_of(p, last)->next = 0;
        else
                c->head = 0;
        c->tail = last;
        c->cursor = 0;
}

void
chain_clear(struct chunk_pool *p, struct chain *c)
{
        if (!c->head)
                return;
        while (c->head) {
                uint32_t chunk = c->head;

                c->head = link_of(p, chunk)->next;
                chunk_give(p, chunk);
        }
        *c = (struct chain){ 0 };
}
