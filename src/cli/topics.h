/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * topics.h - what is to be explained, out of words as people write them.
 *
 *         topic       = state | state arrow state | knob | row | "states" | "transitions" | "knobs" | "diagram"
 *         arrow       = "->" | "-->" | "=>" | ">" | "→" | "to"
 *
 * A state is understood in any spelling (la_state_parse), even in several words ("time wait"); a knob by any of its
 * names (la_knob_find), '-' for '_' included; a row of transition.def by its id.  Blanks around an arrow may be left out.
 */
#ifndef LASTACK_CLI_TOPICS_H
#define LASTACK_CLI_TOPICS_H

#include <stdbool.h>
#include <stddef.h>

#include "lastack/model.h"

enum topic_kind {
        TOPIC_STATE,       /* from */
        TOPIC_STEP,        /* from, to */
        TOPIC_ROW,         /* row */
        TOPIC_KNOB,        /* knob */
        TOPIC_STATES,      /* the list of all states */
        TOPIC_TRANSITIONS, /* the list of all rows */
        TOPIC_KNOBS,       /* the list of all knobs */
        TOPIC_DIAGRAM,
};

struct topic {
        enum topic_kind kind;
        enum la_state from, to;
        enum la_transition row;
        const struct la_knob_info *knob;
};

/* The words that are neither a row's nor a state's. */
#define TOPIC_LISTS 4
extern const struct topic_list {
        const char *name;
        enum topic_kind kind;
} topic_lists[TOPIC_LISTS];

#define TOPIC_WORD_SIZE 64

/* Why the words were refused. */
struct topic_error {
        char word[TOPIC_WORD_SIZE]; /* at fault, cut if it is long, fit to be shown; "" if an arrow lacks a state */
        bool state_expected;        /* it stands beside an arrow, where a state belongs */
};

/* Reads all topics.  Returns 0 and *ret_topics, to be freed with free(), and their count, which may be 0; -EINVAL with
 * *ret_error filled; or -ENOMEM. */
int topics_parse(const char *text, struct topic **ret_topics, size_t *ret_count, struct topic_error *ret_error);

#endif
