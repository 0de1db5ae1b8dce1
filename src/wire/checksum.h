/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * checksum.h - the Internet checksum (RFC 1071): sums in progress, and what they come to.
 *
 *         struct sum s = sum_pseudo_header(LA_IPV4, source, destination, 6, bytes);
 *         s = sum_add(s, sum_bytes(header, header_bytes));               header_bytes is even
 *         s = sum_append(s, so_far, sum_bytes(text, text_bytes));        so_far may be odd
 *         put_checksum(header + 16, sum_checksum(s));
 *
 * The sum of 16-bit words in one's complement does not care in which byte order they are added (RFC 1071 2 B): a
 * `struct sum` holds the sum of words as this machine loads them, and a checksum made from it is stored as this
 * machine stores it.  Neither is a number to print or to compute with; sum_checksum() and put_checksum() go together.
 *
 * A packet is right if the sum over all of it, checksum field included, is minus zero: sum_is_right().
 */
#ifndef LASTACK_WIRE_CHECKSUM_H
#define LASTACK_WIRE_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lastack/endpoint.h"
#include "wire/bytes.h"
#include "wire/likely.h"

/* A sum not yet folded to 16 bits.  What the calls here make of 64 KiB is under 2^46: 2^18 of them can be added. */
struct sum {
        uint64_t v;
};

/* A checksum as it lies in memory: ready to be stored, of no meaning as a number. */
struct checksum {
        uint16_t v;
};

/* The sum of `n` bytes anywhere in memory.  The last byte of an odd number is followed by a zero, as RFC 1071 says.
 * No bytes may be NULL. */
struct sum sum_bytes(const uint8_t *bytes, size_t n);

/* A 32-bit word as this machine loads it. */
static inline uint64_t
sum_load(const uint8_t *bytes)
{
        uint32_t word;

        memcpy(&word, bytes, sizeof word);
        return word;
}

/* The same for the few words of options or an address, `n` a multiple of 4. */
static inline __attribute__((always_inline)) struct sum
sum_words(const uint8_t *bytes, size_t n)
{
        struct sum s = { 0 };

        for (size_t i = 0; i < n; i += 4)
                s.v += sum_load(bytes + i);
        return s;
}

/* The same for a header of 20 bytes or more, as IPv4's and TCP's are. */
static inline __attribute__((always_inline)) struct sum
sum_header(const uint8_t *bytes, size_t n)
{
        struct sum s = sum_words(bytes, 20);

        for (size_t i = 20; LA_UNLIKELY(i < n); i += 4)
                s.v += sum_load(bytes + i);
        return s;
}

/* put32(), and the word added to the sum on its way: reading it back from memory would take longer than all the rest. */
static inline void
put32_summed(uint8_t *b, uint32_t v, struct sum *s)
{
        uint32_t stored = network32(v);

        memcpy(b, &stored, sizeof stored);
        s->v += stored;
}

/* Copies `n` bytes to where they do not overlap, and returns their sum: one walk through memory instead of two. */
struct sum sum_copy(uint8_t *restrict to, const uint8_t *restrict from, size_t n);

/* Sums of two runs of bytes, the first of even length. */
static inline struct sum
sum_add(struct sum a, struct sum b)
{
        return (struct sum){ a.v + b.v };
}

/* What TCP (protocol 6), UDP (17) and ICMPv6 (58) add to their checksum: RFC 9293 3.1, RFC 8200 8.1.  `bytes` is the
 * length of transport header and payload.  The addresses are in network order, 4 bytes or 16. */
static inline struct sum
sum_pseudo_header(enum la_family family, const uint8_t *source, const uint8_t *destination, uint8_t protocol,
                  uint32_t bytes)
{
        struct sum rest = { (uint64_t)network32(bytes) + network32(protocol) };

        if (LA_LIKELY(family == LA_IPV4))
                return sum_add(rest, sum_add(sum_words(source, 4), sum_words(destination, 4)));
        return sum_add(rest, sum_add(sum_words(source, 16), sum_words(destination, 16)));
}

/* Down to 16 bits; zero only for a sum over nothing but zeros.  A number added to itself with its halves exchanged has
 * their sum in its upper half, end-around carry included. */
static inline uint16_t
sum_fold(struct sum s)
{
        uint32_t half = (uint32_t)((s.v + (s.v << 32 | s.v >> 32)) >> 32);

        return (uint16_t)((half + (half << 16 | half >> 16)) >> 16);
}

/* The sum `b` of bytes that follow `a_bytes` others whose sum is `a`.  After an odd number each byte of b stands in the
 * other half of its word than when it was summed, which comes to swapping the sum's bytes (RFC 1071 2 B). */
static inline struct sum
sum_append(struct sum a, size_t a_bytes, struct sum b)
{
        if (LA_UNLIKELY(a_bytes & 1)) {
                uint16_t folded = sum_fold(b);
                b.v = (uint16_t)(folded << 8 | folded >> 8);
        }
        return sum_add(a, b);
}

/* The checksum that makes a packet right whose other bytes come to `s`, the field itself having been zero. */
static inline struct checksum
sum_checksum(struct sum s)
{
        return (struct checksum){ (uint16_t)~sum_fold(s) };
}

/* For UDP, where a field of zero says "no checksum": minus zero in its place (RFC 768). */
static inline struct checksum
sum_checksum_udp(struct sum s)
{
        struct checksum c = sum_checksum(s);

        return c.v ? c : (struct checksum){ 0xffff };
}

/* True if a sum over a whole packet, its checksum included, says that it arrived as it left. */
static inline bool
sum_is_right(struct sum s)
{
        return sum_fold(s) == 0xffff;
}

static inline void
put_checksum(uint8_t *field, struct checksum c)
{
        memcpy(field, &c.v, sizeof c.v);
}

static inline struct checksum
get_checksum(const uint8_t *field)
{
        struct checksum c;

        memcpy(&c.v, field, sizeof c.v);
        return c;
}

/* The checksum after `n` of the bytes it covers change, without walking through the others: RFC 1624's equation 3,
 * HC' = ~(~HC + ~m + m').  The bytes begin at an even offset and `n` is even. */
struct checksum checksum_update(struct checksum c, const uint8_t *before, const uint8_t *after, size_t n);

#endif
