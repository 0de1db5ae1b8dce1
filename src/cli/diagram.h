/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * diagram.h - RFC 9293's figure 5, drawn in the terminal: eleven states and the everyday transitions between them.
 *
 * The drawing is laid out by hand, as boxes and arrows on a grid of characters (diagram_layout.c), and each arrow names
 * the row of transition.def that it stands for: its label is that row's trigger and what it sends.  Lines become
 * box-drawing characters or ASCII only when they are drawn.
 */
#ifndef LASTACK_CLI_DIAGRAM_H
#define LASTACK_CLI_DIAGRAM_H

#include <stddef.h>

#include "cli/terminal.h"
#include "lastack/model.h"

#define DIAGRAM_WIDTH      79
#define DIAGRAM_HEIGHT     42
#define DIAGRAM_POINTS_MAX 5

struct diagram_point {
        int x, y;
};

/* The outline of a state's box; its name stands in the middle. */
struct diagram_box {
        enum la_state state;
        int x, y, width, height;
};

enum diagram_label {
        DIAGRAM_LABEL_STACKED, /* what is sent stands below the trigger */
        DIAGRAM_LABEL_LINE,    /* both on one line: "rcv FIN / snd ACK" */
};

/* A line from point to point, each straight above, below or beside the one before.  It begins on the outline of one
 * state's box and ends in the arrow's head, just outside the other's. */
struct diagram_arrow {
        enum la_transition transition;
        struct diagram_point label; /* where its text begins */
        enum diagram_label style;
        unsigned int count;
        struct diagram_point points[DIAGRAM_POINTS_MAX];
};

extern const struct diagram_box diagram_boxes[];
extern const size_t diagram_box_count;
extern const struct diagram_arrow diagram_arrows[];
extern const size_t diagram_arrow_count;

/* Is there an arrow for this row? */
bool diagram_shows(enum la_transition transition);

/* The text of an arrow's label on its line 0 or 1; "" where it has none.  At most `size` bytes go into `buffer`. */
const char *diagram_label_text(const struct diagram_arrow *arrow, unsigned int line, char *buffer, size_t size);

/* What this end sends by a row: "snd SYN" of "snd SYN, create TCB".  Not ended by a NUL; *ret_length may be 0. */
const char *diagram_sent(const struct la_transition_info *t, int *ret_length);

/* Draws it.  Where the terminal is wide enough, what the states mean stands beside it. */
void diagram_draw(const struct terminal *terminal);

#endif
