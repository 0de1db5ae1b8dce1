/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * result.h - what can be wrong with a packet before its contents are anybody's.
 *
 * One enumeration for IP, TCP and ICMP, so that whoever counts or explains refusals needs one table.  No result but
 * WIRE_OK, and WIRE_TCP_BAD_OPTION where segment.h says so, comes with a filled output.
 */
#ifndef LASTACK_WIRE_RESULT_H
#define LASTACK_WIRE_RESULT_H

enum wire_result {
        WIRE_OK,

        WIRE_IP_TRUNCATED,         /* fewer bytes than the headers or the length field promise */
        WIRE_IP_BAD_VERSION,       /* neither 4 nor 6 */
        WIRE_IP_BAD_HEADER_LENGTH, /* IPv4: IHL under 5 words, or the header longer than the whole packet */
        WIRE_IP_BAD_CHECKSUM,      /* IPv4's header checksum */
        WIRE_IP_FRAGMENT,          /* part of a datagram; nothing here reassembles */
        WIRE_IP_BAD_EXTENSION,     /* IPv6: an extension header, or an option in it, runs out of its bounds, or
                                    * Hop-by-Hop Options stand elsewhere than first (RFC 8200 4.1) */
        WIRE_IP_REFUSED_OPTION,    /* IPv6: an unknown option that orders to discard the packet (RFC 8200 4.2) */
        WIRE_IP_SOURCE_ROUTED,     /* IPv6: a routing header with segments left (RFC 8200 4.4, RFC 5095) */

        WIRE_NOT_TCP, /* a sound packet of another protocol */

        WIRE_TCP_TRUNCATED,       /* fewer than the 20 bytes of a TCP header */
        WIRE_TCP_BAD_DATA_OFFSET, /* data offset under 5 words, or beyond the segment's end */
        WIRE_TCP_BAD_CHECKSUM,    /* MUST-3 */
        WIRE_TCP_BAD_OPTION,      /* an option with an impossible length (MUST-7); which, see options.h */

        WIRE_NOT_ICMP,          /* a sound packet of another protocol */
        WIRE_ICMP_TRUNCATED,    /* fewer than the 8 bytes of an ICMP header */
        WIRE_ICMP_BAD_CHECKSUM, /* RFC 792, RFC 4443 2.3 */
        WIRE_ICMP_BAD_QUOTE,    /* an error that quotes too little, or no TCP: it concerns no connection */

        WIRE_RESULT_COUNT
};

#endif
