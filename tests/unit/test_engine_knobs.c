/* SPDX-License-Identifier: BSD-2-Clause */
/* The tunables: their names and texts, and what they change. */
#include "engine.h"

static void
knobs_speak_linux(void **state)
{
        (void)state;
        char text[8192];
        const char *why;

        assert_int_equal(la_knob_set(e.stack, "tcp_nonsense", "1", &why), LA_ERR_NO_KNOB);
        assert_int_equal(la_knob_set(e.stack, "net.ipv4.tcp_fin_timeout", "4", &why), LA_ERR_KNOB_VALUE);
        assert_int_equal(la_knob_set(e.stack, "net.ipv4.tcp_fin_timeout", "30 ", &why), LA_OK);
        assert_int_equal(la_knob_set(e.stack, "net.ipv4.tcp_fin_timeout", "30s", &why), LA_ERR_KNOB_VALUE);
        assert_int_equal(la_knob_set(e.stack, "net.ipv4.tcp_fin_timeout", "", &why), LA_ERR_KNOB_VALUE);
        assert_int_equal(la_knob_set(e.stack, "net.ipv4.tcp_fin_timeout", "99999999999999999999", &why),
                         LA_ERR_KNOB_VALUE);
        assert_int_equal(la_knob_get(e.stack, "/proc/sys/net/ipv4/tcp_fin_timeout", text, sizeof text), LA_OK);
        assert_string_equal(text, "30");
        assert_int_equal(la_knob_set(e.stack, "ip_local_port_range", "40000 2000", &why), LA_ERR_KNOB_VALUE);
        assert_int_equal(la_knob_set(e.stack, "ip_local_port_range", "2000\t40000", &why), LA_OK);
        assert_int_equal(la_knob_get(e.stack, "ip_local_port_range", text, sizeof text), LA_OK);
        assert_string_equal(text, "2000\t40000");
        assert_int_equal(la_knob_set(e.stack, "ip_local_reserved_ports", "8080,9000-9002,65535", &why), LA_OK);
        assert_int_equal(la_knob_get(e.stack, "ip_local_reserved_ports", text, sizeof text), LA_OK);
        assert_string_equal(text, "8080,9000-9002,65535");
        assert_int_equal(la_knob_set(e.stack, "ip_local_reserved_ports", "8080-", &why), LA_ERR_KNOB_VALUE);
        assert_int_equal(la_knob_set(e.stack, "ip_local_reserved_ports", "", &why), LA_OK);
        assert_int_equal(la_knob_get(e.stack, "ip_local_reserved_ports", text, sizeof text), LA_OK);
        assert_string_equal(text, "");
        assert_int_equal(la_knob_get(e.stack, "tcp_rmem", text, sizeof text), LA_OK);
        assert_string_equal(text, "4096\t131072\t6291456");
        assert_int_equal(la_knob_get(e.stack, "tcp_rmem", text, 5), LA_ERR_INVALID);
        assert_int_equal(la_knob_set(e.stack, "tcp_congestion_control", "reno", &why), LA_OK);
        assert_int_equal(la_knob_set(e.stack, "tcp_congestion_control", "vegas", &why), LA_ERR_KNOB_VALUE);
        assert_int_equal(la_knob_get(e.stack, "lastack.time_wait_ms", text, sizeof text), LA_OK);
        assert_string_equal(text, "60000");
}

static void
options_off_by_knob(void **state)
{
        (void)state;
        knob("tcp_timestamps", "0");
        knob("tcp_sack", "0");
        knob("tcp_window_scaling", "0");
        connecting();
        assert_false(e.last.options.has_timestamps || e.last.options.sack_permitted || e.last.options.has_window_scale);
        assert_true(e.last.options.has_mss);
}

static void
somaxconn_caps_the_backlog(void **state)
{
        (void)state;
        struct la_endpoint any = { .port = 80 };
        struct la_snapshot s;

        knob("net.core.somaxconn", "16");
        assert_int_equal(la_listen(e.stack, e.now, LA_IPV4, &any, 1000, 0, &e.listener), LA_OK);
        assert_int_equal(la_snapshot(e.stack, e.now, e.listener, &s), LA_OK);
        assert_int_equal(s.send_queue, 16);
}

static void
synack_retries_by_knob(void **state)
{
        (void)state;
        knob("tcp_synack_retries", "1");
        half_open();
        after_ms(1000);
        expect_sent("SA 0:0 ack 1");
        after_ms(2000);
        expect_nothing_sent();
        expect_gone();
}

static void
max_orphans_resets(void **state)
{
        (void)state;
        struct la_config c = usual_config();
        struct la_handle h;
        uint32_t n = 0;

        c.connections = 1100;
        c.replies = 4096;
        remake(&c);
        knob("tcp_max_orphans", "1024");
        listening();
        for (unsigned int i = 0; i < 1030; i++) {
                e.peer_port = (uint16_t)(1000 + i);
                seg("S 0:0 win 65535 mss 1460");
                expect_sent("SA 0:0 ack 1");
                seg("A 1:1 ack 1");
                assert_int_equal(la_accept(e.stack, e.now, e.listener, 0, &h), LA_OK);
                assert_int_equal(la_close(e.stack, e.now, h), LA_OK);
                collect();
                n += (uint32_t)e.sent_count;
                e.sent_first = e.sent_count = 0;
        }
        assert_int_equal(la_usage(e.stack).orphans, 1024);
        assert_int_equal(counted(LA_C_TCPAbortOnMemory), 6);
        assert_int_equal(n, 1030);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(knobs_speak_linux),          engine_test(options_off_by_knob),
                engine_test(somaxconn_caps_the_backlog), engine_test(synack_retries_by_knob),
                engine_test(max_orphans_resets),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
