/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "cli/gettext.h"

#define GAP    2
#define INDENT 8

void
table_init(struct table *t, const struct terminal *terminal, const struct table_column *columns, size_t count)
{
        *t = (struct table){
                .terminal = *terminal,
                .columns = columns,
                .column_count = count,
                .heading = true,
        };
}

char *
table_cell(struct table *t, size_t room)
{
        static char nowhere[65536];

        if (t->capacity - t->used <= room) {
                size_t capacity = t->capacity * 2 + room + 4096;
                char *text = realloc(t->text, capacity);
                if (!text) {
                        t->out_of_memory = true;
                        return nowhere;
                }
                t->text = text;
                t->capacity = capacity;
        }
        return t->text + t->used;
}

void
table_cell_end(struct table *t, char *end)
{
        if (t->out_of_memory)
                return;
        char *begin = t->text + t->used;
        size_t length = (size_t)(end - begin), width = terminal_columns(begin, length);
        t->wide |= width != length;
        if (width > t->width[t->cell])
                t->width[t->cell] = width;
        *end++ = '\0';
        t->used = (size_t)(end - t->text);
        t->cell++;
}

void
table_text(struct table *t, const char *text)
{
        size_t length = strlen(text);

        table_cell_end(t, (char *)mempcpy(table_cell(t, length + 1), text, length));
}

/* A column's heading in the user's language; gettext("") would be its catalogue's own heading. */
static const char *
head_of(const struct table *t, size_t column)
{
        const char *head = t->columns[column].head;

        return *head ? _(head) : head;
}

/* Measured once already, when the cell was written: mostly nothing was found that needs measuring again. */
static size_t
columns_of(const struct table *t, const char *cell, size_t length)
{
        return t->wide ? terminal_columns(cell, length) : length;
}

static void
put_spaces(FILE *file, size_t n)
{
        static const char spaces[64] = "                                                               ";

        for (; n >= sizeof(spaces); n -= sizeof(spaces) - 1)
                fwrite_unlocked(spaces, 1, sizeof(spaces) - 1, file);
        fwrite_unlocked(spaces, 1, n, file);
}

/* The columns that did not fit, one after the other below the row, as many on a line as the terminal takes.  Their
 * headings are far away, so a bare number brings its own. */
static void
put_continuation(struct table *t, const char *cell)
{
        FILE *file = t->terminal.file;
        size_t at = 0;

        for (size_t i = t->fitting; i < t->column_count; i++) {
                size_t length = strlen(cell);
                const char *head = t->columns[i].align == TABLE_RIGHT ? head_of(t, i) : "";
                if (length > 0) {
                        size_t head_width = terminal_columns(head, strlen(head));
                        size_t width = terminal_columns(cell, length) + head_width + (head_width > 0);
                        if (at == 0 || at + GAP + width > t->terminal.width) {
                                putc_unlocked('\n', file);
                                put_spaces(file, INDENT);
                                at = INDENT;
                        } else {
                                put_spaces(file, GAP);
                                at += GAP;
                        }
                        fputs(head, file);
                        put_spaces(file, head_width > 0);
                        fwrite_unlocked(cell, 1, length, file);
                        at += width;
                }
                cell += length + 1;
        }
}

/* A row, with no blanks at its end. */
static void
put_row(struct table *t, const char *cell)
{
        FILE *file = t->terminal.file;
        size_t owed = 0; /* blanks that the next text must be set off by */

        for (size_t i = 0; i < t->fitting; i++) {
                size_t length = strlen(cell), width = columns_of(t, cell, length);
                size_t pad = t->width[i] > width ? t->width[i] - width : 0;
                if (i > 0)
                        owed += GAP;
                if (length > 0) {
                        put_spaces(file, t->columns[i].align == TABLE_RIGHT ? owed + pad : owed);
                        fwrite_unlocked(cell, 1, length, file);
                        owed = t->columns[i].align == TABLE_RIGHT ? 0 : pad;
                } else {
                        owed += pad;
                }
                cell += length + 1;
        }
        put_continuation(t, cell);
        putc_unlocked('\n', file);
}

static void
put_heading(struct table *t)
{
        /* Written as any row is, from cells; those below the line explain themselves. */
        for (size_t i = 0; i < t->column_count; i++)
                table_text(t, i < t->fitting ? head_of(t, i) : "");
        t->cell = t->used = 0;
        if (t->out_of_memory)
                return;
        fputs(terminal_begin(&t->terminal, COLOUR_BOLD), t->terminal.file);
        put_row(t, t->text);
        fputs(terminal_end(&t->terminal), t->terminal.file);
}

static void
lay_out(struct table *t)
{
        size_t sum = 0;

        for (size_t i = 0; i < t->column_count; i++) {
                size_t head = terminal_columns(head_of(t, i), strlen(head_of(t, i)));
                if (t->heading && head > t->width[i])
                        t->width[i] = head;
        }
        for (t->fitting = 0; t->fitting < t->column_count; t->fitting++) {
                sum += t->width[t->fitting] + (t->fitting > 0 ? GAP : 0);
                if (t->terminal.width > 0 && sum > t->terminal.width && t->fitting > 0)
                        break;
        }
}

void
table_row_end(struct table *t, const uint8_t *key, size_t key_length)
{
        if (!t->out_of_memory && !sorted_rows_add(&t->rows, key, key_length, t->text, t->used))
                t->out_of_memory = true;
        t->cell = t->used = 0;
}

void
table_clear(struct table *t)
{
        memset(t->width, 0, sizeof(t->width));
        sorted_rows_clear(&t->rows);
}

void
table_put(struct table *t)
{
        lay_out(t);
        if (t->heading)
                put_heading(t);
        sorted_rows_sort(&t->rows);
        for (size_t i = 0; i < t->rows.count; i++)
                put_row(t, sorted_rows_text(&t->rows, i));
}

void
table_fini(struct table *t)
{
        sorted_rows_fini(&t->rows);
        free(t->text);
        t->text = NULL;
}
