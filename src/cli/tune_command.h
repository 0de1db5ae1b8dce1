/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tune_command.h - commands that are shown to be pasted: with all that the one which shows them was given, and quoted for
 * the shell.
 *
 * Each text lives until eight more were asked for.
 */
#ifndef LASTACK_CLI_TUNE_COMMAND_H
#define LASTACK_CLI_TUNE_COMMAND_H

#include "cli/tune.h"
#include "tune/change.h"

enum tune_hand {
        TUNE_HAND_SAME,  /* whoever runs this one */
        TUNE_HAND_ROOT,  /* through sudo, which hands no environment on */
        TUNE_HAND_FORCE, /* whoever runs this one, with --force */
        TUNE_HAND_HOST,  /* root outside of this container; there is a PID to be filled in */
};

/* "lastack tune rollback 7": a word about a change. */
const char *tune_command_change(const struct tune_request *r, const char *word, unsigned int id, enum tune_hand hand);

/* "lastack tune history". */
const char *tune_command_history(const struct tune_request *r);

/* "lastack tune apply ...": the change, once more. */
const char *tune_command_apply(const struct tune_request *r, const struct tune_change *c, enum tune_hand hand);

/* "sysctl -w ...": a step of it, by others' tools. */
const char *tune_command_sysctl(const struct tune_request *r, const struct tune_step *s, enum tune_hand hand);

#endif
