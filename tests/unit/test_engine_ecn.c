/* SPDX-License-Identifier: BSD-2-Clause */
/* Explicit Congestion Notification, who takes part: RFC 3168 6.1.1, tcp_ecn, tcp_ecn_fallback. */
#include "engine_ecn.h"

static struct la_endpoint
the_peer(void)
{
        struct la_endpoint peer = { .address = { 10, 0, 0, 2 }, .port = e.peer_port };

        if (e.family == LA_IPV6)
                peer = (struct la_endpoint){ .address = { 0xfd, [15] = 2 }, .port = e.peer_port };
        return peer;
}

static void
open_it(void)
{
        struct la_endpoint peer = the_peer();

        assert_int_equal(la_open(e.stack, e.now, e.family, NULL, &peer, 7, &e.connection), LA_OK);
        e.local_port = snapshot_now().local.port;
}

/* In SYN_SENT, and the SYN has asked. */
static void
asking(void)
{
        knob("tcp_ecn", "1");
        open_it();
        expect_sent("SEC 0:0 ecn none");
}

/* Full segments leave, the first of them beginning at `from`. */
static void
expect_text(const char *flags, unsigned int from, unsigned int segments, const char *ecn)
{
        char text[64];

        for (unsigned int i = 0; i < segments; i++) {
                unsigned int at = from + i * SEGMENT;

                snprintf(text, sizeof text, "%s %u:%u ecn %s", flags, at, at + SEGMENT, ecn);
                expect_sent(text);
        }
}

/* ---- 6.1.1, TCP Initialization ---- */

static void
tcp_ecn_says_who_asks(void **state)
{
        static const struct {
                const char *value, *syn;
        } rows[] = { { "0", "S 0:0 ecn none" }, { "1", "SEC 0:0 ecn none" }, { "2", "S 0:0 ecn none" } };

        (void)state;
        for (size_t i = 0; i < 3; i++) {
                knob("net.ipv4.tcp_ecn", rows[i].value);
                open_it();
                expect_sent(rows[i].syn);
        }
}

static void
tcp_ecn_says_who_grants(void **state)
{
        static const struct {
                const char *value, *syn_ack, *text;
                bool ecn;
        } rows[] = { { "0", "SA 0:0 ack 1 ecn none", "PA 1:101 ack 1 ecn none", false },
                     { "1", "SAE 0:0 ack 1 ecn none", "PA 1:101 ack 1 ecn ect0", true },
                     { "2", "SAE 0:0 ack 1 ecn none", "PA 1:101 ack 1 ecn ect0", true } };

        (void)state;
        listening();
        for (size_t i = 0; i < 3; i++) {
                knob("tcp_ecn", rows[i].value);
                e.peer_port++;
                seg("SEC 0:0 win 65535 mss 1460");
                expect_sent(rows[i].syn_ack);
                seg("A 1:1 ack 1");
                accept_it();
                assert_int_equal(details().ecn, rows[i].ecn);
                assert_int_equal(write_bytes(100), 100);
                expect_sent(rows[i].text);
        }
}

static void
the_default_grants_and_does_not_ask(void **state)
{
        char value[512];

        (void)state;
        assert_int_equal(la_knob_get(e.stack, "tcp_ecn", value, sizeof value), LA_OK);
        assert_string_equal(value, "2");
        assert_int_equal(la_knob_get(e.stack, "tcp_ecn_fallback", value, sizeof value), LA_OK);
        assert_string_equal(value, "1");
        assert_int_equal(la_knob_set(e.stack, "tcp_ecn", "3", NULL), LA_ERR_KNOB_VALUE);
}

/* "a SYN packet with at least one of the ECE and CWR flags not set" is no ECN-setup SYN; to others a host "MUST NOT send
 * an ECN-setup SYN-ACK packet". */
static void
a_syn_that_does_not_ask_is_not_granted(void **state)
{
        static const char *const syns[] = { "S 0:0 mss 1460", "SE 0:0 mss 1460", "SC 0:0 mss 1460" };

        (void)state;
        listening();
        for (size_t i = 0; i < 3; i++) {
                e.peer_port++;
                seg(syns[i]);
                expect_sent("SA 0:0 ack 1");
                seg("A 1:1 ack 1");
                accept_it();
                assert_false(details().ecn);
        }
}

/* "A host MUST NOT set ECT on SYN": whoever did does not know what these bits are. */
static void
a_syn_with_ect_is_not_believed(void **state)
{
        static const char *const syns[] = { "SEC 0:0 ecn ect0", "SEC 0:0 ecn ect1", "SEC 0:0 ecn ce" };

        (void)state;
        listening();
        for (size_t i = 0; i < 3; i++) {
                e.peer_port++;
                seg(syns[i]);
                expect_sent("SA 0:0 ack 1");
        }
}

static void
a_syn_ack_with_ece_alone_grants(void **state)
{
        (void)state;
        asking();
        seg("SAE 0:0 ack 1 win 65535 mss 1460");
        expect_sent("A 1:1 ack 1 ecn none");
        assert_true(details().ecn);
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ack 1 ecn ect0");
}

/* 6.1.1.2: with both bits it is a reflection of the SYN's. */
static void
any_other_syn_ack_does_not_grant(void **state)
{
        static const char *const syn_acks[] = { "SA 0:0 ack 1", "SAEC 0:0 ack 1", "SAC 0:0 ack 1" };

        (void)state;
        for (size_t i = 0; i < 3; i++) {
                asking();
                seg(syn_acks[i]);
                expect_sent("A 1:1 ack 1");
                assert_false(details().ecn);
                assert_int_equal(write_bytes(100), 100);
                expect_sent("PA 1:101 ack 1 ecn none");
                seg("PA 1:101 ack 101 ecn ce");
                after_ms(40);
                expect_sent("A 101:101 ack 101");
        }
}

/* Nobody has agreed to anything: what ECE means is not known. */
static void
not_asked_is_not_granted(void **state)
{
        (void)state;
        connecting();
        seg("SAE 0:0 ack 1 win 65535 mss 1460");
        expect_sent("A 1:1 ack 1");
        assert_false(details().ecn);
        assert_int_equal(write_bytes(20 * SEGMENT), 20 * SEGMENT);
        expect_text("A", 1, 10, "none");
        seg("AE 1:1 ack 1461");
        assert_true(details().cwnd > 10);
}

static void
both_families(void **state)
{
        (void)state;
        agreed();
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ack 1 ecn ect0");
        seg("PA 1:101 ack 101 ecn ce");
        expect_sent("AE 101:101 ack 101 ecn none");
}

/* "When a TCP host enters TIME-WAIT or CLOSED state, it should ignore any previous state about the negotiation". */
static void
time_wait_knows_nothing_of_it(void **state)
{
        (void)state;
        agreed();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1 ecn none");
        seg("FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2");
        seg("S 100000:100000");
        expect_sent("SA 0:0 ack 100001");
        forget_sent();
}

/* ---- 6.1.1.1, Middlebox Issues ---- */

static void
a_syn_that_is_not_answered_asks_no_more(void **state)
{
        (void)state;
        asking();
        after_ms(1000);
        expect_sent("S 0:0 ecn none");
        after_ms(2000);
        expect_sent("S 0:0 ecn none");
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_sent("A 1:1 ack 1");
        assert_false(details().ecn);
}

static void
tcp_ecn_fallback_0_goes_on_asking(void **state)
{
        (void)state;
        knob("tcp_ecn_fallback", "0");
        asking();
        after_ms(1000);
        expect_sent("SEC 0:0 ecn none");
        seg("SAE 0:0 ack 1 win 65535 mss 1460");
        expect_sent("A 1:1 ack 1");
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ack 1 ecn ect0");
}

/* 6.1.1: "MUST NOT set ECT on data packets unless it ... has sent no non-ECN-setup SYN"; but whoever has sent an ECN-setup
 * SYN, too, and received no refusal, "MUST process" what is marked. */
static void
who_has_said_both_echoes_and_is_not_marked(void **state)
{
        (void)state;
        asking();
        after_ms(1000);
        expect_sent("S 0:0 ecn none");
        seg("SAE 0:0 ack 1 win 65535 mss 1460");
        expect_sent("A 1:1 ack 1");
        assert_int_equal(write_bytes(2 * SEGMENT), 2 * SEGMENT);
        expect_sent("A 1:1461 ecn none");
        seg("AE 1:1 ack 1461"); /* what cannot be marked was not */
        expect_sent("PA 1461:2921 ecn none");
        seg("A 1:1 ack 2921");
        seg("PA 1:101 ack 2921 ecn ce");
        expect_sent("AE 2921:2921 ack 101");
        seg("PAC 101:201 ack 2921 ecn ect0");
        expect_sent("A 2921:2921 ack 201");
}

/* Step 4 of the example: a SYN that no longer asks is answered with a SYN,ACK that no longer grants. */
static void
a_peer_that_asks_no_more_is_not_marked(void **state)
{
        (void)state;
        listening();
        seg("SEC 0:0 win 65535 mss 1460");
        expect_sent("SAE 0:0 ack 1");
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("SEC 0:0 win 65535 mss 1460"); /* late */
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ecn none");
}

static void
a_syn_ack_that_is_sent_again_grants_still(void **state)
{
        (void)state;
        listening();
        seg("SEC 0:0 win 65535 mss 1460");
        expect_sent("SAE 0:0 ack 1");
        after_ms(1000);
        expect_sent("SAE 0:0 ack 1");
}

/* ---- SYN cookies ---- */

static void
a_cookie_remembers_in_its_timestamp(void **state)
{
        char ack[64];

        (void)state;
        knob("tcp_syncookies", "2");
        listening();
        seg("SEC 0:0 win 65535 mss 1460 sackok ts 100 0");
        expect_sent("SAE 0:0 ack 1");
        snprintf(ack, sizeof ack, "A 1:1 ack 1 ts 101 %u", e.last.options.ts_value);
        seg(ack);
        accept_it();
        assert_true(details().ecn);
        assert_true(details().sack);
        assert_false(details().window_scaling);
}

static void
a_cookie_remembers_that_nobody_asked(void **state)
{
        char ack[64];

        (void)state;
        knob("tcp_syncookies", "2");
        listening();
        seg("S 0:0 win 65535 mss 1460 sackok ts 100 0");
        expect_sent("SA 0:0 ack 1");
        snprintf(ack, sizeof ack, "A 1:1 ack 1 ts 101 %u", e.last.options.ts_value);
        seg(ack);
        accept_it();
        assert_false(details().ecn);
}

static void
a_cookie_comes_back_to_who_wants_no_more(void **state)
{
        char ack[64];

        (void)state;
        knob("tcp_syncookies", "2");
        listening();
        seg("SEC 0:0 win 65535 mss 1460 ts 100 0");
        expect_sent("SAE 0:0 ack 1");
        knob("tcp_ecn", "0");
        snprintf(ack, sizeof ack, "A 1:1 ack 1 ts 101 %u", e.last.options.ts_value);
        seg(ack);
        accept_it();
        assert_false(details().ecn);
}

/* What cannot be remembered is not promised. */
static void
a_cookie_without_timestamps_grants_nothing(void **state)
{
        (void)state;
        knob("tcp_syncookies", "2");
        listening();
        seg("SEC 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        assert_false(details().ecn);
}

/* ---- Simultaneous open ---- */

static void
crossed_syns_that_both_ask_agree(void **state)
{
        (void)state;
        asking();
        seg("SEC 0:0 win 65535 mss 1460");
        expect_sent("SAE 0:0 ack 1 ecn none");
        seg("SAE 0:0 ack 1 win 65535 mss 1460");
        expect_state(LA_ESTABLISHED);
        assert_true(details().ecn);
}

static void
crossed_syns_of_which_one_asks_do_not(void **state)
{
        (void)state;
        asking();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        assert_false(details().ecn);
        knob("tcp_ecn", "2");
        open_it();
        expect_sent("S 0:0");
        seg("SEC 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        assert_false(details().ecn);
}

static void
a_crossed_syn_ack_that_does_not_grant_ends_it(void **state)
{
        (void)state;
        asking();
        seg("SEC 0:0 win 65535 mss 1460");
        expect_sent("SAE 0:0 ack 1");
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_state(LA_ESTABLISHED);
        assert_false(details().ecn);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(tcp_ecn_says_who_asks),
                engine_test(tcp_ecn_says_who_grants),
                engine_test(the_default_grants_and_does_not_ask),
                engine_test(a_syn_that_does_not_ask_is_not_granted),
                engine_test(a_syn_with_ect_is_not_believed),
                engine_test(a_syn_ack_with_ece_alone_grants),
                engine_test(any_other_syn_ack_does_not_grant),
                engine_test(not_asked_is_not_granted),
                engine_test(both_families),
                engine_test6(both_families),
                engine_test(time_wait_knows_nothing_of_it),
                engine_test(a_syn_that_is_not_answered_asks_no_more),
                engine_test(tcp_ecn_fallback_0_goes_on_asking),
                engine_test(who_has_said_both_echoes_and_is_not_marked),
                engine_test(a_peer_that_asks_no_more_is_not_marked),
                engine_test(a_syn_ack_that_is_sent_again_grants_still),
                engine_test(a_cookie_remembers_in_its_timestamp),
                engine_test(a_cookie_remembers_that_nobody_asked),
                engine_test(a_cookie_comes_back_to_who_wants_no_more),
                engine_test(a_cookie_without_timestamps_grants_nothing),
                engine_test(crossed_syns_that_both_ask_agree),
                engine_test(crossed_syns_of_which_one_asks_do_not),
                engine_test(a_crossed_syn_ack_that_does_not_grant_ends_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
