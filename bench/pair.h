/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pair.h - two hosts on one core that pass each other packets in memory, with lastack as their TCP or with lwIP.
 *
 * What is measured (work.h) knows no more of either than these calls, so that both do the same: the same segments of
 * 1460 bytes, as many in flight, no timestamps, every checksum made and verified, every packet by way of memory.  The
 * application's bytes are copied three times: into the sender's buffers, from there into the receiver's, and out.
 *
 *      near                                             far
 *      application -> send buffer -> packets -> receive buffer -> application
 *
 * One connection is at work at a time; any number may be held idle beside it, and records of TIME_WAIT, in which the
 * near host is always the one that waits.
 */
#ifndef LASTACK_BENCH_PAIR_H
#define LASTACK_BENCH_PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEGMENT_BYTES 1460

/* As much as Debian's lwIP sends without an acknowledgment: its windows are of 65,535 bytes, in whole segments. */
#define FLIGHT_SEGMENTS 44
#define FLIGHT_BYTES    ((size_t)FLIGHT_SEGMENTS * SEGMENT_BYTES)

enum pair_end { NEAR, FAR };

/* What an application is told of its connection. */
enum pair_told { TOLD_CONNECTED, TOLD_ARRIVED, TOLD_CLOSED };

/* What is merely held while something else is measured. */
struct held {
        uint32_t established; /* at both ends, idle */
        uint32_t time_wait;   /* at the near one */
        bool one_sided;       /* the far end has forgotten all: only the near one's memory is wanted */
};

struct pair;

/* Whatever cannot be done ends the program: a benchmark that goes on would measure something else. */
struct pair_calls {
        /* The near end opens a connection to the far one, which accepts it as packets pass. */
        void (*open)(struct pair *);
        /* True when it is open at both ends. */
        bool (*is_open)(struct pair *);
        /* Copies from and to the application's memory, and says how many bytes; they leave with pass_packets(). */
        size_t (*send)(struct pair *, enum pair_end, const uint8_t *bytes, size_t n);
        size_t (*receive)(struct pair *, enum pair_end);
        void (*close)(struct pair *, enum pair_end);
        /* All that either host has to say, until neither has. */
        void (*pass_packets)(struct pair *);
        void (*pass_time)(struct pair *, uint32_t us);
        /* So much time passes that TIME_WAIT ends, if none is held; else the newest records but those held go. */
        void (*end_time_wait)(struct pair *);
        /* Serves the timers of the near host, with nothing to do. */
        void (*tick)(struct pair *);
        void (*free)(struct pair *);
};

struct pair {
        const struct pair_calls *calls;
        const struct held held;
        void (*told)(struct pair *, enum pair_end, enum pair_told); /* the applications, while packets pass; or NULL */
        uint64_t packets;                                           /* that were passed, in all */
        bool spoil;                                                 /* flip a bit in the next that is passed */
        uint8_t memory[2][FLIGHT_BYTES + SEGMENT_BYTES];            /* of the applications: what they received last */
};

struct pair *pair_lastack_new(struct held held);

/* The near host's block of memory: its size, and how much of it is resident. */
void pair_lastack_memory(struct pair *, size_t *ret_block_bytes, size_t *ret_resident_bytes);

/* How lwIP is to be taken. */
enum lwip_kind {
        LWIP_AS_BUILT, /* as Debian built it */
        LWIP_HELPED,   /* with lastack's checksum, no locks and a fast allocator in place of its own (lwip_helped.c) */
};

/* NULL, and why in *ret_why, where there is no lwIP.  All LWIP_AS_BUILT must be made before the first LWIP_HELPED. */
struct pair *pair_lwip_new(enum lwip_kind kind, struct held held, const char **ret_why);

/* What is there, and how it was built, as a line or two to print. */
void pair_lwip_describe(void);

/* What one connection takes that lwIP holds as it was built, established or in TIME_WAIT. */
size_t pair_lwip_connection_bytes(struct pair *);

_Noreturn void cannot(const char *what, const char *why);

#endif
