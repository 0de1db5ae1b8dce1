/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP Fast Open for clients: RFC 7413 4.1.3, 4.2; and LA_SEND_LAST, with which a FIN may go in the SYN. */
#include "engine.h"
#include "stack/stack.h"
#include "tcp/fastopen.h"
#include "wire/icmp.h"

static void
expect_counted(enum la_counter counter, uint64_t n)
{
        if (counted(counter) != n)
                fail_msg("%s is %llu and not %llu", la_counter_name(counter), (unsigned long long)counted(counter),
                         (unsigned long long)n);
}

static void
open_peer(void)
{
        struct la_endpoint peer = { .address = { 10, 0, 0, 2 }, .port = e.peer_port };

        if (e.family == LA_IPV6)
                memcpy(peer.address, (uint8_t[16]){ 0xfd, [15] = 2 }, 16);
        assert_int_equal(la_open(e.stack, e.now, e.family, NULL, &peer, 7, &e.connection), LA_OK);
        e.local_port = snapshot_now().local.port;
        e.our_isn = status_now().iss;
}

/* A connection for which Fast Open is asked, `bytes` being written before anything leaves. */
static void
open_fast(size_t bytes)
{
        open_peer();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_FASTOPEN_CONNECT, 1), LA_OK);
        if (bytes > 0)
                assert_int_equal(write_bytes(bytes), bytes);
}

static void
done(void)
{
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        forget_sent();
}

/* 4.2.1: a first connection, whose server gives the cookie. */
static void
get_cookie(void)
{
        open_fast(0);
        expect_sent("S 0:0 cookie ask");
        seg("SA 0:0 ack 1 win 65535 mss 1460 cookie 0123456789abcdef");
        expect_sent("A 1:1 ack 1");
        done();
}

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
        expect_counted(LA_C_TCPFastOpenActive, 0);
        expect_counted(LA_C_TCPFastOpenActiveFail, 0);
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
        expect_counted(LA_C_TCPFastOpenActive, 1);
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
        expect_counted(LA_C_TCPFastOpenActiveFail, 1);
        expect_counted(LA_C_TCPFastOpenActive, 0);
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
        expect_counted(LA_C_TCPFastOpenActiveFail, 1);
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
        expect_counted(LA_C_TCPFastOpenActiveFail, 0);
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
        expect_counted(LA_C_TCPFastOpenActive, 1);
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
        expect_counted(LA_C_TCPFastOpenActive, 1);
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

/* ---- 4.1.3.1: negative responses ---- */

static void
expect_no_attempt(void)
{
        open_fast(100);
        expect_sent("S 0:0 cookie none");
        done();
}

static void
silence_is_remembered_for_a_while(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        after_ms(1000);
        done();
        expect_no_attempt();
        after_ms(59000);
        expect_no_attempt();
        after_ms(1000);
        open_fast(100);
        expect_sent("S 0:100 cookie 0123456789abcdef");
        after_ms(1000);
        done(); /* again: for two minutes */
        after_ms(119000);
        expect_no_attempt();
        after_ms(1000);
        open_fast(100);
        expect_sent("S 0:100");
        seg("SA 0:0 ack 101 win 65535 mss 1460");
        done(); /* well again, and what was is forgotten */
        open_fast(100);
        expect_sent("S 0:100");
        after_ms(1000);
        done();
        after_ms(59000);
        expect_no_attempt();
        after_ms(1000);
        open_fast(100);
        expect_sent("S 0:100");
}

static void
an_attempt_fails_once_however_long_it_takes(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        after_ms(7000); /* three SYNs more, the first after a second */
        done();
        after_ms(53000);
        expect_no_attempt();
        after_ms(1000);
        open_fast(100);
        expect_sent("S 0:100");
}

/* "the client's cache should include remote port numbers, too". */
static void
another_port_may_be_tried(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        after_ms(1000);
        done();
        e.peer_port++;
        open_fast(100);
        expect_sent("S 0:100 cookie 0123456789abcdef");
}

/* 4.2.1: "record the set of servers that failed to respond to cookie requests". */
static void
a_server_without_cookies_is_not_asked_again_at_once(void **state)
{
        (void)state;
        open_fast(100);
        expect_sent("S 0:0 cookie ask");
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_sent("PA 1:101 ack 1");
        done();
        expect_no_attempt();
        after_ms(60000);
        open_fast(100);
        expect_sent("S 0:0 cookie ask");
}

static void
a_server_that_takes_cookies_no_more(void **state)
{
        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_sent("PA 1:101 ack 1");
        done();
        expect_no_attempt();
        after_ms(60000);
        open_fast(100);
        expect_sent("S 0:0 cookie ask"); /* what it gave before is forgotten */
}

static void
an_icmp_error_is_a_negative_response(void **state)
{
        static const uint8_t router[16] = { 10, 0, 0, 9 };
        uint8_t error[ICMP_ERROR_MAX_IPV6];
        struct la_packet p = { .parts = 1 };
        struct ip_packet ip;

        (void)state;
        get_cookie();
        open_fast(100);
        expect_sent("S 0:100");
        assert_int_equal(ip_parse(e.last_bytes, sizeof e.last_bytes, &ip), WIRE_OK);
        p.part[0].length = icmp_build_unreachable(&ip, ICMP_PORT_UNREACHABLE, router, error);
        p.part[0].bytes = error;
        la_input(e.stack, e.now, &p, 1);
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_ERR_UNREACHABLE);
        expect_no_attempt();
}

/* ---- The memory of servers ---- */

/* Each is met once, its cookie saying its number. */
static void
meet(uint8_t number)
{
        struct tcp_host *h = &e.stack->host;
        struct la_endpoint local = { .address = { 10, 0, 0, 1 } }, remote = { { 10, 1, 1, number }, 80 };
        struct segment s = { .options = { .has_fastopen = true, .cookie_bytes = 4, .cookie = { number } } };
        struct tcb t = { .tuple = tuple_of(LA_IPV4, &local, &remote), .snd = { .nxt = { 1 }, .una = { 1 } } };

        fastopen_on_syn_ack(h, &t, &s);
}

static bool
is_known(uint8_t number)
{
        struct tcp_host *h = &e.stack->host;
        struct la_endpoint local = { .address = { 10, 0, 0, 1 } }, remote = { { 10, 1, 1, number }, 80 };
        struct tcb t = { .tuple = tuple_of(LA_IPV4, &local, &remote), .state = LA_SYN_SENT, .set.fast_open = true };
        struct outgoing o = { 0 };

        t.snd.nxt = t.snd.end = seq_of(1);
        t.path_mtu = 1500;
        fastopen_on_syn(h, &t, &o);
        assert_true(o.segment.options.has_fastopen);
        return o.segment.options.cookie_bytes == 4 && o.segment.options.cookie[0] == number;
}

static void
the_one_met_longest_ago_is_forgotten(void **state)
{
        struct la_config c = usual_config();

        (void)state;
        c.servers = 4;
        remake(&c);
        for (uint8_t i = 1; i <= 5; i++) {
                after_ms(1000);
                meet(i);
        }
        assert_false(is_known(1));
        for (uint8_t i = 2; i <= 5; i++)
                assert_true(is_known(i));
        after_ms(1000);
        meet(2);
        meet(6);
        assert_true(is_known(2));
        assert_false(is_known(3));
}

/* ---- LA_SEND_LAST ---- */

static void
last(size_t bytes)
{
        static uint8_t text[1000];
        size_t taken;

        for (size_t i = 0; i < bytes; i++)
                text[i] = (uint8_t)((i + 1) * 31 + ((i + 1) >> 8));
        assert_int_equal(la_send(e.stack, e.now, e.connection, text, bytes, LA_SEND_LAST, &taken), LA_OK);
        assert_int_equal(taken, bytes);
}

static void
the_fin_goes_in_the_syn(void **state)
{
        (void)state;
        get_cookie();
        open_fast(0);
        last(100);
        assert_int_equal(la_send(e.stack, e.now, e.connection, NULL, 0, 0, &(size_t){ 0 }), LA_ERR_CLOSING);
        expect_sent("SF 0:100 cookie 0123456789abcdef");
        seg("SA 0:0 ack 102 win 65535 mss 1460");
        expect_sent("A 102:102 ack 1");
        expect_state(LA_FIN_WAIT_2);
        seg("FA 1:1 ack 102");
        expect_sent("A 102:102 ack 2");
        expect_state(LA_TIME_WAIT);
}

static void
the_fin_that_was_not_taken_goes_again(void **state)
{
        (void)state;
        get_cookie();
        open_fast(0);
        last(100);
        expect_sent("SF 0:100");
        seg("SA 0:0 ack 101 win 65535 mss 1460"); /* as Linux answers */
        expect_state(LA_FIN_WAIT_1);
        expect_sent("FA 101:101 ack 1");
        seg("A 1:1 ack 102");
        expect_state(LA_FIN_WAIT_2);
}

static void
without_fast_open_the_fin_waits_for_the_handshake(void **state)
{
        (void)state;
        open_peer();
        last(100);
        expect_sent("S 0:0");
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_state(LA_FIN_WAIT_1);
        assert_int_equal(status_now().came_by, LA_T_ESTABLISHED_CLOSE);
        expect_sent("FPA 1:101 ack 1");
}

static void
in_a_simultaneous_open_it_waits_too(void **state)
{
        (void)state;
        open_peer();
        last(0);
        expect_sent("S 0:0");
        seg("S 0:0 win 65535 mss 1460");
        expect_state(LA_FIN_WAIT_1);
        assert_int_equal(status_now().came_by, LA_T_SYN_RECEIVED_CLOSE);
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        expect_sent("FA 1:1 ack 1");
}

static void
in_established_it_is_a_close(void **state)
{
        (void)state;
        established();
        last(100);
        expect_state(LA_FIN_WAIT_1);
        expect_sent("FPA 1:101 ack 1");
}

/* 3.10.4. */
static void
closing_still_ends_the_attempt(void **state)
{
        (void)state;
        open_peer();
        last(100);
        expect_sent("S 0:0");
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_gone();
        assert_int_equal(la_usage(e.stack).connections, 0);
        assert_int_equal(la_usage(e.stack).orphans, 0);
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
                engine_test(silence_is_remembered_for_a_while),
                engine_test(an_attempt_fails_once_however_long_it_takes),
                engine_test(another_port_may_be_tried),
                engine_test(a_server_without_cookies_is_not_asked_again_at_once),
                engine_test(a_server_that_takes_cookies_no_more),
                engine_test(an_icmp_error_is_a_negative_response),
                engine_test(the_one_met_longest_ago_is_forgotten),
                engine_test(the_fin_goes_in_the_syn),
                engine_test(the_fin_that_was_not_taken_goes_again),
                engine_test(without_fast_open_the_fin_waits_for_the_handshake),
                engine_test(in_a_simultaneous_open_it_waits_too),
                engine_test(in_established_it_is_a_close),
                engine_test(closing_still_ends_the_attempt),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
