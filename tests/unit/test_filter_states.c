/* SPDX-License-Identifier: BSD-2-Clause */
/* test_filter_states.c - states in a filter, and how its conditions are joined. */
#include "filter_sockets.h"

/* ---- States ----------------------------------------------------------------------------------------------------- */

static void
states_have_every_spelling(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "state established", "ws" }, { "state syn-sent", "u" }, { "state syn-recv", "r" },
                    { "state fin-wait-1", "" }, { "state fin-wait-2", "x" }, { "state time-wait", "t" },
                    { "state closed", "c" }, { "state close-wait", "m" }, { "state last-ack", "" },
                    { "state listening", "lv" }, { "state closing", "" }, { "state close", "c" },
                    { "state unconnected", "c" }, { "state TIME_WAIT", "t" }, { "state timewait", "t" },
                    { "state SYN_RCVD", "r" }, { "state Established", "ws" }, { "state listen", "lv" },
                    { "state estab", "ws" }, { "state = time-wait", "t" });
}

static void
states_have_sets(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "state all", ALL }, { "state connected", "wsmxtru" }, { "state synchronized", "wsmxtr" },
                    { "state bucket", "tr" }, { "state big", "wsmxlvuc" }, { "exclude connected", "lvc" },
                    { "exclude bucket", "wsmxlvuc" });
}

static void
state_words_add_and_take_away(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "state established state time-wait", "wst" }, { "exclude time-wait", "wsmxlvruc" },
                    { "exclude time-wait exclude listening", "wsmxruc" },
                    { "state all exclude time-wait", "wsmxlvruc" }, { "state connected exclude big", "tr" },
                    { "exclude established state established", ALL });
}

static void
state_words_at_the_start_hold_for_all_that_follows(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "state established dport = :443", "w" },
                    { "state established dport = :443 or sport = :22", "ws" },
                    { "state established ( dport = :443 or sport = :22 )", "ws" },
                    { "state time-wait dst 93.184.216.0/24 and ( dport = :443 or sport gt :1024 )", "t" },
                    { "( state established dport = :443 or sport = :22 )", "ws" },
                    { "exclude established dport = :443 or sport = :22", "tr" });
}

static void
state_words_elsewhere_are_a_condition(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "dport = :443 state established", "w" }, { "( state established )", "ws" },
                    { "not state established", "mxlvtruc" }, { "state established or state listening", "wslv" },
                    { "state established and dport = :443", "w" },
                    { "not ( state established state time-wait )", "mxlvruc" },
                    { "dport = :443 or state listening", "wlvt" }, { "dport = :443 and not state established", "t" });
}

static void
states_asked_for_are_as_few_as_can_be(void **unused)
{
        static const struct {
                const char *text;
                bool named;
                uint32_t states;
        } rows[] = {
#define S(state) (1u << LA_##state)
                { "", false, FILTER_ALL_STATES },
                { "dport = :443", false, FILTER_ALL_STATES },
                { "state all", true, FILTER_ALL_STATES },
                { "state established", true, S(ESTABLISHED) },
                { "exclude established", true, FILTER_ALL_STATES & ~S(ESTABLISHED) },
                { "not state established", true, FILTER_ALL_STATES & ~S(ESTABLISHED) },
                { "state established state time-wait dport = :443", true, S(ESTABLISHED) | S(TIME_WAIT) },
                { "dport = :443 state listening", true, S(LISTEN) },
                { "dport = :443 or state listening", true, FILTER_ALL_STATES },
                { "not ( state established or state listening )", true,
                  FILTER_ALL_STATES & ~(S(ESTABLISHED) | S(LISTEN)) },
                { "not ( dport = :443 and not state listening )", true, FILTER_ALL_STATES },
                { "not ( dport = :443 or not state listening )", true, S(LISTEN) },
                { "state established or state listening", true, S(ESTABLISHED) | S(LISTEN) },
                { "state connected and not state time-wait", true, FILTER_CONNECTED_STATES & ~S(TIME_WAIT) },
#undef S
        };

        (void)unused;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct filter *filter = parsed(rows[i].text);
                bool named = !rows[i].named;
                uint32_t states = filter_states(filter, &named);

                if (states != rows[i].states || named != rows[i].named)
                        fail_msg("'%s' asks for states %#x, named %d", rows[i].text, states, named);
                filter_free(filter);
        }
}

/* ---- And, or, not ----------------------------------------------------------------------------------------------- */

static void
conditions_are_joined_from_left_to_right(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "dport = :443 or sport = :443 and src 10/8", "wt" },
                    { "dport = :443 or ( sport = :443 and src 10/8 )", "wt" },
                    { "dport = :443 or sport = :443 and src 127/8", "m" },
                    { "dport = :443 or sport = :443 src 127/8", "m" },
                    { "dport = :443 or ( sport = :443 and src 127/8 )", "wmt" },
                    { "src 127/8 and sport = :443 or dport = :443", "wmt" },
                    { "src 127/8 sport = :443 or dport = :443", "wmt" });
}

static void
operators_have_signs_and_words(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "src 10/8 and dport = :80", "u" }, { "src 10/8 & dport = :80", "u" },
                    { "src 10/8 && dport = :80", "u" }, { "src 10/8 dport = :80", "u" },
                    { "src 10/8 AND dport = :80", "u" }, { "sport = :22 or dport = :80", "sru" },
                    { "sport = :22 | dport = :80", "sru" }, { "sport = :22 || dport = :80", "sru" },
                    { "not sport = :443", "wsltruc" }, { "! sport = :443", "wsltruc" }, { "!sport = :443", "wsltruc" },
                    { "not not sport = :443", "mxv" }, { "!!sport = :443", "mxv" },
                    { "not not not sport = :443", "wsltruc" });
}

static void
not_takes_the_next_condition_alone(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "not sport = :443 or dport = :443", "wsltruc" }, { "not sport = :443 dport = :443", "wt" },
                    { "not ( sport = :443 or dport = :443 )", "slruc" }, { "not ( sport != :443 )", "mxv" },
                    { "sport != :443 dport = :443", "wt" }, { "not sport != :443 dst 10/8", "m" });
}

static void
blanks_matter_only_between_words(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "(sport=:443|dport=:80)&dst 10/8", "mu" }, { "  ( ( sport = :22 ) )  ", "sr" },
                    { "sport\t=\n:22", "sr" }, { "sport>:443", "wtuc" }, { "sport!=:443", "wsltruc" },
                    { "not(sport=:443)", "wsltruc" });
}

static void
quotes_and_backslashes_make_plain_words(void **unused)
{
        (void)unused;
        CHECK_TAKEN({ "sport = ':22'", "sr" }, { "sport = \":\"22", "sr" }, { "sport = \\:22", "sr" },
                    { "comm = 'and'", "" }, { "comm = \\or", "" });
}

static void
words_that_read_otherwise_than_they_look_get_a_note(void **unused)
{
        static const struct {
                const char *text;
                int at; /* of the note, or -1 */
        } rows[] = {
                { "sport = :1 or sport = :2 and dst 10/8", 25 },
                { "sport = :1 or sport = :2 dst 10/8", 25 },
                { "( sport = :1 or sport = :2 ) and dst 10/8", -1 },
                { "dst 10/8 and sport = :1 or sport = :2", -1 },
                { "sport = :1 or sport = :2 or sport = :3", -1 },
                { "dst 10/8 sport = :1", -1 },
                { "state established and sport = :1 or sport = :2", 33 },
                { "state established sport = :1 or sport = :2", -1 },
                { "", -1 },
        };

        (void)unused;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct filter *filter = parsed(rows[i].text);
                struct filter_error note = { 0 };
                bool noted = filter_note(filter, &note);

                if (noted != (rows[i].at >= 0) || (noted && (note.word != (size_t)rows[i].at || !*note.message)))
                        fail_msg("'%s': note %d at %zu: %s", rows[i].text, noted, note.word, note.message);
                filter_free(filter);
        }
}

static void
a_filter_says_what_it_needs(void **unused)
{
        static const struct {
                const char *text;
                uint32_t needs;
        } rows[] = {
                { "state established dst 10/8 dport = :443 dev eth0 uid = 0 ino = 1 autobound", 0 },
                { "pid = 1", FILTER_NEEDS_OWNERS },
                { "comm = x", FILTER_NEEDS_OWNERS },
                { "age > 1s", FILTER_NEEDS_TCP },
                { "fwmark = 1", FILTER_NEEDS_MARK },
                { "cgroup '/system.slice/web server'", FILTER_NEEDS_CGROUP },
                { "netns = blue", FILTER_NEEDS_NETNS },
                { "not ( pid = 1 or fwmark = 1 )", FILTER_NEEDS_OWNERS | FILTER_NEEDS_MARK },
        };

        (void)unused;
        for (size_t i = 0; i < COUNT(rows); i++) {
                struct filter *filter = parsed(rows[i].text);

                if (filter_needs(filter) != rows[i].needs)
                        fail_msg("'%s' needs %#x", rows[i].text, filter_needs(filter));
                filter_free(filter);
        }
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(states_have_every_spelling),
                cmocka_unit_test(states_have_sets),
                cmocka_unit_test(state_words_add_and_take_away),
                cmocka_unit_test(state_words_at_the_start_hold_for_all_that_follows),
                cmocka_unit_test(state_words_elsewhere_are_a_condition),
                cmocka_unit_test(states_asked_for_are_as_few_as_can_be),
                cmocka_unit_test(conditions_are_joined_from_left_to_right),
                cmocka_unit_test(operators_have_signs_and_words),
                cmocka_unit_test(not_takes_the_next_condition_alone),
                cmocka_unit_test(blanks_matter_only_between_words),
                cmocka_unit_test(quotes_and_backslashes_make_plain_words),
                cmocka_unit_test(words_that_read_otherwise_than_they_look_get_a_note),
                cmocka_unit_test(a_filter_says_what_it_needs),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
