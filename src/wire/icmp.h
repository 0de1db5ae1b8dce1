/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * icmp.h - ICMP of both versions (RFC 792, RFC 1122 3.2.2, RFC 4443), as far as a host that speaks TCP needs it: errors
 * about segments it sent, errors it sends itself, and echo.
 *
 *         struct icmp_message m;
 *         if (icmp_parse(&ip, &m) == WIRE_OK)
 *                 if (m.kind == ICMP_ECHO_REQUEST)
 *                         n = icmp_build_echo_reply(&m, buffer, sizeof buffer);
 *                 else if (icmp_is_error(m.kind))
 *                         the connection m.quote.source -> m.quote.destination, if m.quote.seq is one it has in flight
 *
 * An error names the connection it is about by quoting the start of the packet that caused it.  Anybody can forge one:
 * what to believe (RFC 5927), what is a hard error and what a soft one (RFC 9293 3.9.2.2) is the engine's to say.
 */
#ifndef LASTACK_WIRE_ICMP_H
#define LASTACK_WIRE_ICMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lastack/endpoint.h"
#include "wire/ip.h"
#include "wire/ipv6.h"
#include "wire/result.h"
#include "wire/seq.h"

/* What a message says, whichever version says it. */
enum icmp_kind {
        ICMP_OTHER, /* none of those below: to be discarded silently (RFC 1122 3.2.2, RFC 4443 2.4 (b)) */
        ICMP_ECHO_REQUEST,
        ICMP_ECHO_REPLY,

        /* Errors. IPv4 type 3 unless said otherwise, and IPv6 type 1. */
        ICMP_NETWORK_UNREACHABLE,  /* IPv4 codes 0, 6, 11; IPv6 code 0: no route */
        ICMP_HOST_UNREACHABLE,     /* IPv4 codes 1, 7, 8, 12; IPv6 code 3 */
        ICMP_PROTOCOL_UNREACHABLE, /* IPv4 code 2 */
        ICMP_PORT_UNREACHABLE,     /* IPv4 code 3; IPv6 code 4 */
        ICMP_PACKET_TOO_BIG,       /* IPv4 code 4: fragmentation needed; IPv6 type 2 */
        ICMP_SOURCE_ROUTE_FAILED,  /* IPv4 code 5 */
        ICMP_PROHIBITED,           /* IPv4 codes 9, 10, 13, 14, 15; IPv6 codes 1, 2, 5, 6 */
        ICMP_TIME_EXCEEDED,        /* IPv4 type 11, IPv6 type 3, in transit and in reassembly */
        ICMP_PARAMETER_PROBLEM,    /* IPv4 type 12, IPv6 type 4; among them IPv6's unknown protocol, code 1 */
        ICMP_SOURCE_QUENCH,        /* IPv4 type 4: to be discarded silently (MUST-55) */
        ICMP_UNKNOWN_ERROR, /* a code of type 3, or of IPv6's 1, without a name; another IPv6 type under 128, which goes to
                             * whom it is about all the same (RFC 4443 2.4 (a)) */
};

static inline bool
icmp_is_error(enum icmp_kind kind)
{
        return kind >= ICMP_NETWORK_UNREACHABLE;
}

/* What an error quotes of the segment that caused it: its source was this host. */
struct icmp_quote {
        struct la_endpoint source, destination;
        tcp_seq seq;
        size_t packet_bytes; /* of the whole packet, by its own header: bounds the MTU that can be true (RFC 1191 5) */
};

struct icmp_message {
        enum la_family family;
        uint8_t source[16], destination[16]; /* of the message itself, as in struct ip_packet */
        struct ip_fields ip;
        uint8_t type, code; /* as they stand in the header */
        enum icmp_kind kind;

        struct icmp_quote quote; /* errors */
        uint32_t mtu_bytes;      /* ICMP_PACKET_TOO_BIG: the next hop's; 0 from IPv4 routers older than RFC 1191 */
        uint32_t pointer;        /* ICMP_PARAMETER_PROBLEM: the offset in the quoted packet of what was wrong */

        uint16_t identifier, sequence; /* echo */
        const uint8_t *data;           /* echo: what is to be sent back, borrowed */
        size_t data_bytes;
};

/* Reads the message that a packet carries: checksum, header, and for an error the quoted TCP header, which needs its
 * first 8 bytes (RFC 792).  An error that quotes something else than TCP, or too little, is WIRE_ICMP_BAD_QUOTE. */
enum wire_result icmp_parse(const struct ip_packet *ip, struct icmp_message *ret_message);

/* The packets that are written here start with this many hops (IANA's recommendation) and forbid fragmentation. */
#define ICMP_HOP_LIMIT 64

/* Writes the whole packet that answers an echo request, data included (RFC 1122 3.2.2.6, RFC 4443 4.2), from the
 * address that was asked.  Returns its length; 0 with nothing written if the request came to or from an address that
 * is not one host's, if it was none, or if the answer is longer than `size`. */
size_t icmp_build_echo_reply(const struct icmp_message *request, uint8_t *ret_packet, size_t size);

/* Room for any error: RFC 1812 4.3.2.3 and RFC 4443 2.4 (c) say how much of the packet to quote. */
#define ICMP_ERROR_MAX_IPV4 576
#define ICMP_ERROR_MAX_IPV6 1280

/* Each writes the whole packet of an error about `offender`, as ip_parse() read it, to its source, from `reporter`
 * (network order, the offender's family): that it cannot be delivered, `kind` being one of ICMP_NETWORK_UNREACHABLE to
 * ICMP_PROHIBITED; or that it is larger than the next link takes (IPv4: 65535 at most).
 *
 * Returns its length; 0 with nothing written if the version has no such code, or where no error must be sent: about an
 * ICMP error or redirect, or a packet from or to an address that is not one host's (RFC 1122 3.2.2, RFC 4443 2.4 (e)).
 * How many to send in a second is the caller's to limit (RFC 4443 2.4 (f)). */
size_t icmp_build_unreachable(const struct ip_packet *offender, enum icmp_kind kind, const uint8_t *reporter,
                              uint8_t ret_packet[ICMP_ERROR_MAX_IPV6]);
size_t icmp_build_too_big(const struct ip_packet *offender, uint32_t mtu_bytes, const uint8_t *reporter,
                          uint8_t ret_packet[ICMP_ERROR_MAX_IPV6]);

/* The same: that fragments did not come in time, `offender` being the first of them (RFC 792, RFC 4443 3.3); and what is
 * wrong with an IPv6 packet. */
size_t icmp_build_reassembly_time_exceeded(const struct ip_packet *offender, const uint8_t *reporter,
                                           uint8_t ret_packet[ICMP_ERROR_MAX_IPV6]);
size_t icmp_build_parameter_problem(const struct ip_packet *offender, const struct ipv6_problem *problem,
                                    const uint8_t *reporter, uint8_t ret_packet[ICMP_ERROR_MAX_IPV6]);

#endif
