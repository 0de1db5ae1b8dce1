/* SPDX-License-Identifier: BSD-2-Clause */
/* neighbours_inside.h - what the files of neighbours.h share: the table of them, what they hear, what they say. */
#ifndef LASTACK_LINK_NEIGHBOURS_INSIDE_H
#define LASTACK_LINK_NEIGHBOURS_INSIDE_H

#include "link/neighbours.h"

/* RFC 4861 10, and RFC 1122 2.3.2.1 for the time in which ARP's answers grow old. */
#define NEIGHBOUR_RETRY_US     ((tcp_time)1000000)
#define NEIGHBOUR_TRIES        3
#define NEIGHBOUR_REACHABLE_US ((tcp_time)30000000)
#define NEIGHBOUR_DELAY_US     ((tcp_time)5000000)

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP  0x0806
#define ETHERTYPE_IPV6 0x86dd

enum neighbour_state {
        NEIGHBOUR_FREE,
        NEIGHBOUR_INCOMPLETE,
        NEIGHBOUR_REACHABLE,
        NEIGHBOUR_STALE,
        NEIGHBOUR_DELAY,
        NEIGHBOUR_PROBE,
};

struct neighbour {
        enum neighbour_state state;
        enum la_family family;
        uint8_t address[16];
        uint8_t mac[6];
        uint8_t tries;
        uint8_t waiting_count;
        tcp_time due;  /* INCOMPLETE, DELAY, PROBE: when something is to be done; REACHABLE: until when it is */
        tcp_time used; /* to send to it */
        struct neighbour_frame *waiting, *waiting_last;
        struct neighbour *chain; /* of its bucket, or of the free ones */
};

struct own_address {
        enum la_family family;
        uint8_t address[16];
        unsigned int prefix;
        uint8_t announcements; /* still to be made */
        tcp_time due;          /* of the next one */
        tcp_time defended;     /* when it last was; 0: never */
};

struct neighbours {
        struct neighbours_config config;
        struct neighbours_counts counts;
        uint8_t link_local[16];
        bool has_ipv6;
        struct own_address own[NEIGHBOURS_ADDRESSES];
        unsigned int own_count;

        struct neighbour *all, *free, **bucket;
        size_t buckets; /* a power of two */
        uint32_t incomplete;
        struct neighbour *last; /* that was found for a destination, */
        uint8_t last_destination[16];
        enum la_family last_family;
        tcp_time next_due; /* nothing is before it; it may be early */

        struct neighbour_frame *out, *out_last, *given; /* to be sent; the one that neighbours_next() gave last */
        uint32_t out_own;                               /* of these, such as we made ourselves */
        size_t waiting_bytes;
};

/* ---- neighbours.c: the table */

/* NULL if it is not known. */
struct neighbour *neighbour_find(struct neighbours *n, enum la_family family, const uint8_t *address);
/* A new one, in state STALE, with nothing known of it. */
struct neighbour *neighbour_begin(struct neighbours *n, enum la_family family, const uint8_t *address);
/* Its answer came, or it says so by itself: packets that waited leave. */
void neighbour_is_at(struct neighbours *n, tcp_time now, struct neighbour *e, const uint8_t mac[6], bool confirmed);

/* NULL if the address is not ours; the link-local one has an entry among the own ones, too. */
struct own_address *own_address(struct neighbours *n, enum la_family family, const uint8_t *address);
bool is_on_link(const struct neighbours *n, enum la_family family, const uint8_t *address);
/* The address of ours to speak to it from; NULL: none of this family. */
const uint8_t *own_towards(const struct neighbours *n, enum la_family family, const uint8_t *address);

/* ---- neighbours_say.c: frames */

/* A copy of a packet as a frame, its header still without the addresses; NULL if there is no memory. */
struct neighbour_frame *frame_of(const struct la_packet *packet);
void frame_address(struct neighbour_frame *frame, const uint8_t to[6], const uint8_t from[6]);
void frame_queue(struct neighbours *n, struct neighbour_frame *frame);

void ask_for(struct neighbours *n, const struct neighbour *e, bool by_itself);
void answer_arp(struct neighbours *n, const struct arp_message *question);
void answer_solicitation(struct neighbours *n, tcp_time now, const struct ndp_message *question);
void announce(struct neighbours *n, const struct own_address *own);
/* RFC 4862 5.4: whether somebody has it already. */
void ask_whether_free(struct neighbours *n, const struct own_address *own);

#endif
