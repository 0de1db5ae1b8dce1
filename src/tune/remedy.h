/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * remedy.h - the one place where the doctor's findings become settings: the tunables that he says would help.
 */
#ifndef LASTACK_TUNE_REMEDY_H
#define LASTACK_TUNE_REMEDY_H

#include "doctor/findings.h"
#include "tune/conf.h"

/* Is it something to act on?  What is at least a warning; and of what is only worth knowing, tunables that are set to
 * nobody's good. */
bool tune_is_ill(const struct finding *x);

/* Takes the tunables that such findings name, the worst finding's value where several name one; each setting's `reason`
 * says which finding.  Returns 0 or -ENOMEM. */
int tune_remedies(const struct findings *f, struct tune_conf *ret);

#endif
