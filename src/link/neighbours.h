/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * neighbours.h - where packets go on an Ethernet: which host is next, and what its Ethernet address is (ARP: RFC 826,
 * RFC 1122 2.3.2, RFC 5227; IPv6: RFC 4861).  No I/O: what is to be said comes out as frames.
 *
 *         if (neighbours_header(n, now, &packet, ethernet_header))
 *                 send header and packet
 *         // else it is kept until its next hop has answered, or dropped
 *         while ((frame = neighbours_next(n)))
 *                 send frame->header and frame->packet            // questions, answers, and packets that were kept
 *
 * A neighbour goes through RFC 4861's states, for IPv4 too:
 *
 *         INCOMPLETE   asked for, three times, a second apart; packets wait.  No answer: they are dropped, and it is forgotten
 *         REACHABLE    it has answered within the last 30 s
 *         STALE        it has not, or said where it is without being asked: to be used as it is
 *         DELAY        it is in use: in 5 s it will be asked again
 *         PROBE        asked by itself, three times, a second apart.  No answer: it is forgotten, and the next packet asks all
 *
 * That TCP gets on with a neighbour would confirm it as well (7.3.1); asking once in 35 s costs less than to keep track.
 *
 * Bounds.  When there is no room for another neighbour, the one goes that was used longest ago; those that have not
 * answered yet take at most half of the room (RFC 6583), so that addresses that nobody has cannot push out those that
 * somebody has.  Only who asks for one of our addresses, or was asked for, is remembered.
 *
 * Our own addresses are announced twice.  Another host that says it has one of them is counted, and told otherwise, once
 * in 10 s (RFC 5227 2.4 (b)).  Routers' advertisements and redirects mean nothing: addresses and gateways are configured.
 */
#ifndef LASTACK_LINK_NEIGHBOURS_H
#define LASTACK_LINK_NEIGHBOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lastack/tcp.h"
#include "wire/arp.h"
#include "wire/ndp.h"

#define ETHERNET_HEADER      14
#define NEIGHBOURS_ADDRESSES 64 /* of our own */
#define NEIGHBOURS_WAITING   8  /* packets for one neighbour that has not answered */

struct neighbours;

struct neighbours_config {
        uint8_t mac[6];
        uint8_t gateway4[4]; /* zeros: packets to other networks are dropped */
        uint8_t gateway6[16];
        uint32_t entries;       /* neighbours remembered, 2 to 65536 [512] */
        uint32_t waiting_bytes; /* of all packets that wait [1 MiB] */
};

/* A frame to send: the header, then a packet of IP or ARP. */
struct neighbour_frame {
        struct neighbour_frame *next;
        uint8_t header[ETHERNET_HEADER];
        struct la_packet packet;
        size_t size;
        uint8_t bytes[];
};

struct neighbours_counts {
        uint64_t asked;      /* questions sent */
        uint64_t answered;   /* questions by others about our addresses */
        uint64_t lost;       /* neighbours that did not answer */
        uint64_t dropped;    /* packets: no way to go, no answer, or too many waiting */
        uint64_t pushed_out; /* neighbours forgotten for lack of room */
        uint64_t conflicts;  /* times another host said that it has one of our addresses */
        uint64_t refused;    /* messages that make no sense */
};

/* 0, -EINVAL, -ENOMEM. */
int neighbours_new(const struct neighbours_config *config, struct neighbours **ret_neighbours);
void neighbours_free(struct neighbours *n);

/* An address of ours, in a network of so many bits whose other hosts are reached directly.  The first IPv6 address brings a
 * link-local one with it.  0, -EINVAL, -ENOSPC. */
int neighbours_address(struct neighbours *n, tcp_time now, enum la_family family, const uint8_t *address,
                       unsigned int prefix);

/* fe80::..., made of the MAC; false while there is no IPv6 address. */
bool neighbours_link_local(const struct neighbours *n, uint8_t ret_address[16]);

/* The Ethernet header for a packet that is to leave now; false if it was kept (copied), or dropped. */
bool neighbours_header(struct neighbours *n, tcp_time now, const struct la_packet *packet,
                       uint8_t ret_header[ETHERNET_HEADER]);

/* What others say. */
void neighbours_arp(struct neighbours *n, tcp_time now, const uint8_t *bytes, size_t size);
void neighbours_ndp(struct neighbours *n, tcp_time now, enum ndp_kind kind, const struct ndp_message *message);

/* The next frame to send; NULL: none.  Good until the next call of any of these. */
const struct neighbour_frame *neighbours_next(struct neighbours *n);

tcp_time neighbours_deadline(const struct neighbours *n);

/* Packets wait for somebody's first answer. */
bool neighbours_keep_waiting(const struct neighbours *n);
void neighbours_advance(struct neighbours *n, tcp_time now);

struct neighbours_counts neighbours_counts(const struct neighbours *n);

#endif
