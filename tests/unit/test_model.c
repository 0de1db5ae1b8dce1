/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of states and transitions: that they are whole, and that names are found in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lastack/model.h"
#include "lastack/snapshot.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- States ---- */

static void
state_by_any_spelling(void **unused)
{
        static const struct {
                const char *word;
                enum la_state state;
        } spellings[] = {
                { "CLOSED", LA_CLOSED },
                { "close", LA_CLOSED },
                { "TCP_CLOSE", LA_CLOSED },
                { "unconn", LA_CLOSED },
                { "UNCONN", LA_CLOSED },
                { "unconnected", LA_CLOSED },
                { "bound-inactive", LA_CLOSED },
                { "LISTEN", LA_LISTEN },
                { "listening", LA_LISTEN },
                { "Listen", LA_LISTEN },
                { "tcp_listen", LA_LISTEN },
                { "syn-sent", LA_SYN_SENT },
                { "SYNSENT", LA_SYN_SENT },
                { "syn sent", LA_SYN_SENT },
                { "SYN_RCVD", LA_SYN_RECEIVED },
                { "SYN_RECV", LA_SYN_RECEIVED },
                { "SYN-RECEIVED", LA_SYN_RECEIVED },
                { "synrecv", LA_SYN_RECEIVED },
                { "SYN RCVD", LA_SYN_RECEIVED },
                { "syn-rcv", LA_SYN_RECEIVED },
                { "TCP_NEW_SYN_RECV", LA_SYN_RECEIVED },
                { "estab", LA_ESTABLISHED },
                { "ESTABLISHED", LA_ESTABLISHED },
                { "TCPS_ESTABLISHED", LA_ESTABLISHED },
                { "FIN_WAIT1", LA_FIN_WAIT_1 },
                { "FIN-WAIT-1", LA_FIN_WAIT_1 },
                { "FINWAIT1", LA_FIN_WAIT_1 },
                { "finwait-1", LA_FIN_WAIT_1 },
                { "FINWAIT-2", LA_FIN_WAIT_2 },
                { "fin_wait_2", LA_FIN_WAIT_2 },
                { "TCPF_FIN_WAIT2", LA_FIN_WAIT_2 },
                { "TCP_CLOSE_WAIT", LA_CLOSE_WAIT },
                { "close-wait", LA_CLOSE_WAIT },
                { "CloseWait", LA_CLOSE_WAIT },
                { "closing", LA_CLOSING },
                { "LAST_ACK", LA_LAST_ACK },
                { "last-ack", LA_LAST_ACK },
                { "LastAck", LA_LAST_ACK },
                { "time-wait", LA_TIME_WAIT },
                { "TIME_WAIT", LA_TIME_WAIT },
                { "TIMEWAIT", LA_TIME_WAIT },
                { "time wait", LA_TIME_WAIT },
                { " Time_Wait ", LA_TIME_WAIT },
        };

        (void)unused;
        for (size_t i = 0; i < COUNT(spellings); i++) {
                enum la_state state = LA_STATE_COUNT;

                if (!la_state_parse(spellings[i].word, &state) || state != spellings[i].state)
                        fail_msg("\"%s\" was read as %s", spellings[i].word, la_state_name(state));
        }
}

static void
what_is_no_state_is_refused(void **unused)
{
        static const char *const words[] = {
                "",           " ",          "_",       "tcp",          "TCP_",      "wait", "fin_wait",
                "fin_wait_3", "time_waits", "closedd", "established!", "timé_wait", "1",    "tcptcplisten"
        };

        (void)unused;
        for (size_t i = 0; i < COUNT(words); i++) {
                enum la_state state = LA_CLOSING;

                if (la_state_parse(words[i], &state))
                        fail_msg("\"%s\" was taken for %s", words[i], la_state_name(state));
                assert_int_equal(state, LA_CLOSING);
        }
}

static void
linux_numbers_are_the_kernels(void **unused)
{
        static const enum la_state by_number[] = {
                [1] = LA_ESTABLISHED, [2] = LA_SYN_SENT,  [3] = LA_SYN_RECEIVED, [4] = LA_FIN_WAIT_1,
                [5] = LA_FIN_WAIT_2,  [6] = LA_TIME_WAIT, [7] = LA_CLOSED,       [8] = LA_CLOSE_WAIT,
                [9] = LA_LAST_ACK,    [10] = LA_LISTEN,   [11] = LA_CLOSING,     [12] = LA_SYN_RECEIVED,
                [13] = LA_CLOSED,
        };
        enum la_state state;

        (void)unused;
        for (unsigned int number = 1; number < COUNT(by_number); number++) {
                assert_true(la_state_from_linux(number, &state));
                assert_int_equal(state, by_number[number]);
        }
        state = LA_CLOSING;
        assert_false(la_state_from_linux(0, &state));
        assert_false(la_state_from_linux(14, &state));
        assert_int_equal(state, LA_CLOSING);
}

static void
numbers_beyond_the_tables_have_no_row(void **unused)
{
        (void)unused;
        assert_null(la_state_info(LA_STATE_COUNT));
        assert_null(la_transition_info(LA_TRANSITION_COUNT));
        assert_null(la_knob_info(LA_KNOB_COUNT));
        assert_string_equal(la_state_name(LA_STATE_COUNT), "?");
}

static void
each_state_is_complete(void **unused)
{
        (void)unused;
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++) {
                const struct la_state_info *s = la_state_info((enum la_state)i);
                const char *const texts[] = { s->brief, s->meaning, s->who, s->ends, s->normal, s->fault, s->helps };

                assert_int_equal(s->state, i);
                for (size_t j = 0; j < COUNT(texts); j++)
                        if (!texts[j] || texts[j][0] == '\0')
                                fail_msg("%s: a text is missing", s->name);
                if (strlen(s->brief) >= 60)
                        fail_msg("%s: \"%s\" is too long for a line in a list", s->name, s->brief);
        }
}

/* ---- Transitions ---- */

static void
each_transition_is_complete(void **unused)
{
        (void)unused;
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                const struct la_transition_info *t = la_transition_info((enum la_transition)i);
                const char *from = la_state_name(t->from);

                assert_int_equal(t->transition, i);
                assert_int_not_equal(t->from, t->to);
                if (strncmp(t->id, from, strlen(from)) != 0 || t->id[strlen(from)] != '_')
                        fail_msg("%s does not begin with the state it leaves, %s", t->id, from);
                if (t->trigger[0] == '\0' || t->sentence[0] == '\0')
                        fail_msg("%s has an empty text", t->id);
                if (t->to == LA_CLOSED && !strstr(t->answer, "delete TCB"))
                        fail_msg("%s reaches CLOSED with a TCB left over", t->id);
                if ((t->event == LA_EVENT_SEGMENT) != (strncmp(t->trigger, "rcv ", 4) == 0) &&
                    t->event != LA_EVENT_NETWORK)
                        fail_msg("%s: \"%s\" does not fit its kind of event", t->id, t->trigger);
        }
}

static void
each_cause_leads_from_a_state_once(void **unused)
{
        (void)unused;
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++)
                for (unsigned int j = 0; j < i; j++) {
                        const struct la_transition_info *a = la_transition_info((enum la_transition)i);
                        const struct la_transition_info *b = la_transition_info((enum la_transition)j);

                        if (strcmp(a->id, b->id) == 0)
                                fail_msg("%s is there twice", a->id);
                        if (a->from == b->from && strcmp(a->trigger, b->trigger) == 0)
                                fail_msg("%s and %s have the same cause", a->id, b->id);
                }
}

/* The states that can be reached from those in `states` by one row more, or left by one row to reach them. */
static uint32_t
one_row_further(uint32_t states, bool backwards)
{
        uint32_t next = states;

        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                const struct la_transition_info *t = la_transition_info((enum la_transition)i);
                enum la_state here = backwards ? t->to : t->from, there = backwards ? t->from : t->to;

                if (states & (1u << here))
                        next |= 1u << there;
        }
        return next;
}

static uint32_t
reach(uint32_t states, bool backwards)
{
        for (;;) {
                uint32_t next = one_row_further(states, backwards);

                if (next == states)
                        return states;
                states = next;
        }
}

static void
every_state_can_be_reached_and_left(void **unused)
{
        (void)unused;
        assert_int_equal(reach(1u << LA_CLOSED, false), (1u << LA_STATE_COUNT) - 1);
        assert_int_equal(reach(1u << LA_CLOSED, true), (1u << LA_STATE_COUNT) - 1);
}

static bool
has_row(enum la_state from, enum la_state to, const char *trigger)
{
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                const struct la_transition_info *t = la_transition_info((enum la_transition)i);

                if (t->from == from && t->to == to && strncmp(t->trigger, trigger, strlen(trigger)) == 0)
                        return true;
        }
        return false;
}

/* Figure 5 of RFC 9293 and its notes 1 and 2, arrow by arrow. */
static void
figure_5_is_whole(void **unused)
{
        static const struct {
                enum la_state from, to;
                const char *trigger;
        } figure[] = {
                { LA_CLOSED, LA_LISTEN, "passive OPEN" },
                { LA_CLOSED, LA_SYN_SENT, "active OPEN" },
                { LA_LISTEN, LA_CLOSED, "CLOSE" },
                { LA_LISTEN, LA_SYN_RECEIVED, "rcv SYN" },
                { LA_LISTEN, LA_SYN_SENT, "SEND" },
                { LA_SYN_SENT, LA_CLOSED, "CLOSE" },
                { LA_SYN_SENT, LA_SYN_RECEIVED, "rcv SYN" },
                { LA_SYN_SENT, LA_ESTABLISHED, "rcv SYN,ACK" },
                { LA_SYN_RECEIVED, LA_LISTEN, "rcv RST" },
                { LA_SYN_RECEIVED, LA_ESTABLISHED, "rcv ACK of SYN" },
                { LA_SYN_RECEIVED, LA_FIN_WAIT_1, "CLOSE" },
                { LA_ESTABLISHED, LA_FIN_WAIT_1, "CLOSE" },
                { LA_ESTABLISHED, LA_CLOSE_WAIT, "rcv FIN" },
                { LA_FIN_WAIT_1, LA_FIN_WAIT_2, "rcv ACK of FIN" },
                { LA_FIN_WAIT_1, LA_CLOSING, "rcv FIN" },
                { LA_FIN_WAIT_1, LA_TIME_WAIT, "rcv FIN, ACK of FIN" },
                { LA_FIN_WAIT_2, LA_TIME_WAIT, "rcv FIN" },
                { LA_CLOSING, LA_TIME_WAIT, "rcv ACK of FIN" },
                { LA_CLOSE_WAIT, LA_LAST_ACK, "CLOSE" },
                { LA_LAST_ACK, LA_CLOSED, "rcv ACK of FIN" },
                { LA_TIME_WAIT, LA_CLOSED, "Timeout=2MSL" },
        };

        (void)unused;
        for (size_t i = 0; i < COUNT(figure); i++)
                if (!has_row(figure[i].from, figure[i].to, figure[i].trigger))
                        fail_msg("no row for %s -> %s on \"%s\"", la_state_name(figure[i].from),
                                 la_state_name(figure[i].to), figure[i].trigger);
}

/* RFC 9293 3.10.5, 3.10.7 and figure 5's note 3: a reset or an abort ends every state but CLOSED, and a reset does
 * nothing to LISTEN. */
static void
resets_and_aborts_end_every_connection(void **unused)
{
        (void)unused;
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++) {
                enum la_state state = (enum la_state)i;

                if (state == LA_CLOSED)
                        continue;
                assert_true(has_row(state, LA_CLOSED, "ABORT"));
                assert_int_equal(has_row(state, LA_CLOSED, "rcv RST"), state != LA_LISTEN);
        }
}

/* Sections of RFC 9293 that a row may cite. */
static bool
is_section_of_rfc_9293(const char *section)
{
        static const char *const sections[] = { "3.3.2",    "3.5",      "3.5.2",    "3.6",    "3.6.1",  "3.8.3",
                                                "3.8.4",    "3.9.2.2",  "3.10.1",   "3.10.2", "3.10.4", "3.10.5",
                                                "3.10.7.2", "3.10.7.3", "3.10.7.4", "3.10.8" };

        for (size_t i = 0; i < COUNT(sections); i++)
                if (strcmp(section, sections[i]) == 0)
                        return true;
        return false;
}

static bool
is_section_of_another_document(const char *section)
{
        static const char *const sections[] = { "RFC 1122 4.2.3.6", "RFC 4987 3.6", "RFC 6191 2", "RFC 7413 5.1" };

        for (size_t i = 0; i < COUNT(sections); i++)
                if (strcmp(section, sections[i]) == 0)
                        return true;
        return strncmp(section, "Linux ", 6) == 0 && la_knob_find(section + 6);
}

static void
each_row_cites_a_section_that_exists(void **unused)
{
        (void)unused;
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                const struct la_transition_info *t = la_transition_info((enum la_transition)i);

                if (!is_section_of_rfc_9293(t->section) && !is_section_of_another_document(t->section))
                        fail_msg("%s cites \"%s\"", t->id, t->section);
        }
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                assert_true(is_section_of_rfc_9293(la_state_info((enum la_state)i)->section));
}

/* ---- Snapshots ---- */

static void
mapped_addresses_are_recognized(void **unused)
{
        static const struct la_endpoint mapped = { .address = { [10] = 0xff, 0xff, 127, 0, 0, 1 } };
        static const struct la_endpoint loopback6 = { .address = { [15] = 1 } };
        static const struct la_endpoint ipv4 = { .address = { 127, 0, 0, 1 } };
        static const struct la_endpoint nearly = { .address = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xff, 127, 0, 0,
                                                                1 } };

        (void)unused;
        assert_true(la_endpoint_is_mapped(&mapped));
        assert_false(la_endpoint_is_mapped(&loopback6));
        assert_false(la_endpoint_is_mapped(&ipv4));
        assert_false(la_endpoint_is_mapped(&nearly));
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(state_by_any_spelling),
                cmocka_unit_test(what_is_no_state_is_refused),
                cmocka_unit_test(linux_numbers_are_the_kernels),
                cmocka_unit_test(numbers_beyond_the_tables_have_no_row),
                cmocka_unit_test(each_state_is_complete),
                cmocka_unit_test(each_transition_is_complete),
                cmocka_unit_test(each_cause_leads_from_a_state_once),
                cmocka_unit_test(every_state_can_be_reached_and_left),
                cmocka_unit_test(figure_5_is_whole),
                cmocka_unit_test(resets_and_aborts_end_every_connection),
                cmocka_unit_test(each_row_cites_a_section_that_exists),
                cmocka_unit_test(mapped_addresses_are_recognized),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
