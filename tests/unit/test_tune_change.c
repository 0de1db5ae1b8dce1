/* SPDX-License-Identifier: BSD-2-Clause */
/* The journal of a change: what is written is read again, whatever a crash has left of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tune/change.h"

#define REUSE "net.ipv4.tcp_tw_reuse"
#define RANGE "net.ipv4.ip_local_port_range"

/* A journal with these lines behind its first part. */
static struct tune_change
journal(const char *lines)
{
        struct tune_change c = {
                .id = 12, .time = 1795879680, .netns = 4026531840, .first_netns = true, .confirm_within_s = 300
        };
        struct tune_change read;
        char *head, text[4096];

        c.boot = strdup("boot-1");
        c.user = strdup("root (uid 0), for alice");
        c.why = strdup("ports\nrun out");
        c.netns_name = strdup("a name");
        c.persist = strdup("/etc/sysctl.d");
        assert_true(tune_change_add(&c, REUSE, "2", "1", "1"));
        assert_true(tune_change_add(&c, RANGE, "32768 60999", "10240 64999", NULL));
        head = tune_change_text(&c);
        snprintf(text, sizeof(text), "%s%s", head, lines);
        assert_int_equal(tune_change_parse(text, strlen(text), &read), 0);
        free(head);
        tune_change_fini(&c);
        return read;
}

static void
what_is_written_is_read(void **unused)
{
        struct tune_change c = journal("writing 0\nwrote 0\t1\nwriting 1\n");

        (void)unused;
        assert_int_equal(c.time, 1795879680);
        assert_int_equal(c.netns, 4026531840u);
        assert_true(c.first_netns);
        assert_int_equal(c.confirm_within_s, 300);
        assert_string_equal(c.boot, "boot-1");
        assert_string_equal(c.user, "root (uid 0), for alice");
        assert_string_equal(c.why, "ports run out");
        assert_string_equal(c.netns_name, "a name");
        assert_string_equal(c.persist, "/etc/sysctl.d");
        assert_int_equal(c.step_count, 2);
        assert_string_equal(c.step[0].before, "2");
        assert_string_equal(c.step[0].rehearsed, "1");
        assert_string_equal(c.step[0].wrote, "1");
        assert_string_equal(c.step[1].after, "10240 64999");
        assert_null(c.step[1].rehearsed);
        assert_true(c.step[1].begun);
        assert_null(c.step[1].wrote);
        tune_change_fini(&c);
}

static void
states_follow_from_the_lines(void **unused)
{
        static const struct {
                const char *lines, *boot;
                enum tune_change_state state;
        } states[] = {
                { "", "boot-1", TUNE_CHANGE_INTERRUPTED },
                { "writing 0\nwrote 0\t1\n", "boot-1", TUNE_CHANGE_INTERRUPTED },
                { "writing 0\nwrote 0\t1\n", "boot-2", TUNE_CHANGE_REBOOTED },
                { "applied\n", "boot-1", TUNE_CHANGE_WAITS },
                { "applied\nconfirmed\n", "boot-1", TUNE_CHANGE_IN_FORCE },
                { "applied\nconfirmed\n", "boot-2", TUNE_CHANGE_REBOOTED },
                { "applied\nconfirmed\npersisted\n", "boot-2", TUNE_CHANGE_IN_FORCE },
                { "applied\nconfirmed\npersisted\npersist-removed\n", "boot-2", TUNE_CHANGE_REBOOTED },
                { "persisted\n", "boot-1", TUNE_CHANGE_INTERRUPTED },
                { "applied\nrestored 1\nrestored 0\nundone asked\n", "boot-1", TUNE_CHANGE_UNDONE },
                { "applied\nrestored 1\nleft 0\t0\nundone asked\n", "boot-1", TUNE_CHANGE_UNDONE_PARTLY },
                { "applied\nleft 0\t0\nundone asked\nrestored 0\nundone asked\n", "boot-1", TUNE_CHANGE_UNDONE },
                { "applied\npersist-left\nundone asked\n", "boot-1", TUNE_CHANGE_UNDONE_PARTLY },
                { "appl", "boot-1", TUNE_CHANGE_INTERRUPTED },     /* torn */
                { "app\napplied\n", "boot-1", TUNE_CHANGE_WAITS }, /* torn, then ended by the next line */
                { "writing 9\nwrote x\n\nleft\n", "boot-1", TUNE_CHANGE_INTERRUPTED }, /* nonsense */
        };

        (void)unused;
        for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
                struct tune_change c = journal(states[i].lines);
                enum tune_change_state state = tune_change_state(&c, states[i].boot);

                if (state != states[i].state)
                        fail_msg("\"%s\" is %s", states[i].lines, tune_change_state_id(state));
                tune_change_fini(&c);
        }
}

/* Cut anywhere, a journal is read as the lines that are whole, and what was before is never lost. */
static void
a_journal_cut_anywhere_is_read(void **unused)
{
        struct tune_change whole = journal(""), c;
        char *text = tune_change_text(&whole);
        char more[4096];

        (void)unused;
        snprintf(more, sizeof(more), "%swriting 0\nwrote 0\t1\nwriting 1\nwrote 1\t10240 64999\napplied\n", text);
        for (size_t cut = strlen(text); cut < strlen(more); cut++) {
                assert_int_equal(tune_change_parse(more, cut, &c), 0);
                assert_int_equal(c.step_count, 2);
                assert_string_equal(c.step[1].before, "32768 60999");
                assert_false(c.applied);
                tune_change_fini(&c);
        }
        free(text);
        tune_change_fini(&whole);
}

static void
what_is_no_journal_is_refused(void **unused)
{
        struct tune_change c;

        (void)unused;
        assert_int_equal(tune_change_parse("", 0, &c), -74); /* EBADMSG */
        assert_int_equal(tune_change_parse("net.ipv4.tcp_sack = 1\n", 22, &c), -74);
}

static void
the_file_for_the_next_boot(void **unused)
{
        struct tune_change c = journal("");
        char name[TUNE_CONF_NAME_SIZE], *text;

        (void)unused;
        c.id = 12;
        tune_change_conf_name(&c, name);
        assert_string_equal(name, "99-lastack-0012.conf");
        text = tune_change_conf(&c);
        assert_non_null(strstr(text, "rollback 12\n"));
        assert_non_null(strstr(text, "# When: 2026-11-28T"));
        assert_non_null(strstr(text, "# Who:  root (uid 0), for alice\n"));
        assert_non_null(strstr(text, "# Why:  ports run out\n"));
        assert_non_null(strstr(text, "# It was: 2\n" REUSE " = 1\n"));
        assert_non_null(strstr(text, "\n" RANGE " = 10240 64999\n"));
        free(text);
        tune_change_fini(&c);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(what_is_written_is_read),        cmocka_unit_test(states_follow_from_the_lines),
                cmocka_unit_test(a_journal_cut_anywhere_is_read), cmocka_unit_test(what_is_no_journal_is_refused),
                cmocka_unit_test(the_file_for_the_next_boot),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
