/* SPDX-License-Identifier: BSD-2-Clause */
/* Snapshots, field by field, against what is true: the states of closing, and all that a stack holds. */
#include "engine_snapshot.h"

static void
fin_wait_1_with_text_before_the_fin(void **state)
{
        (void)state;
        struct la_snapshot want;

        established();
        seg("A 1:1 ack 1 win 1460");
        assert_int_equal(write_bytes(3000), 3000);
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_sent("A 1:1461 ack 1");
        after_ms(100);
        want = connection_at(LA_FIN_WAIT_1, LA_T_ESTABLISHED_CLOSE, 100);
        put_numbers(&want, 1, 1461, 1);
        want.timer = LA_TIMER_RETRANSMIT;
        want.timer_ms = 100;
        want.send_queue = 3001; /* the FIN is one */
        want.memory.send_queued = snapshot_now().memory.send_queued;
        want.tcp.rto_us = snapshot_now().tcp.rto_us;
        want.timer_ms = snapshot_now().timer_ms;
        want.tcp.send_window_bytes = 1460;
        want.tcp.unacked = 1;
        want.tcp.not_sent_bytes = 1540;
        want.tcp.bytes_sent = 1460;
        want.tcp.last_ack_received_ms = 100;
        expect_now(&want);
        assert_in_range(want.timer_ms, 100, 101);
}

static void
fin_wait_2_held(void **state)
{
        (void)state;
        struct la_snapshot want;

        fin_wait_2();
        after_ms(70000); /* no timer ends it */
        want = connection_at(LA_FIN_WAIT_2, LA_T_FIN_WAIT_1_RCV_ACK, 70000);
        put_numbers(&want, 2, 2, 1);
        want.tcp.rto_us = snapshot_now().tcp.rto_us;
        want.tcp.cwnd = snapshot_now().tcp.cwnd;
        want.tcp.last_ack_received_ms = 70000;
        expect_now(&want);
}

static void
fin_wait_2_orphan(void **state)
{
        (void)state;
        struct la_snapshot want;

        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 1");
        seg("A 1:1 ack 2");
        after_ms(20000);
        want = snapshot_at(KNOWN_RECORD, LA_FIN_WAIT_2, LA_T_FIN_WAIT_1_RCV_ACK, 20000);
        put_numbers(&want, 2, 2, 1);
        want.timer = LA_TIMER_TIME_WAIT;
        want.timer_ms = 40000;
        expect_found_as(&want);
        assert_true(la_snapshot_is_orphan(&want));
}

static void
close_wait_unread_and_read(void **state)
{
        (void)state;
        struct la_snapshot want;
        uint8_t byte;
        size_t n;

        established();
        seg("FPA 1:501 ack 1");
        expect_sent("A 1:1 ack 502");
        after_ms(60);
        want = connection_at(LA_CLOSE_WAIT, LA_T_ESTABLISHED_RCV_FIN, 60);
        put_numbers(&want, 1, 1, 502);
        want.receive_queue = 501;             /* the FIN is one */
        want.memory.receive_allocated = 2048; /* in chunks of 1024 that begin where sequence numbers say */
        want.tcp.rto_us = snapshot_now().tcp.rto_us;
        want.tcp.bytes_received = 500;
        want.tcp.last_ack_received_ms = 60;
        expect_now(&want);
        assert_int_equal(read_bytes(), 500);
        want.receive_queue = 1;
        want.memory.receive_allocated = 0;
        expect_now(&want);
        assert_int_equal(la_receive(e.stack, e.now, e.connection, &byte, 1, &n), LA_ERR_END);
        want.receive_queue = 0;
        expect_now(&want);
}

static void
closing_with_its_fin_lost(void **state)
{
        (void)state;
        struct la_snapshot want;

        closing();
        after_ms(30);
        want = connection_at(LA_CLOSING, LA_T_FIN_WAIT_1_RCV_FIN, 30);
        put_numbers(&want, 1, 2, 2);
        want.timer = LA_TIMER_RETRANSMIT;
        want.timer_ms = snapshot_now().timer_ms;
        want.receive_queue = want.send_queue = 1;
        want.tcp.rto_us = snapshot_now().tcp.rto_us;
        want.tcp.unacked = 1;
        want.tcp.last_ack_received_ms = 30;
        expect_now(&want);
        assert_in_range(want.timer_ms, 170, 171);
}

static void
last_ack_orphan(void **state)
{
        (void)state;
        struct la_snapshot want, got;

        close_wait();
        after_ms(500);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 2");
        after_ms(20);
        got = found();
        want = connection_at(LA_LAST_ACK, LA_T_CLOSE_WAIT_CLOSE, 20);
        want.known |= LA_KNOWN_INODE;
        put_numbers(&want, 1, 2, 2);
        want.timer = LA_TIMER_RETRANSMIT;
        want.timer_ms = got.timer_ms;
        want.receive_queue = want.send_queue = 1;
        want.tcp.rto_us = got.tcp.rto_us;
        want.tcp.unacked = 1;
        want.tcp.last_ack_received_ms = 520;
        expect_same(&got, &want);
        assert_in_range(want.timer_ms, 180, 181);
        assert_true(la_snapshot_is_orphan(&got));
}

static void
time_wait_record(void **state)
{
        (void)state;
        struct la_snapshot want;

        time_wait();
        after_ms(15000);
        want = snapshot_at(KNOWN_RECORD, LA_TIME_WAIT, LA_T_FIN_WAIT_2_RCV_FIN, 15000);
        put_numbers(&want, 2, 2, 2);
        want.timer = LA_TIMER_TIME_WAIT;
        want.timer_ms = 45000;
        expect_found_as(&want);
        seg("FA 1:1 ack 2"); /* its end is put off, its age is not */
        want.timer_ms = 60000;
        expect_found_as(&want);
        knob("lastack.time_wait_ms", "20000");
        want.timer_ms = 20000;
        expect_found_as(&want);
}

static void
time_wait_of_a_handle(void **state)
{
        (void)state;
        struct la_snapshot s;
        struct la_status status;

        fin_wait_2();
        seg("FPA 1:11 ack 2");
        after_ms(1000);
        s = snapshot_now();
        assert_int_equal(s.state, LA_TIME_WAIT);
        assert_int_equal(s.timer, LA_TIMER_TIME_WAIT);
        assert_int_equal(s.timer_ms, 59000);
        assert_int_equal(s.receive_queue, 11);
        assert_int_equal(s.age_min_ms, 1000);
        after_ms(59000);
        s = snapshot_now();
        assert_int_equal(s.state, LA_CLOSED);
        assert_int_equal(s.came_by, LA_T_TIME_WAIT_TIMEOUT);
        assert_int_equal(s.age_min_ms, 0);
        assert_int_equal(s.receive_queue, 11); /* can still be read */
        status = status_now();
        assert_int_equal(status.state, LA_CLOSED);
        assert_true(status.came_by_known);
        assert_int_equal(status.came_by, LA_T_TIME_WAIT_TIMEOUT);
}

static struct la_snapshot
snapshot_of_peer(void)
{
        struct la_snapshot s;

        assert_true(find_peer(&s));
        return s;
}

static void
a_handle_whose_record_was_reset_says_so(void **state)
{
        (void)state;
        fin_wait_2();
        seg("FA 1:1 ack 2");
        seg("R 2:2");
        assert_int_equal(snapshot_now().state, LA_CLOSED);
        assert_int_equal(snapshot_now().came_by, LA_T_TIME_WAIT_RCV_RST);
        assert_int_equal(status_now().came_by, LA_T_TIME_WAIT_RCV_RST);
}

/* No row leads from the one to the other. */
static void
a_handle_whose_place_was_taken_does_not_guess(void **state)
{
        (void)state;
        fin_wait_2();
        seg("FA 1:1 ack 2");
        forget_sent();
        e.peer_isn += 100000;
        seg("S 0:0 win 65535 mss 1460");
        assert_int_equal(snapshot_now().state, LA_TIME_WAIT); /* as long as nobody has answered */
        assert_true(e.sent_count > 0 || count_sent() > 0);
        e.our_isn = snapshot_of_peer().snd_una;
        seg("A 1:1 ack 1");
        assert_int_equal(snapshot_now().state, LA_CLOSED);
        assert_false(snapshot_now().known & LA_KNOWN_CAME_BY);
        assert_false(status_now().came_by_known);
}

/* ---- When TIME_WAIT of a handle runs out ---- */

/* As many are told as are counted, the handle among them or not. */
static uint64_t
told_in(enum la_state state)
{
        struct la_snapshot s;
        uint64_t cursor = 0, told[LA_STATE_COUNT] = { 0 };

        while (la_next_snapshot(e.stack, e.now, &cursor, &s))
                told[s.state]++;
        for (enum la_state i = LA_CLOSED; i < LA_STATE_COUNT; i++)
                assert_int_equal(told[i], la_state_count(e.stack, i));
        return told[state];
}

static void
its_handle_is_told_and_counted(void **state)
{
        (void)state;
        fin_wait_2();
        seg("FA 1:11 ack 2");
        events_now();
        assert_int_equal(told_in(LA_TIME_WAIT), 1);
        assert_int_equal(told_in(LA_CLOSED), 0);
        after_ms(59999);
        assert_int_equal(events_now(), 0);
        after_ms(1);
        assert_int_equal(events_now(), LA_HAPPENED_STATE | LA_HAPPENED_CLOSED);
        assert_int_equal(told_in(LA_TIME_WAIT), 0);
        assert_int_equal(told_in(LA_CLOSED), 1);
        assert_int_equal(read_bytes(), 10);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        assert_int_equal(told_in(LA_CLOSED), 0);
        assert_int_equal(la_usage(e.stack).connections, 0);
}

static void
closed_before_it_is_told_of_no_more(void **state)
{
        struct la_event_report r;

        (void)state;
        fin_wait_2();
        seg("FA 1:1 ack 2");
        after_ms(1000);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        assert_int_equal(told_in(LA_TIME_WAIT), 1);
        assert_int_equal(snapshot_of_peer().age_min_ms, 1000);
        after_ms(59000);
        assert_int_equal(told_in(LA_TIME_WAIT), 0);
        assert_int_equal(told_in(LA_CLOSED), 0);
        while (la_next_event(e.stack, &r))
                assert_int_equal(r.handle.index, e.listener.index);
}

static void
abort_ends_its_record_with_it(void **state)
{
        (void)state;
        listening();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        seg("FA 1:1 ack 2");
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        assert_int_equal(told_in(LA_TIME_WAIT), 0);
        assert_int_equal(told_in(LA_CLOSED), 0);
}

/* ---- All ---- */

static void
a_walk_tells_each_once(void **state)
{
        (void)state;
        struct la_snapshot s;
        uint64_t cursor = 0, told[LA_STATE_COUNT] = { 0 };
        struct la_handle ended;

        established(); /* and reset: a handle in CLOSED */
        seg("R 1:1");
        ended = e.connection;
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460"); /* a record, and its handle */
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        seg("FA 1:1 ack 2");
        expect_found(LA_TIME_WAIT);
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460"); /* one half-open */
        e.peer_port++;
        forget_sent();
        connecting();
        while (la_next_snapshot(e.stack, e.now, &cursor, &s))
                told[s.state]++;
        for (enum la_state i = LA_CLOSED; i < LA_STATE_COUNT; i++)
                assert_int_equal(told[i], la_state_count(e.stack, i));
        assert_int_equal(told[LA_CLOSED], 1);
        assert_int_equal(told[LA_LISTEN], 1);
        assert_int_equal(told[LA_SYN_SENT], 1);
        assert_int_equal(told[LA_SYN_RECEIVED], 1);
        assert_int_equal(told[LA_TIME_WAIT], 1);
        assert_int_equal(la_close(e.stack, e.now, ended), LA_OK);
        assert_int_equal(la_state_count(e.stack, LA_CLOSED), 0);
}

/* Slices of one place tell the same as a walk without any, and no call looks at more. */
static void
a_walk_in_slices_tells_the_same(void **state)
{
        (void)state;
        struct la_snapshot s, whole;
        uint64_t cursor = 0, at = 0;
        unsigned int empty = 0;

        established();
        connecting();
        while (la_next_snapshot(e.stack, e.now, &cursor, &whole)) {
                uint32_t places = 1;

                for (; !la_next_snapshot_within(e.stack, e.now, &at, &places, &s); places = 1) {
                        assert_int_equal(places, 0);
                        empty++;
                }
                assert_int_equal(places, 0);
                assert_int_equal(at, cursor);
                assert_memory_equal(&s, &whole, sizeof s);
        }
        assert_true(empty > 0);
        for (uint32_t places = 1; at < cursor; places = 1)
                assert_false(la_next_snapshot_within(e.stack, e.now, &at, &places, &s));
}

static void
listeners_come_first(void **state)
{
        (void)state;
        struct la_endpoint anywhere = { .port = 81 };
        struct la_handle second;
        struct la_snapshot s;
        uint64_t cursor = 0;

        established();
        assert_int_equal(la_listen(e.stack, e.now, LA_IPV4, &anywhere, 8, 0, &second), LA_OK);
        for (unsigned int i = 0; i < 2; i++) {
                assert_true(la_next_snapshot(e.stack, e.now, &cursor, &s));
                assert_int_equal(s.state, LA_LISTEN);
        }
        assert_true(la_next_snapshot(e.stack, e.now, &cursor, &s));
        assert_int_equal(s.state, LA_ESTABLISHED);
        assert_false(la_next_snapshot(e.stack, e.now, &cursor, &s));
}

static void
a_handle_that_is_gone_has_none(void **state)
{
        (void)state;
        struct la_snapshot s, before;

        established();
        s = before = snapshot_now();
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        assert_int_equal(la_snapshot(e.stack, e.now, e.connection, &s), LA_ERR_HANDLE);
        assert_memory_equal(&s, &before, sizeof s); /* and leaves what it was given alone */
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(fin_wait_1_with_text_before_the_fin),
                engine_test(fin_wait_2_held),
                engine_test(fin_wait_2_orphan),
                engine_test6(fin_wait_2_orphan),
                engine_test(close_wait_unread_and_read),
                engine_test(closing_with_its_fin_lost),
                engine_test(last_ack_orphan),
                engine_test(time_wait_record),
                engine_test6(time_wait_record),
                engine_test(time_wait_of_a_handle),
                engine_test(a_handle_whose_record_was_reset_says_so),
                engine_test(a_handle_whose_place_was_taken_does_not_guess),
                engine_test(its_handle_is_told_and_counted),
                engine_test(closed_before_it_is_told_of_no_more),
                engine_test(abort_ends_its_record_with_it),
                engine_test(a_walk_tells_each_once),
                engine_test(a_walk_in_slices_tells_the_same),
                engine_test(listeners_come_first),
                engine_test(a_handle_that_is_gone_has_none),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
