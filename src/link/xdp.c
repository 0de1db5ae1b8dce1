/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xdp.c - AF_XDP: frames of a real interface, past the kernel's network stack, for the stack's addresses alone.
 *
 * The rings are the kernel's own interface, with nothing in between: libxdp would bring two more libraries to every
 * program that links with us, and a dispatcher of programs, for two hundred lines.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "link/ethernet.h"
#include "link/interface.h"
#include "link/link.h"
#include "link/xdp_filter.h"
#include "link/xdp_rings.h"
#include "wire/ndp.h"

#define RING_USUAL   2048
#define RING_MIN     64
#define RING_MAX     32768
#define MTU_MIN      576
#define BIND_TRIES   100 /* 2 ms apart */
#define HELD_MAX     256 /* frames with the caller */
#define FRAMES_RATIO 4   /* of these to the ring, so that the device has some left */

struct xdp {
        struct la_link link;
        unsigned int interface;
        enum la_xdp_mode mode;
        bool trust_checksums;
        struct xdp_filter *filter;
        struct xdp_rings rings;
        int membership; /* a packet socket, for groups and foreign MACs */
        int groups;     /* an IPv6 socket, for groups that switches are to know of */
        struct xdp_desc held[HELD_MAX];
        size_t held_count;
};

/* ---- Packets ---------------------------------------------------------------------------------------------------- */

static void
return_held(struct xdp *x)
{
        for (size_t i = 0; i < x->held_count; i++)
                xdp_rings_return(&x->rings, &x->held[i]);
        x->held_count = 0;
}

static void
packet_of_frame(const struct xdp *x, const struct xdp_desc *frame, struct la_packet *p)
{
        p->header_bytes = 0;
        p->parts = 1;
        p->gso_bytes = 0;
        p->flags = x->trust_checksums ? LA_PACKET_CHECKSUM_GOOD : 0;
        p->part[0] = (struct la_part){ x->rings.frames + frame->addr + ETHERNET_HEADER, frame->len - ETHERNET_HEADER };
}

/* True if the frame holds a packet, and then it is held. */
static bool
take_frame(struct xdp *x, tcp_time now, const struct xdp_desc *frame, struct la_packet *p)
{
        if (!link_takes_frame(&x->link, now, x->rings.frames + frame->addr, frame->len)) {
                xdp_rings_return(&x->rings, frame);
                return false;
        }
        packet_of_frame(x, frame, p);
        x->held[x->held_count++] = *frame;
        x->link.counts.packets_in++;
        x->link.counts.bytes_in += p->part[0].length;
        return true;
}

static int
xdp_receive(struct la_link *link, struct la_packet *packets, size_t n)
{
        struct xdp *x = (struct xdp *)link;
        size_t most = x->rings.size / FRAMES_RATIO < HELD_MAX ? x->rings.size / FRAMES_RATIO : HELD_MAX;
        tcp_time now = la_clock();
        struct xdp_desc frame;
        size_t count = 0;

        return_held(x);
        for (size_t turn = 0; turn < n && turn < most && xdp_rings_receive(&x->rings, &frame); turn++)
                count += take_frame(x, now, &frame, &packets[count]);
        xdp_rings_wake_receiver(&x->rings, link->fd);
        link_tell_neighbours(link);
        return (int)count;
}

static size_t
write_frame(uint8_t *at, const uint8_t header[ETHERNET_HEADER], const struct la_packet *p)
{
        size_t n = ETHERNET_HEADER;

        memcpy(at, header, ETHERNET_HEADER);
        memcpy(at + n, p->header, p->header_bytes);
        n += p->header_bytes;
        for (size_t i = 0; i < p->parts; i++) {
                memcpy(at + n, p->part[i].bytes, p->part[i].length);
                n += p->part[i].length;
        }
        return n;
}

/* False if all frames are on their way. */
static bool
send_frame(struct xdp *x, const uint8_t header[ETHERNET_HEADER], const struct la_packet *p)
{
        size_t n = packet_bytes(p);
        uint8_t *room = xdp_rings_room(&x->rings);

        if (!room)
                return false;
        if (n > x->link.facts.mtu || p->gso_bytes || (p->flags & LA_PACKET_CHECKSUM_PARTIAL)) {
                x->link.counts.dropped_out++; /* not what la_link_facts() told */
                return true;
        }
        xdp_rings_send(&x->rings, write_frame(room, header, p));
        x->link.counts.packets_out++;
        x->link.counts.bytes_out += n;
        return true;
}

static int
xdp_send(struct la_link *link, const struct la_packet *packets, size_t n)
{
        struct xdp *x = (struct xdp *)link;
        tcp_time now = la_clock();
        uint8_t header[ETHERNET_HEADER];
        size_t i = 0;
        int status;

        while (i < n && xdp_rings_room(&x->rings)) {
                if (neighbours_header(link->neighbours, now, &packets[i], header))
                        send_frame(x, header, &packets[i]);
                i++;
        }
        link_tell_neighbours(link);
        status = xdp_rings_wake_sender(&x->rings, link->fd);
        return status < 0 ? status : (int)i;
}

static void
xdp_send_frame(struct la_link *link, const uint8_t header[ETHERNET_HEADER], const struct la_packet *packet)
{
        struct xdp *x = (struct xdp *)link;

        if (!send_frame(x, header, packet))
                link->counts.dropped_out++;
        xdp_rings_wake_sender(&x->rings, link->fd);
}

/* ---- Addresses -------------------------------------------------------------------------------------------------- */

static int
join(const struct xdp *x, unsigned short type, const uint8_t mac[6])
{
        struct packet_mreq m = { .mr_ifindex = (int)x->interface, .mr_type = type, .mr_alen = 6 };

        memcpy(m.mr_address, mac, 6);
        return setsockopt(x->membership, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof(m)) < 0 ? -errno : 0;
}

/* As a member the kernel tells switches that look for who wants a group (RFC 3810), and goes on doing so. */
static int
join_group(struct xdp *x, const uint8_t group[16])
{
        struct ipv6_mreq m = { .ipv6mr_interface = x->interface };

        if (x->groups < 0)
                x->groups = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        memcpy(&m.ipv6mr_multiaddr, group, 16);
        if (x->groups < 0 || setsockopt(x->groups, IPPROTO_IPV6, IPV6_JOIN_GROUP, &m, sizeof(m)) == 0)
                return x->groups < 0 ? -errno : 0;
        return errno == EADDRINUSE ? 0 : -errno;
}

/* IPv6 neighbours ask for the address in a group, which is to pass the interface's own filter; where the kernel has no IPv6
 * on it, that is all that can be done. */
static int
xdp_address(struct la_link *link, enum la_family family, const uint8_t *address)
{
        struct xdp *x = (struct xdp *)link;
        uint8_t group[16], mac[6] = { 0x33, 0x33 };
        int status = xdp_filter_address(x->filter, family, address);

        if (status < 0 || family == LA_IPV4)
                return status;
        ndp_solicited_node(address, group);
        memcpy(mac + 2, group + 12, 4);
        return join_group(x, group) == 0 ? 0 : join(x, PACKET_MR_MULTICAST, mac);
}

static void
xdp_close(struct la_link *link)
{
        struct xdp *x = (struct xdp *)link;

        xdp_filter_close(x->filter);
        if (link->fd >= 0)
                close(link->fd);
        xdp_rings_fini(&x->rings);
        if (x->membership >= 0)
                close(x->membership);
        if (x->groups >= 0)
                close(x->groups);
        free(x);
}

static const struct link_kind xdp_kind = {
        .receive = xdp_receive,
        .send = xdp_send,
        .close = xdp_close,
        .send_frame = xdp_send_frame,
        .address = xdp_address,
};

/* ---- Opening ---------------------------------------------------------------------------------------------------- */

/* Who closed a socket gives its queue back a moment later, by a worker of the kernel's. */
static int
bind_socket(struct xdp *x, uint32_t queue, uint16_t flags)
{
        const struct timespec moment = { .tv_nsec = 2000000 };
        struct sockaddr_xdp address = {
                .sxdp_family = AF_XDP,
                .sxdp_flags = flags | XDP_USE_NEED_WAKEUP,
                .sxdp_ifindex = x->interface,
                .sxdp_queue_id = queue,
        };

        for (unsigned int i = 0; i < BIND_TRIES; i++) {
                if (bind(x->link.fd, (struct sockaddr *)&address, sizeof(address)) == 0)
                        return 0;
                if (errno != EBUSY)
                        return -errno;
                nanosleep(&moment, NULL);
        }
        return -EBUSY;
}

static int
open_socket(struct xdp *x, const struct la_xdp_config *config, uint16_t flags)
{
        uint32_t size = config->ring ? config->ring : RING_USUAL;
        int status;

        x->link.fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
        if (x->link.fd < 0)
                return -errno;
        status = xdp_rings_init(&x->rings, x->link.fd, size);
        return status < 0 ? status : bind_socket(x, config->queue, flags);
}

static void
close_socket(struct xdp *x)
{
        if (x->link.fd >= 0)
                close(x->link.fd);
        x->link.fd = -1;
        xdp_rings_fini(&x->rings);
        memset(&x->rings, 0, sizeof(x->rings));
}

/* Without copies where the driver can; a socket that failed to be bound is of no use any more. */
static int
open_native(struct xdp *x, const struct la_xdp_config *config)
{
        int status = xdp_filter_open(x->interface, true, &x->filter);

        if (status < 0)
                return status;
        x->mode = LA_XDP_NATIVE;
        status = open_socket(x, config, XDP_ZEROCOPY);
        if (status < 0) {
                close_socket(x);
                status = open_socket(x, config, XDP_COPY);
        }
        if (status < 0) {
                close_socket(x);
                xdp_filter_close(x->filter);
                x->filter = NULL;
        }
        return status;
}

static int
open_copy(struct xdp *x, const struct la_xdp_config *config)
{
        int status = xdp_filter_open(x->interface, false, &x->filter);

        x->mode = LA_XDP_COPY;
        return status < 0 ? status : open_socket(x, config, XDP_COPY);
}

/* What means no more than that this driver cannot. */
static bool
try_another_way(int status)
{
        return status == -EOPNOTSUPP || status == -EINVAL || status == -ENOTSUP || status == -ERANGE;
}

static int
open_in_mode(struct xdp *x, const struct la_xdp_config *config)
{
        int status = -EOPNOTSUPP;

        if (config->mode != LA_XDP_COPY)
                status = open_native(x, config);
        if (config->mode == LA_XDP_COPY || (config->mode == LA_XDP_AUTO && try_another_way(status)))
                status = open_copy(x, config);
        return status;
}

static int
meet_neighbours(struct xdp *x, const struct la_xdp_config *config)
{
        static const uint8_t none[6];
        struct neighbours_config neighbours = { .entries = 0 };
        uint8_t theirs[6];
        int status = interface_mac(config->interface, theirs);

        if (status < 0)
                return status;
        memcpy(neighbours.gateway4, config->gateway4, sizeof(config->gateway4));
        memcpy(neighbours.gateway6, config->gateway6, sizeof(config->gateway6));
        memcpy(neighbours.mac, memcmp(config->mac, none, 6) == 0 ? theirs : config->mac, 6);
        x->membership = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0); /* of no protocol: it receives nothing */
        if (x->membership < 0)
                return -errno;
        if (memcmp(neighbours.mac, theirs, 6) != 0 && (status = join(x, PACKET_MR_PROMISC, theirs)) < 0)
                return status;
        return link_meet_neighbours(&x->link, &neighbours);
}

static int
set_up(struct xdp *x, const struct la_xdp_config *config, uint32_t mtu)
{
        int status = meet_neighbours(x, config);

        if (status == 0)
                status = open_in_mode(x, config);
        if (status == 0)
                status = xdp_filter_socket(x->filter, config->queue, x->link.fd);
        x->trust_checksums = config->trust_checksums;
        x->link.facts.mtu = mtu;
        x->link.facts.ethernet = true;
        strncpy(x->link.facts.name, config->interface, sizeof(x->link.facts.name) - 1);
        return status;
}

static bool
is_sound(const struct la_xdp_config *config)
{
        uint32_t ring = config->ring ? config->ring : RING_USUAL;

        return config->interface && strlen(config->interface) < LA_LINK_NAME_SIZE && !(config->mac[0] & 1) &&
               ring >= RING_MIN && ring <= RING_MAX && (ring & (ring - 1)) == 0 && config->mode <= LA_XDP_COPY;
}

int
la_xdp_open(const struct la_xdp_config *config, struct la_link **ret_link)
{
        uint32_t mtu = 0;
        struct xdp *x;
        int status;

        if (!is_sound(config))
                return -EINVAL;
        status = interface_mtu(config->interface, &mtu);
        if (status < 0)
                return status;
        if (mtu < MTU_MIN || mtu > LA_XDP_MTU_MAX)
                return -EMSGSIZE;
        x = calloc(1, sizeof(*x));
        if (!x)
                return -ENOMEM;
        x->link.kind = &xdp_kind;
        x->link.fd = -1;
        x->membership = -1;
        x->groups = -1;
        x->interface = if_nametoindex(config->interface);
        status = set_up(x, config, mtu);
        if (status < 0) {
                la_link_close(&x->link);
                return status;
        }
        *ret_link = &x->link;
        return 0;
}

enum la_xdp_mode
la_xdp_mode(const struct la_link *link)
{
        return link->kind == &xdp_kind ? ((const struct xdp *)link)->mode : LA_XDP_AUTO;
}
