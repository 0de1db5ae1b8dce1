/* SPDX-License-Identifier: BSD-2-Clause */
/* A port in TIME_WAIT taken over by a connection from here; and what tcp_tw_recycle was. */
#include "engine.h"

/* Opens from port 5000, closes first, and waits. */
static void
client_time_wait(const char *options)
{
        char text[128];
        uint32_t ours;

        knob("net.ipv4.ip_local_port_range", "5000 5000");
        connecting();
        snprintf(text, sizeof text, "SA 0:0 ack 1 win 65535 mss 1460 %s %u", options, e.last.options.ts_value);
        seg(*options ? text : "SA 0:0 ack 1 win 65535 mss 1460");
        forget_sent();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        ours = e.last.options.ts_value;
        snprintf(text, sizeof text, "FA 1:1 ack 2 %s %u", options, ours);
        seg(*options ? text : "FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
}

static enum la_error
open_again(void)
{
        struct la_endpoint peer = { { 10, 0, 0, 2 }, PEER_PORT };

        return la_open(e.stack, e.now, LA_IPV4, NULL, &peer, 0, &e.connection);
}

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

static void
tw_recycle_is_dangerous_and_breaks_nat(void **state)
{
        (void)state;
        const char *why = NULL;

        assert_int_equal(la_knob_set(e.stack, "tcp_tw_recycle", "1", &why), LA_ERR_DANGER);
        assert_non_null(why);
        assert_int_equal(la_knob_set(e.stack, "tcp_tw_recycle", "0", &why), LA_OK);
        knob("tcp_tw_recycle", "1");
        listening();
        seg("S 0:0 win 65535 mss 1460 ts 5000 0");
        expect_sent("SA 0:0 ack 1");
        e.peer_port++; /* another host behind the same address, whose clock is behind */
        seg("S 0:0 win 65535 mss 1460 ts 100 0");
        expect_nothing_sent();
        expect_verdict(LA_V_LISTEN_RECYCLE);
        assert_int_equal(counted(LA_C_PAWSPassive), 1);
        knob("tcp_tw_recycle", "0");
        seg("S 0:0 win 65535 mss 1460 ts 100 0");
        expect_sent("SA 0:0 ack 1");
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(tw_reuse_needs_its_delay_and_timestamps),
                engine_test(tw_reuse_delay_can_be_set),
                engine_test(tw_reuse_never_without_timestamps),
                engine_test(tw_recycle_is_dangerous_and_breaks_nat),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
