/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world.h - one stack, brought into a state by real calls and segments, and the peer that did it.
 *
 * The peer knows only what it saw on the wire: the numbers below are kept from the packets that went to and fro.
 */
#ifndef LASTACK_TESTS_ARRIVES_WORLD_H
#define LASTACK_TESTS_ARRIVES_WORLD_H

#include "lastack/tcp.h"
#include "wire/segment.h"

#define PEER_WINDOW 1000 /* what the peer offers in every segment, so MAX.SND.WND is no more */

struct world {
        struct la_stack *stack;
        size_t stack_bytes;
        tcp_time now;
        enum la_family family;
        struct la_endpoint local, peer;
        struct la_handle listener, connection;
        bool listening, held; /* the handles are good */
        bool stamps;          /* the peer sends timestamps */

        uint32_t iss, una, snd, irs, rcv, end; /* of the stack under test */
        uint32_t stamp, echo;                  /* the peer's TSval; what it echoes */

        uint8_t bytes[2048]; /* what left last */
        struct segment heard;
        unsigned int heard_count; /* packets since the last say() */
};

/* Builds what `s` says of flags, numbers and options, and `text_bytes` of text, and gives it to the stack. */
void say(struct world *w, const struct segment *s);

/* Takes what the stack has to send. */
void hear(struct world *w);

/* Time passes, timers are served, packets taken; stops when something was sent. */
void wait_ms(struct world *w, uint32_t ms);

/* Brings a new stack into the state, in the way that `given` lines name.  NULL, or what is wrong. */
const char *world_make(struct world *w, enum la_family family, const char *state, const char *how);

#endif
