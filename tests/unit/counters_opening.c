/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters of connections that are made, and of listeners. */
#include "engine_counters.h"

static void
ActiveOpens(void **state)
{
        (void)state;
        connecting();
        expect_counted("ActiveOpens 1, OutSegs 1");
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_counted("InSegs 1, OutSegs 1");
}

static void
PassiveOpens(void **state)
{
        (void)state;
        half_open();
        expect_counted("InSegs 1, OutSegs 1"); /* not before the handshake is complete */
        seg("A 1:1 ack 1");
        expect_counted("InSegs 1, PassiveOpens 1");
        knob("tcp_syncookies", "2");
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        forget_counted();
        seg("A 1:1 ack 1");
        expect_counted("InSegs 1, PassiveOpens 1, SyncookiesRecv 1");
}

static void
AttemptFails(void **state)
{
        (void)state;
        connecting();
        forget_counted();
        seg("RA 0:0 ack 1");
        expect_counted("InSegs 1, AttemptFails 1");
        e.peer_port++;
        e.local_port = LOCAL_PORT;
        half_open();
        forget_counted();
        seg("R 1:1");
        expect_counted("InSegs 1, AttemptFails 1");
        /* Linux does not count what only times out, or goes with its listener. */
        knob("tcp_synack_retries", "1");
        seg("S 0:0 win 65535 mss 1460");
        after_ms(1500);
        forget_counted();
        after_ms(1500);
        expect_gone();
        expect_counted("TCPTimeouts 1");
        seg("S 0:0 win 65535 mss 1460");
        forget_sent();
        forget_counted();
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        expect_gone();
        expect_counted("");
}

static void
EstabResets(void **state)
{
        (void)state;
        established();
        forget_counted();
        seg("R 1:1");
        expect_counted("InSegs 1, EstabResets 1");
        next_peer();
        close_wait();
        forget_counted();
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        expect_counted("EstabResets 1, OutSegs 1, OutRsts 1");
        next_peer();
        fin_wait_1();
        forget_counted();
        seg("R 1:1");
        expect_counted("InSegs 1"); /* neither ESTABLISHED nor CLOSE_WAIT */
}

static void
OutRsts(void **state)
{
        (void)state;
        seg("A 1:1 ack 1"); /* to nobody */
        expect_counted("InSegs 1, OutSegs 1, OutRsts 1");
        seg("R 1:1");
        expect_counted("InSegs 1");
        established();
        forget_counted();
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        expect_counted("EstabResets 1, OutSegs 1, OutRsts 1");
}

/* ---- Listeners ---- */

static void
listen_with(uint32_t backlog)
{
        struct la_endpoint any = { .port = e.local_port };

        assert_int_equal(la_listen(e.stack, e.now, e.family, &any, backlog, 0, &e.listener), LA_OK);
}

static void
syn(void)
{
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        forget_sent();
}

static void
TCPReqQFullDrop(void **state)
{
        (void)state;
        knob("tcp_syncookies", "0");
        listen_with(1);
        syn();
        syn();
        expect_counted("InSegs 2, OutSegs 2");
        syn();
        expect_counted("InSegs 1, TCPReqQFullDrop 1, ListenDrops 1");
}

static void
TCPReqQFullDoCookies(void **state)
{
        (void)state;
        listen_with(1);
        syn();
        syn();
        forget_counted();
        syn();
        expect_counted("InSegs 1, OutSegs 1, TCPReqQFullDoCookies 1, SyncookiesSent 1");
}

static void
SyncookiesSent(void **state)
{
        (void)state;
        knob("tcp_syncookies", "2");
        listen_with(1);
        syn();
        expect_counted("InSegs 1, OutSegs 1, TCPReqQFullDoCookies 1, SyncookiesSent 1");
        after_ms(70000); /* and never repeated */
        expect_counted("");
}

static void
SyncookiesRecv(void **state)
{
        (void)state;
        knob("tcp_syncookies", "2");
        half_open();
        forget_counted();
        seg("A 1:1 ack 1");
        expect_counted("InSegs 1, SyncookiesRecv 1, PassiveOpens 1");
}

static void
SyncookiesFailed(void **state)
{
        (void)state;
        knob("tcp_syncookies", "2");
        listening();
        e.our_isn = 0;
        seg("A 1:1 ack 1");
        expect_counted("InSegs 1, OutSegs 1, OutRsts 1"); /* none is out: it is not looked at */
        forget_sent();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        forget_counted();
        seg("A 1:1 ack 2");
        expect_counted("InSegs 1, SyncookiesFailed 1, OutSegs 1, OutRsts 1");
        after_ms(3 * 64 * 1000);         /* too old */
        seg("S 0:0 win 65535 mss 1460"); /* another is out */
        forget_sent();
        forget_counted();
        e.our_isn = e.last.seq.v;
        seg("A 1:1 ack 1");
        expect_counted("InSegs 1, SyncookiesFailed 1, OutSegs 1, OutRsts 1");
}

static void
ListenOverflows(void **state)
{
        (void)state;
        knob("tcp_syncookies", "2");
        listen_with(0);
        syn();
        e.our_isn = e.last.seq.v;
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        forget_counted();
        syn(); /* finds the accept queue full */
        expect_counted("InSegs 1, TCPReqQFullDoCookies 1, ListenOverflows 1, ListenDrops 1");
        e.peer_port--;
}

static void
ListenDrops(void **state)
{
        (void)state;
        struct la_config c = usual_config();
        struct la_snapshot s;

        /* Each drop is on the listener, too: an overflow in the handshake, one in the SYN, a connection not to be had. */
        c.connections = 1;
        remake(&c);
        listen_with(1);
        syn();
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        e.peer_port--;
        forget_counted();
        e.our_isn = 0;
        seg("A 1:1 ack 1");
        expect_counted("InSegs 1, ListenDrops 1");
        assert_int_equal(la_snapshot(e.stack, e.now, e.listener, &s), LA_OK);
        assert_int_equal(s.memory.drops, 1);
        knob("tcp_syncookies", "2");
        e.peer_port = 9;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        forget_counted();
        seg("A 1:1 ack 1");
        expect_counted("InSegs 1, SyncookiesRecv 1, ListenDrops 1");
        assert_int_equal(la_snapshot(e.stack, e.now, e.listener, &s), LA_OK);
        assert_int_equal(s.memory.drops, 2);
}

static void
PAWSPassive(void **state)
{
        (void)state;
        knob("tcp_tw_recycle", "1");
        established_with("mss 1460 ts 5000 0");
        assert_int_equal(la_abort_and_wait(e.stack, e.now, e.connection), LA_OK);
        forget_sent();
        forget_counted();
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460 ts 100 0");
        expect_counted("InSegs 1, PAWSPassive 1, ListenDrops 1");
}

static void
TCPSynRetrans(void **state)
{
        (void)state;
        connecting();
        forget_counted();
        after_ms(1000);
        expect_counted("TCPTimeouts 1, RetransSegs 1, TCPSynRetrans 1");
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        e.peer_port++;
        e.local_port = LOCAL_PORT;
        forget_sent();
        half_open();
        forget_counted();
        after_ms(1000); /* a SYN,ACK counts as sent, too */
        expect_counted("TCPTimeouts 1, RetransSegs 1, TCPSynRetrans 1, OutSegs 1");
        seg("S 0:0 win 65535 mss 1460");
        expect_counted("InSegs 1, RetransSegs 1, TCPSynRetrans 1, OutSegs 1");
}

const struct counter_test counter_tests_opening[] = {
        COUNTER_TEST(ActiveOpens),          COUNTER_TEST(PassiveOpens),    COUNTER_TEST(AttemptFails),
        COUNTER_TEST(EstabResets),          COUNTER_TEST(OutRsts),         COUNTER_TEST(TCPReqQFullDrop),
        COUNTER_TEST(TCPReqQFullDoCookies), COUNTER_TEST(SyncookiesSent),  COUNTER_TEST(SyncookiesRecv),
        COUNTER_TEST(SyncookiesFailed),     COUNTER_TEST(ListenOverflows), COUNTER_TEST(ListenDrops),
        COUNTER_TEST(PAWSPassive),          COUNTER_TEST(TCPSynRetrans),   COUNTER_TESTS_END,
};
