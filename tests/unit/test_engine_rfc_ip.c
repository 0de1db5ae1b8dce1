/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9293 3.9.1.9, 3.9.2 and 3.9.2.2: what TCP says to IP, and what IP and ICMP say to TCP. */
#include "engine_raw.h"

static void
option(struct la_handle handle, enum la_option which, int64_t value)
{
        assert_int_equal(la_option_set(e.stack, e.now, handle, which, value), LA_OK);
}

/* ---- Differentiated services, time to live ---- */

#define EXPEDITED 0xb8 /* DSCP 46 */

static void
expect_fields(uint8_t traffic_class, uint8_t hop_limit)
{
        assert_int_equal(e.last.ip.traffic_class, traffic_class);
        assert_int_equal(e.last.ip.hop_limit, hop_limit);
}

/* Shows MUST-48, MUST-49, SHLD-22. */
static void
what_a_listener_says_of_ip_holds_to_the_end(void **state)
{
        (void)state;
        listening();
        option(e.listener, LA_OPTION_TOS, EXPEDITED);
        option(e.listener, LA_OPTION_TTL, 3);
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        expect_fields(EXPEDITED, 3);
        after_ms(1000);
        expect_sent("SA 0:0 ack 1");
        expect_fields(EXPEDITED, 3);
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        expect_fields(EXPEDITED, 3);
        after_ms(3000);
        expect_sent("PA 1:11 ack 1");
        expect_fields(EXPEDITED, 3);
        forget_sent();
        seg("A 200000:200010 ack 11");
        expect_sent("A 11:11 ack 1");
        expect_fields(EXPEDITED, 3);
        seg("A 1:1 ack 11");
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 11:11 ack 1");
        expect_fields(EXPEDITED, 3);
        seg("A 1:1 ack 12"); /* from here on a record answers */
        seg("FA 1:1 ack 12");
        expect_sent("A 12:12 ack 2");
        expect_fields(EXPEDITED, 3);
        seg("FA 1:1 ack 12");
        expect_sent("A 12:12 ack 2");
        expect_fields(EXPEDITED, 3);
}

/* Shows MUST-48, MUST-49, SHLD-21. */
static void
a_program_may_change_them_at_any_time(void **state)
{
        (void)state;
        struct la_endpoint peer = endpoint_of(e.family == LA_IPV4 ? "10.0.0.2" : "fd00::2", e.peer_port);

        assert_int_equal(la_open(e.stack, e.now, e.family, NULL, &peer, 0, &e.connection), LA_OK);
        option(e.connection, LA_OPTION_TOS, EXPEDITED);
        option(e.connection, LA_OPTION_TTL, 255);
        expect_sent("S 0:0");
        e.local_port = e.last.source.port;
        expect_fields(EXPEDITED, 255);
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_sent("A 1:1 ack 1");
        expect_fields(EXPEDITED, 255);
        option(e.connection, LA_OPTION_TOS, 0x20);
        option(e.connection, LA_OPTION_TTL, 1);
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        expect_fields(0x20, 1);
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        expect_sent("RA 11:11 ack 1");
        expect_fields(0x20, 1);
}

/* Shows MAY-4. */
static void
a_retransmission_has_the_same_identification(void **state)
{
        (void)state;
        uint16_t first;

        established();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        assert_true(e.last.ip.dont_fragment); /* so that it means nothing (RFC 6864 4.1) */
        first = e.last.ip.identification;
        after_ms(200);
        expect_sent("PA 1:11 ack 1");
        assert_int_equal(e.last.ip.identification, first);
}

/* ---- IP options ---- */

/* Shows MUST-50. */
static void
ip_options_are_passed_over(void **state)
{
        (void)state;
        static const char *const options[] = {
                "01010101",           /* no operation */
                "94040000",           /* router alert (RFC 2113) */
                "44080501 00000000",  /* a timestamp */
                "07070400 00000000",  /* record route */
                "830708 0a090909 00", /* a source route that is used up */
                "de060102 03040000",  /* an experiment's (RFC 4727) */
        };
        uint32_t at = 1;

        listening();
        seg_with_ip_options("S 0:0 win 65535 mss 1460", options[5]);
        expect_sent("SA 0:0 ack 1");
        seg_with_ip_options("A 1:1 ack 1", options[3]);
        accept_it();
        for (size_t i = 0; i < sizeof options / sizeof *options; i++, at += 10) {
                char text[64];

                snprintf(text, sizeof text, "PA %u:%u ack 1", at, at + 10);
                seg_with_ip_options(text, options[i]);
                assert_int_equal(read_bytes(), 10);
        }
}

/* ---- ICMP ---- */

struct message {
        uint8_t type, code;
};

static const struct message soft4[] = { { 3, 0 }, { 3, 1 }, { 3, 5 }, { 11, 0 }, { 11, 1 }, { 12, 0 } };
static const struct message soft6[] = { { 1, 0 }, { 1, 3 }, { 3, 0 }, { 3, 1 }, { 4, 0 }, { 4, 1 }, { 4, 2 } };

/* Each of them about the packet that left last: the state stays, and the program learns of it. */
static void
expect_soft(const struct message *messages, size_t n, enum la_state stays)
{
        for (size_t i = 0; i < n; i++) {
                events_now();
                icmp_about_last(messages[i].type, messages[i].code);
                expect_state(stays);
                assert_true(events_now() & LA_HAPPENED_SOFT_ERROR);
                assert_int_equal(status_now().soft_error, LA_ERR_UNREACHABLE);
        }
        expect_nothing_sent();
}

static void
expect_all_soft(enum la_state stays)
{
        if (e.family == LA_IPV4)
                expect_soft(soft4, sizeof soft4 / sizeof *soft4, stays);
        else
                expect_soft(soft6, sizeof soft6 / sizeof *soft6, stays);
}

/* Shows MUST-47, MUST-56, SHLD-25. */
static void
soft_errors_are_told_and_end_nothing(void **state)
{
        (void)state;
        connecting();
        expect_all_soft(LA_SYN_SENT);
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_sent("A 1:1 ack 1");
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        expect_all_soft(LA_ESTABLISHED);
        seg("A 1:1 ack 11"); /* whatever it was, it is over */
        assert_int_equal(status_now().soft_error, LA_OK);
}

/* Shows SHLD-26. */
static void
hard_errors_end_an_attempt(void **state)
{
        (void)state;
        static const struct message hard4[] = { { 3, 2 }, { 3, 3 } };

        for (size_t i = 0; i < 2; i++) {
                connecting();
                icmp_about_last(hard4[i].type, hard4[i].code);
                expect_state(LA_CLOSED);
                assert_int_equal(status_now().error, LA_ERR_UNREACHABLE);
                assert_int_equal(status_now().came_by, LA_T_SYN_SENT_ICMP_ERROR);
        }
        e.local_port = LOCAL_PORT;
        established();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        icmp_about_last(3, 3);
        expect_state(LA_ESTABLISHED); /* RFC 5927 5.2: it may be forged */
        assert_int_equal(status_now().soft_error, LA_ERR_UNREACHABLE);
}

/* Shows MUST-54. */
static void
a_message_goes_to_the_connection_that_it_quotes(void **state)
{
        (void)state;
        struct la_handle first, second;
        struct la_status s;

        connecting();
        first = e.connection;
        connecting();
        second = e.connection;
        icmp_about_last(3, 1);
        assert_int_equal(la_status(e.stack, e.now, first, &s), LA_OK);
        assert_int_equal(s.soft_error, LA_OK);
        assert_int_equal(la_status(e.stack, e.now, second, &s), LA_OK);
        assert_int_equal(s.soft_error, LA_ERR_UNREACHABLE);
        expect_verdict(LA_V_ICMP_SOFT);

        assert_int_equal(la_abort(e.stack, e.now, second), LA_OK);
        icmp_about_last(3, 1);
        expect_verdict(LA_V_ICMP_NO_CONNECTION);
        assert_int_equal(la_status(e.stack, e.now, first, &s), LA_OK);
        assert_int_equal(s.soft_error, LA_OK);
}

/* RFC 1191.  Shows MUST-54. */
static void
too_big_makes_segments_smaller(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(1460), 1460);
        expect_sent("PA 1:1461 ack 1");
        icmp_about_last_with(3, 4, 1000);
        expect_sent("A 1:961 ack 1");
}

/* Shows MUST-55. */
static void
source_quench_is_discarded(void **state)
{
        (void)state;
        uint32_t cwnd;

        established();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        events_now();
        cwnd = snapshot_now().tcp.cwnd;
        icmp_about_last(4, 0);
        expect_verdict(LA_V_ICMP_IGNORED);
        expect_nothing_sent();
        expect_state(LA_ESTABLISHED);
        assert_false(events_now());
        assert_int_equal(status_now().soft_error, LA_OK);
        assert_int_equal(snapshot_now().tcp.cwnd, cwnd);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(what_a_listener_says_of_ip_holds_to_the_end),
                engine_test6(what_a_listener_says_of_ip_holds_to_the_end),
                engine_test(a_program_may_change_them_at_any_time),
                engine_test6(a_program_may_change_them_at_any_time),
                engine_test(a_retransmission_has_the_same_identification),
                engine_test(ip_options_are_passed_over),
                engine_test(soft_errors_are_told_and_end_nothing),
                engine_test6(soft_errors_are_told_and_end_nothing),
                engine_test(hard_errors_end_an_attempt),
                engine_test(a_message_goes_to_the_connection_that_it_quotes),
                engine_test(too_big_makes_segments_smaller),
                engine_test(source_quench_is_discarded),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
