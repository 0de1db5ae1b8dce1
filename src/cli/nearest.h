/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * nearest.h - what somebody may have meant with a word that is no name.
 */
#ifndef LASTACK_CLI_NEAREST_H
#define LASTACK_CLI_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

#define NEAREST_MAX 4

/* The names that are like the word, best first; states' names alone, or those of everything that can be explained.
 * Returns how many there are. */
size_t nearest_names(const char *word, bool states_only, const char *ret_names[NEAREST_MAX]);

#endif
