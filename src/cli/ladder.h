/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ladder.h - what happened in the lab, as people draw it: time runs down, one line of life for each end, segments between.
 *
 *            client                                              server
 *   0.000       SYN_SENT ●  CLOSED_ACTIVE_OPEN                          │
 *                        │  active OPEN · RFC 9293 3.10.1               │
 *               SYN_SENT ├─ SYN seq 0 ─────────────────────────────────▶│ LISTEN
 *   0.010                │                               LISTEN_RCV_SYN ● SYN_RECEIVED
 *
 * A ladder is 80 columns wide.  Segments that cross others or stay away long are drawn in two halves; what is lost ends
 * in a cross.
 */
#ifndef LASTACK_CLI_LADDER_H
#define LASTACK_CLI_LADDER_H

#include "cli/terminal.h"
#include "lastack/lab.h"

/* What the ladder is drawn for, and is to stand out. */
struct ladder_mark {
        bool row_wanted, state_wanted;
        enum la_transition row;
        enum la_state state;
        int host; /* in which `state` is entered */
};

bool ladder_marks(const struct ladder_mark *mark, const struct la_lab_event *event);

void ladder_put(const struct terminal *terminal, const struct la_lab *lab, const struct ladder_mark *mark);

#endif
