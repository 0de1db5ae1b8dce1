/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules of TIME_WAIT, one test each, named by the rule.
 *
 *      RFC 9293 3.6.1, 3.10.7.4, 3.10.8   it lasts 2 MSL, and anew from a FIN that comes again
 *      RFC 1122 4.2.2.13                  a SYN ahead of the old numbers may open it anew
 *      RFC 6191 2                         so may one with a later timestamp: its seven cases
 *      RFC 1337 3                         a reset does not end it, if tcp_rfc1337 says so
 *      RFC 7323 5                         what is older than its last timestamp is refused (PAWS)
 *      Linux                              tcp_max_tw_buckets, tcp_fin_timeout, tcp_tw_recycle; tcp_tw_reuse and its delay
 *                                         in test_engine_reuse.c; and what Linux does not let one set, its length
 */
#include "engine.h"

/* We close first; the peer's clock stands at 1000 in its FIN, if there are timestamps. */
static void
waiting(bool timestamps)
{
        char text[96] = "FA 1:1 ack 2";

        established_with(timestamps ? "mss 1460 ts 1000 0" : "mss 1460");
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        if (timestamps)
                snprintf(text, sizeof text, "FA 1:1 ack 2 ts 1000 %u", e.last.options.ts_value);
        seg(text);
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
}

/* A SYN whose number is so far ahead of the number behind the peer's FIN. */
static void
syn(int32_t ahead, const char *options)
{
        char text[96];

        snprintf(text, sizeof text, "S %u:%u win 65535 mss 1460 %s", (uint32_t)(2 + ahead), (uint32_t)(2 + ahead),
                 options);
        seg(text);
}

static void
expect_reopened(void)
{
        uint32_t old_isn = e.our_isn;

        collect();
        assert_int_equal(e.sent_count, 1);
        forget_sent();
        expect_found(LA_SYN_RECEIVED);
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_RCV_SYN), 1);
        assert_int_equal(e.our_isn, old_isn);
}

/* RFC 6191 has it dropped in silence; RFC 5961 4, which came later, has each SYN answered. */
static void
expect_refused(void)
{
        expect_sent("A 2:2 ack 2");
        expect_verdict(LA_V_SYN_CHALLENGED);
        expect_found(LA_TIME_WAIT);
}

/* ---- 2 MSL ---- */

/* Shows MUST-13. */
static void
rfc_9293_must_13_lasts_two_msl(void **state)
{
        (void)state;
        waiting(false);
        after_ms(59999);
        expect_found(LA_TIME_WAIT);
        after_ms(1);
        expect_gone();
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_TIMEOUT), 1);
        assert_int_equal(la_usage(e.stack).time_wait4, 0);
}

/* Shows MUST-13. */
static void
rfc_9293_fin_again_is_acknowledged_and_begins_two_msl_anew(void **state)
{
        (void)state;
        waiting(false);
        after_ms(50000);
        seg("FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2");
        expect_verdict(LA_V_TIME_WAIT_FIN);
        after_ms(59999);
        expect_found(LA_TIME_WAIT);
        after_ms(1);
        expect_gone();
        assert_int_equal(counted(LA_C_TW), 1); /* one record */
}

/* Only that one: nothing else that arrives prolongs the wait. */
static void
rfc_9293_nothing_but_a_fin_begins_it_anew(void **state)
{
        (void)state;
        waiting(false);
        after_ms(50000);
        seg("PA 1:1 ack 2");
        seg("PA 0:1 ack 2");
        seg("FA 100:100 ack 2");
        seg("A 2:2 ack 2");
        seg("S 1:1 win 65535");
        seg("R 100:100");
        after_ms(9999);
        expect_found(LA_TIME_WAIT);
        after_ms(1);
        expect_gone();
}

static void
length_can_be_set_for_those_who_wait_already(void **state)
{
        (void)state;
        waiting(false);
        after_ms(5000);
        knob("lastack.time_wait_ms", "240000"); /* RFC 9293's 2 MSL */
        after_ms(234999);
        expect_found(LA_TIME_WAIT);
        after_ms(1);
        expect_gone();
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        e.peer_port++;
        waiting(false);
        knob("lastack.time_wait_ms", "1000");
        after_ms(1000);
        expect_gone();
}

/* ---- Opening it anew ---- */

/* Shows MAY-2. */
static void
rfc_1122_4_2_2_13_a_higher_sequence_number_reopens(void **state)
{
        (void)state;
        waiting(false);
        syn(0, ""); /* the first number that the old connection has not used */
        expect_reopened();
}

static void
rfc_1122_4_2_2_13_a_used_sequence_number_does_not(void **state)
{
        (void)state;
        waiting(false);
        syn(-1, "");
        expect_refused();
}

static void
rfc_1122_4_2_2_13_our_number_is_ahead_of_the_old_ones(void **state)
{
        (void)state;
        uint32_t used;

        waiting(false);
        used = e.our_isn + 2;
        syn(100000, "");
        expect_sent("SA 0:0");
        assert_true((int32_t)(e.our_isn - used) > 65535); /* beyond the largest window it could have offered */
}

/* Shows SHLD-4. */
static void
rfc_6191_both_with_timestamps_a_later_one_reopens(void **state)
{
        (void)state;
        waiting(true);
        syn(-100000, "ts 1001 0"); /* whatever the sequence number */
        expect_reopened();
}

static void
rfc_6191_both_with_timestamps_the_same_needs_a_higher_number(void **state)
{
        (void)state;
        waiting(true);
        syn(-1, "ts 1000 0");
        expect_refused();
        syn(0, "ts 1000 0");
        expect_reopened();
}

static void
rfc_6191_both_with_timestamps_an_earlier_one_does_not(void **state)
{
        (void)state;
        waiting(true);
        syn(100000, "ts 999 0");
        expect_refused();
}

static void
rfc_6191_only_the_old_with_timestamps_needs_a_higher_number(void **state)
{
        (void)state;
        waiting(true);
        syn(-1, "");
        expect_refused();
        syn(0, "");
        expect_reopened();
}

static void
rfc_6191_only_the_new_with_timestamps_reopens(void **state)
{
        (void)state;
        waiting(false);
        syn(-100000, "ts 5 0");
        expect_reopened();
}

/* "TCP Timestamps would be enabled" says of both ends. */
static void
rfc_6191_timestamps_that_are_off_here_do_not_count(void **state)
{
        (void)state;
        waiting(true);
        knob("tcp_timestamps", "0");
        syn(-1, "ts 5000 0");
        expect_refused();
        syn(0, "ts 1 0");
        expect_reopened();
}

static void
rfc_6191_neither_with_timestamps_needs_a_higher_number(void **state)
{
        (void)state;
        waiting(false);
        syn(-1, "");
        expect_refused();
        syn(0, "");
        expect_reopened();
}

static void
rfc_1337_a_reset_does_not_end_it(void **state)
{
        (void)state;
        waiting(false);
        knob("tcp_rfc1337", "1");
        seg("R 2:2");
        seg("RA 2:2 ack 2");
        expect_nothing_sent();
        expect_verdict(LA_V_RST_TIME_WAIT);
        expect_found(LA_TIME_WAIT);
        after_ms(59999);
        expect_found(LA_TIME_WAIT); /* nor prolongs it */
        after_ms(1);
        expect_gone();
}

static void
rfc_1337_off_a_reset_ends_it(void **state)
{
        (void)state;
        waiting(false);
        seg("R 3:3"); /* not exact (RFC 5961 3.2) */
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
        seg("R 2:2");
        expect_nothing_sent();
        expect_gone();
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_RCV_RST), 1);
}

static void
rfc_7323_paws_refuses_what_is_older(void **state)
{
        (void)state;
        waiting(true);
        seg("FA 1:1 ack 2 ts 999 0"); /* not even the FIN: it is an older sending of it */
        expect_sent("A 2:2 ack 2");
        expect_verdict(LA_V_PAWS);
        assert_int_equal(counted(LA_C_PAWSTimewait), 1);
        after_ms(50000);
        seg("FA 1:1 ack 2 ts 1001 0");
        expect_sent("A 2:2 ack 2");
        expect_verdict(LA_V_TIME_WAIT_FIN);
        assert_int_equal(counted(LA_C_PAWSEstab), 0);
}

/* The record is not made; that is counted, and told to whoever holds the connection and to the trace. */
static void
tcp_max_tw_buckets_overflow_is_counted_and_told(void **state)
{
        (void)state;
        struct la_trace t;
        bool traced = false;

        knob("tcp_max_tw_buckets", "0");
        fin_wait_2();
        events_now();
        seg("FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2"); /* the last acknowledgment leaves all the same */
        expect_gone();
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().came_by, LA_T_TIME_WAIT_OVERFLOW);
        assert_true(events_now() & LA_HAPPENED_CLOSED);
        assert_int_equal(counted(LA_C_TCPTimeWaitOverflow), 1);
        assert_int_equal(counted(LA_C_TW), 0);
        assert_int_equal(la_usage(e.stack).time_wait4, 0);
        while (la_next_trace(e.stack, &t))
                traced |= t.kind == LA_TRACE_TRANSITION && t.transition == LA_T_TIME_WAIT_OVERFLOW;
        assert_true(traced);
}

/* So is an orphan in FIN_WAIT_2, which is a record too. */
static void
tcp_max_tw_buckets_counts_fin_wait_2(void **state)
{
        (void)state;
        knob("tcp_max_tw_buckets", "1");
        waiting(false);
        e.peer_port++;
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        forget_sent();
        seg("A 1:1 ack 2");
        expect_gone();
        assert_int_equal(counted(LA_C_TCPTimeWaitOverflow), 1);
        assert_int_equal(la_transition_count(e.stack, LA_T_FIN_WAIT_2_OVERFLOW), 1);
}

static void
tcp_fin_timeout_ends_a_compact_orphan(void **state)
{
        (void)state;
        knob("tcp_fin_timeout", "10");
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        seg("A 1:1 ack 2");
        expect_found(LA_FIN_WAIT_2);
        assert_int_equal(la_usage(e.stack).connections, 0);
        assert_int_equal(la_usage(e.stack).time_wait4, 1);
        after_ms(9999);
        expect_found(LA_FIN_WAIT_2);
        after_ms(1);
        expect_gone();
        assert_int_equal(la_transition_count(e.stack, LA_T_FIN_WAIT_2_TIMEOUT), 1);
}

static void
tcp_fin_timeout_does_not_shorten_time_wait(void **state)
{
        (void)state;
        knob("tcp_fin_timeout", "5");
        waiting(false);
        after_ms(59999);
        expect_found(LA_TIME_WAIT);
}

/* The orphan's record goes on to TIME_WAIT, and waits there as long as any. */
static void
tcp_fin_timeout_gives_way_to_time_wait(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        forget_sent();
        seg("A 1:1 ack 2");
        after_ms(59000);
        seg("FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
        after_ms(59999);
        expect_found(LA_TIME_WAIT);
        after_ms(1);
        expect_gone();
}

static void
tcp_tw_recycle_shortens_it_where_there_are_timestamps(void **state)
{
        (void)state;
        knob("tcp_tw_recycle", "1"); /* insists */
        waiting(true);
        after_ms(700);
        expect_gone();
        e.peer_port++;
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        after_ms(60000); /* or the SYN without timestamps would be refused */
        waiting(false);
        after_ms(59999);
        expect_found(LA_TIME_WAIT);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(rfc_9293_must_13_lasts_two_msl),
                engine_test6(rfc_9293_must_13_lasts_two_msl),
                engine_test(rfc_9293_fin_again_is_acknowledged_and_begins_two_msl_anew),
                engine_test6(rfc_9293_fin_again_is_acknowledged_and_begins_two_msl_anew),
                engine_test(rfc_9293_nothing_but_a_fin_begins_it_anew),
                engine_test(length_can_be_set_for_those_who_wait_already),
                engine_test(rfc_1122_4_2_2_13_a_higher_sequence_number_reopens),
                engine_test(rfc_1122_4_2_2_13_a_used_sequence_number_does_not),
                engine_test(rfc_1122_4_2_2_13_our_number_is_ahead_of_the_old_ones),
                engine_test(rfc_6191_both_with_timestamps_a_later_one_reopens),
                engine_test(rfc_6191_both_with_timestamps_the_same_needs_a_higher_number),
                engine_test(rfc_6191_both_with_timestamps_an_earlier_one_does_not),
                engine_test(rfc_6191_only_the_old_with_timestamps_needs_a_higher_number),
                engine_test(rfc_6191_only_the_new_with_timestamps_reopens),
                engine_test(rfc_6191_timestamps_that_are_off_here_do_not_count),
                engine_test(rfc_6191_neither_with_timestamps_needs_a_higher_number),
                engine_test(rfc_1337_a_reset_does_not_end_it),
                engine_test(rfc_1337_off_a_reset_ends_it),
                engine_test(rfc_7323_paws_refuses_what_is_older),
                engine_test(tcp_max_tw_buckets_overflow_is_counted_and_told),
                engine_test(tcp_max_tw_buckets_counts_fin_wait_2),
                engine_test(tcp_fin_timeout_ends_a_compact_orphan),
                engine_test(tcp_fin_timeout_does_not_shorten_time_wait),
                engine_test(tcp_fin_timeout_gives_way_to_time_wait),
                engine_test(tcp_tw_recycle_shortens_it_where_there_are_timestamps),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
