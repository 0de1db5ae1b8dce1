/* SPDX-License-Identifier: BSD-2-Clause */
/* Limits below what is sane: refused, unless somebody insists, and then kept. */
#include "engine.h"

static enum la_error
insist(const char *name, const char *value)
{
        return la_knob_set_dangerous(e.stack, name, value, NULL);
}

static void
limits_have_a_sane_least_value(void **state)
{
        const char *error = NULL;

        (void)state;
        assert_int_equal(la_knob_set(e.stack, "tcp_max_orphans", "0", &error), LA_ERR_KNOB_VALUE);
        assert_non_null(error);
        assert_int_equal(la_knob_set(e.stack, "tcp_max_tw_buckets", "1023", NULL), LA_ERR_KNOB_VALUE);
        assert_int_equal(insist("tcp_max_orphans", "-1"), LA_ERR_KNOB_VALUE);
        assert_int_equal(insist("tcp_fin_timeout", "0"), LA_ERR_KNOB_VALUE);
}

static void
an_orphan_over_the_limit_is_reset(void **state)
{
        (void)state;
        assert_int_equal(insist("tcp_max_orphans", "0"), LA_OK);
        established();
        assert_int_equal(la_close(e.stack, e.now, e.connection), LA_OK);
        expect_gone();
        assert_int_equal(la_transition_count(e.stack, LA_T_FIN_WAIT_1_ORPHAN_LIMIT), 1);
        assert_int_equal(la_usage(e.stack).orphans, 0);
}

static void
without_room_for_records_there_is_no_time_wait(void **state)
{
        (void)state;
        assert_int_equal(insist("tcp_max_tw_buckets", "0"), LA_OK);
        fin_wait_2();
        seg("FA 1:1 ack 2 win 65535");
        expect_gone();
        assert_int_equal(la_transition_count(e.stack, LA_T_TIME_WAIT_OVERFLOW), 1);
        assert_int_equal(counted(LA_C_TCPTimeWaitOverflow), 1);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(limits_have_a_sane_least_value),
                engine_test(an_orphan_over_the_limit_is_reset),
                engine_test(without_room_for_records_there_is_no_time_wait),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
