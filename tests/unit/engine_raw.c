/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine_raw.h"

#include <arpa/inet.h>

#include "packets.h"
#include "wire/bytes.h"

static size_t
ip_header_bytes(const uint8_t *packet)
{
        return packet[0] >> 4 == 4 ? (packet[0] & 15u) * 4 : 40;
}

/* Lengths and checksums made to fit a packet of `n` bytes, by the slow sum. */
static void
mend(uint8_t *packet, size_t n)
{
        bool v4 = packet[0] >> 4 == 4;
        size_t ip = ip_header_bytes(packet), addresses = v4 ? 8 : 32;
        uint8_t *tcp = packet + ip;
        static uint8_t summed[40 + PACKET_FROM_PEER_MAX];

        put16(packet + (v4 ? 2 : 4), (uint16_t)(v4 ? n : n - 40));
        if (v4) {
                put16(packet + 10, 0);
                put16(packet + 10, (uint16_t)~slow_sum(packet, ip));
        }
        put16(tcp + TCP_CHECKSUM_OFFSET, 0);
        memcpy(summed, packet + (v4 ? 12 : 8), addresses);
        put32(summed + addresses, (uint32_t)(n - ip));
        put32(summed + addresses + 4, IP_TCP);
        memcpy(summed + addresses + 8, tcp, n - ip);
        put16(tcp + TCP_CHECKSUM_OFFSET, (uint16_t)~slow_sum(summed, addresses + 8 + n - ip));
}

/* Puts `added` bytes where `removed` stood; the packet's new length. */
static size_t
replace(uint8_t *packet, size_t n, size_t at, size_t removed, const uint8_t *bytes, size_t added)
{
        memmove(packet + at + added, packet + at + removed, n - at - removed);
        memcpy(packet + at, bytes, added);
        return n - removed + added;
}

void
seg_with_options(const char *text, const char *hex)
{
        static uint8_t packet[PACKET_FROM_PEER_MAX];
        uint8_t options[TCP_OPTIONS_MAX];
        size_t n = packet_from_peer(text, packet), wanted = bytes_of(hex, options), ip = ip_header_bytes(packet);
        size_t stood = (size_t)(packet[ip + 12] >> 4) * 4 - TCP_HEADER_MIN;

        assert_int_equal(wanted % 4, 0);
        n = replace(packet, n, ip + TCP_HEADER_MIN, stood, options, wanted);
        packet[ip + 12] = (uint8_t)((TCP_HEADER_MIN + wanted) / 4 << 4);
        mend(packet, n);
        collect();
        input_bytes(packet, n);
}

void
seg_with_ip_options(const char *text, const char *hex)
{
        static uint8_t packet[PACKET_FROM_PEER_MAX];
        uint8_t options[40];
        size_t n = packet_from_peer(text, packet), wanted = bytes_of(hex, options);

        assert_int_equal(wanted % 4, 0);
        n = replace(packet, n, 20, 0, options, wanted);
        packet[0] = (uint8_t)(0x40 | (20 + wanted) / 4);
        mend(packet, n);
        collect();
        input_bytes(packet, n);
}

struct la_endpoint
endpoint_of(const char *address, unsigned int port)
{
        struct la_endpoint end = { .port = (uint16_t)port };

        assert_int_equal(inet_pton(strchr(address, ':') ? AF_INET6 : AF_INET, address, end.address), 1);
        return end;
}

void
seg_between(const char *text, const char *from, const char *to)
{
        static uint8_t packet[PACKET_FROM_PEER_MAX];
        size_t n = packet_from_peer(text, packet), length = e.family == LA_IPV4 ? 4 : 16;
        size_t at = ip_header_bytes(packet) - 2 * length;

        memcpy(packet + at, endpoint_of(from, 0).address, length);
        memcpy(packet + at + length, endpoint_of(to, 0).address, length);
        mend(packet, n);
        collect();
        input_bytes(packet, n);
}

/* ---- ICMP ---- */

static size_t
icmp_header(const uint8_t *about, size_t message_bytes, uint8_t *ret_header)
{
        bool v4 = about[0] >> 4 == 4;
        struct ip_packet ip = { .family = v4 ? LA_IPV4 : LA_IPV6,
                                .ip = { .hop_limit = 64 },
                                .protocol = v4 ? IP_ICMP : IP_ICMPV6 };

        if (v4) {
                memcpy(ip.source, (const uint8_t[4]){ 10, 9, 9, 9 }, 4); /* a router on the way */
                memcpy(ip.destination, about + 12, 4);
        } else {
                memcpy(ip.source, (const uint8_t[16]){ 0xfd, [15] = 9 }, 16);
                memcpy(ip.destination, about + 8, 16);
        }
        return ip_build(&ip, message_bytes, ret_header);
}

void
icmp_about_last_with(uint8_t type, uint8_t code, uint32_t rest)
{
        uint8_t packet[600] = { 0 }, summed[600] = { 0 };
        size_t quoted = ip_header_bytes(e.last_bytes) + 8, n = 8 + quoted;
        size_t ip = icmp_header(e.last_bytes, n, packet);
        uint8_t *message = packet + ip;

        message[0] = type;
        message[1] = code;
        put32(message + 4, rest);
        memcpy(message + 8, e.last_bytes, quoted);
        if (ip == 40) { /* ICMPv6 sums a pseudo-header too */
                memcpy(summed, packet + 8, 32);
                put32(summed + 32, (uint32_t)n);
                put32(summed + 36, IP_ICMPV6);
                memcpy(summed + 40, message, n);
                put16(message + 2, (uint16_t)~slow_sum(summed, 40 + n));
        } else {
                put16(message + 2, (uint16_t)~slow_sum(message, n));
        }
        input_bytes(packet, ip + n);
}

void
icmp_about_last(uint8_t type, uint8_t code)
{
        icmp_about_last_with(type, code, 0);
}

/* ---- What left ---- */

size_t
last_packet_bytes(void)
{
        return e.last_bytes[0] >> 4 == 4 ? get16(e.last_bytes + 2) : 40u + get16(e.last_bytes + 4);
}

const uint8_t *
last_tcp(void)
{
        return e.last_bytes + ip_header_bytes(e.last_bytes);
}

const uint8_t *
last_option(uint8_t kind)
{
        const uint8_t *at = last_tcp() + TCP_HEADER_MIN, *end = last_tcp() + (size_t)(last_tcp()[12] >> 4) * 4;

        while (at < end && *at != TCP_OPTION_END) {
                if (*at == kind)
                        return at;
                if (*at == TCP_OPTION_NOP) {
                        at++;
                } else if (end - at < 2 || at[1] < 2 || at[1] > end - at) {
                        return NULL;
                } else {
                        at += at[1];
                }
        }
        return NULL;
}
