/* SPDX-License-Identifier: BSD-2-Clause */
/* The attributes behind a socket's message: each kind, of kernels old and new, and such as are none. */
#include "diag_decoded.h"

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

int
main(void)
{
        const struct CMUnitTest tests[] = {
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
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
