/* SPDX-License-Identifier: BSD-2-Clause */
/* la_input_lent(): text is read where it arrived, and copied only if it was not. */
#include "engine.h"

#define PACKETS 8

static uint8_t arena[PACKETS][PACKET_FROM_PEER_MAX];
static size_t arrived;

static void
remake_with(uint32_t loans, uint32_t chunks)
{
        struct la_config c = usual_config();

        c.loans = loans;
        c.chunks = chunks;
        remake(&c);
        arrived = 0;
        established();
        forget_sent();
}

/* The peer's segment arrives, and stays where it is. */
static void
lend(const char *text)
{
        size_t n = packet_from_peer(text, arena[arrived]);
        struct la_packet p = { .parts = 1, .part = { { arena[arrived], n } } };

        la_input_lent(e.stack, e.now, &p, 1);
        arrived = (arrived + 1) % PACKETS;
}

/* The packets' memory is used for something else. */
static void
settle(void)
{
        la_settle(e.stack);
        memset(arena, 0xa5, sizeof arena);
        arrived = 0;
}

static bool
lies_in_packet(void)
{
        struct la_part part;
        uintptr_t begin = (uintptr_t)arena, at;

        assert_int_equal(la_receive_look(e.stack, e.connection, &part), LA_OK);
        at = (uintptr_t)part.bytes;
        return at >= begin && at < begin + sizeof arena;
}

static size_t
looked_at(void)
{
        struct la_part part;

        assert_int_equal(la_receive_look(e.stack, e.connection, &part), LA_OK);
        return part.length;
}

static void
text_is_read_where_it_arrived(void **state)
{
        (void)state;
        remake_with(4, 64);
        lend("PA 1:1401 ack 1");
        assert_int_equal(status_now().readable_bytes, 1400);
        assert_true(lies_in_packet());
        assert_int_equal(looked_at(), 1400);
        assert_int_equal(read_bytes(), 1400);
        assert_int_equal(la_usage(e.stack).chunks, 0);
        settle();
        assert_int_equal(la_usage(e.stack).chunks, 0);
        collect();
        assert_int_equal(status_now().readable_bytes, 0);
}

static void
what_was_not_read_is_copied(void **state)
{
        (void)state;
        remake_with(4, 64);
        lend("PA 1:1401 ack 1");
        assert_int_equal(la_receive_done(e.stack, e.now, e.connection, 400), LA_OK);
        settle();
        assert_false(lies_in_packet());
        assert_int_equal(status_now().readable_bytes, 1000);
        assert_int_equal(read_bytes(), 1000);
        assert_int_equal(la_usage(e.stack).chunks, 0);
}

static void
output_settles(void **state)
{
        (void)state;
        remake_with(4, 64);
        lend("PA 1:1401 ack 1");
        collect();
        memset(arena, 0xa5, sizeof arena);
        assert_false(lies_in_packet());
        assert_int_equal(read_bytes(), 1400);
}

/* Copied before, lent, copied again since no loan was left: read as one stream. */
static void
what_is_lent_lies_between_what_is_copied(void **state)
{
        (void)state;
        remake_with(2, 64);
        seg("PA 1:1001 ack 1");
        lend("PA 1001:2001 ack 1");
        lend("PA 2001:3001 ack 1");
        lend("PA 3001:4001 ack 1");
        assert_int_equal(status_now().readable_bytes, 4000);
        assert_false(lies_in_packet());
        assert_int_equal(la_receive_done(e.stack, e.now, e.connection, 1000), LA_OK);
        assert_true(lies_in_packet());
        assert_int_equal(la_receive_done(e.stack, e.now, e.connection, 1500), LA_OK);
        assert_true(lies_in_packet());
        assert_int_equal(looked_at(), 500);
        assert_int_equal(read_bytes(), 1500);
        settle();
        assert_int_equal(la_usage(e.stack).chunks, 0);
}

/* The chain's text ends where the loan begins, though its chunk goes on. */
static void
a_look_at_the_chain_ends_where_a_loan_begins(void **state)
{
        (void)state;
        remake_with(4, 64);
        seg("PA 1:11 ack 1");
        lend("PA 11:1011 ack 1");
        assert_int_equal(looked_at(), 10);
        assert_int_equal(read_bytes(), 1010);
}

static void
lent_text_fills_a_gap(void **state)
{
        (void)state;
        remake_with(4, 64);
        seg("PA 1001:2001 ack 1");
        lend("PA 1:1001 ack 1");
        assert_int_equal(status_now().readable_bytes, 2000);
        assert_true(lies_in_packet());
        settle();
        assert_int_equal(read_bytes(), 2000);
}

static void
text_ahead_of_a_gap_is_copied(void **state)
{
        (void)state;
        remake_with(4, 64);
        lend("PA 1001:2001 ack 1");
        assert_in_range(la_usage(e.stack).chunks, 1, 2);
        settle();
        seg("PA 1:1001 ack 1");
        assert_int_equal(read_bytes(), 2000);
}

static void
short_text_is_copied(void **state)
{
        (void)state;
        remake_with(4, 64);
        lend("PA 1:101 ack 1");
        assert_false(lies_in_packet());
}

static void
without_loans_all_is_copied(void **state)
{
        (void)state;
        remake_with(0, 64);
        lend("PA 1:1401 ack 1");
        assert_false(lies_in_packet());
}

/* Who closes does not read; and whose connection has become another's memory is not written to. */
static void
a_connection_that_ends_gives_its_loans_back(void **state)
{
        struct la_endpoint remote = { .address = { 10, 0, 0, 2 }, .port = 7 };
        struct la_handle old, next;

        (void)state;
        remake_with(4, 64);
        old = e.connection;
        lend("PA 1:1401 ack 1");
        assert_int_equal(la_abort(e.stack, e.now, old), LA_OK);
        assert_int_equal(la_open(e.stack, e.now, LA_IPV4, NULL, &remote, 0, &next), LA_OK);
        assert_int_equal(next.index, old.index);
        settle();
        assert_int_equal(la_usage(e.stack).chunks, 0);
}

static void
a_reset_connection_can_be_read_or_not_as_ever(void **state)
{
        size_t copied, lent;

        (void)state;
        remake_with(4, 64);
        seg("PA 1:1401 ack 1");
        seg("R 1401:1401");
        copied = read_bytes();
        remake_with(4, 64);
        lend("PA 1:1401 ack 1");
        lend("R 1401:1401");
        settle();
        lent = read_bytes();
        assert_int_equal(lent, copied);
}

/* Two chunks are what may be needed for it: who wants to send gets none, and is told once they are free after all. */
static void
chunks_are_kept_for_what_is_lent(void **state)
{
        uint8_t byte = 0;
        size_t taken;

        (void)state;
        remake_with(4, 2);
        (void)events_now();
        lend("PA 1:1025 ack 1");
        assert_true(lies_in_packet());
        (void)events_now();
        assert_int_equal(la_send(e.stack, e.now, e.connection, &byte, 1, 0, &taken), LA_ERR_AGAIN);
        assert_int_equal(read_bytes(), 1024);
        assert_false(events_now() & LA_HAPPENED_WRITABLE);
        settle();
        assert_true(events_now() & LA_HAPPENED_WRITABLE);
        assert_int_equal(la_send(e.stack, e.now, e.connection, &byte, 1, 0, &taken), LA_OK);
}

/* As much of it finds room as without. */
static void
without_chunks_for_all_of_it_nothing_is_lent(void **state)
{
        (void)state;
        remake_with(4, 1);
        lend("PA 1:1401 ack 1");
        assert_false(lies_in_packet());
        assert_in_range(status_now().readable_bytes, 1, 1024);
}

static void
text_in_pieces_is_copied(void **state)
{
        static uint8_t bytes[PACKET_FROM_PEER_MAX];
        size_t n;
        struct la_packet p = { .parts = 2 };

        (void)state;
        remake_with(4, 64);
        n = packet_from_peer("PA 1:1401 ack 1", bytes);
        p.part[0] = (struct la_part){ bytes, 700 };
        p.part[1] = (struct la_part){ bytes + 700, n - 700 };
        la_input_lent(e.stack, e.now, &p, 1);
        memset(bytes, 0xa5, sizeof bytes);
        assert_int_equal(read_bytes(), 1400);
}

static void
more_loans_than_there_may_be(void **state)
{
        struct la_config c = usual_config();

        (void)state;
        c.loans = 4096;
        assert_true(la_stack_bytes(&c) > 0);
        c.loans = 4097;
        assert_int_equal(la_stack_bytes(&c), 0);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(text_is_read_where_it_arrived),
                engine_test(what_was_not_read_is_copied),
                engine_test(output_settles),
                engine_test(what_is_lent_lies_between_what_is_copied),
                engine_test(a_look_at_the_chain_ends_where_a_loan_begins),
                engine_test(lent_text_fills_a_gap),
                engine_test(text_ahead_of_a_gap_is_copied),
                engine_test(short_text_is_copied),
                engine_test(without_loans_all_is_copied),
                engine_test(a_connection_that_ends_gives_its_loans_back),
                engine_test(a_reset_connection_can_be_read_or_not_as_ever),
                engine_test(chunks_are_kept_for_what_is_lent),
                engine_test(without_chunks_for_all_of_it_nothing_is_lent),
                engine_test(text_in_pieces_is_copied),
                engine_test(more_loans_than_there_may_be),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
