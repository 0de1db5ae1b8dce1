/* SPDX-License-Identifier: BSD-2-Clause */
/* icmp_packets.h - ICMP messages that its tests share, and how they are read. */
#ifndef LASTACK_TESTS_ICMP_PACKETS_H
#define LASTACK_TESTS_ICMP_PACKETS_H

#include "packets.h"
#include "wire/bytes.h"
#include "wire/icmp.h"
#include "wire/segment.h"

/* 203.0.113.9 to 192.0.2.1: fragmentation needed, MTU 1400, about a segment of 1480 bytes from port 40000 of the latter to
 * port 80 of 198.51.100.2, seq 0x12345678. */
#define FRAGMENTATION_NEEDED                                                                                          \
        "45000038 00004000 40013cba cb007109 c0000201 0304f246 00000578 450005c8 00004000 400648f9 c0000201 c6336402" \
        "9c400050 12345678"

/* The same with IPv6: 2001:db8::9 to 2001:db8::1, packet too big, MTU 1280, about a packet of 1500 bytes to
 * [2001:db8:0:1::2]:80. */
#define PACKET_TOO_BIG                                                                                                \
        "60000000 00383a40 20010db8 00000000 00000000 00000009 20010db8 00000000 00000000 00000001 0200d069 00000500" \
        "60000000 05b40640 20010db8 00000000 00000000 00000001 20010db8 00000001 00000000 00000002 9c400050 12345678"

/* Identifier 0x1234, sequence 7, "ping!", and the answers. */
#define ECHO_IPV4  "45000021 00004000 40014ea5 c0000201 c6336402 0800e5f3 12340007 70696e67 21"
#define REPLY_IPV4 "45000021 00004000 40014ea5 c6336402 c0000201 0000edf3 12340007 70696e67 21"
#define ECHO_IPV6                                                                                                     \
        "60000000 000d3a40 20010db8 00000000 00000000 00000001 20010db8 00000001 00000000 00000002 80001236 12340007" \
        "70696e67 21"
#define REPLY_IPV6                                                                                                    \
        "60000000 000d3a40 20010db8 00000001 00000000 00000002 20010db8 00000000 00000000 00000001 81001136 12340007" \
        "70696e67 21"

static inline enum wire_result
parse(const uint8_t *bytes, size_t n, struct icmp_message *ret_message)
{
        uint8_t *copy = exact_copy(bytes, n);
        struct icmp_message before;
        struct ip_packet ip;
        enum wire_result result = ip_parse(copy, n, &ip);

        memset(ret_message, 0xa5, sizeof *ret_message);
        memcpy(&before, ret_message, sizeof before);
        if (result == WIRE_OK)
                result = icmp_parse(&ip, ret_message);
        if (result != WIRE_OK)
                assert_memory_equal(&before, ret_message, sizeof before);
        free(copy);
        return result;
}

/* The IP header says that the packet is so long. */
static inline void
set_length(uint8_t *b, size_t n)
{
        if (b[0] >> 4 == 6) {
                put16(b + 4, (uint16_t)(n - 40));
                return;
        }
        put16(b + 2, (uint16_t)n);
        put16(b + 10, 0);
        put16(b + 10, (uint16_t)~slow_sum(b, 20));
}

#endif
