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
 *
 * What a sender is to be told of a packet that was refused, ipv6_problem() says.
 */
#ifndef LASTACK_WIRE_IPV6_H
#define LASTACK_WIRE_IPV6_H

#include "wire/ip.h"

#define IPV6_HEADER          40
#define IPV6_NO_NEXT         59     /* nothing stands behind this header (RFC 8200 4.7) */
#define IPV6_FRAGMENT_OFFSET 0xfff8 /* of the Fragment header, in bytes: the three lowest bits mean something else */
#define IPV6_MORE_FRAGMENTS  0x0001

enum wire_result ipv6_parse(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip);

enum wire_result ipv6_parse_quoted(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip);

size_t ipv6_build(const struct ip_packet *ip, size_t payload_bytes, uint8_t ret_header[IP_BUILD_MAX]);

/* Next headers with options or a route: eight bytes, and as many more as their second byte says, in units of eight. */
bool ipv6_is_options_or_routing(uint8_t next);

/* What ICMP's Parameter Problem says (RFC 4443 3.4, RFC 7112 5.2). */
enum ipv6_problem_code {
        IPV6_PROBLEM_ERRONEOUS = 0,
        IPV6_PROBLEM_UNKNOWN_NEXT_HEADER = 1,
        IPV6_PROBLEM_UNKNOWN_OPTION = 2,
        IPV6_PROBLEM_INCOMPLETE_CHAIN = 3, /* the first fragment does not hold all headers */
};

struct ipv6_problem {
        uint8_t code;
        uint32_t pointer; /* the offset of what was wrong */
};

/* What is to be told of a packet that ipv6_parse() refused, or whose transport protocol nobody knows here: false if it
 * is to be dropped silently. */
bool ipv6_problem(const uint8_t *bytes, size_t n, struct ipv6_problem *ret_problem);

#endif
