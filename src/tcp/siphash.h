/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * siphash.h - SipHash (Aumasson and Bernstein, 2012): a short keyed function whose values cannot be foretold without
 * the key.  What goes on the wire (initial sequence numbers, SYN cookies) uses two rounds a word and four to finish;
 * spreading flows over stacks, where nobody sees the values, one and three.
 */
#ifndef LASTACK_TCP_SIPHASH_H
#define LASTACK_TCP_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key {
        uint64_t k0, k1;
};

struct siphash {
        uint64_t v0, v1, v2, v3;
};

static inline uint64_t
siphash_rotate(uint64_t x, int bits)
{
        return x << bits | x >> (64 - bits);
}

static inline void
siphash_round(struct siphash *s)
{
        s->v0 += s->v1;
        s->v1 = siphash_rotate(s->v1, 13) ^ s->v0;
        s->v0 = siphash_rotate(s->v0, 32);
        s->v2 += s->v3;
        s->v3 = siphash_rotate(s->v3, 16) ^ s->v2;
        s->v0 += s->v3;
        s->v3 = siphash_rotate(s->v3, 21) ^ s->v0;
        s->v2 += s->v1;
        s->v1 = siphash_rotate(s->v1, 17) ^ s->v2;
        s->v2 = siphash_rotate(s->v2, 32);
}

/* Whole words only: the count goes where SipHash has the length, and the words are numbers, so that a value does not
 * depend on the machine's byte order. */
static inline uint64_t
siphash_words(const struct siphash_key *key, const uint64_t *words, size_t n, int rounds, int final_rounds)
{
        struct siphash s = { key->k0 ^ 0x736f6d6570736575u, key->k1 ^ 0x646f72616e646f6du,
                             key->k0 ^ 0x6c7967656e657261u, key->k1 ^ 0x7465646279746573u };
        uint64_t length = (uint64_t)(n * 8) << 56;

        for (size_t i = 0; i <= n; i++) {
                uint64_t word = i < n ? words[i] : length;

                s.v3 ^= word;
                for (int r = 0; r < rounds; r++)
                        siphash_round(&s);
                s.v0 ^= word;
        }
        s.v2 ^= 0xff;
        for (int r = 0; r < final_rounds; r++)
                siphash_round(&s);
        return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

#endif
