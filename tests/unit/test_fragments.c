/* SPDX-License-Identifier: BSD-2-Clause */
/* Fragments: RFC 791 3.2, RFC 1122 3.3.2, RFC 8200 4.5, RFC 5722, RFC 6946, RFC 7112, RFC 3168 5.3. */
#include "link/fragments.h"

#include <errno.h>

#include "packets.h"
#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/fragment.h"
#include "wire/ipv4.h"

#define SECOND    ((tcp_time)1000000)
#define DATAGRAMS 8
#define PIECES    2000

struct piece {
        uint8_t *bytes;
        size_t n;
};

static struct fragments *f;
static struct fragments_news news;
static uint8_t whole[PACKET_MAX];
static struct piece pieces[PIECES];
static size_t count;

static int
set_up(void **state)
{
        (void)state;
        return fragments_new(DATAGRAMS, FRAGMENTS_BYTES_MIN, &f);
}

static void
forget_pieces(void)
{
        for (size_t i = 0; i < count; i++)
                free(pieces[i].bytes);
        count = 0;
}

static int
tear_down(void **state)
{
        (void)state;
        forget_pieces();
        fragments_free(f);
        return 0;
}

/* A UDP packet to 192.0.2.1 or 2001:db8::1 from a host of number `from`, in `whole`. */
static size_t
udp(enum la_family family, uint8_t from, size_t data_bytes)
{
        struct ip_packet ip = { .family = family, .protocol = IP_UDP, .ip.hop_limit = 64 };
        uint32_t state = 1 + (uint32_t)data_bytes;
        size_t header;

        if (family == LA_IPV4) {
                memcpy(ip.source, (uint8_t[]){ 198, 51, 100, from }, 4);
                memcpy(ip.destination, (uint8_t[]){ 192, 0, 2, 1 }, 4);
        } else {
                memcpy(ip.source, (uint8_t[]){ 0x20, 1, 0xd, 0xb8, 0, 0, 0, from, [15] = 9 }, 16);
                memcpy(ip.destination, (uint8_t[]){ 0x20, 1, 0xd, 0xb8, [15] = 1 }, 16);
        }
        header = ip_build(&ip, data_bytes, whole);
        for (size_t i = 0; i < data_bytes; i++)
                whole[header + i] = (uint8_t)next_random(&state);
        return header + data_bytes;
}

/* The packet's pieces, each in memory of its own size. */
static void
cut(size_t n, size_t mtu, uint32_t identification)
{
        struct fragmenter cutter = fragmenter_of(whole, n, mtu, identification);
        uint8_t header[FRAGMENT_HEADER_MAX];
        const uint8_t *data;
        size_t header_bytes, data_bytes;

        forget_pieces();
        while ((header_bytes = fragmenter_next(&cutter, header, &data, &data_bytes)) > 0) {
                struct piece *p = &pieces[count++];

                assert_true(count <= PIECES && header_bytes + data_bytes <= mtu);
                p->n = header_bytes + data_bytes;
                p->bytes = malloc(p->n);
                memcpy(p->bytes, header, header_bytes);
                memcpy(p->bytes + header_bytes, data, data_bytes);
        }
}

static enum fragments_result
add_at(tcp_time now, size_t i)
{
        memset(&news, 0xa5, sizeof news);
        return fragments_add(f, now, pieces[i].bytes, pieces[i].n, &news);
}

static enum fragments_result
add(size_t i)
{
        return add_at(0, i);
}

static void
mend(size_t i)
{
        uint8_t *b = pieces[i].bytes;

        put16(b + IPV4_CHECKSUM_OFFSET, 0);
        put_checksum(b + IPV4_CHECKSUM_OFFSET, sum_checksum(sum_words(b, (b[0] & 15u) * 4)));
}

/* What came out is what was cut, but for the identification, which IPv4's header keeps. */
static void
expect_whole(size_t n)
{
        struct ip_packet ip;

        assert_int_equal(news.packet_bytes, n);
        assert_int_equal(ip_parse(news.packet, news.packet_bytes, &ip), WIRE_OK);
        if (ip.family == LA_IPV4) {
                assert_memory_equal(news.packet, whole, 4);
                assert_memory_equal(news.packet + 8, whole + 8, 2);
                assert_memory_equal(news.packet + 12, whole + 12, n - 12);
        } else {
                assert_memory_equal(news.packet, whole, n);
        }
}

static void
expect_in_order(const size_t *order, size_t n)
{
        for (size_t i = 0; i < count; i++)
                assert_int_equal(add(order ? order[i] : i), i + 1 < count ? FRAGMENTS_WAITING : FRAGMENTS_WHOLE);
        expect_whole(n);
        assert_int_equal(fragments_bytes(f), 0);
        assert_int_equal(fragments_datagrams(f), 0);
        assert_int_equal(fragments_deadline(f), LA_NEVER);
}

/* ---- */

static void
puts_pieces_together_in_any_order(void **state)
{
        static const enum la_family families[] = { LA_IPV4, LA_IPV6 };
        uint32_t random = 7;

        (void)state;
        for (size_t family = 0; family < 2; family++)
                for (unsigned int turn = 0; turn < 50; turn++) {
                        size_t n = udp(families[family], 1, 1500 + next_random(&random) % 64000);
                        size_t order[PIECES];

                        cut(n, 1280, turn);
                        for (size_t i = 0; i < count; i++)
                                order[i] = i;
                        for (size_t i = count; turn > 0 && i > 1; i--) {
                                size_t j = next_random(&random) % i, kept = order[i - 1];
                                order[i - 1] = order[j];
                                order[j] = kept;
                        }
                        expect_in_order(order, n);
                }
}

static void
puts_the_largest_packets_together(void **state)
{
        size_t n = udp(LA_IPV4, 1, 65535 - 20);

        (void)state;
        cut(n, 576, 1);
        expect_in_order(NULL, n);
        n = udp(LA_IPV6, 1, 65535);
        cut(n, 1280, 1);
        expect_in_order(NULL, n);
}

static void
leaves_whole_packets_alone(void **state)
{
        uint8_t b[100];

        (void)state;
        assert_int_equal(fragments_add(f, 0, b, bytes_of(SYN_IPV4, b), &news), FRAGMENTS_NOT_ONE);
        assert_int_equal(fragments_add(f, 0, b, bytes_of(DATA_IPV6, b), &news), FRAGMENTS_NOT_ONE);
        for (size_t n = 0; n < 40; n++)
                assert_int_equal(fragments_add(f, 0, b, n, &news), FRAGMENTS_NOT_ONE);
        assert_int_equal(fragments_counts(f).arrived, 0);
}

/* RFC 6946: a Fragment header around a whole packet has nothing to do with others of the same identification. */
static void
leaves_atomic_fragments_alone(void **state)
{
        size_t n = udp(LA_IPV6, 1, 2000);
        uint8_t b[100];

        (void)state;
        cut(n, 1280, 5);
        assert_int_equal(add(0), FRAGMENTS_WAITING);
        memcpy(b, pieces[0].bytes, 56);
        put16(b + 4, 16);
        put16(b + 42, 0);
        assert_int_equal(fragments_add(f, 0, b, 56, &news), FRAGMENTS_NOT_ONE);
        assert_int_equal(add(1), FRAGMENTS_WHOLE);
        expect_whole(n);
}

static void
ignores_duplicates(void **state)
{
        size_t n = udp(LA_IPV6, 1, 5000);

        (void)state;
        cut(n, 1280, 5);
        for (size_t i = 0; i + 1 < count; i++)
                for (size_t j = 0; j <= i; j++)
                        assert_int_equal(add(j), FRAGMENTS_WAITING);
        assert_int_equal(add(count - 1), FRAGMENTS_WHOLE);
        expect_whole(n);
}

/* RFC 5722: nothing of it is taken any more, until its time has run out. */
static void
drops_all_of_what_overlaps(void **state)
{
        static const enum la_family families[] = { LA_IPV4, LA_IPV6 };
        uint64_t dropped = 0;

        (void)state;
        for (size_t i = 0; i < 2; i++) {
                size_t n = udp(families[i], 1, 5000);

                cut(n, 1280, 5);
                assert_int_equal(add(0), FRAGMENTS_WAITING);
                assert_int_equal(add(1), FRAGMENTS_WAITING);
                pieces[1].bytes[pieces[1].n - 1] ^= 1; /* the same piece, and not the same */
                assert_int_equal(add(1), FRAGMENTS_DROPPED);
                assert_false(news.has_problem);
                assert_int_equal(fragments_bytes(f), 0);
                for (size_t j = 0; j < count; j++)
                        assert_int_equal(add(j), FRAGMENTS_DROPPED);
                assert_int_equal(fragments_counts(f).overlapping, i + 1);
                dropped += 2 + 1 + count;
                assert_int_equal(fragments_counts(f).dropped, dropped);
                assert_false(fragments_advance(f, 60 * SECOND, &news)); /* and no error is sent */
                assert_int_equal(fragments_datagrams(f), 0);
        }
        assert_int_equal(fragments_counts(f).late, 0);
}

/* One that begins or ends inside another. */
static void
sees_every_overlap(void **state)
{
        size_t n = udp(LA_IPV4, 1, 5000), offset;

        (void)state;
        for (unsigned int shift = 1; shift < 4; shift++)
                for (unsigned int late = 0; late < 2; late++) {
                        cut(n, 1276, 100 + shift * 2 + late);
                        offset = get16(pieces[1].bytes + 6) & IPV4_FRAGMENT_OFFSET;
                        put16(pieces[1].bytes + 6, (uint16_t)((offset - shift) | IPV4_MORE_FRAGMENTS));
                        mend(1);
                        assert_int_equal(add(late ? 0 : 1), FRAGMENTS_WAITING);
                        assert_int_equal(add(late ? 1 : 0), FRAGMENTS_DROPPED);
                }
        assert_int_equal(fragments_counts(f).overlapping, 6);
}

static void
drops_what_has_two_ends(void **state)
{
        size_t n = udp(LA_IPV4, 1, 5000);

        (void)state;
        cut(n, 1276, 5);
        assert_int_equal(add(count - 1), FRAGMENTS_WAITING);
        put16(pieces[1].bytes + 6, get16(pieces[1].bytes + 6) & IPV4_FRAGMENT_OFFSET);
        mend(1);
        assert_int_equal(add(1), FRAGMENTS_DROPPED);
        assert_int_equal(fragments_counts(f).contradicting, 1);

        cut(n, 1276, 6);
        assert_int_equal(add(2), FRAGMENTS_WAITING);
        put16(pieces[1].bytes + 6, get16(pieces[1].bytes + 6) & IPV4_FRAGMENT_OFFSET);
        mend(1);
        assert_int_equal(add(1), FRAGMENTS_DROPPED);
        assert_int_equal(fragments_counts(f).contradicting, 2);
}

static void
refuses_impossible_pieces(void **state)
{
        size_t n = udp(LA_IPV4, 1, 5000);

        (void)state;
        cut(n, 1276, 5);
        pieces[0].bytes[8]++; /* the checksum is wrong now */
        assert_int_equal(add(0), FRAGMENTS_DROPPED);
        put16(pieces[1].bytes + 2, (uint16_t)(pieces[1].n - 4)); /* not a multiple of 8, and more to follow */
        mend(1);
        assert_int_equal(add(1), FRAGMENTS_DROPPED);
        put16(pieces[2].bytes + 2, 20); /* empty */
        mend(2);
        assert_int_equal(add(2), FRAGMENTS_DROPPED);
        put16(pieces[3].bytes + 6, IPV4_FRAGMENT_OFFSET); /* beyond 64 KiB */
        mend(3);
        assert_int_equal(add(3), FRAGMENTS_DROPPED);
        assert_int_equal(fragments_counts(f).bad, 4);
        assert_int_equal(fragments_datagrams(f), 0);
}

/* RFC 8200 4.5: each has an error of its own. */
static void
says_what_is_wrong_with_an_ipv6_piece(void **state)
{
        size_t n = udp(LA_IPV6, 1, 5000);

        (void)state;
        cut(n, 1280, 5);
        put16(pieces[1].bytes + 4, (uint16_t)(pieces[1].n - 40 - 4));
        assert_int_equal(add(1), FRAGMENTS_DROPPED);
        assert_true(news.has_problem);
        assert_int_equal(news.problem.code, 0);
        assert_int_equal(news.problem.pointer, 4);

        put16(pieces[2].bytes + 42, 0xfff9);
        assert_int_equal(add(2), FRAGMENTS_DROPPED);
        assert_true(news.has_problem);
        assert_int_equal(news.problem.code, 0);
        assert_int_equal(news.problem.pointer, 42);

        pieces[0].bytes[40] = 60; /* destination options, longer than this piece */
        pieces[0].bytes[49] = 255;
        assert_int_equal(add(0), FRAGMENTS_DROPPED);
        assert_true(news.has_problem);
        assert_int_equal(news.problem.code, 3);
        assert_int_equal(news.problem.pointer, 0);
}

/* The extension headers before the Fragment header stay, and the last of them says what follows now. */
static void
keeps_headers_that_stand_before(void **state)
{
        size_t n = udp(LA_IPV6, 1, 2000);
        struct ip_packet ip;

        (void)state;
        cut(n, 1280, 5);
        for (size_t i = 0; i < count; i++) {
                struct piece *p = &pieces[i];
                uint8_t *longer = malloc(p->n + 8);

                memcpy(longer, p->bytes, 40);
                bytes_of("2c000104 00000000", longer + 40);
                memcpy(longer + 48, p->bytes + 40, p->n - 40);
                longer[6] = 0; /* hop-by-hop options */
                put16(longer + 4, (uint16_t)(p->n - 40 + 8));
                free(p->bytes);
                *p = (struct piece){ longer, p->n + 8 };
        }
        assert_int_equal(add(1), FRAGMENTS_WAITING);
        assert_int_equal(add(0), FRAGMENTS_WHOLE);
        assert_int_equal(news.packet_bytes, n + 8);
        assert_int_equal(ip_parse(news.packet, news.packet_bytes, &ip), WIRE_OK);
        assert_int_equal(ip.protocol, IP_UDP);
        assert_int_equal(ip.payload_bytes, 2000);
        assert_memory_equal(ip.payload, whole + 40, 2000);
}

static void
tells_datagrams_apart(void **state)
{
        size_t n = udp(LA_IPV4, 1, 2000);

        (void)state;
        cut(n, 1280, 5);
        assert_int_equal(add(0), FRAGMENTS_WAITING);
        pieces[1].bytes[9] = 99; /* of another protocol */
        mend(1);
        assert_int_equal(add(1), FRAGMENTS_WAITING);
        pieces[1].bytes[9] = 17;
        pieces[1].bytes[5] = 6; /* of another identification */
        mend(1);
        assert_int_equal(add(1), FRAGMENTS_WAITING);
        pieces[1].bytes[5] = 5;
        pieces[1].bytes[15]++; /* from somebody else */
        mend(1);
        assert_int_equal(add(1), FRAGMENTS_WAITING);
        pieces[1].bytes[15]--;
        pieces[1].bytes[19]++; /* to somebody else */
        mend(1);
        assert_int_equal(add(1), FRAGMENTS_WAITING);
        pieces[1].bytes[19]--;
        mend(1);
        assert_int_equal(fragments_datagrams(f), 5);
        assert_int_equal(add(1), FRAGMENTS_WHOLE);
        expect_whole(n);
}

/* RFC 3168 5.3 */
static void
keeps_marks_of_congestion(void **state)
{
        size_t n = udp(LA_IPV6, 1, 2000);

        (void)state;
        whole[1] |= IP_ECT_0 << 4;
        cut(n, 1280, 5);
        pieces[1].bytes[1] |= IP_CE << 4;
        assert_int_equal(add(0), FRAGMENTS_WAITING);
        assert_int_equal(add(1), FRAGMENTS_WHOLE);
        assert_int_equal(news.packet[1] >> 4 & 3, IP_CE);

        n = udp(LA_IPV4, 1, 2000);
        cut(n, 1280, 5);
        pieces[1].bytes[1] |= IP_CE;
        mend(1);
        assert_int_equal(add(0), FRAGMENTS_WAITING);
        assert_int_equal(add(1), FRAGMENTS_DROPPED); /* a router marked what took no marks */
        assert_int_equal(fragments_counts(f).contradicting, 1);
}

static void
tells_who_waited_in_vain(void **state)
{
        (void)state;
        cut(udp(LA_IPV6, 1, 2000), 1280, 5);
        assert_int_equal(add_at(1 * SECOND, 0), FRAGMENTS_WAITING);
        assert_int_equal(fragments_deadline(f), 61 * SECOND);
        assert_false(fragments_advance(f, 61 * SECOND - 1, &news));
        assert_int_equal(fragments_datagrams(f), 1);
        assert_true(fragments_advance(f, 61 * SECOND, &news));
        assert_int_equal(news.packet_bytes, pieces[0].n);
        assert_memory_equal(news.packet, pieces[0].bytes, pieces[0].n);
        assert_false(fragments_advance(f, 61 * SECOND, &news));

        cut(udp(LA_IPV4, 1, 2000), 1280, 5);
        assert_int_equal(add_at(100 * SECOND, 1), FRAGMENTS_WAITING); /* the first one is not there: nothing is told */
        assert_int_equal(fragments_deadline(f), 130 * SECOND);
        assert_false(fragments_advance(f, 130 * SECOND, &news));
        assert_int_equal(fragments_datagrams(f), 0);
        assert_int_equal(fragments_counts(f).late, 2);
        assert_int_equal(fragments_counts(f).dropped, 2);
}

/* A host that floods pushes out its own, by number and by bytes; one that sends now and then is left alone. */
static void
a_flood_pushes_out_itself(void **state)
{
        size_t n = udp(LA_IPV4, 7, 2000);

        (void)state;
        cut(n, 1280, 1);
        assert_int_equal(add(0), FRAGMENTS_WAITING);
        for (uint32_t i = 0; i < 1000; i++) {
                struct piece kept[2] = { pieces[0], pieces[1] };

                count = 0;
                udp(LA_IPV4, 66, i % 2 ? 60000 : 3000);
                cut(i % 2 ? 60020 : 3020, 1280, 1000 + i);
                for (size_t j = 0; j + 1 < count; j++)
                        add(j);
                assert_true(fragments_datagrams(f) <= DATAGRAMS && fragments_bytes(f) <= FRAGMENTS_BYTES_MIN);
                forget_pieces();
                memcpy(pieces, kept, sizeof kept);
                count = 2;
        }
        assert_true(fragments_counts(f).pushed_out > 900);
        assert_int_equal(add(1), FRAGMENTS_WHOLE);
        udp(LA_IPV4, 7, 2000);
        expect_whole(n);
}

static void
bounds_the_pieces_of_one(void **state)
{
        (void)state;
        cut(udp(LA_IPV4, 1, 60000), 68, 5);
        for (size_t i = 0; i < FRAGMENTS_PIECES; i++)
                assert_int_equal(add(i), FRAGMENTS_WAITING);
        assert_int_equal(add(FRAGMENTS_PIECES), FRAGMENTS_DROPPED);
        assert_int_equal(fragments_bytes(f), 0);
}

static void
refuses_bounds_that_hold_nothing(void **state)
{
        struct fragments *other = NULL;

        (void)state;
        assert_int_equal(fragments_new(0, FRAGMENTS_BYTES_MIN, &other), -EINVAL);
        assert_int_equal(fragments_new(FRAGMENTS_DATAGRAMS_MAX + 1, FRAGMENTS_BYTES_MIN, &other), -EINVAL);
        assert_int_equal(fragments_new(1, FRAGMENTS_BYTES_MIN - 1, &other), -EINVAL);
        assert_null(other);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
        const struct CMUnitTest tests[] = {
                CASE(puts_pieces_together_in_any_order),
                CASE(puts_the_largest_packets_together),
                CASE(leaves_whole_packets_alone),
                CASE(leaves_atomic_fragments_alone),
                CASE(ignores_duplicates),
                CASE(drops_all_of_what_overlaps),
                CASE(sees_every_overlap),
                CASE(drops_what_has_two_ends),
                CASE(refuses_impossible_pieces),
                CASE(says_what_is_wrong_with_an_ipv6_piece),
                CASE(keeps_headers_that_stand_before),
                CASE(tells_datagrams_apart),
                CASE(keeps_marks_of_congestion),
                CASE(tells_who_waited_in_vain),
                CASE(a_flood_pushes_out_itself),
                CASE(bounds_the_pieces_of_one),
                CASE(refuses_bounds_that_hold_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
