/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.h - rows of cells, aligned, on a terminal of any width.
 *
 *         table_init(&t, &terminal, columns, count);
 *         for each row:
 *                 p = table_cell(&t, room); p = write(p); table_cell_end(&t, p);     once for each column
 *                 table_row_end(&t);
 *         table_fini(&t);
 *
 * Column widths are taken from the first rows, which are held back until there are enough of them; later rows go out
 * as they come, so memory stays small however many there are.  Where a row does not fit the terminal, the columns that
 * do not fit stand on an indented line below it; nothing is cut off.  A pipe gets one line a row.
 */
#ifndef LASTACK_CLI_TABLE_H
#define LASTACK_CLI_TABLE_H

#include "cli/terminal.h"

#include <stddef.h>

#define TABLE_COLUMNS_MAX 16

enum table_align {
        TABLE_LEFT,
        TABLE_RIGHT,
};

struct table_column {
        const char *head; /* borrowed */
        enum table_align align;
};

struct table {
        struct terminal terminal;
        const struct table_column *columns;
        size_t column_count;
        bool heading; /* a line of headings comes first; set by table_init(), the caller may clear it */

        size_t width[TABLE_COLUMNS_MAX];
        size_t fitting; /* columns that fit the terminal's width */
        bool laid_out;  /* the first rows are out, widths are known */
        size_t held;    /* rows held back */
        size_t cell;    /* the column that is being written */
        char *text;     /* cells of the rows held back or of the current row, each ended by a NUL */
        size_t used, capacity;
        bool out_of_memory;
};

void table_init(struct table *t, const struct terminal *terminal, const struct table_column *columns, size_t count);

/* Where the next cell of the row is to be written, with `room` bytes at least. */
char *table_cell(struct table *t, size_t room);
void table_cell_end(struct table *t, char *end);

/* The next cell, from a text. */
void table_text(struct table *t, const char *text);

void table_row_end(struct table *t);

/* Writes what is still held back and frees what the table holds. */
void table_fini(struct table *t);

#endif
