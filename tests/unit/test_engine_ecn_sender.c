/* SPDX-License-Identifier: BSD-2-Clause */
/* Explicit Congestion Notification, who sends: RFC 3168 6.1.2. */
#include "engine_ecn_text.h"

/* ---- 6.1.2, The TCP Sender ---- */

/* "new data packets are transmitted with an ECT codepoint ... ECT(0) SHOULD be used".  Shows SHLD-8. */
static void
new_text_is_ect_0(void **state)
{
        (void)state;
        agreed();
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ecn ect0");
        seg("A 1:1 ack 101");
        assert_int_equal(write_bytes(100), 100);
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FPA 101:201 ecn ect0");
}

/* "the TCP source halves the congestion window": without sending anything again. */
static void
an_echo_halves_the_window(void **state)
{
        (void)state;
        window_in_flight();
        acked("AE", 2);
        expect_nothing_sent();
        assert_int_equal(details().cwnd, 5);
        assert_int_equal(details().ssthresh, 5);
        acked("AE", 5);
        expect_nothing_sent();
        acked("AE", 6); /* four in flight, five allowed */
        expect_text("AC", segment_at(10), 1, "ect0");
        acked("A", 8);
        expect_text("A", segment_at(11), 2, "ect0");
        expect_nothing_sent();
        assert_int_equal(counted(LA_C_RetransSegs), 0);
}

/* "the first new data packet sent after the window reduction", and no other. */
static void
cwr_is_said_once(void **state)
{
        (void)state;
        window_in_flight();
        acked("AE", 8);
        expect_text("AC", segment_at(10), 1, "ect0");
        expect_text("A", segment_at(11), 2, "ect0");
        expect_nothing_sent();
}

/* "TCP should not react to congestion indications more than once every window of data". */
static void
once_every_window(void **state)
{
        (void)state;
        window_in_flight();
        for (unsigned int n = 1; n <= 10; n++) {
                acked("AE", n);
                assert_int_equal(details().cwnd, 5);
        }
        expect_text("AC", segment_at(10), 1, "ect0");
        expect_text("A", segment_at(11), 4, "ect0");
        acked("AE", 11); /* sent after the reduction, and marked again */
        assert_int_equal(details().cwnd, 2);
        acked("AE", 14);
        expect_text("AC", segment_at(15), 1, "ect0");
}

/* "SHOULD NOT increase the congestion window in response to the receipt of an ECN-Echo ACK packet". */
static void
no_growth_upon_an_echo(void **state)
{
        (void)state;
        window_in_flight();
        acked("AE", 10);
        forget_sent();
        assert_int_equal(details().cwnd, 5);
        acked("A", 15);
        assert_int_equal(details().cwnd, 6);
}

/* The exception: what a timeout took back is sent again, and no new text has yet told the peer to stop. */
static void
growth_after_a_timeout_upon_old_echoes(void **state)
{
        (void)state;
        window_in_flight();
        after_ms(200);
        expect_text("A", segment_at(0), 1, "none");
        acked("AE", 1);
        expect_text("A", segment_at(1), 2, "none");
        acked("AE", 3);
        expect_text("A", segment_at(3), 3, "none");
        assert_int_equal(details().ssthresh, 5);
}

/* With a duplicate, too: the mark counts, whatever else the segment says. */
static void
a_duplicate_may_echo(void **state)
{
        (void)state;
        window_in_flight();
        seg("AE 1:1 ack 1");
        assert_int_equal(details().cwnd, 5);
}

/* What is not acceptable says nothing; nor does what is older than snd.una. */
static void
an_old_echo_is_nothing(void **state)
{
        (void)state;
        window_in_flight();
        acked("A", 4);
        forget_sent();
        acked("AE", 3);
        assert_true(details().cwnd >= 10);
        seg("AE 1:1 ack 1000000");
        assert_true(details().cwnd >= 10);
}

/* The next text will bring another echo, and there will be a window to halve. */
static void
nothing_in_flight_is_not_halved(void **state)
{
        (void)state;
        agreed();
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ecn ect0");
        seg("A 1:1 ack 101");
        seg("PAE 1:101 ack 101");
        assert_int_equal(details().cwnd, 10);
        after_ms(40);
        expect_sent("A 101:101 ack 101");
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 101:201 ecn ect0");
        seg("AE 101:101 ack 201");
        assert_int_equal(details().cwnd, 2);
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PAC 201:301 ecn ect0");
}

/* "reduced only once in response to a series of dropped and/or CE packets from a single window of data". */
static void
a_loss_in_the_same_window_does_not_halve_again(void **state)
{
        (void)state;
        window_in_flight();
        acked("AE", 2);
        assert_int_equal(details().ssthresh, 5);
        for (int i = 0; i < 3; i++)
                acked("AE", 2);
        expect_text("A", segment_at(2), 1, "none"); /* fast retransmit */
        assert_int_equal(details().ssthresh, 5);
        acked("AE", 10);
        assert_int_equal(details().cwnd, 2); /* what is in flight and one more: RFC 6582 3.2 */
}

static void
nor_does_a_mark_in_the_window_of_a_loss(void **state)
{
        (void)state;
        window_in_flight();
        for (int i = 0; i < 3; i++)
                acked("A", 0);
        expect_text("A", segment_at(10), 2, "ect0"); /* limited transmit */
        expect_text("A", segment_at(0), 1, "none");
        assert_int_equal(details().ssthresh, 6);
        acked("AE", 0);
        acked("AE", 5);
        assert_int_equal(details().ssthresh, 6);
}

/* "for any reason (because of a retransmit timeout, a Fast Retransmit, or in response to an ECN Notification)". */
static void
cwr_after_fast_retransmit(void **state)
{
        (void)state;
        window_in_flight();
        for (int i = 0; i < 3; i++)
                acked("A", 0);
        expect_text("A", segment_at(10), 2, "ect0");
        expect_text("A", segment_at(0), 1, "none");
        for (int i = 0; i < 6; i++)
                acked("A", 0);
        expect_text("AC", segment_at(12), 1, "ect0");
        acked("A", 0);
        expect_text("A", segment_at(13), 1, "ect0");
}

static void
cwr_after_a_timeout(void **state)
{
        (void)state;
        agreed();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ecn ect0");
        after_ms(200);
        expect_sent("PA 1:11 ecn none"); /* "the CWR bit SHOULD NOT be set on retransmitted packets" */
        seg("A 1:1 ack 11");
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PAC 11:21 ecn ect0");
}

static void
without_ecn_there_is_no_cwr(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ecn none");
        after_ms(200);
        expect_sent("PA 1:11");
        seg("A 1:1 ack 11");
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 11:21");
}

/* In flight, one segment; allowed, one. */
static void
window_of_one(void)
{
        agreed();
        assert_int_equal(write_bytes(100 * SEGMENT), 100 * SEGMENT);
        forget_sent();
        after_ms(200);
        expect_text("A", segment_at(0), 1, "none");
        acked("A", 10);
        expect_text("AC", segment_at(10), 1, "ect0");
        expect_text("A", segment_at(11), 2, "ect0");
        acked("AE", 13);
        expect_text("AC", segment_at(13), 1, "ect0");
        expect_text("A", segment_at(14), 1, "ect0");
        acked("AE", 15);
        expect_text("AC", segment_at(15), 1, "ect0");
        expect_nothing_sent();
        assert_int_equal(details().cwnd, 1);
}

/* "the sending TCP MUST reset the retransmit timer on receiving the ECN-Echo packet when the congestion window is one. The
 * sending TCP will then be able to send a new packet only when the retransmit timer expires." */
static void
a_window_of_one_waits_for_the_timer(void **state)
{
        uint32_t rto_ms;

        (void)state;
        window_of_one();
        acked("AE", 16);
        expect_nothing_sent();
        assert_int_equal(snapshot_now().timer, LA_TIMER_RETRANSMIT);
        rto_ms = details().rto_us / 1000;
        assert_in_range(rto_ms, 200, 400);
        after_ms(rto_ms - 1);
        expect_nothing_sent();
        after_ms(2);
        expect_text("AC", segment_at(16), 1, "ect0");
        expect_nothing_sent();
        assert_int_equal(details().cwnd, 1);
        assert_int_equal(snapshot_now().retransmits, 0); /* nothing was lost */
        acked("A", 17);
        expect_text("A", segment_at(17), 2, "ect0");
}

/* A peer that answers is not given up, whatever LA_OPTION_USER_TIMEOUT says, and its window updates change nothing. */
static void
who_waits_is_not_given_up(void **state)
{
        (void)state;
        window_of_one();
        option(LA_OPTION_USER_TIMEOUT, 50);
        acked("AE", 16);
        seg("A 1:1 ack 23361 win 1460");
        seg("A 1:1 ack 23361 win 65535");
        expect_nothing_sent();
        after_ms(details().rto_us / 1000 + 2);
        expect_text("AC", segment_at(16), 1, "ect0");
        expect_state(LA_ESTABLISHED);
}

/* What left, of a stack whose link makes the checksums and cuts segments. */
static struct segment
left(size_t n, uint16_t *ret_gso_bytes)
{
        struct segment s;
        size_t at = (e.sent_first + n) % 256;

        assert_true(n < e.sent_count);
        assert_int_equal(segment_parse(e.bytes[at], e.sent[at].header_bytes, SEGMENT_CHECKSUM_KNOWN, &s), WIRE_OK);
        *ret_gso_bytes = e.sent[at].gso_bytes;
        return s;
}

/* A connection over such a link; much is written, and what may leave has left. */
static void
cut_by_the_link(const char *syn)
{
        struct la_config c = usual_config();
        uint16_t gso;

        c.gso_bytes = 65535;
        c.checksum_offload = true;
        remake(&c);
        listening();
        seg(syn);
        e.our_isn = left(0, &gso).seq.v;
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(write_bytes(3000), 3000);
        forget_sent();
}

/* All of the segments that one is cut into would say CWR: the one that is to say it goes alone. */
static void
cwr_goes_alone(void **state)
{
        struct segment s;
        uint16_t gso;

        (void)state;
        cut_by_the_link("SEC 0:0 win 65535 mss 100");
        seg("AE 1:1 ack 801"); /* two in flight, five allowed */
        assert_int_equal(e.sent_count, 2);
        s = left(0, &gso);
        assert_true(s.cwr && s.text_bytes == 100 && gso == 0);
        s = left(1, &gso);
        assert_true(!s.cwr && s.text_bytes == 200 && gso == 100);
        assert_int_equal(ip_ecn_of(&s.ip), IP_ECT_0);
}

static void
who_never_says_cwr_sends_no_less_at_once(void **state)
{
        uint16_t gso;

        (void)state;
        cut_by_the_link("S 0:0 win 65535 mss 100");
        for (int i = 0; i < 3; i++)
                seg("A 1:1 ack 1"); /* fast retransmit */
        forget_sent();
        seg("A 1:1 ack 1201");
        assert_int_equal(left(0, &gso).text_bytes, 200);
        assert_int_equal(gso, 100);
}

/* ---- What is told ---- */

static void
what_was_echoed_is_counted(void **state)
{
        (void)state;
        window_in_flight();
        acked("A", 2);
        acked("AE", 5);
        acked("AE", 5);
        assert_int_equal(counted(LA_C_TCPDeliveredCE), 3);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(new_text_is_ect_0),
                engine_test(an_echo_halves_the_window),
                engine_test(cwr_is_said_once),
                engine_test(once_every_window),
                engine_test(no_growth_upon_an_echo),
                engine_test(growth_after_a_timeout_upon_old_echoes),
                engine_test(a_duplicate_may_echo),
                engine_test(an_old_echo_is_nothing),
                engine_test(nothing_in_flight_is_not_halved),
                engine_test(a_loss_in_the_same_window_does_not_halve_again),
                engine_test(nor_does_a_mark_in_the_window_of_a_loss),
                engine_test(cwr_after_fast_retransmit),
                engine_test(cwr_after_a_timeout),
                engine_test(without_ecn_there_is_no_cwr),
                engine_test(a_window_of_one_waits_for_the_timer),
                engine_test(who_waits_is_not_given_up),
                engine_test(cwr_goes_alone),
                engine_test(who_never_says_cwr_sends_no_less_at_once),
                engine_test(what_was_echoed_is_counted),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
