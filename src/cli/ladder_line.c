/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/ladder_line.h"

#include <string.h>

#define TIME_WIDTH  8
#define STATE_WIDTH 13

const char *
ladder_glyph(const struct terminal *terminal, enum ladder_glyph glyph)
{
        static const char *const glyphs[GLYPH_COUNT][2] = {
                [GLYPH_BAR] = { "|", "│" },     [GLYPH_PAUSE] = { ":", "┊" },     [GLYPH_EVENT] = { "o", "●" },
                [GLYPH_MARK] = { "#", "◆" },    [GLYPH_FROM_LEFT] = { "+", "├" }, [GLYPH_FROM_RIGHT] = { "+", "┤" },
                [GLYPH_SHAFT] = { "-", "─" },   [GLYPH_BROKEN] = { ".", "╌" },    [GLYPH_TO_RIGHT] = { ">", "▶" },
                [GLYPH_TO_LEFT] = { "<", "◀" }, [GLYPH_LOST] = { "x", "✗" },      [GLYPH_CALL] = { "*", "▪" },
        };

        return glyphs[glyph][terminal->utf8 ? 1 : 0];
}

void
ladder_line_init(struct ladder_line *l, const struct terminal *terminal)
{
        *l = (struct ladder_line){ .terminal = terminal, .time = "", .left_state = "", .right_state = "" };
        for (int i = 0; i < LADDER_MIDDLE; i++)
                strcpy(l->cell[i], " ");
}

void
ladder_line_glyph(struct ladder_line *l, int column, enum ladder_glyph glyph)
{
        if (column >= 0 && column < LADDER_MIDDLE)
                strcpy(l->cell[column], ladder_glyph(l->terminal, glyph));
}

void
ladder_line_fill(struct ladder_line *l, int from, int to, enum ladder_glyph glyph)
{
        for (int i = from; i < to; i++)
                ladder_line_glyph(l, i, glyph);
}

/* Bytes of a character in UTF-8, or 1. */
static size_t
character(const char *text)
{
        size_t n = 1;

        while (n < 4 && ((unsigned char)text[n] & 0xc0) == 0x80)
                n++;
        return n;
}

int
ladder_columns(const char *text)
{
        int columns = 0;

        for (; *text != '\0'; text += character(text))
                columns++;
        return columns;
}

void
ladder_line_text(struct ladder_line *l, int column, const char *text)
{
        for (; *text != '\0' && column < LADDER_MIDDLE; column++) {
                size_t n = character(text);

                if (column >= 0) {
                        memcpy(l->cell[column], text, n);
                        l->cell[column][n] = '\0';
                }
                text += n;
        }
}

static void
put_state(const struct ladder_line *l, const char *state, bool bold, int width)
{
        fprintf(l->terminal->file, "%s%*s%s", terminal_begin(l->terminal, bold ? COLOUR_BOLD : COLOUR_DIM), width,
                state, terminal_end(l->terminal));
}

static void
put_middle(const struct ladder_line *l)
{
        bool coloured = l->bold || l->dim;

        if (coloured)
                fputs(terminal_begin(l->terminal, l->bold ? COLOUR_BOLD : COLOUR_DIM), l->terminal->file);
        for (int i = 0; i < LADDER_MIDDLE; i++)
                fputs(l->cell[i], l->terminal->file);
        if (coloured)
                fputs(terminal_end(l->terminal), l->terminal->file);
}

void
ladder_line_put(const struct ladder_line *l)
{
        FILE *file = l->terminal->file;

        fprintf(file, "%*s ", TIME_WIDTH, l->time);
        put_state(l, l->left_state, l->bold_left, STATE_WIDTH);
        fprintf(file, " %s", ladder_glyph(l->terminal, l->left_bar));
        put_middle(l);
        fputs(ladder_glyph(l->terminal, l->right_bar), file);
        if (l->right_state[0] != '\0') {
                putc(' ', file);
                put_state(l, l->right_state, l->bold_right, 0);
        }
        putc('\n', file);
}
