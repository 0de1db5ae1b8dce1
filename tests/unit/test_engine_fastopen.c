/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP Fast Open for servers, whom they let in: RFC 7413 4.1.2, 4.2. */
#include "engine_fastopen.h"
#include "tcp/fastopen.h"

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
        peer_gets_cookie();
        after_ms(86400000);
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 101 cookie any");
        expect_count(LA_C_TCPFastOpenPassiveAltKey, 1);
        expect_count(LA_C_TCPFastOpenPassive, 1);
        seg("R 101:101");
        after_ms(86400000);
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1 cookie any");
        expect_count(LA_C_TCPFastOpenPassiveFail, 1);
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
        expect_count(LA_C_TCPFastOpenCookieReqd, 1);
        expect_count(LA_C_TCPFastOpenListenOverflow, 0);
}

static void
off_unless_the_knob_lets_servers(void **state)
{
        (void)state;
        fast_listening(16);
        peer_gets_cookie();
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
        peer_gets_cookie();
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
        peer_gets_cookie();
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
        expect_count(LA_C_TCPFastOpenPassive, 1);
        expect_count(LA_C_PassiveOpens, 1);
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
        peer_gets_cookie();
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
        peer_gets_cookie();
        snprintf(answer, sizeof answer, "SA 0:0 ack 1 cookie %s", cookie);
        seg("S 0:100 win 65535 mss 1460 cookie 0102030405060708");
        expect_sent(answer);
        expect_count(LA_C_TCPFastOpenPassiveFail, 1);
        expect_count(LA_C_TCPFastOpenPassive, 0);
        seg("PA 1:101 ack 1");
        accept_it();
        assert_int_equal(read_bytes(), 100);
}

static void
a_cookie_of_another_size_is_wrong(void **state)
{
        (void)state;
        fast_listening(16);
        peer_gets_cookie();
        cookie[8] = '\0';
        fast_seg("S 0:100");
        expect_sent("SA 0:0 ack 1 cookie any");
        expect_count(LA_C_TCPFastOpenPassiveFail, 1);
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
        peer_gets_cookie();
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
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
