/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tune.h - what the words behind `lastack tune` have in common.
 */
#ifndef LASTACK_CLI_TUNE_H
#define LASTACK_CLI_TUNE_H

#include <stdbool.h>
#include <stdint.h>

#include "linux/netns.h"
#include "tune/conf.h"
#include "tune/gather.h"
#include "tune/judge.h"

enum tune_exit {
        TUNE_EXIT_SOMETHING = 1, /* there is something to say against a setting; or it was not done */
        TUNE_EXIT_DANGEROUS = 2,
        TUNE_EXIT_NO_INPUT = 66, /* a file cannot be read (sysexits.h) */
};

struct tune_request {
        char **words; /* files, settings or an ID */
        size_t word_count;
        bool json;
        const char *netns; /* NULL: our own */
        bool persist, force;
        uint32_t confirm_within_s; /* 0: not asked for */
        const char *why;
        const char *state_directory, *sysctl_directory; /* NULL: the usual */
        uint32_t for_s;                                 /* of a trial, each side; 0: the usual */
        uint32_t connections;                           /* of a trial; 0: the usual */
        bool real_ports;
        const char *workload; /* of a trial; NULL: the one that shows the setting */
};

/* Each returns an exit status. */
int tune_lint(const struct tune_request *r);
int tune_plan(const struct tune_request *r);
int tune_apply_words(const struct tune_request *r);
int tune_confirm(const struct tune_request *r);
int tune_rollback(const struct tune_request *r);
int tune_history(const struct tune_request *r);
int tune_try(const struct tune_request *r);

/* Opens the namespace that is asked for; otherwise says why not, and returns an exit status above 0. */
int tune_open_netns(const struct tune_request *r, struct netns_list *ret);

/* The words as settings; otherwise says which is none, and returns an exit status above 0. */
int tune_read_words(const struct tune_request *r, struct tune_conf *ret);

/* The words of a judgement as one text, to be freed; NULL without memory. */
char *tune_said(const struct tune_judgement *j);

/* What a tunable is here, in words: its value, or why it has none; to be freed. */
char *tune_here(const struct tune_evidence *e, const struct tune_setting *s);

#endif
