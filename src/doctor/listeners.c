/* SPDX-License-Identifier: BSD-2-Clause */
#include "doctor/listeners.h"

#include <stdlib.h>
#include <string.h>

#include "doctor/array.h"

static struct listener *
same_place(struct listeners *l, const struct la_snapshot *s)
{
        for (uint32_t i = l->on_port[s->local.port]; i > 0; i = l->listener[i - 1].next) {
                struct listener *x = &l->listener[i - 1];
                if (x->family == s->family && x->v6only == s->v6only && x->interface == s->interface &&
                    memcmp(x->local.address, s->local.address, sizeof(x->local.address)) == 0)
                        return x;
        }
        return NULL;
}

static struct listener *
new_place(struct listeners *l, const struct la_snapshot *s)
{
        struct listener *listener = array_grown(l->listener, l->count, &l->capacity, 64, sizeof(*listener));

        if (!listener)
                return NULL;
        l->listener = listener;
        struct listener *x = &l->listener[l->count++];
        *x = (struct listener){
                .family = s->family,
                .local = s->local,
                .v6only = s->v6only,
                .interface = s->interface,
                .next = l->on_port[s->local.port],
        };
        l->on_port[s->local.port] = (uint32_t)l->count;
        return x;
}

bool
listener_is_full(const struct listener *x)
{
        return x->limit_known && x->queue > x->limit;
}

/* A queue that is full says more than one that is only longer. */
static void
take_fuller_queue(struct listener *x, const struct la_snapshot *s)
{
        struct listener other = *x;

        other.queue = s->receive_queue;
        other.limit = s->send_queue;
        other.limit_known = s->known & LA_KNOWN_QUEUE_LIMIT;
        x->full += listener_is_full(&other);
        x->behind += s->receive_queue > 0;
        other.full = x->full;
        other.behind = x->behind;
        if (s->owner_count > 0)
                other.owner = s->owners[0];
        if (x->sockets == 0 ||
            (listener_is_full(&other) == listener_is_full(x) ? other.queue > x->queue : listener_is_full(&other)))
                *x = other;
}

bool
listeners_add(struct listeners *l, const struct la_snapshot *s)
{
        struct listener *x = same_place(l, s);

        if (!x && !(x = new_place(l, s)))
                return false;
        take_fuller_queue(x, s);
        x->sockets++;
        if (s->known & LA_KNOWN_DROPS) {
                x->drops += s->memory.drops;
                x->drops_known = true;
        }
        if (x->owner.pid == 0 && s->owner_count > 0)
                x->owner = s->owners[0];
        return true;
}

static const uint8_t wildcard[16];

/* The IPv4 address of an end, mapped or not; NULL for one of IPv6. */
static const uint8_t *
ipv4_of(enum la_family family, const struct la_endpoint *e)
{
        if (family == LA_IPV4)
                return e->address;
        return la_endpoint_is_mapped(e) ? e->address + 12 : NULL;
}

/* How closely a listener's address fits a connection's: 0 not at all, 1 as a wildcard, 2 exactly. */
static int
fit(const struct listener *x, enum la_family family, const struct la_endpoint *local)
{
        const uint8_t *ours = ipv4_of(x->family, &x->local), *theirs = ipv4_of(family, local);

        if (x->family == LA_IPV6 && memcmp(x->local.address, wildcard, sizeof(wildcard)) == 0)
                return !theirs || !x->v6only;
        if (!ours != !theirs)
                return 0;
        if (!ours)
                return memcmp(x->local.address, local->address, sizeof(local->address)) == 0 ? 2 : 0;
        if (memcmp(ours, theirs, 4) == 0)
                return 2;
        return memcmp(ours, wildcard, 4) == 0;
}

struct listener *
listeners_find(struct listeners *l, enum la_family family, const struct la_endpoint *local)
{
        struct listener *best = NULL;
        int best_fit = 0;

        for (uint32_t i = l->on_port[local->port]; i > 0; i = l->listener[i - 1].next) {
                struct listener *x = &l->listener[i - 1];
                int f = fit(x, family, local);
                if (f > best_fit) {
                        best_fit = f;
                        best = x;
                }
        }
        return best;
}

bool
listener_is_in_trouble(const struct listener *x)
{
        return listener_is_full(x) || x->drops > 0;
}

static int
compare(uint64_t a, uint64_t b)
{
        return (a > b) - (a < b);
}

static int
more_trouble_first(const void *a, const void *b)
{
        const struct listener *x = *(const struct listener *const *)a, *y = *(const struct listener *const *)b;
        const int order[] = {
                compare(listener_is_full(y), listener_is_full(x)),
                compare(y->drops, x->drops),
                compare(y->half_open, x->half_open),
                compare(y->queue, x->queue),
                compare(x->local.port, y->local.port),
        };

        for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
                if (order[i] != 0)
                        return order[i];
        return 0;
}

const struct listener **
listeners_by_trouble(const struct listeners *l)
{
        const struct listener **order = l->count > 0 ? malloc(l->count * sizeof(*order)) : NULL;

        if (!order)
                return NULL;
        for (size_t i = 0; i < l->count; i++)
                order[i] = &l->listener[i];
        qsort(order, l->count, sizeof(*order), more_trouble_first);
        return order;
}

void
listeners_clear(struct listeners *l)
{
        l->count = 0;
        memset(l->on_port, 0, sizeof(l->on_port));
}

void
listeners_fini(struct listeners *l)
{
        free(l->listener);
        *l = (struct listeners){ 0 };
}
