/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_raw.h - engine.h's words for what seg() cannot say: options byte by byte, IP options, other addresses, ICMP.
 *
 *         seg_with_options("S 0:0", "02 04 05b4");                  the TCP options as hexadecimal digits
 *         seg_between("S 0:0", "10.0.0.2", "224.0.0.1");            other ends than the usual ones
 *         established();
 *         write_bytes(10);
 *         expect_sent("PA 1:11 ack 1");
 *         icmp_about_last(3, 1);                                    a router says "host unreachable" about it
 */
#ifndef LASTACK_TESTS_ENGINE_RAW_H
#define LASTACK_TESTS_ENGINE_RAW_H

#include "engine.h"

/* A segment as seg() says it, whose TCP options are these bytes and no others; as many as make whole words. */
void seg_with_options(const char *text, const char *hex);

/* IPv4: a segment whose IP header carries these options. */
void seg_with_ip_options(const char *text, const char *hex);

/* A segment from one address to another, as "10.0.0.2" or "fd00::2". */
void seg_between(const char *text, const char *from, const char *to);

/* An end, for la_open() and la_listen(). */
struct la_endpoint endpoint_of(const char *address, unsigned int port);

/* An ICMP error, by type and code, that quotes the packet which expect_sent() took last; in its fifth to eighth byte
 * stands `rest`. */
void icmp_about_last(uint8_t type, uint8_t code);
void icmp_about_last_with(uint8_t type, uint8_t code, uint32_t rest);

/* The packet that expect_sent() took last, byte by byte: its length, and where TCP begins. */
size_t last_packet_bytes(void);
const uint8_t *last_tcp(void);

/* The option of this kind in the last packet; NULL if there is none, or a length that cannot be before it. */
const uint8_t *last_option(uint8_t kind);

#endif
