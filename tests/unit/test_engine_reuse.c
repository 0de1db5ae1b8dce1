/* SPDX-License-Identifier: BSD-2-Clause */
/* A port in TIME_WAIT taken over by a connection from here: tcp_tw_reuse. */
#include "engine.h"

static void
tcp_tw_reuse_0_never(void **state)
{
        (void)state;
        client_time_wait("ts 100");
        knob("tcp_tw_reuse", "0");
        after_ms(59999);
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        after_ms(1);
        assert_int_equal(open_again(), LA_OK);
        assert_int_equal(counted(LA_C_TWRecycled), 0);
}

static void
tcp_tw_reuse_1_after_its_delay(void **state)
{
        (void)state;
        client_time_wait("ts 100");
        knob("tcp_tw_reuse", "1");
        knob("tcp_tw_reuse_delay", "1500");
        after_ms(1499);
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        after_ms(1);
        assert_int_equal(open_again(), LA_OK);
        assert_int_equal(status_now().came_by, LA_T_TIME_WAIT_ACTIVE_OPEN);
        assert_int_equal(counted(LA_C_TWRecycled), 1);
}

static void
tcp_tw_reuse_1_never_without_timestamps(void **state)
{
        (void)state;
        client_time_wait("");
        knob("tcp_tw_reuse", "1");
        after_ms(30000);
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
}

static void
tcp_tw_reuse_1_never_of_fin_wait_2(void **state)
{
        (void)state;
        struct la_snapshot s;

        knob("ip_local_port_range", "5000 5000");
        knob("tcp_tw_reuse", "1");
        connecting();
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        seg("A 1:1 ack 2");
        assert_true(find_peer(&s));
        assert_int_equal(s.state, LA_FIN_WAIT_2);
        after_ms(30000);
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
}

static void
tcp_tw_reuse_2_over_loopback_only(void **state)
{
        (void)state;
        knob("tcp_tw_reuse", "2");
        client_time_wait("ts 100");
        after_ms(1000);
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        e.loopback = true;
        client_time_wait("ts 100");
        after_ms(1000);
        assert_int_equal(open_again(), LA_OK);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(tcp_tw_reuse_0_never),
                engine_test(tcp_tw_reuse_1_after_its_delay),
                engine_test(tcp_tw_reuse_1_never_without_timestamps),
                engine_test(tcp_tw_reuse_1_never_of_fin_wait_2),
                engine_test(tcp_tw_reuse_2_over_loopback_only),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
