/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ip.h - an IP packet of either version, as far as what it carries needs to know.
 *
 *         struct ip_packet ip;
 *         if (ip_parse(bytes, n, &ip) == WIRE_OK)
 *                 switch (ip.protocol) {
 *                 case IP_TCP: segment_parse_ip(&ip, ...);
 *                 case IP_ICMP: case IP_ICMPV6: icmp_parse(&ip, ...);
 *                 }
 *
 * ipv4.h and ipv6.h hold the two versions' own calls.  Nothing reassembles: TCP discovers the path's MTU and sends no
 * fragments (RFC 9293 3.7.2), and what arrives in fragments is reported as WIRE_IP_FRAGMENT.
 */
#ifndef LASTACK_WIRE_IP_H
#define LASTACK_WIRE_IP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lastack/endpoint.h"
#include "wire/result.h"

/* IANA protocol numbers, which are IPv6's next headers too. */
enum ip_protocol {
        IP_ICMP = 1,
        IP_TCP = 6,
        IP_UDP = 17,
        IP_ICMPV6 = 58,
};

/* Longest header that is built here: IPv6 without extension headers. */
#define IP_BUILD_MAX 40

/* What routers and a transport tell each other: the two lowest bits of the traffic class (RFC 3168 5).  ECT(1) means
 * what ECT(0) does (RFC 8311 3 took back what else it was for). */
enum ip_ecn {
        IP_NOT_ECT = 0, /* who sent this takes no marks: where a queue grows too long it is dropped */
        IP_ECT_1 = 1,
        IP_ECT_0 = 2, /* it may be marked instead */
        IP_CE = 3,    /* and was: congestion experienced */
};

/* What travels in an IP header beside addresses and lengths. */
struct ip_fields {
        uint8_t traffic_class;   /* DSCP << 2 | ECN (RFC 2474, RFC 3168 5); IPv4 calls it type of service */
        uint8_t hop_limit;       /* IPv4 calls it time to live */
        bool dont_fragment;      /* IPv4 only: false over IPv6, where no router fragments */
        uint16_t identification; /* IPv4 only; without meaning where dont_fragment is set (RFC 6864 4.1) */
        uint32_t flow_label;     /* IPv6 only; 20 bits */
};

static inline enum ip_ecn
ip_ecn_of(const struct ip_fields *ip)
{
        return (enum ip_ecn)(ip->traffic_class & 3);
}

static inline void
ip_ecn_set(struct ip_fields *ip, enum ip_ecn ecn)
{
        ip->traffic_class = (uint8_t)((ip->traffic_class & ~3u) | ecn);
}

/* A packet that was found sound.  `bytes` and `payload` point into the caller's memory. */
struct ip_packet {
        enum la_family family;
        uint8_t source[16], destination[16]; /* network order; IPv4: the first four bytes, the others zero */
        struct ip_fields ip;
        uint8_t protocol;       /* of the payload, after IPv6's extension headers; any number, see enum ip_protocol */
        const uint8_t *bytes;   /* the packet from its first byte */
        size_t packet_bytes;    /* as its headers say; the caller's buffer may hold padding after it */
        const uint8_t *payload; /* the transport header */
        size_t payload_bytes;
};

/* Reads a packet of either version.  `n` may exceed the packet (Ethernet pads short frames); it may not fall short. */
enum wire_result ip_parse(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip);

/* Reads the beginning of a packet as ICMP errors quote it: `n` may fall short of the packet, routers may have changed
 * the header since its checksum was made, and the first fragment of many will do.  payload_bytes is what is there,
 * packet_bytes what the header says there was. */
enum wire_result ip_parse_quoted(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip);

/* Writes a header without options or extension headers, IPv4's checksum included, for `payload_bytes` to follow.
 * Reads family, addresses, ip and protocol of `ip`, and nothing else of it.  Returns the header's length, 20 or 40; 0
 * with nothing written if the length does not fit in the header. */
size_t ip_build(const struct ip_packet *ip, size_t payload_bytes, uint8_t ret_header[IP_BUILD_MAX]);

/* What a router does to a packet that it would rather not drop: marks it, IPv4's checksum included.  False, and nothing
 * changed, for one that takes no marks or is not sound. */
bool ip_mark_ce(uint8_t *bytes, size_t n);

/* The header that ip_build() writes. */
static inline size_t
ip_build_bytes(enum la_family family)
{
        return family == LA_IPV4 ? 20 : 40;
}

/* True if the address can be one host's: not unspecified, multicast, or IPv4's limited broadcast or class E
 * (RFC 1122 3.2.1.3).  A subnet's own broadcast address cannot be told from the address alone. */
bool ip_is_unicast(enum la_family family, const uint8_t *address);

#endif
