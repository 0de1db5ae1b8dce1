/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * peers.h - connections that wait for somebody else, counted by who that is.
 *
 * A peer is an address and the port of the service, ours or theirs.  Only connections that tell something come here:
 * those that have sent enough to judge by, that repeat, find a closed window, wait for a first answer, or are closing.
 */
#ifndef LASTACK_DOCTOR_PEERS_H
#define LASTACK_DOCTOR_PEERS_H

#include "doctor/paths.h"

/* Peers beyond this are counted as one that has no address, so that a broken network does not cost memory. */
#define PEERS_MOST 8192

/* A timer that has run out once may be a loss like any other; twice in a row is no answer. */
#define PEERS_SILENT_REPEATS 2

struct strain {
        uint32_t syn_sent, syn_repeated; /* in SYN_SENT; of these, such as have repeated their SYN */
        uint32_t established;            /* looked at: ESTABLISHED or CLOSE_WAIT, with data sent */
        uint32_t repeating;              /* of these, waiting on a retransmission timer that has run out before */
        uint32_t silent;                 /* of these, PEERS_SILENT_REPEATS times and more */
        uint32_t silent_large;           /* of these, with a segment of full size under way */
        uint32_t held_back;              /* with room in the window, and yet nothing leaves this host */
        uint32_t zero_window;            /* with data that the peer's closed window keeps back, and probes sent */
        uint64_t waiting_bytes;      /* of those that repeat, are held back or find a closed window: not acknowledged */
        uint64_t segments, repeated; /* sent in the lives of `established`; of these, again */
        uint32_t fin_wait_1, closing, last_ack;
        uint32_t stuck_repeating, stuck_zero_window; /* of these three, such as get no answer, or a closed window */
        uint32_t stuck_orphans;                      /* of these stuck, such as no process holds any more */
        uint32_t most_repeats;                       /* of any one connection */
};

struct peer {
        enum la_family family; /* 0: all those for which there was no room */
        enum path_role role;
        uint8_t address[16];
        uint16_t service;
        int32_t pid; /* a process that holds one of its connections; 0: unknown */
        struct strain strain;
};

struct peers {
        struct strain total;
        struct peer *peer;
        size_t count, capacity;
        uint32_t *slots; /* open addressing: index into peer plus one, 0 for free */
        size_t slot_count;
};

/* Looks at a connection; false if there is no memory for it. */
bool peers_add(struct peers *p, const struct la_snapshot *s, enum path_role role);

/* The same peer in another tally; NULL if it is not there. */
const struct peer *peers_same(const struct peers *p, const struct peer *as);

/* As paths_top(). */
size_t
peers_top(const struct peers *p, uint64_t (*figure)(const struct peer *), size_t most, const struct peer **ret_top);

void peers_clear(struct peers *p);
void peers_fini(struct peers *p);

#endif
