/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_counters.h - a test for each counter, that shows when it moves.
 *
 *         expect_counted("InSegs 1, EstabResets 1");
 *
 * All that have moved since the last such line, and by how much; what was sent meanwhile is forgotten with it.  What
 * Linux counts for the same was read from nstat on Linux 6.18.  TCPPureAcks, TCPHPAcks and TCPHPHits, of which one or
 * another counts a segment by the path that it took, are compared only where they are named; and so are counters of IP,
 * which count every packet.
 */
#ifndef LASTACK_TESTS_ENGINE_COUNTERS_H
#define LASTACK_TESTS_ENGINE_COUNTERS_H

#include "engine.h"

struct counter_test {
        enum la_counter counter; /* LA_COUNTER_COUNT behind the last */
        const char *name;
        CMUnitTestFunction test;
};

#define COUNTER_TEST(name)               \
        {                                \
                LA_C_##name, #name, name \
        }
#define COUNTER_TESTS_END                    \
        {                                    \
                LA_COUNTER_COUNT, NULL, NULL \
        }

extern const struct counter_test counter_tests_opening[], counter_tests_sending[], counter_tests_closing[],
        counter_tests_refusing[];

void expect_counted_at(const char *text, const char *file, int line);
#define expect_counted(text) expect_counted_at(text, __FILE__, __LINE__)
void forget_counted(void); /* whatever has moved until now */
void next_peer(void);      /* another port, and nobody listens any more */

#endif
