/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * explain.h - the two ways in which `lastack explain` answers.
 */
#ifndef LASTACK_CLI_EXPLAIN_H
#define LASTACK_CLI_EXPLAIN_H

#include "cli/terminal.h"
#include "cli/topics.h"

struct explain {
        struct terminal terminal;
        /* Reads what a knob is set to: 0 and *ret_text, to be freed; or a negative errno, -ENOENT if it is not there. */
        int (*knob_text)(const struct la_knob_info *knob, char **ret_text);
        const struct topic *topics;
        size_t topic_count; /* 0: whatever there is */
};

/* For people: pages of text; without a topic the diagram. */
void explain_text(const struct explain *e);

/* For machines: one document with what was asked for; without a topic everything. */
void explain_json(const struct explain *e);

#endif
