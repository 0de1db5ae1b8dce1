/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * route.h - how a connection gets from one state to another, when one step does not do.
 */
#ifndef LASTACK_CLI_ROUTE_H
#define LASTACK_CLI_ROUTE_H

#include "lastack/model.h"

#define ROUTE_LONGEST (LA_STATE_COUNT - 1)

struct route {
        unsigned int length; /* 0 if both are the same state */
        enum la_transition steps[ROUTE_LONGEST];
};

/* The shortest way along figure 5 of RFC 9293, whose steps are the ordinary ones; among equally short ways one without
 * the rare steps in it. */
struct route route_between(enum la_state from, enum la_state to);

#endif
