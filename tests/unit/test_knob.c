/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of tunables: that it is whole, and that a tunable is found by any of its names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lastack/model.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void
knob_by_any_name(void **unused)
{
        static const struct {
                const char *word;
                enum la_knob knob;
        } names[] = {
                { "tcp_fin_timeout", LA_K_tcp_fin_timeout },
                { "net.ipv4.tcp_fin_timeout", LA_K_tcp_fin_timeout },
                { "net/ipv4/tcp_fin_timeout", LA_K_tcp_fin_timeout },
                { "/proc/sys/net/ipv4/tcp_fin_timeout", LA_K_tcp_fin_timeout },
                { "proc/sys/net/ipv4/tcp_fin_timeout", LA_K_tcp_fin_timeout },
                { "NET.IPV4.TCP_FIN_TIMEOUT", LA_K_tcp_fin_timeout },
                { "somaxconn", LA_K_somaxconn },
                { "net.core.somaxconn", LA_K_somaxconn },
                { "/proc/sys/net/core/somaxconn", LA_K_somaxconn },
                { "net/core.somaxconn", LA_K_somaxconn },
                { "Tcp_Tw_Recycle", LA_K_tcp_tw_recycle },
        };

        (void)unused;
        for (size_t i = 0; i < COUNT(names); i++) {
                const struct la_knob_info *found = la_knob_find(names[i].word);

                if (!found || found->knob != names[i].knob)
                        fail_msg("\"%s\" found %s", names[i].word, found ? found->name : "nothing");
        }
}

static void
what_is_no_knob_is_not_found(void **unused)
{
        static const char *const words[] = { "",
                                             ".",
                                             "/proc/sys/",
                                             "net.ipv4.",
                                             "net.ipv4.somaxconn",
                                             "ipv4.tcp_sack",
                                             "tcp_fin_timeout ",
                                             "tcp_fin_timeou",
                                             "tcp-fin-timeout",
                                             "net.core.tcp_sack",
                                             "/proc/sys/net/ipv4/tcp_fin_timeout/" };

        (void)unused;
        for (size_t i = 0; i < COUNT(words); i++)
                if (la_knob_find(words[i]))
                        fail_msg("\"%s\" found %s", words[i], la_knob_find(words[i])->name);
}

static void
each_knob_is_complete(void **unused)
{
        (void)unused;
        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                const struct la_knob_info *k = la_knob_info((enum la_knob)i);
                const char *const may_be_empty[] = { k->standard, k->standard_note, k->unit,  k->since,
                                                     k->removed,  k->versions,      k->states };
                const char *const texts[] = { k->accepts, k->brief, k->effect, k->risk, k->mistaken, k->source };

                assert_int_equal(k->knob, i);
                assert_ptr_equal(la_knob_find(k->name), k);
                for (size_t j = 0; j < COUNT(may_be_empty); j++)
                        if (!may_be_empty[j])
                                fail_msg("%s: a field is missing", k->leaf);
                for (size_t j = 0; j < COUNT(texts); j++)
                        if (!texts[j] || texts[j][0] == '\0')
                                fail_msg("%s: a text is missing", k->leaf);
                if (strlen(k->brief) >= 60)
                        fail_msg("%s: \"%s\" is too long for a line in a list", k->leaf, k->brief);
                if (k->standard[0] == '\0' && k->standard_note[0] == '\0')
                        fail_msg("%s: no default, and no word on how it is computed", k->leaf);
                if (k->kind == LA_KNOB_WORD ? k->min != 0 || k->max != 0 : k->min >= k->max)
                        fail_msg("%s: no sane range", k->leaf);
        }
}

/* Each number of a default, where there is one, is inside the range that lastack calls sane. */
static void
defaults_are_sane(void **unused)
{
        (void)unused;
        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                const struct la_knob_info *k = la_knob_info((enum la_knob)i);
                const char *text = k->standard;

                while (*text != '\0') {
                        char *end;
                        long long number = strtoll(text, &end, 10);

                        if (end == text)
                                fail_msg("%s: \"%s\" is not made of numbers", k->leaf, k->standard);
                        if (number < k->min || number > k->max)
                                fail_msg("%s: %lld is not within %lld to %lld", k->leaf, number, (long long)k->min,
                                         (long long)k->max);
                        text = end + strspn(end, " \t");
                }
        }
}

static void
knobs_name_states_by_their_rfc_name(void **unused)
{
        (void)unused;
        for (unsigned int i = 0; i < LA_KNOB_COUNT; i++) {
                const struct la_knob_info *k = la_knob_info((enum la_knob)i);
                char words[128];

                assert_true(strlen(k->states) < sizeof(words));
                strcpy(words, k->states);
                for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
                        enum la_state state;

                        if (!la_state_parse(word, &state) || strcmp(la_state_name(state), word) != 0)
                                fail_msg("%s: \"%s\" is not a state's name", k->leaf, word);
                        else
                                assert_true(la_knob_concerns(k, state));
                }
        }
}

static void
a_knob_concerns_the_states_it_names_only(void **unused)
{
        const struct la_knob_info *fin_timeout = la_knob_info(LA_K_tcp_fin_timeout);

        (void)unused;
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                assert_int_equal(la_knob_concerns(fin_timeout, (enum la_state)i), i == LA_FIN_WAIT_2);
        assert_false(la_knob_concerns(fin_timeout, LA_STATE_COUNT));
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(knob_by_any_name),
                cmocka_unit_test(what_is_no_knob_is_not_found),
                cmocka_unit_test(each_knob_is_complete),
                cmocka_unit_test(defaults_are_sane),
                cmocka_unit_test(knobs_name_states_by_their_rfc_name),
                cmocka_unit_test(a_knob_concerns_the_states_it_names_only),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
