/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens when an answer does not come: delay, repetition, probes, giving up. */
#include "engine.h"

static void
cork_holds_200_ms(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_CORK, 1), LA_OK);
        assert_int_equal(write_bytes(10), 10);
        expect_nothing_sent();
        after_ms(199);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("PA 1:11 ack 1");
        seg("A 1:1 ack 11");
        assert_int_equal(write_bytes(10), 10);
        expect_nothing_sent();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_CORK, 0), LA_OK);
        expect_sent("PA 11:21 ack 1");
}

/* Shows MUST-18, MUST-19. */
static void
must_18_timeouts_back_off(void **state)
{
        (void)state;
        uint32_t wait = 200;

        established();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        for (int i = 0; i < 6; i++) {
                after_ms(wait - 1);
                expect_nothing_sent();
                after_ms(1);
                expect_sent("PA 1:11 ack 1");
                wait *= 2;
        }
        assert_int_equal(counted(LA_C_RetransSegs), 6);
        assert_int_equal(counted(LA_C_TCPTimeouts), 6);
        seg("A 1:1 ack 11");
        after_ms(1000000);
        expect_nothing_sent();
}

/* Shows MUST-20. */
static void
must_20_gives_up_after_retries2(void **state)
{
        (void)state;
        established();
        knob("tcp_retries2", "4");
        assert_int_equal(write_bytes(10), 10);
        for (int i = 0; i < 5; i++)
                expect_sent("PA 1:11 ack 1"), after_ms(200u << i);
        after_ms(10);
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_ERR_TIMED_OUT);
        assert_int_equal(status_now().came_by, LA_T_ESTABLISHED_GIVE_UP);
        assert_int_equal(counted(LA_C_TCPAbortOnTimeout), 1);
        assert_int_equal(la_usage(e.stack).chunks, 0);
}

/* Shows MUST-21. */
static void
must_21_user_timeout(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_USER_TIMEOUT, 5000), LA_OK);
        assert_int_equal(write_bytes(10), 10);
        after_ms(4999);
        expect_state(LA_ESTABLISHED);
        after_ms(1);
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().came_by, LA_T_ESTABLISHED_USER_TIMEOUT);
}

/* Shows MUST-22. */
static void
syn_is_repeated_and_given_up(void **state)
{
        (void)state;
        connecting();
        knob("net.ipv4.tcp_syn_retries", "2");
        after_ms(1000);
        expect_sent("S 0:0");
        after_ms(2000);
        expect_sent("S 0:0");
        after_ms(4000);
        expect_nothing_sent();
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_ERR_TIMED_OUT);
}

/* Shows MUST-36, SHLD-29, SHLD-30. */
static void
must_36_zero_window_is_probed(void **state)
{
        (void)state;
        established();
        seg("A 1:1 ack 1 win 0");
        assert_int_equal(write_bytes(10), 10);
        expect_nothing_sent();
        after_ms(200);
        expect_sent("A 0:0 ack 1");
        seg("A 1:1 ack 1 win 0");
        after_ms(400);
        expect_sent("A 0:0 ack 1");
        seg("A 1:1 ack 1 win 100");
        expect_sent("PA 1:11 ack 1");
        assert_int_equal(counted(LA_C_TCPWinProbe), 2);
}

/* Shows MUST-37. */
static void
must_37_a_window_may_stay_closed_for_ever(void **state)
{
        (void)state;
        established();
        seg("A 1:1 ack 1 win 0");
        assert_int_equal(write_bytes(10), 10);
        for (int i = 0; i < 60; i++) {
                after_ms(130000);
                forget_sent();
                seg("A 1:1 ack 1 win 0");
        }
        expect_state(LA_ESTABLISHED);
        for (int i = 0; i < 60; i++)
                after_ms(130000), forget_sent();
        expect_state(LA_CLOSED);
}

/* Shows SHLD-18. */
static void
shld_18_acks_are_delayed(void **state)
{
        (void)state;
        established();
        seg("PA 1:11 ack 1");
        expect_nothing_sent();
        after_ms(39);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 1:1 ack 11");
        assert_int_equal(counted(LA_C_DelayedACKs), 1);
        assert_int_equal(read_bytes(), 10);
        seg("PA 11:21 ack 1");
        assert_int_equal(write_bytes(5), 5);
        expect_sent("PA 1:6 ack 21"); /* carried by data */
        after_ms(100);
        expect_nothing_sent();
}

static void
three_duplicates_are_a_loss(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(14600), 14600);
        forget_sent();
        seg("A 1:1 ack 1461");
        forget_sent();
        seg("A 1:1 ack 1461");
        seg("A 1:1 ack 1461");
        expect_nothing_sent();
        seg("A 1:1 ack 1461");
        expect_sent("A 1461:2921 ack 1");
        assert_int_equal(counted(LA_C_TCPFastRetrans), 1);
        /* RFC 6582: a partial acknowledgment is the next hole. */
        seg("A 1:1 ack 4381");
        expect_sent("A 4381:5841 ack 1");
        seg("A 1:1 ack 14601");
        expect_nothing_sent();
        assert_true(snapshot_now().tcp.ssthresh <= 5);
}

static void
go_back_after_a_timeout(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(5840), 5840);
        forget_sent();
        after_ms(200);
        expect_sent("A 1:1461 ack 1");
        expect_nothing_sent(); /* one segment: RFC 5681 3.1 */
        seg("A 1:1 ack 1461");
        expect_sent("A 1461:2921 ack 1");
        expect_sent("A 2921:4381 ack 1");
        seg("A 1:1 ack 5841");
        expect_nothing_sent();
}

/* Shows MUST-24, MUST-25, MUST-28, SHLD-12. */
static void
must_24_keepalive(void **state)
{
        (void)state;
        established();
        after_ms(3 * 7200 * 1000);
        expect_nothing_sent(); /* MUST-25: off */
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_KEEPALIVE, 1), LA_OK);
        forget_sent();
        seg("A 1:1 ack 1");
        forget_sent();
        after_ms(7200 * 1000 - 1);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 0:0 ack 1"); /* SHLD-12: no data */
        seg("A 1:1 ack 1");
        after_ms(7200 * 1000);
        for (int i = 0; i < 9; i++) {
                expect_sent("A 0:0 ack 1");
                after_ms(75000);
        }
        expect_sent("RA 1:1 ack 1");
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().came_by, LA_T_ESTABLISHED_KEEPALIVE_TIMEOUT);
}

static void
linger_zero_resets(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_LINGER, 0), LA_OK);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("RA 1:1 ack 1");
        expect_gone();
}

static void
linger_waits_and_resets(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_LINGER, 3), LA_OK);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        after_ms(2999);
        forget_sent();
        expect_found(LA_FIN_WAIT_1);
        after_ms(1);
        expect_sent("RA 2:2 ack 1");
        expect_gone();
        assert_int_equal(counted(LA_C_TCPAbortOnLinger), 1);
        assert_int_equal(la_usage(e.stack).orphans, 0);
}

static void
orphans_give_up_sooner(void **state)
{
        (void)state;
        established();
        knob("tcp_orphan_retries", "2");
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        after_ms(10000);
        forget_sent();
        expect_gone();
        assert_int_equal(la_usage(e.stack).connections, 0);
        assert_int_equal(la_state_count(e.stack, LA_FIN_WAIT_1), 0);
}

/* What filled the segment leaves before the cork's time is over, and has a time of its own to be acknowledged in. */
static void
a_corks_end_is_no_retransmission_timeout(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_CORK, 1), LA_OK);
        assert_int_equal(write_bytes(10), 10);
        after_ms(190);
        expect_nothing_sent();
        assert_int_equal(write_bytes(1450), 1450);
        expect_sent("PA 1:1461 ack 1");
        after_ms(199);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("PA 1:1461 ack 1");
}

/* Who closes before the connection is established and reads on has a connection all the same. */
static void
keepalive_watches_who_closed_in_syn_received(void **state)
{
        (void)state;
        connecting();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_KEEPALIVE, 1), LA_OK);
        seg("S 0:0 win 65535 mss 1460"); /* both have opened */
        expect_sent("SA 0:0 ack 1");
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        seg("A 1:1 ack 2");
        expect_state(LA_FIN_WAIT_2);
        after_ms(7200 * 1000);
        expect_sent("A 1:1 ack 1");
        for (int i = 0; i < 8; i++) {
                after_ms(75000);
                expect_sent("A 1:1 ack 1");
        }
        after_ms(75000);
        expect_sent("RA 2:2 ack 1");
        assert_int_equal(status_now().error, LA_ERR_TIMED_OUT);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(cork_holds_200_ms),
                engine_test(keepalive_watches_who_closed_in_syn_received),
                engine_test(a_corks_end_is_no_retransmission_timeout),
                engine_test(must_18_timeouts_back_off),
                engine_test(must_20_gives_up_after_retries2),
                engine_test(must_21_user_timeout),
                engine_test(syn_is_repeated_and_given_up),
                engine_test(must_36_zero_window_is_probed),
                engine_test(must_37_a_window_may_stay_closed_for_ever),
                engine_test(shld_18_acks_are_delayed),
                engine_test(three_duplicates_are_a_loss),
                engine_test(go_back_after_a_timeout),
                engine_test(must_24_keepalive),
                engine_test(linger_zero_resets),
                engine_test(linger_waits_and_resets),
                engine_test(orphans_give_up_sooner),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
