/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP options: RFC 9293 3.1 and 3.2, RFC 7323, 2018, 5482, 7413. */
#include "wire/options.h"

#include "packets.h"
#include "wire/bytes.h"

static enum options_result
parse(const char *hex, struct tcp_options *ret_options)
{
        uint8_t b[64], *copy;
        size_t n = bytes_of(hex, b);
        enum options_result result;

        copy = exact_copy(b, n);
        memset(ret_options, 0xa5, sizeof *ret_options);
        result = options_parse(copy, n, ret_options);
        free(copy);
        return result;
}

static struct tcp_options
options_of(const char *hex)
{
        struct tcp_options o;

        assert_int_equal(parse(hex, &o), OPTIONS_OK);
        return o;
}

static bool
same(const struct tcp_options *a, const struct tcp_options *b)
{
        if (a->sack_count != b->sack_count || a->cookie_bytes != b->cookie_bytes)
                return false;
        for (size_t i = 0; i < a->sack_count; i++)
                if (!seq_eq(a->sack[i].left, b->sack[i].left) || !seq_eq(a->sack[i].right, b->sack[i].right))
                        return false;
        return a->has_mss == b->has_mss && a->mss_bytes == b->mss_bytes && a->has_window_scale == b->has_window_scale &&
               a->window_shift == b->window_shift && a->window_shift_capped == b->window_shift_capped &&
               a->sack_permitted == b->sack_permitted && a->has_timestamps == b->has_timestamps &&
               a->ts_value == b->ts_value && a->ts_echo == b->ts_echo && a->has_user_timeout == b->has_user_timeout &&
               a->user_timeout_s == b->user_timeout_s && a->has_fastopen == b->has_fastopen &&
               memcmp(a->cookie, b->cookie, a->cookie_bytes) == 0;
}

static const struct tcp_options none = { 0 };

static void
expect_none(const char *hex)
{
        struct tcp_options o = options_of(hex);

        assert_true(same(&o, &none));
}

/* What is written for `o`, and that it reads back as `o`. */
static void
expect_written(const struct tcp_options *o, const char *hex)
{
        uint8_t expected[64], written[TCP_OPTIONS_MAX + 1];
        size_t n = bytes_of(hex, expected);
        struct tcp_options read;

        memset(written, 0xa5, sizeof written);
        assert_int_equal(options_bytes(o), n);
        assert_int_equal(options_build(o, written), n);
        assert_memory_equal(written, expected, n);
        assert_int_equal(written[n], 0xa5);
        assert_int_equal(options_parse(written, n, &read), OPTIONS_OK);
        assert_true(same(&read, o));
}

static void
reads_a_syn_of_linux(void **state)
{
        struct tcp_options o = options_of("020405b4 0402080a 01020304 00000000 01030307");

        (void)state;
        assert_true(o.has_mss && o.sack_permitted && o.has_timestamps && o.has_window_scale);
        assert_false(o.has_user_timeout || o.has_fastopen || o.window_shift_capped);
        assert_int_equal(o.mss_bytes, 1460);
        assert_int_equal(o.ts_value, 0x01020304);
        assert_int_equal(o.ts_echo, 0);
        assert_int_equal(o.window_shift, 7);
        assert_int_equal(o.sack_count, 0);
}

/* Shows MUST-64. */
static void
reads_each_option_at_any_boundary(void **state)
{
        static const char *const options[] = {
                "020405b4", "030307", "0402", "050a0000000100000002", "080a0102030405060708", "1c04003c", "2206aabbccdd"
        };

        (void)state;
        for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
                struct tcp_options alone = options_of(options[i]);
                assert_false(same(&alone, &none));
                for (size_t nops = 0; nops < 8; nops++) {
                        char hex[64] = "";
                        struct tcp_options shifted;
                        for (size_t j = 0; j < nops; j++)
                                strcat(hex, "01");
                        shifted = options_of(strcat(hex, options[i]));
                        assert_true(same(&alone, &shifted));
                }
        }
}

static void
reads_timestamps_alone_as_among_others(void **state)
{
        struct tcp_options alone = options_of("0101080a a1b2c3d4 11223344");
        struct tcp_options among = options_of("01080aa1b2c3d41122334401");
        struct tcp_options o = options_of("0101080a a1b2c3d4 11223344 0402");

        (void)state;
        assert_true(alone.has_timestamps && alone.ts_value == 0xa1b2c3d4 && alone.ts_echo == 0x11223344);
        assert_true(same(&alone, &among));
        assert_true(o.has_timestamps && o.sack_permitted);
}

static void
stops_at_end_of_list(void **state)
{
        (void)state;
        expect_none("");
        expect_none("00");
        expect_none("01010101");
        expect_none("00020405b4");
        expect_none("0002000305");
        assert_true(options_of("020405b4 00 03").has_mss);
}

/* Shows MUST-6, MUST-68. */
static void
steps_over_unknown_kinds_by_their_length(void **state)
{
        (void)state;
        for (unsigned int kind = 0; kind < 256; kind++) {
                char hex[] = "kk05aabbcc020405b4";
                struct tcp_options o;
                if (kind < 6 || kind == 8 || kind == 28 || kind == 34)
                        continue;
                hex[0] = "0123456789abcdef"[kind >> 4];
                hex[1] = "0123456789abcdef"[kind & 15];
                o = options_of(hex);
                assert_true(o.has_mss);
                o.has_mss = false;
                o.mss_bytes = 0;
                assert_true(same(&o, &none));
        }
        expect_none("fd02 fe04f989 1312 00112233445566778899aabbccddeeff");
}

/* Shows MUST-7. */
static void
reports_lengths_that_cannot_be(void **state)
{
        static const struct {
                const char *hex;
                enum options_result result;
        } rows[] = {
                { "02", OPTIONS_NO_LENGTH },
                { "010101fe", OPTIONS_NO_LENGTH },
                { "0200", OPTIONS_SHORT_LENGTH },
                { "0201", OPTIONS_SHORT_LENGTH },
                { "fe00", OPTIONS_SHORT_LENGTH },
                { "fe01", OPTIONS_SHORT_LENGTH },
                { "fe03", OPTIONS_LONG_LENGTH },
                { "020405", OPTIONS_LONG_LENGTH },
                { "080a010203040506070a", OPTIONS_OK },
                { "080a0102030405060708 0c", OPTIONS_NO_LENGTH },
                { "080b0102030405060708", OPTIONS_LONG_LENGTH },
                { "01010204 05", OPTIONS_LONG_LENGTH },
                { "0402 fe05aabb", OPTIONS_LONG_LENGTH },
                { "feff0000", OPTIONS_LONG_LENGTH },
                { "0203b4", OPTIONS_WRONG_LENGTH },
                { "0205b4b4b4", OPTIONS_WRONG_LENGTH },
                { "0302", OPTIONS_WRONG_LENGTH },
                { "03040707", OPTIONS_WRONG_LENGTH },
                { "0403ff", OPTIONS_WRONG_LENGTH },
                { "0502", OPTIONS_WRONG_LENGTH },
                { "0509000000010000 02", OPTIONS_WRONG_LENGTH },
                { "050b000000010000000203", OPTIONS_WRONG_LENGTH },
                { "08090102030405 0607", OPTIONS_WRONG_LENGTH },
                { "080b010203040506070809", OPTIONS_WRONG_LENGTH },
                { "1c0300", OPTIONS_WRONG_LENGTH },
                { "1c05000000", OPTIONS_WRONG_LENGTH },
        };
        struct tcp_options o;

        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                assert_int_equal(parse(rows[i].hex, &o), rows[i].result);
}

static void
keeps_what_stood_before_a_wrong_option(void **state)
{
        struct tcp_options o, expected = { .has_mss = true, .mss_bytes = 536 };

        (void)state;
        assert_int_equal(parse("02040218 0200 0402", &o), OPTIONS_SHORT_LENGTH);
        assert_true(same(&o, &expected));
}

/* RFC 7323 2.3. */
static void
caps_the_window_shift_and_says_so(void **state)
{
        (void)state;
        for (unsigned int shift = 0; shift < 256; shift++) {
                const uint8_t b[] = { 3, 3, (uint8_t)shift };
                struct tcp_options o;
                assert_int_equal(options_parse(b, sizeof b, &o), OPTIONS_OK);
                assert_true(o.has_window_scale);
                assert_int_equal(o.window_shift, shift < 14 ? shift : 14);
                assert_int_equal(o.window_shift_capped, shift > 14);
        }
        assert_false(options_of("0303ff 030307").window_shift_capped);
}

static void
takes_the_last_of_two(void **state)
{
        (void)state;
        assert_int_equal(options_of("02040200 020405b4").mss_bytes, 1460);
        assert_int_equal(options_of("050a0000000100000002 050a0000000300000004").sack[0].left.v, 3);
        assert_int_equal(options_of("0512000000010000000200000003 00000004 050a0000000500000006").sack[1].left.v, 0);
        assert_int_equal(options_of("2206aabbccdd 2202").cookie_bytes, 0);
}

static void
reads_up_to_four_sack_blocks(void **state)
{
        const char *hex = "0000000100000002 0000000300000004 0000000500000006 ffffffff00000007 0000000900000009";

        (void)state;
        for (uint8_t blocks = 1; blocks <= 4; blocks++) {
                uint8_t b[64] = { 5, (uint8_t)(2 + 8 * blocks) };
                struct tcp_options o;
                bytes_of(hex, b + 2);
                assert_int_equal(options_parse(b, 2 + 8u * blocks, &o), OPTIONS_OK);
                assert_int_equal(o.sack_count, blocks);
                for (size_t i = 0; i < blocks; i++) {
                        assert_int_equal(o.sack[i].left.v, get32(b + 2 + 8 * i));
                        assert_int_equal(o.sack[i].right.v, get32(b + 6 + 8 * i));
                }
        }
        /* More than a header holds. */
        assert_int_equal(
                parse("052a 0000000100000002 0000000300000004 0000000500000006 0000000700000008 0000000900000009",
                      &(struct tcp_options){ 0 }),
                OPTIONS_WRONG_LENGTH);
}

/* RFC 5482 3.3 and 3.4. */
static void
reads_user_timeouts_in_seconds_and_minutes(void **state)
{
        (void)state;
        assert_int_equal(options_of("1c040001").user_timeout_s, 1);
        assert_int_equal(options_of("1c047fff").user_timeout_s, 32767);
        assert_int_equal(options_of("1c048001").user_timeout_s, 60);
        assert_int_equal(options_of("1c04ffff").user_timeout_s, TCP_USER_TIMEOUT_MAX_S);
        expect_none("1c040000");
        expect_none("1c048000");
}

/* RFC 7413 4.1.1. */
static void
ignores_cookies_of_no_size(void **state)
{
        (void)state;
        for (uint8_t n = 0; n <= 38; n++) {
                uint8_t b[40] = { 34, (uint8_t)(2 + n), 1, 2, 3 };
                bool valid = n == 0 || (n >= 4 && n <= 16 && n % 2 == 0);
                struct tcp_options o;
                assert_int_equal(options_parse(b, 2u + n, &o), OPTIONS_OK);
                assert_int_equal(o.has_fastopen, valid);
                assert_int_equal(o.cookie_bytes, valid ? n : 0);
                if (valid)
                        assert_memory_equal(o.cookie, b + 2, n);
                for (size_t i = o.cookie_bytes; valid && i < sizeof o.cookie; i++)
                        assert_int_equal(o.cookie[i], 0);
        }
}

/* Every kind with every length, and all that can stand around them in four bytes of few values: whatever is read can be
 * written and read again. */
static void
survives_all_short_inputs(void **state)
{
        static const uint8_t few[] = { 0, 1, 2, 3, 4, 5, 34, 255 };

        (void)state;
        for (uint32_t v = 0; v < 1u << 22; v++) {
                uint8_t b[4] = { (uint8_t)(v >> 8), (uint8_t)v, few[v >> 16 & 7], few[v >> 19 & 7] };
                uint8_t written[TCP_OPTIONS_MAX];
                struct tcp_options o, again;
                options_parse(b, sizeof b, &o);
                if (same(&o, &none))
                        continue;
                assert_int_equal(options_parse(written, options_build(&o, written), &again), OPTIONS_OK);
                again.window_shift_capped = o.window_shift_capped;
                assert_true(same(&o, &again));
        }
}

/* The layouts of Linux's tcp_options_write(), as seen on the wire. */
static void
writes_as_linux_does(void **state)
{
        struct tcp_options syn = {
                .has_mss = true, .mss_bytes = 1460, .sack_permitted = true, .has_window_scale = true, .window_shift = 7
        };
        struct tcp_options data = { .has_timestamps = true, .ts_value = 0xa1b2c3d4, .ts_echo = 0x11223344 };

        (void)state;
        expect_written(&none, "");
        expect_written(&syn, "020405b4 01010402 01030307");
        syn.has_timestamps = true;
        syn.ts_value = 0x01020304;
        expect_written(&syn, "020405b4 0402080a 01020304 00000000 01030307");
        syn.has_fastopen = true;
        expect_written(&syn, "020405b4 0402080a 01020304 00000000 01030307 22020101");
        syn.cookie_bytes = 8;
        memcpy(syn.cookie, "ABCDEFGH", 8);
        expect_written(&syn, "020405b4 0402080a 01020304 00000000 01030307 220a4142 43444546 47480101");
        expect_written(&data, "0101080a a1b2c3d4 11223344");
        data.sack_count = 2;
        data.sack[0] = (struct sack_block){ { 0xfffffff0 }, { 0x10 } };
        data.sack[1] = (struct sack_block){ { 0x20 }, { 0x30 } };
        expect_written(&data, "0101080a a1b2c3d4 11223344 01010512 fffffff0 00000010 00000020 00000030");
        data.has_timestamps = data.sack_permitted = false;
        data.ts_value = data.ts_echo = 0;
        expect_written(&data, "01010512 fffffff0 00000010 00000020 00000030");
}

static void
writes_cookies_of_every_size(void **state)
{
        struct tcp_options o = { .has_fastopen = true };

        (void)state;
        memcpy(o.cookie, "ABCDEFGHIJKLMNOP", 16);
        expect_written(&o, "22020101");
        o.cookie_bytes = 4;
        expect_written(&o, "22064142 43440101");
        o.cookie_bytes = 6;
        expect_written(&o, "22084142 43444546");
        o.cookie_bytes = 14;
        expect_written(&o, "22104142 43444546 4748494a 4b4c4d4e");
        o.cookie_bytes = 16;
        expect_written(&o, "22124142 43444546 4748494a 4b4c4d4e 4f500101");
}

/* All 40 bytes a header has. */
static void
fills_a_header(void **state)
{
        struct tcp_options o = { .has_timestamps = true, .ts_value = 1, .ts_echo = 2, .sack_count = 3 };

        (void)state;
        expect_written(&o, "0101080a 00000001 00000002 0101051a 00000000 00000000 00000000 00000000 00000000 00000000");
}

static void
writes_user_timeouts(void **state)
{
        static const struct {
                uint32_t seconds;
                const char *hex;
                uint32_t read;
        } rows[] = {
                { 1, "1c040001", 1 },
                { 32767, "1c047fff", 32767 },
                { 32768, "1c048223", 32820 },
                { 32820, "1c048223", 32820 },
                { TCP_USER_TIMEOUT_MAX_S, "1c04ffff", TCP_USER_TIMEOUT_MAX_S },
                { UINT32_MAX, "1c04ffff", TCP_USER_TIMEOUT_MAX_S },
        };

        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                struct tcp_options o = { .has_user_timeout = true, .user_timeout_s = rows[i].seconds };
                uint8_t b[TCP_OPTIONS_MAX], expected[4];
                assert_int_equal(options_bytes(&o), 4);
                assert_int_equal(options_build(&o, b), bytes_of(rows[i].hex, expected));
                assert_memory_equal(b, expected, 4);
                assert_int_equal(options_of(rows[i].hex).user_timeout_s, rows[i].read);
        }
}

static void
writes_nothing_that_must_not_be_sent(void **state)
{
        struct tcp_options o = { .has_user_timeout = true };
        uint8_t b[TCP_OPTIONS_MAX];

        (void)state;
        assert_int_equal(options_build(&o, b), 0); /* RFC 5482 3.4 */
        o = (struct tcp_options){ .has_window_scale = true, .window_shift = 15 };
        assert_int_equal(options_build(&o, b), 4);
        assert_int_equal(b[3], 14);
}

static void
writes_nothing_that_does_not_fit(void **state)
{
        struct tcp_options o = { .has_timestamps = true, .sack_count = 3 };
        uint8_t b[TCP_OPTIONS_MAX] = { 0xa5 };

        (void)state;
        assert_int_equal(options_bytes(&o), 40);
        o.sack_count = 4;
        assert_true(options_bytes(&o) > TCP_OPTIONS_MAX);
        assert_int_equal(options_build(&o, b), 0);
        o = (struct tcp_options){ .sack_count = 255 };
        assert_int_equal(options_build(&o, b), 0);
        for (unsigned int n = 0; n < 256; n++) {
                o = (struct tcp_options){ .has_fastopen = true, .cookie_bytes = (uint8_t)n };
                if (n == 0 || (n >= 4 && n <= 16 && n % 2 == 0))
                        continue;
                assert_true(options_bytes(&o) > TCP_OPTIONS_MAX);
                assert_int_equal(options_build(&o, b), 0);
        }
        assert_int_equal(b[0], 0xa5);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(reads_a_syn_of_linux),
                cmocka_unit_test(reads_each_option_at_any_boundary),
                cmocka_unit_test(reads_timestamps_alone_as_among_others),
                cmocka_unit_test(stops_at_end_of_list),
                cmocka_unit_test(steps_over_unknown_kinds_by_their_length),
                cmocka_unit_test(reports_lengths_that_cannot_be),
                cmocka_unit_test(keeps_what_stood_before_a_wrong_option),
                cmocka_unit_test(caps_the_window_shift_and_says_so),
                cmocka_unit_test(takes_the_last_of_two),
                cmocka_unit_test(reads_up_to_four_sack_blocks),
                cmocka_unit_test(reads_user_timeouts_in_seconds_and_minutes),
                cmocka_unit_test(ignores_cookies_of_no_size),
                cmocka_unit_test(survives_all_short_inputs),
                cmocka_unit_test(writes_as_linux_does),
                cmocka_unit_test(writes_cookies_of_every_size),
                cmocka_unit_test(fills_a_header),
                cmocka_unit_test(writes_user_timeouts),
                cmocka_unit_test(writes_nothing_that_must_not_be_sent),
                cmocka_unit_test(writes_nothing_that_does_not_fit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
