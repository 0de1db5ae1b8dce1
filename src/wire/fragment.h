/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fragment.h - pieces of an IP packet: reading one that arrived, and cutting one that is to leave.
 *
 * IPv4 says in every header whether it stands on a piece (RFC 791 3.1), IPv6 in a header of its own (RFC 8200 4.5).  What
 * stands before the data, and is to stand before the whole data, is IPv4's header, and IPv6's with the extension headers
 * before the Fragment header.  Putting pieces together is link/fragments.h's.
 */
#ifndef LASTACK_WIRE_FRAGMENT_H
#define LASTACK_WIRE_FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ip.h"
#include "wire/ipv6.h"

enum fragment_kind {
        FRAGMENT_NONE,  /* a whole packet, or no packet: ip_parse() says which.  So is a Fragment header around a whole
                           * packet, which has nothing to do with other fragments (RFC 6946) */
        FRAGMENT_SOUND, /* the one that fills its output */
        FRAGMENT_BAD,   /* to be dropped silently */
        FRAGMENT_PROBLEM, /* IPv6: to be dropped, and its sender told what was wrong */
};

/* `bytes`, `source`, `destination` and `data` point into the caller's memory. */
struct ip_fragment {
        enum la_family family;
        const uint8_t *source, *destination;
        uint32_t identification;
        uint8_t protocol; /* of what was cut; IPv6: the next header behind the Fragment header */
        enum ip_ecn ecn;
        bool more;
        size_t offset; /* of `data` in what was cut */
        const uint8_t *data;
        size_t data_bytes;
        const uint8_t *bytes; /* the fragment from its first byte */
        size_t packet_bytes;
        size_t header_bytes; /* of what stands before the data, IPv6's Fragment header left out */
        size_t next_at;      /* IPv6: where in those bytes `protocol` is to stand instead of "Fragment header" */
};

/* Reads a packet as a fragment.  FRAGMENT_SOUND fills ret_fragment, FRAGMENT_PROBLEM ret_fragment and ret_problem, the
 * others nothing. */
enum fragment_kind
fragment_parse(const uint8_t *bytes, size_t n, struct ip_fragment *ret_fragment, struct ipv6_problem *ret_problem);

/* Room for the header of a piece: IPv6's and a Fragment header. */
#define FRAGMENT_HEADER_MAX 48

/* Cuts a packet that ip_build() began (no options, no extension headers) into pieces of at most mtu_bytes.
 *
 *         struct fragmenter f = fragmenter_of(packet, n, mtu, identification);
 *         while ((header_bytes = fragmenter_next(&f, header, &data, &data_bytes)) > 0)
 *                 send header, then data
 *
 * The MTU is 68 or more for IPv4, 1280 or more for IPv6. */
struct fragmenter {
        const uint8_t *packet;
        size_t n, header_bytes, at, mtu_bytes;
        uint32_t identification; /* IPv4 has room for 16 bits of it */
};

struct fragmenter fragmenter_of(const uint8_t *packet, size_t n, size_t mtu_bytes, uint32_t identification);

/* The length of the next piece's header; 0 after the last one.  Its data is that part of the packet. */
size_t fragmenter_next(struct fragmenter *f, uint8_t ret_header[FRAGMENT_HEADER_MAX], const uint8_t **ret_data,
                       size_t *ret_data_bytes);

#endif
