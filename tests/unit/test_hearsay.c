/* SPDX-License-Identifier: BSD-2-Clause */
/* What neighbours answered to one queue, as the others find it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "link/hearsay.h"

static void
tell_number(struct hearsay *h, uint8_t number, size_t size)
{
        uint8_t frame[HEARSAY_FRAME_MAX + 1];

        memset(frame, number, sizeof(frame));
        hearsay_tell(h, frame, size);
}

static void
each_hears_all_in_order(void **state)
{
        struct hearsay *h = hearsay_new(2);
        uint8_t frame[HEARSAY_FRAME_MAX];
        uint64_t heard[2] = { 0, 0 };

        (void)state;
        assert_non_null(h);
        tell_number(h, 1, 42);
        tell_number(h, 2, 60);
        for (int i = 0; i < 2; i++) {
                assert_int_equal(hearsay_next(h, &heard[i], frame), 42);
                assert_int_equal(frame[41], 1);
                assert_int_equal(hearsay_next(h, &heard[i], frame), 60);
                assert_int_equal(frame[59], 2);
                assert_int_equal(hearsay_next(h, &heard[i], frame), 0);
        }
        tell_number(h, 3, 42);
        assert_int_equal(hearsay_next(h, &heard[0], frame), 42);
        assert_int_equal(frame[0], 3);
        hearsay_leave(h);
        hearsay_leave(h);
}

/* Who listens too late finds the latest, and none of them twice. */
static void
the_latest_are_kept(void **state)
{
        struct hearsay *h = hearsay_new(1);
        uint8_t frame[HEARSAY_FRAME_MAX];
        uint64_t heard = 0;
        unsigned int found = 0;
        uint8_t last = 0;

        (void)state;
        for (unsigned int i = 0; i < 1000; i++)
                tell_number(h, (uint8_t)i, 42);
        while (hearsay_next(h, &heard, frame) > 0) {
                if (found++ > 0)
                        assert_int_equal(frame[0], (uint8_t)(last + 1));
                last = frame[0];
        }
        assert_in_range(found, 64, 999);
        assert_int_equal(last, (uint8_t)999);
        hearsay_leave(h);
}

static void
what_is_too_long_for_an_answer_is_left_out(void **state)
{
        struct hearsay *h = hearsay_new(1);
        uint8_t frame[HEARSAY_FRAME_MAX];
        uint64_t heard = 0;

        (void)state;
        tell_number(h, 1, HEARSAY_FRAME_MAX + 1);
        assert_int_equal(hearsay_next(h, &heard, frame), 0);
        tell_number(h, 2, HEARSAY_FRAME_MAX);
        assert_int_equal(hearsay_next(h, &heard, frame), HEARSAY_FRAME_MAX);
        hearsay_leave(h);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(each_hears_all_in_order),
                cmocka_unit_test(the_latest_are_kept),
                cmocka_unit_test(what_is_too_long_for_an_answer_is_left_out),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
