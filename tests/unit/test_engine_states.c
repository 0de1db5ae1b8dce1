/* SPDX-License-Identifier: BSD-2-Clause */
/* From state to state: RFC 9293 figure 5, both ways to open and all ways to close. */
#include "engine.h"

/* Shows MUST-14, SHLD-5. */
static void
must_14_passive_open_says_its_mss(void **state)
{
        (void)state;
        listening();
        assert_int_equal(la_state_count(e.stack, LA_LISTEN), 1);
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1 mss 1460");
        expect_found(LA_SYN_RECEIVED);
        assert_int_equal(la_state_count(e.stack, LA_SYN_RECEIVED), 1);
        assert_int_equal(la_state_count(e.stack, LA_LISTEN), 1);
        seg("A 1:1 ack 1");
        expect_nothing_sent();
        accept_it();
        expect_state(LA_ESTABLISHED);
        assert_int_equal(la_state_count(e.stack, LA_SYN_RECEIVED), 0);
        assert_int_equal(la_state_count(e.stack, LA_ESTABLISHED), 1);
        assert_int_equal(status_now().came_by, LA_T_SYN_RECEIVED_RCV_ACK);
}

static void
active_open(void **state)
{
        (void)state;
        connected();
        assert_true(events_now() & LA_HAPPENED_CONNECTED);
        assert_int_equal(counted(LA_C_ActiveOpens), 1);
}

/* Shows MUST-10. */
static void
must_10_simultaneous_open(void **state)
{
        (void)state;
        connecting();
        seg("S 0:0 win 65535 mss 1460");
        expect_state(LA_SYN_RECEIVED);
        expect_sent("SA 0:0 ack 1");
        seg("SA 0:0 ack 1");
        expect_state(LA_ESTABLISHED);
        assert_true(events_now() & LA_HAPPENED_CONNECTED);
}

static void
refused(void **state)
{
        (void)state;
        connecting();
        seg("RA 0:0 ack 1");
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_ERR_REFUSED);
        assert_int_equal(counted(LA_C_AttemptFails), 1);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        assert_int_equal(la_state_count(e.stack, LA_CLOSED), 0);
}

static void
refused_in_a_simultaneous_open(void **state)
{
        (void)state;
        connecting();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("R 1:1");
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().came_by, LA_T_SYN_RECEIVED_RCV_RST_ACTIVE);
        assert_int_equal(status_now().error, LA_ERR_REFUSED);
        assert_int_equal(counted(LA_C_AttemptFails), 1);
}

/* Shows MUST-13. */
static void
must_13_time_wait_lasts_2msl(void **state)
{
        (void)state;
        time_wait();
        assert_int_equal(la_usage(e.stack).connections, 0);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 1);
        after_ms(59999);
        expect_found(LA_TIME_WAIT);
        after_ms(1);
        expect_gone();
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
        assert_int_equal(la_usage(e.stack).time_wait4 + la_usage(e.stack).time_wait6, 0);
}

/* Shows MUST-13. */
static void
must_13_fin_again_is_acknowledged_and_restarts(void **state)
{
        (void)state;
        time_wait();
        after_ms(30000);
        seg("FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2");
        expect_verdict(LA_V_TIME_WAIT_FIN);
        after_ms(59999);
        expect_found(LA_TIME_WAIT);
        after_ms(1);
        expect_gone();
}

static void
fin_with_ack_of_fin(void **state)
{
        (void)state;
        fin_wait_1();
        seg("FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2");
        expect_state(LA_TIME_WAIT);
        assert_int_equal(status_now().came_by, LA_T_FIN_WAIT_1_RCV_FIN_ACK);
}

static void
simultaneous_close(void **state)
{
        (void)state;
        closing();
        seg("A 2:2 ack 2");
        expect_state(LA_TIME_WAIT);
        assert_int_equal(status_now().came_by, LA_T_CLOSING_RCV_ACK);
}

static void
passive_close(void **state)
{
        (void)state;
        last_ack();
        seg("A 2:2 ack 2");
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_OK);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        assert_int_equal(la_usage(e.stack).connections, 0);
}

static void
half_closed_both_ways(void **state)
{
        (void)state;
        fin_wait_2();
        seg("PA 1:101 ack 2");
        assert_int_equal(read_bytes(), 100);
        forget_sent();
        seg("FA 101:101 ack 2");
        expect_sent("A 2:2 ack 102");
        expect_state(LA_TIME_WAIT);
        assert_int_equal(read_bytes(), 0);
}

static void
data_after_the_peers_fin(void **state)
{
        (void)state;
        close_wait();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 2");
        seg("A 2:2 ack 11");
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 11:11 ack 2");
        expect_state(LA_LAST_ACK);
}

static void
fin_carries_the_last_data(void **state)
{
        (void)state;
        established();
        e.now += 1000;
        assert_int_equal(write_bytes(10), 10);
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FPA 1:11 ack 1");
        seg("A 1:1 ack 12");
        expect_state(LA_FIN_WAIT_2);
}

/* Shows SHLD-3. */
static void
shld_3_unread_data_on_close_is_reset(void **state)
{
        (void)state;
        established();
        seg("PA 1:101 ack 1");
        forget_sent();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("RA 1:1 ack 101");
        expect_gone();
        assert_int_equal(la_usage(e.stack).connections, 0);
        assert_int_equal(la_usage(e.stack).chunks, 0);
        assert_int_equal(la_state_count(e.stack, LA_CLOSED), 0);
}

/* Shows SHLD-3. */
static void
data_for_an_orphan_is_reset(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        seg("PA 1:101 ack 1");
        expect_sent("R 1:1");
        expect_verdict(LA_V_TEXT_AFTER_CLOSE);
        expect_gone();
        assert_int_equal(la_usage(e.stack).orphans, 0);
}

static void
orphan_in_fin_wait_2_is_a_record_and_ends(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        seg("A 1:1 ack 2");
        expect_found(LA_FIN_WAIT_2);
        assert_int_equal(la_usage(e.stack).connections, 0);
        assert_int_equal(la_state_count(e.stack, LA_FIN_WAIT_2), 1);
        after_ms(59999);
        expect_found(LA_FIN_WAIT_2);
        after_ms(1);
        expect_gone();
}

static void
orphan_record_goes_to_time_wait(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        seg("A 1:1 ack 2");
        after_ms(50000);
        seg("FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
        assert_int_equal(la_state_count(e.stack, LA_FIN_WAIT_2), 0);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 1);
        after_ms(59999);
        expect_found(LA_TIME_WAIT);
        after_ms(1);
        expect_gone();
}

static void
half_closed_fin_wait_2_does_not_end_by_itself(void **state)
{
        (void)state;
        fin_wait_2();
        after_ms(3600 * 1000);
        expect_state(LA_FIN_WAIT_2);
}

/* Shows MUST-12. */
static void
must_12_reset_is_told(void **state)
{
        (void)state;
        uint8_t byte;
        size_t n;

        established();
        events_now();
        seg("R 1:1");
        expect_state(LA_CLOSED);
        assert_true(events_now() & LA_HAPPENED_ERROR);
        assert_int_equal(la_receive(e.stack, e.now, e.connection, &byte, 1, &n), LA_ERR_RESET);
        assert_int_equal(la_send(e.stack, e.now, e.connection, &byte, 1, 0, &n), LA_ERR_RESET);
        expect_nothing_sent();
}

static void
abort_sends_rst(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        expect_sent("RA 1:1 ack 1");
        expect_gone();
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_ERR_HANDLE);
}

static void
closed_state_answers_with_reset(void **state)
{
        (void)state;
        seg("S 0:0");
        expect_sent("RA 0:0 ack 1");
        expect_verdict(LA_V_CLOSED);
        e.our_isn = 0;
        seg("A 5:5 ack 77");
        expect_sent("R 77:77");
        seg("R 5:5");
        expect_nothing_sent();
}

static void
stale_handles_are_errors(void **state)
{
        (void)state;
        struct la_status s;
        struct la_handle nonsense = { 0xffffffff, 3 }, zero = { 0 };

        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_ERR_HANDLE);
        assert_int_equal(la_status(e.stack, e.now, e.connection, &s), LA_ERR_HANDLE);
        assert_int_equal(la_status(e.stack, e.now, nonsense, &s), LA_ERR_HANDLE);
        assert_int_equal(la_close(e.stack, e.now, zero), LA_ERR_HANDLE);
}

static void
a_copied_stack_lives_on(void **state)
{
        (void)state;
        struct la_stack *copy, *first;

        established();
        seg("PA 1:101 ack 1");
        copy = aligned_alloc(64, e.stack_bytes);
        assert_non_null(copy);
        memcpy(copy, e.stack, e.stack_bytes);
        first = e.stack;
        memset(first, 0xa5, e.stack_bytes);
        free(first);
        e.stack = copy;
        assert_int_equal(read_bytes(), 100);
        forget_sent();
        assert_int_equal(write_bytes(50), 50);
        expect_sent("PA 1:51 ack 101");
}

static void
listener_becomes_a_connection(void **state)
{
        (void)state;
        struct la_endpoint peer = { { 10, 0, 0, 2 }, PEER_PORT };

        listening();
        assert_int_equal(la_open_listener(e.stack, e.now, e.listener, &peer, 0, &e.connection), LA_OK);
        expect_sent("S 0:0");
        expect_state(LA_SYN_SENT);
        assert_int_equal(status_now().came_by, LA_T_LISTEN_ACTIVE_OPEN);
        assert_int_equal(la_state_count(e.stack, LA_LISTEN), 0);
        assert_int_equal(la_state_count(e.stack, LA_SYN_SENT), 1);
}

static enum la_error
send_from_listener(const struct la_endpoint *to, size_t *ret_taken)
{
        uint8_t bytes[100];

        for (size_t i = 0; i < sizeof bytes; i++)
                bytes[i] = (uint8_t)((i + 1) * 31);
        return la_send_listener(e.stack, e.now, e.listener, to, bytes, sizeof bytes, 0, ret_taken, &e.connection);
}

/* 3.10.2, LISTEN: "change the connection from passive to active ... Data associated with SEND may be sent with SYN
 * segment or queued for transmission after entering ESTABLISHED state." */
static void
a_listener_that_sends_connects(void **state)
{
        (void)state;
        struct la_endpoint peer = { { 10, 0, 0, 2 }, PEER_PORT };
        size_t taken;

        listening();
        assert_int_equal(la_option_set(e.stack, e.now, e.listener, LA_OPTION_USER, 42), LA_OK);
        assert_int_equal(send_from_listener(&peer, &taken), LA_OK);
        assert_int_equal(taken, 100);
        expect_sent("S 0:0");
        expect_state(LA_SYN_SENT);
        assert_int_equal(status_now().came_by, LA_T_LISTEN_SEND);
        assert_int_equal(status_now().user, 42);
        assert_int_equal(la_state_count(e.stack, LA_LISTEN), 0);
        seg("SA 0:0 ack 1");
        expect_sent("PA 1:101 ack 1");
}

static void
a_listener_that_sends_with_its_syn(void **state)
{
        (void)state;
        struct la_endpoint peer = { { 10, 0, 0, 2 }, PEER_PORT };
        size_t taken;

        knob("tcp_fastopen", "5");
        listening();
        assert_int_equal(la_option_set(e.stack, e.now, e.listener, LA_OPTION_FASTOPEN_CONNECT, 1), LA_OK);
        assert_int_equal(send_from_listener(&peer, &taken), LA_OK);
        expect_sent("S 0:100");
}

/* "remote socket unspecified", "insufficient resources": the listener goes on. */
static void
a_listener_that_cannot_send_goes_on(void **state)
{
        (void)state;
        struct la_endpoint peer = { { 10, 0, 0, 2 }, PEER_PORT }, all = { { 255, 255, 255, 255 }, PEER_PORT };
        struct la_handle connection;
        struct la_config c = usual_config();
        size_t taken = 7;

        c.chunks = 1;
        remake(&c);
        established();
        connection = e.connection;
        assert_int_equal(la_send(e.stack, e.now, e.listener, (const uint8_t *)"x", 1, 0, &taken), LA_ERR_NOT_CONNECTED);
        assert_int_equal(send_from_listener(&all, &taken), LA_ERR_ADDRESS);
        assert_int_equal(send_from_listener(&peer, &taken), LA_ERR_IN_USE);
        seg("PA 1:2 ack 1");
        peer.port++;
        assert_int_equal(send_from_listener(&peer, &taken), LA_ERR_AGAIN);
        assert_int_equal(taken, 7);
        assert_true(la_handle_equal(e.connection, connection));
        assert_int_equal(la_state_count(e.stack, LA_LISTEN), 1);
        e.listener = connection;
        assert_int_equal(send_from_listener(&peer, &taken), LA_ERR_HANDLE);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(must_14_passive_open_says_its_mss),
                engine_test(active_open),
                engine_test6(active_open),
                engine_test(must_10_simultaneous_open),
                engine_test(refused),
                engine_test(refused_in_a_simultaneous_open),
                engine_test(must_13_time_wait_lasts_2msl),
                engine_test6(must_13_time_wait_lasts_2msl),
                engine_test(must_13_fin_again_is_acknowledged_and_restarts),
                engine_test6(must_13_fin_again_is_acknowledged_and_restarts),
                engine_test(fin_with_ack_of_fin),
                engine_test(simultaneous_close),
                engine_test(passive_close),
                engine_test(half_closed_both_ways),
                engine_test(data_after_the_peers_fin),
                engine_test(fin_carries_the_last_data),
                engine_test(shld_3_unread_data_on_close_is_reset),
                engine_test(data_for_an_orphan_is_reset),
                engine_test(orphan_in_fin_wait_2_is_a_record_and_ends),
                engine_test(orphan_record_goes_to_time_wait),
                engine_test(half_closed_fin_wait_2_does_not_end_by_itself),
                engine_test(must_12_reset_is_told),
                engine_test(abort_sends_rst),
                engine_test(closed_state_answers_with_reset),
                engine_test(stale_handles_are_errors),
                engine_test(a_copied_stack_lives_on),
                engine_test(listener_becomes_a_connection),
                engine_test(a_listener_that_sends_connects),
                engine_test(a_listener_that_sends_with_its_syn),
                engine_test(a_listener_that_cannot_send_goes_on),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
