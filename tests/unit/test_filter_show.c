/* SPDX-License-Identifier: BSD-2-Clause */
/* test_filter_show.c - the mark under the wrong word. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "filter/filter.h"

static const char *
shown(const char *text, size_t word, size_t length, unsigned int columns)
{
        static char lines[1024];
        struct filter_error error = { .word = word, .length = length };
        size_t needed = filter_error_show(text, &error, columns, lines, sizeof lines);

        assert_int_equal(needed, strlen(lines));
        return lines;
}

static void
a_word_is_underlined(void **unused)
{
        (void)unused;
        assert_string_equal(shown("state time-wait dprt = :443", 16, 4, 80), "  state time-wait dprt = :443\n"
                                                                             "                  ^~~~\n");
        assert_string_equal(shown("dst > 1.2.3.4", 4, 1, 80), "  dst > 1.2.3.4\n"
                                                              "      ^\n");
}

static void
what_is_missing_is_pointed_at(void **unused)
{
        (void)unused;
        assert_string_equal(shown("dport =", 7, 0, 80), "  dport =\n"
                                                        "         ^\n");
        assert_string_equal(shown("", 0, 0, 80), "  \n"
                                                 "  ^\n");
}

static void
blanks_of_all_kinds_take_one_column(void **unused)
{
        (void)unused;
        assert_string_equal(shown("state\ttime-wait\ndprt", 16, 4, 80), "  state time-wait dprt\n"
                                                                        "                  ^~~~\n");
}

static void
wide_characters_take_their_columns(void **unused)
{
        (void)unused;
        if (!setlocale(LC_CTYPE, "C.UTF-8"))
                skip();
        assert_string_equal(shown("comm = \xe6\x97\xa5\xe6\x9c\xac dprt", 14, 4, 80),
                            "  comm = \xe6\x97\xa5\xe6\x9c\xac dprt\n"
                            "              ^~~~\n");
        assert_string_equal(shown("x \xe6\x97\xa5", 2, 3, 80), "  x \xe6\x97\xa5\n"
                                                               "    ^~\n");
        assert_string_equal(shown("e\xcc\x81 dprt", 4, 4, 80), "  e\xcc\x81 dprt\n"
                                                               "    ^~~~\n");
        setlocale(LC_CTYPE, "C");
}

static void
nothing_reaches_the_terminal_raw(void **unused)
{
        (void)unused;
        assert_string_equal(shown("dev \x1b[2J\xff", 4, 5, 80), "  dev ?[2J?\n"
                                                                "      ^~~~~\n");
        /* In a locale of ASCII alone every other character is foreign, and takes one column. */
        assert_string_equal(shown("\xc3\xbc dprt", 3, 4, 80), "  ? dprt\n"
                                                              "    ^~~~\n");
}

/* 22 columns are 20 for the text. */
static void
a_long_text_is_cut_around_the_word(void **unused)
{
        (void)unused;
        assert_string_equal(shown("0123456789abcdefghij", 18, 2, 22), "  0123456789abcdefghij\n"
                                                                      "                    ^~\n");
        assert_string_equal(shown("word 6789abcdefghijk", 0, 4, 20), "  word 6789abcdef...\n"
                                                                     "  ^~~~\n");
        assert_string_equal(shown("0123456789abcdefghij word", 21, 4, 22), "  ...fghij word\n"
                                                                           "           ^~~~\n");
        assert_string_equal(shown("0123456789abcdefghij word 0123456789", 21, 4, 22), "  ...fghij word 012...\n"
                                                                                      "           ^~~~\n");
        assert_string_equal(shown("0123456789abcdefghij", 20, 0, 22), "  ...efghij\n"
                                                                      "           ^\n");
}

static void
a_long_word_is_cut_too(void **unused)
{
        (void)unused;
        assert_string_equal(shown("dst aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 4, 30, 22), "  dst aaaaaaaaaaaaa...\n"
                                                                                    "      ^~~~~~~~~~~~~\n");
}

static void
no_line_is_wider_than_the_terminal(void **unused)
{
        static const char text[] = "state established dst 10.0.0.0/8 and ( dport = :443 or sport gt :1024 )";

        (void)unused;
        for (unsigned int columns = 20; columns < 100; columns++)
                for (size_t word = 0; word < sizeof text; word++)
                        for (size_t length = 0; word + length < sizeof text; length += 5) {
                                const char *lines = shown(text, word, length, columns);
                                size_t first = strcspn(lines, "\n"), second = strcspn(lines + first + 1, "\n");
                                size_t caret = strcspn(lines + first + 1, "^");

                                assert_in_range(first, 2, columns);
                                assert_in_range(second, 3, columns);
                                if (word + 1 < sizeof text)
                                        assert_int_equal(lines[caret], text[word]);
                        }
}

static void
no_width_means_any_width(void **unused)
{
        (void)unused;
        assert_string_equal(shown("0123456789abcdefghij word", 21, 4, 0), "  0123456789abcdefghij word\n"
                                                                          "                       ^~~~\n");
        assert_string_equal(shown("0123456789abcdefghij word", 21, 4, 1), "  ...fghij word\n"
                                                                          "           ^~~~\n");
}

static void
a_mark_out_of_the_text_stays_in_it(void **unused)
{
        (void)unused;
        assert_string_equal(shown("abc", 99, 99, 80), "  abc\n"
                                                      "     ^\n");
        assert_string_equal(shown("abc", 1, SIZE_MAX, 80), "  abc\n"
                                                           "   ^~\n");
}

static void
a_small_buffer_gets_what_fits(void **unused)
{
        struct filter_error error = { .word = 0, .length = 3 };
        char lines[8] = "xxxxxxx";

        (void)unused;
        assert_int_equal(filter_error_show("abc", &error, 80, lines, 5), 12);
        assert_string_equal(lines, "  ab");
        assert_int_equal(lines[5], 'x');
        assert_int_equal(filter_error_show("abc", &error, 80, NULL, 0), 12);
        assert_int_equal(filter_error_show("abc", &error, 80, lines, 1), 12);
        assert_string_equal(lines, "");
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_word_is_underlined),
                cmocka_unit_test(what_is_missing_is_pointed_at),
                cmocka_unit_test(blanks_of_all_kinds_take_one_column),
                cmocka_unit_test(wide_characters_take_their_columns),
                cmocka_unit_test(nothing_reaches_the_terminal_raw),
                cmocka_unit_test(a_long_text_is_cut_around_the_word),
                cmocka_unit_test(a_long_word_is_cut_too),
                cmocka_unit_test(no_line_is_wider_than_the_terminal),
                cmocka_unit_test(no_width_means_any_width),
                cmocka_unit_test(a_mark_out_of_the_text_stays_in_it),
                cmocka_unit_test(a_small_buffer_gets_what_fits),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
