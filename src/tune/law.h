/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * law.h - what is known of a tunable, from whichever of the two tables has it.
 */
#ifndef LASTACK_TUNE_LAW_H
#define LASTACK_TUNE_LAW_H

#include "model/advice.h"

struct tune_law {
        const struct la_knob_info *knob; /* one of the two */
        const struct la_advice *advice;
        const char *name; /* in full; of a row with '*' that row's */
        enum la_knob_kind kind;
        enum la_knob_scope scope;
        const char *standard, *standard_note;
        int64_t min, max;
        const char *unit, *since, *removed;
        bool inert;                           /* it is there and does nothing for TCP */
        const char *effect, *risk, *mistaken; /* may be "" */
};

/* The law of a name, in full or, of knob.def's, its leaf.  False if neither table has it. */
bool tune_law_of(const char *name, struct tune_law *ret);

/* The name that somebody may have meant, in full; NULL if none is like it. */
const char *tune_law_nearest(const char *name);

#endif
