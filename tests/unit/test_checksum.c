/* SPDX-License-Identifier: BSD-2-Clause */
/* The Internet checksum against RFC 1071's and RFC 1624's own numbers, and against a slow one.  Built twice: for the
 * processor at hand, and portable. */
#include "wire/checksum.h"

#include "packets.h"

/* A sum's 16 bits as a number: the bytes that would be stored, in network order. */
static uint16_t
number_of(struct sum s)
{
        uint16_t folded = sum_fold(s);
        uint8_t b[2];

        memcpy(b, &folded, 2);
        return (uint16_t)(b[0] << 8 | b[1]);
}

static void
fill_with_noise(uint8_t *bytes, size_t n)
{
        uint32_t random = 1;

        for (size_t i = 0; i < n; i++)
                bytes[i] = (uint8_t)next_random(&random);
}

static void
sums_rfc_1071_section_3(void **state)
{
        static const uint8_t b[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

        (void)state;
        assert_int_equal(number_of(sum_bytes(b, 8)), 0xddf2);
        assert_int_equal(number_of(sum_words(b, 8)), 0xddf2);
        /* The same section's two groups, the second of which starts at an odd byte: 0001 f200 | 03f4 f5f6 f700. */
        assert_int_equal(number_of(sum_bytes(b, 3)), 0xf201);
        assert_int_equal(number_of(sum_bytes(b + 3, 5)), 0xf0eb);
        assert_int_equal(number_of(sum_append(sum_bytes(b, 3), 3, sum_bytes(b + 3, 5))), 0xddf2);
}

static void
sums_every_length_at_every_offset(void **state)
{
        static uint8_t b[600];

        (void)state;
        fill_with_noise(b, sizeof b);
        for (size_t offset = 0; offset < 33; offset++)
                for (size_t n = 0; n + offset <= 400; n++)
                        assert_int_equal(number_of(sum_bytes(b + offset, n)), slow_sum(b + offset, n));
}

/* Where carries are most: all ones; and where a zero must stay one. */
static void
sums_extremes(void **state)
{
        static uint8_t b[PACKET_MAX];

        (void)state;
        assert_int_equal(number_of(sum_bytes(b, sizeof b)), 0);
        assert_int_equal(number_of(sum_bytes(NULL, 0)), 0);
        memset(b, 0xff, sizeof b);
        for (size_t n = 1; n < 300; n++)
                assert_int_equal(number_of(sum_bytes(b, n)), slow_sum(b, n));
        for (size_t n = sizeof b - 70; n <= sizeof b; n++)
                assert_int_equal(number_of(sum_bytes(b, n)), slow_sum(b, n));
        fill_with_noise(b, sizeof b);
        assert_int_equal(number_of(sum_bytes(b, sizeof b)), slow_sum(b, sizeof b));
}

static void
reads_no_byte_too_many(void **state)
{
        uint8_t b[200];

        (void)state;
        fill_with_noise(b, sizeof b);
        for (size_t n = 0; n <= sizeof b; n++) {
                uint8_t *copy = exact_copy(b, n);
                assert_int_equal(number_of(sum_bytes(copy, n)), slow_sum(b, n));
                free(copy);
        }
}

static void
folds_what_overflows(void **state)
{
        static const struct {
                uint64_t v;
                uint16_t folded;
        } rows[] = {
                { 0, 0 },
                { 1, 1 },
                { 0xffff, 0xffff },
                { 0x10000, 1 },
                { 0x1ffff, 1 },
                { 0xffffffff, 0xffff },
                { 0x100000000, 1 },
                { 0xfffe0001, 0xffff },
                { 0x8000000080000000, 1 },
                { 0xffffffffffffffff, 0xffff },
                { 0xffff000000000001, 1 },
                { 0x0001000200030004, 10 },
        };

        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                assert_int_equal(sum_fold((struct sum){ rows[i].v }), rows[i].folded);
}

static void
joins_two_pieces_split_anywhere(void **state)
{
        uint8_t b[150];

        (void)state;
        fill_with_noise(b, sizeof b);
        for (size_t n = 0; n <= sizeof b; n++)
                for (size_t k = 0; k <= n; k++) {
                        struct sum s = sum_append(sum_bytes(b, k), k, sum_bytes(b + k, n - k));
                        assert_int_equal(number_of(s), slow_sum(b, n));
                }
}

static void
joins_three_pieces_split_anywhere(void **state)
{
        uint8_t b[40];

        (void)state;
        fill_with_noise(b, sizeof b);
        for (size_t k = 0; k <= sizeof b; k++)
                for (size_t l = k; l <= sizeof b; l++) {
                        struct sum s = sum_append(sum_bytes(b, k), k, sum_bytes(b + k, l - k));
                        s = sum_append(s, l, sum_bytes(b + l, sizeof b - l));
                        assert_int_equal(number_of(s), slow_sum(b, sizeof b));
                }
}

static void
copies_and_sums(void **state)
{
        static uint8_t from[3000], to[3002];

        (void)state;
        fill_with_noise(from, sizeof from);
        for (size_t n = 0; n < sizeof from; n += n < 300 ? 1 : 97) {
                memset(to, 0xa5, sizeof to);
                assert_int_equal(number_of(sum_copy(to + 1, from, n)), slow_sum(from, n));
                assert_memory_equal(to + 1, from, n);
                assert_int_equal(to[0], 0xa5);
                assert_int_equal(to[n + 1], 0xa5);
        }
}

static void
pseudo_headers_are_the_rfcs(void **state)
{
        /* RFC 9293 3.1: addresses, zero, protocol, length.  RFC 8200 8.1: addresses, length in 32 bits, zeros, next header. */
        static const uint8_t v4[] = { 192, 0, 2, 1, 198, 51, 100, 2, 0, 6, 0x12, 0x34 };
        uint8_t v6[40] = { 0x20, 1, 0xd, 0xb8, [15] = 1, [16] = 0x20, 1, 0xd, 0xb8, [31] = 2, [33] = 1, [38] = 0, 58 };

        (void)state;
        assert_int_equal(number_of(sum_pseudo_header(LA_IPV4, v4, v4 + 4, 6, 0x1234)), slow_sum(v4, sizeof v4));
        assert_int_equal(number_of(sum_pseudo_header(LA_IPV6, v6, v6 + 16, 58, 0x10000)), slow_sum(v6, sizeof v6));
}

static void
knows_right_from_wrong(void **state)
{
        uint8_t b[32] = { 0 };
        struct checksum c;

        (void)state;
        fill_with_noise(b, sizeof b);
        b[10] = b[11] = 0;
        c = sum_checksum(sum_bytes(b, sizeof b));
        put_checksum(b + 10, c);
        assert_int_equal(get_checksum(b + 10).v, c.v);
        assert_true(sum_is_right(sum_bytes(b, sizeof b)));
        assert_int_equal(slow_sum(b, sizeof b), 0xffff);
        for (size_t bit = 0; bit < 8 * sizeof b; bit++) {
                b[bit / 8] ^= (uint8_t)(1 << bit % 8);
                assert_false(sum_is_right(sum_bytes(b, sizeof b)));
                b[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        memset(b, 0, sizeof b);
        assert_false(sum_is_right(sum_bytes(b, sizeof b)));
}

/* RFC 768: a checksum that comes to zero is sent as all ones, zero being none. */
static void
udp_never_sends_zero(void **state)
{
        static const uint8_t b[] = { 0xff, 0xff };

        (void)state;
        assert_int_equal(sum_checksum(sum_bytes(b, 2)).v, 0);
        assert_int_equal(sum_checksum_udp(sum_bytes(b, 2)).v, 0xffff);
        assert_int_equal(sum_checksum_udp((struct sum){ 1 }).v, 0xfffe);
}

/* RFC 1624 4: m 0x5555 becomes 0x3285, the others come to 0xcd7a; 0xdd2f becomes 0x0000, where RFC 1141 says 0xffff. */
static void
updates_as_rfc_1624_does(void **state)
{
        static const uint8_t before[] = { 0x55, 0x55 }, after[] = { 0x32, 0x85 }, checksum[] = { 0xdd, 0x2f };
        struct checksum c = checksum_update(get_checksum(checksum), before, after, 2);

        (void)state;
        assert_int_equal(c.v, 0);
}

static void
updates_to_what_a_new_sum_gives(void **state)
{
        uint32_t random = 7;
        uint8_t b[64], after[8];

        (void)state;
        fill_with_noise(b, sizeof b);
        for (int i = 0; i < 20000; i++) {
                size_t at = next_random(&random) % 28 * 2, n = next_random(&random) % 5 * 2;
                struct checksum c = sum_checksum(sum_bytes(b, sizeof b));
                for (size_t j = 0; j < n; j++)
                        after[j] = (uint8_t)(next_random(&random) % 4 ? next_random(&random) : 0);
                c = checksum_update(c, b + at, after, n);
                memcpy(b + at, after, n);
                assert_int_equal(c.v, sum_checksum(sum_bytes(b, sizeof b)).v);
        }
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(sums_rfc_1071_section_3),
                cmocka_unit_test(sums_every_length_at_every_offset),
                cmocka_unit_test(sums_extremes),
                cmocka_unit_test(reads_no_byte_too_many),
                cmocka_unit_test(folds_what_overflows),
                cmocka_unit_test(joins_two_pieces_split_anywhere),
                cmocka_unit_test(joins_three_pieces_split_anywhere),
                cmocka_unit_test(copies_and_sums),
                cmocka_unit_test(pseudo_headers_are_the_rfcs),
                cmocka_unit_test(knows_right_from_wrong),
                cmocka_unit_test(udp_never_sends_zero),
                cmocka_unit_test(updates_as_rfc_1624_does),
                cmocka_unit_test(updates_to_what_a_new_sum_gives),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
