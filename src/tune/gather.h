/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gather.h - evidence from the running kernel.
 */
#ifndef LASTACK_TUNE_GATHER_H
#define LASTACK_TUNE_GATHER_H

#include "tune/judge.h"

/* Reads what is known of this kernel and of the namespace of `netns_fd`: every tunable of the tables and of `conf`,
 * and, if asked to, its sockets.  What cannot be read is marked as not known.  Returns 0, or -ENOMEM. */
int tune_gather(int netns_fd, const struct tune_conf *conf, bool sockets, struct tune_evidence *ret);

/* Writes each setting of `conf` in a network namespace that is made for that and thrown away: what the kernel says of
 * it.  Settings of the whole host are not tried, nor are such that no table knows.  Returns an array of conf->count, to be
 * given to tune_rehearsals_free(); NULL where it is not permitted, or without memory. */
struct tune_rehearsal *tune_rehearse(const struct tune_conf *conf);

void tune_rehearsals_free(struct tune_rehearsal *r, size_t count);

#endif
