/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * endpoint.h - an end of a connection, as every floor writes it: the wire, the engine, snapshots.
 */
#ifndef LASTACK_ENDPOINT_H
#define LASTACK_ENDPOINT_H

#include <stdint.h>

enum la_family {
        LA_IPV4 = 4,
        LA_IPV6 = 6,
};

/* An IPv4 address occupies the first four bytes of `address`, in network order, and the others are zero; an IPv4
 * address mapped into IPv6 is an IPv6 address (::ffff:a.b.c.d), as the socket sees it.  Ports are in host order. */
struct la_endpoint {
        uint8_t address[16];
        uint16_t port;
};

#endif
