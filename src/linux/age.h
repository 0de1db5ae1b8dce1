/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * age.h - how long a socket of Linux's has been in its state, as far as Linux tells.
 */
#ifndef LASTACK_LINUX_AGE_H
#define LASTACK_LINUX_AGE_H

#include "lastack/snapshot.h"

/* Fills age_min_ms, age_max_ms and LA_KNOWN_AGE from what else is known, if something follows from it. */
void age_fill(struct la_snapshot *s);

#endif
