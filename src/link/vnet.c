/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/vnet.h"

#define TCP_CHECKSUM_OFFSET 16 /* RFC 9293 3.1 */

static bool
is_ipv4(const struct la_packet *p)
{
        return p->header[0] >> 4 == 4;
}

static size_t
ip_header_bytes(const struct la_packet *p)
{
        return is_ipv4(p) ? (size_t)(p->header[0] & 15) * 4 : 40;
}

struct virtio_net_hdr
vnet_of_packet(const struct la_packet *p, size_t before)
{
        struct virtio_net_hdr vnet = { .flags = 0, .gso_type = VIRTIO_NET_HDR_GSO_NONE };

        if (p->flags & LA_PACKET_CHECKSUM_PARTIAL) {
                vnet.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
                vnet.csum_start = (uint16_t)(before + ip_header_bytes(p));
                vnet.csum_offset = TCP_CHECKSUM_OFFSET;
        }
        if (p->gso_bytes > 0) {
                vnet.gso_type = is_ipv4(p) ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
                vnet.gso_size = p->gso_bytes;
                vnet.hdr_len = (uint16_t)(before + p->header_bytes);
        }
        return vnet;
}

/* What still needs its checksum was made on this host and never on a wire: nothing can have damaged it. */
uint16_t
vnet_flags(const struct virtio_net_hdr *vnet)
{
        if (vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
                return LA_PACKET_CHECKSUM_PARTIAL;
        return vnet->flags & VIRTIO_NET_HDR_F_DATA_VALID ? LA_PACKET_CHECKSUM_GOOD : 0;
}
