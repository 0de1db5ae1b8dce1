/* SPDX-License-Identifier: BSD-2-Clause */
/* link.h - what every kind of link has; each kind has a file, whose struct begins with this one. */
#ifndef LASTACK_LINK_LINK_H
#define LASTACK_LINK_LINK_H

#include "lastack/link.h"
#include "link/hearsay.h"
#include "link/neighbours.h"

/* As many as la_loop takes at once: so many may lie in the link while the stack reads them. */
#define LINK_PACKETS_AT_ONCE 64

struct link_kind {
        int (*receive)(struct la_link *link, struct la_packet *packets, size_t n);
        int (*send)(struct la_link *link, const struct la_packet *packets, size_t n);
        void (*close)(struct la_link *link); /* frees it, too */
        /* Links of Ethernet: sends a frame, or loses it. */
        void (*send_frame)(struct la_link *link, const uint8_t header[ETHERNET_HEADER], const struct la_packet *packet);
        /* NULL, or what else is to be done where the stack gets an address; 0 or a negative errno. */
        int (*address)(struct la_link *link, enum la_family family, const uint8_t *address);
};

struct la_link {
        const struct link_kind *kind;
        struct la_link_facts facts;
        struct la_link_counts counts;
        int fd;
        struct neighbours *neighbours; /* Ethernet; NULL: packets go as they are */
        uint8_t mac[6];
        struct hearsay *hearsay; /* NULL: it has all the interface's queues */
        uint64_t heard;          /* of that */
        tcp_time hear_at;        /* when to listen again, while an answer is waited for */
};

/* How long a packet is, header and parts. */
static inline size_t
packet_bytes(const struct la_packet *p)
{
        size_t n = p->header_bytes;

        for (size_t i = 0; i < p->parts; i++)
                n += p->part[i].length;
        return n;
}

/* Makes it one of Ethernet, with mac and gateways of its neighbours as configured; 0 or a negative errno. */
int link_meet_neighbours(struct la_link *link, const struct neighbours_config *config);

/* A frame arrived: true if it carries an IP packet for the stack, behind ETHERNET_HEADER bytes.  Counts what does not. */
bool link_takes_frame(struct la_link *link, tcp_time now, const uint8_t *frame, size_t size);

/* Sends what neighbours are to be told, and packets that waited for them: after frames arrived, and after each send. */
void link_tell_neighbours(struct la_link *link);

#endif
