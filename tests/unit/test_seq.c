/* SPDX-License-Identifier: BSD-2-Clause */
/* Sequence numbers: RFC 9293 3.4.  That `a < b` does not compile is checked where the tests are configured. */
#include "wire/seq.h"

#include "packets.h"

static void
order_holds_across_the_wrap(void **state)
{
        static const uint32_t starts[] = { 0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff };
        static const uint32_t steps[] = { 1, 2, 1000, 0x40000000, 0x7fffffff };

        (void)state;
        for (size_t i = 0; i < 6; i++)
                for (size_t j = 0; j < 5; j++) {
                        tcp_seq a = seq_of(starts[i]), b = seq_add(a, steps[j]);
                        assert_true(seq_lt(a, b) && seq_le(a, b) && seq_gt(b, a) && seq_ge(b, a));
                        assert_false(seq_lt(b, a) || seq_le(b, a) || seq_gt(a, b) || seq_ge(a, b) || seq_eq(a, b));
                        assert_int_equal(seq_diff(b, a), (int32_t)steps[j]);
                        assert_int_equal(seq_diff(a, b), -(int32_t)steps[j]);
                        assert_int_equal(seq_distance(a, b), steps[j]);
                        assert_true(seq_eq(seq_sub(b, steps[j]), a));
                        assert_true(seq_eq(seq_max(a, b), b) && seq_eq(seq_max(b, a), b));
                        assert_true(seq_eq(seq_min(a, b), a) && seq_eq(seq_min(b, a), a));
                }
}

static void
equal_is_neither_before_nor_after(void **state)
{
        tcp_seq a = seq_of(0xffffffff), b = seq_add(seq_of(0), UINT32_MAX);

        (void)state;
        assert_true(seq_eq(a, b) && seq_le(a, b) && seq_ge(a, b));
        assert_false(seq_lt(a, b) || seq_gt(a, b));
        assert_int_equal(seq_diff(a, b), 0);
}

static void
window_has_a_left_edge_in_and_a_right_edge_out(void **state)
{
        static const uint32_t sizes[] = { 1, 2, 65535, 0x3fffffff, 0xffffffff };
        tcp_seq left = seq_of(0xfffffff0);

        (void)state;
        for (size_t i = 0; i < 5; i++) {
                assert_true(seq_in_window(left, left, sizes[i]));
                assert_true(seq_in_window(seq_add(left, sizes[i] - 1), left, sizes[i]));
                assert_false(seq_in_window(seq_add(left, sizes[i]), left, sizes[i]));
        }
        assert_false(seq_in_window(seq_sub(left, 1), left, 65535));
        assert_false(seq_in_window(left, left, 0));
}

/* RFC 9293 3.10.7.4: "SND.UNA < SEG.ACK =< SND.NXT". */
static void
range_has_a_left_edge_out_and_a_right_edge_in(void **state)
{
        tcp_seq low = seq_of(0xfffffff0), high = seq_add(low, 100);

        (void)state;
        assert_false(seq_in_range(low, low, high));
        assert_true(seq_in_range(seq_add(low, 1), low, high));
        assert_true(seq_in_range(high, low, high));
        assert_false(seq_in_range(seq_add(high, 1), low, high));
        assert_false(seq_in_range(seq_sub(low, 1), low, high));
        assert_false(seq_in_range(low, low, low));
        assert_false(seq_in_range(high, low, low));
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(order_holds_across_the_wrap),
                cmocka_unit_test(equal_is_neither_before_nor_after),
                cmocka_unit_test(window_has_a_left_edge_in_and_a_right_edge_out),
                cmocka_unit_test(range_has_a_left_edge_out_and_a_right_edge_in),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
