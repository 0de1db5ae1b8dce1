/* SPDX-License-Identifier: BSD-2-Clause */
/* What `lastack explain` answers: all that the tables say, and what a knob is set to. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "cli/explain.h"
#include "cli/knob_value.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- Knobs of a machine that there is not ---- */

static const char *knob_value; /* NULL: the knob is not there */
static int knob_error = -ENOENT;

static int
knob_text(const struct la_knob_info *knob, char **ret_text)
{
        (void)knob;
        if (!knob_value)
                return knob_error;
        *ret_text = strdup(knob_value);
        return *ret_text ? 0 : -ENOMEM;
}

static char *
answered(const char *question, unsigned int width, void (*answer)(const struct explain *))
{
        struct topic *topics;
        struct topic_error error;
        struct explain e = { .terminal.width = width, .knob_text = knob_text };
        char *text = NULL;
        size_t size;

        assert_int_equal(topics_parse(question, &topics, &e.topic_count, &error), 0);
        e.topics = topics;
        e.terminal.file = open_memstream(&text, &size);
        assert_non_null(e.terminal.file);
        answer(&e);
        fclose(e.terminal.file);
        free(topics);
        return text;
}

static char *
told(const char *question)
{
        return answered(question, 80, explain_text);
}

/* Does the page have these words, wherever its lines break? */
static bool
says(const char *page, const char *words)
{
        for (; *page != '\0'; page++) {
                const char *p = page, *w = words;

                while (*w != '\0' && (*p == *w || (*p == '\n' && *w == ' ') || (*p == '\n' && *w == '\n'))) {
                        bool broken = *p == '\n';
                        p++;
                        w++;
                        while (broken && *p == ' ')
                                p++;
                }
                if (*w == '\0')
                        return true;
        }
        return false;
}

static void
expect_said(const char *page, const char *words)
{
        if (!says(page, words))
                fail_msg("\"%s\" is not said in:\n%s", words, page);
}

/* ---- Pages ---- */

static void
a_state_is_told_whole(void **unused)
{
        (void)unused;
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++) {
                const struct la_state_info *s = la_state_info((enum la_state)i);
                const char *const texts[] = { s->name, s->brief,  s->meaning, s->who,
                                              s->ends, s->normal, s->fault,   s->helps };
                char *page = told(s->name);

                for (size_t j = 0; j < COUNT(texts); j++)
                        expect_said(page, texts[j]);
                free(page);
        }
}

static void
a_state_has_its_rows_and_knobs(void **unused)
{
        char *page = told("fin-wait-2");

        (void)unused;
        expect_said(page, "RFC 9293 3.3.2; Linux: TCP_FIN_WAIT2, number 5; ss: fin-wait-2");
        expect_said(page, "Ways in\nFIN_WAIT_1 ->    rcv ACK of FIN\n");
        expect_said(page, "Ways out\n-> TIME_WAIT     rcv FIN / snd ACK\n");
        expect_said(page, "-> CLOSED        FIN_WAIT_2 timeout");
        expect_said(page, "tcp_fin_timeout          how long an orphan stays in FIN_WAIT_2");
        assert_false(says(page, "tcp_tw_reuse  "));
        free(page);
}

static void
a_transition_is_told_whole(void **unused)
{
        (void)unused;
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                const struct la_transition_info *t = la_transition_info((enum la_transition)i);
                char *page = told(t->id);

                expect_said(page, t->id);
                expect_said(page, t->trigger);
                expect_said(page, t->answer);
                expect_said(page, t->section);
                expect_said(page, t->sentence);
                free(page);
        }
}

static void
all_rows_between_two_states_are_told(void **unused)
{
        char *page = told("ESTABLISHED -> CLOSED");

        (void)unused;
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                const struct la_transition_info *t = la_transition_info((enum la_transition)i);
                bool asked = t->from == LA_ESTABLISHED && t->to == LA_CLOSED;

                if (says(page, t->sentence) != asked)
                        fail_msg("%s is %s", t->id, asked ? "missing" : "too much");
        }
        assert_false(says(page, "Not legal"));
        free(page);
}

static void
what_is_not_legal_is_said_and_the_way_shown(void **unused)
{
        char *page = told("CLOSE_WAIT -> ESTABLISHED");

        (void)unused;
        expect_said(page, "Not legal: no event takes a connection from CLOSE_WAIT to ESTABLISHED in one step.");
        expect_said(page, "CLOSE_WAIT -> LAST_ACK          CLOSE / snd FIN\n");
        expect_said(page, "a new connection");
        free(page);

        page = told("SYN_RECEIVED -> FIN_WAIT_2");
        assert_false(says(page, "a new connection"));
        free(page);

        page = told("CLOSED -> CLOSED");
        expect_said(page, "That is the same state");
        assert_false(says(page, "Not legal"));
        free(page);
}

static void
a_knob_is_told_whole(void **unused)
{
        (void)unused;
        knob_value = NULL;
        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                const struct la_knob_info *k = la_knob_info((enum la_knob)i);
                const char *const texts[] = { k->name,     k->brief,  k->standard, k->standard_note,
                                              k->accepts,  k->effect, k->risk,     k->mistaken,
                                              k->versions, k->states, k->source };
                char *page = told(k->leaf);

                for (size_t j = 0; j < COUNT(texts); j++)
                        expect_said(page, texts[j]);
                free(page);
        }
}

static void
expect_here(const char *knob, const char *value, int error, const char *words)
{
        char line[256], *page;

        knob_value = value;
        knob_error = error;
        page = told(knob);
        snprintf(line, sizeof(line), "Here          %s", words);
        expect_said(page, line);
        free(page);
}

static void
a_knob_s_value_is_judged(void **unused)
{
        (void)unused;
        expect_here("tcp_fin_timeout", "60", 0, "60 s (the default)\n");
        expect_here("tcp_fin_timeout", "30", 0, "30 s (not the default)\n");
        expect_here("tcp_fin_timeout", "-1", 0, "-1 s (outside what makes sense)\n");
        expect_here("ip_local_port_range", "32768 60999", 0, "32768 60999 (the default)\n");
        expect_here("tcp_max_tw_buckets", "131072", 0, "131072 connections\n");
        expect_here("ip_local_reserved_ports", "", 0, "empty\n");
        expect_here("tcp_congestion_control", "bbr", 0, "bbr\n");
        expect_here("tcp_tw_recycle", NULL, -ENOENT, "not there: it went away with Linux 4.12");
        expect_here("tcp_tw_reuse_delay", NULL, -ENOENT, "not there: it came with Linux 6.14");
        expect_here("tcp_max_orphans", NULL, -ENOENT, "not there: only the first network namespace has it");
        expect_here("tcp_sack", NULL, -ENOENT, "not there (this is Linux ");
        expect_here("tcp_sack", NULL, -EACCES, "cannot be read: Permission denied");
}

static void
several_topics_follow_each_other(void **unused)
{
        char *page = told("LISTEN CLOSED -> LISTEN knobs");

        (void)unused;
        expect_said(page, "LISTEN  waiting for whoever connects");
        expect_said(page, "\n\nCLOSED -> LISTEN\n");
        expect_said(page, "\n\nKnobs of Linux's TCP\n");
        free(page);
}

static void
without_a_topic_it_draws(void **unused)
{
        char *page = told(""), *narrow;

        (void)unused;
        expect_said(page, ">|     LISTEN     +");
        expect_said(page, "lastack explain TIME_WAIT");
        free(page);

        narrow = answered("", 78, explain_text);
        expect_said(narrow, "The diagram needs 79 columns, and here are 78.");
        expect_said(narrow, la_state_info(LA_CLOSE_WAIT)->brief);
        free(narrow);
}

/* No page is wider than the terminal, but for words that are; and no line ends with a blank. */
static void
expect_fits(const char *question, unsigned int width)
{
        char *text = answered(question, width, explain_text);

        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
                const char *words = line + strspn(line, " ");

                if (strlen(line) > width && strchr(words, ' '))
                        fail_msg("%s: wider than %u: \"%s\"", question, width, line);
                if (line[strlen(line) - 1] == ' ')
                        fail_msg("%s: a blank ends \"%s\"", question, line);
        }
        free(text);
}

static void
pages_fit_the_terminal(void **unused)
{
        static const unsigned int widths[] = { 20, 21, 33, 60, 80, 100, 200 };

        (void)unused;
        knob_value = "1";
        for (size_t i = 0; i < COUNT(widths); i++) {
                expect_fits("diagram states transitions knobs CLOSED->CLOSE_WAIT FIN_WAIT_1->CLOSED", widths[i]);
                for (unsigned int state = 0; state < LA_STATE_COUNT; state++)
                        expect_fits(la_state_name((enum la_state)state), widths[i]);
                for (unsigned int row = 0; row < LA_TRANSITION_COUNT; row++)
                        expect_fits(la_transition_info((enum la_transition)row)->id, widths[i]);
                for (unsigned int knob = 0; knob < LA_KNOB_COUNT; knob++)
                        expect_fits(la_knob_info((enum la_knob)knob)->leaf, widths[i]);
        }
}

/* ---- JSON ---- */

static json_t *
document(const char *question)
{
        char *text = answered(question, 0, explain_json);
        json_error_t error;
        json_t *d = json_loads(text, JSON_REJECT_DUPLICATES, &error);

        if (!d)
                fail_msg("%s: %s", error.text, text);
        assert_int_equal(strchr(text, '\n') - text, strlen(text) - 1);
        free(text);
        return d;
}

static void
expect_sizes(const json_t *d, size_t states, size_t transitions, size_t knobs, size_t steps)
{
        assert_int_equal(json_object_size(d), 4);
        assert_int_equal(json_array_size(json_object_get(d, "states")), states);
        assert_int_equal(json_array_size(json_object_get(d, "transitions")), transitions);
        assert_int_equal(json_array_size(json_object_get(d, "knobs")), knobs);
        assert_int_equal(json_array_size(json_object_get(d, "steps")), steps);
}

static void
json_has_what_was_asked(void **unused)
{
        static const struct {
                const char *question;
                size_t states, transitions, knobs, steps;
        } cases[] = {
                { "", LA_STATE_COUNT, LA_TRANSITION_COUNT, LA_KNOB_COUNT, 0 },
                { "states", LA_STATE_COUNT, 0, 0, 0 },
                { "transitions", 0, LA_TRANSITION_COUNT, 0, 0 },
                { "knobs", 0, 0, LA_KNOB_COUNT, 0 },
                { "TIME_WAIT tcp_sack tcp_rmem", 1, 0, 2, 0 },
                { "FIN_WAIT_1_RCV_FIN", 0, 1, 0, 0 },
                { "FIN_WAIT_1->CLOSING CLOSE_WAIT->ESTABLISHED", 0, 1, 0, 2 },
        };

        (void)unused;
        knob_value = "1";
        for (size_t i = 0; i < COUNT(cases); i++) {
                json_t *d = document(cases[i].question);
                expect_sizes(d, cases[i].states, cases[i].transitions, cases[i].knobs, cases[i].steps);
                json_decref(d);
        }
}

static const char *
text_of(const json_t *object, const char *key)
{
        const char *text = json_string_value(json_object_get(object, key));

        return text ? text : "(none)";
}

static void
json_tells_a_state(void **unused)
{
        json_t *d = document("time-wait");
        const json_t *s = json_array_get(json_object_get(d, "states"), 0);
        const struct la_state_info *info = la_state_info(LA_TIME_WAIT);

        (void)unused;
        assert_string_equal(text_of(s, "name"), "TIME_WAIT");
        assert_int_equal(json_integer_value(json_object_get(s, "linux_number")), 6);
        assert_string_equal(text_of(s, "actor"), "timer");
        assert_string_equal(text_of(s, "helps"), info->helps);
        assert_string_equal(json_string_value(json_array_get(json_object_get(s, "out"), 0)), "TIME_WAIT_TIMEOUT");
        assert_string_equal(json_string_value(json_array_get(json_object_get(s, "knobs"), 0)), "net.ipv4.tcp_tw_reuse");
        json_decref(d);
}

static void
json_tells_a_knob(void **unused)
{
        json_t *d;
        const json_t *k;

        (void)unused;
        knob_value = "30";
        d = document("tcp_fin_timeout");
        k = json_array_get(json_object_get(d, "knobs"), 0);
        assert_string_equal(text_of(k, "name"), "net.ipv4.tcp_fin_timeout");
        assert_string_equal(text_of(k, "value"), "30");
        assert_string_equal(text_of(k, "default"), "60");
        assert_int_equal(json_integer_value(json_object_get(k, "max")), 120);
        assert_string_equal(json_string_value(json_array_get(json_object_get(k, "states"), 0)), "FIN_WAIT_2");
        json_decref(d);

        knob_value = NULL;
        d = document("tcp_tw_recycle");
        k = json_array_get(json_object_get(d, "knobs"), 0);
        assert_null(json_object_get(k, "value"));
        assert_string_equal(text_of(k, "removed"), "4.12");
        assert_int_equal(json_array_size(json_object_get(k, "versions")), 3);
        json_decref(d);
}

static void
json_tells_a_step(void **unused)
{
        json_t *d = document("FIN_WAIT_1->CLOSING CLOSE_WAIT->ESTABLISHED");
        const json_t *legal = json_array_get(json_object_get(d, "steps"), 0);
        const json_t *illegal = json_array_get(json_object_get(d, "steps"), 1);

        (void)unused;
        assert_true(json_is_true(json_object_get(legal, "legal")));
        assert_null(json_object_get(legal, "way"));
        assert_true(json_is_false(json_object_get(illegal, "legal")));
        assert_int_equal(json_array_size(json_object_get(illegal, "way")), 4);
        assert_string_equal(json_string_value(json_array_get(json_object_get(illegal, "way"), 0)), "CLOSE_WAIT_CLOSE");
        json_decref(d);
}

/* ---- Values ---- */

static void
values_are_compared_without_their_blanks(void **unused)
{
        (void)unused;
        assert_true(knob_value_same("32768\t60999", "32768 60999"));
        assert_true(knob_value_same(" 1 ", "1"));
        assert_true(knob_value_same("", " "));
        assert_false(knob_value_same("1", "11"));
        assert_false(knob_value_same("1 2", "1"));
        assert_false(knob_value_same("1 2", "12"));
}

static void
values_outside_the_sane_range_are_recognized(void **unused)
{
        static const struct {
                enum la_knob knob;
                const char *value;
                bool sane;
        } cases[] = {
                { LA_K_tcp_fin_timeout, "60", true },
                { LA_K_tcp_fin_timeout, "4", false },
                { LA_K_tcp_fin_timeout, "-1", false },
                { LA_K_tcp_fin_timeout, "x", false },
                { LA_K_tcp_fin_timeout, "", false },
                { LA_K_tcp_rmem, "4096 131072 6291456", true },
                { LA_K_tcp_rmem, "4096 131072 1", false },
                { LA_K_tcp_rmem, "8192 4096 6291456", false },
                { LA_K_ip_local_port_range, "1024 65535", true },
                { LA_K_ip_local_port_range, "80 65535", false },
                { LA_K_ip_local_reserved_ports, "", true },
                { LA_K_ip_local_reserved_ports, "8080,9000-9005", true },
                { LA_K_ip_local_reserved_ports, "0-1", false },
                { LA_K_tcp_congestion_control, "bbr", true },
        };

        (void)unused;
        for (size_t i = 0; i < COUNT(cases); i++)
                if (knob_value_sane(la_knob_info(cases[i].knob), cases[i].value) != cases[i].sane)
                        fail_msg("%s = \"%s\"", la_knob_info(cases[i].knob)->leaf, cases[i].value);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_state_is_told_whole),
                cmocka_unit_test(a_state_has_its_rows_and_knobs),
                cmocka_unit_test(a_transition_is_told_whole),
                cmocka_unit_test(all_rows_between_two_states_are_told),
                cmocka_unit_test(what_is_not_legal_is_said_and_the_way_shown),
                cmocka_unit_test(a_knob_is_told_whole),
                cmocka_unit_test(a_knob_s_value_is_judged),
                cmocka_unit_test(several_topics_follow_each_other),
                cmocka_unit_test(without_a_topic_it_draws),
                cmocka_unit_test(pages_fit_the_terminal),
                cmocka_unit_test(json_has_what_was_asked),
                cmocka_unit_test(json_tells_a_state),
                cmocka_unit_test(json_tells_a_knob),
                cmocka_unit_test(json_tells_a_step),
                cmocka_unit_test(values_are_compared_without_their_blanks),
                cmocka_unit_test(values_outside_the_sane_range_are_recognized),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
