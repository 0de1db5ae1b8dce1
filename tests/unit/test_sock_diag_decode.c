/* SPDX-License-Identifier: BSD-2-Clause */
/* One socket's bytes to a snapshot: what is told is understood, what is missing is not made up, nonsense is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <linux/tcp.h>
#include <stdlib.h>

#include "diag_bytes.h"
#include "linux/dump.h"
#include "linux/sock_diag_decode.h"

enum { WANT_ALL = DUMP_WANT_TCP | DUMP_WANT_MEMORY | DUMP_WANT_MARK | DUMP_WANT_CGROUP };
enum { TCP_INFO_2_6_12 = 104, TCP_INFO_5_4 = 232 };

static struct diag_bytes b;

static int
begin(void **unused)
{
        (void)unused;
        memset(&b, 0, sizeof(b));
        return 0;
}

/* Decodes the last message from a block of its very size, so that reading past its end is found out. */
static bool
decode(uint32_t want, struct la_snapshot *ret)
{
        const struct nlmsghdr *message = diag_last(&b);
        struct nlmsghdr *exact = malloc(message->nlmsg_len);
        bool sensible;

        assert_non_null(exact);
        memcpy(exact, message, message->nlmsg_len);
        sensible = sock_diag_decode(exact, want, ret);
        free(exact);
        return sensible;
}

static struct la_snapshot
decoded(uint32_t want)
{
        struct la_snapshot s;

        memset(&s, 0, sizeof(s));
        assert_true(decode(want, &s));
        return s;
}

static void
expect_nonsense(void)
{
        struct la_snapshot s, before;

        memset(&s, 0x5a, sizeof(s));
        before = s;
        assert_false(decode(WANT_ALL, &s));
        assert_memory_equal(&s, &before, sizeof(s));
}

static void
put_tcp_info(const struct tcp_info *info, size_t size)
{
        uint8_t bytes[sizeof(*info) + 200] = { 0 };

        memcpy(bytes, info, size < sizeof(*info) ? size : sizeof(*info));
        diag_attribute(&b, INET_DIAG_INFO, bytes, size);
}

/* ---- The message ---- */

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

/* ---- Attributes ---- */

static void
tcp_details(void **unused)
{
        struct tcp_info info = {
                .tcpi_options = TCPI_OPT_TIMESTAMPS | TCPI_OPT_ECN,
                .tcpi_snd_wscale = 7,
                .tcpi_rcv_wscale = 9,
                .tcpi_backoff = 2,
                .tcpi_rto = 1,
                .tcpi_ato = 2,
                .tcpi_rtt = 3,
                .tcpi_rttvar = 4,
                .tcpi_min_rtt = 5,
                .tcpi_snd_mss = 6,
                .tcpi_rcv_mss = 7,
                .tcpi_advmss = 8,
                .tcpi_pmtu = 9,
                .tcpi_snd_cwnd = 10,
                .tcpi_snd_ssthresh = 11,
                .tcpi_unacked = 12,
                .tcpi_sacked = 13,
                .tcpi_lost = 14,
                .tcpi_retrans = 15,
                .tcpi_reordering = 16,
                .tcpi_total_retrans = 17,
                .tcpi_last_data_sent = 18,
                .tcpi_last_data_recv = 19,
                .tcpi_last_ack_recv = 20,
                .tcpi_rcv_space = 21,
                .tcpi_rcv_ssthresh = 22,
                .tcpi_snd_wnd = 23,
                .tcpi_notsent_bytes = 24,
                .tcpi_segs_in = 25,
                .tcpi_segs_out = 26,
                .tcpi_bytes_sent = 27,
                .tcpi_bytes_acked = 28,
                .tcpi_bytes_received = 29,
                .tcpi_bytes_retrans = 30,
                .tcpi_pacing_rate = 31,
                .tcpi_delivery_rate = 32,
                .tcpi_busy_time = 33,
                .tcpi_rwnd_limited = 34,
                .tcpi_sndbuf_limited = 35,
        };
        static const struct la_tcp_details expected = {
                .timestamps = true,
                .ecn = true,
                .send_wscale = 7,
                .receive_wscale = 9,
                .backoff = 2,
                .rto_us = 1,
                .ato_us = 2,
                .rtt_us = 3,
                .rttvar_us = 4,
                .min_rtt_us = 5,
                .send_mss_bytes = 6,
                .receive_mss_bytes = 7,
                .advertised_mss_bytes = 8,
                .path_mtu_bytes = 9,
                .cwnd = 10,
                .ssthresh = 11,
                .unacked = 12,
                .sacked = 13,
                .lost = 14,
                .retransmitting = 15,
                .reordering = 16,
                .retransmitted_total = 17,
                .last_data_sent_ms = 18,
                .last_data_received_ms = 19,
                .last_ack_received_ms = 20,
                .receive_space_bytes = 21,
                .receive_ssthresh_bytes = 22,
                .send_window_bytes = 23,
                .not_sent_bytes = 24,
                .segments_in = 25,
                .segments_out = 26,
                .bytes_sent = 27,
                .bytes_acked = 28,
                .bytes_received = 29,
                .bytes_retransmitted = 30,
                .pacing_rate = 31,
                .delivery_rate = 32,
                .busy_us = 33,
                .receive_window_limited_us = 34,
                .send_buffer_limited_us = 35,
        };
        struct la_snapshot s;

        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        put_tcp_info(&info, sizeof(info));
        s = decoded(DUMP_WANT_TCP);
        assert_true(s.known & LA_KNOWN_TCP);
        assert_true(s.known & LA_KNOWN_SEND_WINDOW);
        assert_false(s.known & LA_KNOWN_CONGESTION);
        assert_memory_equal(&s.tcp, &expected, sizeof(expected));
}

static void
each_option_of_tcp(void **unused)
{
        static const struct {
                uint8_t bit;
                size_t place;
        } options[] = {
                { TCPI_OPT_TIMESTAMPS, offsetof(struct la_tcp_details, timestamps) },
                { TCPI_OPT_SACK, offsetof(struct la_tcp_details, sack) },
                { TCPI_OPT_WSCALE, offsetof(struct la_tcp_details, window_scaling) },
                { TCPI_OPT_ECN, offsetof(struct la_tcp_details, ecn) },
                { TCPI_OPT_ECN_SEEN, offsetof(struct la_tcp_details, ecn_seen) },
                { TCPI_OPT_SYN_DATA, offsetof(struct la_tcp_details, fastopen) },
        };

        (void)unused;
        for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
                struct tcp_info info = { .tcpi_options = options[i].bit };
                struct la_tcp_details expected = { 0 };
                struct la_snapshot s;

                b.size = 0;
                diag_socket(&b, AF_INET, TCP_ESTABLISHED);
                put_tcp_info(&info, sizeof(info));
                s = decoded(DUMP_WANT_TCP);
                *((bool *)(void *)((uint8_t *)&expected + options[i].place)) = true;
                assert_memory_equal(&s.tcp, &expected, sizeof(expected));
        }
}

static void
tcp_info_of_an_older_and_a_later_kernel(void **unused)
{
        struct tcp_info info = { .tcpi_rtt = 3, .tcpi_total_retrans = 4, .tcpi_pacing_rate = 5, .tcpi_snd_wnd = 6 };
        struct la_snapshot s;

        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        put_tcp_info(&info, TCP_INFO_2_6_12);
        s = decoded(DUMP_WANT_TCP);
        assert_true(s.known & LA_KNOWN_TCP);
        assert_false(s.known & LA_KNOWN_SEND_WINDOW);
        assert_int_equal(s.tcp.rtt_us, 3);
        assert_int_equal(s.tcp.retransmitted_total, 4);
        assert_int_equal(s.tcp.pacing_rate, 0);
        assert_int_equal(s.tcp.send_window_bytes, 0);

        b.size = 0;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        put_tcp_info(&info, TCP_INFO_5_4 - 4);
        assert_false(decoded(DUMP_WANT_TCP).known & LA_KNOWN_SEND_WINDOW);

        b.size = 0;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        put_tcp_info(&info, sizeof(info) + 100);
        s = decoded(DUMP_WANT_TCP);
        assert_true(s.known & LA_KNOWN_SEND_WINDOW);
        assert_int_equal(s.tcp.send_window_bytes, 6);

        b.size = 0;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        put_tcp_info(&info, TCP_INFO_2_6_12 - 4);
        expect_nonsense();
}

static void
no_round_trip_measured_yet(void **unused)
{
        struct tcp_info info = { .tcpi_min_rtt = UINT32_MAX };

        (void)unused;
        diag_socket(&b, AF_INET, TCP_SYN_SENT);
        put_tcp_info(&info, sizeof(info));
        assert_int_equal(decoded(DUMP_WANT_TCP).tcp.min_rtt_us, 0);
}

static void
congestion_control(void **unused)
{
        struct la_snapshot s;

        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_attribute(&b, INET_DIAG_CONG, "cubic", 6);
        s = decoded(DUMP_WANT_TCP);
        assert_true(s.known & LA_KNOWN_CONGESTION);
        assert_string_equal(s.tcp.congestion, "cubic");
}

static void
congestion_control_without_an_end(void **unused)
{
        struct la_snapshot s;

        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_attribute(&b, INET_DIAG_CONG, "reno", 4);
        assert_string_equal(decoded(DUMP_WANT_TCP).tcp.congestion, "reno");

        b.size = 0;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_attribute(&b, INET_DIAG_CONG, "0123456789abcdef", 16);
        s = decoded(DUMP_WANT_TCP);
        assert_false(s.known & LA_KNOWN_CONGESTION);
        assert_string_equal(s.tcp.congestion, "");
}

static void
memory_and_drops(void **unused)
{
        uint32_t values[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
        static const struct la_memory expected = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
        struct la_snapshot s;

        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_attribute(&b, INET_DIAG_SKMEMINFO, values, sizeof(values));
        s = decoded(DUMP_WANT_MEMORY);
        assert_true(s.known & LA_KNOWN_MEMORY);
        assert_memory_equal(&s.memory, &expected, sizeof(expected));
}

static void
mark_and_cgroup_where_wanted(void **unused)
{
        uint32_t mark = 0x99;
        uint64_t cgroup = 0x123456789;
        struct la_snapshot s;

        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_attribute(&b, INET_DIAG_MARK, &mark, sizeof(mark));
        diag_attribute(&b, INET_DIAG_CGROUP_ID, &cgroup, sizeof(cgroup));
        diag_attribute(&b, 999, "later", 6);
        s = decoded(WANT_ALL);
        assert_int_equal(s.mark, 0x99);
        assert_int_equal(s.cgroup, 0x123456789);
        assert_true(s.known & LA_KNOWN_MARK);
        assert_true(s.known & LA_KNOWN_CGROUP);
        assert_false(decoded(DUMP_WANT_TCP).known & (LA_KNOWN_MARK | LA_KNOWN_CGROUP));
}

static void
attribute_beyond_the_end(void **unused)
{
        uint32_t mark = 1;
        struct nlattr *attribute;

        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        attribute = diag_attribute(&b, INET_DIAG_MARK, &mark, sizeof(mark));
        attribute->nla_len++;
        expect_nonsense();
        attribute->nla_len = UINT16_MAX;
        expect_nonsense();
}

static void
attribute_too_short(void **unused)
{
        uint32_t mark = 1;
        struct nlattr *attribute;

        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        attribute = diag_attribute(&b, INET_DIAG_MARK, &mark, sizeof(mark));
        for (uint16_t size = 0; size < sizeof(*attribute) + sizeof(mark); size++) {
                attribute->nla_len = size;
                expect_nonsense();
        }
}

static void
bytes_left_that_are_no_attribute(void **unused)
{
        uint32_t mark = 1;

        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        diag_attribute(&b, INET_DIAG_MARK, &mark, sizeof(mark));
        for (uint32_t cut = 1; cut < 8; cut++) {
                diag_last(&b)->nlmsg_len--;
                expect_nonsense();
        }
}

static void
last_attribute_without_its_padding(void **unused)
{
        uint8_t v6only = 1;

        (void)unused;
        diag_socket(&b, AF_INET6, TCP_LISTEN);
        diag_attribute(&b, INET_DIAG_SKV6ONLY, &v6only, 1);
        diag_last(&b)->nlmsg_len -= 3;
        assert_true(decoded(0).v6only);
}

static void
large_parts_are_left_alone_unless_wanted(void **unused)
{
        struct tcp_info info = { .tcpi_rtt = 3 };
        struct la_snapshot s;

        (void)unused;
        diag_socket(&b, AF_INET, TCP_ESTABLISHED);
        put_tcp_info(&info, sizeof(info));
        memset(&s, 0, sizeof(s));
        s.tcp.rtt_us = 99;
        assert_true(decode(0, &s));
        assert_int_equal(s.tcp.rtt_us, 99);
        assert_false(s.known & LA_KNOWN_TCP);
        assert_true(decode(DUMP_WANT_MEMORY, &s));
        assert_int_equal(s.tcp.rtt_us, 0);
}

static void
what_a_socket_should_have_brought(void **unused)
{
        struct la_snapshot s = { .state = LA_ESTABLISHED, .inode = 1 };

        (void)unused;
        assert_int_equal(sock_diag_expected(&s, WANT_ALL),
                         LA_KNOWN_TCP | LA_KNOWN_CONGESTION | LA_KNOWN_MEMORY | LA_KNOWN_MARK | LA_KNOWN_CGROUP);
        assert_int_equal(sock_diag_expected(&s, DUMP_WANT_MARK), LA_KNOWN_MARK);
        s.state = LA_LISTEN;
        assert_int_equal(sock_diag_expected(&s, DUMP_WANT_TCP), 0);
        s = (struct la_snapshot){ .state = LA_TIME_WAIT };
        assert_int_equal(sock_diag_expected(&s, WANT_ALL), 0);
}

/* ---- Ages ---- */

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
#define TEST(function) cmocka_unit_test_setup(function, begin)
        const struct CMUnitTest tests[] = {
                TEST(ipv4_connection),
                TEST(ipv6_and_mapped_connections),
                TEST(every_state_of_linux),
                TEST(families_that_tcp_does_not_have),
                TEST(message_cut_short_anywhere),
                TEST(timer_of_a_later_kernel_is_not_known),
                TEST(listener_has_a_queue_and_its_limit),
                TEST(tcp_details),
                TEST(each_option_of_tcp),
                TEST(tcp_info_of_an_older_and_a_later_kernel),
                TEST(no_round_trip_measured_yet),
                TEST(congestion_control),
                TEST(congestion_control_without_an_end),
                TEST(memory_and_drops),
                TEST(mark_and_cgroup_where_wanted),
                TEST(attribute_beyond_the_end),
                TEST(attribute_too_short),
                TEST(bytes_left_that_are_no_attribute),
                TEST(last_attribute_without_its_padding),
                TEST(large_parts_are_left_alone_unless_wanted),
                TEST(what_a_socket_should_have_brought),
                TEST(ages_that_follow_from_other_times),
                TEST(age_bounds_in_order),
                TEST(ages_that_nothing_tells),
                TEST(time_wait_age),
                TEST(orphan_in_fin_wait_2_has_no_age),
                TEST(not_yet_accepted_is_no_orphan),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
