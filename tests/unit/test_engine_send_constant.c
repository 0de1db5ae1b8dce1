/* SPDX-License-Identifier: BSD-2-Clause */
/* LA_SEND_CONSTANT: what stays where and what it is, is sent from there. */
#include "engine.h"

#define CHUNK   1024u
#define MANY    16384u
#define IN_PART 16

/* Of each byte of the stream, by its sequence number. */
static uint8_t constant[MANY];

static void
begin(void)
{
        established();
        seg("A 1:1 ack 1 win 65535");
        forget_sent();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_NODELAY, 1), LA_OK);
        for (size_t i = 0; i < MANY; i++)
                constant[i] = text_at((uint32_t)i + 1);
}

static enum la_error
send_constant(size_t from, size_t n, size_t *ret_taken)
{
        return la_send(e.stack, e.now, e.connection, constant + from, n, LA_SEND_CONSTANT, ret_taken);
}

/* To the end of the chunk in which the stream begins. */
static size_t
first_chunk(void)
{
        return CHUNK - (status_now().snd_una & (CHUNK - 1));
}

/* How many bytes of text leave from `constant`, and from elsewhere. */
static void
count_left(size_t *ret_referred, size_t *ret_copied)
{
        struct la_packet packets[IN_PART];
        size_t n;

        *ret_referred = *ret_copied = 0;
        while ((n = la_output(e.stack, e.now, packets, IN_PART)) > 0)
                for (size_t i = 0; i < n; i++)
                        for (size_t j = 0; j < packets[i].parts; j++) {
                                uintptr_t at = (uintptr_t)packets[i].part[j].bytes;
                                bool inside = at >= (uintptr_t)constant && at < (uintptr_t)constant + MANY;

                                *(inside ? ret_referred : ret_copied) += packets[i].part[j].length;
                        }
}

static void
whole_chunks_are_referred_to(void **state)
{
        size_t taken, first, referred, copied;

        (void)state;
        begin();
        first = first_chunk();
        assert_int_equal(send_constant(0, first + 2 * CHUNK, &taken), LA_OK);
        assert_int_equal(taken, first + 2 * CHUNK);
        count_left(&referred, &copied);
        assert_int_equal(referred, first + 2 * CHUNK);
        assert_int_equal(copied, 0);
}

/* It is what expect_sent() expects of text. */
static void
the_bytes_are_those(void **state)
{
        size_t taken;

        (void)state;
        begin();
        assert_int_equal(send_constant(0, first_chunk() + CHUNK, &taken), LA_OK);
        expect_sent("A 1:1461");
        forget_sent();
        after_ms(3000);
        expect_sent("A 1:1461"); /* and again, when nobody answers */
}

/* The rest, less than a chunk, is for another call, which copies it. */
static void
a_rest_is_copied(void **state)
{
        size_t taken, first, referred, copied;

        (void)state;
        begin();
        first = first_chunk();
        assert_int_equal(send_constant(0, first + CHUNK + 100, &taken), LA_OK);
        assert_int_equal(taken, first + CHUNK);
        assert_int_equal(send_constant(taken, 100, &taken), LA_OK);
        assert_int_equal(taken, 100);
        count_left(&referred, &copied);
        assert_int_equal(copied, 100);
}

/* What was begun by a copy is filled by one, up to the next chunk. */
static void
a_begun_chunk_is_filled(void **state)
{
        size_t taken, first, referred, copied;

        (void)state;
        begin();
        first = first_chunk();
        assert_int_equal(la_send(e.stack, e.now, e.connection, constant, 1, 0, &taken), LA_OK);
        assert_int_equal(send_constant(1, first - 1 + CHUNK, &taken), LA_OK);
        assert_int_equal(taken, first - 1);
        assert_int_equal(send_constant(first, CHUNK, &taken), LA_OK);
        assert_int_equal(taken, CHUNK);
        count_left(&referred, &copied);
        assert_int_equal(copied, first);
        assert_int_equal(referred, CHUNK);
        seg("A 1:1 ack 1025 win 65535");
}

static void
acknowledged_chunks_are_free(void **state)
{
        size_t taken, first;
        char ack[64];

        (void)state;
        begin();
        first = first_chunk();
        assert_int_equal(send_constant(0, first + CHUNK, &taken), LA_OK);
        assert_int_equal(la_usage(e.stack).chunks, 2);
        forget_sent();
        snprintf(ack, sizeof ack, "A 1:1 ack %zu win 65535", 1 + first + CHUNK);
        seg(ack);
        assert_int_equal(la_usage(e.stack).chunks, 0);
}

/* Room for less than a chunk is not used, if it will grow: what lies in it would have to be copied. */
static void
a_full_buffer_waits_for_room_for_a_chunk(void **state)
{
        size_t taken, sum = 0;

        (void)state;
        begin();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_SEND_BUFFER, 4608), LA_OK);
        while (send_constant(sum, 8000, &taken) == LA_OK)
                sum += taken;
        assert_in_range(sum, 4608 - CHUNK + 1, 4608);
        assert_int_equal((status_now().snd_una + sum) % CHUNK, 0);
}

static void
a_buffer_that_is_less_than_two_chunks_is_filled(void **state)
{
        struct la_config c = usual_config();
        size_t taken, sum = 0;

        (void)state;
        c.chunk_bytes = 65536;
        c.chunks = 16;
        remake(&c);
        begin();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_SEND_BUFFER, 5000), LA_OK);
        while (send_constant(sum, 8000, &taken) == LA_OK)
                sum += taken;
        assert_int_equal(sum, 5000);
}

static void
room_that_was_written_to_is_not_constant(void **state)
{
        uint8_t *bytes;
        size_t room;

        (void)state;
        begin();
        assert_int_equal(la_send_space(e.stack, e.connection, &bytes, &room), LA_OK);
        assert_int_equal(la_send_commit(e.stack, e.now, e.connection, 1, LA_SEND_CONSTANT), LA_ERR_INVALID);
}

/* The buffer is less than two segments, and as Linux does: who can write no more until it is acknowledged sends it. */
static void
a_full_buffer_does_not_wait_for_more(void **state)
{
        size_t taken;

        (void)state;
        begin();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_SEND_BUFFER, 1000), LA_OK);
        assert_int_equal(la_send(e.stack, e.now, e.connection, constant, 1000, LA_SEND_MORE, &taken), LA_OK);
        assert_int_equal(taken, 1000);
        expect_nothing_sent();
        assert_int_equal(la_send(e.stack, e.now, e.connection, constant, 10, LA_SEND_MORE, &taken), LA_ERR_AGAIN);
        collect();
        assert_int_equal(e.sent_count, 1);
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_SEND_BUFFER, 2000), LA_OK);
        assert_int_equal(la_send(e.stack, e.now, e.connection, constant, 1100, LA_SEND_MORE, &taken), LA_OK);
        assert_int_equal(taken, 1000);
        collect();
        assert_int_equal(e.sent_count, 1); /* something is in flight: its acknowledgment tells */
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(whole_chunks_are_referred_to),
                engine_test(the_bytes_are_those),
                engine_test(a_rest_is_copied),
                engine_test(a_begun_chunk_is_filled),
                engine_test(acknowledged_chunks_are_free),
                engine_test(a_full_buffer_waits_for_room_for_a_chunk),
                engine_test(a_full_buffer_does_not_wait_for_more),
                engine_test(a_buffer_that_is_less_than_two_chunks_is_filled),
                engine_test(room_that_was_written_to_is_not_constant),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
