/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world.h - the world inside: hosts, the packets under way in the order of their arrival, the log.
 *
 *      la_lab_step():   flush      what the stacks have to say sets out            path.c: rules, links, NAT
 *                       next       the earliest arrival or deadline                run.c
 *                       deliver    -> la_input(), la_input_lent(), and its trace  log.c
 *                                     into the log
 *                       advance    -> la_advance(), likewise
 *                       (the answers set out with the next step, so that an application may have a say in them)
 */
#ifndef LASTACK_LAB_WORLD_H
#define LASTACK_LAB_WORLD_H

#include "lastack/lab.h"
#include "wire/segment.h"

/* Stacks do not live at the beginning of time: zero is a number like others to them, but rather not the first. */
#define LAB_EPOCH_US 1000000000u

struct lab_link {
        struct la_lab_link set;
        tcp_time free_at;      /* when the last packet of the queue will have left */
        tcp_time last_arrival; /* nothing overtakes, unless it is told to */
};

/* An application's connections, as scripts speak of them. */
#define LAB_HANDLES_MAX 64
struct lab_application {
        struct la_handle listener;
        struct la_handle handle[LAB_HANDLES_MAX];
        struct la_endpoint local[LAB_HANDLES_MAX], remote[LAB_HANDLES_MAX];
        int count, current; /* -1: the listener */
};

/* A packet's bytes as a stack got them, if it may leave text where it is: they are gone once it has been settled. */
struct lab_lent {
        struct lab_lent *next;
        uint8_t bytes[];
};

struct lab_host {
        char name[LA_LAB_NAME_SIZE];
        struct la_config config;
        bool ipv4, ipv6;
        int nat; /* the one it is behind; -1: none */
        struct la_stack *stack;
        size_t stack_bytes;
        struct lab_lent *lent;
        struct lab_application application;
};

#define LAB_NATS_MAX 4
struct lab_mapping {
        int host;
        uint16_t inside, outside;
};
struct lab_nat {
        uint8_t address4[4];
        struct lab_mapping *mapping;
        size_t count, room;
};

struct lab_packet {
        struct la_lab_packet seen;
        bool tcp;               /* and `segment` is filled */
        struct segment segment; /* its text lies in seen.bytes */
        tcp_seq base_seq, base_ack;
        bool base_seq_known, base_ack_known;
};

/* A packet that will arrive. */
struct lab_arrival {
        tcp_time at;
        uint64_t order; /* of those that arrive at one time */
        size_t packet;
};

/* What one end has sent to another so far: where its numbers begin. */
struct lab_flow {
        enum la_family family;
        struct la_endpoint from, to;
        tcp_seq isn, end;
};

struct lab_rule {
        struct la_lab_rule set;
        uint32_t seen;
};

struct la_lab {
        tcp_time now;
        uint64_t random, digest, order;
        bool out_of_memory;
        unsigned int steps_here; /* since time last passed */

        struct lab_host host[LA_LAB_HOSTS_MAX];
        int hosts;
        struct lab_nat nat[LAB_NATS_MAX];
        int nats;
        struct lab_link link[LA_LAB_HOSTS_MAX][LA_LAB_HOSTS_MAX];

        struct lab_arrival *arrival; /* a heap */
        size_t arrivals, arrival_room;
        struct lab_packet **packet;
        size_t packets, packet_room;
        struct la_lab_event *event;
        size_t events, event_room;
        struct lab_flow *flow;
        size_t flows, flow_room;
        struct lab_rule *rule;
        size_t rules, rule_room;

        size_t cause; /* of what is being logged now */
};

/* ---- world.c ---- */

/* The array with room for one more than `count` items, moved if need be; NULL, with the array as it was, if there is no
 * memory: the world says so from then on. */
void *lab_grow(struct la_lab *lab, void *array, size_t item_bytes, size_t count, size_t *room);
uint8_t *lab_copy(struct la_lab *lab, const uint8_t *bytes, size_t length);

static inline bool
lab_is_zero(const uint8_t *bytes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (bytes[i])
                        return false;
        return true;
}

/* ---- random.c ---- */

uint64_t lab_random(struct la_lab *lab);
bool lab_chance(struct la_lab *lab, uint32_t millionths);
uint32_t lab_below(struct la_lab *lab, uint32_t limit); /* 0 for 0 */

/* ---- log.c ---- */

struct la_lab_event *lab_log(struct la_lab *lab, enum la_lab_event_kind kind, int host); /* NULL: no memory */
void lab_log_text(struct la_lab *lab, struct la_lab_event *event, const char *text);
void lab_drain_trace(struct la_lab *lab, int host, bool timer);
struct lab_packet *lab_packet_add(struct la_lab *lab, int from, const uint8_t *bytes, size_t length);
void lab_follow_translated(struct la_lab *lab, const struct lab_packet *packet);
struct lab_packet *lab_packet_copy(struct la_lab *lab, const struct lab_packet *packet);

/* ---- path.c, rules.c, nat.c ---- */

void lab_transmit(struct la_lab *lab, int host, const struct la_packet *packet);
struct lab_rule *lab_rule_for(struct la_lab *lab, const struct lab_packet *packet);
/* Where a packet goes; rewrites what arrives, if it passes a NAT. */
void lab_route(struct la_lab *lab, struct lab_packet *packet);
int lab_host_at(const struct la_lab *lab, enum la_family family, const uint8_t *address);
/* What arrives, as something apart from what was sent, to be changed on its way; NULL: no memory. */
uint8_t *lab_on_its_way(struct la_lab *lab, struct lab_packet *packet);

/* ---- run.c ---- */

void lab_will_arrive(struct la_lab *lab, tcp_time at, size_t packet);

/* The stack has been settled, or is gone: what was lent to it is freed. */
void lab_free_lent(struct lab_host *h);

#endif
