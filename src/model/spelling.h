/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spelling.h - names as people write them: letter case does not count, nor do '-', '_' and blanks, so "TIME_WAIT",
 * "time-wait" and "timewait" are one name.
 */
#ifndef LASTACK_MODEL_SPELLING_H
#define LASTACK_MODEL_SPELLING_H

#include <stdbool.h>

/* ASCII, whatever the locale is. */
static inline char
spelling_lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Does it not count? */
static inline bool
spelling_is_filler(char c)
{
        return c == '-' || c == '_' || c == ' ' || c == '\t';
}

/* Are they the same name? */
bool spelling_same(const char *a, const char *b);

/* What follows `prefix`, which is written in small letters and without fillers, in `word`; NULL if it does not begin
 * so. */
const char *spelling_after(const char *word, const char *prefix);

/* The letters and digits that a name may have for its distance to be told. */
#define SPELLING_MAX 63

/* How many characters must be changed, added, left out or swapped with the next to make one name of the other.
 * UINT_MAX if one of them has more than SPELLING_MAX. */
unsigned int spelling_distance(const char *a, const char *b);

#endif
