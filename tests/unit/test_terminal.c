/* SPDX-License-Identifier: BSD-2-Clause */
/* What the place that text goes to can show: the columns that a text takes there. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/terminal.h"

static size_t
columns_of(const char *text)
{
        return terminal_columns(text, strlen(text));
}

static void
ascii_takes_a_column_a_byte(void **unused)
{
        (void)unused;
        assert_int_equal(columns_of(""), 0);
        assert_int_equal(columns_of("TIME_WAIT 12 ~"), 14);
        assert_int_equal(terminal_columns("TIME_WAIT", 4), 4);
}

static void
columns_are_not_bytes(void **unused)
{
        (void)unused;
        if (!setlocale(LC_ALL, "C.UTF-8")) {
                print_message("# there is no UTF-8 locale on this system\n");
                skip();
        }
        assert_int_equal(columns_of("ü"), 1);
        assert_int_equal(columns_of("例"), 2);
        assert_int_equal(columns_of("aüb例c"), 6);
        assert_int_equal(columns_of("\xff\xfe"), 2);    /* no UTF-8 at all */
        assert_int_equal(terminal_columns("例", 2), 2); /* nor is the beginning of a character */
        setlocale(LC_ALL, "C");
}

static void
colours_take_none(void **unused)
{
        (void)unused;
        assert_int_equal(columns_of("\033[1;31mred\033[0m"), 3);
}

/* Nothing is read behind the text's end in search of the sequence's: a sanitizer watches this buffer. */
static void
a_colour_may_lack_its_end(void **unused)
{
        static const char text[] = { 'a', '\033', '[', '1' };
        char *copy = malloc(sizeof(text));

        (void)unused;
        assert_non_null(copy);
        memcpy(copy, text, sizeof(text));
        assert_int_equal(terminal_columns(copy, sizeof(text)), 1);
        free(copy);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(ascii_takes_a_column_a_byte),
                cmocka_unit_test(columns_are_not_bytes),
                cmocka_unit_test(colours_take_none),
                cmocka_unit_test(a_colour_may_lack_its_end),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
