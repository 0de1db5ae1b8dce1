/* SPDX-License-Identifier: BSD-2-Clause */
/* Tunables of TIME_WAIT, of what comes before it, and of local ports. */
#include "engine_knobs.h"

/* ---- TIME_WAIT ---- */

static void
tcp_tw_reuse(void **state)
{
        (void)state;
        client_time_wait("ts 100");
        after_ms(1000);
        set("tcp_tw_reuse", "0");
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        set("tcp_tw_reuse", "2"); /* not over loopback */
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        set("tcp_tw_reuse", "1");
        assert_int_equal(open_again(), LA_OK);
        assert_int_equal(counted(LA_C_TWRecycled), 1);
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        e.loopback = true;
        e.our_isn = 0;
        forget_sent();
        client_time_wait("ts 100");
        after_ms(1000);
        set("tcp_tw_reuse", "2");
        assert_int_equal(open_again(), LA_OK);
        assert_int_equal(counted(LA_C_TWRecycled), 2);
}

static void
tcp_tw_reuse_delay(void **state)
{
        (void)state;
        set("tcp_tw_reuse", "1");
        client_time_wait("ts 100");
        after_ms(999);
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        set("tcp_tw_reuse_delay", "5000");
        after_ms(4000);
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        set("tcp_tw_reuse_delay", "1");
        assert_int_equal(open_again(), LA_OK);
}

/* This end closes first, timestamps in use; the peer's clock stands at `ts` in its FIN. */
static void
close_with_clock_at(unsigned int ts)
{
        char text[96];

        snprintf(text, sizeof text, "S 0:0 win 65535 mss 1460 ts %u 0", ts);
        seg(text);
        expect_sent("SA 0:0 ack 1");
        snprintf(text, sizeof text, "A 1:1 ack 1 ts %u %u", ts, e.last.options.ts_value);
        seg(text);
        accept_it();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        snprintf(text, sizeof text, "FA 1:1 ack 2 ts %u %u", ts, e.last.options.ts_value);
        seg(text);
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
}

static void
expect_refused(const char *syn)
{
        seg(syn);
        expect_nothing_sent();
        expect_verdict(LA_V_LISTEN_RECYCLE);
}

static void
tcp_tw_recycle(void **state)
{
        (void)state;
        const char *why = NULL;

        assert_int_equal(la_knob_set(e.stack, "tcp_tw_recycle", "1\n", &why), LA_ERR_DANGER);
        assert_non_null(strstr(why, "NAT"));
        assert_int_equal(la_knob_set(e.stack, "tcp_tw_recycle", "0\n", &why), LA_OK);
        assert_int_equal(la_knob_set(e.stack, "tcp_tw_recycle", "yes", &why), LA_ERR_KNOB_VALUE);
        listening();
        close_with_clock_at(5000);
        e.peer_port++; /* another host behind the same address, whose clock is behind */
        seg("S 0:0 win 65535 mss 1460 ts 100 0");
        expect_sent("SA 0:0 ack 1");
        seg("R 1:1");
        assert_int_equal(la_knob_set_dangerous(e.stack, "tcp_tw_recycle", "1", &why), LA_OK);
        e.peer_port++;
        close_with_clock_at(5000);
        after_ms(699); /* three and a half times the shortest timeout */
        expect_found(LA_TIME_WAIT);
        after_ms(1);
        expect_gone();
        e.peer_port++;
        expect_refused("S 0:0 win 65535 mss 1460 ts 4998 0");
        expect_refused("S 0:0 win 65535 mss 1460"); /* nor without a clock */
        assert_int_equal(counted(LA_C_PAWSPassive), 2);
        assert_int_equal(counted(LA_C_ListenDrops), 2);
        seg("S 0:0 win 65535 mss 1460 ts 4999 0");
        expect_sent("SA 0:0 ack 1");
        e.peer_port++;
        after_ms(59299);
        forget_sent();
        expect_refused("S 0:0 win 65535 mss 1460 ts 100 0");
        after_ms(1); /* for a minute */
        seg("S 0:0 win 65535 mss 1460 ts 100 0");
        expect_sent("SA 0:0 ack 1");
}

static void
tcp_max_tw_buckets(void **state)
{
        (void)state;
        struct la_snapshot s;

        knob("tcp_max_tw_buckets", "1"); /* insists: fewer than 1024 are not sane */
        listening();
        close_with_clock_at(1);
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        seg("FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2"); /* the last acknowledgment is still sent */
        expect_gone();
        assert_int_equal(counted(LA_C_TCPTimeWaitOverflow), 1);
        assert_int_equal(counted(LA_C_TW), 1);
        set("tcp_max_tw_buckets", "1024");
        e.peer_port++;
        close_with_clock_at(1);
        assert_true(find_peer(&s));
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 2);
}

static void
tcp_rfc1337(void **state)
{
        (void)state;
        time_wait();
        set("tcp_rfc1337", "1");
        seg("R 2:2");
        expect_found(LA_TIME_WAIT);
        set("tcp_rfc1337", "0");
        seg("R 2:2");
        expect_gone();
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_RCV_RST), 1);
}

static void
time_wait_ms(void **state)
{
        (void)state;
        time_wait();
        after_ms(59999);
        expect_found(LA_TIME_WAIT);
        set("lastack.time_wait_ms", "3600000"); /* for those who wait already, too */
        after_ms(1000000);
        expect_found(LA_TIME_WAIT);
        set("lastack.time_wait_ms", "1060000");
        after_ms(1);
        expect_gone();
        set("lastack.time_wait_ms", "0");
        e.peer_port++;
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        fin_wait_2();
        seg("FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2");
        after_ms(0);
        expect_state(LA_CLOSED);
}

/* ---- Timestamps: what makes reuse safe ---- */

static void
tcp_timestamps(void **state)
{
        (void)state;
        uint32_t value;

        set("tcp_timestamps", "0");
        connecting();
        assert_false(e.last.options.has_timestamps);
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        e.peer_port++;
        set("tcp_timestamps", "1");
        connecting();
        assert_true(e.last.options.has_timestamps);
        value = e.last.options.ts_value;
        assert_int_not_equal(value, e.now / 1000); /* a random start */
        set("tcp_timestamps", "0");                /* a handshake under way goes on as it began */
        seg("SA 0:0 ack 1 win 65535 mss 1460 ts 1 2");
        expect_sent("R 1:1"); /* an echo of what was never said (RFC 7323 3.2) */
        after_ms(1000);
        expect_sent("S 0:0");
        assert_int_equal(e.last.options.ts_value, value + 1000);
        e.peer_port++;
        set("tcp_timestamps", "2");
        client_time_wait("ts 100");
        assert_int_equal(e.last.options.ts_value, e.now / 1000); /* no random start */
        set("tcp_timestamps", "1");
        after_ms(10);
        seg("FA 1:1 ack 2 ts 101 0");
        expect_sent("A 2:2 ack 2");
        assert_int_equal(e.last.options.ts_value, e.now / 1000); /* a record's clock does not jump */
}

/* ---- FIN_WAIT_2 and orphans ---- */

static void
tcp_fin_timeout(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        seg("A 1:1 ack 2");
        after_ms(59999);
        expect_found(LA_FIN_WAIT_2);
        set("tcp_fin_timeout", "120"); /* for those who wait already, too */
        after_ms(60000);
        expect_found(LA_FIN_WAIT_2);
        set("tcp_fin_timeout", "5");
        after_ms(1);
        expect_gone();
        e.peer_port++;
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        fin_wait_2(); /* its user holds it: that has no end */
        after_ms(1000000);
        expect_state(LA_FIN_WAIT_2);
}

static void
tcp_max_orphans(void **state)
{
        (void)state;
        established();
        knob("tcp_max_orphans", "0"); /* insists: fewer than 1024 are not sane */
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("RA 1:1 ack 1");
        expect_gone();
        assert_int_equal(counted(LA_C_TCPAbortOnMemory), 1);
        set("tcp_max_orphans", "1024");
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        e.peer_port++;
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        expect_found(LA_FIN_WAIT_1);
        assert_int_equal(counted(LA_C_TCPAbortOnMemory), 1);
}

/* How often an orphan's FIN is repeated, and how long that takes. */
static size_t
repetitions(const char *value, uint32_t *ret_ms)
{
        struct la_snapshot s;
        size_t n;

        if (value)
                set("tcp_orphan_retries", value);
        e.peer_port++;
        if (e.listener.generation)
                assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        for (*ret_ms = 0; find_peer(&s); *ret_ms += 100)
                after_ms(100);
        n = count_sent();
        return n;
}

static void
tcp_orphan_retries(void **state)
{
        (void)state;
        uint32_t ms;

        assert_int_equal(repetitions("1", &ms), 1);
        assert_in_range(ms, 600, 700);
        assert_int_equal(repetitions("3", &ms), 3);
        assert_in_range(ms, 3000, 3100);
        assert_int_equal(repetitions("0", &ms), 8); /* 0 acts as 8 */
        assert_in_range(ms, 102200, 102300);
        /* Live, for one that is repeating already. */
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        e.peer_port++;
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        after_ms(700);
        assert_int_equal(count_sent(), 3);
        set("tcp_orphan_retries", "1");
        after_ms(800);
        assert_int_equal(count_sent(), 0);
        expect_gone();
}

/* ---- Ports ---- */

static void
ip_local_port_range(void **state)
{
        (void)state;
        for (int i = 0; i < 2; i++) {
                set("ip_local_port_range", i ? "7000 7001" : "5000 5001");
                for (int j = 0; j < 2; j++) {
                        assert_int_equal(open_again(), LA_OK);
                        assert_in_range(snapshot_now().local.port, i ? 7000 : 5000, i ? 7001 : 5001);
                }
                assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        }
}

static void
ip_local_reserved_ports(void **state)
{
        (void)state;
        set("ip_local_port_range", "5000 5003");
        set("ip_local_reserved_ports", "5000-5001,5003");
        assert_int_equal(open_again(), LA_OK);
        assert_int_equal(snapshot_now().local.port, 5002);
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
        set("ip_local_reserved_ports", "5000,5003"); /* replaces the list */
        assert_int_equal(open_again(), LA_OK);
        assert_int_equal(snapshot_now().local.port, 5001);
        set("ip_local_reserved_ports", "");
        assert_int_equal(open_again(), LA_OK);
        assert_int_equal(open_again(), LA_OK);
        assert_int_equal(open_again(), LA_ERR_NO_PORTS);
}

const struct knob_test knob_tests_waiting[] = {
        KNOB_TEST(tcp_tw_reuse),
        KNOB_TEST(tcp_tw_reuse_delay),
        KNOB_TEST(tcp_tw_recycle),
        KNOB_TEST(tcp_max_tw_buckets),
        KNOB_TEST(tcp_rfc1337),
        OWN_KNOB_TEST(time_wait_ms),
        KNOB_TEST(tcp_timestamps),
        KNOB_TEST(tcp_fin_timeout),
        KNOB_TEST(tcp_max_orphans),
        KNOB_TEST(tcp_orphan_retries),
        KNOB_TEST(ip_local_port_range),
        KNOB_TEST(ip_local_reserved_ports),
        { NULL, NULL },
};
