/* SPDX-License-Identifier: BSD-2-Clause */
/* Pacing (tcp/pacing.h) by a ceiling: how much leaves in what time, when it goes on, and how it is set. */
#include "pacing_words.h"

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
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
