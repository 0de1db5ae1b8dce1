/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tun.c - TUN and TAP: Documentation/networking/tuntap.rst, linux/if_tun.h.
 *
 * A packet is one read or one write.  With a vnet header before it, it may be up to 64 KiB long: the kernel leaves its
 * segments together and cuts ours, and no checksum is made that nobody would look at.  That is where most of the speed is:
 * a system call moves 45 segments instead of one.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "link/ethernet.h"
#include "link/interface.h"
#include "link/link.h"
#include "link/vnet.h"

#define PACKET_MAX    65536
#define MTU_MIN       576
#define MTU_MAX       65535
#define QUEUES_MAX    256   /* MAX_TAP_QUEUES */
#define QUEUE_PACKETS 10000 /* the kernel's default, 500, drops some where thousands of connections talk at once */
#define GSO_BYTES_MAX (65535 - 20 - 60) /* what IPv4 can say of its length, less its header and the longest of TCP */

/* Arrived packets lie one behind the other, small ones close together, so that they stay in the nearer caches. */
#define ARENA_BYTES (4 * PACKET_MAX)
#define ALIGNMENT   64

struct tun {
        struct la_link link;
        size_t vnet_bytes; /* of the header before each packet; 0: none */
        size_t likely; /* how many packets are read at once: as many as there were lately, so that few reads find none */
        _Alignas(ALIGNMENT) uint8_t arena[ARENA_BYTES + PACKET_MAX];
};

/* ---- Packets ---------------------------------------------------------------------------------------------------- */

/* Reads one packet to `at`; its length, 0 for none, or a negative errno. */
static ssize_t
read_packet(struct tun *t, uint8_t *at, struct la_packet *p)
{
        struct virtio_net_hdr vnet = { 0 };
        struct iovec v[2] = { { &vnet, t->vnet_bytes }, { at, PACKET_MAX } };
        ssize_t n = readv(t->link.fd, v, 2);

        if (n < 0)
                return errno == EAGAIN || errno == EINTR ? 0 : -errno;
        n -= (ssize_t)t->vnet_bytes;
        if (n <= 0)
                return 0;
        p->header_bytes = 0;
        p->parts = 1;
        p->part[0] = (struct la_part){ at, (size_t)n };
        p->gso_bytes = 0;
        p->flags = t->vnet_bytes ? vnet_flags(&vnet) : 0;
        return n;
}

/* Leaves the IP packet of a frame; false if there is none in it. */
static bool
unwrap(struct la_link *link, tcp_time now, struct la_packet *p)
{
        struct la_part *frame = &p->part[0];

        if (!link_takes_frame(link, now, frame->bytes, frame->length))
                return false;
        frame->bytes += ETHERNET_HEADER;
        frame->length -= ETHERNET_HEADER;
        return true;
}

/* Frames for others take a turn each, too, so that a flood of them does not keep the caller here. */
static int
tun_receive(struct la_link *link, struct la_packet *packets, size_t n)
{
        struct tun *t = (struct tun *)link;
        tcp_time now = link->neighbours ? la_clock() : 0;
        size_t used = 0, count = 0, turn = 0, most = n < t->likely ? n : t->likely;

        for (; turn < most && used < ARENA_BYTES; turn++) {
                ssize_t length = read_packet(t, t->arena + used, &packets[count]);

                if (length < 0 && count == 0)
                        return (int)length;
                if (length <= 0)
                        break;
                if (link->neighbours && !unwrap(link, now, &packets[count]))
                        continue;
                link->counts.packets_in++;
                link->counts.bytes_in += packets[count].part[0].length;
                used += ((size_t)length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
                count++;
        }
        if (link->neighbours)
                link_tell_neighbours(link);
        t->likely = turn == most ? most * 2 : turn > 0 ? turn : 1;
        return (int)count;
}

/* `ethernet` is the header of a frame, or NULL. */
static ssize_t
write_packet(struct tun *t, const uint8_t *ethernet, const struct la_packet *p)
{
        struct virtio_net_hdr vnet;
        struct iovec v[3 + LA_PARTS_MAX];
        int count = 0;

        if (t->vnet_bytes) {
                vnet = vnet_of_packet(p, ethernet ? ETHERNET_HEADER : 0);
                v[count++] = (struct iovec){ &vnet, t->vnet_bytes };
        }
        if (ethernet)
                v[count++] = (struct iovec){ (void *)ethernet, ETHERNET_HEADER };
        if (p->header_bytes > 0)
                v[count++] = (struct iovec){ (void *)p->header, p->header_bytes };
        for (size_t i = 0; i < p->parts; i++)
                v[count++] = (struct iovec){ (void *)p->part[i].bytes, p->part[i].length };
        return writev(t->link.fd, v, count);
}

/* An interface that is down (EIO) loses packets, as a cable that is pulled out does; one that is gone has failed.
 * 1: dealt with, 0: the queue is full, or a negative errno. */
static int
send_packet(struct tun *t, const uint8_t *ethernet, const struct la_packet *p)
{
        ssize_t written = write_packet(t, ethernet, p);

        if (written < 0 && (errno == EAGAIN || errno == ENOBUFS))
                return 0;
        if (written < 0 && (errno == EBADFD || errno == EBADF))
                return -errno;
        if (written < 0) {
                t->link.counts.dropped_out++;
                return 1;
        }
        t->link.counts.packets_out++;
        t->link.counts.bytes_out += (uint64_t)written - t->vnet_bytes - (ethernet ? ETHERNET_HEADER : 0);
        return 1;
}

/* What its neighbour is not known of is kept or dropped: dealt with, too. */
static int
send_to_neighbour(struct tun *t, tcp_time now, const struct la_packet *p)
{
        uint8_t ethernet[ETHERNET_HEADER];

        return neighbours_header(t->link.neighbours, now, p, ethernet) ? send_packet(t, ethernet, p) : 1;
}

static int
tun_send(struct la_link *link, const struct la_packet *packets, size_t n)
{
        struct tun *t = (struct tun *)link;
        tcp_time now = link->neighbours ? la_clock() : 0;
        size_t i = 0;
        int status = 1;

        while (i < n) {
                status = link->neighbours ? send_to_neighbour(t, now, &packets[i]) : send_packet(t, NULL, &packets[i]);
                if (status <= 0)
                        break;
                i++;
        }
        if (link->neighbours)
                link_tell_neighbours(link);
        return status < 0 ? status : (int)i;
}

static void
tun_send_frame(struct la_link *link, const uint8_t header[ETHERNET_HEADER], const struct la_packet *packet)
{
        link->counts.dropped_out += send_packet((struct tun *)link, header, packet) <= 0;
}

static void
tun_close(struct la_link *link)
{
        close(link->fd);
        free(link);
}

static const struct link_kind tun_kind = {
        .receive = tun_receive,
        .send = tun_send,
        .close = tun_close,
        .send_frame = tun_send_frame,
};

/* ---- Opening ---------------------------------------------------------------------------------------------------- */

/* Kernels before 6.2 know no USO, and say EINVAL to it. */
static int
ask_for_offloads(int fd)
{
        unsigned int offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN;
#ifdef TUN_F_USO4
        if (ioctl(fd, TUNSETOFFLOAD, offloads | TUN_F_USO4 | TUN_F_USO6) == 0)
                return 0;
#endif
        return ioctl(fd, TUNSETOFFLOAD, offloads) < 0 ? -errno : 0;
}

/* The kernel says EINVAL, too, of a name that an interface of another kind has. */
static int
name_error(const char *name, int error)
{
        return error == EINVAL && if_nametoindex(name) != 0 ? -EBUSY : -error;
}

/* Opens a queue of the interface; its name, which the kernel may have made up, is in `name` then. */
static int
open_queue(const struct la_tun_config *config, char name[LA_LINK_NAME_SIZE], int *ret_fd)
{
        struct ifreq r = { 0 };
        int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), status = 0;

        if (fd < 0)
                return -errno;
        r.ifr_flags = (short)((config->tap ? IFF_TAP : IFF_TUN) | IFF_NO_PI | (config->plain ? 0 : IFF_VNET_HDR) |
                              (config->queues > 1 ? IFF_MULTI_QUEUE : 0));
        memcpy(r.ifr_name, name, LA_LINK_NAME_SIZE);
        if (ioctl(fd, TUNSETIFF, &r) < 0)
                status = name_error(name, errno);
        else if (!config->plain)
                status = ask_for_offloads(fd);
        if (status < 0) {
                close(fd);
                return status;
        }
        memcpy(name, r.ifr_name, LA_LINK_NAME_SIZE);
        *ret_fd = fd;
        return 0;
}

static int
meet_neighbours(const struct la_tun_config *config, struct la_link *link)
{
        static const uint8_t none[6];
        struct neighbours_config neighbours = { .entries = 0 };
        struct ifreq r = { 0 };

        memcpy(neighbours.gateway4, config->gateway4, sizeof(config->gateway4));
        memcpy(neighbours.gateway6, config->gateway6, sizeof(config->gateway6));
        memcpy(neighbours.mac, config->mac, sizeof(config->mac));
        if (memcmp(config->mac, none, sizeof(none)) == 0) {
                if (ioctl(link->fd, SIOCGIFHWADDR, &r) < 0)
                        return -errno;
                ethernet_mac_beside((const uint8_t *)r.ifr_hwaddr.sa_data, neighbours.mac);
        }
        return link_meet_neighbours(link, &neighbours);
}

static int
new_link(const struct la_tun_config *config, int fd, struct la_link **ret_link)
{
        struct tun *t = aligned_alloc(ALIGNMENT, sizeof(*t));
        int status = 0;

        if (!t)
                return -ENOMEM;
        memset(&t->link, 0, sizeof(t->link));
        t->link.kind = &tun_kind;
        t->link.fd = fd;
        t->vnet_bytes = config->plain ? 0 : sizeof(struct virtio_net_hdr);
        t->likely = 1;
        if (config->tap)
                status = meet_neighbours(config, &t->link);
        if (status < 0) {
                free(t);
                return status;
        }
        *ret_link = &t->link;
        return 0;
}

static int
open_link(const struct la_tun_config *config, char name[LA_LINK_NAME_SIZE], struct la_link **ret_link)
{
        int fd = -1, status = open_queue(config, name, &fd);

        if (status == 0 && (status = new_link(config, fd, ret_link)) < 0)
                close(fd);
        return status;
}

static int
set_up_interface(const struct la_tun_config *config, const char *name, uint32_t *ret_mtu)
{
        int status = config->mtu ? interface_set_mtu(name, config->mtu) : 0;

        if (status == 0)
                status = interface_mtu(name, ret_mtu);
        if (status == 0)
                status = interface_set_queue(name, QUEUE_PACKETS);
        return status < 0 ? status : interface_up(name);
}

static void
close_all(struct la_link **links, unsigned int n)
{
        for (unsigned int i = 0; i < n; i++)
                la_link_close(links[i]);
}

static struct la_link_facts
facts_of(const struct la_tun_config *config, const char *name, uint32_t mtu)
{
        struct la_link_facts facts = { .mtu = mtu, .ethernet = config->tap };

        memcpy(facts.name, name, LA_LINK_NAME_SIZE);
        if (!config->plain) {
                facts.gso_bytes = GSO_BYTES_MAX;
                facts.checksum_offload = true;
        }
        return facts;
}

static bool
config_sound(const struct la_tun_config *c)
{
        if (c->queues > QUEUES_MAX || (c->mac[0] & 1) || strlen(c->name) >= LA_LINK_NAME_SIZE)
                return false;
        return c->mtu == 0 || (c->mtu >= MTU_MIN && c->mtu <= MTU_MAX);
}

/* Queues of Ethernet frames tell each other what neighbours answer. */
static int
share_hearsay(struct la_link **links, unsigned int n)
{
        struct hearsay *h = hearsay_new(n);

        if (!h)
                return -ENOMEM;
        for (unsigned int i = 0; i < n; i++)
                links[i]->hearsay = h;
        return 0;
}

int
la_tun_open(const struct la_tun_config *config, struct la_link **ret_links)
{
        struct la_tun_config c = *config;
        char name[LA_LINK_NAME_SIZE] = "";
        struct la_link *links[QUEUES_MAX];
        unsigned int opened = 0;
        uint32_t mtu = 0;
        int status = 0;

        if (c.queues == 0)
                c.queues = 1;
        if (!c.name)
                c.name = "la%d";
        if (!config_sound(&c))
                return -EINVAL;
        strcpy(name, c.name);
        while (opened < c.queues && (status = open_link(&c, name, &links[opened])) == 0)
                opened++;
        if (status == 0)
                status = set_up_interface(&c, name, &mtu);
        if (status == 0 && c.tap && opened > 1)
                status = share_hearsay(links, opened);
        if (status < 0) {
                close_all(links, opened);
                return status;
        }
        for (unsigned int i = 0; i < opened; i++) {
                links[i]->facts = facts_of(&c, name, mtu);
                ret_links[i] = links[i];
        }
        return 0;
}

int
la_tun_adopt(const struct la_tun_config *config, int fd, struct la_link **ret_link)
{
        struct la_tun_config c = *config;
        struct ifreq r = { 0 };
        struct la_link *link = NULL;
        int flags = fcntl(fd, F_GETFL), status;

        if (c.mtu < MTU_MIN || c.mtu > MTU_MAX || (c.mac[0] & 1))
                return -EINVAL;
        if (ioctl(fd, TUNGETIFF, &r) < 0 || flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
                return -errno;
        if (!(r.ifr_flags & IFF_NO_PI))
                return -EPROTOTYPE;
        c.tap = r.ifr_flags & IFF_TAP;
        c.plain = !(r.ifr_flags & IFF_VNET_HDR);
        status = c.plain ? 0 : ask_for_offloads(fd);
        if (status == 0)
                status = new_link(&c, fd, &link);
        if (status < 0)
                return status;
        link->facts = facts_of(&c, r.ifr_name, c.mtu);
        *ret_link = link;
        return 0;
}
