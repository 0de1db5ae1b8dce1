/* SPDX-License-Identifier: BSD-2-Clause */
/* When to ask a link again at once, and how long to look before sleeping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "link/guess.h"

#define MOST_US 50

static void
test_asking_at_once_begins_when_it_would_have_paid_twice(void **state)
{
        struct guess g = { 0 };

        (void)state;
        assert_false(guess_ask_again(&g));
        guess_asked(&g, true);
        assert_false(guess_ask_again(&g));
        guess_asked(&g, true);
        assert_true(guess_ask_again(&g));
}

static void
test_asking_at_once_stops_after_a_few_that_found_nothing(void **state)
{
        struct guess g = { 0 };

        (void)state;
        for (int i = 0; i < 1000; i++)
                guess_asked(&g, true);
        for (int i = 0; i < 3; i++)
                guess_asked(&g, false);
        assert_false(guess_ask_again(&g));
}

static void
test_nothing_is_spun_where_it_is_not_allowed(void **state)
{
        struct guess g = { 0 };

        (void)state;
        assert_int_equal(guess_spin_us(&g, 0), 0);
}

static void
test_it_spins_as_long_as_packets_are_likely_and_no_longer_than_allowed(void **state)
{
        struct guess g = { .gap_us = 5 };

        (void)state;
        assert_in_range(guess_spin_us(&g, MOST_US), 5, 20);
        g.gap_us = MOST_US - 1;
        assert_int_equal(guess_spin_us(&g, MOST_US), MOST_US);
}

/* A client that thinks for a second is not waited for, and after it one that is quick again is. */
static void
test_one_long_wait_ends_spinning_and_a_few_short_ones_begin_it_again(void **state)
{
        struct guess g = { .gap_us = 5 };
        int short_waits = 0;

        (void)state;
        guess_came_after(&g, 1000000);
        assert_int_equal(guess_spin_us(&g, MOST_US), 0);
        while (guess_spin_us(&g, MOST_US) == 0 && short_waits < 100) {
                guess_came_after(&g, 5);
                short_waits++;
        }
        assert_in_range(short_waits, 1, 20);
}

static void
a_stream_is_not_looked_for(void **state)
{
        struct guess g = { 0 };

        (void)state;
        guess_came_after(&g, 10);
        guess_brought(&g, GUESS_STREAM - 1);
        assert_true(guess_spin_us(&g, 50) > 0);
        guess_brought(&g, GUESS_STREAM);
        assert_int_equal(guess_spin_us(&g, 50), 0);
        guess_answered(&g); /* as echo does */
        assert_true(guess_spin_us(&g, 50) > 0);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_asking_at_once_begins_when_it_would_have_paid_twice),
                cmocka_unit_test(test_asking_at_once_stops_after_a_few_that_found_nothing),
                cmocka_unit_test(test_nothing_is_spun_where_it_is_not_allowed),
                cmocka_unit_test(test_it_spins_as_long_as_packets_are_likely_and_no_longer_than_allowed),
                cmocka_unit_test(test_one_long_wait_ends_spinning_and_a_few_short_ones_begin_it_again),
                cmocka_unit_test(a_stream_is_not_looked_for),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
