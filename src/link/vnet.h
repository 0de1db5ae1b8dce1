/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vnet.h - the header that goes before a packet where the link's other end cuts segments and completes checksums:
 * virtio 1.2, 5.1.6; linux/virtio_net.h.  In host byte order, as TUN has it unless asked otherwise.
 */
#ifndef LASTACK_LINK_VNET_H
#define LASTACK_LINK_VNET_H

#include <linux/virtio_net.h>

#include "lastack/tcp.h"

/* The header of a packet that la_output() made; what is before its IP header (Ethernet's) counts `before` bytes. */
struct virtio_net_hdr vnet_of_packet(const struct la_packet *packet, size_t before);

/* LA_PACKET_... flags for a packet that came with this header. */
uint16_t vnet_flags(const struct virtio_net_hdr *vnet);

#endif
