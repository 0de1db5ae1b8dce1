/* SPDX-License-Identifier: BSD-2-Clause */
#include "doctor/paths.h"

#include <stdlib.h>
#include <string.h>

#include "doctor/array.h"

#define SLOTS_FIRST 1024

/* 300,000 paths, each of one connection, are to fit 32 MiB, with their slots and while these grow. */
_Static_assert(sizeof(struct path) <= 64, "there may be very many");

static uint64_t
hash_of(const struct path *p)
{
        uint64_t words[4], h = (uint64_t)p->service << 8 | (uint64_t)p->family << 4 | (uint64_t)p->role;

        memcpy(words, p->local, sizeof(p->local));
        memcpy(words + 2, p->remote, sizeof(p->remote));
        for (size_t i = 0; i < 4; i++)
                h = hash_mix(h, words[i]);
        return h;
}

static bool
same_path(const struct path *a, const struct path *b)
{
        return a->service == b->service && a->role == b->role && a->family == b->family &&
               memcmp(a->local, b->local, sizeof(a->local)) == 0 &&
               memcmp(a->remote, b->remote, sizeof(a->remote)) == 0;
}

/* The slot that holds the path, or the free one where it belongs. */
static uint32_t *
slot_of(const struct paths *p, const struct path *key)
{
        size_t mask = p->slot_count - 1;

        for (size_t i = hash_of(key) & mask;; i = (i + 1) & mask)
                if (p->slots[i] == 0 || same_path(&p->path[p->slots[i] - 1], key))
                        return &p->slots[i];
}

/* Room for one more path, with at least half of the slots free. */
static bool
grow(struct paths *p)
{
        struct path *path = array_grown(p->path, p->count, &p->capacity, SLOTS_FIRST / 2, sizeof(*path));

        if (!path)
                return false;
        p->path = path;
        if (p->slot_count >= 2 * (p->count + 1))
                return true;

        size_t slot_count = p->slot_count ? p->slot_count * 2 : SLOTS_FIRST;
        uint32_t *slots = calloc(slot_count, sizeof(*slots));
        if (!slots)
                return false;
        free(p->slots);
        p->slots = slots;
        p->slot_count = slot_count;
        for (size_t i = 0; i < p->count; i++)
                *slot_of(p, &p->path[i]) = (uint32_t)i + 1;
        return true;
}

/* An address as the key of a path has it: mapped IPv4 as IPv4. */
static void
plain_address(uint8_t plain[16], const uint8_t address[16], bool mapped)
{
        memset(plain, 0, 16);
        memcpy(plain, mapped ? address + 12 : address, mapped ? 4 : 16);
}

static struct path
key_of(const struct la_snapshot *s, enum path_role role)
{
        bool mapped = s->family == LA_IPV6 && la_endpoint_is_mapped(&s->local) && la_endpoint_is_mapped(&s->remote);
        struct path key = {
                .family = (uint8_t)(mapped ? LA_IPV4 : s->family),
                .role = (uint8_t)role,
                .service = role == PATH_CLIENT ? s->remote.port : s->local.port,
        };

        plain_address(key.local, s->local.address, mapped);
        plain_address(key.remote, s->remote.address, mapped);
        return key;
}

struct path *
paths_of(struct paths *p, const struct la_snapshot *s, enum path_role role)
{
        struct path key = key_of(s, role);

        if (!grow(p))
                return NULL;
        uint32_t *slot = slot_of(p, &key);
        if (*slot == 0) {
                p->path[p->count++] = key;
                *slot = (uint32_t)p->count;
        }
        return &p->path[*slot - 1];
}

void
path_vote(struct path *p, int32_t pid)
{
        if (p->votes == 0)
                p->pid = pid;
        if (p->pid != pid)
                p->votes--;
        else if (p->votes < UINT16_MAX)
                p->votes++;
}

const struct path *
paths_same(const struct paths *p, const struct path *as)
{
        if (p->slot_count == 0)
                return NULL;
        uint32_t slot = *slot_of(p, as);
        return slot > 0 ? &p->path[slot - 1] : NULL;
}

uint32_t
path_closed_now(const struct path *p)
{
        return p->closed_now;
}

uint32_t
path_ephemeral(const struct path *p)
{
        return p->ephemeral;
}

size_t
paths_top(const struct paths *p, uint32_t (*figure)(const struct path *), size_t most, const struct path **ret_top)
{
        size_t count = 0;

        for (size_t i = 0; i < p->count; i++) {
                const struct path *path = &p->path[i];
                size_t at = count;
                if (figure(path) == 0)
                        continue;
                while (at > 0 && figure(ret_top[at - 1]) < figure(path))
                        at--;
                if (at == most)
                        continue;
                if (count < most)
                        count++;
                memmove(ret_top + at + 1, ret_top + at, (count - at - 1) * sizeof(*ret_top));
                ret_top[at] = path;
        }
        return count;
}

bool
paths_keep(struct paths *p, uint32_t (*figure)(const struct path *), size_t most)
{
        const struct path **top = calloc(most, sizeof(*top));
        struct paths kept = { 0 };

        if (!top)
                return false;
        size_t count = paths_top(p, figure, most, top);
        for (size_t i = 0; i < count; i++) {
                if (!grow(&kept)) {
                        paths_fini(&kept);
                        free(top);
                        return false;
                }
                kept.path[kept.count++] = *top[i];
                *slot_of(&kept, top[i]) = (uint32_t)kept.count;
        }
        free(top);
        paths_fini(p);
        *p = kept;
        return true;
}

void
paths_clear(struct paths *p)
{
        p->count = 0;
        if (p->slots)
                memset(p->slots, 0, p->slot_count * sizeof(*p->slots));
}

void
paths_fini(struct paths *p)
{
        free(p->path);
        free(p->slots);
        *p = (struct paths){ 0 };
}
