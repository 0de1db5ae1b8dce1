/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peers.h - a link whose other end is a second stack in the same process, so that a stack can be looked at with real
 * connections and no privileges.
 *
 * Packets cross within the loop's steps.  The other end's own timers are served whenever the loop takes from the link.
 */
#ifndef LASTACK_TESTS_CONTROL_PEERS_H
#define LASTACK_TESTS_CONTROL_PEERS_H

#include "lastack/link.h"

struct peers {
        struct la_stack *here, *there;
        struct la_link *link; /* of `here` */
        struct la_loop *loop;
        uint8_t mute[65536 / 8]; /* ports of `there` to which nothing gets through */
        bool keep_awake;         /* tell the loop that there are always packets */
};

/* Two stacks that can hold so many connections each, and the loop of the first.  False without the memory. */
bool peers_init(struct peers *p, uint32_t connections);

void peers_mute(struct peers *p, uint16_t port);

/* Lets pass what there is to pass; what was said to `there` directly begins to move with that. */
void peers_step(struct peers *p);
void peers_settle(struct peers *p);

#endif
