/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * line.h - a connection to one stack: a question at a time, and its answer.  client.h makes one of those to all queues of a
 * stack, and says what the calls mean and return.
 */
#ifndef LASTACK_CONTROL_LINE_H
#define LASTACK_CONTROL_LINE_H

#include "control/client.h"

struct line;

/* Where it fails, ret_version is the other end's, if it said so, and untouched otherwise. */
int line_connect(const char *name, struct line **ret_line, char ret_version[32]);
void line_close(struct line *line);

const struct control_hello *line_hello_of(const struct line *line);
const char *line_said(const struct line *line);

int line_status(struct line *line, struct control_status *ret_status);

int line_walk(struct line *line, uint32_t states, uint32_t parts);
int line_walk_next(struct line *line, struct la_snapshot *ret_snapshot);
int line_find(struct line *line, enum la_family family, const struct la_endpoint *local,
              const struct la_endpoint *remote, struct la_snapshot *ret_snapshot);

int line_knobs(struct line *line);
int line_knobs_next(struct line *line, struct control_knob_view *ret_knob);
int line_knob(struct line *line, const char *name, struct control_knob_view *ret_knob);
int line_knob_set(struct line *line, const char *name, const char *value, bool dangerous,
                  struct control_knob_view *ret_knob);

/* The next event: 1.  It is at hand, or line_fd() becomes readable when there is one. */
int line_events(struct line *line, uint32_t what);
int line_event(struct line *line, struct la_trace *ret_event, uint64_t *ret_lost);
bool line_event_is_at_hand(const struct line *line);
int line_fd(const struct line *line);

#endif
