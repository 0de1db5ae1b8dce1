/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * segment.h - one TCP segment: from the bytes of a packet to what RFC 9293 calls SEG.*, and back.
 *
 *      packet  |<- IP header ->|<- TCP header, options ->|<------- text ------->|  (padding)
 *
 *         struct segment seg;
 *         switch (segment_parse(bytes, n, 0, &seg)) {
 *         case WIRE_OK:             arrives(connection_of(&seg), &seg);
 *         case WIRE_TCP_BAD_OPTION: ... seg is filled as well, the rule for this one is the engine's (MUST-7)
 *         default:                  count it; seg was not touched
 *         }
 *
 * and to send: fill in a struct segment, then
 *
 *         struct wire_piece text[2] = { ... where it lies in the send buffer ... };
 *         header_bytes = segment_build(&seg, text, 2, SEGMENT_CHECKSUM_FULL, header);
 *         ... send header, then text
 *
 * No call allocates or fails half-way, and none but segment_headers_begin() keeps a pointer.  The bytes that are read
 * are borrowed: `text` points into them and is good as long as they are.  segment_parse() of what segment_build() wrote
 * gives the segment back.
 */
#ifndef LASTACK_WIRE_SEGMENT_H
#define LASTACK_WIRE_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lastack/endpoint.h"
#include "wire/checksum.h"
#include "wire/ip.h"
#include "wire/options.h"
#include "wire/result.h"
#include "wire/seq.h"

#define TCP_HEADER_MIN 20

/* Longest header that segment_build() writes: IPv6, TCP and all the options there can be. */
#define SEGMENT_HEADER_MAX (IP_BUILD_MAX + TCP_HEADER_MIN + TCP_OPTIONS_MAX)

/* Where the checksum stands in a TCP header: what VIRTIO_NET_HDR_F_NEEDS_CSUM calls csum_offset. */
#define TCP_CHECKSUM_OFFSET 16

/* The control bits as they stand in the header's fourteenth byte. */
enum tcp_flag {
        TCP_FIN = 1 << 0,
        TCP_SYN = 1 << 1,
        TCP_RST = 1 << 2,
        TCP_PSH = 1 << 3,
        TCP_ACK = 1 << 4,
        TCP_URG = 1 << 5,
        TCP_ECE = 1 << 6,
        TCP_CWR = 1 << 7,
};

struct segment {
        enum la_family family;
        struct la_endpoint source, destination;
        struct ip_fields ip;

        tcp_seq seq;     /* SEG.SEQ */
        tcp_seq ack_seq; /* SEG.ACK; means something only with `ack` */
        uint16_t window; /* SEG.WND as it stands in the header, before any scaling */
        uint16_t urgent; /* the urgent pointer as it stands in the header; means something only with `urg` */

        /* The control bits, each by its name and all as one byte, bits of enum tcp_flag. */
        union {
                uint8_t flags;
                struct {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
                        bool cwr : 1, ece : 1, urg : 1, ack : 1, psh : 1, rst : 1, syn : 1, fin : 1;
#else
                        bool fin : 1, syn : 1, rst : 1, psh : 1, ack : 1, urg : 1, ece : 1, cwr : 1;
#endif
                };
        };

        struct tcp_options options;
        enum options_result options_result; /* OPTIONS_OK, or why segment_parse() said WIRE_TCP_BAD_OPTION */

        const uint8_t *text; /* borrowed; SYN and FIN are not in it */
        uint32_t text_bytes;
        uint32_t length; /* SEG.LEN: text, and one each for SYN and FIN */
};

/* The sequence number that follows the segment: SEG.SEQ + SEG.LEN. */
static inline tcp_seq
segment_end(const struct segment *s)
{
        return seq_add(s->seq, s->length);
}

/* Bits of segment_parse()'s `flags`. */
enum segment_parse_flag {
        /* The checksum need not be looked at: the link has verified it, or the packet never left this machine and its
         * checksum was left for hardware to complete (virtio's DATA_VALID and NEEDS_CSUM). */
        SEGMENT_CHECKSUM_KNOWN = 1 << 0,
};

/* Reads one packet.  `n` may exceed it by a link's padding.  Checked, in this order: the IP header, that it carries TCP,
 * the data offset, the checksum, the options.  Bits that are reserved are ignored (RFC 9293 3.1).  Addresses, ports and
 * numbers may have any value: what they mean is the engine's business, as are broadcast and multicast (ip_is_unicast). */
enum wire_result segment_parse(const uint8_t *bytes, size_t n, unsigned int flags, struct segment *ret_segment);

/* The same where the IP header has been read already. */
enum wire_result segment_parse_ip(const struct ip_packet *ip, unsigned int flags, struct segment *ret_segment);

/* A run of bytes that goes into a packet; borrowed. */
struct wire_piece {
        const uint8_t *bytes;
        size_t n;
};

/* Who makes the checksum. */
enum segment_checksum {
        SEGMENT_CHECKSUM_FULL,    /* segment_build(), over the text's pieces */
        SEGMENT_CHECKSUM_PARTIAL, /* the link: the field holds the pseudo-header's sum, not complemented, which is what
                                   * virtio's NEEDS_CSUM and segmentation offloads expect; the text is not read */
};

/* Writes the IP and TCP headers of a segment whose text lies in `pieces` pieces, 0 of them for none; what `s` says of
 * text, length and options_result is not read.  A `pieces` run of odd length may stand anywhere.  Returns the
 * headers' length, 40 to SEGMENT_HEADER_MAX; 0 with nothing written if there can be no such packet: options that do not
 * fit (options_bytes() tells), or more text than IP's 16 bits of length can count. */
size_t segment_build(const struct segment *s, const struct wire_piece *text, size_t pieces, enum segment_checksum how,
                     uint8_t ret_header[SEGMENT_HEADER_MAX]);

/* The same for a text whose sum is known already: from sum_copy(), when it was copied anyway. */
size_t segment_build_summed(const struct segment *s, size_t text_bytes, struct sum text_sum,
                            uint8_t ret_header[SEGMENT_HEADER_MAX]);

/* The headers of a run of segments that differ only in their place in the stream, in flags and in the length of their
 * text: what is common is put together and summed once.
 *
 *         segment_headers_begin(&seg, header[0], &headers);
 *         for each piece of the text: n = segment_headers_write(&headers, offset, flags, text_bytes, &text_sum, header[i]);
 */
struct segment_headers {
        struct sum pseudo_header, ip_sum, tcp_sum; /* of what is common */
        tcp_seq seq;
        uint32_t ip_word, control; /* the words that hold length and flags, without them */
        uint8_t ip_bytes, bytes;
        uint8_t *first; /* where the first one's are written, from which the others' are copied */
};

/* False, with nothing written, if the options do not fit.  `first` must stay as it is until the last one is written. */
bool
segment_headers_begin(const struct segment *s, uint8_t first[SEGMENT_HEADER_MAX], struct segment_headers *ret_headers);

/* The headers of the segment whose text begins `offset` after the first one's, with these flags.  `text_sum` is the
 * text's sum, NULL for SEGMENT_CHECKSUM_PARTIAL.  Returns as segment_build() does. */
size_t segment_headers_write(const struct segment_headers *h, uint32_t offset, uint8_t flags, size_t text_bytes,
                             const struct sum *text_sum, uint8_t *ret_header);

/* The sum over a text in pieces, and its length. */
struct sum segment_sum_pieces(const struct wire_piece *text, size_t pieces, size_t *ret_bytes);

/* What segment_build() will write for these options; text of at most (MTU - this) fits in a packet. */
static inline size_t
segment_header_bytes(enum la_family family, const struct tcp_options *options)
{
        return ip_build_bytes(family) + TCP_HEADER_MIN + options_bytes(options);
}

#endif
