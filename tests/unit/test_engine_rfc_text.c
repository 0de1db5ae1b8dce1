/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 9293 3.7.4, 3.8.5 and 3.9.1.2: PUSH, the size of segments, and urgent data. */
#include "engine_raw.h"

/* The pattern's bytes behind all that was written, sent with `flags`. */
static void
send_flagged(size_t n, uint32_t flags)
{
        static uint8_t bytes[200000];
        struct la_status s = status_now();
        uint32_t from = s.snd_una + snapshot_now().send_queue - e.our_isn;
        size_t taken;

        assert_true(n <= sizeof bytes);
        for (size_t i = 0; i < n; i++)
                bytes[i] = text_at(from + (uint32_t)i);
        assert_int_equal(la_send(e.stack, e.now, e.connection, bytes, n, flags, &taken), LA_OK);
        assert_int_equal(taken, n);
}

/* ---- PUSH ---- */

/* Shows MAY-15, MAY-16. */
static void
send_says_whether_to_push(void **state)
{
        (void)state;
        established();
        send_flagged(10, LA_SEND_MORE);
        send_flagged(10, LA_SEND_MORE);
        expect_nothing_sent();
        send_flagged(10, 0);
        expect_sent("PA 1:31 ack 1");
}

/* Shows MUST-60. */
static void
nothing_is_kept_for_ever(void **state)
{
        (void)state;
        established();
        send_flagged(10, LA_SEND_MORE); /* and the program forgets to say that this was all */
        after_ms(200);
        expect_sent("A 1:11 ack 1");
        send_flagged(10, LA_SEND_MORE); /* again, with something under way */
        send_flagged(5, LA_SEND_MORE);
        after_ms(100);
        expect_nothing_sent();
        seg("A 1:1 ack 11");
        after_ms(200);
        expect_sent("A 11:26 ack 1");
}

/* Shows MUST-61. */
static void
what_empties_the_queue_is_pushed(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_NODELAY, 1), LA_OK);
        assert_int_equal(write_bytes(3000), 3000);
        expect_sent("A 1:1461 ack 1");
        expect_sent("A 1461:2921 ack 1");
        expect_sent("PA 2921:3001 ack 1");
        assert_int_equal(write_bytes(1460), 1460);
        expect_sent("PA 3001:4461 ack 1");
}

/* Shows SHLD-27. */
static void
pushes_that_wait_become_one(void **state)
{
        (void)state;
        established();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 1");
        for (int i = 0; i < 50; i++)
                send_flagged(10, 0);
        expect_nothing_sent();
        seg("A 1:1 ack 11");
        expect_sent("PA 11:511 ack 1");
        expect_nothing_sent();
}

/* Shows SHLD-28. */
static void
segments_are_full_where_they_can_be(void **state)
{
        (void)state;
        established();
        for (int i = 0; i < 7; i++)
                send_flagged(1000, 0);
        expect_sent("A 1:1461 ack 1");
        expect_sent("A 1461:2921 ack 1");
        expect_sent("A 2921:4381 ack 1");
        expect_sent("A 4381:5841 ack 1");
        expect_nothing_sent();
        seg("A 1:1 ack 5841");
        expect_sent("PA 5841:7001 ack 1");
}

/* ---- Urgent data ---- */

/* Shows MUST-30, MUST-62. */
static void
the_pointer_names_the_first_byte_that_is_not_urgent(void **state)
{
        (void)state;
        established();
        send_flagged(3, LA_SEND_URGENT);
        expect_sent("PAU 1:4 ack 1 urg 3");
        send_flagged(3000, 0); /* what follows is not */
        expect_sent("A 4:1464 ack 1");
        seg("AU 1:1 ack 1464 urg 3");
        assert_int_equal(status_now().urgent_bytes, 3);
        seg("PA 1:11 ack 1464");
        assert_int_equal(read_bytes(), 10);
        assert_false(status_now().urgent);
}

/* Shows MUST-31. */
static void
urgent_data_of_any_length_leaves(void **state)
{
        (void)state;
        unsigned int marked = 0;

        knob("lastack.initial_window", "100");
        established_with("mss 1460 ws 7");
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_NODELAY, 1), LA_OK);
        seg("A 1:1 ack 1 win 65535");
        send_flagged(100000, LA_SEND_URGENT);
        collect();
        for (size_t i = 0; i < e.sent_count; i++) {
                struct segment s;

                assert_int_equal(segment_parse(e.bytes[i], e.sent[i].header_bytes, 0, &s), WIRE_OK);
                if (s.urg) /* a segment says it as soon as 16 bits reach that far */
                        assert_int_equal(s.seq.v + s.urgent - e.our_isn, 100001);
                assert_int_equal(s.urg, s.seq.v - e.our_isn + 65535 >= 100001);
                marked += s.urg;
        }
        assert_in_range(marked, 65535 / 1460, 65535 / 1460 + 1);
}

/* Shows MUST-31, MUST-33. */
static void
urgent_data_of_any_length_arrives(void **state)
{
        (void)state;
        uint8_t bytes[20000];
        size_t n;

        established_with("mss 1460 ws 7");
        for (uint32_t at = 1; at < 50 * 1460; at += 1460) {
                char text[64];

                snprintf(text, sizeof text, "AU %u:%u ack 1 urg 65535", at, at + 1460);
                seg(text);
                assert_int_equal(status_now().urgent_bytes, at - 1 + 65535);
                forget_sent();
        }
        assert_int_equal(la_receive(e.stack, e.now, e.connection, bytes, sizeof bytes, &n), LA_OK);
        assert_int_equal(status_now().urgent_bytes, 49 * 1460 + 65535 - 20000); /* so much is still to be read */
        assert_true(status_now().urgent);
}

/* Shows MUST-32, MUST-47. */
static void
each_advance_of_the_pointer_is_told(void **state)
{
        (void)state;
        established();
        events_now();
        seg("AU 1:1 ack 1 urg 20"); /* before the data that it speaks of */
        assert_true(events_now() & LA_HAPPENED_URGENT);
        seg("PAU 1:11 ack 1 urg 20");
        assert_false(events_now() & LA_HAPPENED_URGENT); /* the same again */
        seg("PAU 11:21 ack 1 urg 15");
        assert_true(events_now() & LA_HAPPENED_URGENT); /* 20 became 25 */
        assert_int_equal(status_now().urgent_bytes, 25);
        assert_int_equal(read_bytes(), 20);
        assert_true(status_now().urgent);
        seg("PA 21:31 ack 1");
        assert_int_equal(read_bytes(), 10);
        assert_false(status_now().urgent);
        events_now();
        seg("PAU 31:41 ack 1 urg 1"); /* there was none pending any more */
        assert_true(events_now() & LA_HAPPENED_URGENT);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(send_says_whether_to_push),
                engine_test(nothing_is_kept_for_ever),
                engine_test(what_empties_the_queue_is_pushed),
                engine_test(pushes_that_wait_become_one),
                engine_test(segments_are_full_where_they_can_be),
                engine_test(the_pointer_names_the_first_byte_that_is_not_urgent),
                engine_test(urgent_data_of_any_length_leaves),
                engine_test(urgent_data_of_any_length_arrives),
                engine_test(each_advance_of_the_pointer_is_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
