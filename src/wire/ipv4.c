/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/ipv4.h"

#include <string.h>

#include "wire/bytes.h"
#include "wire/checksum.h"

#define MORE_FRAGMENTS  0x2000
#define FRAGMENT_OFFSET 0x1fff

/* The header's own length, once it is known to be there and to be what it was when it was sent. */
static enum wire_result
check_header(const uint8_t *bytes, size_t n, bool quoted, size_t *ret_header_bytes)
{
        size_t header_bytes;

        if (n < IPV4_HEADER_MIN)
                return WIRE_IP_TRUNCATED;
        if (bytes[0] >> 4 != 4)
                return WIRE_IP_BAD_VERSION;
        header_bytes = (bytes[0] & 15u) * 4;
        if (header_bytes < IPV4_HEADER_MIN)
                return WIRE_IP_BAD_HEADER_LENGTH;
        if (header_bytes > n)
                return WIRE_IP_TRUNCATED;
        if (!quoted && !sum_is_right(sum_header(bytes, header_bytes)))
                return WIRE_IP_BAD_CHECKSUM;
        *ret_header_bytes = header_bytes;
        return WIRE_OK;
}

static void
fill(const uint8_t *bytes, size_t header_bytes, size_t packet_bytes, struct ip_packet *ret_ip)
{
        ret_ip->family = LA_IPV4;
        put4_of_16(ret_ip->source, bytes + 12);
        put4_of_16(ret_ip->destination, bytes + 16);
        ret_ip->ip = (struct ip_fields){
                .traffic_class = bytes[1],
                .hop_limit = bytes[8],
                .dont_fragment = get16(bytes + 6) & IPV4_DONT_FRAGMENT,
                .identification = get16(bytes + 4),
        };
        ret_ip->protocol = bytes[9];
        ret_ip->bytes = bytes;
        ret_ip->packet_bytes = packet_bytes;
        ret_ip->payload = bytes + header_bytes;
}

enum wire_result
ipv4_parse(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip)
{
        size_t header_bytes, packet_bytes;
        enum wire_result result = check_header(bytes, n, false, &header_bytes);

        if (result != WIRE_OK)
                return result;
        packet_bytes = get16(bytes + 2);
        if (packet_bytes < header_bytes)
                return WIRE_IP_BAD_HEADER_LENGTH;
        if (packet_bytes > n)
                return WIRE_IP_TRUNCATED;
        if (get16(bytes + 6) & (MORE_FRAGMENTS | FRAGMENT_OFFSET))
                return WIRE_IP_FRAGMENT;
        fill(bytes, header_bytes, packet_bytes, ret_ip);
        ret_ip->payload_bytes = packet_bytes - header_bytes;
        return WIRE_OK;
}

enum wire_result
ipv4_parse_quoted(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip)
{
        size_t header_bytes, packet_bytes;
        enum wire_result result = check_header(bytes, n, true, &header_bytes);

        if (result != WIRE_OK)
                return result;
        packet_bytes = get16(bytes + 2);
        if (packet_bytes < header_bytes)
                return WIRE_IP_BAD_HEADER_LENGTH;
        if (get16(bytes + 6) & FRAGMENT_OFFSET)
                return WIRE_IP_FRAGMENT;
        fill(bytes, header_bytes, packet_bytes, ret_ip);
        ret_ip->payload_bytes = (n < packet_bytes ? n : packet_bytes) - header_bytes;
        return WIRE_OK;
}

size_t
ipv4_build(const struct ip_packet *ip, size_t payload_bytes, uint8_t ret_header[IP_BUILD_MAX])
{
        uint32_t lifetime = (uint32_t)ip->ip.hop_limit << 24 | (uint32_t)ip->protocol << 16;
        struct sum s = { sum_load(ip->source) + sum_load(ip->destination) };
        uint8_t *h = ret_header;

        if (payload_bytes > 0xffff - IPV4_HEADER_MIN)
                return 0;
        put32_summed(h, 0x45000000 | (uint32_t)ip->ip.traffic_class << 16 | (uint32_t)(IPV4_HEADER_MIN + payload_bytes),
                     &s);
        put32_summed(h + 4, (uint32_t)ip->ip.identification << 16 | (ip->ip.dont_fragment ? IPV4_DONT_FRAGMENT : 0),
                     &s);
        put32_summed(h + 8, lifetime, &s);
        put_checksum(h + IPV4_CHECKSUM_OFFSET, sum_checksum(s));
        memcpy(h + 12, ip->source, 4);
        memcpy(h + 16, ip->destination, 4);
        return IPV4_HEADER_MIN;
}
