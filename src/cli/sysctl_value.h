/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sysctl_value.h - what a knob is set to on this machine, in this network namespace.
 */
#ifndef LASTACK_CLI_SYSCTL_VALUE_H
#define LASTACK_CLI_SYSCTL_VALUE_H

#include <stdbool.h>

#include "lastack/model.h"

/* Where the files of all knobs are. */
#define SYSCTL_ROOT "/proc/sys"

/* Reads a knob's file under `root`.  Returns 0 and *ret_value, to be freed with free(), without the newline and with
 * blanks for tabs; or a negative errno: -ENOENT where this kernel, or this network namespace, does not have it. */
int sysctl_value_read(const char *root, const struct la_knob_info *knob, char **ret_value);

/* Are both the same value, whatever blanks are between their numbers? */
bool sysctl_value_same(const char *a, const char *b);

/* Is each number of the value within the knob's sane range?  Values without numbers always are. */
bool sysctl_value_sane(const struct la_knob_info *knob, const char *value);

#endif
