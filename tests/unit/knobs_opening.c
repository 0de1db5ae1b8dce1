/* SPDX-License-Identifier: BSD-2-Clause */
/* Tunables that a connection is opened with: how often it is tried, and what it is given. */
#include "engine_knobs.h"

static void
tcp_syn_retries(void **state)
{
        (void)state;
        connecting();
        set("tcp_syn_retries", "1"); /* live: it is trying already */
        after_ms(2999);
        assert_int_equal(count_sent(), 1);
        expect_state(LA_SYN_SENT);
        after_ms(1);
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_ERR_TIMED_OUT);
        assert_int_equal(status_now().came_by, LA_T_SYN_SENT_GIVE_UP);
        set("tcp_syn_retries", "6");
        e.peer_port++;
        connecting();
        after_ms(126999);
        assert_int_equal(count_sent(), 6);
        expect_state(LA_SYN_SENT);
        after_ms(1);
        expect_state(LA_CLOSED);
}

static void
tcp_window_scaling(void **state)
{
        (void)state;
        listening();
        set("tcp_window_scaling", "0");
        seg("S 0:0 win 65535 mss 1460 ws 3");
        expect_sent("SA 0:0 ack 1");
        assert_false(e.last.options.has_window_scale);
        seg("A 1:1 ack 1 win 8000");
        accept_it();
        assert_int_equal(snapshot_now().tcp.send_window_bytes, 8000);
        set("tcp_window_scaling", "1");
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460 ws 3");
        expect_sent("SA 0:0 ack 1 ws 7");
        set("tcp_window_scaling", "0"); /* what was agreed stays */
        seg("A 1:1 ack 1 win 8000");
        accept_it();
        assert_int_equal(snapshot_now().tcp.send_window_bytes, 64000);
        e.peer_port++;
        connecting();
        assert_false(e.last.options.has_window_scale);
        set("tcp_window_scaling", "1");
        e.peer_port++;
        connecting();
        assert_true(e.last.options.has_window_scale);
}

/* What the peer is told of a segment ahead of a gap. */
static unsigned int
blocks_reported(void)
{
        established_with("mss 1460 sackok");
        seg("PA 101:201 ack 1");
        expect_sent("A 1:1 ack 1");
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        e.peer_port++;
        return e.last.options.sack_count;
}

static void
tcp_sack(void **state)
{
        (void)state;
        set("tcp_sack", "0");
        assert_int_equal(blocks_reported(), 0);
        assert_false(snapshot_now().tcp.sack);
        set("tcp_sack", "1");
        assert_int_equal(blocks_reported(), 1);
        set("tcp_sack", "0"); /* what was agreed stays */
        e.peer_port--;
        seg("PA 301:401 ack 1");
        expect_sent("A 1:1 ack 1 sack 301:401,101:201");
        e.peer_port++;
        connecting();
        assert_false(e.last.options.sack_permitted);
}

static uint64_t
most(enum la_option option, uint64_t from)
{
        while (la_option_set(e.stack, e.now, e.connection, option, (int64_t)from * 2) == LA_OK)
                from *= 2;
        return from;
}

static void
tcp_rmem(void **state)
{
        (void)state;
        established();
        assert_int_equal(snapshot_now().tcp.receive_space_bytes, 131072);
        assert_int_equal(most(LA_OPTION_RECEIVE_BUFFER, 65536), 4194304);
        set("tcp_rmem", "4096\t8192\t16777216"); /* the third live, the second for who opens or listens from now on */
        assert_int_equal(most(LA_OPTION_RECEIVE_BUFFER, 65536), 16777216);
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        e.peer_port++;
        established();
        assert_int_equal(snapshot_now().tcp.receive_space_bytes, 8192);
        seg("PA 1:1001 ack 1");
        after_ms(40);
        expect_sent("A 1:1 ack 1001 win 7192");
        e.peer_port++;
        connecting();
        assert_int_equal(e.last.window, 8192);
        assert_int_equal(e.last.options.window_shift, 9); /* room for 16 MiB */
        set("tcp_rmem", "4096 4096 65536");
        e.peer_port++;
        connecting();
        assert_int_equal(e.last.options.window_shift, 1);
        /* What a SYN,ACK has offered holds, whatever becomes of the tunable before the handshake is complete. */
        e.peer_port++;
        e.local_port = LOCAL_PORT;
        seg("S 0:0 win 65535 mss 1460 ws 0");
        expect_sent("SA 0:0 ack 1 ws 1");
        set("tcp_rmem", "4096 131072 16777216");
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(snapshot_now().tcp.receive_wscale, 1);
}

static void
tcp_wmem(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(300000), 262144);
        assert_int_equal(most(LA_OPTION_SEND_BUFFER, 65536), 4194304);
        set("tcp_wmem", "4096 16384 1048576"); /* the third live, the second for who opens or listens from now on */
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_SEND_BUFFER, 1048577), LA_ERR_INVALID);
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        forget_sent();
        e.peer_port++;
        established();
        assert_int_equal(write_bytes(300000), 16384);
}

/* There is one so far: any other name is refused, and what there is says its name. */
static void
tcp_congestion_control(void **state)
{
        (void)state;
        const char *why;

        assert_int_equal(la_knob_set(e.stack, "tcp_congestion_control", "vegas", &why), LA_ERR_KNOB_VALUE);
        assert_int_equal(la_knob_set(e.stack, "tcp_congestion_control", "ren", &why), LA_ERR_KNOB_VALUE);
        assert_int_equal(la_knob_set(e.stack, "tcp_congestion_control", "reno2", &why), LA_ERR_KNOB_VALUE);
        set("tcp_congestion_control", "reno\n");
        established();
        assert_string_equal(snapshot_now().tcp.congestion, "reno");
}

static size_t
first_flight(void)
{
        established();
        assert_true(write_bytes(200000) > 100000);
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        e.peer_port++;
        return count_sent();
}

static void
initial_window(void **state)
{
        (void)state;
        assert_int_equal(first_flight(), 10);
        set("lastack.initial_window", "3");
        assert_int_equal(first_flight(), 3);
        set("lastack.initial_window", "1");
        assert_int_equal(first_flight(), 1);
        set("lastack.initial_window", "44");
        assert_int_equal(first_flight(), 44);
}

const struct knob_test knob_tests_opening[] = {
        KNOB_TEST(tcp_syn_retries),    KNOB_TEST(tcp_window_scaling),
        KNOB_TEST(tcp_sack),           KNOB_TEST(tcp_rmem),
        KNOB_TEST(tcp_wmem),           KNOB_TEST(tcp_congestion_control),
        OWN_KNOB_TEST(initial_window), { NULL, NULL },
};
