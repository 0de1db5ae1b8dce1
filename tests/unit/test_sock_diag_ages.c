/* SPDX-License-Identifier: BSD-2-Clause */
/* Since when a socket is in its state, as far as its times tell; and whose it is. */
#include "diag_decoded.h"

static void
expect_age(uint8_t linux_state, const struct tcp_info *info, uint32_t min_ms, uint32_t max_ms)
{
        struct la_snapshot s;

        b.size = 0;
        diag_socket(&b, AF_INET, linux_state);
        put_tcp_info(info, sizeof(*info));
        s = decoded(DUMP_WANT_TCP);
        assert_true(s.known & LA_KNOWN_AGE);
        assert_int_equal(s.age_min_ms, min_ms);
        assert_int_equal(s.age_max_ms, max_ms);
}

static void
ages_that_follow_from_other_times(void **unused)
{
        const struct tcp_info info = { .tcpi_last_data_sent = 3000,
                                       .tcpi_last_data_recv = 2000,
                                       .tcpi_last_ack_recv = 1000 };
        const struct tcp_info idle = { .tcpi_last_data_sent = 1000, .tcpi_last_ack_recv = 5000 };

        (void)unused;
        expect_age(TCP_ESTABLISHED, &info, 3000, UINT32_MAX);
        expect_age(TCP_ESTABLISHED, &idle, 5000, UINT32_MAX);
        expect_age(TCP_FIN_WAIT2, &info, 1000, 3000);
        expect_age(TCP_CLOSE_WAIT, &info, 1000, 2000);
        expect_age(TCP_CLOSING, &info, 1000, 2000);
        expect_age(TCP_LAST_ACK, &info, 0, 2000);
}

/* A keepalive's answer can be later than the last data, and clocks wrap: at least is never more than at most. */
static void
age_bounds_in_order(void **unused)
{
        const struct tcp_info info = { .tcpi_last_data_recv = 10, .tcpi_last_ack_recv = 40 };

        (void)unused;
        expect_age(TCP_CLOSE_WAIT, &info, 10, 10);
}

static void
ages_that_nothing_tells(void **unused)
{
        static const uint8_t states[] = { TCP_SYN_SENT, TCP_SYN_RECV, TCP_FIN_WAIT1, TCP_LISTEN, TCP_CLOSE };
        const struct tcp_info info = { .tcpi_last_data_sent = 3, .tcpi_last_data_recv = 2, .tcpi_last_ack_recv = 1 };

        (void)unused;
        for (size_t i = 0; i < sizeof(states); i++) {
                b.size = 0;
                diag_socket(&b, AF_INET, states[i]);
                put_tcp_info(&info, sizeof(info));
                assert_false(decoded(DUMP_WANT_TCP).known & LA_KNOWN_AGE);
        }
        b.size = 0;
        diag_socket(&b, AF_INET, TCP_CLOSE_WAIT);
        assert_false(decoded(DUMP_WANT_TCP).known & LA_KNOWN_AGE);
}

static void
time_wait_age(void **unused)
{
        struct inet_diag_msg *m = diag_socket(&b, AF_INET, TCP_TIME_WAIT);
        struct la_snapshot s;

        (void)unused;
        m->idiag_timer = LA_TIMER_TIME_WAIT;
        m->idiag_expires = 45000;
        s = decoded(0);
        assert_true(s.known & LA_KNOWN_AGE);
        assert_int_equal(s.age_min_ms, 15000);
        assert_int_equal(s.age_max_ms, 15000);
        m->idiag_expires = 60001; /* a kernel with another length: no telling */
        assert_false(decoded(0).known & LA_KNOWN_AGE);
        m->idiag_expires = 45000;
        m->idiag_timer = LA_TIMER_NONE;
        assert_false(decoded(0).known & LA_KNOWN_AGE);
}

static void
orphan_in_fin_wait_2_has_no_age(void **unused)
{
        struct inet_diag_msg *m = diag_socket(&b, AF_INET, TCP_FIN_WAIT2);
        struct la_snapshot s;

        (void)unused;
        m->idiag_timer = LA_TIMER_TIME_WAIT;
        m->idiag_expires = 45000;
        m->idiag_inode = 0;
        s = decoded(0);
        assert_false(s.known & LA_KNOWN_AGE);
        assert_true(la_snapshot_is_orphan(&s));
}

static void
not_yet_accepted_is_no_orphan(void **unused)
{
        struct la_snapshot s;

        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED)->idiag_inode = 0;
        s = decoded(0);
        assert_false(la_snapshot_is_orphan(&s));
        assert_true(la_snapshot_waits_for_accept(&s));
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(ages_that_follow_from_other_times), TEST(age_bounds_in_order),
                TEST(ages_that_nothing_tells),           TEST(time_wait_age),
                TEST(orphan_in_fin_wait_2_has_no_age),   TEST(not_yet_accepted_is_no_orphan),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
