/* SPDX-License-Identifier: BSD-2-Clause */
/* Tunables of listeners: whom they answer, whom they drop, and for how long they repeat. */
#include "engine_knobs.h"

static void
listen_with(uint32_t backlog)
{
        struct la_endpoint any = { .port = e.local_port };

        assert_int_equal(la_listen(e.stack, e.now, e.family, &any, backlog, 0, &e.listener), LA_OK);
}

/* The next peer's SYN; whether it was answered. */
static bool
next_syn(void)
{
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        if (count_sent() == 0)
                return false;
        return true;
}

static uint32_t
half_open_now(void)
{
        return la_usage(e.stack).half_open;
}

static void
tcp_syncookies(void **state)
{
        (void)state;
        set("tcp_syncookies", "0");
        listen_with(1);
        assert_true(next_syn());
        assert_true(next_syn());
        assert_false(next_syn()); /* the queue is full */
        assert_int_equal(counted(LA_C_TCPReqQFullDrop), 1);
        assert_int_equal(counted(LA_C_ListenDrops), 1);
        set("tcp_syncookies", "1");
        assert_true(next_syn()); /* answered, and not remembered */
        assert_int_equal(half_open_now(), 2);
        assert_int_equal(counted(LA_C_TCPReqQFullDoCookies), 1);
        assert_int_equal(counted(LA_C_SyncookiesSent), 1);
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        listen_with(1);
        assert_true(next_syn()); /* not as long as there is room */
        assert_int_equal(half_open_now(), 1);
        set("tcp_syncookies", "2");
        assert_true(next_syn());
        assert_int_equal(half_open_now(), 1);
        assert_int_equal(counted(LA_C_SyncookiesSent), 2);
        set("tcp_syncookies", "0"); /* and nobody comes back with one */
        expect_gone();
        e.our_isn = 0;
        seg("A 1:1 ack 1");
        assert_int_equal(counted(LA_C_SyncookiesRecv), 0);
}

/* How many half-open connections a listener holds. */
static uint32_t
held(void)
{
        listen_with(1000);
        for (int i = 0; i < 300; i++)
                next_syn();
        return half_open_now();
}

static void
tcp_max_syn_backlog(void **state)
{
        (void)state;
        struct la_config c = usual_config();

        c.half_open = 200;
        remake(&c);
        set("tcp_syncookies", "0");
        set("tcp_max_syn_backlog", "64");
        assert_int_equal(held(), 49); /* three quarters, and one */
        set("tcp_max_syn_backlog", "128");
        assert_true(next_syn());
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        assert_int_equal(held(), 97);
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        set("tcp_syncookies", "1"); /* and now it says nothing */
        set("tcp_max_syn_backlog", "64");
        assert_int_equal(held(), 200);
}

/* How many established connections wait at a listener. */
static uint32_t
waiting(void)
{
        struct la_snapshot s;

        for (int i = 0; i < 40; i++) {
                e.peer_port++;
                seg("S 0:0 win 65535 mss 1460");
                collect();
                if (e.sent_count == 0)
                        continue;
                expect_sent("SA 0:0 ack 1");
                seg("A 1:1 ack 1");
        }
        assert_int_equal(la_snapshot(e.stack, e.now, e.listener, &s), LA_OK);
        return s.receive_queue;
}

static void
somaxconn(void **state)
{
        (void)state;
        struct la_snapshot s;

        set("net.core.somaxconn", "16");
        listen_with(1000);
        assert_int_equal(waiting(), 17); /* as Linux has it, one more than the number says */
        assert_int_equal(la_snapshot(e.stack, e.now, e.listener, &s), LA_OK);
        assert_int_equal(s.send_queue, 16);
        assert_int_equal(counted(LA_C_ListenOverflows), 40 - 17);
        set("net.core.somaxconn", "20");
        assert_int_equal(waiting(), 17); /* not for a listener that is there */
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        forget_sent();
        listen_with(1000);
        assert_int_equal(waiting(), 21);
}

/* Two are half-open; the first completes its handshake and fills the queue of a listener with backlog 0. */
static void
last_ack_finds_no_room(void)
{
        uint32_t first_isn;

        listen_with(0);
        e.peer_port = 1;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        first_isn = e.our_isn;
        set("tcp_syncookies", "2"); /* who is answered with a cookie needs no place in the SYN queue */
        e.peer_port = 2;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        expect_found(LA_ESTABLISHED);
        e.peer_port = 1;
        e.our_isn = first_isn;
        seg("A 1:1 ack 1");
}

static void
tcp_abort_on_overflow(void **state)
{
        (void)state;
        last_ack_finds_no_room();
        expect_nothing_sent();
        expect_found(LA_SYN_RECEIVED);
        assert_int_equal(counted(LA_C_ListenOverflows), 1);
        assert_int_equal(counted(LA_C_ListenDrops), 1);
        set("tcp_abort_on_overflow", "1");
        seg("A 1:1 ack 1");
        expect_sent("R 1:1");
        expect_gone();
        assert_int_equal(counted(LA_C_ListenOverflows), 2);
}

/* How often the SYN,ACK is repeated; after which time it is given up. */
static size_t
repetitions(const char *value, uint32_t *ret_ms)
{
        struct la_snapshot s;

        set("tcp_synack_retries", value);
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        for (*ret_ms = 0; find_peer(&s); *ret_ms += 500)
                after_ms(500);
        return count_sent();
}

static void
tcp_synack_retries(void **state)
{
        (void)state;
        uint32_t ms;

        listening();
        assert_int_equal(repetitions("1", &ms), 1);
        assert_int_equal(ms, 3000);
        assert_int_equal(repetitions("5", &ms), 5);
        assert_int_equal(ms, 63000);
        assert_int_equal(counted(LA_C_TCPSynRetrans), 6);
        /* Live, for one that is repeating already. */
        seg("S 0:0 win 65535 mss 1460");
        after_ms(7500);
        assert_int_equal(count_sent(), 4);
        set("tcp_synack_retries", "1");
        after_ms(7500);
        assert_int_equal(count_sent(), 0);
        expect_gone();
}

const struct knob_test knob_tests_listening[] = {
        KNOB_TEST(tcp_syncookies),        KNOB_TEST(tcp_max_syn_backlog), KNOB_TEST(somaxconn),
        KNOB_TEST(tcp_abort_on_overflow), KNOB_TEST(tcp_synack_retries),  { NULL, NULL },
};
