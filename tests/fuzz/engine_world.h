/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * engine_world.h - what fuzz_engine.c plays with: two small stacks, what is on its way between them, and the eyes that
 * look at all they do.
 *
 * A byte that is sent is the one its sequence number says, in either direction, from the stacks as from forged segments.
 * So whatever leaves and whatever is read can be judged by itself, however it came there.
 *
 * A run begins with a copy of stacks that were made once.  The blocks are as long as la_stack_bytes() says and no longer.
 */
#ifndef LASTACK_TESTS_ENGINE_WORLD_H
#define LASTACK_TESTS_ENGINE_WORLD_H

#include "lastack/tcp.h"
#include "wire/segment.h"

/* What only looks is not what libFuzzer is to explore. */
#ifdef __clang__
#define LOOKS __attribute__((no_sanitize("coverage")))
#else
#define LOOKS
#endif

#define SIDES       2
#define HANDLES     6
#define KINDS       8
#define PACKET_MAX  9216
#define FLYING_MAX  12
#define BATCH_MAX   16
#define LENT_MAX    4
#define LISTEN_PORT 80

/* A connection as its user knows it. */
struct user_end {
        struct la_handle handle;
        uint32_t next; /* the sequence number of the byte that is written next */
};

struct side {
        struct la_stack *stack; /* NULL until something is asked of it */
        const struct la_config *config;
        uint8_t *block[2]; /* one that is lived in, one to move to */
        size_t block_bytes;
        struct user_end end[HANDLES];
        struct la_handle listener[2]; /* by family */
        bool touched;                 /* since it was looked at */
        size_t lent;                  /* packets whose text it may still have where they lie */
};

struct flying {
        uint8_t to;
        uint16_t bytes_count;
        uint16_t flags; /* LA_PACKET_CHECKSUM_GOOD if the checksum was left to a link that does not change anything */
        uint8_t bytes[PACKET_MAX];
};

struct world {
        struct side side[SIDES];
        tcp_time now;
        struct flying flying[FLYING_MAX]; /* the first `flying_count`, the oldest first */
        size_t flying_count;
        size_t constant; /* so many bytes were written in a place that nobody writes to again */
        size_t batch;    /* packets that are taken at once */
        uint8_t losses;  /* a bit for each of eight packets on their way: lost */
        uint8_t lost_at;
        uint8_t checks;  /* how many were made */
        bool carries;    /* what leaves reaches the other side */
        bool marks;      /* and is marked on its way, if it takes marks */
        bool forged;     /* bytes were changed under a right checksum: they are no longer what their numbers say */
        uint8_t kind[2]; /* of la_config */
};

extern struct world w;

void must(bool holds, const char *what);
uint8_t byte_at(uint32_t seq);
void write_pattern(uint8_t *bytes, uint32_t seq, size_t n);
void expect_pattern(const uint8_t *bytes, uint32_t seq, size_t n);

void world_begin(uint8_t kinds, uint8_t how);
struct side *side_at(unsigned int i); /* made if it is not there; something is done with it */
struct la_endpoint address_of(unsigned int host, enum la_family family, uint16_t port); /* 0, 1: the sides' */

void move_stack(struct side *s);        /* to another address */
void output(unsigned int i);            /* all that one side has to send, now */
void hand_over(unsigned int i);         /* the same, but the other side gets the very packets */
void deliver(size_t at, bool keep);     /* of those on their way */
void forget_lent(unsigned int i);       /* what it may have had in packets is gone: la_output() was called */
void forget_flying(size_t at);          /* lost */
void talk(tcp_time until);              /* time passes, and what leaves arrives, but for losses */
void pass_silently(tcp_time until);     /* what leaves is lost, or stays on its way */
void check_side(unsigned int i);        /* looks at all of a stack, if anything was done with it */
void expect_end(bool abort, bool talk); /* everybody lets go, time passes, and nothing may be left */

#endif
