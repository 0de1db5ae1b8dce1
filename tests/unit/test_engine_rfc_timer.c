/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9293 3.8.1 and 3.8.2: the retransmission timeout (RFC 6298) and congestion control (RFC 5681). */
#include "engine.h"

static uint32_t
rto_us(void)
{
        return snapshot_now().tcp.rto_us;
}

/* The handshake's round trip takes `ms`. */
static void
established_after(uint32_t ms)
{
        half_open();
        after_ms(ms);
        seg("A 1:1 ack 1 win 65535");
        accept_it();
}

/* One segment goes out, and is acknowledged after `ms`. */
static void
round_trip(uint32_t ms)
{
        uint32_t from = status_now().snd_nxt - e.our_isn;
        char text[64];

        assert_int_equal(write_bytes(10), 10);
        forget_sent();
        after_ms(ms);
        snprintf(text, sizeof text, "A 1:1 ack %u", from + 10);
        seg(text);
}

/* Shows MUST-18. */
static void
the_timeout_follows_rfc_6298(void **state)
{
        (void)state;
        knob("lastack.rto_min_ms", "1");
        connecting();
        assert_int_equal(rto_us(), 1000000); /* 2.1 */
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        e.local_port = LOCAL_PORT;

        established_after(100);
        assert_int_equal(rto_us(), 300000); /* 2.2: R + 4 * R/2 */
        round_trip(200);
        /* 2.3: RTTVAR = 3/4 * 50 + 1/4 * |100 - 200| = 62.5; SRTT = 7/8 * 100 + 1/8 * 200 = 112.5; SRTT + 4 * RTTVAR */
        assert_int_equal(rto_us(), 362500);
        round_trip(112);
        assert_in_range(rto_us(), 299500, 300500); /* RTTVAR = 47, SRTT = 112.4 */
}

/* Shows MUST-18. */
static void
the_least_timeout_of_rfc_6298_can_be_had(void **state)
{
        (void)state;
        established_after(10);
        assert_int_equal(rto_us(), 210000); /* as Linux */
        knob("lastack.rto_min_ms", "1000");
        round_trip(10);
        assert_true(rto_us() >= 1000000); /* 2.4 */
}

/* Shows MUST-18, MUST-19. */
static void
karn_what_was_sent_twice_measures_nothing(void **state)
{
        (void)state;
        established_after(100);
        assert_int_equal(write_bytes(10), 10);
        forget_sent();
        after_ms(300);
        expect_sent("PA 1:11 ack 1");
        after_ms(20);
        seg("A 1:1 ack 11"); /* to the first sending, or to the second? */
        assert_int_equal(snapshot_now().tcp.rtt_us, 100000);
        assert_int_equal(rto_us(), 600000); /* 5.5: doubled until there is a measurement */
        round_trip(100);
        assert_in_range(rto_us(), 250000, 300000);
}

/* Shows MUST-18. */
static void
a_timestamp_tells_which_sending_was_answered(void **state)
{
        (void)state;
        uint32_t sent_at;
        char text[64];

        established_with("mss 1460 ts 100 0");
        round_trip(100);
        assert_int_equal(write_bytes(10), 10);
        forget_sent();
        after_ms(snapshot_now().tcp.rto_us / 1000 + 1);
        expect_sent("PA 11:21 ack 1");
        sent_at = e.last.options.ts_value;
        after_ms(60);
        snprintf(text, sizeof text, "A 1:1 ack 21 ts 101 %u", sent_at);
        seg(text);
        assert_int_equal(snapshot_now().tcp.backoff, 0);
}

/* RFC 6298 5.7.  Shows MUST-18. */
static void
three_seconds_after_a_syn_that_was_lost(void **state)
{
        (void)state;
        connecting();
        after_ms(1000);
        expect_sent("S 0:0");
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_sent("A 1:1 ack 1");
        assert_int_equal(rto_us(), 3000000);

        e.local_port = LOCAL_PORT;
        e.peer_port++;
        established_after(1000);
        forget_sent();
        assert_int_equal(rto_us(), 3000000);
}

/* ---- Congestion control ---- */

static uint32_t
cwnd(void)
{
        return snapshot_now().tcp.cwnd;
}

/* Acknowledges everything that has left, segment by segment, as a round trip does; how many there were. */
static unsigned int
acknowledge_flight(void)
{
        unsigned int n = 0;
        uint32_t until;

        collect();
        until = status_now().snd_nxt;
        forget_sent();
        for (uint32_t at = status_now().snd_una; at != until; n++) {
                char text[64];

                at = until - at > 1460 ? at + 1460 : until;
                snprintf(text, sizeof text, "A 1:1 ack %u", at - e.our_isn);
                seg(text);
                forget_sent();
        }
        return n;
}

/* Shows MUST-19. */
static void
slow_start_then_congestion_avoidance(void **state)
{
        (void)state;
        uint32_t threshold, before;

        knob("lastack.initial_window", "2");
        established_with("mss 1460 ws 7");
        seg("A 1:1 ack 1 win 65535");
        write_bytes(250000);
        for (uint32_t flight = 2; flight <= 16; flight *= 2) {
                assert_int_equal(cwnd(), flight);
                assert_int_equal(acknowledge_flight(), flight); /* slow start: doubled in each round trip */
                write_bytes(100000);
        }
        collect();
        forget_sent();
        after_ms(200); /* all 32 are lost */
        assert_int_equal(cwnd(), 1);
        threshold = snapshot_now().tcp.ssthresh;
        assert_int_equal(threshold, 16);
        while (cwnd() < threshold) {
                acknowledge_flight();
                write_bytes(100000);
        }
        for (int i = 0; i < 5; i++) {
                before = cwnd();
                acknowledge_flight();
                write_bytes(100000);
                assert_int_equal(cwnd(), before + 1); /* congestion avoidance: one more in each */
        }
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(the_timeout_follows_rfc_6298),
                engine_test(the_least_timeout_of_rfc_6298_can_be_had),
                engine_test(karn_what_was_sent_twice_measures_nothing),
                engine_test(a_timestamp_tells_which_sending_was_answered),
                engine_test(three_seconds_after_a_syn_that_was_lost),
                engine_test(slow_start_then_congestion_avoidance),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
