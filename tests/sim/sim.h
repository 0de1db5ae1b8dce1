/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sim.h - two stacks, a bad network between them, and users who do anything: one number, the seed, decides it all.
 *
 * The world is the lab's.  The seed chooses how bad its paths are, how small the stacks, which tunables they have, and
 * who opens what to whom; then each turn's dice say who writes, reads, shuts down, closes or aborts.  Whatever happens,
 *
 * - bytes arrive whole and in order, or the user is told that they did not;
 * - both ends of every connection end: two hours in which nobody writes, reads, begins or ends anything are a fault;
 * - memory is sound all the time (sound.h), and when all is over nothing is left in it.
 *
 * A seed gives the same run to the byte.  What holds for all runs is checked here; sim_show.c tells people of one.
 */
#ifndef LASTACK_TESTS_SIM_H
#define LASTACK_TESTS_SIM_H

#include <stdio.h>

#include "lastack/lab.h"

#define SIM_SIDES             2
#define SIM_CONVERSATIONS_MAX 12
#define SIM_KNOBS_MAX         12
#define SIM_TROUBLE_MAX       300 /* per mille of packets, for each kind of trouble */

/* What became of one end, as its user sees it. */
enum sim_outcome {
        SIM_ABSENT,   /* never had it: not accepted, or not yet opened */
        SIM_OPEN,     /* still at it */
        SIM_IN_ORDER, /* read all, wrote all, closed */
        SIM_TOLD,     /* was told why not: `error` */
        SIM_LEFT,     /* closed or aborted it before that, of its own will */
};

/* How a user goes about it. */
enum sim_manner {
        SIM_BY_DICE,   /* does something now and then */
        SIM_BY_EVENTS, /* does nothing unless an event says that there is something to do */
        SIM_LATE,      /* reads nothing for a long while */
        SIM_LEAVES,    /* closes when the dice say so, whatever is still to come */
        SIM_ABORTS,    /* the same, by ABORT */
        SIM_MANNERS,
};

struct sim_end {
        enum sim_outcome outcome;
        enum sim_manner manner;
        enum la_error error;
        struct la_handle handle;
        tcp_time reads_from; /* of SIM_LATE */
        uint32_t to_write, written, read;
        bool opens, shut;
        bool awake; /* an event has come and was not yet followed */
};

/* Both ends of what may become a connection; each byte in it is told from any other conversation's. */
struct sim_conversation {
        struct sim_end end[SIM_SIDES];
        enum la_family family;
        uint16_t port[SIM_SIDES];
        tcp_time opens_at[SIM_SIDES];
        uint32_t iss; /* of the end that opened */
};

struct sim_knob {
        int side;
        const char *name, *value;
};

struct sim {
        uint64_t seed, dice;
        unsigned int trouble;
        struct la_lab *lab;
        struct la_lab_link link;
        struct la_config config[SIM_SIDES];
        struct la_handle listener[SIM_SIDES][2]; /* by family */
        struct sim_knob knob[SIM_KNOBS_MAX];
        size_t knobs;
        struct sim_conversation conversation[SIM_CONVERSATIONS_MAX];
        unsigned int conversations;
        unsigned int strays; /* accepted, and nobody's: what duplicates of a SYN or cookie may bring about */
        unsigned long turns;
        bool busy;         /* something was done in this turn */
        tcp_time moved_at; /* when something was last written, read, begun or ended */
        char fault[256];   /* what did not hold, in words; "" if all did */
};

/* Plays it.  With trouble 0 the network has no faults and users none, up to SIM_TROUBLE_MAX it gets worse.  NULL if there
 * is no memory. */
struct sim *sim_run(uint64_t seed, unsigned int trouble);
void sim_free(struct sim *sim);

/* One line, or all that a person may want to know. */
void sim_put_line(FILE *file, const struct sim *sim);
void sim_put(FILE *file, const struct sim *sim);

/* ---- Between the parts ------------------------------------------------------------------------------------------- */

/* sim.c */
uint32_t sim_dice(struct sim *sim, uint32_t sides);
bool sim_chance(struct sim *sim, unsigned int per_mille);
struct la_stack *sim_stack(const struct sim *sim, int side);
tcp_time sim_now(const struct sim *sim); /* as stacks count it */
__attribute__((format(printf, 2, 3))) void sim_fail(struct sim *sim, const char *what, ...);

/* sim_choose.c: what the seed stands for.  False if there is no memory. */
bool sim_choose(struct sim *sim);
void sim_change_knob(struct sim *sim); /* any, at any time */
void sim_keep_alive(struct sim *sim, int side, struct la_handle connection);

/* sim_users.c: what everybody does in one turn. */
void sim_users_turn(struct sim *sim);
bool sim_all_ended(const struct sim *sim);

#endif
