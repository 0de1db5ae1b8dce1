/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * witness.h - what is seen of a host goes to the doctor's evidence and, where one is made, into a recording.
 *
 * The calls are those of doctor/evidence.h, in the same order; all return 0 or a negative errno.
 */
#ifndef LASTACK_CLI_WITNESS_H
#define LASTACK_CLI_WITNESS_H

#include "cli/recording.h"
#include "doctor/evidence.h"

struct witness {
        struct evidence *evidence;
        struct recording *recording; /* NULL: none is made */
};

/* A tunable by its row and its text; `outer` for one of the host, where the sockets are elsewhere. */
int witness_knob(struct witness *w, const struct la_knob_info *knob, const char *text, bool outer);

int witness_look(struct witness *w, uint64_t at_ms);
int witness_fact(struct witness *w, const char *name, int64_t value);
int witness_counter(struct witness *w, const char *name, int64_t value);
int witness_socket(struct witness *w, const struct la_snapshot *s);
int witness_restart(struct witness *w);

#endif
