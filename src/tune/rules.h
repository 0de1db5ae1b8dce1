/* SPDX-License-Identifier: BSD-2-Clause */
/* rules.h - what is special about single tunables. */
#ifndef LASTACK_TUNE_RULES_H
#define LASTACK_TUNE_RULES_H

#include "tune/judge.h"

/* Judges a value that can be read and is not the default.  False if there is no rule about the tunable. */
bool tune_rule(struct tune_case *c);

/* Does its rule say what a number outside of the range means, so that nothing else is to be said of it? */
bool tune_rule_knows_the_range(const struct tune_case *c);

/* Ports: ip_local_port_range, whose better line depends on who listens. */
void tune_rule_port_range(struct tune_case *c);

#endif
