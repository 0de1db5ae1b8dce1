/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_knobs.h - a test for each tunable, that shows a connection behaving differently.
 *
 * The test is named by its tunable and stands in the table of its file; test_engine_knobs.c runs them all, and fails for
 * a tunable that has none.
 */
#ifndef LASTACK_TESTS_ENGINE_KNOBS_H
#define LASTACK_TESTS_ENGINE_KNOBS_H

#include "engine.h"

struct knob_test {
        const char *name; /* the last part for Linux's, in full for our own; NULL behind the last */
        CMUnitTestFunction test;
};

#define KNOB_TEST(leaf)     \
        {                   \
#leaf, leaf \
        }
#define OWN_KNOB_TEST(leaf)            \
        {                              \
                "lastack." #leaf, leaf \
        }

extern const struct knob_test knob_tests_waiting[], knob_tests_listening[], knob_tests_opening[], knob_tests_sending[];

/* Sets it as anybody would, and not by insisting. */
void set(const char *name, const char *value);

#endif
