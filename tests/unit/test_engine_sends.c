/* SPDX-License-Identifier: BSD-2-Clause */
/* What leaves as long as answers come: segmentation, windows, buffers, the size of the path. */
#include "engine.h"
#include "wire/icmp.h"

/* Shows MUST-16, MUST-14. */
static void
must_16_segments_are_as_large_as_the_peer_takes(void **state)
{
        (void)state;
        established_with("mss 1000");
        assert_int_equal(write_bytes(2500), 2500);
        expect_sent("A 1:1001 ack 1");
        expect_sent("A 1001:2001 ack 1");
        expect_nothing_sent(); /* Nagle holds the rest */
        seg("A 1:1 ack 2001");
        expect_sent("PA 2001:2501 ack 1");
}

/* Shows MUST-15. */
static void
must_15_default_mss(void **state)
{
        (void)state;
        listening();
        seg("S 0:0 win 65535");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(write_bytes(600), 600);
        expect_sent("A 1:537 ack 1");
}

/* Shows MUST-15. */
static void
must_15_default_mss_ipv6(void **state)
{
        (void)state;
        listening();
        seg("S 0:0 win 65535");
        expect_sent("SA 0:0 ack 1 mss 1440");
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(write_bytes(1300), 1300);
        expect_sent("A 1:1221 ack 1");
}

/* Shows SHLD-7, MUST-17. */
static void
shld_7_nagle_and_must_17_nodelay(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        assert_int_equal(write_bytes(10), 10);
        expect_nothing_sent();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_NODELAY, 1), LA_OK);
        expect_sent("PA 11:21 ack 1");
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 21:31 ack 1");
}

/* Shows MUST-38. */
static void
must_38_silly_windows_are_not_filled(void **state)
{
        (void)state;
        established();
        seg("A 1:1 ack 1 win 50");
        assert_int_equal(write_bytes(1000), 1000);
        expect_nothing_sent();
        after_ms(200); /* the override timeout */
        expect_sent("A 1:51 ack 1");
}

/* Shows MUST-34, MUST-35, MAY-7. */
static void
must_34_window_may_shrink(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(5840), 5840);
        forget_sent();
        seg("A 1:1 ack 1461 win 0");
        expect_nothing_sent();
        after_ms(200);
        expect_sent("A 1461:2921 ack 1"); /* SHLD-16 */
        seg("A 1:1 ack 5841 win 65535");
        expect_nothing_sent();
        assert_int_equal(snapshot_now().send_queue, 0);
}

/* Shows SHLD-19. */
static void
shld_19_every_second_segment(void **state)
{
        (void)state;
        established();
        seg("A 1:1461 ack 1");
        expect_nothing_sent();
        seg("A 1461:2921 ack 1");
        expect_sent("A 1:1 ack 2921");
}

/* Shows MUST-58, MUST-59. */
static void
must_58_what_arrives_together_is_acknowledged_together(void **state)
{
        (void)state;
        struct la_packet packets[8] = { 0 };
        static uint8_t bytes[8][1600];

        established();
        for (uint32_t i = 0; i < 8; i++) {
                struct segment s = { .family = LA_IPV4,
                                     .ack = true,
                                     .source = { { 10, 0, 0, 2 }, PEER_PORT },
                                     .destination = { { 10, 0, 0, 1 }, LOCAL_PORT },
                                     .ip = { .hop_limit = 3 },
                                     .seq = seq_of(PEER_ISN + 1 + i * 1460),
                                     .ack_seq = seq_of(e.our_isn + 1),
                                     .window = 65535 };
                struct wire_piece text = { bytes[i] + 100, 1460 };
                size_t n = segment_build(&s, &text, 1, SEGMENT_CHECKSUM_FULL, packets[i].header);

                packets[i].header_bytes = (uint16_t)n;
                packets[i].parts = 2;
                packets[i].part[0] = (struct la_part){ bytes[i] + 100, 701 }; /* in pieces, odd ones too */
                packets[i].part[1] = (struct la_part){ bytes[i] + 801, 759 };
        }
        la_input(e.stack, e.now, packets, 8);
        expect_sent("A 1:1 ack 11681");
        expect_nothing_sent();
}

/* Shows MUST-19. */
static void
must_19_slow_start_begins_with_ten(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(100000), 100000);
        for (int i = 0; i < 10; i++) {
                char text[64];

                snprintf(text, sizeof text, "A %d:%d ack 1", 1 + i * 1460, 1 + (i + 1) * 1460);
                expect_sent(text);
        }
        expect_nothing_sent();
        seg("A 1:1 ack 2921");
        for (int i = 0; i < 4; i++)
                e.sent_count > 0 ? (void)e.sent_first++, (void)e.sent_count-- : fail();
        expect_nothing_sent();
}

/* Shows MUST-62. */
static void
must_62_urgent_pointer_points_behind(void **state)
{
        (void)state;
        size_t taken;

        established();
        assert_int_equal(
                la_send(e.stack, e.now, e.connection, (const uint8_t *)"\x1f\x3e\x5d", 3, LA_SEND_URGENT, &taken),
                LA_OK);
        expect_sent("PAU 1:4 ack 1 urg 3");
}

static void
more_is_waited_for(void **state)
{
        (void)state;
        size_t taken;

        established();
        assert_int_equal(la_send(e.stack, e.now, e.connection, (const uint8_t *)"\x1f", 1, LA_SEND_MORE, &taken),
                         LA_OK);
        expect_nothing_sent();
        assert_int_equal(la_send(e.stack, e.now, e.connection, (const uint8_t *)"\x3e", 1, 0, &taken), LA_OK);
        expect_sent("PA 1:3 ack 1");
}

static void
a_full_buffer_is_told_and_writable_again(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_SEND_BUFFER, 1000), LA_OK);
        events_now();
        assert_int_equal(write_bytes(3000), 1000);
        assert_int_equal(write_bytes(1), 0);
        expect_sent("PA 1:1001 ack 1");
        seg("A 1:1 ack 1001");
        assert_true(events_now() & LA_HAPPENED_WRITABLE);
        assert_int_equal(write_bytes(1), 1);
}

/* Writes all that is taken, sends it, and has it acknowledged; says how much it was. */
static uint32_t
fill_and_empty(void)
{
        uint32_t taken = (uint32_t)write_bytes(100000);
        char ack[64];

        assert_int_equal(write_bytes(1), 0);
        forget_sent();
        snprintf(ack, sizeof ack, "A 1:1 ack %u win 65535",
                 status_now().snd_una + snapshot_now().send_queue - e.our_isn);
        seg(ack);
        return taken;
}

static void
a_buffer_that_limits_grows(void **state)
{
        (void)state;
        knob("tcp_wmem", "4096 4096 12000");
        knob("lastack.initial_window", "40");
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_NODELAY, 1), LA_OK);
        assert_int_equal(fill_and_empty(), 4096);
        assert_int_equal(fill_and_empty(), 8192);
        assert_int_equal(fill_and_empty(), 12000);
        assert_int_equal(fill_and_empty(), 12000);
}

static void
a_buffer_that_was_set_does_not_grow(void **state)
{
        (void)state;
        knob("lastack.initial_window", "40");
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_NODELAY, 1), LA_OK);
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_SEND_BUFFER, 4096), LA_OK);
        assert_int_equal(fill_and_empty(), 4096);
        assert_int_equal(fill_and_empty(), 4096);
}

/* What has not left yet for want of a window would not leave sooner. */
static void
a_buffer_does_not_grow_beyond_the_window(void **state)
{
        (void)state;
        knob("tcp_wmem", "4096 8192 1000000");
        knob("lastack.initial_window", "2");
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_NODELAY, 1), LA_OK);
        assert_int_equal(write_bytes(100000), 8192);
        forget_sent();
        seg("A 1:1 ack 1461");
        assert_int_equal(snapshot_now().memory.send_buffer, 8192);
}

/* Nor would what the peer's window, or the connection's pace, keeps back. */
static void
a_buffer_that_does_not_limit_does_not_grow(void **state)
{
        (void)state;
        knob("tcp_wmem", "4096 4096 1000000");
        knob("lastack.initial_window", "40");
        established_with("mss 500");
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_NODELAY, 1), LA_OK);
        seg("A 1:1 ack 1 win 4096");
        assert_int_equal(write_bytes(100000), 4096);
        forget_sent();
        seg("A 1:1 ack 4097 win 4096");
        assert_int_equal(snapshot_now().memory.send_buffer, 4096);
        seg("A 1:1 ack 4097 win 65535");
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_MAX_PACING_RATE, 1000), LA_OK);
        assert_int_equal(write_bytes(100000), 4096);
        forget_sent();
        seg("A 1:1 ack 4597");
        assert_true(snapshot_now().tcp.not_sent_bytes > 0);
        assert_int_equal(snapshot_now().memory.send_buffer, 4096);
}

/* Half of all chunks is another's. */
static void
a_buffer_does_not_grow_where_memory_is_short(void **state)
{
        struct la_config c = usual_config();

        (void)state;
        c.chunks = 16;
        remake(&c);
        knob("tcp_wmem", "4096 4096 1000000");
        knob("lastack.initial_window", "40");
        established();
        seg("PA 1:8193 ack 1");
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_NODELAY, 1), LA_OK);
        assert_int_equal(write_bytes(2000), 2000);
        assert_true(write_bytes(100000) < 100000);
        forget_sent();
        seg("A 8193:8193 ack 1461 win 65535");
        assert_int_equal(snapshot_now().memory.send_buffer, 4096);
}

static void
window_scale_is_used_when_both_offer_it(void **state)
{
        (void)state;
        listening();
        seg("S 0:0 win 65535 mss 1460 ws 3");
        expect_sent("SA 0:0 ack 1 ws 7 win 65535");
        seg("A 1:1 ack 1 win 8000");
        accept_it();
        assert_int_equal(snapshot_now().tcp.send_window_bytes, 64000);
        assert_int_equal(write_bytes(1), 1);
        expect_sent("PA 1:2 ack 1 win 1024");
}

static void
icmp_too_big_makes_segments_smaller(void **state)
{
        (void)state;
        struct la_packet p = { 0 };
        uint8_t error[ICMP_ERROR_MAX_IPV6];
        static const uint8_t router[4] = { 10, 9, 9, 9 };
        struct ip_packet ip;

        established();
        assert_int_equal(write_bytes(2920), 2920);
        collect();
        assert_int_equal(ip_parse(e.bytes[e.sent_first], e.sent[e.sent_first].header_bytes, &ip), WIRE_OK);
        p.part[0].length = icmp_build_too_big(&ip, 1000, router, error);
        p.part[0].bytes = error;
        p.parts = 1;
        forget_sent();
        la_input(e.stack, e.now, &p, 1);
        expect_sent("A 1:961 ack 1");
        assert_int_equal(la_verdict_count(e.stack, LA_V_ICMP_MTU), 1);
}

/* Shows MUST-56, SHLD-25, SHLD-26. */
static void
must_56_soft_errors_do_not_end(void **state)
{
        (void)state;
        struct la_packet p = { 0 };
        uint8_t error[ICMP_ERROR_MAX_IPV6];
        static const uint8_t router[4] = { 10, 9, 9, 9 };
        struct ip_packet ip;
        uint8_t syn[200];
        size_t n;

        connecting();
        after_ms(1000);
        collect();
        n = e.sent[e.sent_first].header_bytes;
        memcpy(syn, e.bytes[e.sent_first], n);
        forget_sent();
        assert_int_equal(ip_parse(syn, n, &ip), WIRE_OK);
        p.part[0].length = icmp_build_unreachable(&ip, ICMP_HOST_UNREACHABLE, router, error);
        p.part[0].bytes = error;
        p.parts = 1;
        la_input(e.stack, e.now, &p, 1);
        expect_state(LA_SYN_SENT);
        assert_true(events_now() & LA_HAPPENED_SOFT_ERROR);
        assert_int_equal(status_now().soft_error, LA_ERR_UNREACHABLE);
        p.part[0].length = icmp_build_unreachable(&ip, ICMP_PORT_UNREACHABLE, router, error);
        la_input(e.stack, e.now, &p, 1);
        expect_state(LA_CLOSED); /* SHLD-26 */
        assert_int_equal(status_now().came_by, LA_T_SYN_SENT_ICMP_ERROR);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(must_16_segments_are_as_large_as_the_peer_takes),
                engine_test(must_15_default_mss),
                engine_test6(must_15_default_mss_ipv6),
                engine_test(shld_7_nagle_and_must_17_nodelay),
                engine_test(must_38_silly_windows_are_not_filled),
                engine_test(must_34_window_may_shrink),
                engine_test(shld_19_every_second_segment),
                engine_test(must_58_what_arrives_together_is_acknowledged_together),
                engine_test(must_19_slow_start_begins_with_ten),
                engine_test(must_62_urgent_pointer_points_behind),
                engine_test(more_is_waited_for),
                engine_test(a_full_buffer_is_told_and_writable_again),
                engine_test(a_buffer_that_limits_grows),
                engine_test(a_buffer_that_was_set_does_not_grow),
                engine_test(a_buffer_does_not_grow_beyond_the_window),
                engine_test(a_buffer_that_does_not_limit_does_not_grow),
                engine_test(a_buffer_does_not_grow_where_memory_is_short),
                engine_test(window_scale_is_used_when_both_offer_it),
                engine_test(icmp_too_big_makes_segments_smaller),
                engine_test(must_56_soft_errors_do_not_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
