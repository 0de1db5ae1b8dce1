/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/ipv6.h"

#include <string.h>

#include "wire/bytes.h"

/* Next headers that are followed by another (RFC 8200 4). */
enum {
        HOP_BY_HOP_OPTIONS = 0,
        ROUTING = 43,
        FRAGMENT = 44,
        DESTINATION_OPTIONS = 60,
};

#define EXTENSION_MIN 8
#define OPTION_PAD1   0 /* the one option without a length */

/* Where the walk along the chain of headers stands. */
struct chain {
        const uint8_t *at;
        size_t left;          /* bytes from here to the end of the packet */
        uint8_t next;         /* what stands here */
        const uint8_t *wrong; /* what made the walk end, if its sender is to be told */
        uint8_t wrong_code;   /* of ICMP's Parameter Problem */
};

bool
ipv6_is_options_or_routing(uint8_t next)
{
        return next == HOP_BY_HOP_OPTIONS || next == ROUTING || next == DESTINATION_OPTIONS;
}

static bool
is_extension(uint8_t next)
{
        return ipv6_is_options_or_routing(next) || next == FRAGMENT;
}

static enum wire_result
wrong(struct chain *c, const uint8_t *what, uint8_t code, enum wire_result result)
{
        c->wrong = what;
        c->wrong_code = code;
        return result;
}

/* RFC 8200 4.2: the two highest bits of an option's type say what becomes of a packet with an option that the node does
 * not know: 00, which PadN has too, to skip it; 01 to discard the packet; 10 to tell its sender, too; 11 to tell it only if
 * the packet was for one host, as is all that this host takes. */
static enum wire_result
refused_option(struct chain *c, const uint8_t *option)
{
        if (*option >> 6 == 1)
                return WIRE_IP_REFUSED_OPTION;
        return wrong(c, option, IPV6_PROBLEM_UNKNOWN_OPTION, WIRE_IP_REFUSED_OPTION);
}

static enum wire_result
check_options(struct chain *c, const uint8_t *options, size_t n)
{
        for (size_t i = 0; i < n;) {
                uint8_t type = options[i];
                if (type == OPTION_PAD1) {
                        i++;
                        continue;
                }
                if (n - i < 2 || n - i - 2 < options[i + 1])
                        return WIRE_IP_BAD_EXTENSION;
                if (type >> 6 != 0)
                        return refused_option(c, options + i);
                i += 2u + options[i + 1];
        }
        return WIRE_OK;
}

/* What the header that the walk stands at, `size` bytes long, wants to become of the packet. */
static enum wire_result
check_extension(struct chain *c, size_t size)
{
        const uint8_t *at = c->at;

        switch (c->next) {
        case HOP_BY_HOP_OPTIONS:
        case DESTINATION_OPTIONS:
                return check_options(c, at + 2, size - 2);
        case ROUTING: /* 4.4: the pointer is to the routing type */
                return at[3] == 0 ? WIRE_OK : wrong(c, at + 2, IPV6_PROBLEM_ERRONEOUS, WIRE_IP_SOURCE_ROUTED);
        default:
                return get16(at + 2) & (IPV6_FRAGMENT_OFFSET | IPV6_MORE_FRAGMENTS) ? WIRE_IP_FRAGMENT : WIRE_OK;
        }
}

/* In a quoted packet only the way to the transport header matters: an option was for others to refuse. */
static enum wire_result
check_quoted_extension(uint8_t kind, const uint8_t *at)
{
        return kind == FRAGMENT && get16(at + 2) & IPV6_FRAGMENT_OFFSET ? WIRE_IP_FRAGMENT : WIRE_OK;
}

static enum wire_result
step_over(struct chain *c, bool quoted)
{
        const uint8_t *at = c->at;
        enum wire_result result;
        size_t size;

        if (c->left < EXTENSION_MIN)
                return WIRE_IP_BAD_EXTENSION;
        size = c->next == FRAGMENT ? EXTENSION_MIN : (at[1] + 1u) * 8;
        if (size > c->left)
                return WIRE_IP_BAD_EXTENSION;
        result = quoted ? check_quoted_extension(c->next, at) : check_extension(c, size);
        if (result != WIRE_OK)
                return result;
        c->at += size;
        c->left -= size;
        c->next = at[0];
        /* RFC 8200 4 and 4.1: elsewhere than right after the IPv6 header it is treated as unknown. */
        if (c->next == HOP_BY_HOP_OPTIONS)
                return wrong(c, at, IPV6_PROBLEM_UNKNOWN_NEXT_HEADER, WIRE_IP_BAD_EXTENSION);
        return WIRE_OK;
}

/* Walks to the transport header, or to where the packet is refused. */
static enum wire_result
walk(const uint8_t *bytes, size_t n, bool quoted, struct chain *ret_chain)
{
        size_t packet_bytes;

        if (n < IPV6_HEADER)
                return WIRE_IP_TRUNCATED;
        if (bytes[0] >> 4 != 6)
                return WIRE_IP_BAD_VERSION;
        packet_bytes = (size_t)IPV6_HEADER + get16(bytes + 4);
        if (packet_bytes > n && !quoted)
                return WIRE_IP_TRUNCATED;

        *ret_chain = (struct chain){
                .at = bytes + IPV6_HEADER,
                .left = (n < packet_bytes ? n : packet_bytes) - IPV6_HEADER,
                .next = bytes[6],
        };
        while (is_extension(ret_chain->next)) {
                enum wire_result result = step_over(ret_chain, quoted);
                if (result != WIRE_OK)
                        return result;
        }
        return WIRE_OK;
}

/* Where the chain says what stands behind it, in a packet found sound. */
static size_t
last_next_header(const uint8_t *bytes)
{
        size_t says = 6, at = IPV6_HEADER;

        while (is_extension(bytes[says])) {
                size_t size = bytes[says] == FRAGMENT ? EXTENSION_MIN : (bytes[at + 1] + 1u) * 8;
                says = at;
                at += size;
        }
        return says;
}

bool
ipv6_problem(const uint8_t *bytes, size_t n, struct ipv6_problem *ret_problem)
{
        struct chain c = { .wrong = NULL };
        enum wire_result result = walk(bytes, n, false, &c);

        if (result == WIRE_OK) {
                *ret_problem = (struct ipv6_problem){ .code = IPV6_PROBLEM_UNKNOWN_NEXT_HEADER,
                                                      .pointer = (uint32_t)last_next_header(bytes) };
                return c.next != IPV6_NO_NEXT;
        }
        if (!c.wrong)
                return false;
        *ret_problem = (struct ipv6_problem){ .code = c.wrong_code, .pointer = (uint32_t)(c.wrong - bytes) };
        return true;
}

static enum wire_result
parse(const uint8_t *bytes, size_t n, bool quoted, struct ip_packet *ret_ip)
{
        struct chain c;
        enum wire_result result = walk(bytes, n, quoted, &c);

        if (result != WIRE_OK)
                return result;
        ret_ip->family = LA_IPV6;
        memcpy(ret_ip->source, bytes + 8, 16);
        memcpy(ret_ip->destination, bytes + 24, 16);
        ret_ip->ip = (struct ip_fields){
                .traffic_class = (uint8_t)(get16(bytes) >> 4),
                .hop_limit = bytes[7],
                .flow_label = get32(bytes) & 0xfffff,
        };
        ret_ip->protocol = c.next;
        ret_ip->bytes = bytes;
        ret_ip->packet_bytes = (size_t)IPV6_HEADER + get16(bytes + 4);
        ret_ip->payload = c.at;
        ret_ip->payload_bytes = c.left;
        return WIRE_OK;
}

enum wire_result
ipv6_parse(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip)
{
        return parse(bytes, n, false, ret_ip);
}

enum wire_result
ipv6_parse_quoted(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip)
{
        return parse(bytes, n, true, ret_ip);
}

size_t
ipv6_build(const struct ip_packet *ip, size_t payload_bytes, uint8_t ret_header[IP_BUILD_MAX])
{
        uint8_t *h = ret_header;

        if (payload_bytes > 0xffff)
                return 0;
        put32(h, 6u << 28 | (uint32_t)ip->ip.traffic_class << 20 | (ip->ip.flow_label & 0xfffff));
        put32(h + 4, (uint32_t)payload_bytes << 16 | (uint32_t)ip->protocol << 8 | ip->ip.hop_limit);
        memcpy(h + 8, ip->source, 16);
        memcpy(h + 24, ip->destination, 16);
        return IPV6_HEADER;
}
