/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ports.h - which ports of a local address its clients occupy, whatever they are connected to.
 *
 * connect() can use one local port towards many destinations; bind() to port 0 cannot know the destination and takes a
 * port that nobody uses.  So an address whose ports are all in use, each for one connection, refuses bind()
 * (EADDRINUSE) though no destination is short of ports.  The kernel lets the two begin with ports of different parity:
 * connect() with that of the range's lowest port, bind() with the other (net/ipv4/inet_hashtables.c,
 * __inet_hash_connect(); net/ipv4/inet_connection_sock.c, inet_csk_find_open_port()).  So the parity tells who chose.
 */
#ifndef LASTACK_DOCTOR_PORTS_H
#define LASTACK_DOCTOR_PORTS_H

#include "lastack/snapshot.h"

/* Of more addresses than this the others are not looked at: a host that has as many is not short of ports. */
#define PORTS_ADDRESSES 32

struct ports_used {
        enum la_family family;
        uint8_t address[16];
        uint32_t sockets; /* connections; more than distinct ports where ports are shared between destinations */
        uint32_t distinct;
        uint32_t as_connect, as_bind; /* of these, with the parity that connect(), bind() begins with */
        uint64_t bits[65536 / 64];
};

struct ports {
        struct ports_used *used[PORTS_ADDRESSES];
        size_t count;
        size_t last; /* the address met last */
};

/* Counts a client's end, whose local port lies in a range that begins with `low`; false if there is no memory for it. */
bool ports_add(struct ports *p, const struct la_snapshot *s, uint16_t low);

/* The ports of this address (as struct path has it), NULL if it is not known. */
const struct ports_used *ports_of(const struct ports *p, enum la_family family, const uint8_t address[16]);

void ports_fini(struct ports *p);

#endif
