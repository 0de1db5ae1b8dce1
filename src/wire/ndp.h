/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ndp.h - neighbour discovery (RFC 4861) as far as a host with configured addresses speaks it: Neighbor Solicitation and
 * Advertisement over Ethernet.  Routers are configured, too: their advertisements and redirects are told apart and are
 * nobody's.
 *
 * None of these messages may have passed a router, which is what their hop limit of 255 shows (7.1).
 */
#ifndef LASTACK_WIRE_NDP_H
#define LASTACK_WIRE_NDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/ip.h"

enum ndp_kind {
        NDP_NONE,          /* another message, or no ICMPv6 */
        NDP_SOLICITATION,  /* who has `target` */
        NDP_ADVERTISEMENT, /* I have it */
        NDP_OF_ROUTERS,    /* Router Solicitation, Router Advertisement, Redirect: not looked into */
        NDP_BAD,           /* one that 7.1 wants to be dropped silently */
};

struct ndp_message {
        uint8_t source[16], destination[16]; /* of the packet; a source of zeros asks whether an address is free */
        uint8_t target[16];
        bool has_mac; /* of the source, where a solicitation says it; of the target, where an advertisement does */
        uint8_t mac[6];
        bool router, solicited, override; /* of an advertisement */
};

enum ndp_kind ndp_parse(const struct ip_packet *ip, struct ndp_message *ret_message);

#define NDP_BYTES 72 /* IPv6 header, 24 bytes, one option */

/* Each writes a whole packet from message->source to message->destination and returns its length, at most NDP_BYTES. */
size_t ndp_build_solicitation(const struct ndp_message *message, uint8_t ret_packet[NDP_BYTES]);
size_t ndp_build_advertisement(const struct ndp_message *message, uint8_t ret_packet[NDP_BYTES]);

/* ff02::1:ffXX:XXXX, at which an address is asked for (RFC 4291 2.7.1); fe80::/64 and a MAC (RFC 4291 A). */
void ndp_solicited_node(const uint8_t address[16], uint8_t ret_group[16]);
void ndp_link_local(const uint8_t mac[6], uint8_t ret_address[16]);

#endif
