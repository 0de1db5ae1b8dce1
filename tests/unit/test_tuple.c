/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections as people name them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "cli/tuple.h"

static struct la_snapshot
connection(enum la_family family, const char *local, uint16_t local_port, const char *remote, uint16_t remote_port)
{
        struct la_snapshot s = { .family = family, .local.port = local_port, .remote.port = remote_port };
        int af = family == LA_IPV4 ? AF_INET : AF_INET6;

        assert_int_equal(inet_pton(af, local, s.local.address), 1);
        assert_int_equal(inet_pton(af, remote, s.remote.address), 1);
        return s;
}

static struct tuple_name
parsed(const char *text)
{
        struct tuple_name t;
        char word[TUPLE_WORD_SIZE];

        if (tuple_parse(text, &t, word) < 0)
                fail_msg("'%s': '%s' refused", text, word);
        return t;
}

static void
expect_named(const char *text, const struct la_snapshot *s, bool straight, bool swapped)
{
        struct tuple_name t = parsed(text);

        if (tuple_names(&t, s, false) != straight || tuple_names(&t, s, true) != swapped)
                fail_msg("'%s': named %d, swapped %d", text, tuple_names(&t, s, false), tuple_names(&t, s, true));
}

static void
both_ends_name_one(void **state)
{
        (void)state;
        struct la_snapshot s = connection(LA_IPV4, "10.0.0.1", 80, "10.0.0.9", 40312);

        expect_named("10.0.0.1:80 10.0.0.9:40312", &s, true, false);
        expect_named("10.0.0.1:80 -> 10.0.0.9:40312", &s, true, false);
        expect_named("10.0.0.1:http 10.0.0.9:40312", &s, true, false); /* as ls shows it */
        expect_named("10.0.0.1:80\t<->\t10.0.0.9:40312", &s, true, false);
        expect_named("10.0.0.9:40312 10.0.0.1:80", &s, false, true);
        expect_named("10.0.0.1:80 10.0.0.9:40313", &s, false, false);
        expect_named("10.0.0.2:80 10.0.0.9:40312", &s, false, false);
        expect_named("[::1]:80 10.0.0.9:40312", &s, false, false);
}

static void
one_end_names_it_from_either_side(void **state)
{
        (void)state;
        struct la_snapshot s = connection(LA_IPV4, "10.0.0.1", 80, "10.0.0.9", 40312);

        expect_named("10.0.0.1:80", &s, true, false);
        expect_named(":40312", &s, false, true);
        expect_named("*:40312", &s, false, true);
        expect_named("10.0.0.9:*", &s, false, true);
        expect_named("10.0.0.9:", &s, false, true);
        expect_named("*:*", &s, true, true);
        expect_named(":80 10.0.0.9:*", &s, true, false);
}

static void
ipv6_stands_in_brackets(void **state)
{
        (void)state;
        struct la_snapshot s = connection(LA_IPV6, "::1", 80, "fd00::9", 40312);
        struct la_snapshot mapped = connection(LA_IPV6, "::ffff:10.0.0.1", 80, "::ffff:10.0.0.9", 40312);

        expect_named("[::1]:80 [fd00::9]:40312", &s, true, false);
        expect_named("[::1]:*", &s, true, false);
        expect_named("10.0.0.1:80 10.0.0.9:40312", &mapped, true, false);
        expect_named("[::ffff:10.0.0.1]:80", &mapped, true, false);
        expect_named("10.0.0.1:80", &s, false, false);
}

static void
what_is_no_end_is_refused(void **state)
{
        (void)state;
        static const struct {
                const char *text, *word;
        } wrong[] = {
                { "10.0.0.1:80 10.0.0.2", "10.0.0.2" },
                { "10.0.0.256:80", "10.0.0.256:80" },
                { "::1:80", "::1:80" },
                { "[::1]", "[::1]" },
                { "[::1:80", "[::1:80" },
                { "[10.0.0.1]:80", "[10.0.0.1]:80" },
                { "10.0.0.1:65536", "10.0.0.1:65536" },
                { "10.0.0.1:-1", "10.0.0.1:-1" },
                { "10.0.0.1:+1", "10.0.0.1:+1" },
                { "10.0.0.1:80x", "10.0.0.1:80x" },
                { "-> 10.0.0.1:80", "->" },
                { ":80 -> :81 ->", "->" },
                { ":80 :81 :82", ":82" },
                { ":\033[31m", ":?[31m" },
        };

        for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
                struct tuple_name t = { .count = 77 };
                char word[TUPLE_WORD_SIZE];

                if (tuple_parse(wrong[i].text, &t, word) != -EINVAL)
                        fail_msg("'%s' is not refused", wrong[i].text);
                assert_string_equal(word, wrong[i].word);
                assert_int_equal(t.count, 77);
        }
}

static void
a_long_word_is_cut(void **state)
{
        (void)state;
        char text[1000], word[TUPLE_WORD_SIZE];
        struct tuple_name t;

        memset(text, ':', sizeof(text) - 1);
        text[sizeof(text) - 1] = '\0';
        assert_int_equal(tuple_parse(text, &t, word), -EINVAL);
        assert_int_equal(strlen(word), TUPLE_WORD_SIZE - 1);
}

static void
a_whole_one_is_told_from_a_pattern(void **state)
{
        (void)state;
        struct tuple_name t = parsed("10.0.0.1:80 10.0.0.9:40312");

        assert_true(tuple_is_whole(&t));
        t = parsed("10.0.0.1:80");
        assert_false(tuple_is_whole(&t));
        t = parsed("10.0.0.1:80 *:40312");
        assert_false(tuple_is_whole(&t));
        t = parsed("10.0.0.1:80 10.0.0.9:*");
        assert_false(tuple_is_whole(&t));
        t = parsed("10.0.0.1:80 [::1]:5");
        assert_false(tuple_is_whole(&t));
        assert_true(tuple_is_meant(":80"));
        assert_false(tuple_is_meant("FIN_WAIT_1 -> CLOSING"));
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(both_ends_name_one),      cmocka_unit_test(one_end_names_it_from_either_side),
                cmocka_unit_test(ipv6_stands_in_brackets), cmocka_unit_test(what_is_no_end_is_refused),
                cmocka_unit_test(a_long_word_is_cut),      cmocka_unit_test(a_whole_one_is_told_from_a_pattern),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
