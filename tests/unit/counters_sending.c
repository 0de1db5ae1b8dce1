/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters of what goes to and fro on a connection. */
#include "engine_counters.h"

static void
InSegs(void **state)
{
        (void)state;
        established();
        forget_counted();
        seg("PA 1:11 ack 1");
        expect_counted("InSegs 1");
        seg("PA 90000:90010 ack 1"); /* refused ones, too */
        expect_counted("InSegs 1, OutSegs 1, TCPDSACKOldSent 0");
}

static void
OutSegs(void **state)
{
        (void)state;
        established();
        forget_counted();
        assert_int_equal(write_bytes(2920), 2920);
        expect_counted("OutSegs 2, TCPOrigDataSent 2");
        after_ms(201);
        expect_counted("RetransSegs 1, TCPTimeouts 1"); /* what goes again is not counted here */
        seg("A 1:1 ack 2921");
        seg("A 1:1461 ack 2921");
        seg("A 1461:2921 ack 2921");
        expect_counted("InSegs 3, OutSegs 1"); /* an acknowledgment is */
}

static void
TCPOrigDataSent(void **state)
{
        (void)state;
        established();
        forget_counted();
        assert_int_equal(write_bytes(10), 10);
        expect_counted("OutSegs 1, TCPOrigDataSent 1");
        seg("A 1:1 ack 11");
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_counted("InSegs 1, OutSegs 1, TCPOrigDataSent 1"); /* a FIN alone, as in Linux */
}

static void
RetransSegs(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(10), 10);
        forget_sent();
        forget_counted();
        after_ms(201);
        expect_counted("RetransSegs 1, TCPTimeouts 1");
        after_ms(401);
        expect_counted("RetransSegs 1, TCPTimeouts 1");
        assert_int_equal(snapshot_now().tcp.retransmitted_total, 2);
}

static void
TCPTimeouts(void **state)
{
        (void)state;
        established();
        knob("tcp_retries2", "3");
        assert_int_equal(write_bytes(10), 10);
        forget_sent();
        forget_counted();
        after_ms(201 + 401 + 801);
        expect_counted("RetransSegs 3, TCPTimeouts 3");
        after_ms(1601); /* and the one that ends it */
        expect_counted("TCPTimeouts 1, TCPAbortOnTimeout 1, EstabResets 1");
        e.peer_port++;
        knob("tcp_syn_retries", "1");
        connecting();
        forget_counted();
        after_ms(3000);
        expect_counted("RetransSegs 1, TCPSynRetrans 1, TCPTimeouts 2, TCPAbortOnTimeout 1, AttemptFails 1");
}

static void
TCPAbortOnTimeout(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_USER_TIMEOUT, 100), LA_OK);
        assert_int_equal(write_bytes(10), 10);
        forget_sent();
        forget_counted();
        after_ms(100);
        expect_counted("TCPAbortOnTimeout 1, EstabResets 1");
}

static void
TCPKeepAlive(void **state)
{
        (void)state;
        established();
        knob("tcp_keepalive_probes", "2");
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_KEEPALIVE, 1), LA_OK);
        forget_counted();
        after_ms(7200 * 1000);
        expect_counted("TCPKeepAlive 1, OutSegs 1");
        after_ms(75000);
        expect_counted("TCPKeepAlive 1, OutSegs 1");
        after_ms(75000);
        expect_counted("TCPAbortOnTimeout 1, EstabResets 1, OutSegs 1, OutRsts 1");
}

static void
TCPWinProbe(void **state)
{
        (void)state;
        established();
        seg("A 1:1 ack 1 win 0");
        assert_int_equal(write_bytes(10), 10);
        forget_counted();
        after_ms(201);
        expect_counted("TCPWinProbe 1, OutSegs 1"); /* no retransmission timeout */
}

static void
TCPPureAcks(void **state)
{
        (void)state;
        established();
        forget_counted();
        seg("A 1:1 ack 1");
        expect_counted("InSegs 1, TCPPureAcks 1");
        seg("PA 1:11 ack 1");
        expect_counted("InSegs 1, TCPPureAcks 0");
}

static void
DelayedACKs(void **state)
{
        (void)state;
        established();
        forget_counted();
        seg("PA 1:11 ack 1");
        expect_counted("InSegs 1");
        after_ms(40);
        expect_counted("DelayedACKs 1, OutSegs 1");
        seg("A 11:1471 ack 1");
        seg("A 1471:2931 ack 1");
        expect_counted("InSegs 2, OutSegs 1"); /* not delayed to the end */
}

/* ---- Loss ---- */

/* Ten segments under way, the first of them lost: what the peer says for each that arrives behind. */
static void
three_duplicates(const char *duplicate)
{
        assert_int_equal(write_bytes(14600), 14600);
        forget_sent();
        forget_counted();
        seg(duplicate);
        seg(duplicate);
        expect_counted("InSegs 2");
        seg(duplicate);
}

static void
TCPRenoRecovery(void **state)
{
        (void)state;
        established();
        three_duplicates("A 1:1 ack 1");
        expect_counted("InSegs 1, TCPRenoRecovery 1, TCPFastRetrans 1, RetransSegs 1");
}

static void
TCPSackRecovery(void **state)
{
        (void)state;
        established_with("mss 1460 sackok");
        three_duplicates("A 1:1 ack 1 sack 1461:2921");
        expect_counted("InSegs 1, TCPSackRecovery 1, TCPFastRetrans 1, RetransSegs 1");
}

static void
TCPFastRetrans(void **state)
{
        (void)state;
        established();
        three_duplicates("A 1:1 ack 1");
        forget_counted();
        seg("A 1:1 ack 1461"); /* a partial one: the next hole */
        expect_counted("InSegs 1, TCPFastRetrans 1, RetransSegs 1");
        seg("A 1:1 ack 14601");
        expect_counted("InSegs 1");
}

static void
TCPDSACKRecv(void **state)
{
        (void)state;
        established_with("mss 1460 sackok");
        assert_int_equal(write_bytes(1460), 1460);
        forget_counted();
        seg("A 1:1 ack 1461 sack 1:1461"); /* RFC 2883 4.1: before the acknowledgment */
        expect_counted("InSegs 1, TCPDSACKRecv 1");
        seg("A 1:1 ack 1461");
        expect_counted("InSegs 1");
}

static void
TCPOFOQueue(void **state)
{
        (void)state;
        established();
        forget_counted();
        seg("PA 101:201 ack 1");
        expect_counted("InSegs 1, TCPOFOQueue 1, OutSegs 1");
        seg("PA 1:101 ack 1");
        expect_counted("InSegs 1, OutSegs 1");
}

static void
TCPOFODrop(void **state)
{
        (void)state;
        struct la_config c = usual_config();

        c.reassemblies = 1;
        remake(&c);
        established();
        seg("PA 101:201 ack 1"); /* the only one that may have a gap */
        next_peer();
        forget_sent();
        established();
        forget_counted();
        seg("PA 101:201 ack 1");
        expect_counted("InSegs 1, TCPOFODrop 1, OutSegs 1");
}

static void
OfoPruned(void **state)
{
        (void)state;
        struct la_config c = usual_config();

        c.chunks = 1;
        remake(&c);
        established();
        seg("PA 2001:2101 ack 1");
        forget_sent();
        forget_counted();
        seg("PA 1:101 ack 1");
        expect_counted("InSegs 1, OfoPruned 1, OutSegs 1");
}

static void
TCPDSACKOldSent(void **state)
{
        (void)state;
        established_with("mss 1460 sackok");
        seg("PA 1:101 ack 1");
        after_ms(40);
        forget_sent();
        forget_counted();
        seg("PA 1:101 ack 1");
        expect_sent("A 1:1 ack 101 sack 1:101");
        expect_counted("InSegs 1, TCPDSACKOldSent 1, OutSegs 1");
}

static void
TCPDSACKOfoSent(void **state)
{
        (void)state;
        established_with("mss 1460 sackok");
        seg("PA 101:201 ack 1");
        forget_sent();
        forget_counted();
        seg("PA 101:201 ack 1");
        expect_sent("A 1:1 ack 1 sack 101:201,101:201");
        expect_counted("InSegs 1, TCPOFOQueue 1, TCPDSACKOfoSent 1, OutSegs 1");
}

/* ---- Buffers and windows ---- */

static void
TCPRcvQDrop(void **state)
{
        (void)state;
        struct la_config c = usual_config();

        c.chunks = 1;
        remake(&c);
        established();
        forget_counted();
        seg("A 1:1461 ack 1"); /* a chunk holds 1024 bytes: some of it finds room */
        seg("A 1:1461 ack 1");
        collect();
        assert_true(counted(LA_C_TCPRcvQDrop) >= 1);
        assert_in_range(status_now().readable_bytes, 1, 1024);
}

static void
fill_the_window(void)
{
        char text[64];
        uint32_t at = 1;

        assert_int_equal(la_option_set(e.stack, e.now, e.listener, LA_OPTION_RECEIVE_BUFFER, 4096), LA_OK);
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1 win 4096");
        seg("A 1:1 ack 1");
        accept_it();
        forget_counted();
        for (uint32_t next = 1025; next <= 4097; at = next, next += 1024) {
                snprintf(text, sizeof text, "A %u:%u ack 1", at, next);
                seg(text);
        }
        after_ms(40);
}

static void
TCPToZeroWindowAdv(void **state)
{
        (void)state;
        listening();
        fill_the_window();
        assert_int_equal(counted(LA_C_TCPToZeroWindowAdv), 1);
        assert_int_equal(counted(LA_C_TCPFromZeroWindowAdv), 0);
}

static void
TCPFromZeroWindowAdv(void **state)
{
        (void)state;
        listening();
        fill_the_window();
        forget_sent();
        forget_counted();
        assert_int_equal(read_bytes(), 4096);
        expect_sent("A 1:1 ack 4097 win 4096");
        expect_counted("TCPFromZeroWindowAdv 1, OutSegs 1");
}

const struct counter_test counter_tests_sending[] = {
        COUNTER_TEST(InSegs),
        COUNTER_TEST(OutSegs),
        COUNTER_TEST(TCPOrigDataSent),
        COUNTER_TEST(RetransSegs),
        COUNTER_TEST(TCPTimeouts),
        COUNTER_TEST(TCPAbortOnTimeout),
        COUNTER_TEST(TCPKeepAlive),
        COUNTER_TEST(TCPWinProbe),
        COUNTER_TEST(TCPPureAcks),
        COUNTER_TEST(DelayedACKs),
        COUNTER_TEST(TCPRenoRecovery),
        COUNTER_TEST(TCPSackRecovery),
        COUNTER_TEST(TCPFastRetrans),
        COUNTER_TEST(TCPDSACKRecv),
        COUNTER_TEST(TCPOFOQueue),
        COUNTER_TEST(TCPOFODrop),
        COUNTER_TEST(OfoPruned),
        COUNTER_TEST(TCPDSACKOldSent),
        COUNTER_TEST(TCPDSACKOfoSent),
        COUNTER_TEST(TCPRcvQDrop),
        COUNTER_TEST(TCPToZeroWindowAdv),
        COUNTER_TEST(TCPFromZeroWindowAdv),
        COUNTER_TESTS_END,
};
