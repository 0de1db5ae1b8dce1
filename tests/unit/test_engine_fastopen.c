/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP Fast Open for servers: RFC 7413 4.1.2, 4.2, 5.1. */
#include "engine.h"
#include "stack/stack.h"
#include "tcp/fastopen.h"

static char cookie[2 * TCP_COOKIE_MAX + 1]; /* that the stack gave the peer */

static void
expect_counted(enum la_counter counter, uint64_t n)
{
        if (counted(counter) != n)
                fail_msg("%s is %llu and not %llu", la_counter_name(counter), (unsigned long long)counted(counter),
                         (unsigned long long)n);
}

/* With `limit` requests at a time. */
static void
fast_listening(int64_t limit)
{
        knob("tcp_fastopen", "3");
        listening();
        assert_int_equal(la_option_set(e.stack, e.now, e.listener, LA_OPTION_FASTOPEN, limit), LA_OK);
}

/* 4.2.1: the peer asks, is answered, and goes away again. */
static void
get_cookie(void)
{
        seg("S 0:0 win 65535 mss 1460 cookie ask");
        expect_sent("SA 0:0 ack 1 cookie any");
        for (size_t i = 0; i < e.last.options.cookie_bytes; i++)
                snprintf(cookie + 2 * i, 3, "%02x", e.last.options.cookie[i]);
        seg("R 1:1");
        expect_gone();
}

/* A SYN with the cookie: "S 0:100 mss 1460", and more. */
static void
fast_seg(const char *text)
{
        char with_cookie[128];

        snprintf(with_cookie, sizeof with_cookie, "%s win 65535 mss 1460 cookie %s", text, cookie);
        seg(with_cookie);
}

/* 4.2.2: accepted with 100 bytes in the SYN, the handshake not complete. */
static void
let_in(void)
{
        fast_listening(16);
        get_cookie();
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101 cookie none");
        accept_it();
        expect_state(LA_SYN_RECEIVED);
}

/* ---- 4.1.2: cookies ---- */

/* What Linux gives 192.0.2.1 from 192.168.0.1 with tcp_fastopen_key a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4, as packetdrill's
 * scripts know it. */
static void
a_cookie_is_made_as_linux_makes_it(void **state)
{
        static const uint8_t known[8] = { 0x30, 0x21, 0xb9, 0xd8, 0x89, 0x01, 0x7e, 0xeb };
        struct siphash_key key = { 0xb2b2b2b2a1a1a1a1, 0xd4d4d4d4c3c3c3c3 };
        struct la_endpoint local = { .address = { 192, 168, 0, 1 } }, remote = { .address = { 192, 0, 2, 1 } };
        struct tuple tuple = tuple_of(LA_IPV4, &local, &remote);
        uint8_t made[8];

        (void)state;
        fastopen_cookie_make(&key, &tuple, made);
        assert_memory_equal(made, known, sizeof known);
}

/* "1. The cookie authenticates the client's (source) IP address": of all its bytes, but not of ports. */
static void
a_cookie_is_for_one_address(void **state)
{
        struct siphash_key key = { 1, 2 };
        struct la_endpoint local = { .address = { 0xfd, [15] = 1 }, .port = 80 },
                           remote = { .address = { 0xfd }, .port = 9 };
        struct tuple tuple = tuple_of(LA_IPV6, &local, &remote);
        uint8_t first[8], other[8];

        (void)state;
        fastopen_cookie_make(&key, &tuple, first);
        for (size_t i = 0; i < 16; i++) {
                tuple.remote[i] ^= 1;
                fastopen_cookie_make(&key, &tuple, other);
                assert_memory_not_equal(first, other, sizeof first);
                tuple.remote[i] ^= 1;
        }
        tuple.remote_port++;
        fastopen_cookie_make(&key, &tuple, other);
        assert_memory_equal(first, other, sizeof first);
}

/* "5. The cookie expires after a certain amount of time"; until then, whoever comes with the old one gets the new. */
static void
a_cookie_is_good_for_a_day_and_a_night(void **state)
{
        (void)state;
        fast_listening(16);
        get_cookie();
        after_ms(86400000);
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101 cookie any");
        expect_counted(LA_C_TCPFastOpenPassiveAltKey, 1);
        expect_counted(LA_C_TCPFastOpenPassive, 1);
        seg("R 101:101");
        after_ms(86400000);
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1 cookie any");
        expect_counted(LA_C_TCPFastOpenPassiveFail, 1);
}

/* ---- 4.2: FastOpenEnabled ---- */

static void
off_unless_the_application_asks(void **state)
{
        (void)state;
        knob("tcp_fastopen", "3");
        listening();
        seg("S 0:100 win 65535 mss 1460 cookie ask");
        expect_sent("SA 0:0 ack 1 cookie none");
        assert_int_equal(la_accept(e.stack, e.now, e.listener, 0, &e.connection), LA_ERR_AGAIN);
        expect_counted(LA_C_TCPFastOpenCookieReqd, 1);
        expect_counted(LA_C_TCPFastOpenListenOverflow, 0);
}

static void
off_unless_the_knob_lets_servers(void **state)
{
        (void)state;
        fast_listening(16);
        get_cookie();
        knob("tcp_fastopen", "1");
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1 cookie none");
        expect_found(LA_SYN_RECEIVED);
        assert_int_equal(la_usage(e.stack).half_open, 1);
}

static void
the_knob_can_ask_for_all_listeners(void **state)
{
        (void)state;
        knob("tcp_fastopen", "1026");
        listening();
        get_cookie();
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101 cookie none");
}

static void
options_are_the_listeners(void **state)
{
        int64_t value;

        (void)state;
        fast_listening(5);
        assert_int_equal(la_option_get(e.stack, e.listener, LA_OPTION_FASTOPEN, &value), LA_OK);
        assert_int_equal(value, 5);
        assert_int_equal(la_option_set(e.stack, e.now, e.listener, LA_OPTION_FASTOPEN, 65536), LA_ERR_INVALID);
        get_cookie();
        fast_seg("S 0:100");
        forget_sent();
        accept_it();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_FASTOPEN, 5), LA_ERR_NOT_CONNECTED);
}

/* ---- 4.2.2: a SYN with text ---- */

static void
text_is_read_before_the_handshake_is_complete(void **state)
{
        (void)state;
        let_in();
        assert_true(events_now() & LA_HAPPENED_READABLE);
        assert_int_equal(read_bytes(), 100);
        expect_counted(LA_C_TCPFastOpenPassive, 1);
        expect_counted(LA_C_PassiveOpens, 1);
        seg("A 101:101 ack 1");
        expect_state(LA_ESTABLISHED);
        assert_true(events_now() & LA_HAPPENED_CONNECTED);
        assert_true(snapshot_now().tcp.fastopen);
        seg("PA 101:201 ack 1");
        assert_int_equal(read_bytes(), 100);
        expect_nothing_sent();
        assert_int_equal(la_transition_count(e.stack, LA_T_SYN_RECEIVED_RCV_ACK), 1);
}

/* "it may send the response data before the handshake finishes.  The maximum amount is governed by TCP's congestion
 * control": ten segments. */
static void
an_answer_leaves_before_the_handshake_is_complete(void **state)
{
        (void)state;
        let_in();
        assert_int_equal(write_bytes(20000), 20000);
        for (unsigned int i = 0; i < 10; i++) {
                char text[64];

                snprintf(text, sizeof text, "A %u:%u ack 101", 1 + 1460 * i, 1 + 1460 * (i + 1));
                expect_sent(text);
        }
        expect_nothing_sent();
        seg("A 101:101 ack 14601");
        expect_state(LA_ESTABLISHED);
        expect_sent("A 14601:16061 ack 101");
}

static void
a_cookie_without_text_lets_in_as_well(void **state)
{
        (void)state;
        fast_listening(16);
        get_cookie();
        fast_seg("S 0:0");
        expect_sent("SA 0:0 ack 1 cookie none");
        accept_it();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        seg("A 1:1 ack 11");
        expect_state(LA_ESTABLISHED);
        assert_false(snapshot_now().tcp.fastopen);
}

static void
a_wrong_cookie_is_answered_with_the_right_one(void **state)
{
        char answer[80];

        (void)state;
        fast_listening(16);
        get_cookie();
        snprintf(answer, sizeof answer, "SA 0:0 ack 1 cookie %s", cookie);
        seg("S 0:100 win 65535 mss 1460 cookie 0102030405060708");
        expect_sent(answer);
        expect_counted(LA_C_TCPFastOpenPassiveFail, 1);
        expect_counted(LA_C_TCPFastOpenPassive, 0);
        seg("PA 1:101 ack 1");
        accept_it();
        assert_int_equal(read_bytes(), 100);
}

static void
a_cookie_of_another_size_is_wrong(void **state)
{
        (void)state;
        fast_listening(16);
        get_cookie();
        cookie[8] = '\0';
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1 cookie any");
        expect_counted(LA_C_TCPFastOpenPassiveFail, 1);
}

/* 7.3. */
static void
the_knob_can_do_without_cookies(void **state)
{
        (void)state;
        knob("tcp_fastopen", "1538"); /* 2, 512 and 1024 */
        listening();
        seg("S 0:100 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 101 cookie none");
        accept_it();
        assert_int_equal(read_bytes(), 100);
}

static void
a_syn_without_option_and_text_is_as_ever(void **state)
{
        (void)state;
        knob("tcp_fastopen", "1538");
        listening();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        assert_int_equal(la_usage(e.stack).half_open, 1);
}

/* "the server SHOULD retransmit a SYN-ACK segment with neither data nor Fast Open options"; and until our SYN is
 * acknowledged, a peer that may not have it can take nothing else. */
static void
only_the_syn_goes_again(void **state)
{
        (void)state;
        let_in();
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ack 101");
        after_ms(1000);
        expect_sent("SA 0:0 ack 101 cookie none");
        expect_nothing_sent();
        after_ms(2000);
        expect_sent("SA 0:0 ack 101 cookie none");
        expect_nothing_sent();
        seg("A 101:101 ack 1");
        expect_state(LA_ESTABLISHED);
        expect_sent("PA 1:101 ack 101");
}

static void
our_syn_is_not_repeated_for_ever(void **state)
{
        (void)state;
        let_in();
        after_ms(64000);
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().came_by, LA_T_SYN_RECEIVED_GIVE_UP);
        assert_int_equal(status_now().error, LA_ERR_TIMED_OUT);
}

/* "when the SYN timer fires, the client SHOULD retransmit a SYN packet without data and Fast Open options". */
static void
a_syn_again_gets_the_same_answer(void **state)
{
        (void)state;
        let_in();
        seg("S 0:0 win 65535 mss 1460");
        expect_verdict(LA_V_SYN_RECEIVED_SYN_AGAIN);
        expect_sent("SA 0:0 ack 101");
        expect_nothing_sent();
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101");
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        forget_sent();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 101");
        seg("A 101:101 ack 1");
        expect_sent("FA 1:1 ack 101");
}

/* RFC 3168 6.1.1.1: what a SYN asked for, the next may not ask for again. */
static void
a_syn_again_may_do_without_ecn(void **state)
{
        (void)state;
        fast_listening(16);
        get_cookie();
        fast_seg("SEC 0:100");
        expect_sent("SAE 0:0 ack 101");
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 101");
        accept_it();
        assert_false(snapshot_now().tcp.ecn);
}

/* RFC 9293 3.10.7.4, fourth: what the application holds does not go back to LISTEN; RFC 5961 4.2 for the rest. */
static void
another_syn_in_the_window_is_challenged(void **state)
{
        (void)state;
        let_in();
        seg("S 500:500 win 65535 mss 1460");
        expect_verdict(LA_V_SYN_CHALLENGED);
        expect_sent("A 1:1 ack 101");
        expect_state(LA_SYN_RECEIVED);
}

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
        expect_counted(LA_C_AttemptFails, 2); /* get_cookie() */
}

static void
a_fin_in_the_syn(void **state)
{
        (void)state;
        fast_listening(16);
        get_cookie();
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
        get_cookie();
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
        expect_counted(LA_C_TCPSynRetrans, 1);
        seg("A 101:101 ack 1");
        expect_sent("FA 1:1 ack 101");
}

static void
one_aborted_that_waits_makes_room(void **state)
{
        (void)state;
        fast_listening(1);
        get_cookie();
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
        get_cookie();
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
        get_cookie();
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
        expect_counted(LA_C_TCPFastOpenListenOverflow, 1);
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
        get_cookie();
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
        get_cookie();
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
        get_cookie();
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
        get_cookie();
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101");
        e.peer_port++;
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1");
        assert_int_equal(la_usage(e.stack).half_open, 1);
        expect_counted(LA_C_TCPFastOpenPassiveFail, 1);
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
        get_cookie();
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1");
        expect_counted(LA_C_TCPFastOpenPassive, 1);
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
        expect_counted(LA_C_TCPFastOpenPassive, 0);
        expect_counted(LA_C_TCPFastOpenPassiveFail, 1);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_cookie_is_made_as_linux_makes_it),
                cmocka_unit_test(a_cookie_is_for_one_address),
                engine_test(a_cookie_is_good_for_a_day_and_a_night),
                engine_test(off_unless_the_application_asks),
                engine_test(off_unless_the_knob_lets_servers),
                engine_test(the_knob_can_ask_for_all_listeners),
                engine_test(options_are_the_listeners),
                engine_test(text_is_read_before_the_handshake_is_complete),
                engine_test6(text_is_read_before_the_handshake_is_complete),
                engine_test(an_answer_leaves_before_the_handshake_is_complete),
                engine_test(a_cookie_without_text_lets_in_as_well),
                engine_test(a_wrong_cookie_is_answered_with_the_right_one),
                engine_test6(a_wrong_cookie_is_answered_with_the_right_one),
                engine_test(a_cookie_of_another_size_is_wrong),
                engine_test(the_knob_can_do_without_cookies),
                engine_test(a_syn_without_option_and_text_is_as_ever),
                engine_test(only_the_syn_goes_again),
                engine_test(our_syn_is_not_repeated_for_ever),
                engine_test(a_syn_again_gets_the_same_answer),
                engine_test(a_syn_again_may_do_without_ecn),
                engine_test(another_syn_in_the_window_is_challenged),
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
