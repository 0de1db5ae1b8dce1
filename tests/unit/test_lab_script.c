/* SPDX-License-Identifier: BSD-2-Clause */
/* Scripts that are wrong, scripts that do not go as they say, and the scenarios that come with the lab. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "lastack/lab.h"

static void
what_is_wrong_is_named(void **state)
{
        static const struct {
                const char *script;
                unsigned int line;
                const char *said;
        } wrong[] = {
                { "nonsense", 1, "nonsense" },
                { "wait", 1, "time" },
                { "wait 5", 1, "'5'" },
                { "wait -5s", 1, "'-5s'" },
                { "wait 99999999999s", 1, "time" },
                { "wait 8761h", 1, "8761h" },
                { "note \033[31m", 1, "ASCII" },
                { "note \xc3\xa9", 1, "ASCII" },
                { "\n# comment\nwait 1s now", 3, "'now'" },
                { "client sing", 1, "sing" },
                { "client send", 1, "number" },
                { "client send x", 1, "'x'" },
                { "client send 10000001", 1, "10000001" },
                { "client option", 1, "number" },
                { "server listen 70000", 1, "70000" },
                { "drop client FYN", 1, "FYN" },
                { "drop nobody SYN", 1, "nobody" },
                { "drop client SYN 1 2", 1, "'2'" },
                { "delay client SYN", 1, "time" },
                { "knob client tcp_fin_timeout", 1, "tcp_fin_timeout" },
                { "knob client tcp_fin_timeout never", 1, "tcp_fin_timeout" },
                { "knob client no_such 1", 1, "no_such" },
                { "knob client tcp_tw_recycle 1", 1, "tcp_tw_recycle" },
                { "until client NOWHERE", 1, "NOWHERE" },
                { "path loss 30", 1, "'30'" },
                { "path loss 130%", 1, "130%" },
                { "path wobble 3", 1, "wobble" },
                { "path delay 99h", 1, "99h" },
                { "host", 1, "host" },
                { "host a", 1, "a" },
                { "host a 300.1.1.1", 1, "300.1.1.1" },
                { "host a 1.2.3", 1, "1.2.3" },
                { "host a fd00::1::2", 1, "fd00" },
                { "host a fd00:::1", 1, "fd00" },
                { "host a-name-that-is-too-long 10.0.0.1", 1, "a-name" },
                { "host a 10.0.0.1\nhost a 10.0.0.2", 2, "'a'" },
                { "nat fd00::1 client", 1, "fd00" },
                { "nat 192.0.2.1 nobody", 1, "nobody" },
        };

        (void)state;
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
                struct la_lab_trouble trouble = { 0 };
                struct la_lab *lab = NULL;
                int status = la_lab_play(wrong[i].script, 1, &lab, &trouble);

                if (status != -EINVAL || trouble.line != wrong[i].line || !strstr(trouble.text, wrong[i].said))
                        fail_msg("'%s': %d, line %u, %s", wrong[i].script, status, trouble.line, trouble.text);
                assert_null(lab);
        }
}

static void
a_line_may_be_too_long(void **state)
{
        struct la_lab_trouble trouble;
        struct la_lab *lab;
        char script[600];

        (void)state;
        memset(script, 'x', sizeof script - 1);
        script[sizeof script - 1] = '\0';
        assert_int_equal(la_lab_play(script, 1, &lab, &trouble), -EINVAL);
        for (size_t i = 1; i < 200; i += 2)
                script[i] = ' ';
        script[200] = '\0';
        assert_int_equal(la_lab_play(script, 1, &lab, &trouble), -EINVAL);
}

static void
what_did_not_come_true_keeps_its_log(void **state)
{
        static const char *const untrue[] = {
                "client connect\nwait 5ms\nexpect client ESTABLISHED\n",
                "client connect\nwait 5ms\nuntil client ESTABLISHED 1s\n",
                "client connect\nwait 5ms\nexpect client ActiveOpens 2\n",
                "client connect\nwait 5ms\nserver close\n",
                "client connect\nwait 5ms\nclient use 99\n",
        };

        (void)state;
        for (size_t i = 0; i < sizeof untrue / sizeof untrue[0]; i++) {
                struct la_lab_trouble trouble = { 0 };
                struct la_lab *lab = NULL;

                assert_int_equal(la_lab_play(untrue[i], 1, &lab, &trouble), -ECANCELED);
                assert_int_equal(trouble.line, 3);
                assert_non_null(lab);
                assert_true(la_lab_packet_count(lab) > 0);
                la_lab_free(lab);
        }
}

static void
enough_is_enough(void **state)
{
        struct la_lab_trouble trouble = { 0 };
        struct la_lab *lab = NULL;

        (void)state;
        assert_int_equal(la_lab_play("server listen\nenough server LISTEN\nexpect server CLOSED\n", 1, &lab, &trouble),
                         0);
        la_lab_free(lab);
        assert_int_equal(la_lab_play("server listen\nenough server CLOSED\nexpect server CLOSED\n", 1, &lab, &trouble),
                         -ECANCELED);
        la_lab_free(lab);
}

static void
calls_and_packets_are_causes(void **state)
{
        struct la_lab_trouble trouble = { 0 };
        struct la_lab *lab = NULL;

        (void)state;
        assert_int_equal(la_lab_play("server listen\nclient connect\nwait 30ms\n", 1, &lab, &trouble), 0);
        for (size_t i = 0; i < la_lab_event_count(lab); i++) {
                const struct la_lab_event *e = la_lab_event(lab, i);

                if (e->kind != LA_LAB_EVENT_TRANSITION)
                        continue;
                assert_true(e->cause < i);
                assert_int_equal(la_lab_event(lab, e->cause)->kind,
                                 la_transition_info(e->transition)->event == LA_EVENT_USER ? LA_LAB_EVENT_CALL
                                                                                           : LA_LAB_EVENT_DELIVERED);
        }
        la_lab_free(lab);
}

/* ---- Scenarios ---- */

/* Whatever the seed. */
static void
rows_fire(void **state)
{
        (void)state;
        for (uint64_t seed = 1; seed <= 3; seed++)
                for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                        const struct la_lab_scenario *s = la_lab_scenario_of_row((enum la_transition)i);
                        struct la_lab_trouble trouble = { 0 };
                        struct la_lab *lab = NULL;

                        assert_non_null(s);
                        assert_string_equal(s->name, la_transition_info((enum la_transition)i)->id);
                        if (la_lab_play(s->script, seed, &lab, &trouble) != 0)
                                fail_msg("%s, seed %u, line %u: %s", s->name, (unsigned int)seed, trouble.line,
                                         trouble.text);
                        if (!la_lab_row_fired(lab, (enum la_transition)i))
                                fail_msg("%s, seed %u", s->name, (unsigned int)seed);
                        la_lab_free(lab);
                }
        assert_null(la_lab_scenario_of_row(LA_TRANSITION_COUNT));
}

static void
states_are_entered(void **state)
{
        (void)state;
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++) {
                const struct la_lab_scenario *s = la_lab_scenario_of_state((enum la_state)i);
                struct la_lab_trouble trouble = { 0 };
                struct la_lab *lab = NULL;

                assert_non_null(strstr(s->script, "expect "));
                if (la_lab_play(s->script, 5, &lab, &trouble) != 0)
                        fail_msg("%s, line %u: %s", s->name, trouble.line, trouble.text);
                la_lab_free(lab);
        }
        assert_null(la_lab_scenario_of_state(LA_STATE_COUNT));
}

static void
stories_go_as_they_say(void **state)
{
        const struct la_lab_scenario *s;

        (void)state;
        for (uint64_t seed = 1; seed <= 3; seed++)
                for (size_t i = 0; (s = la_lab_story(i)); i++) {
                        struct la_lab_trouble trouble = { 0 };
                        struct la_lab *lab = NULL;

                        assert_ptr_equal(la_lab_story_named(s->name), s);
                        if (la_lab_play(s->script, seed, &lab, &trouble) != 0)
                                fail_msg("%s, seed %u, line %u: %s", s->name, (unsigned int)seed, trouble.line,
                                         trouble.text);
                        la_lab_free(lab);
                }
        assert_null(la_lab_story_named("once upon a time"));
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_wrong_is_named),
                cmocka_unit_test(a_line_may_be_too_long),
                cmocka_unit_test(what_did_not_come_true_keeps_its_log),
                cmocka_unit_test(enough_is_enough),
                cmocka_unit_test(calls_and_packets_are_causes),
                cmocka_unit_test(rows_fire),
                cmocka_unit_test(states_are_entered),
                cmocka_unit_test(stories_go_as_they_say),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
