/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * overview.h - one survey, shown to a person or to a machine.
 */
#ifndef LASTACK_CLI_OVERVIEW_H
#define LASTACK_CLI_OVERVIEW_H

#include "cli/collect.h"
#include "cli/terminal.h"
#include "cli/text.h"
#include "doctor/survey.h"

struct overview {
        struct survey survey;
        struct collect_report report;
        struct terminal terminal;
        struct text_style style;
        uint64_t took_us;
};

void overview_screen(const struct overview *o);
void overview_json(const struct overview *o);

#endif
