/* SPDX-License-Identifier: BSD-2-Clause */
/* tune_try.h - a trial and what came of it, as it is shown. */
#ifndef LASTACK_CLI_TUNE_TRY_H
#define LASTACK_CLI_TUNE_TRY_H

#include "cli/tune.h"
#include "tune/plan.h"
#include "tune/trial.h"

struct trying {
        const struct tune_request *request;
        struct tune_plan plan;
        struct tune_trial trial;
        bool shown; /* the workload is known to show one of the settings */
        struct tune_trial_side side[2];
};

/* Why the trial could not show setting `i`, to be freed; NULL if it could, or nothing was tried: it was refused. */
char *tune_try_unseen(const struct trying *y, size_t i);

/* Connections made in a second. */
uint64_t tune_try_a_second(const struct tune_trial_side *s);

/* "EADDRNOTAVAIL". */
const char *tune_try_error_name(int error);

/* For machines. */
void tune_try_json(const struct trying *y);

#endif
