/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * terminal.h - what the place that text goes to can show.
 */
#ifndef LASTACK_CLI_TERMINAL_H
#define LASTACK_CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

struct terminal {
        FILE *file;
        bool interactive;   /* a person sees it as it is written */
        unsigned int width; /* columns; 0 where lines may be as long as they like (a file, a pipe) */
        bool colour;        /* ANSI colours are understood and wanted */
        bool utf8;          /* more than ASCII can be shown */
};

enum colour {
        COLOUR_BOLD,
        COLOUR_DIM,
        COLOUR_WARNING,
        COLOUR_CRITICAL,
};

/* Looks at `file`, COLUMNS, NO_COLOR (https://no-color.org), TERM and the locale, which the program has set. */
struct terminal terminal_of(FILE *file);

/* The escape sequence that begins a colour, and the one that ends it; "" where there are no colours. */
const char *terminal_begin(const struct terminal *t, enum colour colour);
const char *terminal_end(const struct terminal *t);

/* Columns that a text takes on a terminal: colours none, a byte that the locale cannot read one. */
size_t terminal_columns(const char *text, size_t length);

#endif
