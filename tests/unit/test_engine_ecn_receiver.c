/* SPDX-License-Identifier: BSD-2-Clause */
/* Explicit Congestion Notification, who receives: RFC 3168 6.1.3 to 6.1.6. */
#include "engine_ecn.h"
#include "tcp/ecn.h"

/* ---- 6.1.3, The TCP Receiver ---- */

/* "continues to set the ECN-Echo flag in all the ACK packets it sends ... until it receives a CWR packet".  Shows SHLD-8. */
static void
a_mark_is_echoed_until_cwr(void **state)
{
        (void)state;
        agreed();
        seg("PA 1:101 ack 1 ecn ce");
        expect_sent("AE 1:1 ack 101 ecn none");
        seg("PA 101:201 ack 1 ecn ect0");
        expect_sent("AE 1:1 ack 201");
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PAE 1:101 ack 201 ecn ect0");
        seg("PAC 201:301 ack 101 ecn ect0");
        expect_sent("A 101:101 ack 301");
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 101:201 ack 301 ecn ect0");
}

static void
ect_1_may_be_marked_too(void **state)
{
        (void)state;
        agreed();
        seg("PA 1:101 ack 1 ecn ect1");
        after_ms(40);
        expect_sent("A 1:1 ack 101");
        assert_true(details().ecn_seen);
}

/* "the ECN-Echo flag in the ACK packet will be set to '1' if the CE codepoint is set in any of the data packets being
 * acknowledged"; and at once, since the sender's window may be too small to wait for a second segment. */
static void
a_mark_is_not_delayed(void **state)
{
        (void)state;
        agreed();
        seg("PA 1:101 ack 1 ecn ect0");
        expect_nothing_sent();
        seg("PA 101:201 ack 1 ecn ce");
        expect_sent("AE 1:1 ack 201");
        seg("PA 201:301 ack 1 ecn ect0");
        expect_sent("AE 1:1 ack 301");
        seg("PA 301:401 ack 1 ecn ect0");
        expect_nothing_sent();
        seg("PAC 401:501 ack 1 ecn ect0");
        expect_sent("A 1:1 ack 501");
}

/* "If another CE packet is received ..., the receiver would once again send ACK packets with the ECN-Echo flag set." */
static void
a_mark_on_the_cwr_itself_is_a_new_one(void **state)
{
        (void)state;
        agreed();
        seg("PA 1:101 ack 1 ecn ce");
        expect_sent("AE 1:1 ack 101");
        seg("PAC 101:201 ack 1 ecn ce");
        expect_sent("AE 1:1 ack 201");
        seg("PAC 201:301 ack 1 ecn ect0");
        expect_sent("A 1:1 ack 301");
}

/* A sender is to say it with new text, and there are some that do not. */
static void
cwr_without_text_counts(void **state)
{
        (void)state;
        agreed();
        seg("PA 1:101 ack 1 ecn ce");
        expect_sent("AE 1:1 ack 101");
        seg("AC 101:101 ack 1");
        expect_nothing_sent();
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ack 101");
}

static void
marks_count_where_they_were_agreed_upon(void **state)
{
        (void)state;
        established();
        seg("PA 1:101 ack 1 ecn ce");
        expect_nothing_sent();
        after_ms(40);
        expect_sent("A 1:1 ack 101");
        assert_false(details().ecn_seen);
}

static void
a_mark_ahead_of_a_gap_counts(void **state)
{
        (void)state;
        agreed();
        seg("PA 101:201 ack 1 ecn ce");
        expect_sent("AE 1:1 ack 1");
}

static void
a_mark_on_the_first_text_counts(void **state)
{
        (void)state;
        listening();
        seg("SEC 0:0 win 65535 mss 1460");
        expect_sent("SAE 0:0 ack 1");
        seg("PA 1:101 ack 1 ecn ce");
        expect_sent("AE 1:1 ack 101");
}

/* What a peer sends without ECT, once it has sent with it, is probably sent again. */
static void
what_is_sent_again_is_acknowledged_at_once(void **state)
{
        (void)state;
        agreed();
        seg("PA 1:101 ack 1 ecn none");
        expect_nothing_sent();
        seg("PA 101:201 ack 1 ecn ect0");
        expect_nothing_sent();
        seg("PA 201:301 ack 1 ecn none");
        expect_sent("A 1:1 ack 301");
}

/* ---- 6.1.4, Congestion on the ACK-path ---- */

static void
a_mark_on_an_acknowledgment_is_nothing(void **state)
{
        (void)state;
        agreed();
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ecn ect0");
        seg("A 1:1 ack 101 ecn ce");
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 101:201 ecn ect0");
        assert_false(details().ecn_seen);
}

/* ---- 6.1.5, Retransmitted TCP packets ---- */

/* "the TCP data receiver SHOULD ignore the CE codepoint on out-of-window packets"; anybody can send those. */
static void
a_mark_outside_the_window_is_nothing(void **state)
{
        (void)state;
        agreed();
        seg("PA 1:101 ack 1 ecn ect0");
        after_ms(40);
        expect_sent("A 1:1 ack 101");
        seg("PA 1:101 ack 1 ecn ce");
        expect_sent("A 1:1 ack 101");
        seg("PA 1000001:1000101 ack 1 ecn ce");
        expect_sent("A 1:1 ack 101");
        seg("PA 101:201 ack 4000000 ecn ce"); /* inside, but it acknowledges what was never sent */
        expect_sent("A 1:1 ack 101");
}

/* ---- 6.1.6, TCP Window Probes ---- */

/* "if a window probe arrives with the CE codepoint set, then the receiver SHOULD respond". */
static void
a_marked_probe_is_echoed(void **state)
{
        (void)state;
        listening();
        assert_int_equal(la_option_set(e.stack, e.now, e.listener, LA_OPTION_RECEIVE_BUFFER, 1000), LA_OK);
        seg("SEC 0:0 win 65535 mss 1460");
        expect_sent("SAE 0:0 ack 1 win 1000");
        seg("A 1:1 ack 1");
        accept_it();
        seg("PA 1:1001 ack 1 ecn ect0");
        after_ms(40);
        expect_sent("A 1:1 ack 1001 win 0");
        seg("A 1001:1002 ack 1 ecn ce");
        expect_sent("AE 1:1 ack 1001 win 0");
}

/* ---- What is told ---- */

static void
status_says_that_it_is_in_use(void **state)
{
        (void)state;
        agreed();
        assert_true(details().ecn);
        assert_false(details().ecn_seen);
        seg("PA 1:101 ack 1 ecn ect0");
        assert_true(details().ecn_seen);
}

static void
codepoints_are_counted(void **state)
{
        (void)state;
        agreed();
        assert_int_equal(counted(LA_C_InNoECTPkts), 2);
        seg("PA 1:101 ack 1 ecn ect0");
        seg("PA 101:201 ack 1 ecn ect0");
        seg("PA 201:301 ack 1 ecn ect1");
        seg("PA 301:401 ack 1 ecn ce");
        assert_int_equal(counted(LA_C_InNoECTPkts), 2);
        assert_int_equal(counted(LA_C_InECT1Pkts), 1);
        assert_int_equal(counted(LA_C_InECT0Pkts), 2);
        assert_int_equal(counted(LA_C_InCEPkts), 1);
        assert_string_equal(la_counter_name(LA_C_InCEPkts), "IpExtInCEPkts");
}

/* ---- The short cut for ordinary segments ---- */

static struct tcb
connection_of(unsigned int bits)
{
        struct tcb t;

        memset(&t, 0, sizeof t);
        t.state = LA_ESTABLISHED;
        t.snd.nxt = seq_of(1000);
        t.send_mss = SEGMENT;
        t.ecn = bits & 1;
        t.ecn_plain = bits & 2;
        t.ecn_echo = bits & 4;
        t.ecn_seen = bits & 8;
        t.reduced = bits & 16;
        return t;
}

static struct segment
segment_of(unsigned int bits)
{
        struct segment s = { .ack = true, .ack_seq = seq_of(500) };

        ip_ecn_set(&s.ip, (enum ip_ecn)(bits & 3));
        s.ece = bits & 4;
        s.cwr = bits & 8;
        s.text_bytes = bits & 16 ? 100 : 0;
        return s;
}

/* What ecn_is_ordinary() lets past the steps would have changed nothing there; and it lets past what there is most of. */
static void
the_ordinary_changes_nothing(void **state)
{
        static struct tcp_host h;
        unsigned int ordinary = 0;

        (void)state;
        for (unsigned int i = 0; i < 32 * 32; i++) {
                struct tcb before = connection_of(i / 32), t = before;
                struct segment s = segment_of(i % 32);

                if (!ecn_is_ordinary(&t, &s))
                        continue;
                ordinary++;
                ecn_take_echo(&h, &t, &s);
                ecn_take_mark(&t, &s);
                assert_memory_equal(&t, &before, sizeof t);
        }
        assert_true(ordinary > 100);
        for (unsigned int bits = 0; bits < 32; bits++) {
                struct tcb t = connection_of(bits);
                struct segment pure_ack = segment_of(IP_NOT_ECT), text = segment_of(16 | (t.ecn_seen ? IP_ECT_0 : 0));

                assert_true(ecn_is_ordinary(&t, &pure_ack));
                assert_true(ecn_is_ordinary(&t, &text));
        }
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(a_mark_is_echoed_until_cwr),
                engine_test(ect_1_may_be_marked_too),
                engine_test(a_mark_is_not_delayed),
                engine_test(a_mark_on_the_cwr_itself_is_a_new_one),
                engine_test(cwr_without_text_counts),
                engine_test(marks_count_where_they_were_agreed_upon),
                engine_test(a_mark_ahead_of_a_gap_counts),
                engine_test(a_mark_on_the_first_text_counts),
                engine_test(what_is_sent_again_is_acknowledged_at_once),
                engine_test(a_mark_on_an_acknowledgment_is_nothing),
                engine_test(a_mark_outside_the_window_is_nothing),
                engine_test(a_marked_probe_is_echoed),
                engine_test(status_says_that_it_is_in_use),
                engine_test(codepoints_are_counted),
                engine_test(the_ordinary_changes_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
