/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of connections: open addressing, linear probing, at most three quarters full, so that what is looked for
 * lies in one cache line or the next.  A slot holds the whole hash: other items' memory is touched only when it is equal.
 * The home of a hash is its place in proportion to the table's size, which therefore need not be a power of two.
 * Removing moves later slots back, and leaves no tombs behind.
 */
#include "stack/stack.h"

static struct index_slot *
slots(const struct la_stack *s)
{
        return (struct index_slot *)((uintptr_t)s + s->index.offset);
}

static uint32_t
home(const struct la_stack *s, uint32_t hash)
{
        return (uint32_t)((uint64_t)hash * s->index.slots >> 32);
}

static uint32_t
after(const struct la_stack *s, uint32_t slot)
{
        return slot + 1 == s->index.slots ? 0 : slot + 1;
}

struct index_walk
index_walk(const struct la_stack *s, uint32_t hash)
{
        return (struct index_walk){ home(s, hash), hash };
}

uint32_t
index_next(const struct la_stack *s, struct index_walk *w)
{
        const struct index_slot *table = slots(s);

        while (table[w->slot].ref) {
                const struct index_slot *at = &table[w->slot];

                w->slot = after(s, w->slot);
                if (at->hash == w->hash)
                        return at->ref;
        }
        return 0;
}

void
index_add(struct la_stack *s, uint32_t hash, uint32_t ref)
{
        struct index_slot *table = slots(s);
        uint32_t slot = home(s, hash);

        LA_ASSERT(s->index.used < s->index.slots);
        while (table[slot].ref)
                slot = after(s, slot);
        table[slot] = (struct index_slot){ hash, ref };
        s->index.used++;
}

static uint32_t
slot_of(const struct la_stack *s, uint32_t hash, uint32_t ref)
{
        const struct index_slot *table = slots(s);
        uint32_t slot = home(s, hash);

        while (table[slot].ref != ref) {
                LA_ASSERT(table[slot].ref != 0);
                slot = after(s, slot);
        }
        return slot;
}

/* How many slots `slot` lies behind `from`, going round. */
static uint32_t
distance(const struct la_stack *s, uint32_t from, uint32_t slot)
{
        return slot >= from ? slot - from : slot + s->index.slots - from;
}

void
index_remove(struct la_stack *s, uint32_t hash, uint32_t ref)
{
        struct index_slot *table = slots(s);
        uint32_t hole = slot_of(s, hash, ref);

        for (uint32_t next = after(s, hole); table[next].ref; next = after(s, next)) {
                if (distance(s, home(s, table[next].hash), next) < distance(s, hole, next))
                        continue;
                table[hole] = table[next];
                hole = next;
        }
        table[hole] = (struct index_slot){ 0 };
        s->index.used--;
}

void
index_replace(struct la_stack *s, uint32_t hash, uint32_t before, uint32_t now)
{
        slots(s)[slot_of(s, hash, before)].ref = now;
}

static bool
has_tuple(const struct la_stack *s, uint32_t ref, const struct tuple *tuple)
{
        switch (ref_kind(ref)) {
        case REF_TCB:
                return tuple_equal(&tcb_at(s, ref_index(ref))->tuple, tuple);
        case REF_HALF_OPEN:
                return tuple_equal(&half_open_at(s, ref_index(ref))->tuple, tuple);
        case REF_TIME_WAIT4:
        case REF_TIME_WAIT6: {
                struct tuple waiting = time_wait_tuple(s, ref);
                return tuple_equal(&waiting, tuple);
        }
        case REF_NONE:
        case REF_LISTENER:
                break;
        }
        return false;
}

uint32_t
index_find(const struct la_stack *s, const struct tuple *tuple, uint32_t hash)
{
        struct index_walk w = index_walk(s, hash);
        uint32_t ref;

        while ((ref = index_next(s, &w)) != 0)
                if (has_tuple(s, ref, tuple))
                        return ref;
        return 0;
}
