/* SPDX-License-Identifier: BSD-2-Clause */
#include "doctor/holders.h"

#include <stdlib.h>

/* A host has few processes that leak, so a walk does; the one met last is likely to be met again. */
static struct holder *
holder_of(struct holders *h, const struct la_owner *owner)
{
        for (size_t i = h->count; i > 0; i--)
                if (h->holder[i - 1].owner.pid == owner->pid)
                        return &h->holder[i - 1];
        if (h->count == h->capacity) {
                size_t capacity = h->capacity ? h->capacity * 2 : 16;
                struct holder *holder = realloc(h->holder, capacity * sizeof(*holder));
                if (!holder)
                        return NULL;
                h->holder = holder;
                h->capacity = capacity;
        }
        struct holder *new = &h->holder[h->count++];
        *new = (struct holder){ .owner = *owner };
        return new;
}

bool
holders_add(struct holders *h, const struct la_snapshot *s)
{
        static const struct la_owner nobody;
        struct holder *x = holder_of(h, s->owner_count > 0 ? &s->owners[0] : &nobody);

        if (!x)
                return false;
        x->sockets++;
        if (s->known & LA_KNOWN_AGE) {
                x->age_known = true;
                if (s->age_min_ms > x->oldest_min_ms)
                        x->oldest_min_ms = s->age_min_ms;
        }
        return true;
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
}

void
holders_fini(struct holders *h)
{
        free(h->holder);
        *h = (struct holders){ 0 };
}
