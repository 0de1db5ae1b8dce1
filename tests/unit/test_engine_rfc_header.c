/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9293 3.1 and 3.2, the header: window, checksum, options; and 3.7.1, the largest segment. */
#include "engine_raw.h"
#include "packets.h"
#include "wire/bytes.h"

/* ---- Window ---- */

/* Shows MUST-1. */
static void
a_window_over_half_the_field_is_large_and_not_negative(void **state)
{
        (void)state;
        knob("lastack.initial_window", "100");
        established();
        seg("A 1:1 ack 1 win 65535");
        assert_int_equal(snapshot_now().tcp.send_window_bytes, 65535);
        write_bytes(100000);
        assert_int_equal(status_now().snd_nxt - e.our_isn, 1); /* nothing has left so far */
        collect();
        assert_int_equal(status_now().snd_nxt - e.our_isn, 1 + 44 * 1460);
}

/* Shows REC-1. */
static void
windows_are_counted_in_32_bits(void **state)
{
        (void)state;
        knob("lastack.initial_window", "100");
        established_with("mss 1460 ws 14");
        seg("A 1:1461 ack 1 win 65535");
        seg("A 1461:2921 ack 1 win 65535");
        expect_sent("A 1:1 ack 2921");
        assert_int_equal(snapshot_now().tcp.send_window_bytes, 65535u << 14);
        assert_int_equal(write_bytes(146000), 146000);
        collect();
        assert_int_equal(status_now().snd_nxt - e.our_isn, 146001);
        /* What we offer, too: text far beyond 65535 is in our window, and kept. */
        assert_true((uint32_t)e.last.window << 7 > 100000);
        seg("A 100001:101461 ack 1 win 65535");
        expect_verdict(LA_V_GO_ON);
        assert_int_equal(la_usage(e.stack).reassemblies, 1);
}

/* ---- Checksum ---- */

static void
expect_right_checksum(void)
{
        uint8_t summed[40 + 2048];
        size_t n = last_packet_bytes(), tcp = (size_t)(last_tcp() - e.last_bytes);
        size_t addresses = e.family == LA_IPV4 ? 8 : 32;

        memcpy(summed, e.last_bytes + tcp - addresses, addresses);
        put32(summed + addresses, (uint32_t)(n - tcp));
        put32(summed + addresses + 4, IP_TCP);
        memcpy(summed + addresses + 8, last_tcp(), n - tcp);
        assert_int_equal(slow_sum(summed, addresses + 8 + n - tcp), 0xffff);
        assert_int_not_equal(get16(last_tcp() + TCP_CHECKSUM_OFFSET), 0);
}

/* Shows MUST-2. */
static void
everything_that_leaves_is_summed(void **state)
{
        (void)state;
        listening();
        seg("S 0:0 win 65535 mss 1460 sackok");
        expect_sent("SA 0:0 ack 1");
        expect_right_checksum();
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(write_bytes(11), 11);
        expect_sent("PA 1:12 ack 1");
        expect_right_checksum();
        seg("A 3:5 ack 12");
        expect_sent("A 12:12 ack 1 sack 3:5");
        expect_right_checksum();
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 12:12 ack 1");
        expect_right_checksum();
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        expect_sent("RA 13:13 ack 1");
        expect_right_checksum();
        seg("A 77:77 ack 99");
        expect_sent("R 99:99");
        expect_right_checksum();
}

/* ---- Options that arrive ---- */

static void
passive_open_with_options(const char *hex)
{
        listening();
        seg_with_options("S 0:0 win 65535", hex);
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1 win 65535");
        accept_it();
}

/* Shows MUST-4, MUST-14, MUST-64. */
static void
end_of_list_no_operation_and_mss_are_known(void **state)
{
        (void)state;
        passive_open_with_options("01 02 04 03e8 01 00 02 04 0100 00");
        assert_int_equal(write_bytes(1500), 1500);
        expect_sent("A 1:1001 ack 1"); /* 1000, at an odd boundary; what stands behind the end is none */
}

/* Shows MUST-5. */
static void
options_are_read_in_any_segment(void **state)
{
        (void)state;
        static const char *const flags[] = { "A 1:1", "PA 1:11", "AU 1:11", "FA 1:1", "FPA 1:11", "S 1:1", "SA 1:1" };

        established_with("mss 1460 ts 1000 0");
        for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
                char text[64];

                snprintf(text, sizeof text, "%s ack 1 ts 900 0", flags[i]);
                seg(text);
                expect_verdict(LA_V_PAWS); /* so the timestamp was read: it is older than the SYN's */
                forget_sent();
        }
        expect_state(LA_ESTABLISHED);
}

/* Shows MUST-6. */
static void
unknown_options_are_passed_over(void **state)
{
        (void)state;
        passive_open_with_options("fd 06 f989aabb 02 04 03e8 13 02");
        assert_int_equal(write_bytes(1500), 1500);
        expect_sent("A 1:1001 ack 1");
        seg_with_options("PA 1:11 ack 1001", "4d 0b 000102030405060708 01");
        assert_int_equal(read_bytes(), 10);
}

/* Shows MUST-7. */
static void
an_illegal_length_does_no_harm(void **state)
{
        (void)state;
        passive_open_with_options(
                "02 04 03e8 fe 00 0000"); /* a suggested procedure is a reset; Linux goes on, and so do we */
        assert_int_equal(write_bytes(1500), 1500);
        expect_sent("A 1:1001 ack 1");
        seg_with_options("PA 1:11 ack 1001", "08 ff 0000");
        assert_int_equal(read_bytes(), 10);
        seg_with_options("PA 11:21 ack 1001", "01 01 01 08");
        assert_int_equal(read_bytes(), 10);
}

/* ---- Options that leave ---- */

/* Each has a length, and behind an end of list stands nothing but zeros. */
static void
expect_sound_options(const uint8_t *at, const uint8_t *end)
{
        while (at < end && *at != TCP_OPTION_END) {
                if (*at == TCP_OPTION_NOP) {
                        at++;
                        continue;
                }
                assert_true(end - at >= 2);
                assert_in_range(at[1], 2, end - at);
                at += at[1];
        }
        for (; at < end; at++)
                assert_int_equal(*at, 0);
}

static void
expect_sound_header(void)
{
        expect_sound_options(last_tcp() + TCP_HEADER_MIN, last_tcp() + (size_t)(last_tcp()[12] >> 4) * 4);
}

/* Shows MUST-68, MUST-69. */
static void
what_is_sent_has_lengths_and_no_rubbish_behind(void **state)
{
        (void)state;
        connecting();
        expect_sound_header();
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        e.local_port = LOCAL_PORT;
        established_with("mss 1460 ws 3 sackok ts 100 0");
        expect_sound_header();
        seg("PA 11:21 ack 1 ts 101 0");
        expect_sent("A 1:1 ack 1 sack 11:21 ts * 100");
        expect_sound_header();
}

/* Shows MUST-68, MUST-69. */
static void
so_have_all_options_that_can_be_written(void **state)
{
        (void)state;
        for (unsigned int bits = 0; bits < 256; bits++) {
                struct tcp_options o = { .has_mss = bits & 1,
                                         .mss_bytes = 1460,
                                         .sack_permitted = bits & 2,
                                         .has_timestamps = bits & 4,
                                         .ts_value = 0x01020304,
                                         .has_window_scale = bits & 8,
                                         .window_shift = 7,
                                         .sack_count = (uint8_t)(bits >> 4 & 1),
                                         .has_user_timeout = bits & 32,
                                         .user_timeout_s = 60,
                                         .has_fastopen = bits & 64,
                                         .cookie_bytes = bits & 128 ? 4 : 6 };
                uint8_t bytes[TCP_OPTIONS_MAX];

                expect_sound_options(bytes, bytes + options_build(&o, bytes));
        }
}

/* Shows MUST-65. */
static void
mss_stands_in_no_segment_but_a_syn(void **state)
{
        (void)state;
        established();
        assert_non_null(last_option(TCP_OPTION_MSS));
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        assert_null(last_option(TCP_OPTION_MSS));
        seg("A 200000:200010 ack 11");
        expect_sent("A 11:11 ack 1");
        assert_null(last_option(TCP_OPTION_MSS));
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 11:11 ack 1");
        assert_null(last_option(TCP_OPTION_MSS));
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        expect_sent("RA 12:12 ack 1");
        assert_null(last_option(TCP_OPTION_MSS));
}

static void
mss_in_another_segment_means_nothing(void **state)
{
        (void)state;
        established();
        seg_with_options("A 1:1 ack 1", "02 04 0100");
        assert_int_equal(write_bytes(2000), 2000);
        expect_sent("A 1:1461 ack 1");
}

/* ---- The largest segment ---- */

static void
with_mtu(uint32_t mtu)
{
        struct la_config c = usual_config();

        c.mtu = mtu;
        remake(&c);
}

/* Shows MUST-67. */
static void
the_mss_announced_is_what_the_link_can_bring(void **state)
{
        (void)state;
        static const uint32_t mtus[] = { 1280, 1500, 9000, 65535 };
        size_t headers = e.family == LA_IPV4 ? 40 : 60;

        for (size_t i = 0; i < sizeof mtus / sizeof *mtus; i++) {
                char text[64];

                with_mtu(mtus[i]);
                listening();
                seg("S 0:0 win 65535");
                snprintf(text, sizeof text, "SA 0:0 ack 1 mss %zu", mtus[i] - headers);
                expect_sent(text);
        }
}

/* Shows MUST-14, SHLD-5, MAY-3. */
static void
every_syn_says_its_mss_even_the_default(void **state)
{
        (void)state;
        static const char *const said[] = { "S 0:0 mss 1460", "S 0:0 mss 536" };

        for (size_t i = 0; i < 2; i++) {
                with_mtu(i == 0 ? 1500 : 576);
                e.local_port = LOCAL_PORT;
                connecting();
                after_ms(1000);
                expect_sent(said[i]);
                e.local_port = LOCAL_PORT;
                listening();
                seg("S 0:0 win 65535 mss 1460");
                expect_sent(i == 0 ? "SA 0:0 ack 1 mss 1460" : "SA 0:0 ack 1 mss 536");
        }
}

/* Shows MUST-16. */
static void
segments_are_as_large_as_both_ends_take(void **state)
{
        (void)state;
        static const struct {
                const char *options;
                size_t length;
        } rows[] = {
                { "mss 9000", 1460 },          /* our link's size bounds it */
                { "mss 1000", 1000 },          /* the peer's */
                { "mss 9000 ts 100 0", 1448 }, /* options are part of the segment */
                { "mss 1000 ts 100 0", 988 },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                char text[64];

                with_mtu(1500);
                established_with(rows[i].options);
                assert_int_equal(write_bytes(4000), 4000);
                snprintf(text, sizeof text, "A 1:%zu ack 1", 1 + rows[i].length);
                expect_sent(text);
        }
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(a_window_over_half_the_field_is_large_and_not_negative),
                engine_test(windows_are_counted_in_32_bits),
                engine_test(everything_that_leaves_is_summed),
                engine_test6(everything_that_leaves_is_summed),
                engine_test(end_of_list_no_operation_and_mss_are_known),
                engine_test(options_are_read_in_any_segment),
                engine_test(unknown_options_are_passed_over),
                engine_test6(unknown_options_are_passed_over),
                engine_test(an_illegal_length_does_no_harm),
                engine_test(what_is_sent_has_lengths_and_no_rubbish_behind),
                engine_test(so_have_all_options_that_can_be_written),
                engine_test(mss_stands_in_no_segment_but_a_syn),
                engine_test(mss_in_another_segment_means_nothing),
                engine_test(the_mss_announced_is_what_the_link_can_bring),
                engine_test6(the_mss_announced_is_what_the_link_can_bring),
                engine_test(every_syn_says_its_mss_even_the_default),
                engine_test(segments_are_as_large_as_both_ends_take),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
