/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ethernet.h - frames of Ethernet II that arrive: which carry a packet for the stack, and which are between neighbours.
 * What leaves gets its header from neighbours.h.
 */
#ifndef LASTACK_LINK_ETHERNET_H
#define LASTACK_LINK_ETHERNET_H

#include "link/neighbours.h"

enum ethernet_kind {
        ETHERNET_PACKET,  /* an IP packet, behind ETHERNET_HEADER bytes */
        ETHERNET_TAKEN,   /* between neighbours: they may have something to say now */
        ETHERNET_OTHERS,  /* for another host, or for all: nobody here wants it */
        ETHERNET_REFUSED, /* too short, or neither IP nor ARP */
};

/* `ours` is what neighbours_new() was told of.  A packet for one host in a frame for many is for others: answering it
 * would make one frame many (RFC 1122 3.3.6). */
enum ethernet_kind
ethernet_arrived(struct neighbours *n, const uint8_t ours[6], tcp_time now, const uint8_t *frame, size_t size);

/* A MAC for our end of an interface that has `theirs`: locally administered, and another one. */
void ethernet_mac_beside(const uint8_t theirs[6], uint8_t ret_mac[6]);

#endif
