/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * knob_text.h - values of tunables as the files in /proc/sys have them.
 *
 * Numbers as the kernel reads them (proc_dointvec()): blanks, tabs and newlines before and after, 0x and 0 for another
 * base than ten, at most 21 digits.  There is one thing we do not copy: what stands behind the value is an error, and
 * not left for the next write.
 */
#ifndef LASTACK_STACK_KNOB_TEXT_H
#define LASTACK_STACK_KNOB_TEXT_H

#include "stack/stack.h"

/* Exactly `n` numbers with blanks between them, each from least to most and none below the one before. */
bool knob_read_numbers(const char *text, int64_t least, int64_t most, size_t n, int64_t *ret_values);

/* Ports and ranges of them, separated by commas, or nothing: "8080,9000-9010". */
bool knob_read_ports(const char *text, struct port_set *ret_ports);

/* One word; where it begins, and how long it is. */
bool knob_read_word(const char *text, const char **ret_word, size_t *ret_length);

/* Writes what there is room for, and counts everything. */
struct knob_writer {
        char *text;
        size_t at, room;
};

void knob_put(struct knob_writer *w, char c);
void knob_put_text(struct knob_writer *w, const char *text);
void knob_put_number(struct knob_writer *w, uint64_t value);
void knob_put_ports(struct knob_writer *w, const struct port_set *ports);

#endif
