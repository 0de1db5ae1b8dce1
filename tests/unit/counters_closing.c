/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters of ends: TIME_WAIT and its records, and connections that are aborted. */
#include "engine_counters.h"

/* ---- TIME_WAIT ---- */

static void
TW(void **state)
{
        (void)state;
        fin_wait_2();
        forget_counted();
        seg("FA 1:1 ack 2");
        expect_counted("InSegs 1, OutSegs 1, TW 1");
        seg("FA 1:1 ack 2"); /* again: the wait begins anew, the record is the same */
        expect_counted("InSegs 1, OutSegs 1");
        seg("R 2:2"); /* it ends: Linux counts nothing */
        expect_gone();
        expect_counted("InSegs 1");
        next_peer();
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        forget_sent();
        forget_counted();
        seg("A 1:1 ack 2"); /* an orphan in FIN_WAIT_2 */
        expect_counted("InSegs 1, TW 1");
        seg("FA 1:1 ack 2"); /* which goes on to TIME_WAIT as the same record */
        expect_counted("InSegs 1, OutSegs 1");
}

static void
TWKilled(void **state)
{
        (void)state;
        knob("lastack.time_wait_ms", "4000"); /* no longer than that */
        fin_wait_2();
        forget_counted();
        seg("FA 1:1 ack 2");
        expect_counted("InSegs 1, OutSegs 1, TWKilled 1");
        knob("lastack.time_wait_ms", "4001");
        next_peer();
        fin_wait_2();
        forget_counted();
        seg("FA 1:1 ack 2");
        expect_counted("InSegs 1, OutSegs 1, TW 1");
}

static void
TWRecycled(void **state)
{
        (void)state;
        knob("tcp_tw_reuse", "1");
        client_time_wait("ts 100");
        after_ms(1000);
        forget_counted();
        assert_int_equal(open_again(), LA_OK);
        expect_counted("ActiveOpens 1, OutSegs 1, TWRecycled 1");
        /* A SYN from outside that reopens is not counted. */
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        e.local_port = LOCAL_PORT;
        forget_sent();
        time_wait();
        e.peer_isn += 100000;
        forget_counted();
        seg("S 0:0 win 65535 mss 1460");
        expect_counted("InSegs 1, OutSegs 1");
}

static void
TCPTimeWaitOverflow(void **state)
{
        (void)state;
        knob("tcp_max_tw_buckets", "0");
        fin_wait_2();
        forget_counted();
        seg("FA 1:1 ack 2");
        expect_counted("InSegs 1, OutSegs 1, TCPTimeWaitOverflow 1");
}

/* ---- Aborted ---- */

static void
TCPAbortOnData(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        forget_sent();
        forget_counted();
        seg("PA 1:11 ack 1"); /* in FIN_WAIT_1 nobody reads any more */
        expect_counted("InSegs 1, OutSegs 1, OutRsts 1, TCPAbortOnData 1");
        next_peer();
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_LINGER, 0), LA_OK);
        forget_counted();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_counted("EstabResets 1, OutSegs 1, OutRsts 1, TCPAbortOnData 1");
        /* In FIN_WAIT_2 it is a record that answers: Linux counts nothing but the reset. */
        next_peer();
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        seg("A 1:1 ack 2");
        forget_sent();
        forget_counted();
        seg("PA 1:11 ack 2");
        expect_counted("InSegs 1, OutSegs 1, OutRsts 1");
}

static void
TCPAbortOnClose(void **state)
{
        (void)state;
        established();
        seg("PA 1:11 ack 1");
        forget_counted();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_counted("EstabResets 1, OutSegs 1, OutRsts 1, TCPAbortOnClose 1");
        /* Even if it would not have lingered: unread data is looked at first. */
        next_peer();
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_LINGER, 0), LA_OK);
        seg("PA 1:11 ack 1");
        forget_counted();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_counted("EstabResets 1, OutSegs 1, OutRsts 1, TCPAbortOnClose 1");
}

static void
TCPAbortOnMemory(void **state)
{
        (void)state;
        knob("tcp_max_orphans", "0");
        established();
        forget_counted();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_counted("OutSegs 1, OutRsts 1, TCPAbortOnMemory 1");
}

static void
TCPAbortOnLinger(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_LINGER, 1), LA_OK);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        after_ms(999);
        forget_sent();
        forget_counted();
        after_ms(1);
        expect_counted("OutSegs 1, OutRsts 1, TCPAbortOnLinger 1");
}

static void
TCPAbortFailed(void **state)
{
        (void)state;
        struct la_config c = usual_config();
        struct la_packet p;

        c.replies = 1;
        remake(&c);
        e.now += 1000;
        established();
        forget_counted();
        e.peer_port++;
        for (int i = 0; i < 2; i++) { /* the ring has room for one: nothing is taken out of it meanwhile */
                struct segment s = { .seq = seq_of(1), .ack_seq = seq_of(1), .ack = true, .ip.hop_limit = 1 };

                segment_ends(&s, true);
                p = (struct la_packet){ 0 };
                p.header_bytes = (uint16_t)segment_build(&s, NULL, 0, SEGMENT_CHECKSUM_FULL, p.header);
                e.local_port = 99;
                la_input(e.stack, e.now, &p, 1);
        }
        expect_counted("InSegs 2, OutRsts 2, OutSegs 1, TCPAbortFailed 1");
}

const struct counter_test counter_tests_closing[] = {
        COUNTER_TEST(TW),
        COUNTER_TEST(TWKilled),
        COUNTER_TEST(TWRecycled),
        COUNTER_TEST(TCPTimeWaitOverflow),
        COUNTER_TEST(TCPAbortOnData),
        COUNTER_TEST(TCPAbortOnClose),
        COUNTER_TEST(TCPAbortOnMemory),
        COUNTER_TEST(TCPAbortOnLinger),
        COUNTER_TEST(TCPAbortFailed),
        COUNTER_TESTS_END,
};
