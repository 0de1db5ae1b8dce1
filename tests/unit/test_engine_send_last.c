/* SPDX-License-Identifier: BSD-2-Clause */
/* LA_SEND_LAST: CLOSE said together with SEND, with which a FIN may go in the SYN. */
#include "engine_fastopen.h"

static void
last(size_t bytes)
{
        static uint8_t text[1000];
        size_t taken;

        for (size_t i = 0; i < bytes; i++)
                text[i] = (uint8_t)((i + 1) * 31 + ((i + 1) >> 8));
        assert_int_equal(la_send(e.stack, e.now, e.connection, text, bytes, LA_SEND_LAST, &taken), LA_OK);
        assert_int_equal(taken, bytes);
}

static void
the_fin_goes_in_the_syn(void **state)
{
        (void)state;
        get_cookie();
        open_fast(0);
        last(100);
        assert_int_equal(la_send(e.stack, e.now, e.connection, NULL, 0, 0, &(size_t){ 0 }), LA_ERR_CLOSING);
        expect_sent("SF 0:100 cookie 0123456789abcdef");
        seg("SA 0:0 ack 102 win 65535 mss 1460");
        expect_sent("A 102:102 ack 1");
        expect_state(LA_FIN_WAIT_2);
        seg("FA 1:1 ack 102");
        expect_sent("A 102:102 ack 2");
        expect_state(LA_TIME_WAIT);
}

static void
the_fin_that_was_not_taken_goes_again(void **state)
{
        (void)state;
        get_cookie();
        open_fast(0);
        last(100);
        expect_sent("SF 0:100");
        seg("SA 0:0 ack 101 win 65535 mss 1460"); /* as Linux answers */
        expect_state(LA_FIN_WAIT_1);
        expect_sent("FA 101:101 ack 1");
        seg("A 1:1 ack 102");
        expect_state(LA_FIN_WAIT_2);
}

static void
a_fin_without_text_waits(void **state)
{
        (void)state;
        get_cookie();
        open_fast(0);
        last(0);
        expect_sent("S 0:0 cookie 0123456789abcdef");
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_sent("FA 1:1 ack 1");
}

static void
without_fast_open_the_fin_waits_for_the_handshake(void **state)
{
        (void)state;
        open_peer();
        last(100);
        expect_sent("S 0:0");
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_state(LA_FIN_WAIT_1);
        assert_int_equal(status_now().came_by, LA_T_ESTABLISHED_CLOSE);
        expect_sent("FPA 1:101 ack 1");
}

static void
in_a_simultaneous_open_it_waits_too(void **state)
{
        (void)state;
        open_peer();
        last(0);
        expect_sent("S 0:0");
        seg("S 0:0 win 65535 mss 1460");
        expect_state(LA_FIN_WAIT_1);
        assert_int_equal(status_now().came_by, LA_T_SYN_RECEIVED_CLOSE);
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        expect_sent("FA 1:1 ack 1");
}

static void
in_established_it_is_a_close(void **state)
{
        (void)state;
        established();
        last(100);
        expect_state(LA_FIN_WAIT_1);
        expect_sent("FPA 1:101 ack 1");
}

/* 3.10.4. */
static void
closing_still_ends_the_attempt(void **state)
{
        (void)state;
        open_peer();
        last(100);
        expect_sent("S 0:0");
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_gone();
        assert_int_equal(la_usage(e.stack).connections, 0);
        assert_int_equal(la_usage(e.stack).orphans, 0);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(the_fin_goes_in_the_syn),
                engine_test(the_fin_that_was_not_taken_goes_again),
                engine_test(a_fin_without_text_waits),
                engine_test(without_fast_open_the_fin_waits_for_the_handshake),
                engine_test(in_a_simultaneous_open_it_waits_too),
                engine_test(in_established_it_is_a_close),
                engine_test(closing_still_ends_the_attempt),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
