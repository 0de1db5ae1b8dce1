/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP errors and echo: RFC 792, RFC 1122 3.2.2, RFC 1191, RFC 4443. */
#include "wire/icmp.h"

#include "packets.h"
#include "wire/bytes.h"
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

static enum wire_result
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

/* ICMP's checksum made right again, by the slow sum. */
static void
mend(uint8_t *b, size_t n)
{
        bool v4 = b[0] >> 4 == 4;
        size_t ip = v4 ? 20 : 40;
        uint8_t pseudo[1500] = { 0 };

        put16(b + ip + 2, 0);
        if (v4) {
                put16(b + ip + 2, (uint16_t)~slow_sum(b + ip, n - ip));
                return;
        }
        memcpy(pseudo, b + 8, 32);
        put32(pseudo + 32, (uint32_t)(n - ip));
        pseudo[39] = 58;
        memcpy(pseudo + 40, b + ip, n - ip);
        put16(b + ip + 2, (uint16_t)~slow_sum(pseudo, 40 + n - ip));
}

static void
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

static void
reads_fragmentation_needed(void **state)
{
        static const uint8_t local[16] = { 192, 0, 2, 1 }, remote[16] = { 198, 51, 100, 2 },
                             router[16] = { 203, 0, 113, 9 };
        uint8_t b[100];
        size_t n = bytes_of(FRAGMENTATION_NEEDED, b);
        struct icmp_message m;

        (void)state;
        assert_int_equal(parse(b, n, &m), WIRE_OK);
        assert_int_equal(m.family, LA_IPV4);
        assert_int_equal(m.kind, ICMP_PACKET_TOO_BIG);
        assert_int_equal(m.type, 3);
        assert_int_equal(m.code, 4);
        assert_int_equal(m.mtu_bytes, 1400);
        assert_memory_equal(m.source, router, 16);
        assert_memory_equal(m.destination, local, 16);
        assert_memory_equal(m.quote.source.address, local, 16);
        assert_memory_equal(m.quote.destination.address, remote, 16);
        assert_int_equal(m.quote.source.port, 40000);
        assert_int_equal(m.quote.destination.port, 80);
        assert_int_equal(m.quote.seq.v, 0x12345678);
        assert_int_equal(m.quote.packet_bytes, 1480);
}

static void
reads_packet_too_big(void **state)
{
        uint8_t b[100];
        size_t n = bytes_of(PACKET_TOO_BIG, b);
        struct icmp_message m;

        (void)state;
        assert_int_equal(parse(b, n, &m), WIRE_OK);
        assert_int_equal(m.family, LA_IPV6);
        assert_int_equal(m.kind, ICMP_PACKET_TOO_BIG);
        assert_int_equal(m.mtu_bytes, 1280);
        assert_memory_equal(m.quote.source.address, b + 24, 16);
        assert_memory_equal(m.quote.destination.address, b + 72, 16);
        assert_int_equal(m.quote.source.port, 40000);
        assert_int_equal(m.quote.destination.port, 80);
        assert_int_equal(m.quote.seq.v, 0x12345678);
        assert_int_equal(m.quote.packet_bytes, 1500);
        put32(b + 44, 0x12345678);
        mend(b, n);
        assert_int_equal(parse(b, n, &m), WIRE_OK);
        assert_int_equal(m.mtu_bytes, 0x12345678);
}

static void
names_every_type_and_code_of_ipv4(void **state)
{
        static const enum icmp_kind unreachable[] = {
                ICMP_NETWORK_UNREACHABLE, ICMP_HOST_UNREACHABLE,    ICMP_PROTOCOL_UNREACHABLE, ICMP_PORT_UNREACHABLE,
                ICMP_PACKET_TOO_BIG,      ICMP_SOURCE_ROUTE_FAILED, ICMP_NETWORK_UNREACHABLE,  ICMP_HOST_UNREACHABLE,
                ICMP_HOST_UNREACHABLE,    ICMP_PROHIBITED,          ICMP_PROHIBITED,           ICMP_NETWORK_UNREACHABLE,
                ICMP_HOST_UNREACHABLE,    ICMP_PROHIBITED,          ICMP_PROHIBITED,           ICMP_PROHIBITED,
                ICMP_UNKNOWN_ERROR,
        };
        uint8_t b[100];
        size_t n = bytes_of(FRAGMENTATION_NEEDED, b);
        struct icmp_message m;

        (void)state;
        for (uint8_t code = 0; code < 17; code++) {
                b[21] = code;
                mend(b, n);
                assert_int_equal(parse(b, n, &m), WIRE_OK);
                assert_int_equal(m.kind, unreachable[code]);
                assert_int_equal(m.mtu_bytes, code == 4 ? 1400 : 0);
        }
        b[21] = 0;
        for (unsigned int type = 0; type < 256; type++) {
                enum icmp_kind expected = type == 0    ? ICMP_ECHO_REPLY
                                          : type == 3  ? ICMP_NETWORK_UNREACHABLE
                                          : type == 4  ? ICMP_SOURCE_QUENCH
                                          : type == 8  ? ICMP_ECHO_REQUEST
                                          : type == 11 ? ICMP_TIME_EXCEEDED
                                          : type == 12 ? ICMP_PARAMETER_PROBLEM
                                                       : ICMP_OTHER;
                b[20] = (uint8_t)type;
                mend(b, n);
                assert_int_equal(parse(b, n, &m), WIRE_OK);
                assert_int_equal(m.kind, expected);
                assert_int_equal(m.quote.seq.v, icmp_is_error(expected) ? 0x12345678 : 0);
        }
}

static void
names_every_type_and_code_of_ipv6(void **state)
{
        static const enum icmp_kind unreachable[] = { ICMP_NETWORK_UNREACHABLE, ICMP_PROHIBITED,       ICMP_PROHIBITED,
                                                      ICMP_HOST_UNREACHABLE,    ICMP_PORT_UNREACHABLE, ICMP_PROHIBITED,
                                                      ICMP_PROHIBITED,          ICMP_UNKNOWN_ERROR };
        uint8_t b[100];
        size_t n = bytes_of(PACKET_TOO_BIG, b);
        struct icmp_message m;

        (void)state;
        b[40] = 1;
        for (uint8_t code = 0; code < 8; code++) {
                b[41] = code;
                mend(b, n);
                assert_int_equal(parse(b, n, &m), WIRE_OK);
                assert_int_equal(m.kind, unreachable[code]);
        }
        b[41] = 0;
        for (unsigned int type = 0; type < 256; type++) {
                enum icmp_kind expected = type == 1     ? ICMP_NETWORK_UNREACHABLE
                                          : type == 2   ? ICMP_PACKET_TOO_BIG
                                          : type == 3   ? ICMP_TIME_EXCEEDED
                                          : type == 4   ? ICMP_PARAMETER_PROBLEM
                                          : type == 128 ? ICMP_ECHO_REQUEST
                                          : type == 129 ? ICMP_ECHO_REPLY
                                          : type < 128  ? ICMP_UNKNOWN_ERROR
                                                        : ICMP_OTHER;
                b[40] = (uint8_t)type;
                mend(b, n);
                assert_int_equal(parse(b, n, &m), WIRE_OK);
                assert_int_equal(m.kind, expected);
        }
}

static void
reads_the_pointer_of_a_parameter_problem(void **state)
{
        uint8_t b[100];
        size_t n = bytes_of(FRAGMENTATION_NEEDED, b);
        struct icmp_message m;

        (void)state;
        b[20] = 12;
        b[24] = 33;
        mend(b, n);
        assert_int_equal(parse(b, n, &m), WIRE_OK);
        assert_int_equal(m.pointer, 33);
        n = bytes_of(PACKET_TOO_BIG, b);
        b[40] = 4;
        put32(b + 44, 1234);
        mend(b, n);
        assert_int_equal(parse(b, n, &m), WIRE_OK);
        assert_int_equal(m.pointer, 1234);
}

/* RFC 792: the header and 8 bytes; a quote may be longer, not shorter. */
static void
wants_the_ports_and_the_sequence_number(void **state)
{
        static const char *const errors[] = { FRAGMENTATION_NEEDED, PACKET_TOO_BIG };

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                uint8_t b[100] = { 0 };
                struct icmp_message m;
                size_t whole = bytes_of(errors[i], b), header = i == 0 ? 20 : 40;
                for (size_t n = header; n <= whole + 4; n++) {
                        set_length(b, n);
                        if (n >= header + 4)
                                mend(b, n);
                        assert_int_equal(parse(b, n, &m), n < header + 8 ? WIRE_ICMP_TRUNCATED
                                                          : n < whole    ? WIRE_ICMP_BAD_QUOTE
                                                                         : WIRE_OK);
                        if (n >= whole)
                                assert_int_equal(m.quote.seq.v, 0x12345678);
                }
                for (size_t n = 0; n < whole + 4; n++)
                        assert_int_equal(parse(b, n, &m), WIRE_IP_TRUNCATED);
        }
}

static void
wants_a_quote_of_tcp(void **state)
{
        uint8_t b[100];
        size_t n = bytes_of(FRAGMENTATION_NEEDED, b);
        struct icmp_message m;

        (void)state;
        b[28 + 9] = 17;
        mend(b, n);
        assert_int_equal(parse(b, n, &m), WIRE_ICMP_BAD_QUOTE);
        b[28 + 9] = 6;
        put16(b + 28 + 6, 3);
        mend(b, n);
        assert_int_equal(parse(b, n, &m), WIRE_ICMP_BAD_QUOTE);
        put16(b + 28 + 6, 0x2000);
        mend(b, n);
        assert_int_equal(parse(b, n, &m), WIRE_OK);
        memcpy(b + 28, (const uint8_t[48]){ 0x60, [4] = 5, [6] = 6 }, 48); /* IPv6's TCP, sound but for that */
        set_length(b, 28 + 48);
        mend(b, 28 + 48);
        assert_int_equal(parse(b, 28 + 48, &m), WIRE_ICMP_BAD_QUOTE);
        n = bytes_of(FRAGMENTATION_NEEDED, b);
        b[28] = 0x46; /* options: the 8 bytes are not there any more */
        mend(b, n);
        assert_int_equal(parse(b, n, &m), WIRE_ICMP_BAD_QUOTE);
        b[28] = 0x65;
        mend(b, n);
        assert_int_equal(parse(b, n, &m), WIRE_ICMP_BAD_QUOTE);
}

static void
refuses_every_flipped_bit(void **state)
{
        static const char *const messages[] = { FRAGMENTATION_NEEDED, PACKET_TOO_BIG, ECHO_IPV4, ECHO_IPV6 };

        (void)state;
        for (size_t i = 0; i < 4; i++) {
                uint8_t b[100];
                struct icmp_message m;
                size_t n = bytes_of(messages[i], b);
                for (size_t bit = 64; bit < 8 * n; bit++) {
                        b[bit / 8] ^= (uint8_t)(1 << bit % 8);
                        assert_int_not_equal(parse(b, n, &m), WIRE_OK);
                        b[bit / 8] ^= (uint8_t)(1 << bit % 8);
                }
                b[n - 1] ^= 1;
                assert_int_equal(parse(b, n, &m), WIRE_ICMP_BAD_CHECKSUM);
        }
}

static void
leaves_other_protocols_alone(void **state)
{
        uint8_t b[100];
        size_t n = bytes_of(SYN_IPV4, b);
        struct icmp_message m;

        (void)state;
        assert_int_equal(parse(b, n, &m), WIRE_NOT_ICMP);
        n = bytes_of(ECHO_IPV4, b);
        b[9] = 58;
        set_length(b, n);
        assert_int_equal(parse(b, n, &m), WIRE_NOT_ICMP);
}

static void
answers_echo(void **state)
{
        static const char *const requests[] = { ECHO_IPV4, ECHO_IPV6 }, *const replies[] = { REPLY_IPV4, REPLY_IPV6 };

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                uint8_t b[100], expected[100], reply[100];
                struct icmp_message m;
                struct ip_packet ip;
                size_t n = bytes_of(requests[i], b);
                bytes_of(replies[i], expected);
                assert_int_equal(ip_parse(b, n, &ip), WIRE_OK);
                assert_int_equal(icmp_parse(&ip, &m), WIRE_OK);
                assert_int_equal(m.kind, ICMP_ECHO_REQUEST);
                assert_int_equal(m.identifier, 0x1234);
                assert_int_equal(m.sequence, 7);
                assert_int_equal(m.data_bytes, 5);
                assert_memory_equal(m.data, "ping!", 5);
                for (size_t size = 0; size < n; size++)
                        assert_int_equal(icmp_build_echo_reply(&m, reply, size), 0);
                assert_int_equal(icmp_build_echo_reply(&m, reply, n), n);
                assert_memory_equal(reply, expected, n);
                assert_int_equal(parse(reply, n, &m), WIRE_OK);
                assert_int_equal(m.kind, ICMP_ECHO_REPLY);
                assert_int_equal(m.identifier, 0x1234);
                assert_int_equal(m.sequence, 7);
                assert_int_equal(m.data_bytes, 5);
                assert_int_equal(icmp_build_echo_reply(&m, reply, sizeof reply), 0);
        }
}

static void
answers_no_echo_for_many(void **state)
{
        uint8_t b[100], reply[100];
        size_t n = bytes_of(ECHO_IPV4, b);
        struct icmp_message m;
        struct ip_packet ip;

        (void)state;
        assert_int_equal(ip_parse(b, n, &ip), WIRE_OK);
        assert_int_equal(icmp_parse(&ip, &m), WIRE_OK);
        m.ip.traffic_class = 0xbb;
        assert_int_equal(icmp_build_echo_reply(&m, reply, sizeof reply), n);
        assert_int_equal(reply[1], 0xb8); /* the request's DSCP, and no congestion mark */
        m.destination[0] = 224;
        assert_int_equal(icmp_build_echo_reply(&m, reply, sizeof reply), 0);
        m.destination[0] = 198;
        m.source[0] = 255;
        assert_int_equal(icmp_build_echo_reply(&m, reply, sizeof reply), 0);
}

static struct ip_packet
offender(const char *hex, uint8_t *bytes)
{
        struct ip_packet ip;
        size_t n = bytes_of(hex, bytes);

        assert_int_equal(ip_parse(bytes, n, &ip), WIRE_OK);
        return ip;
}

static void
writes_errors_that_quote_the_packet(void **state)
{
        static const char *const packets[] = { SYN_IPV4, DATA_IPV6 };
        static const enum icmp_kind kinds[] = { ICMP_NETWORK_UNREACHABLE,  ICMP_HOST_UNREACHABLE,
                                                ICMP_PORT_UNREACHABLE,     ICMP_PROHIBITED,
                                                ICMP_PROTOCOL_UNREACHABLE, ICMP_SOURCE_ROUTE_FAILED };
        static const uint8_t codes[][6] = { { 0, 1, 3, 13, 2, 5 }, { 0, 3, 4, 1 } };

        (void)state;
        for (size_t i = 0; i < 2; i++)
                for (size_t k = 0; k < 6; k++) {
                        uint8_t b[100], error[ICMP_ERROR_MAX_IPV6], reporter[16] = { 1, 2, 3, 4 };
                        struct ip_packet ip = offender(packets[i], b);
                        struct icmp_message m;
                        size_t n = icmp_build_unreachable(&ip, kinds[k], reporter, error);
                        if (i == 1 && k >= 4) {
                                assert_int_equal(n, 0);
                                continue;
                        }
                        assert_int_equal(n, ip_build_bytes(ip.family) + 8 + ip.packet_bytes);
                        assert_memory_equal(error + n - ip.packet_bytes, b, ip.packet_bytes);
                        assert_int_equal(parse(error, n, &m), WIRE_OK);
                        assert_int_equal(m.kind, kinds[k]);
                        assert_int_equal(m.code, codes[i][k]);
                        assert_int_equal(get32(error + n - ip.packet_bytes - 4), 0);
                        assert_memory_equal(m.source, reporter, 16);
                        assert_memory_equal(m.destination, ip.source, 16);
                        assert_memory_equal(m.quote.source.address, ip.source, 16);
                        assert_int_equal(m.quote.packet_bytes, ip.packet_bytes);
                }
}

static void
writes_too_big(void **state)
{
        uint8_t b[100], error[ICMP_ERROR_MAX_IPV6], reporter[16] = { 1, 2, 3, 4 };
        struct ip_packet ip = offender(SYN_IPV4, b);
        struct icmp_message m;

        (void)state;
        assert_int_equal(parse(error, icmp_build_too_big(&ip, 1400, reporter, error), &m), WIRE_OK);
        assert_int_equal(m.kind, ICMP_PACKET_TOO_BIG);
        assert_int_equal(m.mtu_bytes, 1400);
        assert_int_equal(parse(error, icmp_build_too_big(&ip, 70000, reporter, error), &m), WIRE_OK);
        assert_int_equal(m.mtu_bytes, 65535);
        ip = offender(DATA_IPV6, b);
        assert_int_equal(parse(error, icmp_build_too_big(&ip, 70000, reporter, error), &m), WIRE_OK);
        assert_int_equal(m.kind, ICMP_PACKET_TOO_BIG);
        assert_int_equal(m.code, 0);
        assert_int_equal(m.mtu_bytes, 70000);
}

/* RFC 1812 4.3.2.3, RFC 4443 2.4 (c). */
static void
quotes_no_more_than_the_law_allows(void **state)
{
        (void)state;
        for (int family = LA_IPV4; family <= LA_IPV6; family += 2) {
                static uint8_t b[1500];
                uint8_t error[ICMP_ERROR_MAX_IPV6], reporter[16] = { 1, 2, 3, 4 };
                struct ip_packet ip;
                struct icmp_message m;
                size_t n, limit = family == LA_IPV4 ? 576 : 1280;
                bytes_of(family == LA_IPV4 ? SYN_IPV4 : DATA_IPV6, b);
                set_length(b, sizeof b);
                assert_int_equal(ip_parse(b, sizeof b, &ip), WIRE_OK);
                n = icmp_build_unreachable(&ip, ICMP_PORT_UNREACHABLE, reporter, error);
                assert_int_equal(n, limit);
                assert_int_equal(parse(error, n, &m), WIRE_OK);
                assert_int_equal(m.quote.packet_bytes, 1500);
        }
}

static void
writes_no_error_where_none_must_be_sent(void **state)
{
        static const char *const errors[] = { FRAGMENTATION_NEEDED, PACKET_TOO_BIG };
        uint8_t b[100], error[ICMP_ERROR_MAX_IPV6] = { 0xa5 }, reporter[16] = { 1, 2, 3, 4 };
        struct ip_packet ip;

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                ip = offender(errors[i], b);
                assert_int_equal(icmp_build_unreachable(&ip, ICMP_PORT_UNREACHABLE, reporter, error), 0);
                assert_int_equal(icmp_build_too_big(&ip, 1280, reporter, error), 0);
                b[ip.payload - b] = i == 0 ? 5 : 137; /* redirects */
                assert_int_equal(icmp_build_unreachable(&ip, ICMP_PORT_UNREACHABLE, reporter, error), 0);
                ip.payload_bytes = 0;
                assert_int_equal(icmp_build_unreachable(&ip, ICMP_PORT_UNREACHABLE, reporter, error), 0);
        }
        ip = offender(SYN_IPV4, b);
        ip.destination[0] = 239;
        assert_int_equal(icmp_build_unreachable(&ip, ICMP_PORT_UNREACHABLE, reporter, error), 0);
        ip.destination[0] = 198;
        ip.source[0] = 0;
        assert_int_equal(icmp_build_unreachable(&ip, ICMP_PORT_UNREACHABLE, reporter, error), 0);
        ip.source[0] = 127;
        assert_int_equal(icmp_build_unreachable(&ip, ICMP_PORT_UNREACHABLE, reporter, error), 0);
        ip.source[0] = 192;
        assert_int_equal(icmp_build_unreachable(&ip, ICMP_PACKET_TOO_BIG, reporter, error), 0);
        assert_int_equal(icmp_build_unreachable(&ip, ICMP_OTHER, reporter, error), 0);
        assert_int_equal(icmp_build_unreachable(&ip, ICMP_TIME_EXCEEDED, reporter, error), 0);
        assert_int_equal(error[0], 0xa5);
        assert_int_not_equal(icmp_build_unreachable(&ip, ICMP_PORT_UNREACHABLE, reporter, error), 0);
        ip = offender(ECHO_IPV4, b);
        assert_int_not_equal(icmp_build_unreachable(&ip, ICMP_HOST_UNREACHABLE, reporter, error), 0);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_fragmentation_needed),
                cmocka_unit_test(reads_packet_too_big),
                cmocka_unit_test(names_every_type_and_code_of_ipv4),
                cmocka_unit_test(names_every_type_and_code_of_ipv6),
                cmocka_unit_test(reads_the_pointer_of_a_parameter_problem),
                cmocka_unit_test(wants_the_ports_and_the_sequence_number),
                cmocka_unit_test(wants_a_quote_of_tcp),
                cmocka_unit_test(refuses_every_flipped_bit),
                cmocka_unit_test(leaves_other_protocols_alone),
                cmocka_unit_test(answers_echo),
                cmocka_unit_test(answers_no_echo_for_many),
                cmocka_unit_test(writes_errors_that_quote_the_packet),
                cmocka_unit_test(writes_too_big),
                cmocka_unit_test(quotes_no_more_than_the_law_allows),
                cmocka_unit_test(writes_no_error_where_none_must_be_sent),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
