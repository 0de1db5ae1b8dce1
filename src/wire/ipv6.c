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

#define EXTENSION_MIN   8
#define OPTION_PAD1     0 /* the one option without a length */
#define FRAGMENT_OFFSET 0xfff8
#define MORE_FRAGMENTS  0x0001

/* Where the walk along the chain of headers stands. */
struct chain {
        const uint8_t *at;
        size_t left;  /* bytes from here to the end of the packet */
        uint8_t next; /* what stands here */
};

static bool
is_extension(uint8_t next)
{
        return next == HOP_BY_HOP_OPTIONS || next == ROUTING || next == FRAGMENT || next == DESTINATION_OPTIONS;
}

/* RFC 8200 4.2: the two highest bits of an option's type say what becomes of a packet with an option that the node does
 * not know; 00, which PadN has too, is to skip it, and all others
 * discard the packet. */
static enum wire_result
check_options(const uint8_t *options, size_t n)
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
                        return WIRE_IP_REFUSED_OPTION;
                i += 2u + options[i + 1];
        }
        return WIRE_OK;
}

/* What the header at `at`, `size` bytes long, wants to become of the packet. */
static enum wire_result
check_extension(uint8_t kind, const uint8_t *at, size_t size)
{
        switch (kind) {
        case HOP_BY_HOP_OPTIONS:
        case DESTINATION_OPTIONS:
                return check_options(at + 2, size - 2);
        case ROUTING:
                return at[3] == 0 ? WIRE_OK : WIRE_IP_SOURCE_ROUTED;
        default:
                return get16(at + 2) & (FRAGMENT_OFFSET | MORE_FRAGMENTS) ? WIRE_IP_FRAGMENT : WIRE_OK;
        }
}

/* In a quoted packet only the way to the transport header matters: an option was for others to refuse. */
static enum wire_result
check_quoted_extension(uint8_t kind, const uint8_t *at)
{
        return kind == FRAGMENT && get16(at + 2) & FRAGMENT_OFFSET ? WIRE_IP_FRAGMENT : WIRE_OK;
}

static enum wire_result
step_over(struct chain *c, bool quoted)
{
        enum wire_result result;
        size_t size;

        if (c->left < EXTENSION_MIN)
                return WIRE_IP_BAD_EXTENSION;
        size = c->next == FRAGMENT ? EXTENSION_MIN : (c->at[1] + 1u) * 8;
        if (size > c->left)
                return WIRE_IP_BAD_EXTENSION;
        result = quoted ? check_quoted_extension(c->next, c->at) : check_extension(c->next, c->at, size);
        if (result != WIRE_OK)
                return result;
        *c = (struct chain){ .at = c->at + size, .left = c->left - size, .next = c->at[0] };
        /* RFC 8200 4.1: elsewhere than right after the IPv6 header it is not recognized. */
        return c->next == HOP_BY_HOP_OPTIONS ? WIRE_IP_BAD_EXTENSION : WIRE_OK;
}

static enum wire_result
parse(const uint8_t *bytes, size_t n, bool quoted, struct ip_packet *ret_ip)
{
        size_t packet_bytes;
        struct chain c;

        if (n < IPV6_HEADER)
                return WIRE_IP_TRUNCATED;
        if (bytes[0] >> 4 != 6)
                return WIRE_IP_BAD_VERSION;
        packet_bytes = (size_t)IPV6_HEADER + get16(bytes + 4);
        if (packet_bytes > n && !quoted)
                return WIRE_IP_TRUNCATED;

        c = (struct chain){ bytes + IPV6_HEADER, (n < packet_bytes ? n : packet_bytes) - IPV6_HEADER, bytes[6] };
        while (is_extension(c.next)) {
                enum wire_result result = step_over(&c, quoted);
                if (result != WIRE_OK)
                        return result;
        }

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
        ret_ip->packet_bytes = packet_bytes;
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
