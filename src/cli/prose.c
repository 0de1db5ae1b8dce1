/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/prose.h"

#include <string.h>

#define WIDTH_USUAL    80u
#define WIDTH_READABLE 100u
#define WIDTH_BESIDE   20u /* the least for a text beside a label; where there is less, it stands below */
#define WIDTH_LEAST    10u /* of a text, however far it is indented */

void
prose_init(struct prose *p, const struct terminal *terminal)
{
        unsigned int width = terminal->width ? terminal->width : WIDTH_USUAL;

        *p = (struct prose){ .terminal = *terminal, .width = width < WIDTH_READABLE ? width : WIDTH_READABLE };
}

static unsigned int
columns_of(const char *text)
{
        return (unsigned int)terminal_columns(text, strlen(text));
}

static void
put(struct prose *p, const char *text, size_t length)
{
        fwrite(text, 1, length, p->terminal.file);
        p->begun = true;
}

static void
put_blanks(struct prose *p, unsigned int count)
{
        fprintf(p->terminal.file, "%*s", (int)count, "");
}

/* How much of the text fits into a line of so many columns: whole words, and one word at least.  *ret_next is where the
 * next line begins. */
static size_t
line_of(const char *text, unsigned int columns, const char **ret_next)
{
        size_t fitting = 0;
        const char *at = text;

        for (;;) {
                size_t end = (size_t)(at - text) + strcspn(at, " \n");

                if (fitting > 0 && terminal_columns(text, end) > columns)
                        break;
                fitting = end;
                at = text + end;
                at += strspn(at, " ");
                if (*at == '\n' || *at == '\0')
                        break;
        }
        *ret_next = text + fitting + strspn(text + fitting, " ");
        if (**ret_next == '\n')
                ++*ret_next;
        return fitting;
}

/* The text in lines, of which the first begins at column `at`, where the cursor is, and the others at `indent`. */
static void
put_wrapped(struct prose *p, unsigned int indent, unsigned int at, const char *text)
{
        unsigned int columns = p->width > indent + WIDTH_LEAST ? p->width - indent : WIDTH_LEAST;

        while (*text != '\0') {
                const char *next;
                size_t length = line_of(text, columns, &next);

                if (length > 0 && at < indent)
                        put_blanks(p, indent - at);
                put(p, text, length);
                put(p, "\n", 1);
                text = next;
                at = 0;
        }
}

void
prose_blank(struct prose *p)
{
        if (p->begun)
                put(p, "\n", 1);
}

/* In lines if it must be, without the end of the last one. */
static void
put_bold(struct prose *p, const char *text)
{
        const char *separator = "";

        while (*text != '\0') {
                const char *next;
                size_t length = line_of(text, p->width, &next);

                fprintf(p->terminal.file, "%s%s%.*s%s", separator, terminal_begin(&p->terminal, COLOUR_BOLD),
                        (int)length, text, terminal_end(&p->terminal));
                separator = "\n";
                text = next;
        }
        p->begun = true;
}

void
prose_title(struct prose *p, const char *name, const char *brief)
{
        unsigned int indent = columns_of(name) + 2;

        prose_blank(p);
        put_bold(p, name);
        if (*brief == '\0')
                put(p, "\n", 1);
        else if (indent + WIDTH_BESIDE <= p->width)
                put_wrapped(p, indent, indent - 2, brief);
        else {
                put(p, "\n", 1);
                prose_paragraph(p, 2, brief);
        }
}

void
prose_heading(struct prose *p, const char *heading)
{
        prose_blank(p);
        put_bold(p, heading);
        put(p, "\n", 1);
}

void
prose_paragraph(struct prose *p, unsigned int indent, const char *text)
{
        put_wrapped(p, indent, 0, text);
}

void
prose_item(struct prose *p, unsigned int indent, unsigned int label_width, const char *label, const char *text)
{
        unsigned int at = indent + columns_of(label);
        unsigned int column = indent + label_width;
        bool narrow = column + WIDTH_BESIDE > p->width;

        if (*text == '\0' || at + 2 > column || narrow) {
                put_wrapped(p, indent, 0, label);
                at = 0;
        } else {
                put_blanks(p, indent);
                put(p, label, strlen(label));
        }
        put_wrapped(p, narrow ? indent + 2 : column, at, text);
}
