/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * value.h - the text that a tunable is set to: what the kernel reads in it, and what was meant.
 */
#ifndef LASTACK_TUNE_VALUE_H
#define LASTACK_TUNE_VALUE_H

#include "lastack/model.h"

#define TUNE_NUMBERS 3

enum tune_value_oddity {
        TUNE_VALUE_EMPTY = 1 << 0,
        TUNE_VALUE_NO_NUMBER = 1 << 1, /* the kernel cannot read it */
        TUNE_VALUE_OCTAL = 1 << 2,     /* it begins with 0: read to the base of 8 */
        TUNE_VALUE_HEX = 1 << 3,
        TUNE_VALUE_MORE = 1 << 4,   /* more numbers than it has: the rest is passed over */
        TUNE_VALUE_FEWER = 1 << 5,  /* fewer: the others stay as they are */
        TUNE_VALUE_COMMAS = 1 << 6, /* ',' or '-' between numbers: refused */
        TUNE_VALUE_UNIT = 1 << 7,   /* "30s", "16M": refused */
};

struct tune_value {
        int count;
        int64_t number[TUNE_NUMBERS]; /* as they were meant, also where the kernel would not read them */
        uint32_t odd;                 /* bits of enum tune_value_oddity */
};

/* Reads a value of that kind.  For a word, and for a list of ports that the kernel takes, count is 0 and odd is 0. */
struct tune_value tune_value_read(enum la_knob_kind kind, const char *text);

/* What to write: numbers to the base of ten with one blank between, no blanks around.  To be freed; NULL without
 * memory. */
char *tune_value_canonical(enum la_knob_kind kind, const char *text);

/* Do both mean the same to the kernel? */
bool tune_value_same(enum la_knob_kind kind, const char *a, const char *b);

/* As a sentence has it: "(empty)"; or its beginning, and how long it is, where it is very long.  Lives until four more were
 * asked for. */
#define TUNE_VALUE_SHOWN_SIZE 160
const char *tune_value_shown(const char *text);

/* How many numbers a tunable of that kind has: 1, 2 or 3; 0 for those of no number. */
int tune_value_numbers(enum la_knob_kind kind);

#endif
