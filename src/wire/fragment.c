/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/fragment.h"

#include <string.h>

#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"

#define UNIT         8 /* what offsets count, in both versions */
#define DATA_MOST    0xffff
#define LENGTH4_AT   2
#define LENGTH6_AT   4 /* Payload Length */
#define NEXT6_AT     6
#define FRAGMENT6    8  /* the Fragment header: next, reserved, offset and M, identification */
#define NEXT_IS_FRAG 44 /* RFC 8200 4.5 */

/* ---- IPv4 ---- */

static enum fragment_kind
parse4(const uint8_t *b, size_t n, struct ip_fragment *ret)
{
        size_t header_bytes = n < IPV4_HEADER_MIN ? 0 : (b[0] & 15u) * 4;
        uint16_t field = n < IPV4_HEADER_MIN ? 0 : get16(b + 6);
        struct ip_fragment f;

        if (!(field & (IPV4_MORE_FRAGMENTS | IPV4_FRAGMENT_OFFSET)))
                return FRAGMENT_NONE;
        if (header_bytes < IPV4_HEADER_MIN || header_bytes > n || !sum_is_right(sum_words(b, header_bytes)))
                return FRAGMENT_BAD;
        f = (struct ip_fragment){
                .family = LA_IPV4,
                .source = b + 12,
                .destination = b + 16,
                .identification = get16(b + 4),
                .protocol = b[9],
                .ecn = (enum ip_ecn)(b[1] & 3),
                .more = field & IPV4_MORE_FRAGMENTS,
                .offset = (size_t)(field & IPV4_FRAGMENT_OFFSET) * UNIT,
                .bytes = b,
                .packet_bytes = get16(b + LENGTH4_AT),
                .header_bytes = header_bytes,
        };
        if (f.packet_bytes <= header_bytes || f.packet_bytes > n)
                return FRAGMENT_BAD;
        f.data = b + header_bytes;
        f.data_bytes = f.packet_bytes - header_bytes;
        if ((f.more && f.data_bytes % UNIT != 0) || header_bytes + f.offset + f.data_bytes > DATA_MOST)
                return FRAGMENT_BAD;
        *ret = f;
        return FRAGMENT_SOUND;
}

/* ---- IPv6 ---- */

/* Finds the Fragment header; 0 if there is none, or nothing that can be walked along. */
static size_t
find_fragment_header(const uint8_t *b, size_t packet_bytes, size_t *ret_next_at)
{
        size_t at = IPV6_HEADER, next_at = NEXT6_AT;

        while (b[next_at] != NEXT_IS_FRAG) {
                if (!ipv6_is_options_or_routing(b[next_at]) || packet_bytes - at < UNIT)
                        return 0;
                next_at = at;
                at += (b[at + 1] + 1u) * UNIT;
                if (at > packet_bytes)
                        return 0;
        }
        if (packet_bytes - at < FRAGMENT6)
                return 0;
        *ret_next_at = next_at;
        return at;
}

/* RFC 8200 4.5, RFC 7112: the first piece must hold all headers up to and with that of the transport. */
static bool
holds_all_headers(const struct ip_fragment *f)
{
        const uint8_t *at = f->data;
        size_t left = f->data_bytes;
        uint8_t next = f->protocol;

        while (ipv6_is_options_or_routing(next) || next == NEXT_IS_FRAG) {
                size_t size = left < UNIT ? SIZE_MAX : next == NEXT_IS_FRAG ? UNIT : (at[1] + 1u) * UNIT;

                if (size > left)
                        return false;
                next = at[0];
                at += size;
                left -= size;
        }
        switch (next) {
        case IP_TCP:
                return left >= 20;
        case IP_UDP:
        case IP_ICMPV6:
                return left >= 8;
        default:
                return next == IPV6_NO_NEXT || left > 0;
        }
}

/* What RFC 8200 4.5 wants its sender to be told of. */
static enum fragment_kind
judge6(const struct ip_fragment *f, size_t header_at, struct ipv6_problem *ret_problem)
{
        struct ipv6_problem problem = { .code = IPV6_PROBLEM_ERRONEOUS };
        size_t whole = f->header_bytes - IPV6_HEADER + f->offset + f->data_bytes;

        if (f->more && f->data_bytes % UNIT != 0)
                problem.pointer = LENGTH6_AT;
        else if (whole > DATA_MOST)
                problem.pointer = (uint32_t)header_at + 2;
        else if (f->offset == 0 && !holds_all_headers(f))
                problem.code = IPV6_PROBLEM_INCOMPLETE_CHAIN;
        else
                return f->data_bytes > 0 ? FRAGMENT_SOUND : FRAGMENT_BAD;
        *ret_problem = problem;
        return FRAGMENT_PROBLEM;
}

static enum fragment_kind
parse6(const uint8_t *b, size_t n, struct ip_fragment *ret, struct ipv6_problem *ret_problem)
{
        size_t packet_bytes = n < IPV6_HEADER ? 0 : (size_t)IPV6_HEADER + get16(b + LENGTH6_AT);
        struct ip_fragment f = { .family = LA_IPV6 };
        enum fragment_kind kind;
        size_t at, next_at;
        uint16_t field;

        if (packet_bytes == 0 || packet_bytes > n || (at = find_fragment_header(b, packet_bytes, &next_at)) == 0)
                return FRAGMENT_NONE;
        field = get16(b + at + 2);
        if (!(field & (IPV6_MORE_FRAGMENTS | IPV6_FRAGMENT_OFFSET)))
                return FRAGMENT_NONE;
        f = (struct ip_fragment){
                .family = LA_IPV6,
                .source = b + 8,
                .destination = b + 24,
                .identification = get32(b + at + 4),
                .protocol = b[at],
                .ecn = (enum ip_ecn)(b[1] >> 4 & 3),
                .more = field & IPV6_MORE_FRAGMENTS,
                .offset = field & IPV6_FRAGMENT_OFFSET,
                .data = b + at + FRAGMENT6,
                .data_bytes = packet_bytes - at - FRAGMENT6,
                .bytes = b,
                .packet_bytes = packet_bytes,
                .header_bytes = at,
                .next_at = next_at,
        };
        kind = judge6(&f, at, ret_problem);
        if (kind != FRAGMENT_BAD)
                *ret = f;
        return kind;
}

enum fragment_kind
fragment_parse(const uint8_t *bytes, size_t n, struct ip_fragment *ret_fragment, struct ipv6_problem *ret_problem)
{
        switch (n == 0 ? 0 : bytes[0] >> 4) {
        case 4:
                return parse4(bytes, n, ret_fragment);
        case 6:
                return parse6(bytes, n, ret_fragment, ret_problem);
        default:
                return FRAGMENT_NONE;
        }
}

/* ---- Cutting ---- */

struct fragmenter
fragmenter_of(const uint8_t *packet, size_t n, size_t mtu_bytes, uint32_t identification)
{
        size_t header_bytes = packet[0] >> 4 == 4 ? IPV4_HEADER_MIN : IPV6_HEADER;

        return (struct fragmenter){ packet, n, header_bytes, header_bytes, mtu_bytes, identification };
}

static size_t
build4(const struct fragmenter *f, size_t data_bytes, bool more, uint8_t *h)
{
        size_t units = (f->at - f->header_bytes) / UNIT;

        memcpy(h, f->packet, IPV4_HEADER_MIN);
        put16(h + LENGTH4_AT, (uint16_t)(IPV4_HEADER_MIN + data_bytes));
        put16(h + 4, (uint16_t)f->identification);
        put16(h + 6, (uint16_t)(units | (more ? IPV4_MORE_FRAGMENTS : 0)));
        put16(h + IPV4_CHECKSUM_OFFSET, 0);
        put_checksum(h + IPV4_CHECKSUM_OFFSET, sum_checksum(sum_words(h, IPV4_HEADER_MIN)));
        return IPV4_HEADER_MIN;
}

static size_t
build6(const struct fragmenter *f, size_t data_bytes, bool more, uint8_t *h)
{
        memcpy(h, f->packet, IPV6_HEADER);
        put16(h + LENGTH6_AT, (uint16_t)(FRAGMENT6 + data_bytes));
        h[NEXT6_AT] = NEXT_IS_FRAG;
        h[IPV6_HEADER] = f->packet[NEXT6_AT];
        h[IPV6_HEADER + 1] = 0;
        put16(h + IPV6_HEADER + 2, (uint16_t)((f->at - f->header_bytes) | (more ? IPV6_MORE_FRAGMENTS : 0)));
        put32(h + IPV6_HEADER + 4, f->identification);
        return IPV6_HEADER + FRAGMENT6;
}

size_t
fragmenter_next(struct fragmenter *f, uint8_t ret_header[FRAGMENT_HEADER_MAX], const uint8_t **ret_data,
                size_t *ret_data_bytes)
{
        bool v4 = f->packet[0] >> 4 == 4;
        size_t room = f->mtu_bytes - f->header_bytes - (v4 ? 0 : FRAGMENT6);
        size_t left = f->n - f->at, header_bytes;
        bool more = left > room;
        size_t n = more ? room / UNIT * UNIT : left;

        if (left == 0)
                return 0;
        header_bytes = v4 ? build4(f, n, more, ret_header) : build6(f, n, more, ret_header);
        *ret_data = f->packet + f->at;
        *ret_data_bytes = n;
        f->at += n;
        return header_bytes;
}
