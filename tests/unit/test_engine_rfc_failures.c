/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9293 3.8.3 and 3.8.4: a peer that does not answer any more.  R1 is tcp_retries1, R2 tcp_retries2. */
#include "engine.h"

static void
option(enum la_option which, int64_t value)
{
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, which, value), LA_OK);
}

/* ---- R1 and R2 ---- */

/* Shows MUST-20, MUST-47, SHLD-9, SHLD-10. */
static void
at_r1_the_program_is_told_and_nothing_ends(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(10), 10);
        events_now();
        after_ms(200 + 400);
        assert_false(events_now() & LA_HAPPENED_SOFT_ERROR); /* two retransmissions */
        assert_int_equal(status_now().soft_error, LA_OK);
        after_ms(800);
        assert_true(events_now() & LA_HAPPENED_SOFT_ERROR);
        assert_int_equal(status_now().soft_error, LA_ERR_TIMED_OUT);
        expect_state(LA_ESTABLISHED);
        seg("A 1:1 ack 11");
        assert_int_equal(status_now().soft_error, LA_OK); /* the trouble is over */
}

/* Shows MUST-20, SHLD-11. */
static void
r2_lasts_longer_than_100_seconds_and_then_closes(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(10), 10);
        after_ms(100000);
        forget_sent();
        expect_state(LA_ESTABLISHED);
        after_ms(1000000);
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_ERR_TIMED_OUT);
        assert_int_equal(status_now().came_by, LA_T_ESTABLISHED_GIVE_UP);
}

/* Shows MUST-21. */
static void
r2_can_be_set_for_one_connection(void **state)
{
        (void)state;
        struct la_handle patient, usual;
        struct la_status s;

        established();
        patient = e.connection;
        option(LA_OPTION_USER_TIMEOUT, 24 * 3600 * 1000);
        assert_int_equal(write_bytes(10), 10);
        e.peer_port++;
        forget_sent();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        usual = e.connection;
        assert_int_equal(write_bytes(10), 10);

        for (int i = 0; i < 23; i++) {
                after_ms(3600 * 1000);
                forget_sent();
        }
        assert_int_equal(la_status(e.stack, e.now, usual, &s), LA_OK);
        assert_int_equal(s.state, LA_CLOSED);
        assert_int_equal(la_status(e.stack, e.now, patient, &s), LA_OK);
        assert_int_equal(s.state, LA_ESTABLISHED);
        after_ms(3600 * 1000);
        assert_int_equal(la_status(e.stack, e.now, patient, &s), LA_OK);
        assert_int_equal(s.state, LA_CLOSED);
        assert_int_equal(s.came_by, LA_T_ESTABLISHED_USER_TIMEOUT);
}

/* ---- The same for a SYN ---- */

/* Shows MUST-22. */
static void
a_syn_without_answer_is_told_of_and_given_up(void **state)
{
        (void)state;
        knob("tcp_syn_retries", "4");
        connecting();
        after_ms(1000 + 2000);
        assert_false(events_now() & LA_HAPPENED_SOFT_ERROR);
        after_ms(4000);
        assert_true(events_now() & LA_HAPPENED_SOFT_ERROR);
        assert_int_equal(status_now().soft_error, LA_ERR_TIMED_OUT);
        expect_state(LA_SYN_SENT);
        after_ms(8000 + 16000);
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_ERR_TIMED_OUT);
        assert_true(events_now() & LA_HAPPENED_ERROR);
}

/* Shows MUST-23. */
static void
three_minutes_for_a_syn_can_be_had(void **state)
{
        (void)state;
        connecting();
        after_ms(180000);
        expect_state(LA_CLOSED); /* as Linux: tcp_syn_retries 6 are 127 seconds */

        knob("tcp_syn_retries", "7");
        forget_sent();
        connecting();
        after_ms(180000);
        expect_state(LA_SYN_SENT);
        after_ms(60000);
        expect_state(LA_SYN_SENT);
        after_ms(60000);
        expect_state(LA_CLOSED);
}

/* Shows MUST-23. */
static void
three_minutes_for_a_syn_ack_can_be_had(void **state)
{
        (void)state;
        knob("tcp_synack_retries", "7");
        half_open();
        after_ms(180000);
        expect_found(LA_SYN_RECEIVED);
        after_ms(80000);
        expect_gone();
}

/* ---- Keepalive ---- */

/* Shows MAY-5, MUST-24, MUST-25, MUST-28. */
static void
keepalive_is_off_and_two_hours_when_it_is_on(void **state)
{
        (void)state;
        established();
        after_ms(24 * 3600 * 1000);
        expect_nothing_sent();
        expect_state(LA_ESTABLISHED);
        option(LA_OPTION_KEEPALIVE, 1);
        seg("A 1:1 ack 1");
        forget_sent();
        after_ms(7200 * 1000 - 1);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 0:0 ack 1");
        seg("A 1:1 ack 1");
        option(LA_OPTION_KEEPALIVE, 0);
        after_ms(24 * 3600 * 1000);
        expect_nothing_sent();
}

/* Shows MUST-27. */
static void
the_interval_is_for_host_and_program_to_set(void **state)
{
        (void)state;
        knob("tcp_keepalive_time", "500");
        established();
        option(LA_OPTION_KEEPALIVE, 1);
        after_ms(499999);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 0:0 ack 1");
        seg("A 1:1 ack 1");
        option(LA_OPTION_KEEPALIVE_TIME, 30);
        after_ms(29999);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 0:0 ack 1");
}

/* The first probe may be late: the connection was silent for long when keepalive was asked for, or nobody called the stack
 * in time.  Each still has its interval to be answered.  Shows MUST-29. */
static void
a_late_probe_is_waited_for_like_any_other(void **state)
{
        (void)state;
        established();
        after_ms(24 * 3600 * 1000);
        option(LA_OPTION_KEEPALIVE, 1);
        after_ms(1);
        expect_sent("A 0:0 ack 1");
        expect_nothing_sent();
        assert_int_equal(snapshot_now().timer_ms, 74999);
        option(LA_OPTION_KEEPALIVE_TIME, 100); /* nor does a change hurry it */
        after_ms(74998);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 0:0 ack 1");
        e.now += UINT64_C(7200) * 1000000; /* the program was busy */
        after_ms(1);
        expect_sent("A 0:0 ack 1");
        expect_nothing_sent();
        expect_state(LA_ESTABLISHED);
        after_ms(6 * 75000 + 1000);
        assert_int_equal(count_sent(), 6);
        expect_state(LA_ESTABLISHED);
        after_ms(75000);
        expect_sent("RA 1:1 ack 1");
}

/* Shows MUST-26. */
static void
keepalive_waits_for_silence(void **state)
{
        (void)state;
        established();
        option(LA_OPTION_KEEPALIVE, 1);
        option(LA_OPTION_KEEPALIVE_TIME, 100);
        after_ms(60000);
        seg("PA 1:11 ack 1"); /* data has come */
        after_ms(60000);
        expect_sent("A 1:1 ack 11");
        expect_nothing_sent();
        seg("A 11:11 ack 1"); /* an acknowledgment has */
        after_ms(60000);
        expect_nothing_sent();
        assert_int_equal(write_bytes(10), 10); /* data of ours is on its way, and watched by another timer */
        after_ms(200000);
        while (e.sent_count > 0)
                expect_sent("PA 1:11 ack 11");
        assert_int_equal(counted(LA_C_TCPKeepAlive), 0);
        seg("A 11:11 ack 11");
        after_ms(100000);
        expect_sent("A 10:10 ack 11");
        assert_int_equal(counted(LA_C_TCPKeepAlive), 1);
}

/* Shows MUST-29, SHLD-12. */
static void
one_probe_without_answer_proves_nothing(void **state)
{
        (void)state;
        established();
        option(LA_OPTION_KEEPALIVE, 1);
        for (int round = 0; round < 3; round++) {
                after_ms(7200 * 1000);
                for (int i = 0; i < 8; i++) {
                        expect_sent("A 0:0 ack 1"); /* no garbage octet */
                        after_ms(75000);
                }
                expect_sent("A 0:0 ack 1");
                expect_state(LA_ESTABLISHED);
                seg("A 1:1 ack 1"); /* the ninth is answered: all is well */
        }
        after_ms(7200 * 1000 + 9 * 75000 - 1);
        expect_state(LA_ESTABLISHED);
        after_ms(1);
        expect_state(LA_CLOSED);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(at_r1_the_program_is_told_and_nothing_ends),
                engine_test(r2_lasts_longer_than_100_seconds_and_then_closes),
                engine_test(r2_can_be_set_for_one_connection),
                engine_test(a_syn_without_answer_is_told_of_and_given_up),
                engine_test(three_minutes_for_a_syn_can_be_had),
                engine_test(three_minutes_for_a_syn_ack_can_be_had),
                engine_test(keepalive_is_off_and_two_hours_when_it_is_on),
                engine_test(the_interval_is_for_host_and_program_to_set),
                engine_test(a_late_probe_is_waited_for_like_any_other),
                engine_test(keepalive_waits_for_silence),
                engine_test(one_probe_without_answer_proves_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
