/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9293 3.5.3 and 3.6: resets, the end as the program sees it, and how long 2 MSL are. */
#include "engine.h"

static enum la_error
receive(void)
{
        uint8_t byte;
        size_t n;

        return la_receive(e.stack, e.now, e.connection, &byte, 1, &n);
}

/* Shows MUST-12. */
static void
an_end_in_order_is_told_from_a_cut(void **state)
{
        (void)state;
        uint32_t happened;

        established();
        events_now();
        seg("FA 1:1 ack 1");
        happened = events_now();
        assert_true(happened & LA_HAPPENED_PEER_CLOSED);
        assert_false(happened & LA_HAPPENED_ERROR);
        assert_int_equal(receive(), LA_ERR_END);
        assert_int_equal(status_now().error, LA_OK);

        e.peer_port++;
        forget_sent();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        events_now();
        seg("R 1:1");
        happened = events_now();
        assert_true(happened & LA_HAPPENED_ERROR);
        assert_true(happened & LA_HAPPENED_CLOSED);
        assert_false(happened & LA_HAPPENED_PEER_CLOSED);
        assert_int_equal(receive(), LA_ERR_RESET);
        assert_int_equal(status_now().error, LA_ERR_RESET);
}

/* Shows SHLD-2. */
static void
a_reset_may_say_why(void **state)
{
        (void)state;
        established();
        seg("R 1:51"); /* with 50 bytes of text that say what was wrong */
        expect_nothing_sent();
        expect_state(LA_CLOSED);
        assert_int_equal(status_now().error, LA_ERR_RESET);
        assert_int_equal(read_bytes(), 0); /* they are no text of the stream */
}

/* Shows MAY-1. */
static void
who_has_closed_cannot_read_on(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        assert_int_equal(receive(), LA_ERR_HANDLE);
}

/* Shows MUST-13. */
static void
an_msl_of_two_minutes_can_be_had(void **state)
{
        (void)state;
        knob("lastack.time_wait_ms", "240000");
        time_wait();
        after_ms(239999);
        expect_found(LA_TIME_WAIT);
        after_ms(1);
        expect_gone();
}

/* 3.10.7.4, fifth, FIN-WAIT-1: "if the FIN segment is now acknowledged, then enter FIN-WAIT-2", by a FIN that cannot be
 * taken yet as by any other segment. */
static void
a_fin_ahead_of_a_gap_acknowledges_ours(void **state)
{
        (void)state;
        fin_wait_1();
        seg("FA 11:21 ack 2");
        expect_state(LA_FIN_WAIT_2);
        forget_sent();
        seg("PA 1:11 ack 2");
        expect_sent("A 2:2 ack 22");
        expect_state(LA_TIME_WAIT);
}

static void
a_fin_without_room_for_its_text_acknowledges_ours(void **state)
{
        (void)state;
        struct la_config c = usual_config();

        c.chunks = 1;
        remake(&c);
        fin_wait_1();
        seg("PA 1:2001 ack 1"); /* a part of it is kept, and then there is no room */
        seg("FA 2001:3001 ack 2");
        assert_int_equal(verdict_of_last(), LA_V_NO_MEMORY);
        expect_state(LA_FIN_WAIT_2);
        assert_true(read_bytes() > 0);
}

/* Nobody holds it, and tcp_fin_timeout must find it in the state it is for. */
static void
a_fin_ahead_of_a_gap_ends_an_orphan(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        seg("FA 2:2 ack 2");
        expect_found(LA_FIN_WAIT_2);
        after_ms(60000);
        expect_gone();
}

/* RFC 5681's duplicate ACKs ask for text again.  What stands at SND.UNA here is the SYN. */
static void
acknowledgments_before_the_syns_ask_for_nothing(void **state)
{
        (void)state;
        connecting();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_found(LA_FIN_WAIT_1);
        for (int i = 0; i < 5; i++)
                seg("A 1:1 ack 0 win 65535");
        expect_sent("FA 1:1 ack 1");
        expect_nothing_sent();
        assert_int_equal(counted(LA_C_TCPFastRetrans), 0);
        seg("A 1:1 ack 2 win 65535");
        expect_found(LA_FIN_WAIT_2);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(an_end_in_order_is_told_from_a_cut),
                engine_test(a_reset_may_say_why),
                engine_test(who_has_closed_cannot_read_on),
                engine_test(an_msl_of_two_minutes_can_be_had),
                engine_test(a_fin_ahead_of_a_gap_acknowledges_ours),
                engine_test(a_fin_without_room_for_its_text_acknowledges_ours),
                engine_test(a_fin_ahead_of_a_gap_ends_an_orphan),
                engine_test(acknowledgments_before_the_syns_ask_for_nothing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
