/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 headers and extension headers: RFC 8200. */
#include "wire/ipv6.h"

#include "packets.h"
#include "wire/bytes.h"

#define HOP_BY_HOP  0
#define TCP         6
#define ROUTING     43
#define FRAGMENT    44
#define ESP         50
#define AH          51
#define NO_NEXT     59
#define DESTINATION 60

struct packet {
        uint8_t b[400];
        size_t n;
};

/* An IPv6 header with `next`, and after it the bytes of `hex`. */
static struct packet
packet(uint8_t next, const char *hex)
{
        struct packet p = { .n = 0 };

        bytes_of(DATA_IPV6, p.b);
        p.n = 40 + bytes_of(hex, p.b + 40);
        put16(p.b + 4, (uint16_t)(p.n - 40));
        p.b[6] = next;
        return p;
}

static enum wire_result
parse(const struct packet *p, size_t n, struct ip_packet *ret_ip)
{
        struct ip_packet before;
        uint8_t *copy = exact_copy(p->b, n);
        enum wire_result result;

        memset(ret_ip, 0xa5, sizeof *ret_ip);
        memcpy(&before, ret_ip, sizeof before);
        result = ipv6_parse(copy, n, ret_ip);
        if (result != WIRE_OK)
                assert_memory_equal(&before, ret_ip, sizeof before);
        free(copy);
        return result;
}

/* What becomes of a chain of headers; where it is sound, the payload begins after `skipped` bytes of it. */
static void
expect(uint8_t next, const char *hex, enum wire_result result, uint8_t protocol, size_t skipped)
{
        struct packet p = packet(next, hex);
        struct ip_packet ip;

        assert_int_equal(parse(&p, p.n, &ip), result);
        if (result != WIRE_OK)
                return;
        assert_int_equal(ip.protocol, protocol);
        assert_int_equal(ip.payload_bytes, p.n - 40 - skipped);
        assert_int_equal(ip.payload - ip.bytes, 40 + skipped);
}

static void
reads_a_header(void **state)
{
        struct packet p = { .n = 0 };
        struct ip_packet ip;

        (void)state;
        p.n = bytes_of(DATA_IPV6, p.b);
        assert_int_equal(ip_parse(p.b, p.n, &ip), WIRE_OK);
        assert_int_equal(ip.family, LA_IPV6);
        assert_memory_equal(ip.source, p.b + 8, 16);
        assert_memory_equal(ip.destination, p.b + 24, 16);
        assert_int_equal(ip.ip.traffic_class, 0xb9);
        assert_int_equal(ip.ip.flow_label, 0xabcde);
        assert_int_equal(ip.ip.hop_limit, 64);
        assert_false(ip.ip.dont_fragment);
        assert_int_equal(ip.ip.identification, 0);
        assert_int_equal(ip.protocol, IP_TCP);
        assert_int_equal(ip.packet_bytes, 77);
        assert_ptr_equal(ip.payload, p.b + 40);
        assert_int_equal(ip.payload_bytes, 37);
}

static void
refuses_every_truncation(void **state)
{
        struct packet p = { .n = 0 };
        struct ip_packet ip;

        (void)state;
        p.n = bytes_of(DATA_IPV6, p.b);
        for (size_t n = 0; n < p.n; n++)
                assert_int_equal(parse(&p, n, &ip), WIRE_IP_TRUNCATED);
        assert_int_equal(parse(&p, p.n + 9, &ip), WIRE_OK);
        assert_int_equal(ip.payload_bytes, 37);
        for (uint8_t version = 0; version < 16; version++) {
                p.b[0] = (uint8_t)(version << 4 | 0xb);
                assert_int_equal(parse(&p, p.n, &ip), version == 6 ? WIRE_OK : WIRE_IP_BAD_VERSION);
        }
}

static void
steps_over_extension_headers(void **state)
{
        (void)state;
        expect(TCP, "", WIRE_OK, TCP, 0);
        expect(HOP_BY_HOP, "06000104 00000000", WIRE_OK, TCP, 8);
        expect(HOP_BY_HOP, "0600 0502 0000 0100 aabb", WIRE_OK, TCP, 8); /* router alert: 00, skip */
        expect(HOP_BY_HOP, "0601 000000000000 0000000000000000 aabb", WIRE_OK, TCP, 16);
        expect(DESTINATION, "06000104 00000000 aa", WIRE_OK, TCP, 8);
        expect(ROUTING, "06000000 00000000 aa", WIRE_OK, TCP, 8);
        expect(ROUTING, "0602ff00 00000000 0000000000000000 0000000000000000 aa", WIRE_OK, TCP, 24);
        expect(FRAGMENT, "06000000 12345678 aa", WIRE_OK, TCP, 8); /* RFC 6946: a whole packet */
        expect(FRAGMENT, "06ff0006 12345678 aa", WIRE_OK, TCP, 8); /* reserved bits are ignored */
        expect(HOP_BY_HOP,
               "3c000104 00000000 2b000104 00000000 2c000000 00000000 3c000000 00000000 06000104 00000000 aabbcc",
               WIRE_OK, TCP, 40);
        /* RFC 8200 4.1: in any order, any number of times. */
        expect(DESTINATION, "2c000104 00000000 3c000000 00000000 2b000104 00000000 3c000000 00000000 06000104 00000000",
               WIRE_OK, TCP, 40);
}

static void
stops_at_what_it_does_not_walk_over(void **state)
{
        (void)state;
        expect(AH, "06040000 00000001 00000001 000000000000000000000000", WIRE_OK, AH, 0);
        expect(ESP, "0000000100000001aabbccdd", WIRE_OK, ESP, 0);
        expect(NO_NEXT, "", WIRE_OK, NO_NEXT, 0);
        expect(DESTINATION, "3b000104 00000000", WIRE_OK, NO_NEXT, 8);
        expect(DESTINATION, "fe000104 00000000", WIRE_OK, 254, 8);
}

static void
wants_hop_by_hop_options_first(void **state)
{
        (void)state;
        expect(DESTINATION, "00000104 00000000 06000104 00000000", WIRE_IP_BAD_EXTENSION, 0, 0);
        expect(HOP_BY_HOP, "00000104 00000000 06000104 00000000", WIRE_IP_BAD_EXTENSION, 0, 0);
        expect(FRAGMENT, "00000000 00000000 06000104 00000000", WIRE_IP_BAD_EXTENSION, 0, 0);
}

static void
refuses_extension_headers_out_of_bounds(void **state)
{
        static const uint8_t kinds[] = { HOP_BY_HOP, DESTINATION, ROUTING, FRAGMENT };

        (void)state;
        for (size_t i = 0; i < sizeof kinds; i++) {
                expect(kinds[i], "", WIRE_IP_BAD_EXTENSION, 0, 0);
                expect(kinds[i], "06000104 000000", WIRE_IP_BAD_EXTENSION, 0, 0);
        }
        for (size_t i = 0; i < 3; i++) {
                expect(kinds[i], "06010104 00000000", WIRE_IP_BAD_EXTENSION, 0, 0);
                expect(kinds[i], "06010104 00000000 00000000 000000", WIRE_IP_BAD_EXTENSION, 0, 0);
                expect(kinds[i], "06ff0104 00000000 00000000 00000000", WIRE_IP_BAD_EXTENSION, 0, 0);
        }
        expect(DESTINATION, "3c000104 00000000 06000104", WIRE_IP_BAD_EXTENSION, 0, 0);
}

static void
refuses_options_out_of_bounds(void **state)
{
        (void)state;
        expect(DESTINATION, "06000105 00000000", WIRE_IP_BAD_EXTENSION, 0, 0);
        expect(DESTINATION, "060001ff 00000000", WIRE_IP_BAD_EXTENSION, 0, 0);
        expect(DESTINATION, "06000000 00000001", WIRE_IP_BAD_EXTENSION, 0, 0);
        expect(DESTINATION, "06000103 00000000", WIRE_OK, TCP, 8);
        expect(DESTINATION, "06000102 00000105", WIRE_IP_BAD_EXTENSION, 0, 0);
        expect(DESTINATION, "06000102 00000100", WIRE_OK, TCP, 8);
        /* What stands in an option's data is no option; what stands after it is one. */
        expect(DESTINATION, "06000101 c2010100", WIRE_OK, TCP, 8);
        expect(DESTINATION, "06000502 0000c200", WIRE_IP_REFUSED_OPTION, 0, 0);
        expect(DESTINATION, "06000500 c2000100", WIRE_IP_REFUSED_OPTION, 0, 0);
}

/* RFC 8200 4.2: the highest two bits of a type one does not know. */
static void
obeys_the_action_bits_of_unknown_options(void **state)
{
        (void)state;
        for (unsigned int type = 2; type < 256; type++) {
                char hex[] = "0600tt04 00000000";
                hex[4] = "0123456789abcdef"[type >> 4];
                hex[5] = "0123456789abcdef"[type & 15];
                expect(DESTINATION, hex, type < 0x40 ? WIRE_OK : WIRE_IP_REFUSED_OPTION, TCP, 8);
                expect(HOP_BY_HOP, hex, type < 0x40 ? WIRE_OK : WIRE_IP_REFUSED_OPTION, TCP, 8);
        }
}

/* RFC 8200 4.4, RFC 5095. */
static void
refuses_routes_not_yet_travelled(void **state)
{
        (void)state;
        expect(ROUTING, "06020001 00000000 0000000000000000 0000000000000000", WIRE_IP_SOURCE_ROUTED, 0, 0);
        expect(ROUTING, "060004ff 00000000", WIRE_IP_SOURCE_ROUTED, 0, 0);
}

static void
recognises_fragments(void **state)
{
        (void)state;
        expect(FRAGMENT, "06000001 00000000 aa", WIRE_IP_FRAGMENT, 0, 0);
        expect(FRAGMENT, "06000008 00000000 aa", WIRE_IP_FRAGMENT, 0, 0);
        expect(FRAGMENT, "0600fff8 00000000 aa", WIRE_IP_FRAGMENT, 0, 0);
        expect(HOP_BY_HOP, "2c000104 00000000 06000009 00000000 aa", WIRE_IP_FRAGMENT, 0, 0);
}

static void
reads_quotes_as_they_come(void **state)
{
        struct packet p = packet(HOP_BY_HOP, "2b00c204 00010000 2c000001 00000000 06000001 00000000 01020304 05060708");
        struct ip_packet ip;

        (void)state;
        put16(p.b + 4, 1440);
        for (size_t n = 0; n < 64; n++)
                assert_int_equal(ip_parse_quoted(p.b, n, &ip), n < 40 ? WIRE_IP_TRUNCATED : WIRE_IP_BAD_EXTENSION);
        for (size_t n = 64; n <= p.n; n++) {
                assert_int_equal(ip_parse_quoted(p.b, n, &ip), WIRE_OK);
                assert_int_equal(ip.payload_bytes, n - 64);
                assert_int_equal(ip.packet_bytes, 1480);
        }
        put16(p.b + 58, 0x0008);
        assert_int_equal(ipv6_parse_quoted(p.b, p.n, &ip), WIRE_IP_FRAGMENT);
}

static void
writes_what_it_reads(void **state)
{
        struct packet p = { .n = 0 };
        struct ip_packet ip;
        uint8_t header[IP_BUILD_MAX];

        (void)state;
        p.n = bytes_of(DATA_IPV6, p.b);
        assert_int_equal(ipv6_parse(p.b, p.n, &ip), WIRE_OK);
        assert_int_equal(ip_build(&ip, 37, header), 40);
        assert_memory_equal(header, p.b, 40);
        assert_int_equal(ip_build(&ip, 65535, header), 40);
        assert_int_equal(get16(header + 4), 65535);
        memset(header, 0xa5, sizeof header);
        assert_int_equal(ip_build(&ip, 65536, header), 0);
        assert_int_equal(header[0], 0xa5);
        ip.ip.flow_label = 0xfffabcde;
        assert_int_equal(ip_build(&ip, 37, header), 40);
        assert_memory_equal(header, p.b, 40);
}

static void
tells_hosts_from_groups(void **state)
{
        uint8_t a[16] = { 0 };

        (void)state;
        assert_false(ip_is_unicast(LA_IPV6, a));
        for (size_t i = 0; i < 16; i++) {
                a[i] = 1;
                assert_true(ip_is_unicast(LA_IPV6, a));
                a[i] = 0;
        }
        a[0] = 0xff;
        assert_false(ip_is_unicast(LA_IPV6, a));
        a[0] = 0xfe;
        assert_true(ip_is_unicast(LA_IPV6, a));
}

/* RFC 3168 5: only what says that it takes marks is marked, and nothing else of it changes. */
static void
a_router_marks_what_takes_marks(void **state)
{
        struct packet p = { .n = 0 };
        struct ip_packet ip;

        (void)state;
        for (unsigned int ecn = 0; ecn < 4; ecn++) {
                uint8_t header[IP_BUILD_MAX];

                p.n = bytes_of(DATA_IPV6, p.b);
                p.b[1] = (uint8_t)((p.b[1] & ~0x30u) | ecn << 4);
                memcpy(header, p.b, sizeof header);
                assert_int_equal(ip_mark_ce(p.b, p.n), ecn != IP_NOT_ECT);
                assert_int_equal(ip_parse(p.b, p.n, &ip), WIRE_OK);
                assert_int_equal(ip_ecn_of(&ip.ip), ecn == IP_NOT_ECT ? IP_NOT_ECT : IP_CE);
                header[1] = p.b[1];
                assert_memory_equal(header, p.b, sizeof header);
                assert_int_equal(ip.ip.flow_label, 0xabcde);
        }
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_a_header),
                cmocka_unit_test(refuses_every_truncation),
                cmocka_unit_test(steps_over_extension_headers),
                cmocka_unit_test(stops_at_what_it_does_not_walk_over),
                cmocka_unit_test(wants_hop_by_hop_options_first),
                cmocka_unit_test(refuses_extension_headers_out_of_bounds),
                cmocka_unit_test(refuses_options_out_of_bounds),
                cmocka_unit_test(obeys_the_action_bits_of_unknown_options),
                cmocka_unit_test(refuses_routes_not_yet_travelled),
                cmocka_unit_test(recognises_fragments),
                cmocka_unit_test(reads_quotes_as_they_come),
                cmocka_unit_test(writes_what_it_reads),
                cmocka_unit_test(tells_hosts_from_groups),
                cmocka_unit_test(a_router_marks_what_takes_marks),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
