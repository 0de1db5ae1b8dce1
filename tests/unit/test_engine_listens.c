/* SPDX-License-Identifier: BSD-2-Clause */
/* Listeners: SYN queue, accept queue, SYN cookies; and ports. */
#include "engine.h"

static void
syn_from(unsigned int port, const char *options)
{
        char text[128];

        e.peer_port = (uint16_t)port;
        snprintf(text, sizeof text, "S 0:0 win 65535 mss 1460 %s", options);
        seg(text);
}

static void
listen_with(uint32_t backlog)
{
        struct la_endpoint any = { .port = e.local_port };

        assert_int_equal(la_listen(e.stack, e.now, e.family, &any, backlog, 0, &e.listener), LA_OK);
}

static void
listen_rules(void **state)
{
        (void)state;
        listening();
        seg("R 0:0");
        expect_nothing_sent();
        expect_verdict(LA_V_LISTEN_RST);
        seg("A 5:5 ack 9");
        expect_sent("R 9:9");
        expect_verdict(LA_V_LISTEN_ACK);
        seg("P 5:6");
        expect_nothing_sent();
        expect_verdict(LA_V_LISTEN_NO_SYN);
        seg("SF 0:0");
        expect_sent("SA 0:0 ack 1");
        expect_found(LA_SYN_RECEIVED);
}

static void
many_listeners_and_the_exact_one_first(void **state)
{
        (void)state;
        struct la_endpoint any = { .port = 80 }, exact = { { 10, 0, 0, 1 }, 80 }, other = { .port = 81 };
        struct la_handle a, b, c;

        assert_int_equal(la_listen(e.stack, e.now, LA_IPV4, &any, 5, 1, &a), LA_OK);
        assert_int_equal(la_listen(e.stack, e.now, LA_IPV4, &exact, 5, 2, &b), LA_OK);
        assert_int_equal(la_listen(e.stack, e.now, LA_IPV4, &other, 5, 3, &c), LA_OK);
        assert_int_equal(la_listen(e.stack, e.now, LA_IPV4, &any, 5, 1, &c), LA_ERR_IN_USE);
        assert_int_equal(la_listen(e.stack, e.now, LA_IPV6, &any, 5, 1, &c), LA_OK);
        e.listener = b;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(la_state_count(e.stack, LA_LISTEN), 4);
        assert_int_equal(la_close(e.stack, e.now, b), LA_OK);
        assert_int_equal(la_state_count(e.stack, LA_LISTEN), 3);
}

static void
accept_queue_overflow(void **state)
{
        (void)state;
        listen_with(1);
        for (unsigned int port = 1; port <= 2; port++) {
                syn_from(port, "");
                expect_sent("SA 0:0 ack 1");
                seg("A 1:1 ack 1");
        }
        /* Linux holds one more than the number says; the third SYN finds the queue full. */
        syn_from(3, "");
        expect_nothing_sent();
        expect_verdict(LA_V_LISTEN_ACCEPT_QUEUE_FULL);
        assert_int_equal(counted(LA_C_ListenOverflows), 1);
        assert_int_equal(counted(LA_C_ListenDrops), 1);
        accept_it();
        syn_from(3, "");
        expect_sent("SA 0:0 ack 1");
}

static void
ack_into_a_full_queue_is_dropped_or_reset(void **state)
{
        (void)state;
        uint32_t isn1;

        knob("tcp_syncookies", "0");
        listen_with(1);
        syn_from(1, "");
        expect_sent("SA 0:0 ack 1");
        isn1 = e.our_isn;
        syn_from(2, "");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        syn_from(3, "");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        e.peer_port = 1;
        e.our_isn = isn1;
        seg("A 1:1 ack 1");
        expect_nothing_sent();
        expect_verdict(LA_V_SYN_RECEIVED_QUEUE_FULL);
        expect_found(LA_SYN_RECEIVED);
        knob("tcp_abort_on_overflow", "1");
        seg("A 1:1 ack 1");
        expect_sent("R 1:1");
        expect_gone();
        assert_int_equal(counted(LA_C_ListenOverflows), 2);
        assert_int_equal(la_transition_count(e.stack, LA_T_SYN_RECEIVED_ACCEPT_OVERFLOW), 1);
}

static void
syn_queue_full_without_cookies(void **state)
{
        (void)state;
        knob("tcp_syncookies", "0");
        listen_with(3);
        for (unsigned int port = 1; port <= 4; port++) {
                syn_from(port, "");
                expect_sent("SA 0:0 ack 1");
        }
        syn_from(5, "");
        expect_nothing_sent();
        expect_verdict(LA_V_LISTEN_SYN_QUEUE_FULL);
        assert_int_equal(counted(LA_C_TCPReqQFullDrop), 1);
        assert_int_equal(la_state_count(e.stack, LA_SYN_RECEIVED), 4);
}

static void
syn_backlog_counts_without_cookies(void **state)
{
        (void)state;
        struct la_config c = usual_config();

        c.half_open = 200;
        remake(&c);
        knob("tcp_syncookies", "0");
        knob("tcp_max_syn_backlog", "64");
        listen_with(100);
        for (unsigned int port = 1; port <= 49; port++)
                syn_from(port, "");
        forget_sent();
        assert_int_equal(la_state_count(e.stack, LA_SYN_RECEIVED), 49); /* three quarters of 64, and one */
        syn_from(50, "");
        expect_nothing_sent();
}

static void
cookies_when_the_queue_is_full(void **state)
{
        (void)state;
        listen_with(0);
        syn_from(1, "");
        expect_sent("SA 0:0 ack 1");
        syn_from(2, "ws 5 sackok");
        expect_sent("SA 0:0 ack 1 mss 1460");
        expect_verdict(LA_V_LISTEN_COOKIE_SENT);
        assert_false(e.last.options.has_window_scale);
        assert_int_equal(la_usage(e.stack).half_open, 1);
        seg("PA 1:11 ack 1");
        assert_int_equal(counted(LA_C_SyncookiesSent), 1);
        assert_int_equal(counted(LA_C_SyncookiesRecv), 1);
        assert_int_equal(counted(LA_C_TCPReqQFullDoCookies), 1);
        accept_it();
        expect_state(LA_ESTABLISHED);
        assert_int_equal(read_bytes(), 10);
        assert_int_equal(status_now().came_by, LA_T_LISTEN_RCV_COOKIE_ACK);
        assert_int_equal(snapshot_now().tcp.send_mss_bytes, 1460);
}

static void
cookies_keep_options_in_timestamps(void **state)
{
        (void)state;
        knob("tcp_syncookies", "2");
        listen_with(5);
        syn_from(1, "ws 5 sackok ts 100 0");
        expect_sent("SA 0:0 ack 1 ws 7 sackok ts * 100");
        assert_int_equal(la_usage(e.stack).half_open, 0);
        {
                char text[80];

                snprintf(text, sizeof text, "A 1:1 ack 1 win 1000 ts 101 %u", e.last.options.ts_value);
                seg(text);
        }
        accept_it();
        assert_true(snapshot_now().tcp.sack);
        assert_true(snapshot_now().tcp.timestamps);
        assert_int_equal(snapshot_now().tcp.send_wscale, 5);
        assert_int_equal(snapshot_now().tcp.receive_wscale, 7);
        assert_int_equal(snapshot_now().tcp.send_window_bytes, 32000);
}

static void
wrong_and_old_cookies(void **state)
{
        (void)state;
        knob("tcp_syncookies", "2");
        listen_with(5);
        syn_from(1, "");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 2");
        expect_sent("R 2:2");
        expect_verdict(LA_V_LISTEN_COOKIE_BAD);
        assert_int_equal(counted(LA_C_SyncookiesFailed), 1);
        after_ms(300000);
        seg("A 1:1 ack 1");
        expect_sent("R 1:1");
        assert_int_equal(la_usage(e.stack).connections, 0);
}

static void
cookies_age_even_while_others_leave(void **state)
{
        (void)state;
        uint32_t isn;

        knob("tcp_syncookies", "2");
        listen_with(5);
        syn_from(1, "");
        expect_sent("SA 0:0 ack 1");
        isn = e.our_isn;
        for (int i = 0; i < 3; i++) {
                after_ms(70000);
                syn_from(2, "");
                forget_sent();
        }
        e.peer_port = 1;
        e.our_isn = isn;
        seg("A 1:1 ack 1");
        expect_sent("R 1:1");
        expect_verdict(LA_V_LISTEN_COOKIE_BAD);
}

static void
a_flood_leaves_room_for_those_who_answer(void **state)
{
        (void)state;
        struct la_packet p = { 0 };

        listen_with(10);
        for (uint32_t i = 0; i < 100000; i++) {
                struct segment s = { .family = LA_IPV4,
                                     .syn = true,
                                     .source = { { 11, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i }, 999 },
                                     .destination = { { 10, 0, 0, 1 }, LOCAL_PORT },
                                     .ip = { .hop_limit = 3 },
                                     .seq = seq_of(i),
                                     .window = 1000 };

                p.header_bytes = (uint16_t)segment_build(&s, NULL, 0, SEGMENT_CHECKSUM_FULL, p.header);
                la_input(e.stack, e.now, &p, 1);
                e.now += 10;
        }
        assert_int_equal(la_usage(e.stack).half_open, 11);
        while (la_output(e.stack, e.now, &p, 1) == 1)
                ;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        expect_state(LA_ESTABLISHED);
}

static void
closing_a_listener_ends_what_it_has(void **state)
{
        (void)state;
        listen_with(5);
        syn_from(1, "");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        syn_from(2, "");
        expect_sent("SA 0:0 ack 1");
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        e.peer_port = 1;
        collect();
        assert_int_equal(e.sent_count, 1);
        assert_int_equal(la_usage(e.stack).connections, 0);
        assert_int_equal(la_usage(e.stack).half_open, 0);
        for (int i = 0; i < LA_STATE_COUNT; i++)
                assert_int_equal(la_state_count(e.stack, (enum la_state)i), 0);
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_ERR_HANDLE);
}

static void
accept_tells_again_and_inherits(void **state)
{
        (void)state;
        int64_t value;

        listen_with(5);
        assert_int_equal(la_accept(e.stack, e.now, e.listener, 0, &e.connection), LA_ERR_AGAIN);
        assert_int_equal(la_option_set(e.stack, e.now, e.listener, LA_OPTION_NODELAY, 1), LA_OK);
        syn_from(1, "");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(la_option_get(e.stack, e.connection, LA_OPTION_NODELAY, &value), LA_OK);
        assert_int_equal(value, 1);
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_TTL, 0), LA_ERR_INVALID);
}

static enum la_error
open_to(const char *address_last, struct la_handle *ret)
{
        struct la_endpoint to = { { 10, 0, 0, (uint8_t)atoi(address_last) }, 443 };

        return la_open(e.stack, e.now, LA_IPV4, NULL, &to, 0, ret);
}

static void
ports_end_and_say_so(void **state)
{
        (void)state;
        struct la_handle h, other;
        bool seen[16] = { false };

        knob("net.ipv4.ip_local_port_range", "5000 5009");
        knob("net.ipv4.ip_local_reserved_ports", "5003,5005-5006");
        for (int i = 0; i < 7; i++) {
                struct la_snapshot s;

                assert_int_equal(open_to("2", &h), LA_OK);
                assert_int_equal(la_snapshot(e.stack, e.now, h, &s), LA_OK);
                assert_true(s.local.port >= 5000 && s.local.port <= 5009);
                assert_false(seen[s.local.port - 5000]);
                seen[s.local.port - 5000] = true;
        }
        assert_false(seen[3] || seen[5] || seen[6]);
        assert_int_equal(open_to("2", &other), LA_ERR_NO_PORTS);
        assert_int_equal(open_to("3", &other), LA_OK); /* another destination has its own */
        assert_int_equal(la_abort(e.stack, e.now, h), LA_OK);
        assert_int_equal(open_to("2", &other), LA_OK);
}

/* Shows MUST-46. */
static void
must_46_open_refuses_what_is_no_host(void **state)
{
        (void)state;
        struct la_endpoint multicast = { { 224, 0, 0, 1 }, 5 }, nobody = { { 0 }, 5 }, no_port = { { 10, 0, 0, 2 }, 0 };
        struct la_handle h;

        assert_int_equal(la_open(e.stack, e.now, LA_IPV4, NULL, &multicast, 0, &h), LA_ERR_ADDRESS);
        assert_int_equal(la_open(e.stack, e.now, LA_IPV4, NULL, &nobody, 0, &h), LA_ERR_ADDRESS);
        assert_int_equal(la_open(e.stack, e.now, LA_IPV4, NULL, &no_port, 0, &h), LA_ERR_INVALID);
}

static void
connections_end_and_say_so(void **state)
{
        (void)state;
        struct la_handle h;

        for (int i = 0; i < 64; i++)
                assert_int_equal(open_to("2", &h), LA_OK);
        assert_int_equal(open_to("2", &h), LA_ERR_NO_CONNECTIONS);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(listen_rules),
                engine_test(many_listeners_and_the_exact_one_first),
                engine_test(accept_queue_overflow),
                engine_test(ack_into_a_full_queue_is_dropped_or_reset),
                engine_test(syn_queue_full_without_cookies),
                engine_test(syn_backlog_counts_without_cookies),
                engine_test(cookies_when_the_queue_is_full),
                engine_test6(cookies_keep_options_in_timestamps),
                engine_test(cookies_keep_options_in_timestamps),
                engine_test(wrong_and_old_cookies),
                engine_test(cookies_age_even_while_others_leave),
                engine_test(a_flood_leaves_room_for_those_who_answer),
                engine_test(closing_a_listener_ends_what_it_has),
                engine_test(accept_tells_again_and_inherits),
                engine_test(ports_end_and_say_so),
                engine_test(must_46_open_refuses_what_is_no_host),
                engine_test(connections_end_and_say_so),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
