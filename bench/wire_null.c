/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "wire_null.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/virtio_net.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "lastack/link.h"

enum {
        FIN = 1,
        SYN = 2,
        ACK = 16,

        PORT_ECHO = 7,
        PORT_CHARGEN = 19,

        HEADERS = 40,
        SYN_OPTIONS = 8, /* MSS, window scale, one NOP */
        MSS = 1460,
        SCALE = 14,
        PLAIN_IN_FLIGHT = 96 * 1024, /* eight times that is less than the kernel queues for a core: 1,000 packets */
        LINUX_SCALE_AT =
                19, /* where the window's scale stands in the options of Linux's SYN: MSS, SACK, timestamps, it */
};

struct __attribute__((packed)) headers {
        uint8_t version, tos;
        uint16_t length, id, fragment;
        uint8_t ttl, protocol;
        uint16_t sum;
        uint32_t source, destination;
        uint16_t source_port, destination_port;
        uint32_t seq, ack;
        uint8_t offset, flags;
        uint16_t window, checksum, urgent;
        uint8_t options[20]; /* of ours, SYN_OPTIONS */
};

static uint8_t text[65536];

/* Port 19, by the client's port: the next sequence number, the client's scale, and its last word. */
static uint32_t sent_to[65536];
static uint8_t scale_of[65536];
static struct headers last_of[65536];
static uint16_t flows[64];
static unsigned int flow_count;

static uint32_t
sum_of(const void *from, size_t n, uint32_t sum)
{
        const uint8_t *bytes = from;

        for (size_t i = 0; i < n; i += 2)
                sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
        return sum;
}

static uint16_t
folded(uint32_t sum)
{
        sum = (sum & 0xffff) + (sum >> 16);
        return htons((uint16_t) ~(sum + (sum >> 16)));
}

/* Of header and pseudo header: the text is zeros, which add nothing. */
static uint16_t
tcp_sum(const struct headers *h, size_t header_bytes, uint32_t text_bytes)
{
        size_t n = header_bytes - 20;

        return folded(sum_of(&h->source_port, n, sum_of(&h->source, 8, 6 + (uint32_t)n + text_bytes)));
}

/* To whom `in` came from. */
static void
answer(int fd, bool plain, const struct headers *in, uint32_t seq, uint32_t ack, uint8_t flags, uint32_t bytes)
{
        size_t header_bytes = HEADERS + (flags & SYN ? SYN_OPTIONS : 0);
        struct virtio_net_hdr vnet = { .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 20, .csum_offset = 16 };
        struct headers out = { .version = 0x45,
                               .length = htons((uint16_t)(header_bytes + bytes)),
                               .fragment = htons(0x4000),
                               .ttl = 64,
                               .protocol = 6,
                               .source = in->destination,
                               .destination = in->source,
                               .source_port = in->destination_port,
                               .destination_port = in->source_port,
                               .seq = htonl(seq),
                               .ack = htonl(ack),
                               .offset = (uint8_t)((header_bytes - 20) / 4 << 4),
                               .flags = flags,
                               .window = 0xffff,
                               .options = { 2, 4, MSS >> 8, MSS & 0xff, 3, 3, SCALE, 1 } };
        struct iovec v[3] = { { &vnet, sizeof(vnet) }, { &out, header_bytes }, { text, bytes } };

        if (bytes > MSS) {
                vnet.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
                vnet.gso_size = MSS;
                vnet.hdr_len = HEADERS;
        }
        out.sum = folded(sum_of(&out, 20, 0));
        if (plain)
                out.checksum = tcp_sum(&out, header_bytes, bytes); /* else the kernel makes it, or would */
        if (writev(fd, plain ? v + 1 : v, plain ? 2 : 3) < 0)
                return; /* lost */
}

/* As much as there is room for, in packets as long as they may be. */
static void
fill(int fd, bool plain, const struct headers *in, uint32_t acknowledged, uint32_t ack)
{
        uint32_t most = plain ? MSS : 65160 / MSS * MSS, *next = &sent_to[ntohs(in->source_port)];
        uint32_t room = (uint32_t)ntohs(in->window) << scale_of[ntohs(in->source_port)];
        uint32_t edge = acknowledged + (plain && room > PLAIN_IN_FLIGHT ? PLAIN_IN_FLIGHT : room);

        last_of[ntohs(in->source_port)] = *in;
        while ((int32_t)(edge - *next) >= (int32_t)most) {
                answer(fd, plain, in, *next, ack, ACK, most);
                *next += most;
        }
}

static void
serve(int fd, bool plain, const struct headers *in, size_t n)
{
        uint32_t bytes = (uint32_t)n - 20 - (uint32_t)(in->offset >> 4) * 4, seq = ntohl(in->seq);
        uint32_t next = seq + bytes + !!(in->flags & FIN);

        if (in->flags & SYN) {
                sent_to[ntohs(in->source_port)] = 1;
                scale_of[ntohs(in->source_port)] = in->options[LINUX_SCALE_AT];
                flows[flow_count++ % 64] = ntohs(in->source_port);
                answer(fd, plain, in, 0, seq + 1, SYN | ACK, 0);
        } else if (in->flags & FIN) {
                answer(fd, plain, in, ntohl(in->ack), next, FIN | ACK, 0);
        } else if (in->destination_port == htons(PORT_CHARGEN)) {
                fill(fd, plain, in, ntohl(in->ack), next);
        } else if (bytes > 0) {
                answer(fd, plain, in, ntohl(in->ack), next, ACK, in->destination_port == htons(PORT_ECHO));
        }
}

/* A packet lost would be the end of a flow that waits for its acknowledgment: now and then, begin where that stands. */
static void
begin_again(int fd, bool plain)
{
        for (unsigned int i = 0; i < flow_count && i < 64; i++) {
                struct headers *last = &last_of[flows[i]];

                if (last->destination_port == htons(PORT_CHARGEN) && ntohl(last->ack) != sent_to[flows[i]]) {
                        sent_to[flows[i]] = ntohl(last->ack);
                        fill(fd, plain, last, ntohl(last->ack), ntohl(last->seq));
                }
        }
}

static void
interrupt(int signal)
{
        (void)signal;
}

static void
be_interrupted(void)
{
        struct sigaction action = { .sa_handler = interrupt };
        struct itimerval often = { { 0, 50000 }, { 0, 50000 } };

        sigaction(SIGALRM, &action, NULL);
        setitimer(ITIMER_REAL, &often, NULL);
}

int
null_serve(bool plain, int ready_fd)
{
        static struct {
                struct virtio_net_hdr vnet;
                uint8_t bytes[65536];
        } __attribute__((packed)) room;
        const uint8_t kernels[] = { 10, 77, 0, 1 };
        struct la_tun_config tun = { .name = "la0", .mtu = 1500, .plain = plain };
        struct la_link *link;
        int fd, status = la_tun_open(&tun, &link);

        if (status == 0)
                status = la_interface_address("la0", LA_IPV4, kernels, 24);
        if (status < 0)
                return status;
        fd = la_link_fd(link);
        fcntl(fd, F_SETFL, 0); /* reading waits: what a server can do that has nothing else to look at */
        be_interrupted();
        memset(text, 0, sizeof(text)); /* pages of its own: unwritten, all would be one */
        if (write(ready_fd, "", 1) < 0)
                return -errno;
        for (;;) {
                ssize_t n = plain ? read(fd, room.bytes, sizeof(room.bytes)) : read(fd, &room, sizeof(room));

                if (n >= 0 && !plain)
                        n -= (ssize_t)sizeof(room.vnet);
                if (n >= HEADERS && room.bytes[0] == 0x45 && room.bytes[9] == 6)
                        serve(fd, plain, (const struct headers *)room.bytes, (size_t)n);
                else if (n < 0 && errno == EINTR)
                        begin_again(fd, plain);
                else if (n < 0)
                        return -errno;
        }
}
