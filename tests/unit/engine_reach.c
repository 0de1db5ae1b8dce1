/* SPDX-License-Identifier: BSD-2-Clause */
/* The way into each state. */
#include "engine.h"

void
listening(void)
{
        struct la_endpoint any = { .port = e.local_port };

        assert_int_equal(la_listen(e.stack, e.now, e.family, &any, 16, 0, &e.listener), LA_OK);
}

void
half_open(void)
{
        listening();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
}

void
accept_it(void)
{
        assert_int_equal(la_accept(e.stack, e.now, e.listener, 7, &e.connection), LA_OK);
}

void
established_with(const char *syn_options)
{
        char syn[128], ack[128];
        const char *ts = strstr(syn_options, "ts ");

        listening();
        snprintf(syn, sizeof syn, "S 0:0 win 65535 %s", syn_options);
        seg(syn);
        expect_sent("SA 0:0 ack 1");
        snprintf(ack, sizeof ack, "A 1:1 ack 1 win 65535");
        if (ts && e.last.options.has_timestamps)
                snprintf(ack, sizeof ack, "A 1:1 ack 1 win 65535 ts %lu %u", strtoul(ts + 3, NULL, 10),
                         e.last.options.ts_value);
        seg(ack);
        accept_it();
        expect_nothing_sent();
        expect_state(LA_ESTABLISHED);
}

void
established(void)
{
        established_with("mss 1460");
}

void
connecting(void)
{
        struct segment s = { 0 };

        segment_ends(&s, true);
        s.destination.port = 0;
        assert_int_equal(la_open(e.stack, e.now, e.family, &s.destination, &s.source, 7, &e.connection), LA_OK);
        e.local_port = snapshot_now().local.port;
        expect_sent("S 0:0");
        expect_state(LA_SYN_SENT);
}

void
connected(void)
{
        connecting();
        seg("SA 0:0 ack 1 win 65535 mss 1460");
        expect_sent("A 1:1 ack 1");
        expect_state(LA_ESTABLISHED);
}

void
close_wait(void)
{
        established();
        seg("FA 1:1 ack 1");
        expect_sent("A 1:1 ack 2");
        expect_state(LA_CLOSE_WAIT);
}

void
fin_wait_1(void)
{
        established();
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        expect_state(LA_FIN_WAIT_1);
}

void
fin_wait_2(void)
{
        fin_wait_1();
        seg("A 1:1 ack 2");
        expect_state(LA_FIN_WAIT_2);
}

void
closing(void)
{
        fin_wait_1();
        seg("FA 1:1 ack 1");
        expect_sent("A 2:2 ack 2");
        expect_state(LA_CLOSING);
}

void
last_ack(void)
{
        close_wait();
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 2");
        expect_state(LA_LAST_ACK);
}

void
time_wait(void)
{
        fin_wait_2();
        seg("FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2");
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_found(LA_TIME_WAIT);
}

void
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

enum la_error
open_again(void)
{
        struct segment s = { 0 };

        segment_ends(&s, true);
        s.destination.port = 0;
        return la_open(e.stack, e.now, e.family, &s.destination, &s.source, 0, &e.connection);
}
