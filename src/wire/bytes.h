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

static inline uint32_t
get32(const uint8_t *b)
{
        return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
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
        b[0] = (uint8_t)(v >> 24);
        b[1] = (uint8_t)(v >> 16);
        b[2] = (uint8_t)(v >> 8);
        b[3] = (uint8_t)v;
}

/* What a load of the four bytes that put32() writes gives on this machine. */
static inline uint32_t
network32(uint32_t v)
{
        uint8_t b[4];
        uint32_t loaded;

        put32(b, v);
        memcpy(&loaded, b, sizeof loaded);
        return loaded;
}

#endif
