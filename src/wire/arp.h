/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * arp.h - the Address Resolution Protocol for IPv4 over Ethernet (RFC 826): who has this address, and its answer.
 *
 * An announcement says one's own address without having been asked: a request whose sender and target address are the
 * same (RFC 5227 3).  A probe asks whether an address is free: its sender address is zero.
 */
#ifndef LASTACK_WIRE_ARP_H
#define LASTACK_WIRE_ARP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARP_BYTES 28

enum arp_operation {
        ARP_REQUEST = 1,
        ARP_REPLY = 2,
};

struct arp_message {
        enum arp_operation operation;
        uint8_t sender_mac[6], sender[4];
        uint8_t target_mac[6], target[4]; /* a request's target_mac means nothing */
};

/* Reads what follows an Ethernet header; frames may be padded.  False for what is not IPv4 over Ethernet, neither request
 * nor reply, or says that a group's Ethernet address is somebody's. */
bool arp_parse(const uint8_t *bytes, size_t n, struct arp_message *ret_message);

void arp_build(const struct arp_message *message, uint8_t ret_bytes[ARP_BYTES]);

#endif
