/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * watch.h - a process of its own that takes a change back unless it is confirmed.
 */
#ifndef LASTACK_TUNE_WATCH_H
#define LASTACK_TUNE_WATCH_H

#include "tune/store.h"

/* Starts it: it outlives the terminal and the caller, waits as long as the change says, and then, unless the journal
 * says that the change is confirmed or undone, undoes it.  It goes earlier when the journal says so.  To be started before
 * the change is made: then not even the caller's end leaves it in force.  Returns its process id, or a negative errno. */
int tune_watch(const struct tune_store *s, int netns_fd, const struct tune_change *c);

#endif
