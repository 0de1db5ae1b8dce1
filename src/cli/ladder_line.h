/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ladder_line.h - one line of a ladder.
 *
 *      |  time  |  left state | bar |        the middle        | bar | right state  |
 */
#ifndef LASTACK_CLI_LADDER_LINE_H
#define LASTACK_CLI_LADDER_LINE_H

#include "cli/terminal.h"
#include "lastack/lab.h"

#define LADDER_MIDDLE 42
#define LADDER_TEXT   (LADDER_MIDDLE - 4) /* of it, for words */

enum ladder_glyph {
        GLYPH_BAR,
        GLYPH_PAUSE,
        GLYPH_EVENT,
        GLYPH_MARK,
        GLYPH_FROM_LEFT,
        GLYPH_FROM_RIGHT,
        GLYPH_SHAFT,
        GLYPH_BROKEN,
        GLYPH_TO_RIGHT,
        GLYPH_TO_LEFT,
        GLYPH_LOST,
        GLYPH_CALL,
        GLYPH_COUNT
};

struct ladder_line {
        const struct terminal *terminal;
        const char *time; /* "" where it has not moved */
        const char *left_state, *right_state;
        enum ladder_glyph left_bar, right_bar;
        bool bold, dim;              /* the middle */
        bool bold_left, bold_right;  /* a state that was just entered */
        char cell[LADDER_MIDDLE][8]; /* one column each */
};

void ladder_line_init(struct ladder_line *l, const struct terminal *terminal);
void ladder_line_glyph(struct ladder_line *l, int column, enum ladder_glyph glyph);
void ladder_line_fill(struct ladder_line *l, int from, int to, enum ladder_glyph glyph); /* to: one beyond */
void ladder_line_text(struct ladder_line *l, int column, const char *text);
void ladder_line_put(const struct ladder_line *l);

const char *ladder_glyph(const struct terminal *terminal, enum ladder_glyph glyph);

/* Columns of a text that has one a character. */
int ladder_columns(const char *text);

#endif
