/* SPDX-License-Identifier: BSD-2-Clause */
/* One socket's bytes to a snapshot: what is told is understood, what is missing is not made up, nonsense is refused. */
#include "diag_decoded.h"

static void
ipv4_connection(void **unused)
{
        static const uint8_t local[16] = { 10, 0, 0, 1 }, remote[16] = { 10, 0, 0, 2 };
        struct inet_diag_msg *m = diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        struct la_snapshot s;

        (void)unused;
        memset(&m->id.idiag_src[1], 0xff, 12); /* not part of an IPv4 address */
        m->idiag_timer = 1;
        m->idiag_expires = 200;
        m->idiag_retrans = 3;
        s = decoded(0);
        assert_int_equal(s.state, LA_ESTABLISHED);
        assert_int_equal(s.family, LA_IPV4);
        assert_memory_equal(s.local.address, local, 16);
        assert_memory_equal(s.remote.address, remote, 16);
        assert_int_equal(s.local.port, 1000);
        assert_int_equal(s.remote.port, 2000);
        assert_int_equal(s.interface, 3);
        assert_int_equal(s.cookie, 0x2222222211111111);
        assert_int_equal(s.receive_queue, 4);
        assert_int_equal(s.send_queue, 5);
        assert_int_equal(s.uid, 6);
        assert_int_equal(s.inode, 77);
        assert_int_equal(s.timer, LA_TIMER_RETRANSMIT);
        assert_int_equal(s.timer_ms, 200);
        assert_int_equal(s.retransmits, 3);
        assert_int_equal(s.known,
                         LA_KNOWN_TIMER | LA_KNOWN_QUEUES | LA_KNOWN_INODE | LA_KNOWN_COOKIE | LA_KNOWN_INTERFACE);
}

static void
ipv6_and_mapped_connections(void **unused)
{
        static const uint8_t local[16] = { 0xfd, [15] = 1 };
        struct inet_diag_msg *m = diag_socket(&b, AF_INET6, TCP_ESTABLISHED);
        struct la_snapshot s = decoded(0);

        (void)unused;
        assert_int_equal(s.family, LA_IPV6);
        assert_memory_equal(s.local.address, local, 16);
        assert_false(la_endpoint_is_mapped(&s.local));
        inet_pton(AF_INET6, "::ffff:10.0.0.1", m->id.idiag_src);
        s = decoded(0);
        assert_int_equal(s.family, LA_IPV6);
        assert_true(la_endpoint_is_mapped(&s.local));
}

static void
every_state_of_linux(void **unused)
{
        static const enum la_state states[] = {
                [1] = LA_ESTABLISHED, [2] = LA_SYN_SENT,  [3] = LA_SYN_RECEIVED, [4] = LA_FIN_WAIT_1,
                [5] = LA_FIN_WAIT_2,  [6] = LA_TIME_WAIT, [7] = LA_CLOSED,       [8] = LA_CLOSE_WAIT,
                [9] = LA_LAST_ACK,    [10] = LA_LISTEN,   [11] = LA_CLOSING,     [12] = LA_SYN_RECEIVED,
                [13] = LA_CLOSED,
        };

        (void)unused;
        for (unsigned int number = 0; number < 256; number++) {
                b.size = 0;
                diag_socket(&b, AF_INET, (uint8_t)number);
                if (number < 1 || number > 13)
                        expect_nonsense();
                else
                        assert_int_equal(decoded(0).state, states[number]);
        }
}

static void
families_that_tcp_does_not_have(void **unused)
{
        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED)->idiag_family = AF_UNIX;
        expect_nonsense();
        diag_socket(&b, AF_INET, TCP_ESTABLISHED)->idiag_family = 0;
        expect_nonsense();
}

static void
message_cut_short_anywhere(void **unused)
{
        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        for (uint32_t size = sizeof(struct nlmsghdr); size < NLMSG_LENGTH(sizeof(struct inet_diag_msg)); size++) {
                diag_last(&b)->nlmsg_len = size;
                expect_nonsense();
        }
        diag_last(&b)->nlmsg_len = NLMSG_LENGTH(sizeof(struct inet_diag_msg));
        decoded(WANT_ALL);
}

static void
timer_of_a_later_kernel_is_not_known(void **unused)
{
        struct inet_diag_msg *m = diag_socket(&b, AF_INET, TCP_ESTABLISHED);

        (void)unused;
        m->idiag_timer = LA_TIMER_PERSIST;
        assert_true(decoded(0).known & LA_KNOWN_TIMER);
        m->idiag_timer = LA_TIMER_PERSIST + 1;
        assert_false(decoded(0).known & LA_KNOWN_TIMER);
        assert_int_equal(decoded(0).timer, LA_TIMER_NONE);
}

static void
listener_has_a_queue_and_its_limit(void **unused)
{
        struct tcp_info info = { .tcpi_unacked = 9, .tcpi_snd_mss = 536 };
        uint8_t v6only = 1;
        struct la_snapshot s;

        (void)unused;
        diag_socket(&b, AF_INET6, TCP_LISTEN);
        diag_attribute(&b, INET_DIAG_SKV6ONLY, &v6only, 1);
        put_tcp_info(&info, sizeof(info));
        s = decoded(DUMP_WANT_TCP);
        assert_true(s.known & LA_KNOWN_QUEUE_LIMIT);
        assert_int_equal(s.receive_queue, 4);
        assert_int_equal(s.send_queue, 5);
        assert_false(s.known & (LA_KNOWN_TCP | LA_KNOWN_AGE));
        assert_int_equal(s.tcp.unacked, 0);
        assert_true(s.known & LA_KNOWN_V6ONLY);
        assert_true(s.v6only);
        assert_true(decoded(0).v6only);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                TEST(ipv4_connection),
                TEST(ipv6_and_mapped_connections),
                TEST(every_state_of_linux),
                TEST(families_that_tcp_does_not_have),
                TEST(message_cut_short_anywhere),
                TEST(timer_of_a_later_kernel_is_not_known),
                TEST(listener_has_a_queue_and_its_limit),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
