/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * doctor.h - what `lastack doctor` and `lastack record` share: looking at Linux or a stack, and showing what was found.
 */
#ifndef LASTACK_CLI_DOCTOR_H
#define LASTACK_CLI_DOCTOR_H

#include "cli/collect.h"
#include "cli/terminal.h"
#include "cli/witness.h"
#include "doctor/findings.h"

/* Idle for so long, a connection may be dead; and how far two looks are apart unless somebody says otherwise. */
#define DOCTOR_IDLE_S    3600
#define DOCTOR_IDLE_MOST 4000000 /* in milliseconds it fits 32 bits */
#define DOCTOR_FOR_S     3.0
#define DOCTOR_FOR_MOST  3600.0

/* ---- Looking ------------------------------------------------------------------------------------------------------- */

struct doctor_look {
        struct collect_request request; /* stack, or netns, proc_only, netlink_only from the command line */
        double for_s;                   /* between two looks; 0: one look */
};

/* Tells the witness all that the doctor looks at.  Ctrl-C during the wait ends it early; a wait that was too short for
 * rates leaves one look.  Returns 0 with *ret filled, or a negative errno of collect_open() or collect_next(). */
int doctor_look(const struct doctor_look *how, struct witness *w, struct collect_report *ret);

/* "3", "0.5"; false for what is no number of seconds from 0 to DOCTOR_FOR_MOST. */
bool doctor_seconds(const char *text, double *ret);

/* "3600"; false for what is no whole number of seconds from 1 to DOCTOR_IDLE_MOST. */
bool doctor_idle(const char *text, uint32_t *ret_ms);

/* ---- Showing ------------------------------------------------------------------------------------------------------- */

struct doctor_answer {
        const struct evidence *evidence;
        const struct findings *found;
        const struct rule *only;                /* NULL: all rules judged */
        const struct collect_report *report;    /* NULL: of a recording */
        const struct recording_read *recording; /* NULL: of this host */
        const char *path;                       /* of the recording */
};

void doctor_text(const struct doctor_answer *a, const struct terminal *terminal);
void doctor_json(const struct doctor_answer *a);

/* 0 healthy, 1 warning, 2 critical, 3 could not tell. */
int doctor_status(const struct findings *f);

#endif
