/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stack.h - a running stack that a command is asked about: --stack NAME.
 */
#ifndef LASTACK_CLI_STACK_H
#define LASTACK_CLI_STACK_H

#include "control/client.h"

/* Connects to it.  Returns 0 or a negative errno, for stack_complain(). */
int stack_connect(const char *name, struct control_client **ret_client);

/* Says on standard error what went wrong with it, or with which of its queues, and what stacks there are where that helps;
 * returns the exit status. */
int stack_complain(const char *name, int error);

/* Says on standard error that no stack runs, and where they would answer. */
void stack_say_none(void);

/* A tunable's value with blanks instead of tabs, to be freed.  0 or -ENOMEM. */
int stack_plain_text(const char *value, char **ret_text);

/* The same of the tunable that was told last; where its queues do not agree, the value in each: "60, 30, 60". */
int stack_told_text(const struct control_client *client, const struct control_knob_view *knob, char **ret_text);

/* A tunable of it as text in this way, to be freed: as sysctl_read_text() does it for Linux's. */
int stack_knob_text(struct control_client *client, const char *name, char **ret_text);

#endif
