/* SPDX-License-Identifier: BSD-2-Clause */
/* Snapshots, field by field, against what is true: the states up to ESTABLISHED. */
#include "engine_snapshot.h"

static void
closed(void **state)
{
        (void)state;
        struct la_snapshot want;

        established();
        seg("PA 1:101 ack 1");
        seg("R 101:101");
        after_ms(3000);
        want = connection_at(LA_CLOSED, LA_T_ESTABLISHED_RCV_RST, 3000);
        put_numbers(&want, 1, 1, 101);
        want.tcp.bytes_received = 100;
        want.tcp.last_ack_received_ms = 3000;
        expect_now(&want);
        expect_gone();
}

static void
listen_with_its_queues(void **state)
{
        (void)state;
        struct la_endpoint any = { .port = 80 };
        struct la_snapshot want = snapshot_at(KNOWN_ALWAYS, LA_LISTEN, LA_T_CLOSED_PASSIVE_OPEN, 7000), got;

        assert_int_equal(la_listen(e.stack, e.now, LA_IPV4, &any, 1, 0, &e.listener), LA_OK);
        for (int i = 0; i < 5; i++) { /* two established, two half-open, and one for which there is no room */
                seg("S 0:0 win 65535 mss 1460");
                collect();
                if (e.sent_count > 0) {
                        expect_sent("SA 0:0 ack 1");
                        if (i < 2)
                                seg("A 1:1 ack 1");
                }
                e.peer_port++;
        }
        e.now += 7000000;
        assert_int_equal(la_snapshot(e.stack, e.now, e.listener, &got), LA_OK);
        want.known |= LA_KNOWN_QUEUE_LIMIT | LA_KNOWN_HALF_OPEN | LA_KNOWN_MEMORY | LA_KNOWN_DROPS | LA_KNOWN_COOKIE;
        memset(want.local.address, 0, 16);
        memset(&want.remote, 0, sizeof want.remote);
        want.receive_queue = 2;
        want.send_queue = 1;
        want.half_open = got.half_open;
        want.cookie = cookie_of(e.listener);
        want.memory.receive_buffer = 131072;
        want.memory.send_buffer = 262144;
        want.memory.drops = 3;
        expect_same(&got, &want);
        assert_int_equal(got.half_open, 0); /* the accept queue is full: no SYN is taken (tcp_conn_request()) */
}

static void
listen_counts_its_half_open(void **state)
{
        (void)state;
        struct la_snapshot got;

        listening();
        for (int i = 0; i < 3; i++, e.peer_port++)
                seg("S 0:0 win 65535 mss 1460");
        assert_int_equal(la_snapshot(e.stack, e.now, e.listener, &got), LA_OK);
        assert_int_equal(got.half_open, 3);
        assert_int_equal(got.receive_queue, 0);
        assert_int_equal(got.send_queue, 16);
}

static void
syn_sent_repeating(void **state)
{
        (void)state;
        struct la_snapshot want;

        connecting();
        assert_int_equal(write_bytes(100), 100);
        after_ms(1500);
        expect_sent("S 0:0");
        want = connection_at(LA_SYN_SENT, LA_T_CLOSED_ACTIVE_OPEN, 1500);
        put_numbers(&want, 0, 1, 0);
        want.rcv_nxt = 0;
        want.timer = LA_TIMER_RETRANSMIT;
        want.timer_ms = 1500;
        want.retransmits = 1;
        want.send_queue = 101; /* the SYN is one */
        want.memory.send_queued = 1024;
        want.tcp.timestamps = want.tcp.sack = want.tcp.window_scaling = true; /* offered */
        want.tcp.receive_wscale = 7;
        want.tcp.backoff = 1;
        want.tcp.rto_us = 2000000;
        want.tcp.send_mss_bytes = 0; /* nothing is agreed yet */
        want.tcp.cwnd = 0;
        want.tcp.send_window_bytes = 0;
        want.tcp.unacked = 1;
        want.tcp.retransmitted_total = 1;
        want.tcp.not_sent_bytes = 100;
        want.tcp.last_ack_received_ms = 1500;
        expect_now(&want);
}

static void
syn_received_from_a_listener(void **state)
{
        (void)state;
        struct la_snapshot want;

        half_open();
        after_ms(1200);
        want = snapshot_at(KNOWN_RECORD, LA_SYN_RECEIVED, LA_T_LISTEN_RCV_SYN, 1200);
        put_numbers(&want, 0, 1, 1);
        want.timer = LA_TIMER_RETRANSMIT;
        want.timer_ms = 1800;
        want.retransmits = 1;
        expect_found_as(&want);
}

static void
syn_received_crossed(void **state)
{
        (void)state;
        struct la_snapshot want;

        connecting();
        after_ms(300);
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        after_ms(400);
        want = connection_at(LA_SYN_RECEIVED, LA_T_SYN_SENT_RCV_SYN, 400);
        put_numbers(&want, 0, 1, 1);
        want.timer = LA_TIMER_RETRANSMIT;
        want.timer_ms = 300;
        want.send_queue = 1;
        want.tcp.rto_us = 1000000;
        want.tcp.unacked = 1;
        want.tcp.last_ack_received_ms = 700;
        expect_now(&want);
}

static void
established_idle(void **state)
{
        (void)state;
        struct la_snapshot want;

        established();
        after_ms(9000);
        want = connection_at(LA_ESTABLISHED, LA_T_SYN_RECEIVED_RCV_ACK, 9000);
        put_numbers(&want, 1, 1, 1);
        want.tcp.rto_us = snapshot_now().tcp.rto_us;
        want.tcp.last_ack_received_ms = 9000;
        expect_now(&want);
        assert_in_range(want.tcp.rto_us, 200000, 200001);
}

static void
established_with_everything(void **state)
{
        (void)state;
        struct la_snapshot want;
        char text[96];

        listening();
        seg("S 0:0 win 65535 mss 1460 ws 7 sackok ts 100 0");
        expect_sent("SA 0:0 ack 1");
        after_ms(40);
        snprintf(text, sizeof text, "A 1:1 ack 1 win 512 ts 140 %u", e.last.options.ts_value);
        seg(text);
        accept_it();
        after_ms(1000);
        assert_int_equal(write_bytes(20000), 20000); /* 10 segments of 1448 leave, the rest waits */
        forget_sent();
        snprintf(text, sizeof text, "PA 1:2001 ack 1449 win 512 ts 1140 %u", e.last.options.ts_value + 1000);
        seg(text);
        forget_sent();
        after_ms(10);
        want = connection_at(LA_ESTABLISHED, LA_T_SYN_RECEIVED_RCV_ACK, 1010);
        put_numbers(&want, 1449, 1449 + 11 * 1448, 2001);
        want.timer = LA_TIMER_RETRANSMIT;
        want.receive_queue = 2000;
        want.send_queue = 20000 - 1448;
        want.memory.receive_allocated = 2048 + 1024; /* in chunks of 1024 that begin where sequence numbers say */
        want.memory.send_queued = snapshot_now().memory.send_queued;
        assert_in_range(want.memory.send_queued, 20000 - 1448, 20000 + 1024);
        want.tcp.timestamps = want.tcp.sack = want.tcp.window_scaling = true;
        want.tcp.send_wscale = want.tcp.receive_wscale = 7;
        want.tcp.send_mss_bytes = 1448;
        want.tcp.send_window_bytes = 65536;
        want.tcp.cwnd = 11;
        want.tcp.unacked = 11;
        want.tcp.not_sent_bytes = 20000 - 12 * 1448;
        want.tcp.bytes_sent = 12 * 1448;
        want.tcp.bytes_acked = 1448;
        want.tcp.bytes_received = 2000;
        want.tcp.last_ack_received_ms = 10;
        want.tcp.rtt_us = 35000; /* 40 ms, and then 0: 7/8 of it (RFC 6298) */
        want.tcp.rttvar_us = 25000;
        want.tcp.rto_us = 235000;
        want.timer_ms = 225;
        expect_now(&want);
}

static void
established_after_a_timeout(void **state)
{
        (void)state;
        struct la_snapshot want;

        established();
        assert_int_equal(write_bytes(5840), 5840);
        after_ms(250);
        want = connection_at(LA_ESTABLISHED, LA_T_SYN_RECEIVED_RCV_ACK, 250);
        put_numbers(&want, 1, 5841, 1);
        want.timer = LA_TIMER_RETRANSMIT;
        want.timer_ms = 350;
        want.retransmits = 1;
        want.send_queue = 5840;
        want.memory.send_queued = 7 * 1024;
        want.tcp.backoff = 1;
        want.tcp.rto_us = 400000;
        want.tcp.cwnd = 1;
        want.tcp.ssthresh = 2;
        want.tcp.unacked = want.tcp.lost = 4;
        want.tcp.retransmitting = want.tcp.retransmitted_total = 1;
        want.tcp.bytes_sent = 5840;
        want.tcp.last_ack_received_ms = 250;
        want.tcp.rto_us = snapshot_now().tcp.rto_us;
        want.memory.send_queued = snapshot_now().memory.send_queued;
        expect_now(&want);
        assert_in_range(want.tcp.rto_us, 400000, 400002);
}

static void
established_before_a_closed_window(void **state)
{
        (void)state;
        struct la_snapshot want;

        established();
        seg("A 1:1 ack 1 win 0");
        assert_int_equal(write_bytes(10), 10);
        after_ms(250);
        expect_sent("A 0:0 ack 1");
        want = connection_at(LA_ESTABLISHED, LA_T_SYN_RECEIVED_RCV_ACK, 250);
        put_numbers(&want, 1, 1, 1);
        want.timer = LA_TIMER_PERSIST;
        want.timer_ms = 350;
        want.retransmits = 1;
        want.send_queue = 10;
        want.memory.send_queued = 1024;
        want.tcp.backoff = 1;
        want.tcp.rto_us = snapshot_now().tcp.rto_us;
        want.tcp.send_window_bytes = 0;
        want.tcp.not_sent_bytes = 10;
        want.tcp.last_ack_received_ms = 250;
        expect_now(&want);
}

static void
established_kept_alive(void **state)
{
        (void)state;
        struct la_snapshot s;

        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_KEEPALIVE, 1), LA_OK);
        after_ms(1000);
        seg("A 1:1 ack 1"); /* heard: the two hours begin anew */
        after_ms(2000);
        s = snapshot_now();
        assert_int_equal(s.timer, LA_TIMER_KEEPALIVE);
        assert_int_equal(s.timer_ms, 7200 * 1000 - 2000);
        assert_int_equal(s.retransmits, 0);
        after_ms(7200 * 1000 + 3000);
        s = snapshot_now();
        assert_int_equal(s.timer_ms, 75000 - 5000);
        assert_int_equal(s.retransmits, 1);
}

static void
established_and_not_accepted(void **state)
{
        (void)state;
        struct la_snapshot s;

        half_open();
        seg("A 1:1 ack 1");
        s = found();
        assert_true(s.known & LA_KNOWN_INODE);
        assert_true(la_snapshot_waits_for_accept(&s));
        accept_it();
        s = found();
        assert_false(s.known & LA_KNOWN_INODE);
        assert_int_equal(s.cookie, cookie_of(e.connection));
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(closed),
                engine_test(listen_with_its_queues),
                engine_test(listen_counts_its_half_open),
                engine_test(syn_sent_repeating),
                engine_test(syn_received_from_a_listener),
                engine_test6(syn_received_from_a_listener),
                engine_test(syn_received_crossed),
                engine_test(established_idle),
                engine_test(established_with_everything),
                engine_test(established_after_a_timeout),
                engine_test(established_before_a_closed_window),
                engine_test(established_kept_alive),
                engine_test(established_and_not_accepted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
