/* SPDX-License-Identifier: BSD-2-Clause */
/* TIME_WAIT and FIN_WAIT_2 without an owner, rule by rule, and the tunables that change them. */
#include "engine.h"

/* A handle that is closed first: TIME_WAIT with timestamps at 1000. */
static void
time_wait_with_timestamps(void)
{
        char text[96];
        uint32_t ours;

        established_with("mss 1460 ts 1000 0");
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        ours = e.last.options.ts_value;
        snprintf(text, sizeof text, "FA 1:1 ack 2 ts 1001 %u", ours);
        seg(text);
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
}

/* Shows MUST-13. */
static void
must_13_handle_may_be_held(void **state)
{
        (void)state;
        fin_wait_2();
        seg("FPA 1:11 ack 2");
        expect_sent("A 2:2 ack 12");
        expect_state(LA_TIME_WAIT);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 1);
        assert_int_equal(read_bytes(), 10);
        after_ms(59999);
        expect_state(LA_TIME_WAIT);
        after_ms(1);
        expect_state(LA_CLOSED);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        assert_int_equal(la_usage(e.stack).connections, 0);
        assert_int_equal(la_usage(e.stack).orphans, 0);
}

/* Shows MAY-2. */
static void
may_2_higher_sequence_number_reopens(void **state)
{
        (void)state;
        uint32_t old_isn;

        time_wait();
        old_isn = e.our_isn;
        e.peer_isn += 100000;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        assert_true((int32_t)(e.our_isn - (old_isn + 2)) > 65535);
        expect_found(LA_SYN_RECEIVED);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
        seg("A 1:1 ack 1");
        accept_it();
        expect_state(LA_ESTABLISHED);
        assert_int_equal(la_usage(e.stack).time_wait4, 0);
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_RCV_SYN), 1);
}

/* Shows MAY-2. */
static void
lower_sequence_number_does_not(void **state)
{
        (void)state;
        time_wait();
        e.peer_isn -= 100000;
        seg("S 0:0 win 65535 mss 1460");
        e.peer_isn += 100000;
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
        expect_verdict(LA_V_SYN_CHALLENGED);
}

/* Shows SHLD-4. */
static void
shld_4_timestamps_reopen(void **state)
{
        (void)state;
        time_wait_with_timestamps();
        e.peer_isn -= 100000;
        seg("S 0:0 win 65535 mss 1460 ts 1001 0");
        e.peer_isn += 100000;
        expect_sent("A 2:2 ack 2");
        e.peer_isn -= 100000;
        seg("S 0:0 win 65535 mss 1460 ts 1002 0");
        expect_sent("SA 0:0 ack 1");
        expect_found(LA_SYN_RECEIVED);
}

static void
without_a_listener_nothing_reopens(void **state)
{
        (void)state;
        time_wait();
        assert_int_equal(la_close(e.stack, e.now, e.listener), LA_OK);
        e.peer_isn += 100000;
        seg("S 0:0 win 65535 mss 1460");
        e.peer_isn -= 100000;
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
}

/* Shows MAY-2. */
static void
reopened_and_reset_goes_back_to_time_wait(void **state)
{
        (void)state;
        time_wait();
        after_ms(10000);
        e.peer_isn += 100000;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("R 1:1");
        expect_found(LA_TIME_WAIT);
        assert_int_equal(la_transition_count(e.stack, LA_T_SYN_RECEIVED_RCV_RST_REOPENED), 1);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 1);
        assert_int_equal(la_state_count(e.stack, LA_SYN_RECEIVED), 0);
        after_ms(50000);
        expect_gone();
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
}

static void
shadow_expires_before_the_handshake_ends(void **state)
{
        (void)state;
        time_wait();
        after_ms(59000);
        e.peer_isn += 100000;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        after_ms(1500);
        assert_int_equal(la_usage(e.stack).time_wait4, 0);
        seg("A 1:1 ack 1");
        accept_it();
        expect_state(LA_ESTABLISHED);
}

static void
cookie_in_time_wait(void **state)
{
        (void)state;
        knob("tcp_syncookies", "2");
        e.our_isn = 0;
        listening();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        seg("FA 1:1 ack 2");
        expect_sent("A 2:2 ack 2");
        expect_found(LA_TIME_WAIT);
        /* A cookie is no number that can be chosen: a SYN whose cookie is not ahead of the old numbers is dropped. */
        for (int tries = 0; e.sent_count == 0; tries++) {
                assert_true(tries < 50);
                e.peer_isn += 100000;
                seg("S 0:0 win 65535 mss 1460");
        }
        expect_sent("SA 0:0 ack 1");
        expect_found(LA_TIME_WAIT);
        seg("A 1:1 ack 1");
        expect_found(LA_ESTABLISHED);
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_RCV_COOKIE_ACK), 1);
        assert_int_equal(la_usage(e.stack).time_wait4, 0);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
        assert_int_equal(la_state_count(e.stack, LA_ESTABLISHED), 1);
}

static void
rfc_1337_a_reset_does_not_kill_if_told_so(void **state)
{
        (void)state;
        time_wait();
        knob("tcp_rfc1337", "1");
        seg("R 2:2");
        expect_nothing_sent();
        expect_found(LA_TIME_WAIT);
        expect_verdict(LA_V_RST_TIME_WAIT);
        knob("tcp_rfc1337", "0");
        seg("R 3:3");
        expect_found(LA_TIME_WAIT); /* not exact: challenged */
        seg("R 2:2");
        expect_gone();
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
        assert_int_equal(counted(LA_C_TWKilled), 1);
}

static void
paws_in_time_wait(void **state)
{
        (void)state;
        time_wait_with_timestamps();
        seg("PA 2:12 ack 2 ts 900 0");
        expect_sent("A 2:2 ack 2");
        expect_verdict(LA_V_PAWS);
        assert_int_equal(counted(LA_C_PAWSTimewait), 1);
        assert_int_equal(counted(LA_C_PAWSEstab), 0);
}

static void
old_data_is_acknowledged(void **state)
{
        (void)state;
        time_wait();
        seg("PA 0:1 ack 2");
        expect_sent("A 2:2 ack 2");
        expect_verdict(LA_V_NOT_ACCEPTABLE);
        expect_found(LA_TIME_WAIT);
}

static void
length_can_be_set_and_acts_at_once(void **state)
{
        (void)state;
        time_wait();
        after_ms(5000);
        knob("lastack.time_wait_ms", "10000");
        after_ms(4999);
        expect_found(LA_TIME_WAIT);
        after_ms(1);
        expect_gone();
}

static void
fin_timeout_bounds_orphans_only(void **state)
{
        (void)state;
        knob("net.ipv4.tcp_fin_timeout", "30");
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        seg("A 1:1 ack 2");
        after_ms(29999);
        expect_found(LA_FIN_WAIT_2);
        after_ms(1);
        expect_gone();
        assert_int_equal(la_transition_count(e.stack, LA_T_FIN_WAIT_2_TIMEOUT), 1);
}

static void
an_orphans_record_answers(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        seg("A 1:1 ack 2");
        expect_found(LA_FIN_WAIT_2);
        seg("PA 1:11 ack 2");
        expect_sent("R 2:2");
        expect_gone();
        assert_int_equal(la_state_count(e.stack, LA_FIN_WAIT_2), 0);
        assert_int_equal(la_state_count(e.stack, LA_CLOSED), 0);
}

static void
max_tw_buckets_overflows(void **state)
{
        (void)state;
        struct la_config c = usual_config();

        c.time_wait4 = 2000;
        remake(&c);
        knob("net.ipv4.tcp_max_tw_buckets", "1024");
        listening();
        for (unsigned int i = 0; i < 1030; i++) {
                e.peer_port = (uint16_t)(1000 + i);
                seg("S 0:0 win 65535 mss 1460");
                expect_sent("SA 0:0 ack 1");
                seg("A 1:1 ack 1");
                accept_it();
                assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
                forget_sent();
                seg("FA 1:1 ack 2");
                expect_sent("A 2:2 ack 2");
        }
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 1024);
        assert_int_equal(counted(LA_C_TCPTimeWaitOverflow), 6);
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_OVERFLOW), 6);
        assert_int_equal(la_usage(e.stack).connections, 0);
        expect_gone();
        after_ms(60000);
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
}

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

static void
abort_that_keeps_the_wait(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_abort_and_wait(e.stack, e.now, e.connection), LA_OK);
        expect_sent("RA 1:1 ack 1");
        expect_found(LA_TIME_WAIT);
        assert_int_equal(la_transition_count(e.stack, LA_T_ESTABLISHED_ABORT_TIME_WAIT), 1);
        assert_int_equal(la_usage(e.stack).connections, 0);
        after_ms(60000);
        expect_gone();
}

static void
abort_of_a_wait(void **state)
{
        (void)state;
        fin_wait_2();
        seg("FA 1:1 ack 2");
        forget_sent();
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        expect_nothing_sent();
        expect_gone();
        assert_int_equal(la_state_count(e.stack, LA_TIME_WAIT), 0);
        assert_int_equal(la_usage(e.stack).connections, 0);
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_ABORT), 1);
}

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
        struct la_status s;

        knob("net.core.somaxconn", "16");
        assert_int_equal(la_listen(e.stack, e.now, LA_IPV4, &any, 1000, 0, &e.listener), LA_OK);
        assert_int_equal(la_status(e.stack, e.now, e.listener, &s), LA_OK);
        assert_int_equal(s.seen.send_queue, 16);
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
                engine_test(must_13_handle_may_be_held),
                engine_test(may_2_higher_sequence_number_reopens),
                engine_test(lower_sequence_number_does_not),
                engine_test6(lower_sequence_number_does_not),
                engine_test(shld_4_timestamps_reopen),
                engine_test(without_a_listener_nothing_reopens),
                engine_test(reopened_and_reset_goes_back_to_time_wait),
                engine_test(shadow_expires_before_the_handshake_ends),
                engine_test(cookie_in_time_wait),
                engine_test(rfc_1337_a_reset_does_not_kill_if_told_so),
                engine_test(paws_in_time_wait),
                engine_test(old_data_is_acknowledged),
                engine_test(length_can_be_set_and_acts_at_once),
                engine_test(fin_timeout_bounds_orphans_only),
                engine_test(an_orphans_record_answers),
                engine_test6(an_orphans_record_answers),
                engine_test(max_tw_buckets_overflows),
                engine_test(tw_reuse_needs_its_delay_and_timestamps),
                engine_test(tw_reuse_delay_can_be_set),
                engine_test(tw_reuse_never_without_timestamps),
                engine_test(tw_recycle_is_dangerous_and_breaks_nat),
                engine_test(abort_that_keeps_the_wait),
                engine_test(abort_of_a_wait),
                engine_test(knobs_speak_linux),
                engine_test(options_off_by_knob),
                engine_test(somaxconn_caps_the_backlog),
                engine_test(synack_retries_by_knob),
                engine_test(max_orphans_resets),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
