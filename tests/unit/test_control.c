/* SPDX-License-Identifier: BSD-2-Clause */
/* A stack is asked, and answers: what a client is told is what the engine says. */
#include "control.h"

#include <errno.h>
#include <unistd.h>

static void
it_says_who_it_is(void **state)
{
        (void)state;
        connect_client();
        const struct control_hello *h = control_hello_of(w.client);

        assert_string_equal(h->name, "here");
        assert_string_equal(h->application, "a test");
        assert_string_equal(h->version, LASTACK_VERSION);
        assert_int_equal(h->pid, getpid());
        assert_int_equal(h->queues, 1);
        assert_string_equal(h->link.name, "nowhere0");
        assert_int_equal(h->config.connections, 64);
        assert_memory_equal(h->config.address4, "\x0a\0\0\1", 4);
        assert_true(h->real_us >= h->began_us && h->real_us - h->began_us < 60000000);
        assert_true(h->now_us >= e.now);
}

/* What nothing unpredictable may be known of stays where it is. */
static void
it_keeps_its_seed(void **state)
{
        (void)state;
        static const uint8_t zeros[32];

        connect_client();
        assert_memory_equal(control_hello_of(w.client)->config.seed, zeros, sizeof zeros);
}

static void
status_is_the_engines(void **state)
{
        (void)state;
        struct control_status s;

        established();
        connect_client();
        assert_int_equal(control_status(w.client, &s), 0);
        for (enum la_state i = LA_CLOSED; i < LA_STATE_COUNT; i++)
                assert_int_equal(s.states[i], la_state_count(e.stack, i));
        assert_int_equal(s.states[LA_ESTABLISHED], 1);
        for (enum la_counter i = 0; i < LA_COUNTER_COUNT; i++)
                assert_int_equal(s.counters[i], la_counter(e.stack, i));
        assert_int_equal(s.counters[LA_C_PassiveOpens], 1);
        assert_int_equal(s.transitions[LA_T_LISTEN_RCV_SYN], 1);
        assert_int_equal(s.verdicts[LA_V_GO_ON], la_verdict_count(e.stack, LA_V_GO_ON));
        assert_int_equal(s.usage.connections, la_usage(e.stack).connections);
        assert_int_equal(s.usage.listeners, 1);
}

static void
a_walk_tells_what_the_engine_does(void **state)
{
        (void)state;
        struct la_snapshot s, own;
        uint64_t cursor = 0;
        unsigned int told = 0;

        established();
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        e.peer_port++;
        forget_sent();
        connecting();
        connect_client();
        assert_int_equal(control_walk(w.client, ~0u, CONTROL_PART_TCP | CONTROL_PART_MEMORY), 0);
        while (control_walk_next(w.client, &s) > 0) {
                assert_true(la_next_snapshot(e.stack, e.now, &cursor, &own));
                assert_int_equal(s.known, own.known);
                assert_int_equal(s.state, own.state);
                assert_memory_equal(&s.local, &own.local, sizeof s.local);
                assert_memory_equal(&s.remote, &own.remote, sizeof s.remote);
                assert_int_equal(s.came_by, own.came_by);
                assert_int_equal(s.tcp.cwnd, own.tcp.cwnd);
                assert_int_equal(s.memory.receive_buffer, own.memory.receive_buffer);
                told++;
        }
        assert_int_equal(told, 4);
        assert_false(la_next_snapshot(e.stack, e.now, &cursor, &own));
}

static void
a_walk_tells_what_was_asked_for(void **state)
{
        (void)state;
        struct la_snapshot s;

        established();
        connect_client();
        assert_int_equal(control_walk(w.client, 1u << LA_ESTABLISHED, 0), 0);
        assert_int_equal(control_walk_next(w.client, &s), 1);
        assert_int_equal(s.state, LA_ESTABLISHED);
        assert_false(s.known & (LA_KNOWN_TCP | LA_KNOWN_MEMORY | LA_KNOWN_CONGESTION | LA_KNOWN_SEND_WINDOW));
        assert_int_equal(s.tcp.cwnd, 0);
        assert_int_equal(control_walk_next(w.client, &s), 0);
        assert_int_equal(control_walk_next(w.client, &s), 0);
        assert_int_equal(control_walk(w.client, 0, 0), 0);
        assert_int_equal(control_walk_next(w.client, &s), 0);
}

/* Who has had enough asks the next, and gets its answer, not the rest of the one before. */
static void
a_walk_can_be_given_up(void **state)
{
        (void)state;
        struct la_snapshot s;
        struct control_status status;

        established();
        connect_client();
        assert_int_equal(control_walk(w.client, ~0u, 0), 0);
        assert_int_equal(control_walk_next(w.client, &s), 1);
        assert_int_equal(control_status(w.client, &status), 0);
        assert_int_equal(control_walk(w.client, ~0u, 0), 0);
        assert_int_equal(control_status(w.client, &status), 0);
        assert_int_equal(status.states[LA_ESTABLISHED], 1);
}

static void
one_is_found_by_its_tuple(void **state)
{
        (void)state;
        struct la_snapshot own, s;

        established();
        own = snapshot_now();
        connect_client();
        assert_int_equal(control_find(w.client, own.family, &own.local, &own.remote, &s), 1);
        assert_int_equal(s.cookie, own.cookie);
        assert_int_equal(s.tcp.cwnd, own.tcp.cwnd);
        own.remote.port++;
        assert_int_equal(control_find(w.client, own.family, &own.local, &own.remote, &s), 0);
}

/* ---- Tunables ---- */

static void
all_tunables_are_told(void **state)
{
        (void)state;
        struct control_knob_view k;
        char value[8192];
        size_t i = 0;

        knob("ip_local_reserved_ports", "1-2,7,9-65535");
        connect_client();
        assert_int_equal(control_knobs(w.client), 0);
        for (; control_knobs_next(w.client, &k) > 0; i++) {
                assert_non_null(la_knob_name(i));
                assert_string_equal(k.name, la_knob_name(i));
                assert_int_equal(la_knob_get(e.stack, k.name, value, sizeof value), LA_OK);
                assert_string_equal(k.value, value);
                assert_non_null(strstr(k.sentence, k.name));
        }
        assert_null(la_knob_name(i));
}

static void
a_tunable_is_read_and_set(void **state)
{
        (void)state;
        struct control_knob_view k;
        char value[64];

        connect_client();
        assert_int_equal(control_knob(w.client, "tcp_fin_timeout", &k), 0);
        assert_string_equal(k.value, "60");
        assert_int_equal(control_knob_set(w.client, "net.ipv4.tcp_fin_timeout", "30", false, &k), 0);
        assert_string_equal(k.value, "30");
        assert_string_equal(k.standard, "60");
        assert_int_equal(k.least, 5);
        assert_int_equal(k.most, 120);
        assert_int_equal(la_knob_get(e.stack, "tcp_fin_timeout", value, sizeof value), LA_OK);
        assert_string_equal(value, "30");
}

static void
what_cannot_be_set_is_refused(void **state)
{
        (void)state;
        struct control_knob_view k;
        char longest[40000], value[64];

        connect_client();
        assert_int_equal(control_knob_set(w.client, "tcp_fin_timeout", "4", false, &k), -ERANGE);
        assert_string_equal(control_said(w.client), "net.ipv4.tcp_fin_timeout takes 5 to 120 (seconds).");
        assert_int_equal(control_knob_set(w.client, "tcp_fin_timeout", "", false, &k), -ERANGE);
        assert_int_equal(control_knob_set(w.client, "tcp_tw_recycle", "1", false, &k), -EPERM);
        assert_non_null(strstr(control_said(w.client), "NAT"));
        assert_int_equal(control_knob_set(w.client, "tcp_tw_recycle", "1", true, &k), 0);
        assert_string_equal(k.value, "1");
        assert_int_equal(control_knob_set(w.client, "tcp_mem", "1", false, &k), -ENODEV);
        assert_int_equal(control_knob(w.client, "tcp_mem", &k), -ENODEV);
        memset(longest, '1', sizeof longest - 1);
        longest[sizeof longest - 1] = '\0';
        assert_int_equal(control_knob(w.client, longest, &k), -ENODEV);
        assert_int_equal(control_knob_set(w.client, "tcp_fin_timeout", longest, false, &k), -ERANGE);
        longest[30000] = '\0';
        assert_int_equal(control_knob_set(w.client, "tcp_fin_timeout", longest, false, &k), -ERANGE);
        assert_int_equal(la_knob_get(e.stack, "tcp_fin_timeout", value, sizeof value), LA_OK);
        assert_string_equal(value, "60");
}

/* ---- Events ---- */

/* They come from the loop's round after they happened; the engine's words make them between two rounds. */
static void
events_are_transitions_and_what_is_refused(void **state)
{
        (void)state;
        struct control_subscription s = { control_header_of(CONTROL_EVENTS, 7, sizeof s),
                                          CONTROL_TRANSITIONS | CONTROL_VERDICTS };
        struct {
                struct control_events head;
                struct la_trace traces[400];
        } told;
        int fd = plug();

        listening(); /* before anybody asked: not told */
        steps(2);
        say(fd, &s, sizeof s);
        e.now = la_clock();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        seg("A 70000:70001 ack 1"); /* outside the window */
        hear(fd, &told, sizeof told);
        assert_int_equal(told.head.header.serial, 7);
        assert_int_equal(told.head.header.flags, 0);
        assert_int_equal(told.head.lost, 0);
        assert_int_equal(told.head.header.count, 3);
        assert_int_equal(told.traces[0].transition, LA_T_LISTEN_RCV_SYN);
        assert_int_equal(told.traces[1].transition, LA_T_SYN_RECEIVED_RCV_ACK);
        assert_int_equal(told.traces[2].kind, LA_TRACE_VERDICT);
        assert_int_equal(told.traces[2].verdict, LA_V_NOT_ACCEPTABLE);
        assert_int_equal(told.traces[2].remote.port, PEER_PORT);
        expect_silence(fd);
        close(fd);
        steps(2);
}

static void
only_the_kind_that_was_asked_for(void **state)
{
        (void)state;
        struct control_subscription s = { control_header_of(CONTROL_EVENTS, 1, sizeof s), CONTROL_VERDICTS };
        struct {
                struct control_events head;
                struct la_trace traces[400];
        } told;
        int fd = plug();

        say(fd, &s, sizeof s);
        e.now = la_clock();
        established();
        expect_silence(fd);
        seg("A 70000:70001 ack 1");
        hear(fd, &told, sizeof told);
        assert_int_equal(told.head.header.count, 1);
        close(fd);
}

static void
without_a_trace_there_are_none(void **state)
{
        (void)state;
        struct la_config config = usual_config();
        struct control_subscription s = { control_header_of(CONTROL_EVENTS, 1, sizeof s), CONTROL_VERDICTS };

        la_control_close(w.control);
        la_loop_free(w.loop);
        la_link_close(w.link);
        config.trace = 0;
        remake(&config);
        w.loop = loop_of_nowhere(&w.link);
        assert_int_equal(la_control_open(w.loop, "here", NULL, &w.control), 0);
        int fd = plug();
        expect_refused(fd, &s, sizeof s, CONTROL_NO_TRACE);
        close(fd);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                control_test(it_says_who_it_is),
                control_test(it_keeps_its_seed),
                control_test(status_is_the_engines),
                control_test(a_walk_tells_what_the_engine_does),
                control_test(a_walk_tells_what_was_asked_for),
                control_test(a_walk_can_be_given_up),
                control_test(one_is_found_by_its_tuple),
                control_test(all_tunables_are_told),
                control_test(a_tunable_is_read_and_set),
                control_test(what_cannot_be_set_is_refused),
                control_test(events_are_transitions_and_what_is_refused),
                control_test(only_the_kind_that_was_asked_for),
                control_test(without_a_trace_there_are_none),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
