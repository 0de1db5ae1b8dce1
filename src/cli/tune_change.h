/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tune_change.h - changes: who makes them, where they are recorded, and how they are shown.
 */
#ifndef LASTACK_CLI_TUNE_CHANGE_H
#define LASTACK_CLI_TUNE_CHANGE_H

#include <jansson.h>

#include "cli/prose.h"
#include "cli/tune.h"
#include "tune/store.h"

/* Where journals are kept, and files that outlive a boot: by the option, the environment, or as usual. */
const char *tune_state_directory(const struct tune_request *r);
const char *tune_sysctl_directory(const struct tune_request *r);

/* The same, if it was named by one of the first two, and not as usual; else NULL.  From the root on, so that it means the
 * same from wherever it is used later. */
const char *tune_state_named(const struct tune_request *r);
const char *tune_sysctl_named(const struct tune_request *r);

/* Where root's journals are as usual. */
bool tune_is_state_of_root(const char *directory);

/* A path from the root on.  Lives until four more were asked for. */
const char *tune_absolute(const char *path);

/* Locks the journals; otherwise says why not, and returns an exit status above 0. */
int tune_lock_store(const struct tune_request *r, struct tune_store *ret);

/* "root (uid 0), for alice"; and the words of the command line; to be freed. */
char *tune_who(void);
char *tune_words_text(const struct tune_request *r);

/* Says on standard error which files of the same kind come later and set the same to something else. */
void tune_warn_of_later_files(const struct tune_change *c);

json_t *tune_change_json(const struct tune_change *c);

/* A verdict in a word, in its colour. */
const char *tune_verdict_word(const struct prose *p, enum tune_verdict verdict);

#endif
