/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * prose.h - texts to read: titles, headings, paragraphs and lists, wrapped to the terminal's width.
 *
 * Lines are as long as the terminal is wide, but no longer than people like to read; where there is no terminal they
 * have the usual 80 columns.  No line ends with blanks.
 */
#ifndef LASTACK_CLI_PROSE_H
#define LASTACK_CLI_PROSE_H

#include "cli/terminal.h"

struct prose {
        struct terminal terminal;
        unsigned int width; /* of a line of text */
        bool begun;         /* something was written: a blank line comes before the next title */
};

void prose_init(struct prose *p, const struct terminal *terminal);

/* A topic's name in bold, and what it is in a few words. */
void prose_title(struct prose *p, const char *name, const char *brief);

/* A blank line, and the name of what follows. */
void prose_heading(struct prose *p, const char *heading);

/* A text, indented by so many columns; '\n' in it begins a new line. */
void prose_paragraph(struct prose *p, unsigned int indent, const char *text);

/* An item of a list: its label, in a column of its own that is `label_width` wide, and a text beside it.  A label that
 * is too long has a line of its own. */
void prose_item(struct prose *p, unsigned int indent, unsigned int label_width, const char *label, const char *text);

void prose_blank(struct prose *p);

#endif
