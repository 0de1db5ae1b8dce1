/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/ahead.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD_BYTES_MAX (4u << 20)

static void *
search(void *argument)
{
        struct search *s = argument;

        s->result = owners_collect(&s->owners);
        atomic_store_explicit(&s->done, true, memory_order_release);
        return NULL;
}

void
search_begin(struct search *s)
{
        s->owners = NULL;
        atomic_store(&s->done, false);
        s->running = pthread_create(&s->thread, NULL, search, s) == 0;
        if (!s->running)
                search(s);
}

bool
search_goes_on(const struct search *s)
{
        return !atomic_load_explicit(&s->done, memory_order_acquire);
}

int
search_end(struct search *s, struct owners **ret_owners)
{
        if (s->running)
                pthread_join(s->thread, NULL);
        s->running = false;
        if (s->result == 0)
                *ret_owners = s->owners;
        return s->result;
}

void
ahead_init(struct ahead *a, bool details)
{
        *a = (struct ahead){ .row_size = details ? sizeof(struct la_snapshot) : offsetof(struct la_snapshot, tcp) };
}

static bool
grow(struct ahead *a)
{
        size_t capacity = a->capacity ? a->capacity * 2 : 256;

        if (capacity * a->row_size > AHEAD_BYTES_MAX)
                return false;
        uint8_t *rows = realloc(a->rows, capacity * a->row_size);
        if (!rows)
                return false;
        a->rows = rows;
        a->capacity = capacity;
        return true;
}

bool
ahead_has_room(struct ahead *a)
{
        return a->count < a->capacity || grow(a);
}

void
ahead_put(struct ahead *a, const struct la_snapshot *s)
{
        memcpy(a->rows + a->count++ * a->row_size, s, a->row_size);
}

bool
ahead_take(struct ahead *a, struct la_snapshot *ret_snapshot)
{
        if (a->next == a->count) {
                ahead_clear(a);
                return false;
        }
        memcpy(ret_snapshot, a->rows + a->next++ * a->row_size, a->row_size);
        return true;
}

void
ahead_clear(struct ahead *a)
{
        a->count = a->next = 0;
}

void
ahead_fini(struct ahead *a)
{
        free(a->rows);
        a->rows = NULL;
}
