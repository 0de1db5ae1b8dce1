/* SPDX-License-Identifier: BSD-2-Clause */
/* SEGMENT ARRIVES: the steps of RFC 9293 3.10.7.4 one by one, with RFC 5961 and RFC 7323. */
#include "engine.h"

static void
first_not_acceptable_is_acknowledged(void **state)
{
        (void)state;
        established();
        seg("PA 200000:200010 ack 1");
        expect_sent("A 1:1 ack 1");
        expect_verdict(LA_V_NOT_ACCEPTABLE);
        seg("R 200000:200000");
        expect_nothing_sent();
        expect_verdict(LA_V_NOT_ACCEPTABLE_RST);
        expect_state(LA_ESTABLISHED);
}

static void
first_empty_unacceptable_segments_do_not_loop(void **state)
{
        (void)state;
        established();
        seg("A 200000:200000 ack 1");
        expect_sent("A 1:1 ack 1");
        seg("A 200000:200000 ack 1");
        expect_nothing_sent();
        assert_int_equal(counted(LA_C_TCPACKSkippedSeq), 1);
        after_ms(500);
        seg("A 200000:200000 ack 1");
        expect_sent("A 1:1 ack 1");
}

static void
first_only_the_new_part_counts(void **state)
{
        (void)state;
        established();
        seg("PA 1:101 ack 1");
        seg("PA 51:151 ack 1");
        assert_int_equal(read_bytes(), 150);
}

static void
second_exact_rst_resets(void **state)
{
        (void)state;
        established();
        seg("R 1:1");
        expect_state(LA_CLOSED);
        expect_verdict(LA_V_RST);
}

static void
second_inexact_rst_is_challenged(void **state)
{
        (void)state;
        established();
        seg("R 2:2");
        expect_sent("A 1:1 ack 1");
        expect_verdict(LA_V_RST_CHALLENGED);
        expect_state(LA_ESTABLISHED);
}

static void
challenges_are_limited(void **state)
{
        (void)state;
        established();
        knob("lastack.challenge_ack_limit", "3");
        for (int i = 0; i < 10; i++)
                seg("R 2:2");
        for (int i = 0; i < 3; i++)
                expect_sent("A 1:1 ack 1");
        expect_nothing_sent();
        assert_int_equal(counted(LA_C_TCPACKSkippedChallenge), 7);
        after_ms(1000);
        seg("R 2:2");
        expect_sent("A 1:1 ack 1");
}

static void
fourth_syn_is_challenged(void **state)
{
        (void)state;
        established();
        seg("S 1:1");
        expect_sent("A 1:1 ack 1");
        expect_verdict(LA_V_SYN_CHALLENGED);
        expect_state(LA_ESTABLISHED);
}

static void
fifth_no_ack_is_dropped(void **state)
{
        (void)state;
        established();
        seg("P 1:11");
        expect_nothing_sent();
        expect_verdict(LA_V_NO_ACK);
        assert_int_equal(read_bytes(), 0);
}

static void
fifth_ack_of_what_was_not_sent(void **state)
{
        (void)state;
        established();
        seg("PA 1:11 ack 2");
        expect_sent("A 1:1 ack 1");
        expect_verdict(LA_V_ACK_NOT_SENT);
        assert_int_equal(read_bytes(), 0);
}

/* Shows MAY-12. */
static void
may_12_ack_too_old(void **state)
{
        (void)state;
        established();
        e.our_isn -= 70000;
        seg("PA 1:11 ack 1");
        e.our_isn += 70000;
        expect_sent("A 1:1 ack 1");
        expect_verdict(LA_V_ACK_TOO_OLD);
        assert_int_equal(read_bytes(), 0);
}

static void
syn_received_bad_ack_is_reset(void **state)
{
        (void)state;
        half_open();
        seg("A 1:1 ack 2");
        expect_sent("R 2:2");
        expect_verdict(LA_V_SYN_RECEIVED_BAD_ACK);
        expect_found(LA_SYN_RECEIVED);
        assert_int_equal(la_usage(e.stack).connections, 0);
}

/* Shows MUST-11. */
static void
syn_received_rst_goes_back_to_listen(void **state)
{
        (void)state;
        half_open();
        seg("R 1:1");
        expect_gone();
        assert_int_equal(la_state_count(e.stack, LA_LISTEN), 1);
        assert_int_equal(la_state_count(e.stack, LA_SYN_RECEIVED), 0);
        assert_int_equal(la_transition_count(e.stack, LA_T_SYN_RECEIVED_RCV_RST_PASSIVE), 1);
        assert_int_equal(la_usage(e.stack).half_open, 0);
}

static void
syn_received_syn_in_window_goes_back_to_listen(void **state)
{
        (void)state;
        half_open();
        seg("S 5:5");
        expect_gone();
        expect_verdict(LA_V_SYN_RECEIVED_BACK_TO_LISTEN);
}

static void
syn_again_gets_syn_ack_again(void **state)
{
        (void)state;
        half_open();
        seg("S 0:0 win 65535 mss 1460");
        expect_sent("SA 0:0 ack 1");
        expect_verdict(LA_V_SYN_RECEIVED_SYN_AGAIN);
}

static void
syn_ack_is_repeated_and_given_up(void **state)
{
        (void)state;
        half_open();
        for (int i = 0; i < 5; i++) {
                after_ms((1000u << i) - 1);
                expect_nothing_sent();
                after_ms(1);
                expect_sent("SA 0:0 ack 1");
        }
        after_ms(32000);
        expect_gone();
        assert_int_equal(la_transition_count(e.stack, LA_T_SYN_RECEIVED_GIVE_UP), 1);
}

static void
syn_sent_bad_ack(void **state)
{
        (void)state;
        connecting();
        seg("SA 0:0 ack 2");
        expect_sent("R 2:2");
        expect_state(LA_SYN_SENT);
        seg("RA 0:0 ack 2");
        expect_nothing_sent();
        expect_state(LA_SYN_SENT);
        seg("R 0:0");
        expect_state(LA_SYN_SENT);
        expect_verdict(LA_V_SYN_SENT_RST_NO_ACK);
        seg("A 0:0 ack 1");
        expect_nothing_sent();
        expect_verdict(LA_V_SYN_SENT_NO_SYN);
}

static void
text_in_the_syn_ack(void **state)
{
        (void)state;
        connecting();
        seg("SA 0:10 ack 1 win 65535 mss 1460");
        expect_sent("A 1:1 ack 11");
        expect_state(LA_ESTABLISHED);
        assert_int_equal(read_bytes(), 10);
}

static void
paws_refuses_old_timestamps(void **state)
{
        (void)state;
        established_with("mss 1460 ts 1000 0");
        seg("PA 1:11 ack 1 ts 1010 0");
        assert_int_equal(read_bytes(), 10);
        seg("PA 11:21 ack 1 ts 1005 0");
        expect_verdict(LA_V_PAWS);
        assert_int_equal(read_bytes(), 0);
        assert_int_equal(counted(LA_C_PAWSEstab), 1);
        seg("PA 11:21 ack 1 ts 1010 0");
        assert_int_equal(read_bytes(), 10);
}

/* RFC 7323 5.2: a reset is judged by its sequence number alone. */
static void
paws_leaves_resets_alone(void **state)
{
        (void)state;
        established_with("mss 1460 ts 1000 0");
        seg("R 1:1 ts 1 0");
        expect_state(LA_CLOSED);
}

/* Shows MUST-39. */
static void
must_39_window_moves_in_large_steps(void **state)
{
        (void)state;
        uint8_t bytes[1000];
        size_t n;

        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_RECEIVE_BUFFER, 65535), LA_OK);
        for (uint32_t at = 1; at < 14601; at += 1460) {
                char text[64];

                snprintf(text, sizeof text, "A %u:%u ack 1", at, at + 1460);
                seg(text);
        }
        after_ms(50);
        forget_sent();
        assert_int_equal(la_receive(e.stack, e.now, e.connection, bytes, 1000, &n), LA_OK);
        expect_nothing_sent();
        assert_int_equal(write_bytes(1), 1);
        expect_sent("PA 1:2 ack 14601 win 50935"); /* the 1000 bytes of room are not offered */
        assert_int_equal(la_receive(e.stack, e.now, e.connection, bytes, 460, &n), LA_OK);
        seg("A 14601:14601 ack 2");
        assert_int_equal(write_bytes(1), 1);
        expect_sent("PA 2:3 ack 14601 win 52395"); /* a segment's worth is */
}

static void
timestamps_echo_what_covers_the_last_ack(void **state)
{
        (void)state;
        established_with("mss 1460 ts 1000 0");
        forget_sent();
        knob("lastack.delayed_ack_ms", "40");
        seg("PA 1:11 ack 1 ts 1010 0");
        seg("PA 11:21 ack 1 ts 1020 0");
        after_ms(100);
        /* RFC 7323 4.3: the earliest of those acknowledged together. */
        expect_sent("A 1:1 ack 21 ts * 1010");
}

/* Shows SHLD-31, MAY-13. */
static void
ahead_of_a_gap_is_kept_and_reported(void **state)
{
        (void)state;
        established_with("mss 1460 sackok");
        seg("PA 101:201 ack 1");
        expect_sent("A 1:1 ack 1 sack 101:201");
        seg("PA 301:401 ack 1");
        expect_sent("A 1:1 ack 1 sack 301:401,101:201");
        seg("PA 201:301 ack 1");
        expect_sent("A 1:1 ack 1 sack 101:401");
        assert_int_equal(read_bytes(), 0);
        seg("PA 1:101 ack 1");
        expect_sent("A 1:1 ack 401");
        assert_int_equal(e.last.options.sack_count, 0);
        assert_int_equal(read_bytes(), 400);
        assert_int_equal(la_usage(e.stack).reassemblies, 0);
        assert_int_equal(la_usage(e.stack).chunks, 0);
}

static void
d_sack_for_what_came_twice(void **state)
{
        (void)state;
        established_with("mss 1460 sackok");
        seg("PA 1:101 ack 1");
        forget_sent();
        seg("PA 1:101 ack 1");
        expect_sent("A 1:1 ack 101 sack 1:101");
        assert_int_equal(counted(LA_C_TCPDSACKOldSent), 1);
        seg("PA 201:301 ack 1");
        expect_sent("A 1:1 ack 101 sack 201:301");
        seg("PA 201:301 ack 1");
        expect_sent("A 1:1 ack 101 sack 201:301,201:301");
}

static void
fin_ahead_of_a_gap_waits(void **state)
{
        (void)state;
        established();
        seg("FPA 101:201 ack 1");
        expect_sent("A 1:1 ack 1");
        expect_state(LA_ESTABLISHED);
        seg("PA 1:101 ack 1");
        expect_sent("A 1:1 ack 202");
        expect_state(LA_CLOSE_WAIT);
        assert_int_equal(read_bytes(), 200);
        assert_int_equal(la_usage(e.stack).reassemblies, 0);
}

static void
zero_window_takes_acks(void **state)
{
        (void)state;
        established();
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, LA_OPTION_RECEIVE_BUFFER, 1000), LA_OK);
        for (uint32_t at = 1; at < 65536; at += 1455) {
                char text[64];

                snprintf(text, sizeof text, "A %u:%u ack 1", at, at + 1455 < 65536 ? at + 1455 : 65536);
                seg(text);
        }
        after_ms(50);
        forget_sent();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ack 65536 win 0");
        seg("PA 65536:65546 ack 11");
        expect_sent("A 11:11 ack 65536 win 0");
        assert_int_equal(snapshot_now().send_queue, 0);
        assert_int_equal(read_bytes(), 65535);
        expect_sent("A 11:11 ack 65536 win 1000");
}

/* Shows MUST-30, MUST-32, MUST-33. */
static void
must_30_urgent_data_is_in_line(void **state)
{
        (void)state;
        established();
        events_now();
        seg("PAU 1:11 ack 1 urg 5");
        assert_true(events_now() & LA_HAPPENED_URGENT);
        assert_true(status_now().urgent);
        assert_int_equal(status_now().urgent_bytes, 5);
        assert_int_equal(read_bytes(), 10);
        assert_false(status_now().urgent);
        seg("AU 11:11 ack 1 urg 100");
        assert_true(events_now() & LA_HAPPENED_URGENT);
        assert_int_equal(status_now().urgent_bytes, 100);
}

/* Shows MUST-63. */
static void
nobody_answers_multicast(void **state)
{
        (void)state;
        struct segment s = { .family = LA_IPV4,
                             .syn = true,
                             .source = { { 224, 0, 0, 1 }, 5 },
                             .destination = { { 10, 0, 0, 1 }, LOCAL_PORT },
                             .ip = { .hop_limit = 3 } };
        struct la_packet p = { 0 };

        listening();
        p.header_bytes = (uint16_t)segment_build(&s, NULL, 0, SEGMENT_CHECKSUM_FULL, p.header);
        la_input(e.stack, e.now, &p, 1);
        expect_nothing_sent();
        expect_verdict(LA_V_BAD_ADDRESS);
}

/* Shows MUST-3. */
static void
must_3_wrong_checksum_is_dropped(void **state)
{
        (void)state;
        struct segment s = { .family = LA_IPV4,
                             .syn = true,
                             .source = { { 10, 0, 0, 2 }, 5 },
                             .destination = { { 10, 0, 0, 1 }, LOCAL_PORT },
                             .ip = { .hop_limit = 3 } };
        struct la_packet p = { 0 };

        listening();
        p.header_bytes = (uint16_t)segment_build(&s, NULL, 0, SEGMENT_CHECKSUM_FULL, p.header);
        p.header[36] ^= 1;
        la_input(e.stack, e.now, &p, 1);
        expect_nothing_sent();
        expect_verdict(LA_V_TCP_BAD_CHECKSUM);
        assert_int_equal(counted(LA_C_InCsumErrors), 1);
}

static void
every_truncation_is_refused(void **state)
{
        (void)state;
        struct segment s = { .family = LA_IPV4,
                             .syn = true,
                             .source = { { 10, 0, 0, 2 }, 5 },
                             .destination = { { 10, 0, 0, 1 }, LOCAL_PORT },
                             .ip = { .hop_limit = 3 },
                             .options = { .has_mss = true, .mss_bytes = 1460 } };
        uint8_t header[SEGMENT_HEADER_MAX];
        size_t n = segment_build(&s, NULL, 0, SEGMENT_CHECKSUM_FULL, header);

        listening();
        for (size_t length = 0; length < n; length++) {
                uint8_t *copy = malloc(length + 1);
                struct la_packet p = { .parts = 1, .part = { { copy, length } } };

                memcpy(copy, header, length);
                copy = realloc(copy, length ? length : 1);
                p.part[0].bytes = copy;
                la_input(e.stack, e.now, &p, 1);
                free(copy);
                expect_nothing_sent();
        }
        assert_int_equal(la_state_count(e.stack, LA_SYN_RECEIVED), 0);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(first_not_acceptable_is_acknowledged),
                engine_test(first_empty_unacceptable_segments_do_not_loop),
                engine_test(first_only_the_new_part_counts),
                engine_test(second_exact_rst_resets),
                engine_test(second_inexact_rst_is_challenged),
                engine_test(challenges_are_limited),
                engine_test(fourth_syn_is_challenged),
                engine_test(fifth_no_ack_is_dropped),
                engine_test(fifth_ack_of_what_was_not_sent),
                engine_test(may_12_ack_too_old),
                engine_test(syn_received_bad_ack_is_reset),
                engine_test(syn_received_rst_goes_back_to_listen),
                engine_test(syn_received_syn_in_window_goes_back_to_listen),
                engine_test(syn_again_gets_syn_ack_again),
                engine_test(syn_ack_is_repeated_and_given_up),
                engine_test(syn_sent_bad_ack),
                engine_test(text_in_the_syn_ack),
                engine_test(paws_refuses_old_timestamps),
                engine_test(paws_leaves_resets_alone),
                engine_test(must_39_window_moves_in_large_steps),
                engine_test(timestamps_echo_what_covers_the_last_ack),
                engine_test(ahead_of_a_gap_is_kept_and_reported),
                engine_test(d_sack_for_what_came_twice),
                engine_test(fin_ahead_of_a_gap_waits),
                engine_test(zero_window_takes_acks),
                engine_test(must_30_urgent_data_is_in_line),
                engine_test(nobody_answers_multicast),
                engine_test(must_3_wrong_checksum_is_dropped),
                engine_test(every_truncation_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
