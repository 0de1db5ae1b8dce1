/* SPDX-License-Identifier: BSD-2-Clause */
/* The tunables: each by what it changes (knobs_*.c), and all of them by name, default, range and spelling. */
#include "engine_knobs.h"

static const struct knob_test *const tables[] = { knob_tests_waiting, knob_tests_listening, knob_tests_opening,
                                                  knob_tests_sending };

/* Tested beside the extension that they turn on, and not here: in test_engine_fastopen*.c, _ecn*.c, _pacing.c. */
static const char *const elsewhere[] = { "tcp_fastopen",           "tcp_ecn",
                                         "tcp_ecn_fallback",       "tcp_pacing_ss_ratio",
                                         "tcp_pacing_ca_ratio",    "lastack.pacing",
                                         "lastack.max_pacing_rate" };

void
set(const char *name, const char *value)
{
        const char *why = "";

        if (la_knob_set(e.stack, name, value, &why) != LA_OK)
                fail_msg("%s = %s: %s", name, value, why);
}

static const char *
get(const char *name)
{
        static char text[8192];

        assert_int_equal(la_knob_get(e.stack, name, text, sizeof text), LA_OK);
        return text;
}

/* ---- Every one ---- */

static bool
is_tested(const char *name)
{
        for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
                for (const struct knob_test *t = tables[i]; t->name; t++)
                        if (strcmp(t->name, name) == 0)
                                return true;
        for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
                if (strcmp(elsewhere[i], name) == 0)
                        return true;
        return false;
}

static void
each_has_a_test(void **state)
{
        (void)state;
        const char *name;

        for (enum la_knob k = 0; k < LA_KNOB_COUNT; k++)
                if (la_knob_info(k)->engine && !is_tested(la_knob_info(k)->leaf))
                        fail_msg("no test shows what %s changes", la_knob_info(k)->name);
        for (size_t i = 0; (name = la_knob_name(i)) != NULL; i++)
                if (!is_tested(la_knob_find(name) ? la_knob_find(name)->leaf : name))
                        fail_msg("no test shows what %s changes", name);
}

/* The table says of a tunable that the engine acts on it, if and only if it does. */
static void
each_is_in_the_table(void **state)
{
        (void)state;
        const char *name;

        for (size_t i = 0; (name = la_knob_name(i)) != NULL; i++)
                if (strncmp(name, "lastack.", 8) != 0 && !la_knob_find(name)->engine)
                        fail_msg("%s can be set, and the table says that the engine does not act on it", name);
        for (enum la_knob k = 0; k < LA_KNOB_COUNT; k++) {
                const struct la_knob_info *info = la_knob_info(k);
                char text[8192];

                if (info->engine)
                        assert_int_equal(la_knob_get(e.stack, info->name, text, sizeof text), LA_OK);
        }
}

static void
each_has_the_tables_default(void **state)
{
        (void)state;
        const char *name;

        for (size_t i = 0; (name = la_knob_name(i)) != NULL; i++) {
                const struct la_knob_info *info = la_knob_find(name);
                char want[128];

                if (!info || !info->standard[0])
                        continue;
                snprintf(want, sizeof want, "%s", info->standard);
                for (char *c = want; *c; c++)
                        if (*c == ' ')
                                *c = '\t';
                assert_string_equal(get(name), want);
        }
        /* Where it depends on the machine: on what the stack was made for, as far as the range allows. */
        assert_string_equal(get("tcp_max_tw_buckets"), "1024");
        assert_string_equal(get("tcp_max_orphans"), "1024");
        assert_string_equal(get("tcp_max_syn_backlog"), "64");
        assert_string_equal(get("tcp_rmem"), "4096\t131072\t6291456");
        assert_string_equal(get("tcp_wmem"), "4096\t262144\t4194304");
        assert_string_equal(get("tcp_congestion_control"), "reno");
        assert_string_equal(get("ip_local_reserved_ports"), "");
        assert_string_equal(get("lastack.time_wait_ms"), "60000");
        assert_string_equal(get("lastack.rto_min_ms"), "200");
        assert_string_equal(get("lastack.delayed_ack_ms"), "40");
        assert_string_equal(get("lastack.challenge_ack_limit"), "1000");
        assert_string_equal(get("lastack.initial_window"), "10");
        assert_string_equal(get("lastack.pacing"), "0");
        assert_string_equal(get("lastack.max_pacing_rate"), "0");
}

/* Blanks for tabs. */
static const char *
with_blanks(char *text)
{
        for (char *c = text; *c; c++)
                if (*c == '\t')
                        *c = ' ';
        return text;
}

/* A new stack has its standards, and still tells them when a tunable has been set to something else. */
static void
each_tells_its_standard(void **state)
{
        (void)state;
        const char *name;
        char text[64], now[8192];

        for (size_t i = 0; (name = la_knob_name(i)) != NULL; i++) {
                assert_int_equal(la_knob_standard(e.stack, name, text, sizeof text), LA_OK);
                assert_int_equal(la_knob_get(e.stack, name, now, sizeof now), LA_OK);
                assert_string_equal(with_blanks(text), with_blanks(now));
        }
        knob("tcp_max_orphans", "5000");
        assert_int_equal(la_knob_standard(e.stack, "tcp_max_orphans", text, sizeof text), LA_OK);
        assert_string_equal(text, "1024");
        assert_int_equal(la_knob_standard(e.stack, "tcp_max_orphans", text, 4), LA_ERR_INVALID);
        assert_int_equal(la_knob_standard(e.stack, "tcp_max_orphan", text, sizeof text), LA_ERR_NO_KNOB);
}

static void
each_tells_its_range(void **state)
{
        (void)state;
        const char *name, *sentence;
        int64_t least, most;

        for (size_t i = 0; (name = la_knob_name(i)) != NULL; i++) {
                assert_int_equal(la_knob_range(name, &least, &most, &sentence), LA_OK);
                assert_non_null(strstr(sentence, name));
                if (la_knob_find(name)) {
                        assert_int_equal(least, la_knob_find(name)->min);
                        assert_int_equal(most, la_knob_find(name)->max);
                }
        }
        assert_int_equal(la_knob_range("lastack.rto_min_ms", &least, &most, &sentence), LA_OK);
        assert_int_equal(least, 1);
        assert_int_equal(most, 10000);
        assert_int_equal(la_knob_range("lastack.rto", &least, &most, &sentence), LA_ERR_NO_KNOB);
}

/* ---- Ranges ---- */

static void
expect_complaint(const char *name, const char *value, const char *least, const char *most)
{
        const char *why = NULL;
        char before[8192];

        snprintf(before, sizeof before, "%s", get(name));
        if (la_knob_set(e.stack, name, value, &why) != LA_ERR_KNOB_VALUE)
                fail_msg("%s = \"%s\" is not refused as a wrong value", name, value);
        if (!why || !strstr(why, name) || !strstr(why, least) || !strstr(why, most))
                fail_msg("%s = \"%s\": the complaint does not tell the name and %s, %s: %s", name, value, least, most,
                         why ? why : "there is none");
        assert_string_equal(get(name), before);
        assert_int_equal(la_knob_set(e.stack, name, value, NULL), LA_ERR_KNOB_VALUE);
}

static const char *
text_of(int64_t number)
{
        static char texts[4][32];
        static unsigned int next;
        char *text = texts[next++ % 4];

        snprintf(text, sizeof texts[0], "%lld", (long long)number);
        return text;
}

static void
number_in_range(const char *name, int64_t least, int64_t most)
{
        const char *why = "";

        expect_complaint(name, text_of(least - 1), text_of(least), text_of(most));
        expect_complaint(name, text_of(most + 1), text_of(least), text_of(most));
        expect_complaint(name, "99999999999999999999999999999999", text_of(least), text_of(most));
        for (int i = 0; i < 2; i++) {
                const char *value = text_of(i ? most : least);

                if (strcmp(name, "net.ipv4.tcp_tw_recycle") == 0)
                        assert_int_equal(la_knob_set_dangerous(e.stack, name, value, &why), LA_OK);
                else
                        set(name, value);
                assert_string_equal(get(name), value);
        }
}

static void
each_keeps_to_its_range(void **state)
{
        (void)state;
        static const struct {
                const char *name;
                int64_t least, most;
        } own[] = { { "lastack.time_wait_ms", 0, 3600000 },      { "lastack.rto_min_ms", 1, 10000 },
                    { "lastack.delayed_ack_ms", 0, 499 },        { "lastack.challenge_ack_limit", 0, 1000000 },
                    { "lastack.initial_window", 1, 100 },        { "lastack.pacing", 0, 1 },
                    { "lastack.max_pacing_rate", 0, 4294967295 } };
        const char *name;

        for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
                number_in_range(own[i].name, own[i].least, own[i].most);
        for (size_t i = 0; (name = la_knob_name(i)) != NULL; i++) {
                const struct la_knob_info *info = la_knob_find(name);

                if (info && info->kind == LA_KNOB_NUMBER)
                        number_in_range(name, info->min, info->max);
        }
}

static void
lists_keep_to_their_ranges(void **state)
{
        (void)state;
        static const char *const triples[] = { "4095 8192 8192",
                                               "4096 8192 1073741825",
                                               "8192 4096 16384",
                                               "4096 16384 8192",
                                               "4096 8192",
                                               "4096",
                                               "4096 8192 8192 8192",
                                               "4096,8192,8192",
                                               "" };
        static const char *const ranges[] = { "1023 2000", "2000 65536",     "40000 2000",
                                              "2000",      "2000 3000 4000", "2000-3000",
                                              "" };
        static const char *const ports[] = { "0",     "65536", "80-", "-80",    "90-80",
                                             "80 90", "80;90", ",",   "80,,90", "http" };

        for (size_t i = 0; i < sizeof triples / sizeof triples[0]; i++) {
                expect_complaint("net.ipv4.tcp_rmem", triples[i], "4096", "1073741824");
                expect_complaint("net.ipv4.tcp_wmem", triples[i], "4096", "1073741824");
        }
        for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
                expect_complaint("net.ipv4.ip_local_port_range", ranges[i], "1024", "65535");
        for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++)
                expect_complaint("net.ipv4.ip_local_reserved_ports", ports[i], "1", "65535");
        expect_complaint("net.ipv4.tcp_congestion_control", "", "reno", "reno");
        expect_complaint("net.ipv4.tcp_congestion_control", "reno reno", "reno", "reno");
        set("ip_local_port_range", "2000\t40000\n");
        assert_string_equal(get("ip_local_port_range"), "2000\t40000");
        set("tcp_rmem", " 4096  8192\t8192 \n");
        assert_string_equal(get("tcp_rmem"), "4096\t8192\t8192");
        set("ip_local_reserved_ports", "9002,8080,9000-9001,65535\n");
        assert_string_equal(get("ip_local_reserved_ports"), "8080,9000-9002,65535");
}

/* ---- Names and spelling ---- */

static void
numbers_as_the_kernel_reads_them(void **state)
{
        (void)state;
        static const struct {
                const char *text, *read;
        } good[] = { { "30", "30" },   { " 30", "30" },    { "30\n", "30" },    { "\t 30 \n", "30" },
                     { "0x1e", "30" }, { "0X1E\n", "30" }, { "036", "30" },     { "000000000000000000036", "30" },
                     { "5", "5" },     { "120", "120" },   { "\n\n30\n", "30" } };
        static const char *const bad[] = { "",
                                           " ",
                                           "\n",
                                           "30s",
                                           "s30",
                                           "-30",
                                           "+30",
                                           "30 40",
                                           "3 0",
                                           "30,40",
                                           "0x",
                                           "0x1g",
                                           "08",
                                           "30.",
                                           "\v30",
                                           "30\r",
                                           "thirty",
                                           "30\n40",
                                           "0000000000000000000036",
                                           "18446744073709551646" };

        for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
                set("tcp_fin_timeout", "60");
                set("tcp_fin_timeout", good[i].text);
                assert_string_equal(get("tcp_fin_timeout"), good[i].read);
        }
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
                expect_complaint("net.ipv4.tcp_fin_timeout", bad[i], "5", "120");
}

static void
an_overlong_text_is_refused(void **state)
{
        (void)state;
        static char text[100000];

        memset(text, '1', sizeof text - 1);
        expect_complaint("net.ipv4.tcp_fin_timeout", text, "5", "120");
        expect_complaint("net.ipv4.ip_local_reserved_ports", text, "1", "65535");
        expect_complaint("net.ipv4.tcp_congestion_control", text, "reno", "reno");
        memset(text, ' ', sizeof text - 1); /* blanks may be as many as one likes */
        text[50000] = '7';
        set("tcp_fin_timeout", text);
        assert_string_equal(get("tcp_fin_timeout"), "7");
}

static void
a_name_in_any_spelling(void **state)
{
        (void)state;
        const char *why = "untouched";
        char text[8];

        set("tcp_fin_timeout", "31");
        assert_string_equal(get("net.ipv4.tcp_fin_timeout"), "31");
        assert_string_equal(get("net/ipv4/tcp_fin_timeout"), "31");
        assert_string_equal(get("/proc/sys/net/ipv4/tcp_fin_timeout"), "31");
        assert_string_equal(get("TCP_FIN_TIMEOUT"), "31");
        assert_int_equal(la_knob_set(e.stack, "tcp_nonsense", "1", &why), LA_ERR_NO_KNOB);
        assert_int_equal(la_knob_set(e.stack, "lastack.nonsense", "1", &why), LA_ERR_NO_KNOB);
        assert_int_equal(la_knob_set_dangerous(e.stack, "", "1", &why), LA_ERR_NO_KNOB);
        assert_int_equal(la_knob_get(e.stack, "tcp_nonsense", text, sizeof text), LA_ERR_NO_KNOB);
        assert_string_equal(why, "untouched");
}

static void
a_value_needs_room(void **state)
{
        (void)state;
        char text[8] = "before";

        assert_int_equal(la_knob_get(e.stack, "tcp_rmem", text, sizeof text), LA_ERR_INVALID);
        assert_string_equal(text, "before");
        assert_int_equal(la_knob_get(e.stack, "tcp_fin_timeout", text, 2), LA_ERR_INVALID);
        assert_string_equal(text, "before");
        assert_int_equal(la_knob_get(e.stack, "tcp_fin_timeout", text, 3), LA_OK);
        assert_string_equal(text, "60");
}

/* ---- Running ---- */

int
main(void)
{
        struct CMUnitTest tests[64] = {
                engine_test(each_has_a_test),
                engine_test(each_is_in_the_table),
                engine_test(each_has_the_tables_default),
                engine_test(each_tells_its_standard),
                engine_test(each_tells_its_range),
                engine_test(each_keeps_to_its_range),
                engine_test(lists_keep_to_their_ranges),
                engine_test(numbers_as_the_kernel_reads_them),
                engine_test(an_overlong_text_is_refused),
                engine_test(a_name_in_any_spelling),
                engine_test(a_value_needs_room),
        };
        size_t n = 9;

        for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
                for (const struct knob_test *t = tables[i]; t->name; t++)
                        tests[n++] = (struct CMUnitTest){ t->name, t->test, setup_engine, teardown_engine, NULL };
        return _cmocka_run_group_tests("tunables", tests, n, NULL, NULL);
}
