/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/icmp.h"

#include <string.h>

#include "wire/bytes.h"
#include "wire/checksum.h"

#define ICMP_HEADER 8

/* RFC 792: an error quotes this much of the datagram's data, which of TCP is the ports and the sequence number. */
#define QUOTED_TCP_MIN 8

enum icmp4_type {
        ICMP4_ECHO_REPLY = 0,
        ICMP4_UNREACHABLE = 3,
        ICMP4_SOURCE_QUENCH = 4,
        ICMP4_REDIRECT = 5,
        ICMP4_ECHO_REQUEST = 8,
        ICMP4_TIME_EXCEEDED = 11,
        ICMP4_PARAMETER_PROBLEM = 12,
};

enum icmp6_type {
        ICMP6_UNREACHABLE = 1,
        ICMP6_PACKET_TOO_BIG = 2,
        ICMP6_TIME_EXCEEDED = 3,
        ICMP6_PARAMETER_PROBLEM = 4,
        ICMP6_FIRST_INFORMATIONAL = 128,
        ICMP6_ECHO_REQUEST = 128,
        ICMP6_ECHO_REPLY = 129,
        ICMP6_REDIRECT = 137,
};

/* What the codes of Destination Unreachable mean: RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1. */
static const enum icmp_kind unreachable4[] = {
        [0] = ICMP_NETWORK_UNREACHABLE, [1] = ICMP_HOST_UNREACHABLE, [2] = ICMP_PROTOCOL_UNREACHABLE,
        [3] = ICMP_PORT_UNREACHABLE,    [4] = ICMP_PACKET_TOO_BIG,   [5] = ICMP_SOURCE_ROUTE_FAILED,
        [6] = ICMP_NETWORK_UNREACHABLE, [7] = ICMP_HOST_UNREACHABLE, [8] = ICMP_HOST_UNREACHABLE,
        [9] = ICMP_PROHIBITED,          [10] = ICMP_PROHIBITED,      [11] = ICMP_NETWORK_UNREACHABLE,
        [12] = ICMP_HOST_UNREACHABLE,   [13] = ICMP_PROHIBITED,      [14] = ICMP_PROHIBITED,
        [15] = ICMP_PROHIBITED,
};

/* RFC 4443 3.1.  Code 2, beyond the scope of the source address, is as final as a refusal. */
static const enum icmp_kind unreachable6[] = {
        [0] = ICMP_NETWORK_UNREACHABLE, [1] = ICMP_PROHIBITED, [2] = ICMP_PROHIBITED, [3] = ICMP_HOST_UNREACHABLE,
        [4] = ICMP_PORT_UNREACHABLE,    [5] = ICMP_PROHIBITED, [6] = ICMP_PROHIBITED,
};

#define LENGTH_OF(array) (sizeof(array) / sizeof *(array))

static enum icmp_kind
kind4(uint8_t type, uint8_t code)
{
        switch (type) {
        case ICMP4_ECHO_REPLY:
                return ICMP_ECHO_REPLY;
        case ICMP4_UNREACHABLE:
                return code < LENGTH_OF(unreachable4) ? unreachable4[code] : ICMP_UNKNOWN_ERROR;
        case ICMP4_SOURCE_QUENCH:
                return ICMP_SOURCE_QUENCH;
        case ICMP4_ECHO_REQUEST:
                return ICMP_ECHO_REQUEST;
        case ICMP4_TIME_EXCEEDED:
                return ICMP_TIME_EXCEEDED;
        case ICMP4_PARAMETER_PROBLEM:
                return ICMP_PARAMETER_PROBLEM;
        default:
                return ICMP_OTHER;
        }
}

static enum icmp_kind
kind6(uint8_t type, uint8_t code)
{
        switch (type) {
        case ICMP6_UNREACHABLE:
                return code < LENGTH_OF(unreachable6) ? unreachable6[code] : ICMP_UNKNOWN_ERROR;
        case ICMP6_PACKET_TOO_BIG:
                return ICMP_PACKET_TOO_BIG;
        case ICMP6_TIME_EXCEEDED:
                return ICMP_TIME_EXCEEDED;
        case ICMP6_PARAMETER_PROBLEM:
                return ICMP_PARAMETER_PROBLEM;
        case ICMP6_ECHO_REQUEST:
                return ICMP_ECHO_REQUEST;
        case ICMP6_ECHO_REPLY:
                return ICMP_ECHO_REPLY;
        default:
                return type < ICMP6_FIRST_INFORMATIONAL ? ICMP_UNKNOWN_ERROR : ICMP_OTHER;
        }
}

static uint8_t
protocol_of(enum la_family family)
{
        return family == LA_IPV4 ? IP_ICMP : IP_ICMPV6;
}

/* The sum over a message; ICMPv6 alone adds the pseudo-header (RFC 4443 2.3). */
static struct sum
sum_message(const struct ip_packet *ip, const uint8_t *message, size_t n)
{
        struct sum s = sum_bytes(message, n);

        if (ip->family == LA_IPV4)
                return s;
        return sum_add(s, sum_pseudo_header(LA_IPV6, ip->source, ip->destination, IP_ICMPV6, (uint32_t)n));
}

static enum wire_result
read_quote(enum la_family family, const uint8_t *bytes, size_t n, struct icmp_quote *ret_quote)
{
        struct ip_packet quoted;

        if (ip_parse_quoted(bytes, n, &quoted) != WIRE_OK || quoted.family != family || quoted.protocol != IP_TCP ||
            quoted.payload_bytes < QUOTED_TCP_MIN)
                return WIRE_ICMP_BAD_QUOTE;
        memcpy(ret_quote->source.address, quoted.source, sizeof quoted.source);
        ret_quote->source.port = get16(quoted.payload);
        memcpy(ret_quote->destination.address, quoted.destination, sizeof quoted.destination);
        ret_quote->destination.port = get16(quoted.payload + 2);
        ret_quote->seq = seq_of(get32(quoted.payload + 4));
        ret_quote->packet_bytes = quoted.packet_bytes;
        return WIRE_OK;
}

static uint32_t
mtu_of(enum la_family family, const uint8_t *message)
{
        return family == LA_IPV4 ? get16(message + 6) : get32(message + 4);
}

static uint32_t
pointer_of(enum la_family family, const uint8_t *message)
{
        return family == LA_IPV4 ? message[4] : get32(message + 4);
}

enum wire_result
icmp_parse(const struct ip_packet *ip, struct icmp_message *ret_message)
{
        const uint8_t *b = ip->payload;
        struct icmp_message m = { .family = ip->family, .ip = ip->ip };

        if (ip->protocol != protocol_of(ip->family))
                return WIRE_NOT_ICMP;
        if (ip->payload_bytes < ICMP_HEADER)
                return WIRE_ICMP_TRUNCATED;
        if (!sum_is_right(sum_message(ip, b, ip->payload_bytes)))
                return WIRE_ICMP_BAD_CHECKSUM;

        memcpy(m.source, ip->source, sizeof m.source);
        memcpy(m.destination, ip->destination, sizeof m.destination);
        m.type = b[0];
        m.code = b[1];
        m.kind = ip->family == LA_IPV4 ? kind4(b[0], b[1]) : kind6(b[0], b[1]);
        if (m.kind == ICMP_ECHO_REQUEST || m.kind == ICMP_ECHO_REPLY) {
                m.identifier = get16(b + 4);
                m.sequence = get16(b + 6);
                m.data = b + ICMP_HEADER;
                m.data_bytes = ip->payload_bytes - ICMP_HEADER;
        }
        if (m.kind == ICMP_PACKET_TOO_BIG)
                m.mtu_bytes = mtu_of(ip->family, b);
        if (m.kind == ICMP_PARAMETER_PROBLEM)
                m.pointer = pointer_of(ip->family, b);
        if (icmp_is_error(m.kind) &&
            read_quote(ip->family, b + ICMP_HEADER, ip->payload_bytes - ICMP_HEADER, &m.quote) != WIRE_OK)
                return WIRE_ICMP_BAD_QUOTE;
        *ret_message = m;
        return WIRE_OK;
}

/* The packet that a message goes into: from `source` to `destination`. */
static struct ip_packet
outgoing(enum la_family family, const uint8_t *source, const uint8_t *destination)
{
        struct ip_packet ip = { .family = family, .protocol = protocol_of(family) };
        size_t address_bytes = family == LA_IPV4 ? 4 : 16;

        ip.ip.hop_limit = ICMP_HOP_LIMIT;
        ip.ip.dont_fragment = family == LA_IPV4;
        memcpy(ip.source, source, address_bytes);
        memcpy(ip.destination, destination, address_bytes);
        return ip;
}

/* Puts header and body of a message behind the IP header; `word` is the header's second.  Returns the packet's length. */
static size_t
build_message(const struct ip_packet *ip, uint8_t type, uint8_t code, uint32_t word, const uint8_t *body, size_t n,
              uint8_t *ret_packet)
{
        size_t ip_bytes = ip_build(ip, ICMP_HEADER + n, ret_packet);
        uint8_t *message = ret_packet + ip_bytes;

        if (ip_bytes == 0)
                return 0;
        put32(message, (uint32_t)type << 24 | (uint32_t)code << 16);
        put32(message + 4, word);
        if (n > 0)
                memcpy(message + ICMP_HEADER, body, n);
        put_checksum(message + 2, sum_checksum(sum_message(ip, message, ICMP_HEADER + n)));
        return ip_bytes + ICMP_HEADER + n;
}

size_t
icmp_build_echo_reply(const struct icmp_message *request, uint8_t *ret_packet, size_t size)
{
        enum la_family family = request->family;
        struct ip_packet ip = outgoing(family, request->destination, request->source);
        uint32_t word = (uint32_t)request->identifier << 16 | request->sequence;

        if (request->kind != ICMP_ECHO_REQUEST || !ip_is_unicast(family, request->source) ||
            !ip_is_unicast(family, request->destination))
                return 0;
        if (request->data_bytes > size || size - request->data_bytes < ip_build_bytes(family) + ICMP_HEADER)
                return 0;
        /* RFC 1349 5.1: a reply has its request's type of service; congestion marks are for transports (RFC 3168 5). */
        ip.ip.traffic_class = request->ip.traffic_class & 0xfc;
        return build_message(&ip, family == LA_IPV4 ? ICMP4_ECHO_REPLY : ICMP6_ECHO_REPLY, 0, word, request->data,
                             request->data_bytes, ret_packet);
}

/* RFC 1122 3.2.2 and RFC 4443 2.4 (e): no error about an error, nor about a redirect. */
static bool
may_be_icmp_error(const struct ip_packet *ip)
{
        if (ip->protocol != protocol_of(ip->family))
                return false;
        if (ip->payload_bytes == 0)
                return true;
        if (ip->family == LA_IPV4)
                return ip->payload[0] == ICMP4_REDIRECT || icmp_is_error(kind4(ip->payload[0], 0));
        return ip->payload[0] == ICMP6_REDIRECT || icmp_is_error(kind6(ip->payload[0], 0));
}

static bool
may_be_answered_with_error(const struct ip_packet *offender)
{
        if (offender->family == LA_IPV4 && offender->source[0] == 127)
                return false;
        return ip_is_unicast(offender->family, offender->source) &&
               ip_is_unicast(offender->family, offender->destination) && !may_be_icmp_error(offender);
}

static size_t
build_error(const struct ip_packet *offender, uint8_t type, uint8_t code, uint32_t word, const uint8_t *reporter,
            uint8_t *ret_packet)
{
        struct ip_packet ip = outgoing(offender->family, reporter, offender->source);
        size_t most = offender->family == LA_IPV4 ? ICMP_ERROR_MAX_IPV4 : ICMP_ERROR_MAX_IPV6;
        size_t room = most - ip_build_bytes(offender->family) - ICMP_HEADER;
        size_t n = offender->packet_bytes < room ? offender->packet_bytes : room;

        if (!may_be_answered_with_error(offender))
                return 0;
        return build_message(&ip, type, code, word, offender->bytes, n, ret_packet);
}

/* The code that the version has for it; -1 if it has none. */
static int
unreachable_code(enum la_family family, enum icmp_kind kind)
{
        static const struct {
                enum icmp_kind kind;
                int code4, code6;
        } codes[] = {
                { ICMP_NETWORK_UNREACHABLE, 0, 0 },   { ICMP_HOST_UNREACHABLE, 1, 3 },
                { ICMP_PROTOCOL_UNREACHABLE, 2, -1 }, { ICMP_PORT_UNREACHABLE, 3, 4 },
                { ICMP_SOURCE_ROUTE_FAILED, 5, -1 },  { ICMP_PROHIBITED, 13, 1 },
        };

        for (size_t i = 0; i < LENGTH_OF(codes); i++)
                if (codes[i].kind == kind)
                        return family == LA_IPV4 ? codes[i].code4 : codes[i].code6;
        return -1;
}

size_t
icmp_build_unreachable(const struct ip_packet *offender, enum icmp_kind kind, const uint8_t *reporter,
                       uint8_t ret_packet[ICMP_ERROR_MAX_IPV6])
{
        int code = unreachable_code(offender->family, kind);

        if (code < 0)
                return 0;
        return build_error(offender, offender->family == LA_IPV4 ? ICMP4_UNREACHABLE : ICMP6_UNREACHABLE, (uint8_t)code,
                           0, reporter, ret_packet);
}

size_t
icmp_build_too_big(const struct ip_packet *offender, uint32_t mtu_bytes, const uint8_t *reporter,
                   uint8_t ret_packet[ICMP_ERROR_MAX_IPV6])
{
        if (offender->family == LA_IPV6)
                return build_error(offender, ICMP6_PACKET_TOO_BIG, 0, mtu_bytes, reporter, ret_packet);
        if (mtu_bytes > UINT16_MAX)
                mtu_bytes = UINT16_MAX;
        return build_error(offender, ICMP4_UNREACHABLE, 4, mtu_bytes, reporter, ret_packet);
}

size_t
icmp_build_reassembly_time_exceeded(const struct ip_packet *offender, const uint8_t *reporter,
                                    uint8_t ret_packet[ICMP_ERROR_MAX_IPV6])
{
        uint8_t type = offender->family == LA_IPV4 ? ICMP4_TIME_EXCEEDED : ICMP6_TIME_EXCEEDED;

        return build_error(offender, type, 1, 0, reporter, ret_packet);
}

size_t
icmp_build_parameter_problem(const struct ip_packet *offender, const struct ipv6_problem *problem,
                             const uint8_t *reporter, uint8_t ret_packet[ICMP_ERROR_MAX_IPV6])
{
        if (offender->family != LA_IPV6)
                return 0;
        return build_error(offender, ICMP6_PARAMETER_PROBLEM, problem->code, problem->pointer, reporter, ret_packet);
}
