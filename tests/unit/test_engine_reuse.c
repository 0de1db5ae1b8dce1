/* SPDX-License-Identifier: BSD-2-Clause */
/* A port in TIME_WAIT taken over by a connection from here: tcp_tw_reuse. */
#include "engine.h"

static void
tw_reuse_needs_its_delay_and_timestamps(void **state)
{
        (void)state;
        client_time_wait("ts 100");
        knob("tcp_tw_reuse", "1");
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        after_ms(999);
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        after_ms(1);
        knob("tcp_tw_reuse", "0");
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        knob("tcp_tw_reuse", "2"); /* loopback only */
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        knob("tcp_tw_reuse", "1");
        assert_int_equal(open_again(), LA_OK);
        expect_sent("S 0:0");
        assert_int_equal(counted(LA_C_TWRecycled), 1);
        assert_int_equal(status_now().came_by, LA_T_TIME_WAIT_ACTIVE_OPEN);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
        assert_int_equal(la_usage(e.stack).time_wait4, 0);
}

static void
tw_reuse_delay_can_be_set(void **state)
{
        (void)state;
        client_time_wait("ts 100");
        knob("tcp_tw_reuse", "1");
        knob("tcp_tw_reuse_delay", "5000");
        after_ms(4999);
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        after_ms(1);
        assert_int_equal(open_again(), LA_OK);
}

static void
tw_reuse_never_without_timestamps(void **state)
{
        (void)state;
        knob("tcp_timestamps", "0");
        client_time_wait("");
        knob("tcp_timestamps", "1");
        knob("tcp_tw_reuse", "1");
        after_ms(30000);
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(tw_reuse_needs_its_delay_and_timestamps),
                engine_test(tw_reuse_delay_can_be_set),
                engine_test(tw_reuse_never_without_timestamps),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
