/* SPDX-License-Identifier: BSD-2-Clause */
/* SEND that asks for what there is not: flags without a meaning, bytes that nobody has written. */
#include "engine.h"

#define UNKNOWN_FLAG ((uint32_t)LA_SEND_CONSTANT << 1)

static enum la_error
send_with(uint32_t flags)
{
        size_t taken = 77;
        enum la_error error = la_send(e.stack, e.now, e.connection, (const uint8_t *)"x", 1, flags, &taken);

        assert_true(error == LA_OK || taken == 77);
        return error;
}

static void
flags_without_a_meaning_are_refused(void **state)
{
        (void)state;
        established();
        for (uint32_t flag = UNKNOWN_FLAG; flag != 0; flag <<= 1) {
                assert_int_equal(send_with(flag), LA_ERR_INVALID);
                assert_int_equal(send_with(flag | LA_SEND_MORE), LA_ERR_INVALID);
        }
        expect_nothing_sent();
        assert_int_equal(la_usage(e.stack).chunks, 0);
        assert_int_equal(send_with(LA_SEND_MORE | LA_SEND_URGENT | LA_SEND_LAST), LA_OK);
}

/* A handle that is none is told as such, whatever the flags. */
static void
a_wrong_handle_comes_first(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        assert_int_equal(send_with(UNKNOWN_FLAG), LA_ERR_HANDLE);
}

static void
nor_does_a_listener_take_them(void **state)
{
        struct la_endpoint to = { .address = { 10, 0, 0, 2 }, .port = PEER_PORT };
        struct la_handle fresh = { 0 };
        size_t taken = 77;

        (void)state;
        listening();
        assert_int_equal(la_send_listener(e.stack, e.now, e.listener, &to, (const uint8_t *)"x", 1, UNKNOWN_FLAG,
                                          &taken, &fresh),
                         LA_ERR_INVALID);
        assert_int_equal(taken, 77);
        assert_int_equal(la_state_count(e.stack, LA_LISTEN), 1);
}

/* ---- Without a copy ---- */

static uint8_t *space;
static size_t room;

static enum la_error
commit(size_t n, uint32_t flags)
{
        return la_send_commit(e.stack, e.now, e.connection, n, flags);
}

static void
ask_for_space(void)
{
        assert_int_equal(la_send_space(e.stack, e.connection, &space, &room), LA_OK);
        assert_true(room > 10);
}

static void
what_was_not_asked_for_cannot_be_committed(void **state)
{
        (void)state;
        established();
        assert_int_equal(commit(1, 0), LA_ERR_INVALID);
        assert_int_equal(commit(0, LA_SEND_LAST), LA_ERR_INVALID);
        expect_nothing_sent();
        expect_state(LA_ESTABLISHED);
        assert_int_equal(la_usage(e.stack).chunks, 0);
}

static void
nor_twice_nor_more_than_there_was(void **state)
{
        (void)state;
        established();
        ask_for_space();
        assert_int_equal(commit(room + 1, 0), LA_ERR_INVALID);
        ask_for_space();
        assert_int_equal(commit(1, UNKNOWN_FLAG), LA_ERR_INVALID);
        ask_for_space();
        memset(space, 'x', 10);
        assert_int_equal(commit(10, 0), LA_OK);
        assert_int_equal(commit(10, 0), LA_ERR_INVALID);
        forget_sent();
        assert_int_equal(status_now().snd_nxt, status_now().iss + 1 + 10);
}

/* Whatever was done meanwhile may have used the memory for something else. */
static void
nor_after_another_call(void **state)
{
        uint8_t byte;
        size_t n;

        (void)state;
        established();
        ask_for_space();
        assert_int_equal(write_bytes(10), 10);
        assert_int_equal(commit(5, 0), LA_ERR_INVALID);
        forget_sent();
        ask_for_space();
        seg("A 1:1 ack 11");
        assert_int_equal(commit(5, 0), LA_ERR_INVALID);
        ask_for_space();
        after_ms(1);
        assert_int_equal(commit(5, 0), LA_ERR_INVALID);
        ask_for_space();
        assert_int_equal(la_receive(e.stack, e.now, e.connection, &byte, 1, &n), LA_ERR_AGAIN);
        assert_int_equal(commit(5, 0), LA_ERR_INVALID);
        ask_for_space();
        forget_sent(); /* la_output() */
        assert_int_equal(commit(5, 0), LA_ERR_INVALID);
        expect_nothing_sent();
}

/* What changes nothing may come between. */
static void
a_look_in_between_does_no_harm(void **state)
{
        (void)state;
        established();
        ask_for_space();
        memset(space, 'x', 5);
        assert_int_equal(status_now().state, LA_ESTABLISHED);
        assert_int_equal(snapshot_now().state, LA_ESTABLISHED);
        assert_int_equal(la_deadline(e.stack), LA_NEVER);
        assert_int_equal(commit(5, 0), LA_OK);
}

static void
nor_for_another_connection(void **state)
{
        struct la_handle first;

        (void)state;
        established();
        first = e.connection;
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        ask_for_space();
        assert_int_equal(la_send_commit(e.stack, e.now, first, 1, 0), LA_ERR_INVALID);
        assert_int_equal(commit(1, 0), LA_ERR_INVALID); /* that was another call */
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(flags_without_a_meaning_are_refused),
                engine_test(a_wrong_handle_comes_first),
                engine_test(nor_does_a_listener_take_them),
                engine_test(what_was_not_asked_for_cannot_be_committed),
                engine_test(nor_twice_nor_more_than_there_was),
                engine_test(nor_after_another_call),
                engine_test(a_look_in_between_does_no_harm),
                engine_test(nor_for_another_connection),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
