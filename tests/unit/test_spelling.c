/* SPDX-License-Identifier: BSD-2-Clause */
/* Names as people write them: which are the same, and how far others are apart. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/spelling.h"

#define LETTERS_63 "012345678901234567890123456789012345678901234567890123456789012"

static void
case_and_fillers_do_not_count(void **unused)
{
        (void)unused;
        assert_true(spelling_same("TIME_WAIT", "time-wait"));
        assert_true(spelling_same("time wait", "TimeWait"));
        assert_true(spelling_same("-_ ", ""));
        assert_false(spelling_same("time-wait", "time-wai"));
        assert_false(spelling_same("close-wait", "time-wait"));
}

static void
what_follows_a_prefix(void **unused)
{
        (void)unused;
        assert_string_equal(spelling_after("TCP_ESTABLISHED", "tcp"), "_ESTABLISHED");
        assert_string_equal(spelling_after("t-c-p", "tcp"), "");
        assert_string_equal(spelling_after("any", ""), "any");
        assert_null(spelling_after("TC", "tcp"));
        assert_null(spelling_after("UDP", "tcp"));
}

static void
distances(void **unused)
{
        (void)unused;
        assert_int_equal(spelling_distance("", ""), 0);
        assert_int_equal(spelling_distance("TIME_WAIT", "time-wait"), 0);
        assert_int_equal(spelling_distance("abc", ""), 3);
        assert_int_equal(spelling_distance("", "abc"), 3);
        assert_int_equal(spelling_distance("closing", "closng"), 1);
        assert_int_equal(spelling_distance("closing", "colsing"), 1); /* swapped */
        assert_int_equal(spelling_distance("kitten", "sitting"), 3);
        assert_int_equal(spelling_distance("sitting", "kitten"), 3);
}

static void
endless_names_are_as_far_as_can_be(void **unused)
{
        (void)unused;
        assert_int_equal(spelling_distance(LETTERS_63, "0"), 62);
        assert_int_equal(spelling_distance("0", LETTERS_63), 62);
        assert_int_equal(spelling_distance(LETTERS_63 "-", LETTERS_63), 0);
        assert_int_equal(spelling_distance(LETTERS_63 "3", "0"), UINT_MAX);
        assert_int_equal(spelling_distance("0", LETTERS_63 "3"), UINT_MAX);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(case_and_fillers_do_not_count),
                cmocka_unit_test(what_follows_a_prefix),
                cmocka_unit_test(distances),
                cmocka_unit_test(endless_names_are_as_far_as_can_be),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
