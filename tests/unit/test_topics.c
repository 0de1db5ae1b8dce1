/* SPDX-License-Identifier: BSD-2-Clause */
/* What people ask `lastack explain` for, in their own words; and what they are offered for words that are none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/nearest.h"
#include "cli/topics.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* A topic in one word of ours, as the tables below write it. */
static const char *
described(const struct topic *t, char *buffer, size_t size)
{
        switch (t->kind) {
        case TOPIC_STATE:
                snprintf(buffer, size, "%s", la_state_name(t->from));
                break;
        case TOPIC_STEP:
                snprintf(buffer, size, "%s->%s", la_state_name(t->from), la_state_name(t->to));
                break;
        case TOPIC_ROW:
                snprintf(buffer, size, "row:%s", la_transition_info(t->row)->id);
                break;
        case TOPIC_KNOB:
                snprintf(buffer, size, "%s", t->knob->name);
                break;
        case TOPIC_STATES:
                snprintf(buffer, size, "states");
                break;
        case TOPIC_TRANSITIONS:
                snprintf(buffer, size, "transitions");
                break;
        case TOPIC_KNOBS:
                snprintf(buffer, size, "knobs");
                break;
        case TOPIC_DIAGRAM:
                snprintf(buffer, size, "diagram");
                break;
        }
        return buffer;
}

/* All topics of a text, separated by blanks; or what was wrong with it. */
static const char *
understood(const char *text, char *buffer, size_t size)
{
        struct topic *topics;
        struct topic_error error;
        size_t count;
        char one[80];

        if (topics_parse(text, &topics, &count, &error) == -EINVAL) {
                snprintf(buffer, size, "%s:%s", error.state_expected ? "no state" : "unknown", error.word);
                return buffer;
        }
        buffer[0] = '\0';
        for (size_t i = 0; i < count; i++) {
                size_t used = strlen(buffer);
                snprintf(buffer + used, size - used, "%s%s", i > 0 ? " " : "", described(&topics[i], one, sizeof(one)));
        }
        free(topics);
        return buffer;
}

struct reading {
        const char *text;
        const char *meant;
};

static void
expect(const struct reading *readings, size_t count)
{
        char buffer[256];

        for (size_t i = 0; i < count; i++) {
                const char *got = understood(readings[i].text, buffer, sizeof(buffer));

                if (strcmp(got, readings[i].meant) != 0)
                        fail_msg("\"%s\" was read as \"%s\", not \"%s\"", readings[i].text, got, readings[i].meant);
        }
}

static void
states(void **unused)
{
        static const struct reading readings[] = {
                { "TIME_WAIT", "TIME_WAIT" },
                { "time-wait", "TIME_WAIT" },
                { "TIMEWAIT", "TIME_WAIT" },
                { "time wait", "TIME_WAIT" },
                { "SYN_RCVD", "SYN_RECEIVED" },
                { "SYN_RECV", "SYN_RECEIVED" },
                { "SYN-RECEIVED", "SYN_RECEIVED" },
                { "FIN_WAIT1", "FIN_WAIT_1" },
                { "FIN_WAIT_2", "FIN_WAIT_2" },
                { "fin wait 2", "FIN_WAIT_2" },
                { "FIN WAIT2", "FIN_WAIT_2" },
                { "close wait", "CLOSE_WAIT" },
                { "close", "CLOSED" },
                { "TIME_WAIT CLOSE_WAIT", "TIME_WAIT CLOSE_WAIT" },
                { "time wait close wait fin wait 1 listen", "TIME_WAIT CLOSE_WAIT FIN_WAIT_1 LISTEN" },
                { "  LISTEN\t\n", "LISTEN" },
                { "", "" },
                { " \t ", "" },
        };

        (void)unused;
        expect(readings, COUNT(readings));
}

static void
transitions(void **unused)
{
        static const struct reading readings[] = {
                { "FIN_WAIT_1 -> CLOSING", "FIN_WAIT_1->CLOSING" },
                { "FIN_WAIT_1->CLOSING", "FIN_WAIT_1->CLOSING" },
                { "FIN-WAIT-1-->CLOSING", "FIN_WAIT_1->CLOSING" },
                { "FIN_WAIT_1→CLOSING", "FIN_WAIT_1->CLOSING" },
                { "FIN_WAIT_1 → CLOSING", "FIN_WAIT_1->CLOSING" },
                { "FIN_WAIT_1 => CLOSING", "FIN_WAIT_1->CLOSING" },
                { "FIN_WAIT_1>CLOSING", "FIN_WAIT_1->CLOSING" },
                { "fin-wait-1 to closing", "FIN_WAIT_1->CLOSING" },
                { "fin wait 1 TO time wait", "FIN_WAIT_1->TIME_WAIT" },
                { "estab -> fin-wait-1 listen", "ESTABLISHED->FIN_WAIT_1 LISTEN" },
                { "CLOSED -> CLOSED", "CLOSED->CLOSED" },
                { "FIN_WAIT_1_RCV_FIN", "row:FIN_WAIT_1_RCV_FIN" },
                { "fin-wait-1-rcv-fin", "row:FIN_WAIT_1_RCV_FIN" },
                { "time_wait_timeout", "row:TIME_WAIT_TIMEOUT" },
        };

        (void)unused;
        expect(readings, COUNT(readings));
}

static void
knobs_and_lists(void **unused)
{
        static const struct reading readings[] = {
                { "tcp_tw_reuse", "net.ipv4.tcp_tw_reuse" },
                { "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_fin_timeout" },
                { "net/ipv4/tcp_fin_timeout", "net.ipv4.tcp_fin_timeout" },
                { "/proc/sys/net/ipv4/tcp_fin_timeout", "net.ipv4.tcp_fin_timeout" },
                { "tcp-fin-timeout", "net.ipv4.tcp_fin_timeout" },
                { "SOMAXCONN", "net.core.somaxconn" },
                { "states", "states" },
                { "Transitions knobs", "transitions knobs" },
                { "diagram", "diagram" },
                { "tcp_sack TIME_WAIT knobs", "net.ipv4.tcp_sack TIME_WAIT knobs" },
        };

        (void)unused;
        expect(readings, COUNT(readings));
}

static void
what_is_wrong_is_named(void **unused)
{
        static const struct reading readings[] = {
                { "TIME_WAITT", "unknown:TIME_WAITT" },
                { "LISTEN xyzzy CLOSED", "unknown:xyzzy" },
                { "FIN_WAIT_1 -> xyzzy", "no state:xyzzy" },
                { "FIN_WAIT_1 -> tcp_sack", "no state:tcp_sack" },
                { "xyzzy -> CLOSED", "no state:xyzzy" },
                { "tcp_sack -> CLOSED", "no state:" },
                { "FIN_WAIT_1 ->", "no state:" },
                { "-> CLOSED", "no state:" },
                { "FIN_WAIT_1 -> -> CLOSED", "no state:" },
                { "->", "no state:" },
                { "a\033[31mb", "unknown:a?[31mb" },
                { "--", "unknown:--" },
        };

        (void)unused;
        expect(readings, COUNT(readings));
}

static void
words_of_any_length_are_survived(void **unused)
{
        const size_t size = 100000;
        char *text = malloc(size + 1), buffer[256];

        (void)unused;
        assert_non_null(text);
        for (const char *c = "x-=>_ "; *c != '\0'; c++) {
                memset(text, *c, size);
                text[size] = '\0';
                understood(text, buffer, sizeof(buffer));
                if (*c == 'x')
                        assert_int_equal(strlen(buffer), strlen("unknown:") + TOPIC_WORD_SIZE - 1);
        }
        free(text);
}

/* ---- Nearest ---- */

static void
expect_nearest(const char *word, bool states_only, const char *first)
{
        const char *names[NEAREST_MAX];
        size_t count = nearest_names(word, states_only, names);

        if (!first && count > 0)
                fail_msg("\"%s\" is taken for %s", word, names[0]);
        if (first && (count == 0 || strcmp(names[0], first) != 0))
                fail_msg("\"%s\" is taken for %s, not for %s", word, count > 0 ? names[0] : "nothing", first);
}

static void
misspellings_are_recognized(void **unused)
{
        (void)unused;
        expect_nearest("TIMEWAITT", false, "TIME_WAIT");
        expect_nearest("TIEM_WAIT", false, "TIME_WAIT");
        expect_nearest("SYN_RECVD", false, "SYN_RECEIVED");
        expect_nearest("ESTABLISED", false, "ESTABLISHED");
        expect_nearest("tcp_fin_timout", false, "tcp_fin_timeout");
        expect_nearest("net.ipv4.tcp_fin_timout", false, "tcp_fin_timeout");
        expect_nearest("/proc/sys/net/core/somaxcon", false, "somaxconn");
        expect_nearest("fin_timeout", false, "tcp_fin_timeout");
        expect_nearest("syncookies", false, "tcp_syncookies");
        expect_nearest("ESTABLISHED_RCV_RSTT", false, "ESTABLISHED_RCV_RST");
        expect_nearest("state", false, "states");
        expect_nearest("CLOSNG", true, "CLOSING");
        expect_nearest("tcp_fin_timout", true, NULL);
}

static void
strangers_are_nobody(void **unused)
{
        (void)unused;
        expect_nearest("", false, NULL);
        expect_nearest("q", false, NULL);
        expect_nearest("xyzzy", false, NULL);
        expect_nearest("->", false, NULL);
        expect_nearest("net.ipv4.", false, NULL);
        expect_nearest("0123456789012345678901234567890123456789012345678901234567890123", false, NULL);
}

static void
a_part_finds_all_that_have_it(void **unused)
{
        const char *names[NEAREST_MAX];

        (void)unused;
        assert_int_equal(nearest_names("wait", true, names), 4);
        assert_string_equal(names[0], "FIN_WAIT_1");
        assert_string_equal(names[3], "TIME_WAIT");
}

/* Each name is what is nearest to itself, and to itself with a letter too many. */
static void
each_name_is_found_again(void **unused)
{
        char word[80];

        (void)unused;
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++) {
                snprintf(word, sizeof(word), "%sx", la_state_name((enum la_state)i));
                expect_nearest(word, false, la_state_name((enum la_state)i));
        }
        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                snprintf(word, sizeof(word), "%sx", la_knob_info((enum la_knob)i)->leaf);
                expect_nearest(word, false, la_knob_info((enum la_knob)i)->leaf);
        }
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(states),
                cmocka_unit_test(transitions),
                cmocka_unit_test(knobs_and_lists),
                cmocka_unit_test(what_is_wrong_is_named),
                cmocka_unit_test(words_of_any_length_are_survived),
                cmocka_unit_test(misspellings_are_recognized),
                cmocka_unit_test(strangers_are_nobody),
                cmocka_unit_test(a_part_finds_all_that_have_it),
                cmocka_unit_test(each_name_is_found_again),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
