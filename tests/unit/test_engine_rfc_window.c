/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9293 3.8.6: windows that close, shrink and are probed, and acknowledgments that wait. */
#include "engine.h"

/* ---- The peer's window ---- */

/* Four segments have left, the first is acknowledged, and the window's right edge moves to the left. */
static void
shrunk_to(unsigned int window)
{
        char text[64];

        established();
        assert_int_equal(write_bytes(5840), 5840);
        forget_sent();
        snprintf(text, sizeof text, "A 1:1 ack 1461 win %u", window);
        seg(text);
}

/* Shows MUST-34, SHLD-15, SHLD-16. */
static void
a_shrunk_window_gets_what_it_holds_and_nothing_new(void **state)
{
        (void)state;
        shrunk_to(1460);
        assert_int_equal(write_bytes(14600), 14600);
        expect_nothing_sent(); /* the usable window is 2920 less than nothing */
        after_ms(200);
        expect_sent("A 1461:2921 ack 1");
        expect_nothing_sent();
        seg("A 1:1 ack 2921 win 1460");
        expect_sent("A 2921:4381 ack 1");
        expect_nothing_sent();
        seg("A 1:1 ack 5841 win 1460");
        expect_sent("A 5841:7301 ack 1");
        expect_nothing_sent();
}

/* Shows MUST-35, MAY-7. */
static void
a_window_shrunk_to_nothing_is_probed(void **state)
{
        (void)state;
        shrunk_to(0);
        for (uint32_t wait = 200; wait < 10000; wait *= 2) {
                after_ms(wait - 1);
                expect_nothing_sent();
                after_ms(1);
                expect_sent("A 1461:2921 ack 1"); /* old text, which the peer had room for once */
                seg("A 1:1 ack 1461 win 0");
        }
        seg("A 1:1 ack 2921 win 65535");
        expect_sent("A 2921:4381 ack 1");
}

/* Shows SHLD-17, MUST-37. */
static void
text_beyond_a_shrunk_window_ends_nothing(void **state)
{
        (void)state;
        shrunk_to(0);
        for (int i = 0; i < 100; i++) {
                after_ms(130000);
                forget_sent();
                seg("A 1:1 ack 1461 win 0");
                expect_state(LA_ESTABLISHED);
        }
        for (int i = 0; i < 100; i++)
                after_ms(130000), forget_sent();
        expect_state(LA_CLOSED); /* nothing was answered any more */
}

/* Shows MUST-36, SHLD-29, SHLD-30. */
static void
probes_begin_after_one_timeout_and_back_off(void **state)
{
        (void)state;
        established();
        seg("A 1:1 ack 1 win 0");
        assert_int_equal(write_bytes(10), 10);
        for (uint32_t wait = 200; wait < 120000; wait *= 2) {
                after_ms(wait - 1);
                expect_nothing_sent();
                after_ms(1);
                expect_sent("A 0:0 ack 1");
                seg("A 1:1 ack 1 win 0");
        }
        for (int i = 0; i < 3; i++) {
                after_ms(119999);
                expect_nothing_sent();
                after_ms(1);
                expect_sent("A 0:0 ack 1");
                seg("A 1:1 ack 1 win 0");
        }
        seg("A 1:1 ack 1 win 100");
        expect_sent("PA 1:11 ack 1");
}

/* What the silly window rule holds back is no longer held when the window closes: probes are counted and back off.
 * Shows SHLD-30. */
static void
a_window_that_closes_on_held_text_is_probed_like_any(void **state)
{
        (void)state;
        knob("tcp_retries2", "4");
        established();
        seg("A 1:1 ack 1 win 100");
        assert_int_equal(write_bytes(1000), 1000);
        expect_nothing_sent();
        seg("A 1:1 ack 1 win 0");
        after_ms(10000);
        assert_in_range(counted(LA_C_TCPWinProbe), 3, 5);
        after_ms(30000);
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().came_by, LA_T_ESTABLISHED_GIVE_UP);
}

/* ---- Our window ---- */

static void
fill_our_window(void)
{
        for (uint32_t at = 1; at < 65536; at += 1455) {
                char text[64];

                snprintf(text, sizeof text, "A %u:%u ack 1", at, at + 1455 < 65536 ? at + 1455 : 65536);
                seg(text);
        }
        after_ms(50);
        forget_sent();
}

/* Nothing is offered: the program has not read, and wants no more. */
static void
our_window_is_closed(void)
{
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_RECEIVE_BUFFER, 65535), LA_OK);
        fill_our_window();
        events_now();
}

/* Shows MAY-8. */
static void
we_may_keep_it_closed_for_ever(void **state)
{
        (void)state;
        our_window_is_closed();
        for (int hour = 0; hour < 100; hour++) {
                after_ms(3600 * 1000);
                expect_nothing_sent();
                seg("A 65536:65537 ack 1"); /* a probe with one octet */
                expect_sent("A 1:1 ack 65536 win 0");
        }
        expect_state(LA_ESTABLISHED);
        assert_int_equal(read_bytes(), 65535);
        expect_sent("A 1:1 ack 65536 win 65535");
}

/* Shows MUST-66. */
static void
a_closed_window_takes_a_reset(void **state)
{
        (void)state;
        our_window_is_closed();
        seg("R 65536:65536");
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_ERR_RESET);
}

/* Shows MUST-66. */
static void
a_closed_window_takes_an_urgent_pointer(void **state)
{
        (void)state;
        our_window_is_closed();
        seg("AU 65536:65546 ack 1 urg 10");
        assert_true(events_now() & LA_HAPPENED_URGENT);
        assert_int_equal(status_now().urgent_bytes, 65545);
        assert_int_equal(status_now().readable_bytes, 65535); /* the text itself is not taken */
}

/* The right edge that the last segment offered. */
static uint32_t
offered(void)
{
        return e.last.ack_seq.v - e.peer_isn + ((uint32_t)e.last.window << snapshot_now().tcp.receive_wscale);
}

/* Shows SHLD-14. */
static void
our_window_never_shrinks(void **state)
{
        (void)state;
        uint32_t edge;

        established_with("mss 1460 ws 7");
        seg("A 1:1461 ack 1");
        seg("A 1461:2921 ack 1");
        expect_sent("A 1:1 ack 2921");
        edge = offered();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_RECEIVE_BUFFER, 5000), LA_OK);
        for (uint32_t at = 2921; at < 60000; at += 997) { /* no multiple of what the scale can say */
                char text[64];

                snprintf(text, sizeof text, "PA %u:%u ack 1", at, at + 997);
                seg(text);
                after_ms(50);
                snprintf(text, sizeof text, "A 1:1 ack %u", at + 997);
                expect_sent(text);
                assert_true(offered() >= edge);
                edge = offered();
        }
}

/* ---- Acknowledgments ---- */

/* Shows MUST-40. */
static void
no_acknowledgment_waits_half_a_second(void **state)
{
        (void)state;
        assert_int_equal(la_knob_set(e.stack, "lastack.delayed_ack_ms", "500", NULL), LA_ERR_KNOB_VALUE);
        knob("lastack.delayed_ack_ms", "499");
        established();
        e.now += 1; /* not at a whole millisecond */
        seg("PA 1:11 ack 1");
        expect_nothing_sent();
        after_ms(499);
        collect();
        e.now += 999;
        la_advance(e.stack, e.now);
        expect_sent("A 1:1 ack 11");
}

/* Shows SHLD-19. */
static void
every_second_segment_is_acknowledged_at_once(void **state)
{
        (void)state;
        established_with("mss 1460 ts 100 0");
        for (uint32_t at = 1; at < 20000; at += 2 * 1448) { /* full ones: the option is part of the 1460 */
                char text[64];

                snprintf(text, sizeof text, "A %u:%u ack 1 ts 100 0", at, at + 1448);
                seg(text);
                expect_nothing_sent();
                snprintf(text, sizeof text, "A %u:%u ack 1 ts 100 0", at + 1448, at + 2 * 1448);
                seg(text);
                snprintf(text, sizeof text, "A 1:1 ack %u", at + 2 * 1448);
                expect_sent(text);
        }
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(a_shrunk_window_gets_what_it_holds_and_nothing_new),
                engine_test(a_window_shrunk_to_nothing_is_probed),
                engine_test(text_beyond_a_shrunk_window_ends_nothing),
                engine_test(probes_begin_after_one_timeout_and_back_off),
                engine_test(a_window_that_closes_on_held_text_is_probed_like_any),
                engine_test(we_may_keep_it_closed_for_ever),
                engine_test(a_closed_window_takes_a_reset),
                engine_test(a_closed_window_takes_an_urgent_pointer),
                engine_test(our_window_never_shrinks),
                engine_test(no_acknowledgment_waits_half_a_second),
                engine_test(every_second_segment_is_acknowledged_at_once),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
