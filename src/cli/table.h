/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * table.h - rows of cells, aligned, on a terminal of any width.
 *
 *         table_init(&t, &terminal, columns, count);
 *         for each row:
 *                 p = table_cell(&t, room); p = write(p); table_cell_end(&t, p);     once for each column
 *                 table_row_end(&t, NULL, 0);
 *         table_put(&t);
 *         table_fini(&t);
 *
 * Rows are kept until they are all there, so that columns are as wide as they must be, rows can be put in order, and a
 * listing that has to begin again has shown nothing yet.  Where a row does not fit the terminal, the columns that do
 * not fit stand on an indented line below it; nothing is cut off.  A pipe gets one line a row.
 */
#ifndef LASTACK_CLI_TABLE_H
#define LASTACK_CLI_TABLE_H

#include <stddef.h>

#include "cli/sort.h"
#include "cli/terminal.h"

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
        size_t cell;    /* the column that is being written */
        char *text;     /* cells of the row that is being written, each ended by a NUL */
        size_t used, capacity;
        struct sorted_rows rows;
        bool wide;          /* some cell has not as many columns as bytes */
        bool out_of_memory; /* some rows are missing */
};

void table_init(struct table *t, const struct terminal *terminal, const struct table_column *columns, size_t count);

/* Where the next cell of the row is to be written, with `room` bytes at least. */
char *table_cell(struct table *t, size_t room);
void table_cell_end(struct table *t, char *end);

/* The next cell, from a text. */
void table_text(struct table *t, const char *text);

/* The row is done.  Rows with keys are put in the order of their keys, see sort.h; all have one, or none has. */
void table_row_end(struct table *t, const uint8_t *key, size_t key_length);

/* Forgets all rows. */
void table_clear(struct table *t);

/* Writes all rows. */
void table_put(struct table *t);

void table_fini(struct table *t);

#endif
