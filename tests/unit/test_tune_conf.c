/* SPDX-License-Identifier: BSD-2-Clause */
/* sysctl.conf as it is written and pasted, and the values in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tune/conf.h"
#include "tune/value.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct tune_conf
read_text(const char *text)
{
        struct tune_conf conf = { 0 };

        assert_int_equal(tune_conf_read(&conf, 0, text, strlen(text)), 0);
        return conf;
}

static void
each_form_of_a_line(void **unused)
{
        static const struct {
                const char *text, *name, *value;
                uint32_t oddities;
        } lines[] = {
                { "net.ipv4.tcp_sack = 1\n", "net.ipv4.tcp_sack", "1", 0 },
                { "net.ipv4.tcp_sack=1", "net.ipv4.tcp_sack", "1", 0 },
                { "  net.ipv4.tcp_sack\t=\t1  \r\n", "net.ipv4.tcp_sack", "1", 0 },
                { "net/ipv4/tcp_sack = 1\n", "net.ipv4.tcp_sack", "1", 0 },
                { "/net/ipv4/tcp_sack = 1\n", "net.ipv4.tcp_sack", "1", 0 },
                { "-net.ipv4.tcp_sack = 1\n", "net.ipv4.tcp_sack", "1", 0 },
                { "net/ipv4/conf/eth0.1/rp_filter = 1\n", "net.ipv4.conf.eth0/1.rp_filter", "1", 0 },
                { "net.ipv4.conf.eth0/1.rp_filter = 1\n", "net.ipv4.conf.eth0/1.rp_filter", "1", 0 },
                { "net.ipv4.tcp_rmem = 4096   87380\t16777216\n", "net.ipv4.tcp_rmem", "4096 87380 16777216", 0 },
                { "\xef\xbb\xbfnet.ipv4.tcp_sack = 1\n", "net.ipv4.tcp_sack", "1", TUNE_ODD_BOM },
                { "net.ipv4.tcp_sack\xc2\xa0= 1\n", "net.ipv4.tcp_sack", "1", TUNE_ODD_BLANKS },
                { "net.ipv4.tcp_sack = \"1\"\n", "net.ipv4.tcp_sack", "1", TUNE_ODD_QUOTES },
                { "`net.ipv4.tcp_sack = 1`,\n", "net.ipv4.tcp_sack", "1", TUNE_ODD_QUOTES },
                { "net.ipv4.tcp_sack = 1 # why\n", "net.ipv4.tcp_sack", "1", TUNE_ODD_COMMENT },
                { "sysctl -w net.ipv4.tcp_sack=1\n", "net.ipv4.tcp_sack", "1", TUNE_ODD_COMMAND },
                { "sudo sysctl -w net.ipv4.tcp_sack=1\n", "net.ipv4.tcp_sack", "1", TUNE_ODD_COMMAND },
                { "echo 1 > /proc/sys/net/ipv4/tcp_sack\n", "net.ipv4.tcp_sack", "1", TUNE_ODD_COMMAND },
                { "net.ipv4.tcp_sack\n", "net.ipv4.tcp_sack", "", TUNE_ODD_SETTING },
                { "net.ipv4.tcp_sack =\n", "net.ipv4.tcp_sack", "", TUNE_ODD_NO_VALUE },
                { "= 1\n", "", "1", TUNE_ODD_NO_NAME },
                { "net.core.wmem_max=\x1b[31m", "net.core.wmem_max", "?[31m", 0 },
        };

        (void)unused;
        for (size_t i = 0; i < COUNT(lines); i++) {
                struct tune_conf conf = read_text(lines[i].text);
                const struct tune_setting *s = conf.setting;

                if (conf.count != 1 || strcmp(s->name, lines[i].name) != 0 || strcmp(s->value, lines[i].value) != 0 ||
                    s->oddities != lines[i].oddities)
                        fail_msg("\"%s\": %zu settings, \"%s\" \"%s\" %x", lines[i].text, conf.count,
                                 conf.count ? s->name : "", conf.count ? s->value : "", conf.count ? s->oddities : 0);
                tune_conf_fini(&conf);
        }
}

static void
comments_and_empty_lines_are_no_settings(void **unused)
{
        struct tune_conf conf = read_text("# net.ipv4.tcp_sack = 0\n\n  ; a = 1\n\r\n\t\n#");

        (void)unused;
        assert_int_equal(conf.count, 0);
}

static void
settings_on_one_line_are_taken_apart(void **unused)
{
        struct tune_conf conf = read_text("\"net.ipv4.tcp_syncookies = 1, net.ipv4.ip_local_port_range = 1024 65000, "
                                          "net.ipv4.tcp_sack=1; net.core.somaxconn=5 net.ipv4.tcp_ecn = 1\"");
        static const char *const values[] = { "1", "1024 65000", "1", "5", "1" };

        (void)unused;
        assert_int_equal(conf.count, COUNT(values));
        for (size_t i = 0; i < COUNT(values); i++) {
                assert_string_equal(conf.setting[i].value, values[i]);
                assert_int_equal(conf.setting[i].line, 1);
        }
        assert_true(conf.setting[0].oddities & TUNE_ODD_SEVERAL);
        assert_string_equal(conf.setting[1].name, "net.ipv4.ip_local_port_range");
        tune_conf_fini(&conf);
}

static void
patterns_and_what_they_leave_out(void **unused)
{
        struct tune_conf conf =
                read_text("net.ipv4.conf.*.rp_filter = 2\n-net.ipv4.conf.eth0.rp_filter\n-net.ipv4.tcp_sack = 1\n");

        (void)unused;
        assert_int_equal(conf.count, 3);
        assert_true(conf.setting[0].pattern && !conf.setting[0].exclusion);
        assert_true(conf.setting[1].exclusion && conf.setting[1].oddities == 0);
        assert_true(conf.setting[2].may_fail && !conf.setting[2].exclusion);
        assert_int_equal(conf.setting[2].line, 3);
        tune_conf_fini(&conf);
}

static void
a_huge_line_is_read_and_said(void **unused)
{
        enum { SIZE = 3000000 };
        char *text = malloc(SIZE);
        struct tune_conf conf = { 0 };

        (void)unused;
        memset(text, 'a', SIZE);
        memcpy(text, "net.ipv4.tcp_sack = ", 20);
        assert_int_equal(tune_conf_read(&conf, 0, text, SIZE), 0);
        assert_int_equal(conf.count, 1);
        assert_int_equal(conf.setting[0].oddities, TUNE_ODD_LONG);
        assert_true(strlen(conf.setting[0].text) <= 200);
        tune_conf_fini(&conf);
        free(text);
}

static void
what_is_no_text_is_refused(void **unused)
{
        struct tune_conf conf = { 0 };

        (void)unused;
        assert_int_equal(tune_conf_read(&conf, 0, "a = 1\0b", 7), -84); /* EILSEQ */
        tune_conf_fini(&conf);
}

static void
values_as_the_kernel_reads_them(void **unused)
{
        static const struct {
                enum la_knob_kind kind;
                const char *text, *canonical;
                uint32_t odd;
        } values[] = {
                { LA_KNOB_NUMBER, "30", "30", 0 },
                { LA_KNOB_NUMBER, "-1", "-1", 0 },
                { LA_KNOB_NUMBER, "030", "24", TUNE_VALUE_OCTAL },
                { LA_KNOB_NUMBER, "0x1e", "30", TUNE_VALUE_HEX },
                { LA_KNOB_NUMBER, "0", "0", 0 },
                { LA_KNOB_NUMBER, "30 40", "30", TUNE_VALUE_MORE },
                { LA_KNOB_NUMBER, "30s", "30", TUNE_VALUE_UNIT },
                { LA_KNOB_NUMBER, "", "", TUNE_VALUE_EMPTY },
                { LA_KNOB_NUMBER, "yes", "yes", TUNE_VALUE_NO_NUMBER },
                { LA_KNOB_NUMBER, "+30", "+30", TUNE_VALUE_NO_NUMBER },
                { LA_KNOB_NUMBER, "99999999999999999999", "99999999999999999999", TUNE_VALUE_NO_NUMBER },
                { LA_KNOB_RANGE, "1024\t65000", "1024 65000", 0 },
                { LA_KNOB_RANGE, "1024-65000", "1024 65000", TUNE_VALUE_COMMAS },
                { LA_KNOB_RANGE, "1024", "1024", TUNE_VALUE_FEWER },
                { LA_KNOB_TRIPLE, "4096,87380,16777216", "4096 87380 16777216", TUNE_VALUE_COMMAS },
                { LA_KNOB_TRIPLE, "1 2 3 4", "1 2 3", TUNE_VALUE_MORE },
                { LA_KNOB_PORT_LIST, "8080,9000-9005", "8080,9000-9005", 0 },
                { LA_KNOB_PORT_LIST, "", "", 0 },
                { LA_KNOB_PORT_LIST, "8080, 9000", "8080, 9000", TUNE_VALUE_NO_NUMBER },
                { LA_KNOB_WORD, " bbr ", "bbr", 0 },
        };

        (void)unused;
        for (size_t i = 0; i < COUNT(values); i++) {
                struct tune_value v = tune_value_read(values[i].kind, values[i].text);
                char *canonical = tune_value_canonical(values[i].kind, values[i].text);

                if (v.odd != values[i].odd || strcmp(canonical, values[i].canonical) != 0)
                        fail_msg("\"%s\" is \"%s\", odd %x", values[i].text, canonical, v.odd);
                free(canonical);
        }
}

static void
values_that_mean_the_same(void **unused)
{
        (void)unused;
        assert_true(tune_value_same(LA_KNOB_RANGE, "1024 65000", "1024\t65000"));
        assert_true(tune_value_same(LA_KNOB_NUMBER, "0x10", "16"));
        assert_true(tune_value_same(LA_KNOB_PORT_LIST, "8080,8081,9000", "8080-8081,9000"));
        assert_true(tune_value_same(LA_KNOB_PORT_LIST, "", ""));
        assert_true(tune_value_same(LA_KNOB_WORD, "bbr", " bbr"));
        assert_false(tune_value_same(LA_KNOB_PORT_LIST, "8080", ""));
        assert_false(tune_value_same(LA_KNOB_NUMBER, "1", "2"));
        assert_false(tune_value_same(LA_KNOB_TRIPLE, "1 2 3", "1 2"));
        assert_false(tune_value_same(LA_KNOB_WORD, "bbr", "bbr2"));
}

static void
a_setting_of_the_command_line(void **unused)
{
        struct tune_conf conf = { 0 };

        (void)unused;
        assert_int_equal(tune_conf_word(&conf, "tcp_tw_reuse=1"), 0);
        assert_string_equal(conf.setting[0].name, "tcp_tw_reuse");
        assert_int_equal(tune_conf_word(&conf, "tcp_tw_reuse"), -22); /* EINVAL */
        assert_int_equal(tune_conf_word(&conf, "=1"), -22);
        tune_conf_fini(&conf);
}

static void
names_are_paths(void **unused)
{
        char *path = tune_name_path("net.ipv4.conf.eth0/1.rp_filter");

        (void)unused;
        assert_string_equal(path, "net/ipv4/conf/eth0.1/rp_filter");
        free(path);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_form_of_a_line),
                cmocka_unit_test(comments_and_empty_lines_are_no_settings),
                cmocka_unit_test(settings_on_one_line_are_taken_apart),
                cmocka_unit_test(patterns_and_what_they_leave_out),
                cmocka_unit_test(a_huge_line_is_read_and_said),
                cmocka_unit_test(what_is_no_text_is_refused),
                cmocka_unit_test(values_as_the_kernel_reads_them),
                cmocka_unit_test(values_that_mean_the_same),
                cmocka_unit_test(a_setting_of_the_command_line),
                cmocka_unit_test(names_are_paths),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
