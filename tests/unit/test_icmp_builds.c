/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP errors and echo, written: RFC 792, RFC 1122 3.2.2, RFC 1191, RFC 1812 4.3.2, RFC 4443. */
#include "icmp_packets.h"

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
                cmocka_unit_test(answers_echo),
                cmocka_unit_test(answers_no_echo_for_many),
                cmocka_unit_test(writes_errors_that_quote_the_packet),
                cmocka_unit_test(writes_too_big),
                cmocka_unit_test(quotes_no_more_than_the_law_allows),
                cmocka_unit_test(writes_no_error_where_none_must_be_sent),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
