/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor_look.h - what looking at Linux and looking at a stack have in common: once or twice, amounts and then sockets.
 *
 * doctor_look.c goes through it all, and asks a source for what only that knows.
 */
#ifndef LASTACK_CLI_DOCTOR_LOOK_H
#define LASTACK_CLI_DOCTOR_LOOK_H

#include "cli/collect.h"
#include "cli/witness.h"

struct looking {
        struct witness *w;
        struct collect *c;
        bool foreign; /* Linux: another network namespace than the host's first */
};

/* Each returns 0 or a negative errno. */
struct looking_source {
        int (*tunables)(struct looking *l);
        int (*amounts)(struct looking *l); /* counters and facts, before the sockets of a look */
        int (*holders)(struct looking *l); /* what is asked of their holders after them; NULL: nothing */
};

extern const struct looking_source looking_at_linux, looking_at_stack;

/* Amounts by name, told as facts or as counters. */
struct looking_amount {
        const char *name;
        int64_t value; /* negative: not known, and not told */
};

int looking_tell(struct witness *w, int (*how)(struct witness *, const char *, int64_t),
                 const struct looking_amount *list, size_t count);

#endif
