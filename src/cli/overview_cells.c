/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/overview_cells.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/prose.h"

void
overview_number(struct table *t, uint64_t n)
{
        table_cell_end(t, text_grouped(table_cell(t, TEXT_ROOM), n));
}

void
overview_say(const struct overview *o, const char *format, ...)
{
        struct prose prose;
        va_list arguments;
        char *text;

        va_start(arguments, format);
        int length = vasprintf(&text, format, arguments);
        va_end(arguments);
        if (length < 0)
                return;
        prose_init(&prose, &o->terminal);
        prose_paragraph(&prose, 0, text);
        free(text);
}

void
overview_put(struct table *t)
{
        table_put(t);
        table_fini(t);
        putchar('\n');
}

void
overview_remark(struct table *t, const struct overview *o, enum colour colour, const char *text)
{
        char *p = table_cell(t, strlen(text) + TEXT_ROOM);

        if (*text) {
                p = text_string(p, terminal_begin(&o->terminal, colour));
                p = text_string(p, text);
                p = text_string(p, terminal_end(&o->terminal));
        }
        table_cell_end(t, p);
}
