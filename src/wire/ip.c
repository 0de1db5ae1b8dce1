/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/ip.h"

#include <string.h>

#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

enum wire_result
ip_parse(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip)
{
        if (n == 0)
                return WIRE_IP_TRUNCATED;
        switch (bytes[0] >> 4) {
        case 4:
                return ipv4_parse(bytes, n, ret_ip);
        case 6:
                return ipv6_parse(bytes, n, ret_ip);
        default:
                return WIRE_IP_BAD_VERSION;
        }
}

enum wire_result
ip_parse_quoted(const uint8_t *bytes, size_t n, struct ip_packet *ret_ip)
{
        if (n == 0)
                return WIRE_IP_TRUNCATED;
        switch (bytes[0] >> 4) {
        case 4:
                return ipv4_parse_quoted(bytes, n, ret_ip);
        case 6:
                return ipv6_parse_quoted(bytes, n, ret_ip);
        default:
                return WIRE_IP_BAD_VERSION;
        }
}

size_t
ip_build(const struct ip_packet *ip, size_t payload_bytes, uint8_t ret_header[IP_BUILD_MAX])
{
        return ip->family == LA_IPV4 ? ipv4_build(ip, payload_bytes, ret_header)
                                     : ipv6_build(ip, payload_bytes, ret_header);
}

bool
ip_mark_ce(uint8_t *bytes, size_t n)
{
        struct ip_packet ip;
        uint8_t before[2];

        if (ip_parse(bytes, n, &ip) != WIRE_OK || ip_ecn_of(&ip.ip) == IP_NOT_ECT)
                return false;
        if (ip.family == LA_IPV6) {
                bytes[1] |= IP_CE << 4;
                return true;
        }
        memcpy(before, bytes, sizeof before);
        bytes[1] |= IP_CE;
        put_checksum(bytes + IPV4_CHECKSUM_OFFSET,
                     checksum_update(get_checksum(bytes + IPV4_CHECKSUM_OFFSET), before, bytes, sizeof before));
        return true;
}

static bool
ipv4_is_unicast(const uint8_t *address)
{
        /* Network 0 is "this network" and means a host only in its own boot (RFC 1122 3.2.1.3 (a), (b)); from 224 on there
         * are multicast, class E, and broadcast. */
        return address[0] != 0 && address[0] < 224;
}

static bool
ipv6_is_unicast(const uint8_t *address)
{
        return address[0] != 0xff &&
               (get32(address) | get32(address + 4) | get32(address + 8) | get32(address + 12)) != 0;
}

bool
ip_is_unicast(enum la_family family, const uint8_t *address)
{
        return LA_LIKELY(family == LA_IPV4) ? ipv4_is_unicast(address) : ipv6_is_unicast(address);
}
