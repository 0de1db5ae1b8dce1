/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipv4.h - IPv4 headers (RFC 791; RFC 1122 3.2.1).  The calls are ip.h's, for this version alone.
 *
 * Options are stepped over and stay readable: they lie between bytes + 20 and payload.  None is acted on, as MUST-50
 * allows; a packet that carries a source route is delivered if it is addressed to us, and answered directly.
 */
#ifndef LASTACK_WIRE_IPV4_H
#define LASTACK_WIRE_IPV4_H

#include "wire/ip.h"

#define IPV4_HEADER_MIN      20
#define IPV4_CHECKSUM_OFFSET 10
#define IPV4_DONT_FRAGMENT   0x4000
#define IPV4_MORE_FRAGMENTS  0x2000
#define IPV4_FRAGMENT_OFFSET 0x1fff /* in units of 8 bytes */

enum wire_result ipv4_parse(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip);

enum wire_result ipv4_parse_quoted(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip);

size_t ipv4_build(const struct ip_packet *ip, size_t payload_bytes, uint8_t ret_header[IP_BUILD_MAX]);

#endif
