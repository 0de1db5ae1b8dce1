/* SPDX-License-Identifier: BSD-2-Clause */
/* overview_cells.h - what the parts of the overview's screen are written with. */
#ifndef LASTACK_CLI_OVERVIEW_CELLS_H
#define LASTACK_CLI_OVERVIEW_CELLS_H

#include "cli/overview.h"
#include "cli/table.h"

/* A sentence, as wide as the terminal. */
__attribute__((format(printf, 2, 3))) void overview_say(const struct overview *o, const char *format, ...);

void overview_number(struct table *t, uint64_t n);
void overview_remark(struct table *t, const struct overview *o, enum colour colour, const char *text);

/* The table, and a blank line. */
void overview_put(struct table *t);

/* Of a stack: what it was made for and how much of it is in use, and what found no room.  True if that stands out. */
bool overview_show_limits(const struct overview *o);
bool overview_show_losses(const struct overview *o);

#endif
