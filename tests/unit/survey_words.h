/* SPDX-License-Identifier: BSD-2-Clause */
/* survey_words.h - the words that tests of the survey are written in. */
#ifndef LASTACK_TESTS_SURVEY_WORDS_H
#define LASTACK_TESTS_SURVEY_WORDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "doctor/survey.h"
#include "snapshot_words.h"

static struct survey survey;

static inline int
begin(void **unused)
{
        (void)unused;
        memset(&survey, 0, sizeof(survey));
        survey.port_low = 32768;
        survey.port_high = 60999;
        return 0;
}

static inline int
end(void **unused)
{
        (void)unused;
        survey_fini(&survey);
        return 0;
}

static inline void
add(struct la_snapshot s)
{
        assert_int_equal(survey_add(&survey, &s), 0);
}

#endif
