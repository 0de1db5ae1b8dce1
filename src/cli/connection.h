/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * connection.h - `lastack explain LOCAL REMOTE`: one connection, why it is as it is.
 */
#ifndef LASTACK_CLI_CONNECTION_H
#define LASTACK_CLI_CONNECTION_H

#include <stdbool.h>

#include "cli/collect.h"
#include "doctor/connection.h"

struct connection {
        struct la_snapshot snapshot;
        struct connection_judgement judgement;
        const char *knob_value; /* of judgement.knob, as it is set where the connection is; NULL if not known */
        const char *source;     /* in words */
        const char *stack;      /* NULL: Linux */
};

/* Finds what the text names among what the request takes, and explains it.  Returns the exit status. */
int connection_explain(const char *text, struct collect_request *request, bool json);

void connection_text(const struct connection *c);
void connection_json(const struct connection *c, const struct collect_report *report);

#endif
