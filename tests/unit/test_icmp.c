/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP errors and echo, read: RFC 792, RFC 1122 3.2.2, RFC 1191, RFC 4443. */
#include "icmp_packets.h"

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
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
