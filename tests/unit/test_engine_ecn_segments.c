/* SPDX-License-Identifier: BSD-2-Clause */
/* Explicit Congestion Notification, which segments say that they may be marked: RFC 3168 5, 6.1.4 to 6.1.6. */
#include "engine_ecn_text.h"

/* ---- 6.1.4 to 6.1.6: what routers must not mark ---- */

static void
what_carries_no_text_is_not_ect(void **state)
{
        (void)state;
        agreed();
        seg("PA 1:101 ack 1 ecn ect0");
        after_ms(40);
        expect_sent("A 1:1 ack 101 ecn none");
        assert_int_equal(la_shutdown(e.stack, e.now, e.connection), LA_OK);
        expect_sent("FA 1:1 ack 101 ecn none");
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        expect_sent("RA 2:2 ack 101 ecn none");
}

static void
what_is_sent_again_is_not_ect(void **state)
{
        (void)state;
        agreed();
        assert_int_equal(write_bytes(3 * SEGMENT), 3 * SEGMENT);
        forget_sent();
        after_ms(200);
        expect_text("A", segment_at(0), 1, "none");
        acked("A", 1);
        expect_text("A", segment_at(1), 1, "none");
        expect_text("PA", segment_at(2), 1, "none");
}

static void
a_probe_is_neither_ect_nor_cwr(void **state)
{
        (void)state;
        agreed();
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11 ecn ect0");
        after_ms(200);
        expect_sent("PA 1:11 ecn none");
        seg("A 1:1 ack 11 win 0");
        assert_int_equal(write_bytes(10), 10);
        expect_nothing_sent();
        after_ms(1000);
        expect_sent("A 10:10 ecn none");
        forget_sent();
        seg("A 1:1 ack 11 win 65535");
        expect_sent("PAC 11:21 ecn ect0");
}

static void
a_probe_for_life_is_not_ect(void **state)
{
        (void)state;
        agreed();
        option(LA_OPTION_KEEPALIVE_TIME, 10);
        option(LA_OPTION_KEEPALIVE, 1);
        after_ms(10000);
        expect_sent("A 0:0 ack 1 ecn none");
}

/* ---- The type of service is the user's, ECN is not (RFC 9293 MUST-48, RFC 3168 5) ---- */

/* Shows MUST-48. */
static void
must_48_leaves_ecn_alone(void **state)
{
        int64_t value;

        (void)state;
        agreed();
        option(LA_OPTION_TOS, 0xbb);
        assert_int_equal(la_option_get(e.stack, e.connection, LA_OPTION_TOS, &value), LA_OK);
        assert_int_equal(value, 0xb8);
        assert_int_equal(write_bytes(10), 10);
        expect_sent("PA 1:11");
        assert_int_equal(e.last.ip.traffic_class, 0xb8 | IP_ECT_0);
        seg("PA 1:101 ack 11 ecn ce");
        expect_sent("AE 11:11 ack 101");
        assert_int_equal(e.last.ip.traffic_class, 0xb8 | IP_NOT_ECT);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(what_carries_no_text_is_not_ect), engine_test(what_is_sent_again_is_not_ect),
                engine_test(a_probe_is_neither_ect_nor_cwr),  engine_test(a_probe_for_life_is_not_ect),
                engine_test(must_48_leaves_ecn_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
