/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_commands.h - what a byte of fuzz_engine.c's input can have done: to one of the sides (`i`), as the bytes after it
 * say.
 */
#ifndef LASTACK_TESTS_ENGINE_COMMANDS_H
#define LASTACK_TESTS_ENGINE_COMMANDS_H

#include "engine_world.h"

#define PEERS        4
#define WRITE_MAX    6000
#define CONSTANT_MAX 1000000

struct input {
        const uint8_t *at, *end;
};

/* The next byte; zeros at the end. */
static inline uint8_t
take(struct input *in)
{
        return in->at < in->end ? *in->at++ : 0;
}

/* ---- engine_forged.c: packets that nobody but this program sends ---- */

void send_forged(struct input *in, unsigned int i);  /* a segment near what a connection expects */
void send_mangled(struct input *in, unsigned int i); /* the same with some bytes changed, under a right checksum */
void send_bytes(struct input *in, unsigned int i);   /* bytes that need not be a packet at all */
void send_icmp(struct input *in, unsigned int i);    /* an error about a connection */

/* Makes the checksums right again, if this is a packet that has some. */
void mend_packet(uint8_t *bytes, size_t n);

/* ---- engine_calls.c: all calls of tcp.h ---- */

void call_any(struct input *in, unsigned int i);
void call_events(unsigned int i, uint8_t most);
void call_knob(struct input *in, unsigned int i);

/* What somebody may have set up beforehand: what would take too many commands to come together. */
#define SETUPS 8
void set_up(unsigned int i, unsigned int which);

/* An error as it came, if it is one. */
enum la_error checked(enum la_error error);

/* A fresh connection takes the place of an old one, which is closed. */
void keep(unsigned int i, struct user_end *e, struct la_handle fresh);

/* Where the reader is, so that each byte can be judged. */
uint32_t read_from(const struct la_stack *stack, struct la_handle h);

#endif
