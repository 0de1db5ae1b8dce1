/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 headers: RFC 791, RFC 1122 3.2.1. */
#include "wire/ipv4.h"

#include "packets.h"
#include "wire/bytes.h"
#include "wire/checksum.h"

struct packet {
        uint8_t b[100];
        size_t n;
};

static struct packet
syn(void)
{
        struct packet p = { .n = 0 };

        p.n = bytes_of(SYN_IPV4, p.b);
        return p;
}

/* Makes the header checksum right again after a change. */
static void
mend(struct packet *p)
{
        size_t header_bytes = (p->b[0] & 15u) * 4;

        put16(p->b + 10, 0);
        put16(p->b + 10, (uint16_t)~slow_sum(p->b, header_bytes));
}

/* Parses, and finds the output untouched unless the packet is sound. */
static enum wire_result
parse(const struct packet *p, size_t n, struct ip_packet *ret_ip)
{
        struct ip_packet before;
        uint8_t *copy = exact_copy(p->b, n);
        enum wire_result result;

        memset(ret_ip, 0xa5, sizeof *ret_ip);
        memcpy(&before, ret_ip, sizeof before);
        result = ipv4_parse(copy, n, ret_ip);
        if (result != WIRE_OK)
                assert_memory_equal(&before, ret_ip, sizeof before);
        free(copy);
        return result;
}

static void
reads_a_header(void **state)
{
        struct packet p = syn();
        struct ip_packet ip;
        static const uint8_t source[16] = { 192, 0, 2, 1 }, destination[16] = { 198, 51, 100, 2 };

        (void)state;
        p.b[1] = 0xb9;
        mend(&p);
        assert_int_equal(ip_parse(p.b, p.n, &ip), WIRE_OK);
        assert_int_equal(ip.family, LA_IPV4);
        assert_memory_equal(ip.source, source, 16);
        assert_memory_equal(ip.destination, destination, 16);
        assert_int_equal(ip.ip.traffic_class, 0xb9);
        assert_int_equal(ip.ip.hop_limit, 64);
        assert_int_equal(ip.ip.identification, 0xbeef);
        assert_true(ip.ip.dont_fragment);
        assert_int_equal(ip.ip.flow_label, 0);
        assert_int_equal(ip.protocol, IP_TCP);
        assert_ptr_equal(ip.bytes, p.b);
        assert_int_equal(ip.packet_bytes, 60);
        assert_ptr_equal(ip.payload, p.b + 20);
        assert_int_equal(ip.payload_bytes, 40);
}

static void
refuses_every_truncation(void **state)
{
        struct packet p = syn();
        struct ip_packet ip;

        (void)state;
        for (size_t n = 0; n < p.n; n++)
                assert_int_equal(parse(&p, n, &ip), WIRE_IP_TRUNCATED);
        assert_int_equal(parse(&p, p.n, &ip), WIRE_OK);
        assert_int_equal(ip_parse(NULL, 0, &ip), WIRE_IP_TRUNCATED);
}

static void
leaves_out_what_pads_the_frame(void **state)
{
        struct packet p = syn();
        struct ip_packet ip;

        (void)state;
        assert_int_equal(parse(&p, p.n + 6, &ip), WIRE_OK);
        assert_int_equal(ip.packet_bytes, 60);
        assert_int_equal(ip.payload_bytes, 40);
}

static void
refuses_every_flipped_bit_of_the_header(void **state)
{
        struct packet p = syn();
        struct ip_packet ip;

        (void)state;
        for (size_t bit = 0; bit < 160; bit++) {
                p.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_int_not_equal(parse(&p, p.n, &ip), WIRE_OK);
                p.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        p.b[10] ^= 1;
        assert_int_equal(parse(&p, p.n, &ip), WIRE_IP_BAD_CHECKSUM);
}

static void
refuses_other_versions(void **state)
{
        struct packet p = syn();
        struct ip_packet ip;

        (void)state;
        for (uint8_t version = 0; version < 16; version++) {
                p.b[0] = (uint8_t)(version << 4 | 5);
                mend(&p);
                assert_int_equal(parse(&p, p.n, &ip), version == 4 ? WIRE_OK : WIRE_IP_BAD_VERSION);
                if (version != 4 && version != 6)
                        assert_int_equal(ip_parse(p.b, p.n, &ip), WIRE_IP_BAD_VERSION);
        }
}

static void
refuses_bad_header_lengths(void **state)
{
        struct packet p = syn();
        struct ip_packet ip;

        (void)state;
        for (uint8_t words = 0; words < 5; words++) {
                p.b[0] = (uint8_t)(0x40 | words);
                mend(&p);
                assert_int_equal(parse(&p, p.n, &ip), WIRE_IP_BAD_HEADER_LENGTH);
        }
        for (uint8_t words = 5; words < 16; words++) {
                p.b[0] = (uint8_t)(0x40 | words);
                mend(&p);
                assert_int_equal(parse(&p, p.n, &ip), WIRE_OK);
                assert_int_equal(ip.payload_bytes, 60 - 4u * words);
                assert_int_equal(parse(&p, 4u * words - 1, &ip), WIRE_IP_TRUNCATED);
        }
}

static void
refuses_bad_total_lengths(void **state)
{
        struct packet p = syn();
        struct ip_packet ip;

        (void)state;
        for (uint16_t total = 0; total < 100; total++) {
                enum wire_result expected = total < 20   ? WIRE_IP_BAD_HEADER_LENGTH
                                            : total > 60 ? WIRE_IP_TRUNCATED
                                                         : WIRE_OK;
                put16(p.b + 2, total);
                mend(&p);
                assert_int_equal(parse(&p, p.n, &ip), expected);
                if (expected == WIRE_OK)
                        assert_int_equal(ip.payload_bytes, total - 20);
        }
}

static void
recognises_fragments(void **state)
{
        static const struct {
                uint16_t field;
                enum wire_result result;
        } rows[] = {
                { 0x0000, WIRE_OK },          { 0x4000, WIRE_OK },
                { 0x8000, WIRE_OK }, /* reserved: RFC 791 has no meaning for it */
                { 0x2000, WIRE_IP_FRAGMENT }, { 0x0001, WIRE_IP_FRAGMENT },
                { 0x1fff, WIRE_IP_FRAGMENT }, { 0x6000, WIRE_IP_FRAGMENT },
        };
        struct packet p = syn();
        struct ip_packet ip;

        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                put16(p.b + 6, rows[i].field);
                mend(&p);
                assert_int_equal(parse(&p, p.n, &ip), rows[i].result);
                if (rows[i].result == WIRE_OK)
                        assert_int_equal(ip.ip.dont_fragment, rows[i].field == 0x4000);
        }
}

/* Shows MUST-50. */
static void
steps_over_options(void **state)
{
        struct packet p = { .n = 0 };
        struct ip_packet ip;

        (void)state;
        p.n = bytes_of("4600001c 00000000 40060000 c0000201 c6336402 94040000 0102 0304", p.b);
        mend(&p);
        assert_int_equal(parse(&p, p.n, &ip), WIRE_OK);
        assert_int_equal(ip.payload_bytes, 4);
        assert_int_equal(ipv4_parse(p.b, p.n, &ip), WIRE_OK);
        assert_int_equal(ip.payload[0], 1);
}

static void
writes_what_it_reads(void **state)
{
        struct packet p = syn();
        struct ip_packet ip;
        uint8_t header[IP_BUILD_MAX];

        (void)state;
        assert_int_equal(ipv4_parse(p.b, p.n, &ip), WIRE_OK);
        memset(header, 0xa5, sizeof header);
        assert_int_equal(ip_build(&ip, 40, header), 20);
        assert_memory_equal(header, p.b, 20);
        assert_int_equal(header[20], 0xa5);
}

static void
writes_no_more_than_the_length_can_say(void **state)
{
        struct packet p = syn();
        struct ip_packet ip;
        uint8_t header[IP_BUILD_MAX];

        (void)state;
        assert_int_equal(ipv4_parse(p.b, p.n, &ip), WIRE_OK);
        assert_int_equal(ipv4_build(&ip, 65515, header), 20);
        assert_int_equal(get16(header + 2), 65535);
        assert_int_equal(slow_sum(header, 20), 0xffff);
        memset(header, 0xa5, sizeof header);
        assert_int_equal(ipv4_build(&ip, 65516, header), 0);
        assert_int_equal(ipv4_build(&ip, SIZE_MAX, header), 0);
        assert_int_equal(header[0], 0xa5);
}

/* RFC 792: the quote stops anywhere; routers have changed TTL and checksum. */
static void
reads_quotes_as_they_come(void **state)
{
        struct packet p = syn();
        struct ip_packet ip;

        (void)state;
        p.b[8] = 1;
        for (size_t n = 0; n < 20; n++)
                assert_int_equal(ip_parse_quoted(p.b, n, &ip), WIRE_IP_TRUNCATED);
        for (size_t n = 20; n <= p.n; n++) {
                assert_int_equal(ip_parse_quoted(p.b, n, &ip), WIRE_OK);
                assert_int_equal(ip.payload_bytes, n - 20);
                assert_int_equal(ip.packet_bytes, 60);
        }
        assert_int_equal(ip_parse_quoted(p.b, p.n + 8, &ip), WIRE_OK);
        assert_int_equal(ip.payload_bytes, 40);
        put16(p.b + 6, 0x2000);
        assert_int_equal(ip_parse_quoted(p.b, 28, &ip), WIRE_OK);
        put16(p.b + 6, 0x0001);
        assert_int_equal(ip_parse_quoted(p.b, 28, &ip), WIRE_IP_FRAGMENT);
        put16(p.b + 2, 20);
        assert_int_equal(ip_parse_quoted(p.b, 28, &ip), WIRE_IP_FRAGMENT);
        put16(p.b + 2, 19);
        assert_int_equal(ip_parse_quoted(p.b, 28, &ip), WIRE_IP_BAD_HEADER_LENGTH);
        p.b[0] = 0x44;
        assert_int_equal(ip_parse_quoted(p.b, 28, &ip), WIRE_IP_BAD_HEADER_LENGTH);
        p.b[0] = 0x55;
        assert_int_equal(ip_parse_quoted(p.b, 28, &ip), WIRE_IP_BAD_VERSION);
        assert_int_equal(ipv4_parse_quoted(p.b, 28, &ip), WIRE_IP_BAD_VERSION);
}

static void
tells_hosts_from_groups(void **state)
{
        static const struct {
                uint8_t address[4];
                bool unicast;
        } rows[] = {
                { { 192, 0, 2, 1 }, true },       { { 127, 0, 0, 1 }, true },        { { 10, 0, 0, 255 }, true },
                { { 223, 255, 255, 255 }, true }, { { 1, 0, 0, 0 }, true },          { { 0, 0, 0, 0 }, false },
                { { 0, 1, 2, 3 }, false },        { { 224, 0, 0, 1 }, false },       { { 239, 255, 255, 255 }, false },
                { { 240, 0, 0, 1 }, false },      { { 255, 255, 255, 255 }, false },
        };

        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                assert_int_equal(ip_is_unicast(LA_IPV4, rows[i].address), rows[i].unicast);
}

/* RFC 3168 5: only what says that it takes marks is marked; and the header stays sound. */
static void
a_router_marks_what_takes_marks(void **state)
{
        struct packet p = syn(), before;
        struct ip_packet ip;

        (void)state;
        for (unsigned int ecn = 0; ecn < 4; ecn++) {
                p.b[1] = (uint8_t)(0xb8 | ecn);
                mend(&p);
                before = p;
                assert_int_equal(ip_mark_ce(p.b, p.n), ecn != IP_NOT_ECT);
                assert_int_equal(ip_parse(p.b, p.n, &ip), WIRE_OK);
                assert_int_equal(ip_ecn_of(&ip.ip), ecn == IP_NOT_ECT ? IP_NOT_ECT : IP_CE);
                assert_int_equal(ip.ip.traffic_class >> 2, 0xb8 >> 2);
                before.b[1] = p.b[1];
                mend(&before);
                assert_memory_equal(p.b, before.b, p.n);
        }
        p.b[10]++;
        assert_false(ip_mark_ce(p.b, p.n));
}

static void
the_codepoint_leaves_the_rest_alone(void **state)
{
        struct ip_fields ip = { .traffic_class = 0xbb };

        (void)state;
        ip_ecn_set(&ip, IP_ECT_0);
        assert_int_equal(ip.traffic_class, 0xba);
        ip_ecn_set(&ip, IP_NOT_ECT);
        assert_int_equal(ip.traffic_class, 0xb8);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_a_header),
                cmocka_unit_test(refuses_every_truncation),
                cmocka_unit_test(leaves_out_what_pads_the_frame),
                cmocka_unit_test(refuses_every_flipped_bit_of_the_header),
                cmocka_unit_test(refuses_other_versions),
                cmocka_unit_test(refuses_bad_header_lengths),
                cmocka_unit_test(refuses_bad_total_lengths),
                cmocka_unit_test(recognises_fragments),
                cmocka_unit_test(steps_over_options),
                cmocka_unit_test(writes_what_it_reads),
                cmocka_unit_test(writes_no_more_than_the_length_can_say),
                cmocka_unit_test(reads_quotes_as_they_come),
                cmocka_unit_test(tells_hosts_from_groups),
                cmocka_unit_test(a_router_marks_what_takes_marks),
                cmocka_unit_test(the_codepoint_leaves_the_rest_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
