/* SPDX-License-Identifier: BSD-2-Clause */
/* Tunables of a connection that is there: when it repeats, when it answers, when it gives up. */
#include "engine_knobs.h"

/* ---- Keeping alive ---- */

static void
kept_alive(void)
{
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_KEEPALIVE, 1), LA_OK);
}

static void
tcp_keepalive_time(void **state)
{
        (void)state;
        kept_alive();
        after_ms(7200 * 1000 - 1);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 0:0 ack 1");
        seg("A 1:1 ack 1");
        set("tcp_keepalive_time", "30"); /* live: its timer runs already, and is set anew */
        after_ms(29999);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 0:0 ack 1");
        seg("A 1:1 ack 1");
        set("tcp_keepalive_time", "60");
        after_ms(59999);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 0:0 ack 1");
        /* The connection's own number goes before it. */
        seg("A 1:1 ack 1");
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_KEEPALIVE_TIME, 10), LA_OK);
        set("tcp_keepalive_time", "1");
        after_ms(9999);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 0:0 ack 1");
}

static void
tcp_keepalive_intvl(void **state)
{
        (void)state;
        kept_alive();
        after_ms(7200 * 1000);
        expect_sent("A 0:0 ack 1");
        after_ms(74999);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 0:0 ack 1");
        set("tcp_keepalive_intvl", "40"); /* two have gone unanswered: the next is due at 80 s of them */
        after_ms(4999);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 0:0 ack 1");
        after_ms(40000);
        expect_sent("A 0:0 ack 1");
}

/* Unanswered probes until the connection ends. */
static size_t
probes(void)
{
        size_t n = 0;

        while (state_now() == LA_ESTABLISHED) {
                after_ms(1000);
                n += count_sent();
        }
        return n - 1; /* the last is the reset */
}

static void
tcp_keepalive_probes(void **state)
{
        (void)state;
        set("tcp_keepalive_time", "10");
        kept_alive();
        assert_int_equal(probes(), 9);
        assert_int_equal(status_now().came_by, LA_T_ESTABLISHED_KEEPALIVE_TIMEOUT);
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        e.peer_port++;
        kept_alive();
        after_ms(10000 + 75000);
        assert_int_equal(count_sent(), 2);
        set("tcp_keepalive_probes", "3"); /* live: two have gone already */
        assert_int_equal(probes(), 1);
        assert_int_equal(counted(LA_C_TCPKeepAlive), 9 + 3);
        assert_int_equal(counted(LA_C_TCPAbortOnTimeout), 2);
}

/* ---- Repeating, and giving up ---- */

/* There is no route here that could be doubted (RFC 9293 3.8.3, R1): who owns the connection is told. */
static void
tcp_retries1(void **state)
{
        (void)state;
        established();
        events_now();
        assert_int_equal(write_bytes(10), 10);
        after_ms(200 + 400);
        assert_int_equal(events_now() & LA_HAPPENED_SOFT_ERROR, 0);
        assert_int_equal(status_now().soft_error, LA_OK);
        after_ms(800 + 10);
        assert_true(events_now() & LA_HAPPENED_SOFT_ERROR);
        assert_int_equal(status_now().soft_error, LA_ERR_TIMED_OUT);
        seg("A 1:1 ack 11"); /* it was not the route after all */
        assert_int_equal(status_now().soft_error, LA_OK);
        expect_state(LA_ESTABLISHED);
        events_now();
        set("tcp_retries1", "1");
        assert_int_equal(write_bytes(10), 10);
        after_ms(1700); /* the timeout is still the doubled one: no round trip was measured (Karn) */
        assert_true(events_now() & LA_HAPPENED_SOFT_ERROR);
}

/* From the first sending to the end, in ms, and how often it was repeated. */
static uint32_t
time_to_give_up(size_t *ret_repeated)
{
        uint32_t ms = 0;

        assert_int_equal(write_bytes(10), 10);
        forget_sent();
        for (; state_now() == LA_ESTABLISHED; ms += 100)
                after_ms(100);
        assert_int_equal(status_now().error, LA_ERR_TIMED_OUT);
        *ret_repeated = count_sent();
        return ms;
}

static void
again(void)
{
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        e.peer_port++;
        established();
}

static void
tcp_retries2(void **state)
{
        (void)state;
        size_t n;

        established();
        assert_in_range(time_to_give_up(&n), 924600, 924800);
        assert_int_equal(n, 15);
        set("tcp_retries2", "8");
        again();
        assert_in_range(time_to_give_up(&n), 102200, 102400);
        assert_int_equal(n, 8);
        set("tcp_retries2", "5");
        again();
        assert_in_range(time_to_give_up(&n), 12600, 12800);
        /* It is a time: a path whose timeout is longer gets fewer repetitions. */
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        e.peer_port++;
        half_open();
        after_ms(500);
        seg("A 1:1 ack 1");
        accept_it();
        assert_in_range(time_to_give_up(&n), 22500, 22700); /* 1.5 + 3 + 6 + 12: the first after 12.6 s */
        assert_int_equal(n, 3);
        set("tcp_retries2", "15");
        again();
        assert_int_equal(write_bytes(10), 10);
        after_ms(20000);
        expect_state(LA_ESTABLISHED);
        set("tcp_retries2", "3"); /* live: the time is over, and its timer finds that out */
        after_ms(6000);
        expect_state(LA_CLOSED);
}

static void
rto_min_ms(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        after_ms(199);
        expect_nothing_sent();
        after_ms(2);
        expect_sent("PA 1:11 ack 1");
        set("lastack.rto_min_ms", "1000"); /* from the next round trip on that is measured */
        seg("A 1:1 ack 11");
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 11:21 ack 1");
        seg("A 1:1 ack 21");
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 21:31 ack 1");
        after_ms(999);
        expect_nothing_sent();
        after_ms(2);
        expect_sent("PA 21:31 ack 1");
        set("lastack.rto_min_ms", "5");
        again();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        after_ms(6);
        expect_sent("PA 1:11 ack 1");
}

/* ---- Answering ---- */

static void
delayed_ack_ms(void **state)
{
        (void)state;
        established();
        seg("PA 1:11 ack 1");
        after_ms(39);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 1:1 ack 11");
        set("lastack.delayed_ack_ms", "499");
        seg("PA 11:21 ack 1");
        after_ms(498);
        expect_nothing_sent();
        after_ms(1);
        expect_sent("A 1:1 ack 21");
        set("lastack.delayed_ack_ms", "0");
        seg("PA 21:31 ack 1");
        expect_sent("A 1:1 ack 31"); /* at once */
}

static void
challenge_ack_limit(void **state)
{
        (void)state;
        established();
        set("lastack.challenge_ack_limit", "2");
        for (int i = 0; i < 5; i++)
                seg("S 1:1");
        assert_int_equal(count_sent(), 2);
        assert_int_equal(counted(LA_C_TCPChallengeACK), 2);
        assert_int_equal(counted(LA_C_TCPACKSkippedChallenge), 3);
        set("lastack.challenge_ack_limit", "4"); /* two are left of this second */
        for (int i = 0; i < 5; i++)
                seg("S 1:1");
        assert_int_equal(count_sent(), 2);
        after_ms(1000);
        set("lastack.challenge_ack_limit", "0");
        seg("S 1:1");
        expect_nothing_sent();
}

const struct knob_test knob_tests_sending[] = {
        KNOB_TEST(tcp_keepalive_time),
        KNOB_TEST(tcp_keepalive_intvl),
        KNOB_TEST(tcp_keepalive_probes),
        KNOB_TEST(tcp_retries1),
        KNOB_TEST(tcp_retries2),
        OWN_KNOB_TEST(rto_min_ms),
        OWN_KNOB_TEST(delayed_ack_ms),
        OWN_KNOB_TEST(challenge_ack_limit),
        { NULL, NULL },
};
