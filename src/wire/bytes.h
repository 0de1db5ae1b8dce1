/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bytes.h - numbers in network order, at any address.
 */
#ifndef LASTACK_WIRE_BYTES_H
#define LASTACK_WIRE_BYTES_H

#include <stdint.h>
#include <string.h>

static inline uint16_t
get16(const uint8_t *b)
{
        return (uint16_t)(b[0] << 8 | b[1]);
}

/* What a load of the four bytes that put32() writes gives on this machine. */
static inline uint32_t
network32(uint32_t v)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        return __builtin_bswap32(v);
#elif __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        return v;
#else
#error "the order of bytes in a word is neither little nor big endian"
#endif
}

static inline uint32_t
get32(const uint8_t *b)
{
        uint32_t stored;

        memcpy(&stored, b, sizeof stored);
        return network32(stored);
}

static inline void
put16(uint8_t *b, uint16_t v)
{
        b[0] = (uint8_t)(v >> 8);
        b[1] = (uint8_t)v;
}

static inline void
put32(uint8_t *b, uint32_t v)
{
        uint32_t stored = network32(v);

        memcpy(b, &stored, sizeof stored);
}

/* Four bytes, and zeros behind them up to sixteen, stored in one piece: what is then copied whole need not wait. */
static inline void
put4_of_16(uint8_t to[16], const uint8_t from[4])
{
        typedef uint32_t words __attribute__((vector_size(16)));
        uint32_t first;
        words all;

        memcpy(&first, from, sizeof first);
        all = (words){ first, 0, 0, 0 };
        memcpy(to, &all, sizeof all);
}

#endif
