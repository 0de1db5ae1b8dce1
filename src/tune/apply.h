/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * apply.h - changes made and taken back.
 *
 * The store is locked in all of this.
 */
#ifndef LASTACK_TUNE_APPLY_H
#define LASTACK_TUNE_APPLY_H

#include "tune/store.h"

/* What stopped a change. */
struct tune_trouble {
        int error;        /* negative errno; 0: nothing did */
        const char *name; /* of the tunable, or NULL if it was the journal, or the file to persist it in */
        char *found;      /* the kernel took the value and made this of it; NULL: it did not */
        bool put_back;    /* everything is as before */
        bool persisting;  /* it was the file */
        char place[256];  /* that file, or the journal's directory */
};

/* Could all of it be written?  Tries the files, and writes nothing. */
int tune_may_apply(int netns_fd, const struct tune_change *c, struct tune_trouble *ret);

/* Reads again what each tunable is: another change may have been made since this one was planned, and what is put back is
 * what was there when it was made.  Before its journal is created.  Returns 0, or a negative errno with *ret filled. */
int tune_look_again(int netns_fd, struct tune_change *c, struct tune_trouble *ret);

/* Makes a change, or nothing of it.  Its journal must have been created.  Returns 0, or a negative errno with *ret
 * filled, whose texts are to be freed by tune_trouble_fini(). */
int tune_apply(const struct tune_store *s, int netns_fd, struct tune_change *c, struct tune_trouble *ret);

/* Writes the file that makes it outlive a reboot. */
int tune_persist(const struct tune_store *s, struct tune_change *c, struct tune_trouble *ret);

/* Takes a change back: each value that is still what the change made of it, or with `force` each that is not what it was.
 * What somebody else has changed since is left, and noted in `left` of the step.  Returns 0, also then; or a negative
 * errno if it could not be done, and can be tried again. */
int tune_undo(const struct tune_store *s, int netns_fd, struct tune_change *c, bool force, const char *why,
              struct tune_trouble *ret);

void tune_trouble_fini(struct tune_trouble *t);

#endif
