/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ipv6.h - IPv6 headers and the chain of extension headers behind them (RFC 8200).  The calls are ip.h's, for this
 * version alone.
 *
 * Hop-by-Hop Options, Destination Options and Routing headers are stepped over, in any order and number as RFC 8200 4.1
 * wants it, but Hop-by-Hop Options only as the first.  Their options are looked at as far as they say what to do with a
 * packet whose option one does not know (4.2); we know Pad1 and PadN.  A Fragment header around a whole packet (RFC
 * 6946) is stepped over.  Authentication and encryption headers end the chain, as the payload's protocol: without a
 * security association the packet must not be accepted (RFC 4302 3.4.2).  No jumbograms (RFC 2675).
 */
#ifndef LASTACK_WIRE_IPV6_H
#define LASTACK_WIRE_IPV6_H

#include "wire/ip.h"

#define IPV6_HEADER 40

enum wire_result ipv6_parse(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip);

enum wire_result ipv6_parse_quoted(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip);

size_t ipv6_build(const struct ip_packet *ip, size_t payload_bytes, uint8_t ret_header[IP_BUILD_MAX]);

#endif
