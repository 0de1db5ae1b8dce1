/* SPDX-License-Identifier: BSD-2-Clause */
/* tune_planning.h - a plan as `tune plan` shows it and `tune apply` carries it out. */
#ifndef LASTACK_CLI_TUNE_PLANNING_H
#define LASTACK_CLI_TUNE_PLANNING_H

#include "cli/tune.h"
#include "cli/tune_doctor.h"
#include "linux/netns.h"
#include "tune/plan.h"

struct planning {
        const struct tune_request *request;
        struct netns_list netns;
        struct tune_plan plan;
        bool from_findings; /* nobody named a tunable: the doctor was asked */
        struct tune_ills before;
        int watcher; /* 0: none */
};

/* From the words of the request, or, where it has none, from what the doctor finds.  Returns 0, or a status to exit with,
 * having said why. */
int planning_make(struct planning *g);
void planning_fini(struct planning *g);

/* For people, or as JSON: as the request has it. */
void planning_show(const struct planning *g);

/* What a plan that is only shown exits with. */
int planning_status(const struct planning *g);

#endif
