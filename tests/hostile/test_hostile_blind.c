/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 5961: somebody who knows addresses and ports, but not the numbers, tries them. */
#include "../unit/engine.h"

#define STEPS 4096

static void
say(const char *flags, uint32_t seq, uint32_t text, uint32_t ack)
{
        char line[96];

        snprintf(line, sizeof line, "%s %u:%u ack %u", flags, seq, seq + text, ack);
        seg(line);
}

static uint32_t
window_now(void)
{
        uint32_t window;

        established();
        seg("PA 1:2 ack 1");
        after_ms(100);
        expect_sent("A 1:1 ack 2");
        window = e.last.window;
        assert_int_equal(read_bytes(), 1);
        forget_sent();
        e.now += 2000000;
        return window;
}

static void
expect_untouched(uint32_t rcv_nxt)
{
        struct la_status s = status_now();

        assert_int_equal(s.state, LA_ESTABLISHED);
        assert_int_equal(s.rcv_nxt - e.peer_isn, rcv_nxt);
        assert_int_equal(s.snd_una - e.our_isn, 1);
        assert_int_equal(s.readable_bytes, 0);
}

/* Section 3: over the whole window, only the one number resets; all others there are challenged, within the limit. */
static void
resets_in_the_window(void **state)
{
        (void)state;
        uint32_t window = window_now(), challenged = 0, sent = 0;

        knob("lastack.challenge_ack_limit", "100");
        for (uint32_t at = 3; at < 2 + window; at += 1 + window / STEPS) {
                say("R", at, 0, 0);
                challenged++;
                collect();
                sent += (uint32_t)e.sent_count;
                e.sent_first = e.sent_count = 0;
                expect_untouched(2);
        }
        assert_true(challenged > STEPS / 2);
        assert_int_equal(la_verdict_count(e.stack, LA_V_RST_CHALLENGED), challenged);
        assert_in_range(sent, 1, 100); /* all in the same second */
        assert_int_equal(counted(LA_C_TCPACKSkippedChallenge), challenged - sent);
        e.now += 1000000;
        say("R", 3, 0, 0);
        expect_sent("A 1:1 ack 2");
        say("R", 2, 0, 0);
        expect_state(LA_CLOSED);
}

static void
resets_outside_the_window(void **state)
{
        (void)state;
        uint32_t window = window_now();
        uint64_t tried = 0;

        for (uint64_t off = window; off < UINT32_MAX; off += UINT32_MAX / STEPS, tried++)
                say("R", 2 + (uint32_t)off, 0, 0);
        say("R", 1, 0, 0);
        say("R", 2 + window, 0, 0);
        expect_nothing_sent();
        assert_int_equal(la_verdict_count(e.stack, LA_V_NOT_ACCEPTABLE_RST), tried + 2);
        expect_untouched(2);
}

/* Section 4: no SYN, with or without ACK, ends or changes a connection. */
static void
syns_anywhere(void **state)
{
        (void)state;
        uint32_t window = window_now();

        for (uint64_t off = 0; off < UINT32_MAX; off += UINT32_MAX / STEPS) {
                say("S", (uint32_t)off, 0, 0);
                say("SA", 2 + (uint32_t)(off % window), 0, 1);
                forget_sent();
        }
        expect_untouched(2);
        assert_true(counted(LA_C_TCPChallengeACK) > 0);
        assert_int_equal(la_usage(e.stack).half_open, 0);
}

/* Section 5: text counts only if its acknowledgment lies within one peer's window below SND.UNA, or in what was sent. */
static void
text_in_the_window(void **state)
{
        (void)state;
        uint32_t window = window_now();
        uint64_t refused = 0;

        for (uint64_t off = 1; off < UINT32_MAX - 65536; off += UINT32_MAX / STEPS) {
                say("PA", 2, 10, 1 + (uint32_t)off);
                say("PA", 2 + (uint32_t)(off % (window - 10)), 10, 1 + (uint32_t)off);
                refused += 2;
                forget_sent();
        }
        expect_untouched(2);
        assert_int_equal(la_verdict_count(e.stack, LA_V_ACK_NOT_SENT) + la_verdict_count(e.stack, LA_V_ACK_TOO_OLD),
                         refused);
        assert_int_equal(la_usage(e.stack).chunks, 0);
        assert_int_equal(la_usage(e.stack).reassemblies, 0);
        say("PA", 2, 10, 1);
        assert_int_equal(status_now().readable_bytes, 10);
}

static void
fins_in_the_window(void **state)
{
        (void)state;
        window_now();
        for (uint64_t off = 1; off < UINT32_MAX - 65536; off += UINT32_MAX / STEPS) {
                say("FA", 2, 0, 1 + (uint32_t)off);
                forget_sent();
        }
        expect_untouched(2);
        assert_int_equal(la_state_count(e.stack, LA_CLOSE_WAIT), 0);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(resets_in_the_window),      engine_test6(resets_in_the_window),
                engine_test(resets_outside_the_window), engine_test(syns_anywhere),
                engine_test(text_in_the_window),        engine_test(fins_in_the_window),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
