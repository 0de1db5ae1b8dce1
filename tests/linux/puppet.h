/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * puppet.h - a TCP peer that does only what it is told.
 *
 * It lives behind a TUN device, so the kernel's TCP believes it is another host.  It never answers by itself: it sends
 * the segment it is told to send and waits for the one it is told to wait for.  A state of RFC 9293 figure 5 that
 * waits for the peer is held still by a peer that does not go on.
 *
 *         struct puppet_talk talk = ...addresses and ports...;
 *         puppet_await(puppet, &talk, PUPPET_SYN);                     the kernel connects
 *         puppet_acknowledge(&talk);
 *         puppet_send(puppet, &talk, PUPPET_SYN | PUPPET_ACK, 0);      now it is established
 *         puppet_await(puppet, &talk, PUPPET_FIN);                     the kernel closes: FIN_WAIT_1
 *         puppet_send(puppet, &talk, PUPPET_FIN | PUPPET_ACK, 0);      our FIN, theirs not acknowledged: CLOSING
 *
 * A test cannot go on when its world does not behave: every call ends the program, saying why, when it cannot do what
 * it was asked.
 */
#ifndef LASTACK_TESTS_PUPPET_H
#define LASTACK_TESTS_PUPPET_H

#include <stddef.h>
#include <stdint.h>

/* RFC 9293 3.1: the control bits, at their place in the header. */
enum {
        PUPPET_FIN = 1 << 0,
        PUPPET_SYN = 1 << 1,
        PUPPET_RST = 1 << 2,
        PUPPET_PSH = 1 << 3,
        PUPPET_ACK = 1 << 4,
};

/* One conversation with the kernel.  Addresses are in network order, the first four bytes for IPv4; ports and sequence
 * numbers in host order.  Whoever fills it in sets the first six fields and the window, the puppet the rest. */
struct puppet_talk {
        int ip_version; /* on the wire: 4 for an IPv6 socket that speaks IPv4 */
        uint8_t kernel[16], puppet[16];
        uint16_t kernel_port, puppet_port;
        uint16_t window;       /* what the puppet says it can receive, in bytes */
        uint32_t snd_nxt;      /* the next sequence number the puppet sends */
        uint32_t rcv_nxt;      /* all that the kernel sent up to here has arrived */
        uint32_t acknowledged; /* as much of that as the puppet admits */
};

/* Makes the TUN device `name` and returns its descriptor; the device goes away with the last copy of it.  Returns a
 * negative errno if the system does not let us: that is for the caller to judge. */
int puppet_open(const char *name);

/* Sends a segment with these control bits and `size` bytes of data, and counts them as said. */
void puppet_send(int puppet, struct puppet_talk *talk, unsigned int flags, size_t size);

/* Waits for a segment of this conversation that has all these control bits.  Everything else that arrives is dropped
 * unanswered. */
void puppet_await(int puppet, struct puppet_talk *talk, unsigned int flags);

/* Admits what has arrived so far: the next segment sent acknowledges it. */
void puppet_acknowledge(struct puppet_talk *talk);

/* Drops what has arrived, so that the device's queue does not fill. */
void puppet_ignore(int puppet);

#endif
