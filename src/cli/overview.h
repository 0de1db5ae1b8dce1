/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * overview.h - one survey, shown to a person or to a machine.
 */
#ifndef LASTACK_CLI_OVERVIEW_H
#define LASTACK_CLI_OVERVIEW_H

#include "cli/collect.h"
#include "cli/stack_limits.h"
#include "cli/terminal.h"
#include "cli/text.h"
#include "control/client.h"
#include "doctor/survey.h"

struct overview {
        struct survey survey;
        bool stack_known; /* it is of a stack, and this is what it is made of and how full it is: */
        struct control_hello stack;
        struct control_status status;
        struct stack_limit limits[STACK_LIMITS];
        unsigned int queues;
        char (*queue)[CONTROL_QUEUE_NAME_SIZE]; /* their names, if they are several; NULL: it is but one */
        struct collect_report report;
        struct terminal terminal;
        struct text_style style;
        uint64_t took_us;
};

void overview_screen(const struct overview *o);
void overview_json(const struct overview *o);

#endif
