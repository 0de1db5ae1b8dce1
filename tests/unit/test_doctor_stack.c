/* SPDX-License-Identifier: BSD-2-Clause */
/* The doctor's rules over evidence of a stack of lastack: which of them judge, what they advise, and where limits lie. */
#include <errno.h>
#include <stdio.h>

#include "doctor_words.h"

/* ---- Words --------------------------------------------------------------------------------------------------------- */

static void
use(const char *name, int64_t used, int64_t most)
{
        char text[AMOUNT_NAME_SIZE];

        snprintf(text, sizeof(text), FACT_STACK_USED "%s", name);
        fact(text, used);
        snprintf(text, sizeof(text), FACT_STACK_MOST "%s", name);
        fact(text, most);
}

static const char *const limits[] = { "connections", "half_open", "time_wait4",  "time_wait6",
                                      "listeners",   "chunks",    "reassemblies" };

/* A stack of which hardly anything is used. */
static void
look_at_stack(void)
{
        assert_int_equal(evidence_stack(&e, "la0"), 0);
        knob(LA_K_ip_local_port_range, "32768 60999", 32768, 60999);
        knob(LA_K_tcp_max_tw_buckets, "2000", 2000, 0);
        evidence_look(&e, 1000);
        for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
                use(limits[i], 1, 1000);
}

/* Some fix has just this command, and no words around it. */
static bool
advises_just(const struct finding *x, const char *command)
{
        for (size_t i = 0; i < x->fixes; i++)
                if (strcmp(x->fix[i].command, command) == 0)
                        return true;
        return false;
}

/* ---- Limits -------------------------------------------------------------------------------------------------------- */

static void
four_fifths_of_a_limit_are_told(void **unused)
{
        (void)unused;
        for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
                evidence_fini(&e);
                evidence_init(&e, IDLE_MS);
                look_at_stack();
                use(limits[i], 799, 1000);
                assert_null(judged("stack-capacity"));
                use(limits[i], 800, 1000);
                const struct finding *x = judged("stack-capacity");
                assert_non_null(x);
                assert_int_equal(found.count, 1);
                assert_string_equal(detail(x, "limit_of")->text, limits[i]);
                assert_int_equal(detail(x, "used")->number, 800);
                assert_int_equal(detail(x, "most")->number, 1000);
        }
}

static void
a_full_stack_is_critical(void **unused)
{
        (void)unused;
        look_at_stack();
        use("connections", 999, 1000);
        assert_int_equal(judged("stack-capacity")->severity, SEVERITY_WARNING);
        use("connections", 1000, 1000);
        assert_int_equal(judged("stack-capacity")->severity, SEVERITY_CRITICAL);
        assert_true(advises_just(judged("stack-capacity"), "lastack ls --stack la0 -pi state connected"));
        use("connections", 1, 1000);
        use("listeners", 1000, 1000);
        assert_int_equal(judged("stack-capacity")->severity, SEVERITY_NOTICE);
}

/* Each queue has limits of its own: what is told is about the fullest one. */
static void
a_full_queue_is_named(void **unused)
{
        (void)unused;
        look_at_stack();
        use("connections", 1000, 1000);
        assert_string_equal(judged("stack-capacity")->summary,
                            "The stack holds 1000 connections, all that it was made for");
        fact(FACT_STACK_QUEUES, 4);
        fact(FACT_STACK_FULLEST "connections", 2);
        const struct finding *x = judged("stack-capacity");
        assert_string_equal(x->summary, "Queue 2 of the stack holds 1000 connections, all that it was made for");
        assert_int_equal(detail(x, "queue")->number, 2);
        assert_int_equal(x->severity, SEVERITY_CRITICAL);
        use("connections", 900, 1000);
        assert_string_equal(judged("stack-capacity")->summary,
                            "Queue 2 of the stack holds 900 connections of the 1000 that it was made for");
}

static void
what_is_not_known_is_said(void **unused)
{
        (void)unused;
        assert_int_equal(evidence_stack(&e, "la0"), 0);
        evidence_look(&e, 1000);
        assert_null(judged("stack-capacity"));
        assert_true(findings_blind(&found));
        use("connections", 1, 1000);
        findings_fini(&found);
        doctor_judge(&e, doctor_rule("stack-capacity"), &found);
        assert_int_equal(found.untold_count, 2);
        assert_false(findings_blind(&found));
}

/* ---- Whose rules --------------------------------------------------------------------------------------------------- */

static void
what_linux_alone_has_is_not_judged(void **unused)
{
        (void)unused;
        look_at_stack();
        fact(FACT_TRACKED, 1000);
        fact(FACT_TRACKED_MOST, 1000);
        assert_null(judged("conntrack"));
        findings_fini(&found);
        doctor_judge(&e, doctor_rule("conntrack"), &found);
        assert_int_equal(found.count, 0);
        assert_true(findings_blind(&found));
        *e.stack = '\0';
        assert_non_null(judged("conntrack"));
}

static void
limits_of_a_stack_are_not_linux_s(void **unused)
{
        (void)unused;
        look_at_stack();
        use("connections", 1000, 1000);
        *e.stack = '\0';
        assert_null(judged("stack-capacity"));
}

static void
a_name_must_be_fit_to_be_typed(void **unused)
{
        (void)unused;
        assert_int_equal(evidence_stack(&e, "/run/user/1000/lastack/la-0.b_1"), 0);
        assert_int_equal(evidence_stack(&e, ""), -EINVAL);
        assert_int_equal(evidence_stack(&e, "la0;reboot"), -EINVAL);
        assert_int_equal(evidence_stack(&e, "$(reboot)"), -EINVAL);
        assert_int_equal(evidence_stack(&e, "la 0"), -EINVAL);
        assert_string_equal(e.stack, "/run/user/1000/lastack/la-0.b_1");
}

/* ---- What is advised ----------------------------------------------------------------------------------------------- */

static void
tunables_are_the_stack_s(void **unused)
{
        (void)unused;
        look_at_stack();
        knob(LA_K_tcp_timestamps, "0", 0, 0);
        assert_true(advises_just(judged("settings"), "lastack knob net.ipv4.tcp_timestamps 1 --stack la0"));
        assert_null(strstr(judged("settings")->fix[0].text, "sysctl.conf"));
        *e.stack = '\0';
        assert_true(advises_just(judged("settings"), "sysctl -w net.ipv4.tcp_timestamps=1"));
        assert_non_null(strstr(judged("settings")->fix[0].text, "sysctl.conf"));
}

static void
a_value_of_several_words_is_quoted(void **unused)
{
        (void)unused;
        look_at_stack();
        knob(LA_K_ip_local_port_range, "40000 40099", 40000, 40099);
        evidence_look(&e, 2000);
        assert_true(advises_just(judged("settings"),
                                 "lastack knob net.ipv4.ip_local_port_range \"32768 60999\" --stack la0"));
        *e.stack = '\0';
        assert_true(advises_just(judged("settings"), "sysctl -w net.ipv4.ip_local_port_range=\"32768 60999\""));
}

/* The tunable can be raised to what the stack was made with, and no further. */
static void
records_of_time_wait_are_made_with_the_stack(void **unused)
{
        (void)unused;
        look_at_stack();
        knob(LA_K_tcp_max_tw_buckets, "1500", 1500, 0);
        fact(FACT_TIME_WAIT, 1300);
        assert_true(
                advises_just(judged("time-wait-table"), "lastack knob net.ipv4.tcp_max_tw_buckets 2000 --stack la0"));
        knob(LA_K_tcp_max_tw_buckets, "2000", 2000, 0);
        fact(FACT_TIME_WAIT, 1700);
        const struct finding *x = judged("time-wait-table");
        assert_int_equal(x->fixes, 2);
        assert_int_equal(x->fix[1].kind, FIX_CAPACITY);
}

static void
what_a_stack_lost_is_told_while_it_grows(void **unused)
{
        (void)unused;
        look_at_stack();
        counter(COUNT_REPLIES_LOST, 7);
        counter(COUNT_LINK_DROP, 0);
        evidence_look(&e, 3000);
        counter(COUNT_REPLIES_LOST, 7);
        counter(COUNT_LINK_DROP, 0);
        assert_null(judged("replies-lost"));
        counter(COUNT_REPLIES_LOST, 9);
        counter(COUNT_LINK_DROP, 1);
        assert_int_equal(detail(judged("replies-lost"), COUNT_REPLIES_LOST "_in_sample")->number, 2);
        assert_non_null(judged("link-drops"));
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                doctor_test(four_fifths_of_a_limit_are_told),
                doctor_test(a_full_stack_is_critical),
                doctor_test(a_full_queue_is_named),
                doctor_test(what_is_not_known_is_said),
                doctor_test(what_linux_alone_has_is_not_judged),
                doctor_test(limits_of_a_stack_are_not_linux_s),
                doctor_test(a_name_must_be_fit_to_be_typed),
                doctor_test(tunables_are_the_stack_s),
                doctor_test(a_value_of_several_words_is_quoted),
                doctor_test(records_of_time_wait_are_made_with_the_stack),
                doctor_test(what_a_stack_lost_is_told_while_it_grows),
        };

        return cmocka_run_group_tests_name("doctor_stack", tests, NULL, NULL);
}
