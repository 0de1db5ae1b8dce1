/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/prose.h"

#include <string.h>

#define WIDTH_USUAL    80u
#define WIDTH_READABLE 100u
#define WIDTH_LEAST    20u /* of a text beside its indentation, however narrow the terminal */

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

void
prose_title(struct prose *p, const char *name, const char *brief)
{
        unsigned int indent = columns_of(name) + 2;

        prose_blank(p);
        fprintf(p->terminal.file, "%s%s%s", terminal_begin(&p->terminal, COLOUR_BOLD), name,
                terminal_end(&p->terminal));
        if (*brief == '\0')
                put(p, "\n", 1);
        else if (indent + WIDTH_LEAST <= p->width)
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
        fprintf(p->terminal.file, "%s%s%s\n", terminal_begin(&p->terminal, COLOUR_BOLD), heading,
                terminal_end(&p->terminal));
        p->begun = true;
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

        put_blanks(p, indent);
        put(p, label, strlen(label));
        if (*text == '\0' || at + 2 > column || column + WIDTH_LEAST > p->width) {
                put(p, "\n", 1);
                at = 0;
        }
        if (column + WIDTH_LEAST > p->width)
                column = indent + 2;
        put_wrapped(p, column, at, text);
}
