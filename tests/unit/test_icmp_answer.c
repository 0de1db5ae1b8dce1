/* SPDX-License-Identifier: BSD-2-Clause */
/* What a host answers to packets that are not TCP: RFC 1122 3.2.2, RFC 4443, RFC 8200 4. */
#include "link/icmp_answer.h"

#include "link/fragments.h"
#include "packets.h"
#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/fragment.h"
#include "wire/icmp.h"
#include "wire/ip.h"

#define SECOND ((tcp_time)1000000)
#define MTU    1300

static struct icmp_answer *a;
static struct fragments *f;
static uint8_t packet[PACKET_MAX], answer[PACKET_MAX];
static size_t answer_pieces; /* that the last answer left in */

static int
set_up(void **state)
{
        const struct icmp_answer_config config = { .mtu_bytes = MTU,
                                                   .errors_per_second = 10,
                                                   .errors_at_once = 5,
                                                   .echo_bytes_per_second = 400000,
                                                   .seed = "sixteen letters" };

        (void)state;
        return icmp_answer_new(&config, &a) | fragments_new(4, FRAGMENTS_BYTES_MIN, &f);
}

static int
tear_down(void **state)
{
        (void)state;
        icmp_answer_free(a);
        fragments_free(f);
        return 0;
}

/* From a host of another network to us, with `n` bytes behind the IP header; returns the packet's length. */
static size_t
build(enum la_family family, uint8_t protocol, const uint8_t *payload, size_t n)
{
        struct ip_packet ip = { .family = family, .protocol = protocol, .ip.hop_limit = 64 };
        size_t header;

        if (family == LA_IPV4) {
                memcpy(ip.source, (uint8_t[]){ 198, 51, 100, 7 }, 4);
                memcpy(ip.destination, (uint8_t[]){ 192, 0, 2, 1 }, 4);
        } else {
                memcpy(ip.source, (uint8_t[]){ 0x20, 1, 0xd, 0xb8, 7, [15] = 9 }, 16);
                memcpy(ip.destination, (uint8_t[]){ 0x20, 1, 0xd, 0xb8, [15] = 1 }, 16);
        }
        header = ip_build(&ip, n, packet);
        memcpy(packet + header, payload, n);
        return header + n;
}

static struct sum
pseudo(enum la_family family, uint8_t protocol, size_t n)
{
        if (family == LA_IPV4)
                return sum_pseudo_header(family, packet + 12, packet + 16, protocol, (uint32_t)n);
        return sum_pseudo_header(family, packet + 8, packet + 24, protocol, (uint32_t)n);
}

static size_t
echo(enum la_family family, size_t data_bytes)
{
        static uint8_t message[PACKET_MAX];
        size_t n = data_bytes + 8, header = ip_build_bytes(family), length;
        uint32_t random = 5;
        struct sum s = { 0 };

        memset(message, 0, 8);
        message[0] = family == LA_IPV4 ? 8 : 128;
        put32(message + 4, 0x12340007);
        for (size_t i = 8; i < n; i++)
                message[i] = (uint8_t)next_random(&random);
        length = build(family, family == LA_IPV4 ? 1 : 58, message, n);
        if (family == LA_IPV6)
                s = pseudo(family, 58, n);
        put_checksum(packet + header + 2, sum_checksum(sum_add(s, sum_bytes(packet + header, n))));
        return length;
}

static size_t
udp(enum la_family family)
{
        uint8_t message[20] = { 0x9c, 0x40, 0, 53, 0, 20, 0, 0, 'w', 'h', 'e', 'r', 'e' };
        size_t n = build(family, 17, message, sizeof message), header = ip_build_bytes(family);

        put_checksum(packet + header + 6, sum_checksum_udp(sum_add(pseudo(family, 17, sizeof message),
                                                                   sum_bytes(packet + header, sizeof message))));
        return n;
}

/* Fetches the answer, put together if it left in pieces; its length, 0 for none. */
static size_t
fetch(void)
{
        struct la_packet p;
        struct fragments_news news;
        static uint8_t piece[PACKET_MAX];

        answer_pieces = 0;
        while (icmp_answer_next(a, &p, 1) == 1) {
                size_t n = p.header_bytes + p.part[0].length;

                assert_int_equal(p.parts, 1);
                assert_true(n <= MTU);
                memcpy(piece, p.header, p.header_bytes);
                memcpy(piece + p.header_bytes, p.part[0].bytes, p.part[0].length);
                answer_pieces++;
                switch (fragments_add(f, 0, piece, n, &news)) {
                case FRAGMENTS_NOT_ONE:
                        memcpy(answer, piece, n);
                        assert_int_equal(icmp_answer_next(a, &p, 1), 0);
                        return n;
                case FRAGMENTS_WHOLE:
                        memcpy(answer, news.packet, news.packet_bytes);
                        assert_int_equal(icmp_answer_next(a, &p, 1), 0);
                        return news.packet_bytes;
                case FRAGMENTS_WAITING:
                        break;
                case FRAGMENTS_DROPPED:
                        fail_msg("a piece that makes no sense");
                }
        }
        assert_int_equal(answer_pieces, 0);
        return 0;
}

static size_t
ask_at(tcp_time now, size_t n)
{
        uint8_t *copy = exact_copy(packet, n);

        icmp_answer_packet(a, now, copy, n, false);
        free(copy);
        return fetch();
}

static size_t
ask(size_t n)
{
        return ask_at(0, n);
}

/* An error from us to who sent `packet`, with its beginning behind. */
static void
expect_error(size_t answered, uint8_t type, uint8_t code, uint32_t word)
{
        size_t header = packet[0] >> 4 == 4 ? 20 : 40;
        struct ip_packet ip;

        assert_true(answered >= header + 8 + header);
        assert_int_equal(ip_parse(answer, answered, &ip), WIRE_OK);
        assert_int_equal(ip.payload[0], type);
        assert_int_equal(ip.payload[1], code);
        assert_int_equal(get32(ip.payload + 4), word);
        assert_memory_equal(ip.payload + 8, packet, ip.payload_bytes - 8);
        assert_memory_equal(ip.destination, packet + (header == 20 ? 12 : 8), header == 20 ? 4 : 16);
        assert_memory_equal(ip.source, packet + (header == 20 ? 16 : 24), header == 20 ? 4 : 16);
}

static void
expect_echoed(size_t answered, size_t asked)
{
        struct ip_packet ip, request;
        struct icmp_message m;

        assert_int_equal(answered, asked);
        assert_int_equal(ip_parse(answer, answered, &ip), WIRE_OK);
        assert_int_equal(ip_parse(packet, asked, &request), WIRE_OK);
        assert_int_equal(icmp_parse(&ip, &m), WIRE_OK);
        assert_int_equal(m.kind, ICMP_ECHO_REPLY);
        assert_int_equal(m.identifier, 0x1234);
        assert_int_equal(m.sequence, 7);
        assert_memory_equal(m.data, request.payload + 8, m.data_bytes);
}

static const enum la_family families[] = { LA_IPV4, LA_IPV6 };

/* ---- */

static void
sends_back_what_was_sent(void **state)
{
        static const size_t sizes[] = { 0, 1, 56, 1252, 1253, 1272, 1273, 2000, 9000, 65507 };

        (void)state;
        for (size_t i = 0; i < 2; i++)
                for (size_t j = 0; j < sizeof sizes / sizeof sizes[0]; j++) {
                        size_t n = echo(families[i], sizes[j]);

                        expect_echoed(ask_at((i * 100 + j) * SECOND, n), n);
                        assert_int_equal(answer_pieces > 1, n > MTU);
                }
        assert_int_equal(icmp_answer_counts(a).echo_replies, 20);
}

/* RFC 7739: the next fragmented packet to the same host has another identification, and so has one to another. */
static void
tells_fragmented_replies_apart(void **state)
{
        struct la_packet first, second;
        size_t n = echo(LA_IPV4, 3000);

        (void)state;
        icmp_answer_packet(a, 0, packet, n, false);
        assert_int_equal(icmp_answer_next(a, &first, 1), 1);
        icmp_answer_packet(a, 0, packet, n, false);
        assert_int_equal(icmp_answer_next(a, &second, 1), 1);
        assert_int_not_equal(get16(first.header + 4), get16(second.header + 4));
        assert_int_equal(get16(first.header + 6), 0x2000);
}

/* What a router may have to cut must not forbid it, where the path's MTU is not known. */
static void
lets_routers_cut_long_replies(void **state)
{
        (void)state;
        ask(echo(LA_IPV4, 1000));
        assert_int_equal(get16(answer + 6), 0);
        ask(echo(LA_IPV4, 56));
        assert_int_equal(get16(answer + 6), 0x4000);
}

static void
refuses_udp(void **state)
{
        (void)state;
        expect_error(ask(udp(LA_IPV4)), 3, 3, 0);
        expect_error(ask(udp(LA_IPV6)), 1, 4, 0);
        assert_int_equal(icmp_answer_counts(a).unreachables, 2);
}

static void
says_nothing_about_damaged_udp(void **state)
{
        size_t n = udp(LA_IPV4);

        (void)state;
        packet[30] ^= 1;
        assert_int_equal(ask(n), 0);
        icmp_answer_packet(a, 0, packet, n, true); /* but the link knows better */
        expect_error(fetch(), 3, 3, 0);
        put16(packet + 26, 0); /* IPv4 may go without a checksum */
        expect_error(ask(n), 3, 3, 0);
        put16(packet + 24, 21); /* longer than the packet */
        assert_int_equal(ask(n), 0);
        put16(packet + 24, 7); /* shorter than its header */
        assert_int_equal(ask(n), 0);
        n = udp(LA_IPV6);
        put16(packet + 46, 0);
        assert_int_equal(ask(n), 0);
}

static void
refuses_other_protocols(void **state)
{
        static const uint8_t text[12] = "anything";

        (void)state;
        expect_error(ask(build(LA_IPV4, 132, text, sizeof text)), 3, 2, 0);
        expect_error(ask(build(LA_IPV6, 132, text, sizeof text)), 4, 1, 6);
        expect_error(ask(build(LA_IPV6, 51, text, sizeof text)), 4, 1, 6); /* AH without an association */
        assert_int_equal(ask(build(LA_IPV6, 59, text, sizeof text)), 0);   /* no next header */
        assert_int_equal(ask(build(LA_IPV4, 6, text, sizeof text)), 0);    /* TCP is others' */
        assert_int_equal(icmp_answer_counts(a).unreachables, 3);
}

/* RFC 8200 4: the pointer is to what was not understood. */
static void
says_what_is_wrong_with_extension_headers(void **state)
{
        static const struct {
                uint8_t next;
                const char *hex;
                int code; /* -1: nothing is to be said */
                uint32_t pointer;
        } cases[] = {
                { 60, "fe000104 00000000 aa", 1, 40 },                  /* unknown behind destination options */
                { 0, "3c000104 00000000 84000104 00000000 aa", 1, 48 }, /* behind two of them */
                { 60, "00000104 00000000 06000104 00000000", 1, 40 },   /* hop-by-hop options not first */
                { 60, "06008202 00000100 aa", 2, 42 },                  /* an option of type 10 */
                { 0, "06000100 c2020000 aa", 2, 44 },                   /* one of type 11, behind PadN */
                { 60, "06004202 00000100 aa", -1, 0 },                  /* one of type 01: silently */
                { 43, "06020001 00000000 00000000 00000000 00000000 00000000 aa", 0, 42 }, /* a route (RFC 5095) */
                { 43, "06000700 00000000 aa", -1, 0 }, /* travelled: TCP is others' */
                { 60, "06020104 00000000 aa", -1, 0 }, /* longer than the packet */
                { 60, "3b000104 00000000", -1, 0 },    /* nothing behind */
        };
        uint8_t payload[100];

        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                size_t n = build(LA_IPV6, cases[i].next, payload, bytes_of(cases[i].hex, payload));
                size_t answered = ask_at(i * SECOND, n);

                if (cases[i].code < 0)
                        assert_int_equal(answered, 0);
                else
                        expect_error(answered, 4, (uint8_t)cases[i].code, cases[i].pointer);
        }
}

static void
never_speaks_of_errors_groups_and_nobody(void **state)
{
        static const uint8_t error4[16] = { 3, 3 }, error6[16] = { 1, 4 };
        size_t n;

        (void)state;
        assert_int_equal(ask(build(LA_IPV4, 1, error4, sizeof error4)), 0);
        assert_int_equal(ask(build(LA_IPV6, 58, error6, sizeof error6)), 0);
        n = udp(LA_IPV6);
        packet[24] = 0xff;
        icmp_answer_packet(a, 0, packet, n, true);
        assert_int_equal(fetch(), 0);
        n = udp(LA_IPV6);
        packet[8] = 0xff;
        icmp_answer_packet(a, 0, packet, n, true);
        assert_int_equal(fetch(), 0);
        n = udp(LA_IPV6);
        memset(packet + 8, 0, 16);
        icmp_answer_packet(a, 0, packet, n, true);
        assert_int_equal(fetch(), 0);
        n = echo(LA_IPV6, 10);
        packet[24] = 0xff;
        assert_int_equal(ask(n), 0);
}

/* RFC 4443 2.4 (f): five at once, ten in a second. */
static void
limits_errors(void **state)
{
        size_t n = udp(LA_IPV4), said = 0;

        (void)state;
        for (size_t i = 0; i < 1000; i++)
                said += ask_at(i * SECOND / 100, n) > 0;
        assert_in_range(said, 5 + 99 - 1, 5 + 99 + 1);
        assert_int_equal(icmp_answer_counts(a).limited, 1000 - said);
        expect_echoed(ask_at(10 * SECOND, echo(LA_IPV4, 56)), 84); /* which have tokens of their own */
}

static void
limits_echo_replies_by_bytes(void **state)
{
        size_t n = echo(LA_IPV4, 9972), said = 0;

        (void)state;
        for (size_t i = 0; i < 1000; i++)
                said += ask_at(i * SECOND / 1000, n) > 0;
        assert_in_range(said, 48, 52); /* 100,000 bytes at once and 400,000 in the second */
}

static void
tells_who_waited_for_fragments(void **state)
{
        struct fragments_news news;
        struct fragmenter cutter;
        uint8_t piece[MTU];
        const uint8_t *data;
        size_t header, n;

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                cutter = fragmenter_of(packet, echo(families[i], 3000), MTU, 1);
                header = fragmenter_next(&cutter, piece, &data, &n);
                memcpy(piece + header, data, n);
                assert_int_equal(fragments_add(f, 0, piece, header + n, &news), FRAGMENTS_WAITING);
                assert_true(fragments_advance(f, 60 * SECOND, &news));
                icmp_answer_late(a, 60 * SECOND, news.packet, news.packet_bytes);
                memcpy(packet, piece, header + n);
                expect_error(fetch(), i == 0 ? 11 : 3, 1, 0);
        }
        assert_int_equal(icmp_answer_counts(a).times_exceeded, 2);
}

static void
says_what_is_wrong_with_a_fragment(void **state)
{
        struct ipv6_problem problem = { .code = 0, .pointer = 42 };
        size_t n = udp(LA_IPV6);
        uint8_t piece[200];

        (void)state;
        memcpy(piece, packet, 40);
        piece[6] = 44;
        bytes_of("1100fff9 00000001", piece + 40);
        memcpy(piece + 48, packet + 40, n - 40);
        put16(piece + 4, (uint16_t)(n - 40 + 8));
        memcpy(packet, piece, n + 8);
        icmp_answer_problem(a, 0, packet, n + 8, &problem);
        expect_error(fetch(), 4, 0, 42);
        packet[40] = 58; /* of an ICMP message that may be an error */
        icmp_answer_problem(a, 0, packet, n + 8, &problem);
        assert_int_equal(fetch(), 0);
        assert_int_equal(icmp_answer_counts(a).problems, 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
        const struct CMUnitTest tests[] = {
                CASE(sends_back_what_was_sent),
                CASE(tells_fragmented_replies_apart),
                CASE(lets_routers_cut_long_replies),
                CASE(refuses_udp),
                CASE(says_nothing_about_damaged_udp),
                CASE(refuses_other_protocols),
                CASE(says_what_is_wrong_with_extension_headers),
                CASE(never_speaks_of_errors_groups_and_nobody),
                CASE(limits_errors),
                CASE(limits_echo_replies_by_bytes),
                CASE(tells_who_waited_for_fragments),
                CASE(says_what_is_wrong_with_a_fragment),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
