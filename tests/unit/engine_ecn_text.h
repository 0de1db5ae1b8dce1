/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_ecn_text.h - engine_ecn.h's words, and more for who sends much text: full segments, counted. */
#ifndef LASTACK_TESTS_ENGINE_ECN_TEXT_H
#define LASTACK_TESTS_ENGINE_ECN_TEXT_H

#include "engine_ecn.h"

/* Full segments leave, the first of them beginning at `from`. */
static inline void
expect_text(const char *flags, unsigned int from, unsigned int segments, const char *ecn)
{
        char text[64];

        for (unsigned int i = 0; i < segments; i++) {
                unsigned int at = from + i * SEGMENT;

                snprintf(text, sizeof text, "%s %u:%u ecn %s", flags, at, at + SEGMENT, ecn);
                expect_sent(text);
        }
}

/* So many segments are acknowledged. */
static inline void
acked(const char *flags, unsigned int segments)
{
        char text[64];

        snprintf(text, sizeof text, "%s 1:1 ack %u", flags, 1 + segments * SEGMENT);
        seg(text);
}

static inline unsigned int
segment_at(unsigned int n)
{
        return 1 + n * SEGMENT;
}

/* The initial window, ten segments, is in flight, and much more waits. */
static inline void
window_in_flight(void)
{
        agreed();
        assert_int_equal(write_bytes(100 * SEGMENT), 100 * SEGMENT);
        expect_text("A", 1, 10, "ect0");
        expect_nothing_sent();
}

#endif
