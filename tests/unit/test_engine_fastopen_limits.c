/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP Fast Open for servers: how what was let in ends, and how much of it there may be (RFC 7413 4.2, 5.1). */
#include "engine_fastopen.h"

/* ---- Ends before the handshake is complete ---- */

static void
a_reset_is_told(void **state)
{
        (void)state;
        let_in();
        seg("R 101:101");
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_ERR_RESET);
        assert_int_equal(status_now().came_by, LA_T_SYN_RECEIVED_RCV_RST_FAST_OPEN);
        assert_true(events_now() & LA_HAPPENED_ERROR);
        expect_count(LA_C_AttemptFails, 2); /* peer_gets_cookie() */
}

static void
a_fin_in_the_syn(void **state)
{
        (void)state;
        fast_listening(16);
        peer_gets_cookie();
        fast_seg("SF 0:100");
        expect_sent("SA 0:0 ack 102");
        accept_it();
        expect_state(LA_CLOSE_WAIT);
        assert_int_equal(status_now().came_by, LA_T_SYN_RECEIVED_RCV_FIN);
        assert_int_equal(read_bytes(), 100);
        assert_int_equal(write_bytes(50), 50);
        expect_sent("PA 1:51 ack 102");
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 51:51 ack 102");
        seg("A 102:102 ack 52");
        expect_gone();
        assert_int_equal(la_usage(e.stack).connections, 0);
}

static void
keepalive_begins_with_the_handshakes_end(void **state)
{
        (void)state;
        fast_listening(16);
        assert_int_equal(la_option_set(e.stack, e.now, e.listener, LA_OPTION_KEEPALIVE, 1), LA_OK);
        assert_int_equal(la_option_set(e.stack, e.now, e.listener, LA_OPTION_KEEPALIVE_TIME, 10), LA_OK);
        peer_gets_cookie();
        fast_seg("SF 0:100");
        forget_sent();
        accept_it();
        seg("A 102:102 ack 1");
        after_ms(10000);
        expect_sent("A 0:0 ack 102");
}

/* SHLD-3. */
static void
closing_without_reading_resets(void **state)
{
        (void)state;
        let_in();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("RA 1:1 ack 101");
        expect_gone();
        assert_int_equal(la_transition_count(e.stack, LA_T_SYN_RECEIVED_CLOSE_UNREAD), 1);
}

static void
closing_after_reading_sends_fin(void **state)
{
        (void)state;
        let_in();
        assert_int_equal(read_bytes(), 100);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 101");
        expect_found(LA_FIN_WAIT_1);
        seg("FA 101:101 ack 2");
        expect_sent("A 2:2 ack 102");
        expect_found(LA_TIME_WAIT);
}

static void
our_syn_goes_again_after_closing_too(void **state)
{
        (void)state;
        let_in();
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 101");
        expect_state(LA_FIN_WAIT_1);
        after_ms(1000);
        expect_sent("SA 0:0 ack 101");
        expect_nothing_sent();
        expect_count(LA_C_TCPSynRetrans, 1);
        seg("A 101:101 ack 1");
        expect_sent("FA 1:1 ack 101");
}

static void
one_aborted_that_waits_makes_room(void **state)
{
        (void)state;
        fast_listening(1);
        peer_gets_cookie();
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101");
        accept_it();
        assert_int_equal(la_abort_and_wait(e.stack, e.now, e.connection), LA_OK);
        expect_sent("RA 1:1 ack 101");
        expect_found(LA_TIME_WAIT);
        e.peer_port++;
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101");
}

static void
a_listener_that_ends_takes_along_what_was_not_accepted(void **state)
{
        (void)state;
        fast_listening(16);
        peer_gets_cookie();
        fast_seg("S 0:100");
        forget_sent();
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        expect_sent("RA 1:1 ack 101");
        expect_gone();
}

static void
what_was_accepted_outlives_the_listener(void **state)
{
        (void)state;
        let_in();
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        fast_listening(16);
        seg("A 101:101 ack 1");
        expect_state(LA_ESTABLISHED);
        assert_int_equal(read_bytes(), 100);
}

static void
a_reset_outlives_the_listener(void **state)
{
        (void)state;
        let_in();
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        seg("R 101:101");
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().came_by, LA_T_SYN_RECEIVED_RCV_RST_FAST_OPEN);
}

/* ---- PendingFastOpenRequests ---- */

static void
so_many_at_a_time_and_no_more(void **state)
{
        uint32_t isn;

        (void)state;
        fast_listening(2);
        peer_gets_cookie();
        e.peer_port = 1001;
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101");
        isn = e.our_isn;
        e.peer_port = 1002;
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101");
        e.peer_port = 1003;
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1 cookie none"); /* "MUST disable TFO for all new connection requests" */
        expect_count(LA_C_TCPFastOpenListenOverflow, 1);
        e.peer_port = 1001;
        e.our_isn = isn;
        seg("A 101:101 ack 1"); /* "decrements PendingFastOpenRequests" */
        e.peer_port = 1004;
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101");
}

static void
somaxconn_limits_it_too(void **state)
{
        (void)state;
        knob("somaxconn", "16");
        fast_listening(1000);
        knob("somaxconn", "128"); /* said too late */
        peer_gets_cookie();
        for (int i = 0; i < 16; i++, e.peer_port++) {
                fast_seg("S 0:100");
                expect_sent("SA 0:0 ack 101");
                accept_it();
        }
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1");
}

/* 5.1: "continuing to account for those connection requests that have just been reset". */
static void
one_that_was_reset_counts_for_a_minute(void **state)
{
        (void)state;
        fast_listening(1);
        peer_gets_cookie();
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101");
        seg("R 101:101");
        e.peer_port++;
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1");
        seg("R 1:1");
        after_ms(60000);
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1");
        seg("R 1:1");
        after_ms(6000);
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101");
}

/* Two listeners on a port, one on any address: each has a count of its own. */
static void
each_listener_counts_its_own(void **state)
{
        struct la_endpoint exact = { .port = LOCAL_PORT };
        struct la_handle other;

        (void)state;
        memcpy(exact.address, usual_config().address4, 4);
        fast_listening(1);
        peer_gets_cookie();
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101");
        accept_it();
        assert_int_equal(la_listen(e.stack, e.now, LA_IPV4, &exact, 16, 0, &other), LA_OK);
        assert_int_equal(la_option_set(e.stack, e.now, other, LA_OPTION_FASTOPEN, 1), LA_OK);
        seg("A 101:101 ack 1");
        expect_state(LA_ESTABLISHED);
        e.peer_port++;
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101");
        e.peer_port++;
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1");
        assert_int_equal(la_close(e.stack, e.now, other), LA_OK);
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
}

/* ---- What falls back to three segments ---- */

static void
without_a_free_connection_it_is_half_open(void **state)
{
        struct la_config c = usual_config();

        (void)state;
        c.connections = 1;
        remake(&c);
        fast_listening(16);
        peer_gets_cookie();
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101");
        e.peer_port++;
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1");
        assert_int_equal(la_usage(e.stack).half_open, 1);
        expect_count(LA_C_TCPFastOpenPassiveFail, 1);
}

static void
without_a_free_chunk_only_the_syn_is_acknowledged(void **state)
{
        struct la_config c = usual_config();

        (void)state;
        c.chunks = 1;
        remake(&c);
        established();
        seg("PA 1:2 ack 1");
        forget_sent();
        e.peer_port++;
        knob("tcp_fastopen", "1026");
        peer_gets_cookie();
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1");
        expect_count(LA_C_TCPFastOpenPassive, 1);
        read_bytes();
        accept_it();
        seg("PA 1:101 ack 1");
        assert_int_equal(read_bytes(), 100);
}

/* The wait may have to go on (RFC 9293 3.6), so the application is given nothing yet. */
static void
a_connection_in_time_wait_is_reopened_in_three_segments(void **state)
{
        (void)state;
        knob("tcp_fastopen", "1538");
        time_wait();
        seg("S 10:110 win 65535 mss 1460 cookie ask");
        expect_sent("SA 0:0 ack 11 cookie any");
        expect_found(LA_SYN_RECEIVED);
        assert_int_equal(la_usage(e.stack).half_open, 1);
        expect_count(LA_C_TCPFastOpenPassive, 0);
        expect_count(LA_C_TCPFastOpenPassiveFail, 1);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(a_reset_is_told),
                engine_test(a_fin_in_the_syn),
                engine_test(keepalive_begins_with_the_handshakes_end),
                engine_test(closing_without_reading_resets),
                engine_test(closing_after_reading_sends_fin),
                engine_test(our_syn_goes_again_after_closing_too),
                engine_test(one_aborted_that_waits_makes_room),
                engine_test(a_listener_that_ends_takes_along_what_was_not_accepted),
                engine_test(what_was_accepted_outlives_the_listener),
                engine_test(a_reset_outlives_the_listener),
                engine_test(so_many_at_a_time_and_no_more),
                engine_test(somaxconn_limits_it_too),
                engine_test(one_that_was_reset_counts_for_a_minute),
                engine_test(each_listener_counts_its_own),
                engine_test(without_a_free_connection_it_is_half_open),
                engine_test(without_a_free_chunk_only_the_syn_is_acknowledged),
                engine_test(a_connection_in_time_wait_is_reopened_in_three_segments),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
