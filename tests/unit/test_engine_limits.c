/* SPDX-License-Identifier: BSD-2-Clause */
/* Limits below what is sane: refused, unless somebody insists, and then kept. */
#include "engine.h"
#include "stack/stack.h"

static enum la_error
insist(const char *name, const char *value)
{
        return la_knob_set_dangerous(e.stack, name, value, NULL);
}

static void
limits_have_a_sane_least_value(void **state)
{
        const char *error = NULL;

        (void)state;
        assert_int_equal(la_knob_set(e.stack, "tcp_max_orphans", "0", &error), LA_ERR_KNOB_VALUE);
        assert_non_null(error);
        assert_int_equal(la_knob_set(e.stack, "tcp_max_tw_buckets", "1023", NULL), LA_ERR_KNOB_VALUE);
        assert_int_equal(insist("tcp_max_orphans", "-1"), LA_ERR_KNOB_VALUE);
        assert_int_equal(insist("tcp_fin_timeout", "0"), LA_ERR_KNOB_VALUE);
}

static void
an_orphan_over_the_limit_is_reset(void **state)
{
        (void)state;
        assert_int_equal(insist("tcp_max_orphans", "0"), LA_OK);
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_gone();
        assert_int_equal(la_transition_count(e.stack, LA_T_FIN_WAIT_1_ORPHAN_LIMIT), 1);
        assert_int_equal(la_usage(e.stack).orphans, 0);
}

static void
expect_orphan_aborted(enum la_transition row)
{
        la_abort_orphans(e.stack, e.now);
        assert_int_equal(la_transition_count(e.stack, row), 1);
        assert_int_equal(la_usage(e.stack).orphans, 0);
        assert_int_equal(la_state_count(e.stack, LA_CLOSED), 0);
        expect_gone();
}

static void
an_orphan_with_text_to_send_can_be_aborted(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(100), 100);
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_sent("PFA 1:101 ack 1");
        expect_orphan_aborted(LA_T_FIN_WAIT_1_ABORT);
        expect_sent("RA 102:102 ack 1");
        assert_int_equal(la_usage(e.stack).chunks, 0);
}

static void
an_orphan_that_is_a_record_can_be_aborted(void **state)
{
        (void)state;
        fin_wait_2();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_found(LA_FIN_WAIT_2);
        expect_orphan_aborted(LA_T_FIN_WAIT_2_ABORT);
        expect_sent("RA 2:2 ack 1");
}

static void
aborting_orphans_leaves_what_is_held(void **state)
{
        (void)state;
        fin_wait_2();
        la_abort_orphans(e.stack, e.now);
        expect_nothing_sent();
        expect_found(LA_FIN_WAIT_2);
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        expect_gone();
}

static void
aborting_orphans_leaves_time_wait(void **state)
{
        (void)state;
        time_wait();
        la_abort_orphans(e.stack, e.now);
        expect_nothing_sent();
        expect_found(LA_TIME_WAIT);
}

static void
without_room_for_records_there_is_no_time_wait(void **state)
{
        (void)state;
        assert_int_equal(insist("tcp_max_tw_buckets", "0"), LA_OK);
        fin_wait_2();
        seg("FA 1:1 ack 2 win 65535");
        expect_gone();
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_OVERFLOW), 1);
        assert_int_equal(counted(LA_C_TCPTimeWaitOverflow), 1);
}

/* A packet has room for so many pieces of the send buffer: where chunks are small, segments are shorter than the MTU. */
static void
a_segment_is_no_longer_than_its_pieces_allow(void **state)
{
        (void)state;
        struct la_config c = usual_config();
        uint32_t most = (LA_PARTS_MAX - 1) * 256;
        char line[64];

        c.chunk_bytes = 256;
        c.mtu = 9000;
        remake(&c);
        established_with("mss 8960");
        assert_int_equal(write_bytes(2 * most), 2 * most);
        snprintf(line, sizeof line, "A 1:%u ack 1", 1 + most);
        expect_sent(line);
        snprintf(line, sizeof line, "PA %u:%u ack 1", 1 + most, 1 + 2 * most);
        expect_sent(line);
}

/* Who learns one secret, be it only that of the table, learns nothing of the others. */
static void
each_purpose_has_a_secret_of_its_own(void **state)
{
        uint64_t words[sizeof(struct tcp_keys) / 8];

        (void)state;
        memcpy(words, &e.stack->host.keys, sizeof words);
        for (size_t i = 0; i < sizeof words / 8; i++)
                for (size_t j = 0; j < i; j++)
                        assert_true(words[i] != words[j]);
}

/* ---- One chunk for two connections: `first` holds it, and the second, which has nothing in flight, waits ---- */

static struct la_handle first;
static uint32_t first_isn;

static void
one_waits_for_memory(void)
{
        struct la_config c = usual_config();

        c.chunks = 1;
        remake(&c);
        established();
        first = e.connection;
        first_isn = e.our_isn;
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ack 1");
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        events_now();
        assert_int_equal(write_bytes(100), 0);
        assert_int_equal(events_now() & LA_HAPPENED_WRITABLE, 0);
}

static void
who_waits_for_memory_is_told_when_it_is_given_back(void **state)
{
        (void)state;
        one_waits_for_memory();
        assert_int_equal(la_abort(e.stack, e.now, first), LA_OK);
        forget_sent();
        assert_int_equal(events_now(), LA_HAPPENED_WRITABLE);
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ack 1");
}

static void
so_is_who_writes_without_a_copy(void **state)
{
        (void)state;
        uint8_t *space;
        size_t room;

        one_waits_for_memory();
        assert_int_equal(la_send_space(e.stack, e.connection, &space, &room), LA_ERR_AGAIN);
        e.peer_port--;
        e.our_isn = first_isn;
        seg("A 1:1 ack 101");
        assert_int_equal(events_now(), LA_HAPPENED_WRITABLE);
        assert_int_equal(la_send_space(e.stack, e.connection, &space, &room), LA_OK);
}

/* To ask where to write takes memory; that nothing was written gives it back. */
static void
who_writes_nothing_holds_nothing(void **state)
{
        (void)state;
        uint8_t *space;
        size_t room;

        established();
        for (unsigned int i = 0; i < 2; i++) {
                assert_int_equal(la_send_space(e.stack, e.connection, &space, &room), LA_OK);
                assert_int_equal(la_send_commit(e.stack, e.now, e.connection, 0, 0), LA_OK);
                assert_int_equal(la_usage(e.stack).chunks, 0);
                expect_nothing_sent();
        }
        assert_int_equal(write_bytes(100), 100);
        expect_sent("PA 1:101 ack 1");
        assert_int_equal(la_send_space(e.stack, e.connection, &space, &room), LA_OK);
        assert_int_equal(write_bytes(0), 0); /* what begins in the chunk of what is in flight stays there */
        assert_int_equal(la_send_space(e.stack, e.connection, &space, &room), LA_OK);
        assert_int_equal(la_send_commit(e.stack, e.now, e.connection, 0, 0), LA_OK);
        assert_in_range(la_usage(e.stack).chunks, 1, 2);
        after_ms(1000);
        expect_sent("PA 1:101 ack 1");
        seg("A 1:1 ack 101");
        assert_int_equal(la_usage(e.stack).chunks, 0);
}

/* Something else happened meanwhile: one event tells both, and who then still finds no memory waits again. */
static void
who_waits_for_memory_is_told_other_things_too(void **state)
{
        (void)state;
        one_waits_for_memory();
        seg("FA 1:1 ack 1");
        assert_true(events_now() & LA_HAPPENED_PEER_CLOSED);
        assert_int_equal(write_bytes(100), 0);
        assert_int_equal(la_abort(e.stack, e.now, first), LA_OK);
        assert_int_equal(events_now(), LA_HAPPENED_WRITABLE);
}

static void
who_has_closed_waits_for_no_memory(void **state)
{
        (void)state;
        struct la_event_report r;

        one_waits_for_memory();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        assert_int_equal(la_abort(e.stack, e.now, first), LA_OK);
        assert_false(la_next_event(e.stack, &r));
}

/* ---- Many whose peers do not read, and one that comes after them ---- */

static void
another_connection(void)
{
        e.peer_port++;
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        seg("A 1:1 ack 1");
        accept_it();
        events_now();
}

/* The first could hold all of it.  Those after it get what is theirs, and wait for more. */
static void
who_is_not_read_leaves_memory_to_others(void **state)
{
        struct la_config c = usual_config();

        (void)state;
        c.chunks = 64;
        remake(&c);
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_SEND_BUFFER, 65536), LA_OK);
        while (write_bytes(1000) > 0)
                forget_sent();
        assert_in_range(la_usage(e.stack).chunks, 48, 50);
        for (unsigned int i = 0; i < 6; i++) {
                another_connection();
                assert_int_equal(write_bytes(5000), 1024);
                assert_int_equal(write_bytes(1), 0);
                forget_sent();
        }
        seg("A 1:1 ack 1025");
        assert_true(events_now() & LA_HAPPENED_WRITABLE);
        assert_int_equal(write_bytes(5000), 1024);
}

/* The same of what arrives, and nobody reads. */
static void
who_does_not_read_leaves_memory_to_others(void **state)
{
        struct la_config c = usual_config();

        (void)state;
        c.chunks = 64;
        remake(&c);
        knob("tcp_rmem", "4096 131072 6291456");
        established();
        for (unsigned int at = 1; at < 70000; at += 1000) {
                char text[64];

                snprintf(text, sizeof text, "PA %u:%u ack 1", at, at + 1000);
                seg(text);
        }
        forget_sent();
        assert_in_range(la_usage(e.stack).chunks, 54, 56);
        for (unsigned int i = 0; i < 6; i++) {
                another_connection();
                seg("PA 1:101 ack 1");
                assert_int_equal(status_now().readable_bytes, 100);
                seg("PA 101:1401 ack 1"); /* more than its chunk */
                assert_in_range(status_now().readable_bytes, 100, 1124);
                forget_sent();
        }
}

/* What has arrived everywhere at once, though a chunk for each, must not keep the answers from being sent: nothing would be
 * read any more, and nothing become free. */
static void
what_arrives_leaves_memory_for_answers(void **state)
{
        struct la_handle all[40];
        struct la_config c = usual_config();
        uint64_t answered = 0;
        uint8_t text[100];
        size_t n;

        (void)state;
        c.chunks = 32;
        remake(&c);
        established();
        for (unsigned int i = 0; i < 40; i++) {
                seg("PA 1:101 ack 1");
                all[i] = e.connection;
                forget_sent();
                another_connection();
        }
        for (unsigned int i = 0; i < 40; i++) {
                struct la_part part;

                if (la_receive_look(e.stack, all[i], &part) != LA_OK ||
                    la_send(e.stack, e.now, all[i], part.bytes, part.length, 0, &n) != LA_OK)
                        continue;
                assert_int_equal(la_receive(e.stack, e.now, all[i], text, sizeof text, &n), LA_OK);
                answered++;
        }
        assert_in_range(answered, 30, 32);
}

/* RFC 2018 8: what was told by SACK may be forgotten; what fills the gap must find room, or nothing ever would. */
static void
what_came_ahead_makes_room_for_what_fills_the_gap(void **state)
{
        struct la_config c = usual_config();

        (void)state;
        c.chunks = 64;
        remake(&c);
        established_with("mss 1460 sackok");
        for (unsigned int at = 1001; at < 64001; at += 1000) {
                char text[64];

                snprintf(text, sizeof text, "PA %u:%u ack 1", at, at + 1000);
                seg(text);
        }
        forget_sent();
        assert_in_range(la_usage(e.stack).chunks, 54, 56);
        seg("PA 1:1001 ack 1");
        expect_sent("A 1:1 ack 1001");
        assert_int_equal(read_bytes(), 1000);
        seg("PA 1001:3001 ack 1");
        assert_int_equal(read_bytes(), 2000);
        assert_int_equal(la_usage(e.stack).chunks, 0);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(limits_have_a_sane_least_value),
                engine_test(an_orphan_over_the_limit_is_reset),
                engine_test(an_orphan_with_text_to_send_can_be_aborted),
                engine_test(an_orphan_that_is_a_record_can_be_aborted),
                engine_test(aborting_orphans_leaves_what_is_held),
                engine_test(aborting_orphans_leaves_time_wait),
                engine_test(without_room_for_records_there_is_no_time_wait),
                engine_test(a_segment_is_no_longer_than_its_pieces_allow),
                engine_test(each_purpose_has_a_secret_of_its_own),
                engine_test(who_waits_for_memory_is_told_when_it_is_given_back),
                engine_test(so_is_who_writes_without_a_copy),
                engine_test(who_writes_nothing_holds_nothing),
                engine_test(who_waits_for_memory_is_told_other_things_too),
                engine_test(who_has_closed_waits_for_no_memory),
                engine_test(who_is_not_read_leaves_memory_to_others),
                engine_test(who_does_not_read_leaves_memory_to_others),
                engine_test(what_arrives_leaves_memory_for_answers),
                engine_test(what_came_ahead_makes_room_for_what_fills_the_gap),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
