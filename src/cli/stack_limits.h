/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stack_limits.h - what a stack was made for, and how much of it is in use.
 *
 * Each queue has limits of its own, and refuses what it has no room for however empty the others are.  So beside the sums
 * there is the fullest one.
 */
#ifndef LASTACK_CLI_STACK_LIMITS_H
#define LASTACK_CLI_STACK_LIMITS_H

#include "control/client.h"

#define STACK_LIMITS 7

struct stack_limit {
        const char *id;       /* for machines: the member of struct la_config */
        const char *name;     /* for people, to be translated */
        uint64_t used, limit; /* of all queues together */
        unsigned int fullest; /* the queue that has least left, in proportion; */
        uint64_t fullest_used, fullest_limit;
};

/* As of the last control_status(). */
void stack_limits(const struct control_client *client, struct stack_limit ret_limits[STACK_LIMITS]);

#endif
