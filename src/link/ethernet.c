/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/ethernet.h"

#include <string.h>

#include "link/neighbours_inside.h"
#include "wire/bytes.h"
#include "wire/ip.h"
#include "wire/ipv6.h"

#define FOR_MANY      1 /* in the first byte of a destination */
#define ICMPV6_TYPE   40
#define ND_FIRST_TYPE 133
#define ND_LAST_TYPE  137

/* Neighbour discovery has no extension headers before it: a Fragment header is forbidden (RFC 6980), and no others are
 * sent.  One that has is nobody's. */
static bool
is_neighbour_discovery(const uint8_t *packet, size_t n)
{
        return n > ICMPV6_TYPE && packet[6] == IP_ICMPV6 && packet[ICMPV6_TYPE] >= ND_FIRST_TYPE &&
               packet[ICMPV6_TYPE] <= ND_LAST_TYPE;
}

static enum ethernet_kind
hear_neighbour(struct neighbours *n, tcp_time now, const uint8_t *packet, size_t size)
{
        struct ndp_message m;
        struct ip_packet ip;

        if (ip_parse(packet, size, &ip) != WIRE_OK)
                return ETHERNET_REFUSED;
        neighbours_ndp(n, now, ndp_parse(&ip, &m), &m);
        return ETHERNET_TAKEN;
}

static enum ethernet_kind
packet_arrived(struct neighbours *n, tcp_time now, bool for_many, const uint8_t *packet, size_t size, uint8_t version)
{
        if (size == 0 || packet[0] >> 4 != version)
                return ETHERNET_REFUSED;
        if (version == 6 && is_neighbour_discovery(packet, size))
                return hear_neighbour(n, now, packet, size);
        return for_many ? ETHERNET_OTHERS : ETHERNET_PACKET;
}

enum ethernet_kind
ethernet_arrived(struct neighbours *n, const uint8_t ours[6], tcp_time now, const uint8_t *frame, size_t size)
{
        const uint8_t *packet = frame + ETHERNET_HEADER;
        bool for_many;

        if (size < ETHERNET_HEADER)
                return ETHERNET_REFUSED;
        for_many = frame[0] & FOR_MANY;
        if (!for_many && memcmp(frame, ours, 6) != 0)
                return ETHERNET_OTHERS;
        size -= ETHERNET_HEADER;
        switch (get16(frame + 12)) {
        case ETHERTYPE_ARP:
                neighbours_arp(n, now, packet, size);
                return ETHERNET_TAKEN;
        case ETHERTYPE_IPV4:
                return packet_arrived(n, now, for_many, packet, size, 4);
        case ETHERTYPE_IPV6:
                return packet_arrived(n, now, for_many, packet, size, 6);
        default:
                return ETHERNET_REFUSED;
        }
}

void
ethernet_mac_beside(const uint8_t theirs[6], uint8_t ret_mac[6])
{
        memcpy(ret_mac, theirs, 6);
        ret_mac[0] = (uint8_t)((theirs[0] & ~FOR_MANY) | 2);
        ret_mac[5] ^= 1;
}
