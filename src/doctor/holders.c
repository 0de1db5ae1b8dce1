/* SPDX-License-Identifier: BSD-2-Clause */
#include "doctor/holders.h"

#include <stdlib.h>
#include <string.h>

#include "doctor/array.h"

#define HOLDERS_FIRST 16

/* The slot that has the process, or the free one where it belongs. */
static uint32_t *
slot_of(const struct holders *h, int32_t pid)
{
        size_t mask = h->slot_count - 1;

        for (size_t i = (uint32_t)pid * 0x9e3779b1u & mask;; i = (i + 1) & mask)
                if (h->slots[i] == 0 || h->holder[h->slots[i] - 1].owner.pid == pid)
                        return &h->slots[i];
}

/* Room for one more, with at least half of the slots free. */
static bool
grow(struct holders *h)
{
        struct holder *holder = array_grown(h->holder, h->count, &h->capacity, HOLDERS_FIRST, sizeof(*holder));

        if (!holder)
                return false;
        h->holder = holder;
        if (h->slot_count >= h->capacity * 2)
                return true;
        uint32_t *slots = calloc(h->capacity * 2, sizeof(*slots));
        if (!slots)
                return false;
        free(h->slots);
        h->slots = slots;
        h->slot_count = h->capacity * 2;
        for (size_t i = 0; i < h->count; i++)
                *slot_of(h, h->holder[i].owner.pid) = (uint32_t)i + 1;
        return true;
}

static struct holder *
holder_of(struct holders *h, const struct la_owner *owner)
{
        if (!grow(h))
                return NULL;
        uint32_t *slot = slot_of(h, owner->pid);
        if (*slot == 0) {
                h->holder[h->count++] = (struct holder){ .owner = *owner };
                *slot = (uint32_t)h->count;
        }
        return &h->holder[*slot - 1];
}

static bool
add(struct holders *h, const struct la_snapshot *s, bool age_known, uint32_t age_ms)
{
        static const struct la_owner nobody;
        struct holder *x = holder_of(h, s->owner_count > 0 ? &s->owners[0] : &nobody);

        if (!x)
                return false;
        x->sockets++;
        if (s->known & LA_KNOWN_QUEUES)
                x->bytes += s->receive_queue;
        if (age_known) {
                x->age_known = true;
                x->late += age_ms >= HOLDERS_LATE_MS;
                if (age_ms > x->oldest_min_ms)
                        x->oldest_min_ms = age_ms;
        }
        return true;
}

bool
holders_add(struct holders *h, const struct la_snapshot *s)
{
        return add(h, s, s->known & LA_KNOWN_AGE, s->age_min_ms);
}

bool
holders_add_aged(struct holders *h, const struct la_snapshot *s, uint32_t age_ms)
{
        return add(h, s, true, age_ms);
}

const struct holder *
holders_find(const struct holders *h, int32_t pid)
{
        for (size_t i = 0; i < h->count; i++)
                if (h->holder[i].owner.pid == pid)
                        return &h->holder[i];
        return NULL;
}

struct holder
holders_sum(const struct holders *h)
{
        struct holder sum = { .sockets = 0 };

        for (size_t i = 0; i < h->count; i++) {
                const struct holder *x = &h->holder[i];
                sum.sockets += x->sockets;
                sum.late += x->late;
                sum.bytes += x->bytes;
                sum.age_known |= x->age_known;
                if (x->oldest_min_ms > sum.oldest_min_ms)
                        sum.oldest_min_ms = x->oldest_min_ms;
        }
        return sum;
}

static int
more_sockets_first(const void *a, const void *b)
{
        const struct holder *x = a, *y = b;

        if (x->sockets != y->sockets)
                return x->sockets > y->sockets ? -1 : 1;
        return (x->owner.pid > y->owner.pid) - (x->owner.pid < y->owner.pid);
}

void
holders_sort(struct holders *h)
{
        if (h->count > 0)
                qsort(h->holder, h->count, sizeof(*h->holder), more_sockets_first);
}

void
holders_clear(struct holders *h)
{
        h->count = 0;
        if (h->slots)
                memset(h->slots, 0, h->slot_count * sizeof(*h->slots));
}

void
holders_fini(struct holders *h)
{
        free(h->holder);
        free(h->slots);
        *h = (struct holders){ 0 };
}
