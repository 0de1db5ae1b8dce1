/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * array.h - arrays that grow, and the mixing of a hash: what tallies have in common.
 *
 *         struct peer *peer = array_grown(p->peer, p->count, &p->capacity, 64, sizeof(*peer));
 *         if (!peer)
 *                 return false;
 *         p->peer = peer;
 */
#ifndef LASTACK_DOCTOR_ARRAY_H
#define LASTACK_DOCTOR_ARRAY_H

#include <stdint.h>
#include <stdlib.h>

/* The array with room for one more element of `size` bytes, perhaps elsewhere in memory: `first` at the beginning, twice as
 * many each time.  NULL, and all as it was, if there is no memory for it. */
static inline void *
array_grown(void *array, size_t count, size_t *capacity, size_t first, size_t size)
{
        size_t more = *capacity ? *capacity * 2 : first;

        if (count < *capacity)
                return array;
        void *grown = realloc(array, more * size);
        if (grown)
                *capacity = more;
        return grown;
}

/* One more word of a key.  Quick and well spread; not safe from who chooses the keys. */
static inline uint64_t
hash_mix(uint64_t h, uint64_t word)
{
        h ^= word;
        h *= 0x9e3779b97f4a7c15u;
        return h ^ h >> 29;
}

#endif
