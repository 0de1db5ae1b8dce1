/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * overview.h - one survey, shown to a person or to a machine.
 */
#ifndef LASTACK_CLI_OVERVIEW_H
#define LASTACK_CLI_OVERVIEW_H

#include "cli/collect.h"
#include "cli/terminal.h"
#include "cli/text.h"
#include "control/client.h"
#include "doctor/survey.h"

struct overview {
        struct survey survey;
        bool stack_known; /* it is of a stack, and this is what it is made of and how full it is: */
        struct control_hello stack;
        struct control_status status;
        struct collect_report report;
        struct terminal terminal;
        struct text_style style;
        uint64_t took_us;
};

/* What of a stack has a limit: how many are used, and of how many. */
#define OVERVIEW_LIMITS 7
struct overview_limit {
        const char *id; /* for machines */
        const char *name;
        uint64_t used, limit;
};
void overview_limits(const struct overview *o, struct overview_limit ret_limits[OVERVIEW_LIMITS]);

void overview_screen(const struct overview *o);
void overview_json(const struct overview *o);

#endif
