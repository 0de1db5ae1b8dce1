/* SPDX-License-Identifier: BSD-2-Clause */
/* TIME_WAIT, and FIN_WAIT_2 without an owner: records, and what becomes of them. */
#include "engine.h"

/* A handle that is closed first: TIME_WAIT with timestamps at 1000. */
static void
time_wait_with_timestamps(void)
{
        char text[96];
        uint32_t ours;

        established_with("mss 1460 ts 1000 0");
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        ours = e.last.options.ts_value;
        snprintf(text, sizeof text, "FA 1:1 ack 2 ts 1001 %u", ours);
        seg(text);
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
}

/* Shows MUST-13. */
static void
must_13_handle_may_be_held(void **state)
{
        (void)state;
        fin_wait_2();
        seg("FPA 1:11 ack 2");
        expect_sent("A 2:2 ack 12");
        expect_state(LA_TIME_WAIT);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 1);
        assert_int_equal(read_bytes(), 10);
        after_ms(59999);
        expect_state(LA_TIME_WAIT);
        after_ms(1);
        expect_state(LA_CLOSED);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        assert_int_equal(la_usage(e.stack).connections, 0);
        assert_int_equal(la_usage(e.stack).orphans, 0);
}

/* Shows MAY-2. */
static void
may_2_higher_sequence_number_reopens(void **state)
{
        (void)state;
        uint32_t old_isn;

        time_wait();
        old_isn = e.our_isn;
        e.peer_isn += 100000;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        assert_true((int32_t)(e.our_isn - (old_isn + 2)) > 65535);
        expect_found(LA_SYN_RECEIVED);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
        seg("A 1:1 ack 1");
        accept_it();
        expect_state(LA_ESTABLISHED);
        assert_int_equal(la_usage(e.stack).time_wait4, 0);
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_RCV_SYN), 1);
}

/* Shows MAY-2. */
static void
lower_sequence_number_does_not(void **state)
{
        (void)state;
        time_wait();
        e.peer_isn -= 100000;
        seg("S 0:0 win 65535 mss 1460");
        e.peer_isn += 100000;
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
        expect_verdict(LA_V_SYN_CHALLENGED);
}

/* Shows SHLD-4. */
static void
shld_4_timestamps_reopen(void **state)
{
        (void)state;
        time_wait_with_timestamps();
        e.peer_isn -= 100000;
        seg("S 0:0 win 65535 mss 1460 ts 1001 0");
        e.peer_isn += 100000;
        expect_sent("A 2:2 ack 2");
        e.peer_isn -= 100000;
        seg("S 0:0 win 65535 mss 1460 ts 1002 0");
        expect_sent("SA 0:0 ack 1");
        expect_found(LA_SYN_RECEIVED);
}

static void
without_a_listener_nothing_reopens(void **state)
{
        (void)state;
        time_wait();
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        e.peer_isn += 100000;
        seg("S 0:0 win 65535 mss 1460");
        e.peer_isn -= 100000;
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
}

/* Shows MAY-2. */
static void
reopened_and_reset_goes_back_to_time_wait(void **state)
{
        (void)state;
        time_wait();
        after_ms(10000);
        e.peer_isn += 100000;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("R 1:1");
        expect_found(LA_TIME_WAIT);
        assert_int_equal(la_transition_count(e.stack, LA_T_SYN_RECEIVED_RCV_RST_REOPENED), 1);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 1);
        assert_int_equal(la_state_count(e.stack, LA_SYN_RECEIVED), 0);
        after_ms(50000);
        expect_gone();
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
}

static void
shadow_expires_before_the_handshake_ends(void **state)
{
        (void)state;
        time_wait();
        after_ms(59000);
        e.peer_isn += 100000;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        after_ms(1500);
        assert_int_equal(la_usage(e.stack).time_wait4, 0);
        seg("A 1:1 ack 1");
        accept_it();
        expect_state(LA_ESTABLISHED);
}

static void
cookie_in_time_wait(void **state)
{
        (void)state;
        knob("tcp_syncookies", "2");
        e.our_isn = 0;
        listening();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        seg("FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
        /* A cookie is no number that can be chosen: a SYN whose cookie is not ahead of the old numbers is dropped. */
        for (int tries = 0; e.sent_count == 0; tries++) {
                assert_true(tries < 50);
                e.peer_isn += 100000;
                seg("S 0:0 win 65535 mss 1460");
        }
        expect_sent("SA 0:0 ack 1");
        expect_found(LA_TIME_WAIT);
        seg("A 1:1 ack 1");
        expect_found(LA_ESTABLISHED);
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_RCV_COOKIE_ACK), 1);
        assert_int_equal(la_usage(e.stack).time_wait4, 0);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
        assert_int_equal(la_state_count(e.stack, LA_ESTABLISHED), 1);
}

static void
old_data_is_acknowledged(void **state)
{
        (void)state;
        time_wait();
        seg("PA 0:1 ack 2");
        expect_sent("A 2:2 ack 2");
        expect_verdict(LA_V_NOT_ACCEPTABLE);
        expect_found(LA_TIME_WAIT);
}

static void
an_orphans_record_answers(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        seg("A 1:1 ack 2");
        expect_found(LA_FIN_WAIT_2);
        seg("PA 1:11 ack 2");
        expect_sent("R 2:2");
        expect_gone();
        assert_int_equal(la_state_count(e.stack, LA_FIN_WAIT_2), 0);
        assert_int_equal(la_state_count(e.stack, LA_CLOSED), 0);
}

static void
max_tw_buckets_overflows(void **state)
{
        (void)state;
        struct la_config c = usual_config();

        c.time_wait4 = 2000;
        remake(&c);
        knob("net.ipv4.tcp_max_tw_buckets", "1024");
        listening();
        for (unsigned int i = 0; i < 1030; i++) {
                e.peer_port = (uint16_t)(1000 + i);
                seg("S 0:0 win 65535 mss 1460");
                expect_sent("SA 0:0 ack 1");
                seg("A 1:1 ack 1");
                accept_it();
                assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
                forget_sent();
                seg("FA 1:1 ack 2");
                expect_sent("A 2:2 ack 2");
        }
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 1024);
        assert_int_equal(counted(LA_C_TCPTimeWaitOverflow), 6);
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_OVERFLOW), 6);
        assert_int_equal(la_usage(e.stack).connections, 0);
        expect_gone();
        after_ms(60000);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
}

static void
abort_that_keeps_the_wait(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_abort_and_wait(e.stack, e.now, e.connection), LA_OK);
        expect_sent("RA 1:1 ack 1");
        expect_found(LA_TIME_WAIT);
        assert_int_equal(la_transition_count(e.stack, LA_T_ESTABLISHED_ABORT_TIME_WAIT), 1);
        assert_int_equal(la_usage(e.stack).connections, 0);
        after_ms(60000);
        expect_gone();
}

static void
abort_of_a_wait(void **state)
{
        (void)state;
        fin_wait_2();
        seg("FA 1:1 ack 2");
        forget_sent();
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        expect_nothing_sent();
        expect_gone();
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
        assert_int_equal(la_usage(e.stack).connections, 0);
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_ABORT), 1);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(must_13_handle_may_be_held),
                engine_test(may_2_higher_sequence_number_reopens),
                engine_test(lower_sequence_number_does_not),
                engine_test6(lower_sequence_number_does_not),
                engine_test(shld_4_timestamps_reopen),
                engine_test(without_a_listener_nothing_reopens),
                engine_test(reopened_and_reset_goes_back_to_time_wait),
                engine_test(shadow_expires_before_the_handshake_ends),
                engine_test(cookie_in_time_wait),
                engine_test(old_data_is_acknowledged),
                engine_test(an_orphans_record_answers),
                engine_test6(an_orphans_record_answers),
                engine_test(max_tw_buckets_overflows),
                engine_test(abort_that_keeps_the_wait),
                engine_test(abort_of_a_wait),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
