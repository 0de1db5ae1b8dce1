/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * packets.h - what the tests of the wire share: packets written as hexadecimal digits, their copies on the heap, where
 * a sanitizer sees every byte read too far, and a checksum so slow that it can be checked by eye.
 */
#ifndef LASTACK_TESTS_PACKETS_H
#define LASTACK_TESTS_PACKETS_H

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Room for any packet there is. */
#define PACKET_MAX 65600

static inline int
hex_digit(char c)
{
        return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Pairs of hexadecimal digits, blanks between them as one likes; returns their number. */
static inline size_t
bytes_of(const char *hex, uint8_t *ret_bytes)
{
        size_t n = 0;

        for (; *hex; hex++) {
                if (*hex == ' ')
                        continue;
                ret_bytes[n++] = (uint8_t)(hex_digit(hex[0]) << 4 | hex_digit(hex[1]));
                hex++;
        }
        return n;
}

/* A copy that ends where its memory ends; free() it. */
static inline uint8_t *
exact_copy(const uint8_t *bytes, size_t n)
{
        uint8_t *copy = malloc(n ? n : 1);

        assert_non_null(copy);
        memcpy(copy, bytes, n);
        return copy;
}

/* RFC 1071 4.1, byte by byte; in host order. */
static inline uint16_t
slow_sum(const uint8_t *bytes, size_t n)
{
        uint32_t sum = 0;

        for (size_t i = 0; i < n; i++) {
                sum += i % 2 ? bytes[i] : (uint32_t)bytes[i] << 8;
                sum = (sum & 0xffff) + (sum >> 16);
        }
        return (uint16_t)sum;
}

/* Numbers without pattern, the same in every run (Marsaglia's xorshift). */
static inline uint32_t
next_random(uint32_t *state)
{
        *state ^= *state << 13;
        *state ^= *state >> 17;
        *state ^= *state << 5;
        return *state;
}

/* A SYN as Linux sends it: 192.0.2.1:40000 > 198.51.100.2:80, seq 0x12345678, win 64240, MSS 1460, SACK permitted,
 * timestamps 0x01020304 0, NOP, window scale 7; identification 0xbeef, DF. */
#define SYN_IPV4                                                                                    \
        "4500003c beef4000 40068f95 c0000201 c6336402 9c400050 12345678 00000000 a002faf0 57950000" \
        "020405b4 0402080a 01020304 00000000 01030307"

/* PSH, ACK with "hello": [2001:db8::1]:443 > [2001:db8:0:1::2]:50001, seq 0xfffffffe, ack 0x9abcdef0, win 501, timestamps
 * 0xa1b2c3d4 0x11223344; traffic class 0xb9, flow label 0xabcde. */
#define DATA_IPV6                                                                                   \
        "6b9abcde 00250640 20010db8 00000000 00000000 00000001 20010db8 00000001 00000000 00000002" \
        "01bbc351 fffffffe 9abcdef0 801801f5 eccc0000 0101080a a1b2c3d4 11223344 68656c6c 6f"

/* All eight flags, one SACK block 0x10-0x20, urgent pointer 7, "odd": 192.0.2.1:1 > 198.51.100.2:65535, seq 1, ack 2, win
 * 65535; type of service 3, identification 1, no DF, TTL 1. */
#define ALL_FLAGS_IPV4                                                                              \
        "45030037 00010000 0106cd86 c0000201 c6336402 0001ffff 00000001 00000002 80ffffff b8f40007" \
        "0101050a 00000010 00000020 6f6464"

#endif
