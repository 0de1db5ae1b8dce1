/* SPDX-License-Identifier: BSD-2-Clause */
/* The diagram of states: that it shows what transition.def says, and shows it legibly; and ways along its arrows. */
#include <ctype.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/diagram.h"
#include "cli/route.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *
id_of(const struct diagram_arrow *a)
{
        return la_transition_info(a->transition)->id;
}

/* ---- Against the tables ---- */

/* The arrows of RFC 9293's figure 5, and that of its note 2. */
static const enum la_transition figure_5[] = {
        LA_T_CLOSED_PASSIVE_OPEN,    LA_T_CLOSED_ACTIVE_OPEN,   LA_T_LISTEN_CLOSE,
        LA_T_LISTEN_RCV_SYN,         LA_T_LISTEN_SEND,          LA_T_SYN_SENT_CLOSE,
        LA_T_SYN_SENT_RCV_SYN,       LA_T_SYN_SENT_RCV_SYN_ACK, LA_T_SYN_RECEIVED_RCV_RST_PASSIVE,
        LA_T_SYN_RECEIVED_RCV_ACK,   LA_T_SYN_RECEIVED_CLOSE,   LA_T_ESTABLISHED_CLOSE,
        LA_T_ESTABLISHED_RCV_FIN,    LA_T_FIN_WAIT_1_RCV_ACK,   LA_T_FIN_WAIT_1_RCV_FIN,
        LA_T_FIN_WAIT_1_RCV_FIN_ACK, LA_T_FIN_WAIT_2_RCV_FIN,   LA_T_CLOSE_WAIT_CLOSE,
        LA_T_CLOSING_RCV_ACK,        LA_T_LAST_ACK_RCV_ACK,     LA_T_TIME_WAIT_TIMEOUT,
};

static void
it_is_figure_5(void **unused)
{
        (void)unused;
        assert_int_equal(diagram_arrow_count, COUNT(figure_5));
        for (size_t i = 0; i < COUNT(figure_5); i++)
                if (!diagram_shows(figure_5[i]))
                        fail_msg("%s is not drawn", la_transition_info(figure_5[i])->id);
        assert_false(diagram_shows(LA_T_TIME_WAIT_RCV_SYN));
}

static void
each_state_has_a_box(void **unused)
{
        unsigned int seen = 0;

        (void)unused;
        for (size_t i = 0; i < diagram_box_count; i++) {
                const struct diagram_box *b = &diagram_boxes[i];

                seen |= 1u << b->state;
                assert_true((int)strlen(la_state_name(b->state)) + 4 <= b->width);
                assert_true(b->height >= 3);
                assert_true(b->x >= 0 && b->x + b->width <= DIAGRAM_WIDTH);
                assert_true(b->y >= 0 && b->y + b->height <= DIAGRAM_HEIGHT);
        }
        assert_int_equal(seen, (1u << LA_STATE_COUNT) - 1);
}

/* Is the point on the outline of the box, corners apart? */
static bool
is_on_side(const struct diagram_box *b, struct diagram_point p)
{
        bool between_x = p.x > b->x && p.x < b->x + b->width - 1;
        bool between_y = p.y > b->y && p.y < b->y + b->height - 1;

        return (between_x && (p.y == b->y || p.y == b->y + b->height - 1)) ||
               (between_y && (p.x == b->x || p.x == b->x + b->width - 1));
}

static bool
is_on_side_of(enum la_state state, struct diagram_point p)
{
        for (size_t i = 0; i < diagram_box_count; i++)
                if (diagram_boxes[i].state == state && is_on_side(&diagram_boxes[i], p))
                        return true;
        return false;
}

/* Each arrow begins at a box of the state that its row leaves, and its head touches one of that which it enters. */
static void
arrows_lead_where_their_row_does(void **unused)
{
        (void)unused;
        for (size_t i = 0; i < diagram_arrow_count; i++) {
                const struct diagram_arrow *a = &diagram_arrows[i];
                const struct la_transition_info *t = la_transition_info(a->transition);
                struct diagram_point end, before;

                assert_in_range(a->count, 2, DIAGRAM_POINTS_MAX);
                end = a->points[a->count - 1];
                before = a->points[a->count - 2];
                end.x += (end.x > before.x) - (end.x < before.x);
                end.y += (end.y > before.y) - (end.y < before.y);
                if (!is_on_side_of(t->from, a->points[0]))
                        fail_msg("%s does not begin at %s", t->id, la_state_name(t->from));
                if (!is_on_side_of(t->to, end))
                        fail_msg("%s does not end at %s", t->id, la_state_name(t->to));
        }
}

/* ---- What lies where ---- */

/* For each cell what lies on it: 0 nothing, -1 a box, or the number of an arrow and 1. */
struct grid {
        int owner[DIAGRAM_HEIGHT][DIAGRAM_WIDTH];
};

static void
occupy(struct grid *g, int x, int y, int owner, const char *name)
{
        if (x < 0 || x >= DIAGRAM_WIDTH || y < 0 || y >= DIAGRAM_HEIGHT)
                fail_msg("%s leaves the drawing at %d,%d", name, x, y);
        if (g->owner[y][x] != 0)
                fail_msg("%s lies on something else at %d,%d", name, x, y);
        g->owner[y][x] = owner;
}

static void
occupy_boxes(struct grid *g)
{
        for (size_t i = 0; i < diagram_box_count; i++) {
                const struct diagram_box *b = &diagram_boxes[i];

                for (int y = b->y; y < b->y + b->height; y++)
                        for (int x = b->x; x < b->x + b->width; x++)
                                occupy(g, x, y, -1, la_state_name(b->state));
        }
}

/* All of it but its first point, which is on a box. */
static void
occupy_arrow(struct grid *g, const struct diagram_arrow *a, int owner)
{
        struct diagram_point at = a->points[0];

        for (unsigned int i = 1; i < a->count; i++) {
                struct diagram_point to = a->points[i];

                if ((at.x != to.x) == (at.y != to.y))
                        fail_msg("%s is not straight before point %u", id_of(a), i);
                while (at.x != to.x || at.y != to.y) {
                        at.x += (to.x > at.x) - (to.x < at.x);
                        at.y += (to.y > at.y) - (to.y < at.y);
                        occupy(g, at.x, at.y, owner, id_of(a));
                }
        }
}

/* How far a cell is from the arrow, in the larger of both directions. */
static int
distance(const struct grid *lines, int owner, int x, int y)
{
        int least = DIAGRAM_WIDTH;

        for (int j = 0; j < DIAGRAM_HEIGHT; j++)
                for (int i = 0; i < DIAGRAM_WIDTH; i++)
                        if (lines->owner[j][i] == owner) {
                                int far = abs(i - x) > abs(j - y) ? abs(i - x) : abs(j - y);
                                least = far < least ? far : least;
                        }
        return least;
}

/* Nothing lies on anything else, and each label stands beside its arrow. */
static void
nothing_overlaps(void **unused)
{
        struct grid lines = { 0 }, all;
        char text[64];

        (void)unused;
        occupy_boxes(&lines);
        for (size_t i = 0; i < diagram_arrow_count; i++)
                occupy_arrow(&lines, &diagram_arrows[i], (int)i + 1);
        all = lines;
        for (size_t i = 0; i < diagram_arrow_count; i++) {
                const struct diagram_arrow *a = &diagram_arrows[i];

                for (unsigned int line = 0; line < 2; line++) {
                        int nearest = DIAGRAM_WIDTH;
                        diagram_label_text(a, line, text, sizeof(text));
                        for (int x = 0; x < (int)strlen(text); x++) {
                                int far = distance(&lines, (int)i + 1, a->label.x + x, a->label.y + (int)line);
                                occupy(&all, a->label.x + x, a->label.y + (int)line, (int)i + 1, id_of(a));
                                nearest = far < nearest ? far : nearest;
                        }
                        if (text[0] != '\0' && nearest > 3)
                                fail_msg("\"%s\" is %d cells from its arrow", text, nearest);
                }
        }
}

static void
labels_are_their_row_s(void **unused)
{
        char text[64];

        (void)unused;
        for (size_t i = 0; i < diagram_arrow_count; i++) {
                const struct diagram_arrow *a = &diagram_arrows[i];
                const struct la_transition_info *t = la_transition_info(a->transition);
                size_t length = strlen(t->trigger);

                diagram_label_text(a, 0, text, sizeof(text));
                assert_memory_equal(text, t->trigger, length);
                if (strncmp(t->answer, "snd ", 4) != 0)
                        assert_int_equal(strlen(text), length);
                else if (a->style == DIAGRAM_LABEL_LINE)
                        assert_memory_equal(text + length, " / snd ", 7);
                else
                        assert_memory_equal(diagram_label_text(a, 1, text, sizeof(text)), "snd ", 4);
        }
}

/* ---- As it is drawn ---- */

static char *
drawn(struct terminal terminal)
{
        char *text = NULL;
        size_t size;

        terminal.file = open_memstream(&text, &size);
        assert_non_null(terminal.file);
        diagram_draw(&terminal);
        fclose(terminal.file);
        return text;
}

/* Lines of plain text, each at most so wide and without blanks at its end. */
static void
expect_clean(const char *text, size_t width)
{
        while (*text != '\0') {
                size_t length = strcspn(text, "\n");

                assert_true(length <= width);
                assert_true(length == 0 || text[length - 1] != ' ');
                for (size_t i = 0; i < length; i++)
                        assert_true(isprint((unsigned char)text[i]));
                text += length + 1;
        }
}

static void
without_utf8_it_is_ascii(void **unused)
{
        char *text = drawn((struct terminal){ .width = 80 });

        (void)unused;
        expect_clean(text, 79);
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                assert_non_null(strstr(text, la_state_name((enum la_state)i)));
        assert_non_null(strstr(text, "|   SYN_RECEIVED   |<----"));
        assert_null(strstr(text, la_state_info(LA_CLOSE_WAIT)->brief));
        free(text);
}

static void
with_utf8_lines_are_lines(void **unused)
{
        char *text = drawn((struct terminal){ .width = 80, .utf8 = true });

        (void)unused;
        assert_non_null(strstr(text, "│   SYN_RECEIVED   │◀────"));
        assert_non_null(
                strstr(text, "╭───┴──────────────╮         rcv SYN / snd SYN,ACK         ╭─────────┴────────╮\n"));
        assert_non_null(strstr(text, "╰───┬──────────┬───╯"));
        assert_non_null(strstr(text, "    ╭─────────────────────────▶│     LISTEN     ├──────────────╮"));
        assert_non_null(strstr(text, "╰──────────────▶│            │ Timeout=2MSL"));
        assert_null(strchr(text, '+'));
        assert_null(strchr(text, '\033'));
        /* Arrows do not cross, so nothing has four ends. */
        assert_null(strstr(text, "┼"));
        free(text);
}

static void
colour_is_switched_off_again(void **unused)
{
        char *text = drawn((struct terminal){ .width = 80, .colour = true });

        (void)unused;
        assert_non_null(strstr(text, "\033[1mLISTEN\033[0m"));
        assert_non_null(strstr(text, "rcv SYN / \033[2msnd SYN,ACK\033[0m"));
        assert_non_null(strstr(text, "\n    | \033[2msnd FIN\033[0m "));
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
                bool on = false;
                for (const char *c = strchr(line, '\033'); c; c = strchr(c + 1, '\033'))
                        on = c[2] != '0';
                assert_false(on);
        }
        free(text);
}

static void
on_a_wide_terminal_the_states_are_told(void **unused)
{
        char *text = drawn((struct terminal){ .width = 200 });

        (void)unused;
        expect_clean(text, 150);
        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                assert_non_null(strstr(text, la_state_info((enum la_state)i)->brief));
        free(text);
}

/* ---- Ways ---- */

/* The steps that are needed at least, counted another way: how often all states reached so far must be left. */
static unsigned int
steps_needed(enum la_state from, enum la_state to)
{
        unsigned int reached = 1u << from, steps = 0;

        while (!(reached & (1u << to))) {
                unsigned int next = reached;
                for (size_t i = 0; i < COUNT(figure_5); i++) {
                        const struct la_transition_info *t = la_transition_info(figure_5[i]);
                        if (reached & (1u << t->from))
                                next |= 1u << t->to;
                }
                assert_int_not_equal(next, reached);
                reached = next;
                steps++;
        }
        return steps;
}

static void
ways_are_shortest_along_the_arrows(void **unused)
{
        (void)unused;
        for (unsigned int from = 0; from < LA_STATE_COUNT; from++)
                for (unsigned int to = 0; to < LA_STATE_COUNT; to++) {
                        struct route r = route_between((enum la_state)from, (enum la_state)to);
                        unsigned int at = from;

                        for (unsigned int i = 0; i < r.length; i++) {
                                assert_int_equal(la_transition_info(r.steps[i])->from, at);
                                assert_true(diagram_shows(r.steps[i]));
                                at = la_transition_info(r.steps[i])->to;
                        }
                        assert_int_equal(at, to);
                        assert_int_equal(r.length, steps_needed((enum la_state)from, (enum la_state)to));
                }
}

static void
of_equal_ways_the_usual_one_is_taken(void **unused)
{
        struct route r = route_between(LA_SYN_SENT, LA_FIN_WAIT_2);

        (void)unused;
        assert_int_equal(r.length, 3);
        assert_int_equal(r.steps[0], LA_T_SYN_SENT_RCV_SYN_ACK);
        assert_int_equal(r.steps[1], LA_T_ESTABLISHED_CLOSE);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(it_is_figure_5),
                cmocka_unit_test(each_state_has_a_box),
                cmocka_unit_test(arrows_lead_where_their_row_does),
                cmocka_unit_test(nothing_overlaps),
                cmocka_unit_test(labels_are_their_row_s),
                cmocka_unit_test(without_utf8_it_is_ascii),
                cmocka_unit_test(with_utf8_lines_are_lines),
                cmocka_unit_test(colour_is_switched_off_again),
                cmocka_unit_test(on_a_wide_terminal_the_states_are_told),
                cmocka_unit_test(ways_are_shortest_along_the_arrows),
                cmocka_unit_test(of_equal_ways_the_usual_one_is_taken),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
