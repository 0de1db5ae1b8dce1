/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/ndp.h"

#include <string.h>

#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/ipv6.h"

#define HOP_LIMIT 255
#define FIXED     24 /* header, flags, target */
#define OPTION    8
#define ROUTER    0x80
#define SOLICITED 0x40
#define OVERRIDE  0x20

enum ndp_type {
        ROUTER_SOLICITATION = 133,
        ROUTER_ADVERTISEMENT = 134,
        NEIGHBOR_SOLICITATION = 135,
        NEIGHBOR_ADVERTISEMENT = 136,
        REDIRECT = 137,
};

enum ndp_option {
        SOURCE_MAC = 1,
        TARGET_MAC = 2,
};

static bool
is_unspecified(const uint8_t address[16])
{
        static const uint8_t zeros[16];

        return memcmp(address, zeros, 16) == 0;
}

static bool
is_solicited_node(const uint8_t address[16])
{
        static const uint8_t prefix[13] = { 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff };

        return memcmp(address, prefix, sizeof prefix) == 0;
}

/* Options run to the end; the first one of the wanted kind counts.  False for one without a length (4.6). */
static bool
read_options(const uint8_t *b, size_t n, uint8_t wanted, struct ndp_message *m)
{
        while (n > 0) {
                size_t size = n < 2 ? 0 : b[1] * 8u;

                if (size == 0 || size > n)
                        return false;
                if (b[0] == wanted && size == OPTION && !m->has_mac && !(b[2] & 1)) {
                        memcpy(m->mac, b + 2, 6);
                        m->has_mac = true;
                }
                b += size;
                n -= size;
        }
        return true;
}

/* 7.1.1: who asks without an address asks the group, and cannot say where it is. */
static bool
solicitation_is_sound(const struct ndp_message *m)
{
        return !is_unspecified(m->source) || (is_solicited_node(m->destination) && !m->has_mac);
}

/* 7.1.2: what all are told was not asked for. */
static bool
advertisement_is_sound(const struct ndp_message *m)
{
        return m->destination[0] != 0xff || !m->solicited;
}

static bool
is_sound(const struct ip_packet *ip)
{
        struct sum s = sum_pseudo_header(LA_IPV6, ip->source, ip->destination, IP_ICMPV6, (uint32_t)ip->payload_bytes);

        return ip->ip.hop_limit == HOP_LIMIT && ip->payload_bytes >= FIXED && ip->payload[1] == 0 &&
               ip->payload[8] != 0xff && sum_is_right(sum_add(s, sum_bytes(ip->payload, ip->payload_bytes)));
}

static enum ndp_kind
kind_of(const struct ip_packet *ip)
{
        if (ip->family != LA_IPV6 || ip->protocol != IP_ICMPV6 || ip->payload_bytes == 0)
                return NDP_NONE;
        switch (ip->payload[0]) {
        case NEIGHBOR_SOLICITATION:
                return NDP_SOLICITATION;
        case NEIGHBOR_ADVERTISEMENT:
                return NDP_ADVERTISEMENT;
        case ROUTER_SOLICITATION:
        case ROUTER_ADVERTISEMENT:
        case REDIRECT:
                return NDP_OF_ROUTERS;
        default:
                return NDP_NONE;
        }
}

enum ndp_kind
ndp_parse(const struct ip_packet *ip, struct ndp_message *ret_message)
{
        enum ndp_kind kind = kind_of(ip);
        bool asks = kind == NDP_SOLICITATION;
        struct ndp_message m = { .has_mac = false };

        if (!asks && kind != NDP_ADVERTISEMENT)
                return kind;
        if (!is_sound(ip))
                return NDP_BAD;
        memcpy(m.source, ip->source, 16);
        memcpy(m.destination, ip->destination, 16);
        memcpy(m.target, ip->payload + 8, 16);
        if (!asks) {
                m.router = ip->payload[4] & ROUTER;
                m.solicited = ip->payload[4] & SOLICITED;
                m.override = ip->payload[4] & OVERRIDE;
        }
        if (!read_options(ip->payload + FIXED, ip->payload_bytes - FIXED, asks ? SOURCE_MAC : TARGET_MAC, &m))
                return NDP_BAD;
        if (!(asks ? solicitation_is_sound(&m) : advertisement_is_sound(&m)))
                return NDP_BAD;
        *ret_message = m;
        return kind;
}

static size_t
build(const struct ndp_message *m, uint8_t type, uint8_t flags, uint8_t option, uint8_t *ret_packet)
{
        struct ip_packet ip = { .family = LA_IPV6, .protocol = IP_ICMPV6, .ip.hop_limit = HOP_LIMIT };
        size_t n = FIXED + (m->has_mac ? OPTION : 0);
        uint8_t *b = ret_packet + IPV6_HEADER;
        struct sum s;

        memcpy(ip.source, m->source, 16);
        memcpy(ip.destination, m->destination, 16);
        ip_build(&ip, n, ret_packet);
        put32(b, (uint32_t)type << 24);
        put32(b + 4, (uint32_t)flags << 24);
        memcpy(b + 8, m->target, 16);
        if (m->has_mac) {
                b[FIXED] = option;
                b[FIXED + 1] = 1;
                memcpy(b + FIXED + 2, m->mac, 6);
        }
        s = sum_pseudo_header(LA_IPV6, ip.source, ip.destination, IP_ICMPV6, (uint32_t)n);
        put_checksum(b + 2, sum_checksum(sum_add(s, sum_bytes(b, n))));
        return IPV6_HEADER + n;
}

size_t
ndp_build_solicitation(const struct ndp_message *m, uint8_t ret_packet[NDP_BYTES])
{
        return build(m, NEIGHBOR_SOLICITATION, 0, SOURCE_MAC, ret_packet);
}

size_t
ndp_build_advertisement(const struct ndp_message *m, uint8_t ret_packet[NDP_BYTES])
{
        unsigned int flags =
                (m->router ? ROUTER : 0u) | (m->solicited ? SOLICITED : 0u) | (m->override ? OVERRIDE : 0u);

        return build(m, NEIGHBOR_ADVERTISEMENT, (uint8_t)flags, TARGET_MAC, ret_packet);
}

void
ndp_solicited_node(const uint8_t address[16], uint8_t ret_group[16])
{
        static const uint8_t prefix[13] = { 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff };

        memcpy(ret_group, prefix, sizeof prefix);
        memcpy(ret_group + 13, address + 13, 3);
}

void
ndp_link_local(const uint8_t mac[6], uint8_t ret_address[16])
{
        static const uint8_t prefix[8] = { 0xfe, 0x80 };

        memcpy(ret_address, prefix, sizeof prefix);
        ret_address[8] = mac[0] ^ 2; /* universal or local, the other way round */
        ret_address[9] = mac[1];
        ret_address[10] = mac[2];
        ret_address[11] = 0xff;
        ret_address[12] = 0xfe;
        memcpy(ret_address + 13, mac + 3, 3);
}
