/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * knob_value.h - what there is to say of the text that a knob is set to.
 */
#ifndef LASTACK_CLI_KNOB_VALUE_H
#define LASTACK_CLI_KNOB_VALUE_H

#include <stdbool.h>

#include "lastack/model.h"

/* Are both the same value, whatever blanks are between its parts? */
bool knob_value_same(const char *a, const char *b);

/* Is each number, or port, within the knob's sane range?  A word always is; what cannot be read as the kind of value
 * that the knob has is not. */
bool knob_value_sane(const struct la_knob_info *knob, const char *value);

#endif
