/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/arp.h"

#include <string.h>

#include "wire/bytes.h"

/* Hardware Ethernet, protocol IPv4, 6 and 4 bytes of address. */
#define ETHERNET_AND_IPV4 0x00010800
#define ADDRESS_LENGTHS   0x0604

bool
arp_parse(const uint8_t *b, size_t n, struct arp_message *ret_message)
{
        uint16_t operation;

        if (n < ARP_BYTES || get32(b) != ETHERNET_AND_IPV4 || get16(b + 4) != ADDRESS_LENGTHS)
                return false;
        operation = get16(b + 6);
        if ((operation != ARP_REQUEST && operation != ARP_REPLY) || b[8] & 1)
                return false;
        ret_message->operation = (enum arp_operation)operation;
        memcpy(ret_message->sender_mac, b + 8, 6);
        memcpy(ret_message->sender, b + 14, 4);
        memcpy(ret_message->target_mac, b + 18, 6);
        memcpy(ret_message->target, b + 24, 4);
        return true;
}

void
arp_build(const struct arp_message *m, uint8_t ret_bytes[ARP_BYTES])
{
        put32(ret_bytes, ETHERNET_AND_IPV4);
        put16(ret_bytes + 4, ADDRESS_LENGTHS);
        put16(ret_bytes + 6, (uint16_t)m->operation);
        memcpy(ret_bytes + 8, m->sender_mac, 6);
        memcpy(ret_bytes + 14, m->sender, 4);
        memcpy(ret_bytes + 18, m->target_mac, 6);
        memcpy(ret_bytes + 24, m->target, 4);
}
