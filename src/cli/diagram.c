/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/diagram.h"

#include <string.h>

#include "cli/gettext.h"

/* What a cell of the grid holds: a text's character; or the directions in which lines leave its middle, and perhaps an
 * arrow's head. */
enum {
        LINE_UP = 1,
        LINE_RIGHT = 2,
        LINE_DOWN = 4,
        LINE_LEFT = 8,
};

enum look {
        LOOK_PLAIN,
        LOOK_STATE, /* the name of a state */
        LOOK_SENT,  /* what this end sends */
};

struct cell {
        char character; /* 0: lines */
        uint8_t lines;
        uint8_t head; /* the direction an arrow's head points in; 0: none */
        uint8_t look;
};

struct canvas {
        struct cell cells[DIAGRAM_HEIGHT][DIAGRAM_WIDTH];
};

static void
put_text(struct canvas *c, int x, int y, const char *text, enum look look)
{
        for (; *text != '\0' && x < DIAGRAM_WIDTH; text++, x++)
                c->cells[y][x] = (struct cell){ .character = *text, .look = (uint8_t)look };
}

static uint8_t
direction(struct diagram_point from, struct diagram_point to)
{
        if (from.x == to.x)
                return to.y < from.y ? LINE_UP : LINE_DOWN;
        return to.x < from.x ? LINE_LEFT : LINE_RIGHT;
}

static uint8_t
opposite(uint8_t direction_)
{
        return (uint8_t)(direction_ < LINE_DOWN ? direction_ << 2 : direction_ >> 2);
}

/* A straight line: each cell on it is left towards the next, and the next towards it. */
static void
put_line(struct canvas *c, struct diagram_point from, struct diagram_point to)
{
        uint8_t ahead = direction(from, to);

        while (from.x != to.x || from.y != to.y) {
                c->cells[from.y][from.x].lines |= ahead;
                from.x += (ahead == LINE_RIGHT) - (ahead == LINE_LEFT);
                from.y += (ahead == LINE_DOWN) - (ahead == LINE_UP);
                c->cells[from.y][from.x].lines |= opposite(ahead);
        }
}

static void
put_box(struct canvas *c, const struct diagram_box *b)
{
        const char *name = la_state_name(b->state);
        struct diagram_point corners[] = { { b->x, b->y },
                                           { b->x + b->width - 1, b->y },
                                           { b->x + b->width - 1, b->y + b->height - 1 },
                                           { b->x, b->y + b->height - 1 } };

        for (unsigned int i = 0; i < 4; i++)
                put_line(c, corners[i], corners[(i + 1) % 4]);
        put_text(c, b->x + (b->width - (int)strlen(name)) / 2, b->y + b->height / 2, name, LOOK_STATE);
}

const char *
diagram_sent(const struct la_transition_info *t, int *ret_length)
{
        const char *end = strstr(t->answer, ", ");

        if (strncmp(t->answer, "snd ", 4) != 0)
                *ret_length = 0;
        else
                *ret_length = end ? (int)(end - t->answer) : (int)strlen(t->answer);
        return t->answer;
}

const char *
diagram_label_text(const struct diagram_arrow *arrow, unsigned int line, char *buffer, size_t size)
{
        const struct la_transition_info *t = la_transition_info(arrow->transition);
        int length;
        const char *sent = diagram_sent(t, &length);

        if (line == 1)
                snprintf(buffer, size, "%.*s", arrow->style == DIAGRAM_LABEL_STACKED ? length : 0, sent);
        else if (arrow->style == DIAGRAM_LABEL_LINE && length > 0)
                snprintf(buffer, size, "%s / %.*s", t->trigger, length, sent);
        else
                snprintf(buffer, size, "%s", t->trigger);
        return buffer;
}

static void
put_label(struct canvas *c, const struct diagram_arrow *arrow)
{
        char text[64];
        const char *sent;

        for (unsigned int line = 0; line < 2; line++)
                put_text(c, arrow->label.x, arrow->label.y + (int)line,
                         diagram_label_text(arrow, line, text, sizeof(text)), line == 0 ? LOOK_PLAIN : LOOK_SENT);
        diagram_label_text(arrow, 0, text, sizeof(text));
        sent = strstr(text, " / ");
        if (sent)
                put_text(c, arrow->label.x + (int)(sent - text) + 3, arrow->label.y, sent + 3, LOOK_SENT);
}

static void
put_arrow(struct canvas *c, const struct diagram_arrow *arrow)
{
        const struct diagram_point *last = &arrow->points[arrow->count - 1];

        for (unsigned int i = 0; i + 1 < arrow->count; i++)
                put_line(c, arrow->points[i], arrow->points[i + 1]);
        c->cells[last->y][last->x].head = direction(last[-1], *last);
        put_label(c, arrow);
}

static const char *
line_character(const struct cell *cell, bool utf8)
{
        static const char *const utf8_lines[16] = { " ", "╵", "╶", "╰", "╷", "│", "╭", "├",
                                                    "╴", "╯", "─", "┴", "╮", "┤", "┬", "┼" };
        static const char *const utf8_heads[] = {
                [LINE_UP] = "▲", [LINE_RIGHT] = "▶", [LINE_DOWN] = "▼", [LINE_LEFT] = "◀"
        };
        static const char *const heads[] = {
                [LINE_UP] = "^", [LINE_RIGHT] = ">", [LINE_DOWN] = "v", [LINE_LEFT] = "<"
        };

        if (cell->head)
                return utf8 ? utf8_heads[cell->head] : heads[cell->head];
        if (utf8)
                return utf8_lines[cell->lines];
        if (cell->lines == 0)
                return " ";
        if ((cell->lines & ~(LINE_UP | LINE_DOWN)) == 0)
                return "|";
        return (cell->lines & ~(LINE_LEFT | LINE_RIGHT)) == 0 ? "-" : "+";
}

static void
draw_cell(const struct terminal *t, const struct cell *cell, enum look *before)
{
        if (cell->look != *before) {
                if (*before != LOOK_PLAIN)
                        fputs(terminal_end(t), t->file);
                if (cell->look == LOOK_STATE)
                        fputs(terminal_begin(t, COLOUR_BOLD), t->file);
                else if (cell->look == LOOK_SENT)
                        fputs(terminal_begin(t, COLOUR_DIM), t->file);
                *before = (enum look)cell->look;
        }
        if (cell->character)
                putc(cell->character, t->file);
        else
                fputs(line_character(cell, t->utf8), t->file);
}

static bool
is_blank(const struct cell *cell)
{
        return cell->lines == 0 && (cell->character == '\0' || cell->character == ' ');
}

/* Draws a row without the blanks at its end, and returns how many columns it has. */
static int
draw_row(const struct terminal *t, const struct cell row[DIAGRAM_WIDTH])
{
        enum look look = LOOK_PLAIN;
        int width = DIAGRAM_WIDTH;

        while (width > 0 && is_blank(&row[width - 1]))
                width--;
        for (int x = 0; x < width; x++)
                draw_cell(t, &row[x], &look);
        if (look != LOOK_PLAIN)
                fputs(terminal_end(t), t->file);
        return width;
}

/* What stands beside the diagram on this row, if there is room: a state's name, and what it is. */
#define KEY_GAP      6
#define KEY_WIDTH    60
#define KEY_FIRST    3
#define KEY_DISTANCE 3

static void
draw_key(const struct terminal *t, int row, int at)
{
        int line = row - KEY_FIRST;
        const struct la_state_info *s;

        if (line < 0 || line % KEY_DISTANCE == 2)
                return;
        s = la_state_info((enum la_state)(line / KEY_DISTANCE));
        if (!s)
                return;
        fprintf(t->file, "%*s", DIAGRAM_WIDTH + KEY_GAP - at, "");
        if (line % KEY_DISTANCE == 0)
                fprintf(t->file, "%s%s%s", terminal_begin(t, COLOUR_BOLD), s->name, terminal_end(t));
        else
                fprintf(t->file, "  %s", _(s->brief));
}

bool
diagram_shows(enum la_transition transition)
{
        for (size_t i = 0; i < diagram_arrow_count; i++)
                if (diagram_arrows[i].transition == transition)
                        return true;
        return false;
}

void
diagram_draw(const struct terminal *terminal)
{
        struct canvas canvas = { 0 };
        bool key = terminal->width >= DIAGRAM_WIDTH + KEY_GAP + KEY_WIDTH;

        for (size_t i = 0; i < diagram_box_count; i++)
                put_box(&canvas, &diagram_boxes[i]);
        for (size_t i = 0; i < diagram_arrow_count; i++)
                put_arrow(&canvas, &diagram_arrows[i]);
        for (int y = 0; y < DIAGRAM_HEIGHT; y++) {
                int at = draw_row(terminal, canvas.cells[y]);
                if (key)
                        draw_key(terminal, y, at);
                putc('\n', terminal->file);
        }
}
