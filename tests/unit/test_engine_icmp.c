/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hard ICMP errors about connections: RFC 9293 3.9.2.2 has them end (SHLD-26), RFC 5927 5.2 only attempts to connect, and
 * LA_OPTION_ICMP_ERRORS lets the user choose.  What is believed at all: RFC 5927 4.1.
 */
#include "engine.h"
#include "wire/icmp.h"

static const uint8_t router[16] = { 10, 9, 9, 9 }, router6[16] = { 0xfd, [15] = 9 };

static void
want_errors(struct la_handle handle)
{
        assert_int_equal(la_option_set(e.stack, e.now, handle, LA_OPTION_ICMP_ERRORS, 1), LA_OK);
}

/* A router says this about the segment that left last, as if its sequence number had been so much further. */
static void
error_about_last(enum icmp_kind kind, uint32_t further)
{
        uint8_t error[ICMP_ERROR_MAX_IPV6], quoted[2048];
        struct la_packet p = { .parts = 1 };
        struct segment s = e.last;
        struct wire_piece text = { e.last.text, e.last.text_bytes };
        struct ip_packet ip;
        size_t header;

        s.seq = seq_add(s.seq, further);
        header = segment_build(&s, &text, 1, SEGMENT_CHECKSUM_FULL, quoted);
        memcpy(quoted + header, e.last.text, e.last.text_bytes);
        assert_int_equal(ip_parse(quoted, header + e.last.text_bytes, &ip), WIRE_OK);
        p.part[0].length = icmp_build_unreachable(&ip, kind, e.family == LA_IPV4 ? router : router6, error);
        p.part[0].bytes = error;
        la_input(e.stack, e.now, &p, 1);
}

/* ---- States with something in flight, by functions that leave it in e.last ---- */

static void
in_established(void)
{
        established();
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ack 1");
}

static void
in_close_wait(void)
{
        close_wait();
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ack 2");
}

/* The segment that left last is an acknowledgment: what is in flight is the FIN before it. */
static void
in_closing(void)
{
        struct segment fin;

        fin_wait_1();
        fin = e.last;
        seg("FA 1:1 ack 1");
        expect_sent("A 2:2 ack 2");
        expect_state(LA_CLOSING);
        e.last = fin;
}

static const struct {
        void (*reach)(void);
        enum la_state state;
        enum la_transition row;
} cases[] = {
        { in_established, LA_ESTABLISHED, LA_T_ESTABLISHED_ICMP_ERROR },
        { fin_wait_1, LA_FIN_WAIT_1, LA_T_FIN_WAIT_1_ICMP_ERROR },
        { in_close_wait, LA_CLOSE_WAIT, LA_T_CLOSE_WAIT_ICMP_ERROR },
        { in_closing, LA_CLOSING, LA_T_CLOSING_ICMP_ERROR },
        { last_ack, LA_LAST_ACK, LA_T_LAST_ACK_ICMP_ERROR },
};

static void
reach_anew(size_t i)
{
        struct la_config c = usual_config();

        remake(&c);
        cases[i].reach();
}

/* RFC 5927 5.2: "treat all ICMP 'hard errors' received for connections in any of the synchronized states as 'soft
 * errors'".  They are told.  Shows SHLD-25. */
static void
a_hard_error_is_only_told(void **state)
{
        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                reach_anew(i);
                (void)events_now();
                error_about_last(ICMP_PORT_UNREACHABLE, 0);
                expect_state(cases[i].state);
                assert_int_equal(la_verdict_count(e.stack, LA_V_ICMP_SOFT), 1);
                assert_true(events_now() & LA_HAPPENED_SOFT_ERROR);
                assert_int_equal(status_now().soft_error, LA_ERR_UNREACHABLE);
        }
}

/* Shows SHLD-26. */
static void
shld_26_a_hard_error_ends_for_those_who_want_it(void **state)
{
        static const enum icmp_kind hard[] = { ICMP_PORT_UNREACHABLE, ICMP_PROTOCOL_UNREACHABLE };

        (void)state;
        for (size_t k = 0; k < (e.family == LA_IPV4 ? 2 : 1); k++)
                for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                        reach_anew(i);
                        want_errors(e.connection);
                        error_about_last(hard[k], 0);
                        expect_state(LA_CLOSED);
                        assert_int_equal(status_now().came_by, cases[i].row);
                        assert_int_equal(status_now().error, LA_ERR_UNREACHABLE);
                        assert_int_equal(la_verdict_count(e.stack, LA_V_ICMP_HARD), 1);
                        expect_nothing_sent();
                }
}

/* Whatever the user wants.  Shows MUST-56. */
static void
must_56_a_soft_error_never_ends(void **state)
{
        static const enum icmp_kind soft[] = { ICMP_NETWORK_UNREACHABLE, ICMP_HOST_UNREACHABLE };

        (void)state;
        for (size_t k = 0; k < 2; k++)
                for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                        reach_anew(i);
                        want_errors(e.connection);
                        error_about_last(soft[k], 0);
                        expect_state(cases[i].state);
                }
}

/* RFC 5927 4.1: "TCP SHOULD check that ... SND.UNA =< SEG.SEQ < SND.NXT". */
static void
an_error_about_what_is_not_in_flight_is_not_believed(void **state)
{
        (void)state;
        in_established();
        want_errors(e.connection);
        error_about_last(ICMP_PORT_UNREACHABLE, 100);
        expect_state(LA_ESTABLISHED);
        error_about_last(ICMP_PORT_UNREACHABLE, (uint32_t)-1);
        expect_state(LA_ESTABLISHED);
        assert_int_equal(counted(LA_C_OutOfWindowIcmps), 2);
        seg("A 1:1 ack 101");
        error_about_last(ICMP_PORT_UNREACHABLE, 0);
        expect_state(LA_ESTABLISHED);
        assert_int_equal(counted(LA_C_OutOfWindowIcmps), 3);
}

static void
a_listeners_wish_is_inherited(void **state)
{
        int64_t value;

        (void)state;
        listening();
        want_errors(e.listener);
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(la_option_get(e.stack, e.connection, LA_OPTION_ICMP_ERRORS, &value), LA_OK);
        assert_int_equal(value, 1);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(a_hard_error_is_only_told),
                engine_test6(a_hard_error_is_only_told),
                engine_test(shld_26_a_hard_error_ends_for_those_who_want_it),
                engine_test6(shld_26_a_hard_error_ends_for_those_who_want_it),
                engine_test(must_56_a_soft_error_never_ends),
                engine_test(an_error_about_what_is_not_in_flight_is_not_believed),
                engine_test(a_listeners_wish_is_inherited),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
