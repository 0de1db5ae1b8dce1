/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.h - what the commands that look at sockets have in common on their command lines.
 */
#ifndef LASTACK_CLI_OPTIONS_H
#define LASTACK_CLI_OPTIONS_H

#include <argp.h>

#include "cli/collect.h"

struct options {
        struct collect_request request; /* stack, netns, proc_only, ipv4, ipv6 filled from the command line */
        bool json;
        char *filter_text; /* the words behind the options (words_add); NULL for none */
};

/* A child parser for argp whose input is a struct options: -j, -4, -6, --netns, --source, --stack. */
extern const struct argp options_argp;

/* What an option of one of these names was given, for commands that have a parser of their own.  A word that is none, and
 * what does not go together, ends the program as argp ends it. */
const char *options_one_netns(struct argp_state *state, char *arg); /* not "all" */
void options_source(struct argp_state *state, const char *arg, struct collect_request *request);
void options_check(struct argp_state *state, const struct collect_request *request);

/* Parses the filter that was collected and puts it into the request; a wrong one is shown with a caret under the word
 * that is wrong, and the program ends with EXIT_USAGE. */
void options_filter(struct options *o);

void options_fini(struct options *o);

#endif
