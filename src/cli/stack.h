/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stack.h - a running stack that a command is asked about: --stack NAME.
 */
#ifndef LASTACK_CLI_STACK_H
#define LASTACK_CLI_STACK_H

#include "control/client.h"

/* Connects to it.  Returns 0 or a negative errno, for stack_complain(). */
int stack_connect(const char *name, struct control_client **ret_client);

/* Says on standard error what went wrong with it, and what stacks there are where that helps; returns the exit status. */
int stack_complain(const char *name, int error);

/* Says on standard error that no stack runs, and where they would answer. */
void stack_say_none(void);

/* A tunable of it as text, to be freed: as sysctl_read_text() does it for Linux's. */
int stack_knob_text(struct control_client *client, const char *name, char **ret_text);

#endif
