/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lab.h - the runs of the lab that a command line asks for, and the forms in which they are shown.
 */
#ifndef LASTACK_CLI_LAB_H
#define LASTACK_CLI_LAB_H

#include <stdio.h>

#include "cli/ladder.h"

enum lab_run_kind {
        LAB_RUN_ROW,
        LAB_RUN_STATE,
        LAB_RUN_STORY,
        LAB_RUN_SCRIPT,
};

/* One scenario, and what came of it. */
struct lab_run {
        enum lab_run_kind kind;
        const struct la_lab_scenario *scenario;
        struct ladder_mark mark;
        struct la_lab *lab; /* NULL before it is played, and if its script is wrong */
        bool reproduced;
        struct la_lab_trouble trouble; /* if it did not go as its script says; line 0: it did */
};

struct lab_runs {
        struct lab_run *run;
        size_t count;
        bool all; /* too many to draw: a table */
};

bool lab_runs_add(struct lab_runs *runs, const struct lab_run *run);

/* Each returns EXIT_OK; or, having said what is wrong, EXIT_USAGE or EXIT_NOT_TOLD. */
int lab_choose(const char *words, struct lab_runs *runs);   /* states and transitions */
int lab_choose_stories(char *words, struct lab_runs *runs); /* which is cut into words */

/* Plays it; -ENOMEM, or 0 with `reproduced` telling. */
int lab_run_play(struct lab_run *run, uint64_t seed);
void lab_run_fini(struct lab_run *run);

/* Why not, in words; "" if it was reproduced. */
const char *lab_run_why_not(const struct lab_run *run);

/* For people: what it is about, and its ladder. */
void lab_run_text(const struct terminal *terminal, const struct lab_run *run, bool first);

/* For machines: one document for all runs.  False if there is no memory. */
bool lab_runs_json(FILE *file, const struct lab_run *runs, size_t count, uint64_t seed);

/* The packets as a capture file (pcapng), each with what it caused as its comment.  0, or a negative errno. */
int lab_runs_pcap(const char *path, const struct lab_run *runs, size_t count);

#endif
