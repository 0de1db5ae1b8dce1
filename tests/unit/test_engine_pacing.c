/* SPDX-License-Identifier: BSD-2-Clause */
/* Pacing (tcp/pacing.h): how much leaves in what time, who waits and who does not, and when it goes on. */
#include "engine.h"

#define MSS 1460u

/* ---- Words ---- */

static void
option(enum la_option which, int64_t value)
{
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, which, value), LA_OK);
}

static int64_t
option_now(enum la_option which)
{
        int64_t value = -99;

        assert_int_equal(la_option_get(e.stack, e.connection, which, &value), LA_OK);
        return value;
}

/* The peer's window is 65535 << 7, and ours, for congestion, 100 segments at first. */
static void
paced_at(int64_t rate)
{
        knob("lastack.initial_window", "100");
        established_with("mss 1460 ws 7");
        seg("A 1:1 ack 1 win 65535");
        option(LA_OPTION_MAX_PACING_RATE, rate);
}

/* Where text ends that has left so far, and how much of it left since this was last asked. */
static uint32_t sent_to;

static uint32_t
bytes_sent(void)
{
        uint32_t before = sent_to;

        forget_sent();
        sent_to = snapshot_now().snd_nxt;
        return sent_to - before;
}

static void
begin_counting(void)
{
        sent_to = snapshot_now().snd_nxt;
}

/* The peer acknowledges all that has left. */
static void
acknowledge(void)
{
        char text[64];

        snprintf(text, sizeof text, "A 1:1 ack %u win 65535", snapshot_now().snd_nxt - e.our_isn);
        seg(text);
}

/* Its user keeps the buffer full. */
static void
keep_writing(void)
{
        while (write_bytes(50000) > 0)
                ;
}

/* The next call that the stack asks for, and what leaves then. */
static uint32_t
next_burst(void)
{
        e.now = la_deadline(e.stack);
        assert_true(e.now != 0 && e.now != LA_NEVER);
        la_advance(e.stack, e.now);
        return bytes_sent();
}

/* ---- How much in what time ---- */

static void
never_more_than_the_rate_allows_nor_less(int64_t rate)
{
        enum { STEPS = 400 };
        static uint64_t sent[STEPS + 1];
        uint64_t burst = (uint64_t)rate / 1000 + 2 * MSS;

        paced_at(rate);
        begin_counting();
        for (size_t ms = 0; ms < STEPS; ms++) {
                keep_writing();
                sent[ms + 1] = sent[ms] + bytes_sent();
                acknowledge();
                sent[ms + 1] += bytes_sent();
                after_ms(1);
        }
        for (size_t from = 0; from < STEPS; from++)
                for (size_t to = from + 1; to <= STEPS; to++) {
                        /* What left in these milliseconds, whose last has only begun when its text leaves. */
                        uint64_t got = sent[to] - sent[from], due = (uint64_t)rate * (to - from) / 1000;

                        if (got > due + burst || got + burst < due)
                                fail_msg("%llu bytes in %zu ms at %lld bytes a second", (unsigned long long)got,
                                         to - from, (long long)rate);
                }
}

static void
a_flow_keeps_to_a_low_rate(void **state)
{
        (void)state;
        never_more_than_the_rate_allows_nor_less(100000);
}

static void
a_flow_keeps_to_a_rate_between(void **state)
{
        (void)state;
        never_more_than_the_rate_allows_nor_less(7654321);
}

static void
a_flow_keeps_to_a_high_rate(void **state)
{
        (void)state;
        never_more_than_the_rate_allows_nor_less(50000000);
}

static void
a_long_run_is_exact(void **state)
{
        uint64_t all = 0;

        (void)state;
        paced_at(1234567);
        begin_counting();
        for (size_t ms = 0; ms < 10000; ms++) {
                keep_writing();
                acknowledge();
                all += bytes_sent();
                after_ms(1);
        }
        assert_in_range(all, 12345670 - 2 * MSS, 12345670 + 1234 + 2 * MSS);
}

/* Two segments take 2.92 ms at a million bytes a second: they leave in the third millisecond, and when it begins. */
static void
the_deadline_is_when_the_next_may_leave(void **state)
{
        (void)state;
        paced_at(1000000);
        assert_int_equal(write_bytes(20 * MSS), 20 * MSS);
        begin_counting();
        assert_int_equal(la_deadline(e.stack), 0);
        assert_int_equal(bytes_sent(), 2 * MSS);
        assert_int_equal(la_deadline(e.stack), 1002000);
        assert_int_equal(snapshot_now().tcp.pacing_wait_ms, 2);
        e.now = 1001999;
        la_advance(e.stack, e.now);
        assert_int_equal(bytes_sent(), 0);
        assert_int_equal(la_deadline(e.stack), 1002000);
        assert_int_equal(next_burst(), 2 * MSS); /* 5.84 */
        assert_int_equal(la_deadline(e.stack), 1005000);
        assert_int_equal(next_burst(), 2 * MSS); /* 8.76 */
        assert_int_equal(la_deadline(e.stack), 1008000);
}

static void
who_waits_is_not_busy(void **state)
{
        unsigned int calls = 0;
        uint32_t all = 0;

        (void)state;
        paced_at(20000000);
        assert_int_equal(write_bytes(60 * MSS), 60 * MSS);
        begin_counting();
        all += bytes_sent();
        while (all < 60 * MSS) {
                all += next_burst();
                calls++;
        }
        assert_in_range(calls, 3, 5); /* 4.4 ms of bytes */
}

static void
an_idle_connection_earns_a_millisecond(void **state)
{
        (void)state;
        paced_at(10000000);
        assert_int_equal(write_bytes(5 * MSS), 5 * MSS);
        after_ms(100);
        acknowledge();
        after_ms(5000);
        begin_counting();
        keep_writing();
        assert_in_range(bytes_sent(), 10000, 20000 + 2 * MSS); /* of this one, and of the one that was earned */
        assert_int_equal(la_deadline(e.stack), e.now + 1000);
}

/* Called late, it makes good a millisecond and no more. */
static void
a_late_call_is_made_good(void **state)
{
        uint32_t on_time, late;

        (void)state;
        paced_at(10000000);
        keep_writing();
        begin_counting();
        bytes_sent();
        on_time = next_burst();
        e.now = la_deadline(e.stack) + 400;
        la_advance(e.stack, e.now);
        late = bytes_sent();
        assert_in_range(on_time + late, 20000 - 2 * MSS, 20000 + 2 * MSS);
        e.now += 20000;
        la_advance(e.stack, e.now);
        assert_in_range(bytes_sent(), 10000, 20000 + MSS);
}

/* At rates at which two segments take longer than that, as much as these. */
static void
at_low_rates_two_segments_are_made_good(void **state)
{
        (void)state;
        paced_at(1000000);
        keep_writing();
        begin_counting();
        assert_int_equal(bytes_sent(), 2 * MSS); /* the next are due in 2.92 ms */
        e.now = 1005500;
        la_advance(e.stack, e.now);
        assert_int_equal(bytes_sent(), 4 * MSS);
        acknowledge();
        e.now += 5000000;
        la_advance(e.stack, e.now);
        assert_int_equal(bytes_sent(), 4 * MSS);
        assert_int_equal(snapshot_now().tcp.pacing_wait_ms, 3);
}

/* ---- Settings ---- */

static void
another_rate_acts_at_once(void **state)
{
        (void)state;
        paced_at(2000);
        assert_int_equal(write_bytes(40 * MSS), 40 * MSS);
        begin_counting();
        assert_int_equal(bytes_sent(), 2 * MSS);
        assert_int_equal(snapshot_now().tcp.pacing_wait_ms, 1460);
        option(LA_OPTION_MAX_PACING_RATE, 1000000); /* the 2920 bytes take 2.92 ms instead */
        assert_int_equal(bytes_sent(), 0);
        assert_int_equal(la_deadline(e.stack), 1002000);
        assert_int_equal(next_burst(), 2 * MSS);
        option(LA_OPTION_MAX_PACING_RATE, 1000);
        assert_int_equal(bytes_sent(), 0);
        assert_int_equal(snapshot_now().tcp.pacing_wait_ms, 3840);
        option(LA_OPTION_MAX_PACING_RATE, 0);
        assert_int_equal(bytes_sent(), 36 * MSS);
        assert_int_equal(la_usage(e.stack).paced, 0);
}

static void
rates_and_what_is_none(void **state)
{
        (void)state;
        established();
        assert_int_equal(option_now(LA_OPTION_MAX_PACING_RATE), 0);
        assert_int_equal(option_now(LA_OPTION_PACING), -1);
        assert_false(snapshot_now().known & LA_KNOWN_PACING);
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_MAX_PACING_RATE, -1), LA_ERR_INVALID);
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_PACING, 2), LA_ERR_INVALID);
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_PACING, -2), LA_ERR_INVALID);
        option(LA_OPTION_MAX_PACING_RATE, INT64_MAX); /* as good as none */
        assert_int_equal(option_now(LA_OPTION_MAX_PACING_RATE), INT64_MAX);
        assert_int_equal(write_bytes(10 * MSS), 10 * MSS);
        begin_counting();
        assert_int_equal(bytes_sent(), 10 * MSS);
        acknowledge();
        option(LA_OPTION_MAX_PACING_RATE, 1);
        assert_int_equal(write_bytes(3 * MSS), 3 * MSS);
        assert_int_equal(bytes_sent(), 2 * MSS);
        assert_int_equal(snapshot_now().tcp.pacing_rate, 1);
        assert_int_equal(snapshot_now().tcp.pacing_wait_ms, 2 * MSS * 1000);
}

/* A connection that sends nothing any more would take a record for nothing, or forget what it was told. */
static void
who_has_nothing_to_send_any_more_has_no_ceiling(void **state)
{
        struct la_config c = usual_config();
        int64_t user = 1000;

        (void)state;
        fin_wait_2();
        seg("FA 1:1 ack 2");
        expect_state(LA_TIME_WAIT);
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_MAX_PACING_RATE, user),
                         LA_ERR_NOT_CONNECTED);
        assert_int_equal(option_now(LA_OPTION_MAX_PACING_RATE), 0);
        remake(&c);
        established();
        seg("R 1:1");
        expect_state(LA_CLOSED);
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_MAX_PACING_RATE, user),
                         LA_ERR_NOT_CONNECTED);
        option(LA_OPTION_PACING, 1);
        assert_int_equal(la_usage(e.stack).paced, 0);
}

static void
as_many_as_the_stack_was_made_for(void **state)
{
        struct la_config c = usual_config();

        (void)state;
        c.paced = 1;
        remake(&c);
        established();
        option(LA_OPTION_MAX_PACING_RATE, 5000);
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        struct la_handle first = e.connection;
        accept_it();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_MAX_PACING_RATE, 5000),
                         LA_ERR_NO_PACERS);
        assert_int_equal(option_now(LA_OPTION_MAX_PACING_RATE), 0);
        knob("lastack.max_pacing_rate", "1000"); /* nor has this an effect on it */
        assert_int_equal(la_usage(e.stack).paced, 1);
        assert_int_equal(la_abort(e.stack, e.now, first), LA_OK);
        option(LA_OPTION_MAX_PACING_RATE, 5000);
        assert_int_equal(la_usage(e.stack).paced, 1);
}

static void
children_inherit_the_ceiling(void **state)
{
        (void)state;
        listening();
        assert_int_equal(la_option_set(e.stack, e.now, e.listener, LA_OPTION_MAX_PACING_RATE, 1000000), LA_OK);
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(option_now(LA_OPTION_MAX_PACING_RATE), 1000000);
        assert_int_equal(write_bytes(5 * MSS), 5 * MSS);
        begin_counting();
        assert_int_equal(bytes_sent(), 2 * MSS);
}

static void
the_stacks_ceiling_is_everybodys(void **state)
{
        (void)state;
        knob("lastack.max_pacing_rate", "1000000");
        established();
        assert_int_equal(write_bytes(10 * MSS), 10 * MSS);
        begin_counting();
        assert_int_equal(bytes_sent(), 2 * MSS);
        assert_int_equal(snapshot_now().tcp.pacing_rate, 1000000);
        option(LA_OPTION_MAX_PACING_RATE, 2000000);
        assert_int_equal(snapshot_now().tcp.pacing_rate, 1000000);
        option(LA_OPTION_MAX_PACING_RATE, 500000);
        assert_int_equal(snapshot_now().tcp.pacing_rate, 500000);
        option(LA_OPTION_MAX_PACING_RATE, 0);
        knob("lastack.max_pacing_rate", "0"); /* live: who waits for it goes on */
        assert_int_equal(bytes_sent(), 8 * MSS);
        assert_false(snapshot_now().known & LA_KNOWN_PACING);
        assert_int_equal(la_usage(e.stack).paced, 0);
}

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
                engine_test(a_flow_keeps_to_a_low_rate),
                engine_test(a_flow_keeps_to_a_rate_between),
                engine_test(a_flow_keeps_to_a_high_rate),
                engine_test(a_long_run_is_exact),
                engine_test(the_deadline_is_when_the_next_may_leave),
                engine_test(who_waits_is_not_busy),
                engine_test(an_idle_connection_earns_a_millisecond),
                engine_test(a_late_call_is_made_good),
                engine_test(at_low_rates_two_segments_are_made_good),
                engine_test(another_rate_acts_at_once),
                engine_test(rates_and_what_is_none),
                engine_test(who_has_nothing_to_send_any_more_has_no_ceiling),
                engine_test(as_many_as_the_stack_was_made_for),
                engine_test(children_inherit_the_ceiling),
                engine_test(the_stacks_ceiling_is_everybodys),
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
