/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_ecn.h - what the tests of Explicit Congestion Notification share.  In segments E is ECE, and C is CWR. */
#ifndef LASTACK_TESTS_ENGINE_ECN_H
#define LASTACK_TESTS_ENGINE_ECN_H

#include "engine.h"

#define SEGMENT 1460u

static inline struct la_tcp_details
details(void)
{
        return snapshot_now().tcp;
}

/* A listener's connection, agreed upon. */
static inline void
agreed(void)
{
        listening();
        seg("SEC 0:0 win 65535 mss 1460");
        expect_sent("SAE 0:0 ack 1 ecn none");
        seg("A 1:1 ack 1 win 65535");
        accept_it();
        assert_true(details().ecn);
}

static inline void
option(enum la_option which, int64_t value)
{
        assert_int_equal(la_option_set(e.stack, e.now, e.connection, which, value), LA_OK);
}

#endif
