/* SPDX-License-Identifier: BSD-2-Clause */
/* judge.h - lets one segment arrive, and says in what the stack does otherwise than the row has it. */
#ifndef LASTACK_TESTS_ARRIVES_JUDGE_H
#define LASTACK_TESTS_ARRIVES_JUDGE_H

#include "page.h"
#include "world.h"

/* A case: one combination of a row's positions. */
struct trial {
        const struct row *row;
        const char *seq, *ack, *stamp;
};

/* `flags` has the flags and text.  Changes the world.  True if all is as the row has it; else *ret_why is a sentence. */
bool judge(struct world *w, const struct segment *flags, const struct section *section, const struct trial *trial,
           char ret_why[512]);

#endif
