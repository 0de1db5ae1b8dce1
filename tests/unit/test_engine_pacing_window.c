/* SPDX-License-Identifier: BSD-2-Clause */
/* Pacing (tcp/pacing.h) by the congestion window; and what waits for its pace, and what does not. */
#include "pacing_words.h"

/* ---- By the congestion window ---- */

/* A round trip of 100 ms, and 12 segments sent: beyond those that are not paced. */
static void
with_a_round_trip(void)
{
        half_open();
        after_ms(100);
        seg("A 1:1 ack 1 win 65535");
        accept_it();
        assert_int_equal(write_bytes(10 * MSS), 10 * MSS);
        forget_sent();
        after_ms(100);
        seg("A 1:1 ack 14601 win 65535");
        assert_int_equal(write_bytes(2 * MSS), 2 * MSS);
        forget_sent();
}

static uint64_t
window_in_a_round_trip(uint64_t percent)
{
        struct la_tcp_details t = snapshot_now().tcp;

        return (uint64_t)t.cwnd * MSS * percent * 10000 / t.rtt_us;
}

static void
near(uint64_t a, uint64_t b)
{
        assert_in_range(a, b - b / 100, b + b / 100);
}

static void
the_window_sets_the_rate(void **state)
{
        (void)state;
        with_a_round_trip();
        assert_false(snapshot_now().known & LA_KNOWN_PACING); /* off by default, as in Linux */
        knob("lastack.pacing", "1");
        assert_true(snapshot_now().known & LA_KNOWN_PACING);
        near(snapshot_now().tcp.pacing_rate, window_in_a_round_trip(200));
        knob("tcp_pacing_ss_ratio", "400");
        near(snapshot_now().tcp.pacing_rate, window_in_a_round_trip(400));
        knob("tcp_pacing_ca_ratio", "300"); /* not yet */
        near(snapshot_now().tcp.pacing_rate, window_in_a_round_trip(400));
        knob("tcp_pacing_ss_ratio", "0");
        assert_true(snapshot_now().tcp.pacing_rate == UINT64_MAX);
        knob("lastack.pacing", "0");
        assert_false(snapshot_now().known & LA_KNOWN_PACING);
}

static void
after_a_loss_the_other_ratio_counts(void **state)
{
        (void)state;
        with_a_round_trip();
        knob("lastack.pacing", "1");
        for (int i = 0; i < 3; i++)
                seg("A 1:1 ack 14601 win 65535");
        forget_sent();
        acknowledge();
        assert_true(snapshot_now().tcp.ssthresh < 1000);
        near(snapshot_now().tcp.pacing_rate, window_in_a_round_trip(120));
        knob("tcp_pacing_ca_ratio", "500");
        near(snapshot_now().tcp.pacing_rate, window_in_a_round_trip(500));
}

/* A window's worth leaves over half a round trip, and not at once. */
static void
a_window_is_spread(void **state)
{
        uint32_t most = 0, all = 0, bursts = 0;

        (void)state;
        with_a_round_trip();
        acknowledge();
        knob("lastack.pacing", "1");
        begin_counting();
        assert_int_equal(write_bytes(10 * MSS), 10 * MSS);
        for (int ms = 0; ms < 60; ms++) {
                uint32_t n = bytes_sent();

                most = n > most ? n : most;
                bursts += n > 0;
                all += n;
                after_ms(1);
        }
        assert_int_equal(all, 10 * MSS);
        assert_int_equal(most, 2 * MSS);
        assert_int_equal(bursts, 5);
}

static void
the_first_ten_segments_are_not_paced(void **state)
{
        (void)state;
        knob("lastack.pacing", "1");
        knob("lastack.initial_window", "20");
        half_open();
        after_ms(100);
        seg("A 1:1 ack 1 win 65535");
        accept_it();
        assert_int_equal(write_bytes(20 * MSS), 20 * MSS);
        begin_counting();
        assert_int_equal(bytes_sent(), 12 * MSS); /* and the first two that are */
        near(snapshot_now().tcp.pacing_rate, window_in_a_round_trip(200));
        assert_int_equal(snapshot_now().tcp.pacing_wait_ms, 5);
}

static void
a_connection_may_choose(void **state)
{
        (void)state;
        with_a_round_trip();
        option(LA_OPTION_PACING, 1);
        assert_int_equal(option_now(LA_OPTION_PACING), 1);
        near(snapshot_now().tcp.pacing_rate, window_in_a_round_trip(200));
        knob("lastack.pacing", "1");
        option(LA_OPTION_PACING, 0);
        assert_int_equal(option_now(LA_OPTION_PACING), 0);
        assert_false(snapshot_now().known & LA_KNOWN_PACING);
        option(LA_OPTION_MAX_PACING_RATE, 100000000); /* the ceiling alone */
        assert_int_equal(snapshot_now().tcp.pacing_rate, 100000000);
        option(LA_OPTION_PACING, -1);
        knob("lastack.pacing", "0");
        near(snapshot_now().tcp.pacing_rate, window_in_a_round_trip(200)); /* as in Linux a ceiling turns it on */
}

/* ---- What is paced, and what is not ---- */

static void
acknowledgments_do_not_wait(void **state)
{
        (void)state;
        paced_at(1000);
        option(LA_OPTION_QUICKACK, 1);
        assert_int_equal(write_bytes(5 * MSS), 5 * MSS);
        begin_counting();
        assert_int_equal(bytes_sent(), 2 * MSS);
        seg("PA 1:101 ack 1");
        expect_sent("A 2921:2921 ack 101");
        expect_nothing_sent();
}

static void
a_reset_does_not_wait(void **state)
{
        (void)state;
        paced_at(1000);
        assert_int_equal(write_bytes(5 * MSS), 5 * MSS);
        forget_sent();
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        expect_sent("RA 2921:2921 ack 1");
        assert_int_equal(la_usage(e.stack).paced, 0);
        assert_true(la_deadline(e.stack) == LA_NEVER);
}

static void
a_close_waits_for_its_text(void **state)
{
        (void)state;
        paced_at(1000000);
        assert_int_equal(write_bytes(4 * MSS), 4 * MSS);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("A 1:1461 ack 1");
        expect_sent("A 1461:2921 ack 1");
        expect_nothing_sent();
        after_ms(2);
        expect_sent("A 2921:4381 ack 1");
        expect_sent("FPA 4381:5841 ack 1");
        seg("A 1:1 ack 5842");
        seg("FA 1:1 ack 5842");
        assert_int_equal(la_usage(e.stack).paced, 0);
        expect_found(LA_TIME_WAIT);
}

static void
a_lone_fin_waits_too(void **state)
{
        (void)state;
        paced_at(1000000);
        assert_int_equal(write_bytes(2 * MSS), 2 * MSS);
        forget_sent();
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_nothing_sent();
        after_ms(2);
        expect_sent("FA 2921:2921 ack 1");
}

/* The timer's own segment leaves at once, and is counted: it does not let others go. */
static void
a_timeout_does_not_wait(void **state)
{
        (void)state;
        paced_at(1000);
        assert_int_equal(write_bytes(5 * MSS), 5 * MSS);
        forget_sent();
        after_ms(201); /* and 2920 bytes are due only after 2.92 s */
        expect_sent("A 1:1461 ack 1");
        expect_nothing_sent();
        assert_in_range(snapshot_now().tcp.pacing_wait_ms, 0, 4380);
        seg("A 1:1 ack 1461");
        expect_nothing_sent(); /* what comes behind waits */
        assert_int_equal(snapshot_now().tcp.pacing_wait_ms, 4380 - 201);
        after_ms(400); /* but the timer sends it again, if it has to */
        expect_sent("A 1461:2921 ack 1");
}

static void
fast_retransmissions_wait(void **state)
{
        (void)state;
        paced_at(1000000);
        assert_int_equal(write_bytes(6 * MSS), 6 * MSS);
        after_ms(3);
        forget_sent(); /* four have left, and the next may in 5.84 ms */
        for (int i = 0; i < 3; i++)
                seg("A 1:1 ack 1 win 65535");
        expect_nothing_sent();
        assert_int_equal(counted(LA_C_TCPFastRetrans), 1);
        after_ms(2);
        expect_sent("A 1:1461 ack 1");
}

/* Probes ask for the window at once, and what a cork lets go is none, though it waits. */
static void
probes_do_not_wait(void **state)
{
        (void)state;
        paced_at(1000);
        assert_int_equal(write_bytes(2 * MSS), 2 * MSS);
        forget_sent();
        seg("A 1:1 ack 2921 win 0");
        assert_int_equal(write_bytes(100), 100);
        expect_nothing_sent();
        after_ms(201);
        expect_sent("A 2920:2920 ack 1");
}

static void
what_was_corked_waits_and_is_no_probe(void **state)
{
        (void)state;
        paced_at(1000);
        option(LA_OPTION_CORK, 1);
        assert_int_equal(write_bytes(2 * MSS), 2 * MSS);
        forget_sent();
        seg("A 1:1 ack 2921 win 65535");
        assert_int_equal(write_bytes(100), 100);
        after_ms(201);
        expect_nothing_sent();
        assert_int_equal(counted(LA_C_TCPWinProbe), 0);
        after_ms(2719);
        expect_sent("PA 2921:3021 ack 1");
        expect_nothing_sent();
}

/* ---- Runs for links that cut ---- */

/* What leaves has no checksum that expect_sent() could look at. */
static void
connecting_over_a_link_that_cuts(void)
{
        struct segment syn_ack;

        listening();
        seg("S 0:0 win 65535 mss 1460");
        assert_int_equal(segment_parse(e.bytes[0], e.sent[0].header_bytes, SEGMENT_CHECKSUM_KNOWN, &syn_ack), WIRE_OK);
        e.our_isn = syn_ack.seq.v;
        forget_sent();
        seg("A 1:1 ack 1 win 65535");
        accept_it();
}

static void
runs_are_a_millisecond_long(void **state)
{
        struct la_config c = usual_config();
        struct la_packet p[4];

        (void)state;
        c.gso_bytes = 65535;
        c.checksum_offload = true;
        c.chunk_bytes = 4096;
        remake(&c);
        knob("lastack.initial_window", "100");
        connecting_over_a_link_that_cuts();
        option(LA_OPTION_MAX_PACING_RATE, 10000000);
        keep_writing();
        begin_counting();
        assert_int_equal(la_output(e.stack, e.now, p, 4), 2);
        assert_int_equal(p[0].gso_bytes, MSS);
        assert_int_equal(snapshot_now().snd_nxt - sent_to, 8 * MSS); /* 10,000 bytes: six, and then two at least */
        option(LA_OPTION_MAX_PACING_RATE, 1000000);
        e.now += 100000;
        la_advance(e.stack, e.now);
        begin_counting();
        assert_int_equal(la_output(e.stack, e.now, p, 4), 2); /* of two segments each */
        assert_int_equal(p[0].gso_bytes, MSS);
        assert_int_equal(snapshot_now().snd_nxt - sent_to, 4 * MSS);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(the_window_sets_the_rate),
                engine_test(after_a_loss_the_other_ratio_counts),
                engine_test(a_window_is_spread),
                engine_test(the_first_ten_segments_are_not_paced),
                engine_test(a_connection_may_choose),
                engine_test(acknowledgments_do_not_wait),
                engine_test(a_reset_does_not_wait),
                engine_test(a_close_waits_for_its_text),
                engine_test(a_lone_fin_waits_too),
                engine_test(a_timeout_does_not_wait),
                engine_test(fast_retransmissions_wait),
                engine_test(probes_do_not_wait),
                engine_test(what_was_corked_waits_and_is_no_probe),
                engine_test(runs_are_a_millisecond_long),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
