/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP Fast Open for clients: RFC 7413 4.2. */
#include "engine_fastopen.h"

/* ---- 4.2.1: asking ---- */

/* 2: "implementations MUST NOT use TFO by default". */
static void
not_without_being_asked(void **state)
{
        (void)state;
        open_peer();
        assert_int_equal(write_bytes(100), 100);
        expect_sent("S 0:0 cookie none");
        expect_nothing_sent();
}

static void
not_if_the_knob_forbids_it(void **state)
{
        (void)state;
        knob("tcp_fastopen", "2");
        open_fast(100);
        expect_sent("S 0:0 cookie none");
}

static void
the_first_time_a_cookie_is_asked_for(void **state)
{
        (void)state;
        open_fast(100);
        expect_sent("S 0:0 cookie ask");
        seg("SA 0:0 ack 1 win 65535 mss 1460 cookie 0123456789abcdef");
        expect_sent("PA 1:101 ack 1");
        expect_state(LA_ESTABLISHED);
        expect_count(LA_C_TCPFastOpenActive, 0);
        expect_count(LA_C_TCPFastOpenActiveFail, 0);
}

static void
a_cookie_not_asked_for_is_ignored(void **state)
{
        (void)state;
        open_peer();
        expect_sent("S 0:0 cookie none");
        seg("SA 0:0 ack 1 win 65535 mss 1460 cookie 0123456789abcdef");
        done();
        open_fast(100);
        expect_sent("S 0:0 cookie ask");
}

static void
the_option_is_settled_when_the_syn_leaves(void **state)
{
        int64_t value;

        (void)state;
        open_fast(0);
        assert_int_equal(la_option_get(e.stack, e.connection, LA_OPTION_FASTOPEN_CONNECT, &value), LA_OK);
        assert_int_equal(value, 1);
        forget_sent();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_FASTOPEN_CONNECT, 0),
                         LA_ERR_NOT_CONNECTED);
}

/* ---- 4.2.2: text in the SYN ---- */

static void
text_goes_in_the_syn(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100 cookie 0123456789abcdef");
        expect_nothing_sent();
        seg("SA 0:0 ack 101 win 65535 mss 1460");
        expect_sent("A 101:101 ack 1");
        expect_state(LA_ESTABLISHED);
        expect_count(LA_C_TCPFastOpenActive, 1);
        assert_true(snapshot_now().tcp.fastopen);
        assert_true(events_now() & LA_HAPPENED_SENT);
        after_ms(5000);
        expect_nothing_sent();
        assert_int_equal(la_usage(e.stack).chunks, 0);
}

static void
without_text_the_cookie_goes_alone(void **state)
{
        (void)state;
        get_cookie();
        open_fast(0);
        expect_sent("S 0:0 cookie 0123456789abcdef");
}

/* Up to the MSS that the server announced last, 40 bytes being kept for options; the rest follows. */
static void
as_much_as_the_server_is_known_to_take(void **state)
{
        (void)state;
        get_cookie();
        open_fast(3000);
        expect_sent("S 0:1420 cookie 0123456789abcdef");
        seg("SA 0:0 ack 1421 win 65535 mss 1000");
        forget_sent();
        done();
        open_fast(3000);
        expect_sent("S 0:960");
}

/* "Send an ACK packet ... and include the data after SND.UNA if data is available." */
static void
text_that_was_not_taken_goes_again(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        seg("SA 0:0 ack 1 win 65535 mss 1460 cookie fedcba9876543210");
        expect_sent("PA 1:101 ack 1");
        expect_nothing_sent();
        expect_count(LA_C_TCPFastOpenActiveFail, 1);
        expect_count(LA_C_TCPFastOpenActive, 0);
        assert_false(snapshot_now().tcp.fastopen);
        done();
        open_fast(100);
        expect_sent("S 0:100 cookie fedcba9876543210"); /* "at most one (most recently received) cookie" */
}

static void
text_that_was_taken_in_part(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        seg("SA 0:0 ack 51 win 65535 mss 1460");
        expect_sent("PA 51:101 ack 1");
}

static void
an_answer_in_the_syn_ack(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        seg("SA 0:200 ack 101 win 65535 mss 1460");
        expect_sent("A 101:101 ack 201");
        assert_int_equal(read_bytes(), 200);
}

/* "when the SYN timer fires, the client SHOULD retransmit a SYN packet without data and Fast Open options". */
static void
a_syn_unanswered_goes_again_without(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        after_ms(1000);
        expect_sent("S 0:0 cookie none");
        expect_nothing_sent();
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_sent("PA 1:101 ack 1");
        expect_count(LA_C_TCPFastOpenActiveFail, 1);
}

static void
what_is_written_later_follows_the_handshake(void **state)
{
        (void)state;
        get_cookie();
        open_fast(0);
        expect_sent("S 0:0 cookie 0123456789abcdef");
        assert_int_equal(write_bytes(100), 100);
        expect_nothing_sent();
        after_ms(1000);
        expect_sent("S 0:0 cookie none");
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_sent("PA 1:101 ack 1");
        expect_count(LA_C_TCPFastOpenActiveFail, 0);
}

static void
the_answer_to_the_first_syn_may_be_late(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        after_ms(1000);
        expect_sent("S 0:0");
        seg("SA 0:0 ack 101 win 65535 mss 1460");
        expect_sent("A 101:101 ack 1");
        expect_nothing_sent();
        expect_count(LA_C_TCPFastOpenActive, 1);
        done();
        open_fast(100);
        expect_sent("S 0:100 cookie 0123456789abcdef");
}

/* 7.3, and "4" of tcp_fastopen. */
static void
the_knob_can_do_without_cookies(void **state)
{
        (void)state;
        knob("tcp_fastopen", "5");
        open_fast(1000);
        expect_sent("S 0:496 cookie none"); /* "the default MSS of 536 bytes", options kept free */
        seg("SA 0:0 ack 497 win 65535 mss 1460");
        expect_sent("PA 497:1001 ack 1");
        expect_count(LA_C_TCPFastOpenActive, 1);
}

static void
in_a_simultaneous_open_text_waits(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        seg("S 0:0 win 65535 mss 1460");
        expect_state(LA_SYN_RECEIVED);
        expect_sent("SA 0:0 ack 1 cookie none");
        expect_nothing_sent();
        seg("SA 0:0 ack 1 win 65535");
        expect_state(LA_ESTABLISHED);
        expect_sent("PA 1:101 ack 1");
}

static void
urgent_text_waits(void **state)
{
        size_t taken;

        (void)state;
        get_cookie();
        open_fast(0);
        assert_int_equal(la_send(e.stack, e.now, e.connection, (const uint8_t *)"\37", 1, LA_SEND_URGENT, &taken),
                         LA_OK);
        expect_sent("S 0:0");
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(not_without_being_asked),
                engine_test(not_if_the_knob_forbids_it),
                engine_test(the_first_time_a_cookie_is_asked_for),
                engine_test(a_cookie_not_asked_for_is_ignored),
                engine_test(the_option_is_settled_when_the_syn_leaves),
                engine_test(text_goes_in_the_syn),
                engine_test6(text_goes_in_the_syn),
                engine_test(without_text_the_cookie_goes_alone),
                engine_test(as_much_as_the_server_is_known_to_take),
                engine_test(text_that_was_not_taken_goes_again),
                engine_test6(text_that_was_not_taken_goes_again),
                engine_test(text_that_was_taken_in_part),
                engine_test(an_answer_in_the_syn_ack),
                engine_test(a_syn_unanswered_goes_again_without),
                engine_test(what_is_written_later_follows_the_handshake),
                engine_test(the_answer_to_the_first_syn_may_be_late),
                engine_test(the_knob_can_do_without_cookies),
                engine_test(in_a_simultaneous_open_text_waits),
                engine_test(urgent_text_waits),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
