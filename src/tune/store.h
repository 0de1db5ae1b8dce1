/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store.h - the directory with the journals of all changes, a file each, named by its number.
 */
#ifndef LASTACK_TUNE_STORE_H
#define LASTACK_TUNE_STORE_H

#include "tune/change.h"

struct tune_store {
        const char *directory; /* borrowed */
        int lock;              /* -1: only read */
};

/* Opens it to be read.  It need not be there yet. */
struct tune_store tune_store_to_read(const char *directory);

/* Makes it if need be and locks it, waiting a few seconds for another lastack.  Returns 0; -EBUSY if that goes on
 * holding it; or another negative errno. */
int tune_store_lock(const char *directory, struct tune_store *ret);
void tune_store_unlock(struct tune_store *s);

/* All changes, the oldest first; files that are no journals are left out.  Returns 0 or a negative errno. */
struct tune_changes {
        struct tune_change *change;
        size_t count;
};
int tune_store_list(const struct tune_store *s, struct tune_changes *ret);
void tune_changes_fini(struct tune_changes *c);

/* Numbers a change and writes its journal.  Returns 0 or a negative errno. */
int tune_store_create(const struct tune_store *s, struct tune_change *c);

/* Adds a line to a journal.  Returns 0 or a negative errno. */
int tune_store_note(const struct tune_store *s, const struct tune_change *c, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Reads a change anew.  Returns 0; -ENOENT; or another negative errno. */
int tune_store_load(const struct tune_store *s, unsigned int id, struct tune_change *ret);

#endif
