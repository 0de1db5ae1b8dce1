/* SPDX-License-Identifier: BSD-2-Clause */
#include "peers.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "link/link.h"

#define AT_ONCE 32

/* The packets of one side live until its next call, so those that cross are taken from it and given at once. */
struct peer_link {
        struct la_link link; /* first */
        struct peers *peers;
        struct la_packet packets[AT_ONCE];
};

static uint16_t
port_to(const struct la_packet *packet)
{
        size_t ip = packet->header[0] >> 4 == 4 ? (packet->header[0] & 15u) * 4u : 40;

        return (uint16_t)(packet->header[ip + 2] << 8 | packet->header[ip + 3]);
}

static bool
is_muted(const struct peers *p, const struct la_packet *packet)
{
        uint16_t port = port_to(packet);

        return p->mute[port / 8] >> port % 8 & 1;
}

static void
wake(struct peer_link *l)
{
        uint64_t one = 1;

        if (write(l->link.fd, &one, sizeof(one)) != sizeof(one))
                abort();
}

static int
receive(struct la_link *link, struct la_packet *packets, size_t n)
{
        struct peer_link *l = (struct peer_link *)link;
        tcp_time now = la_clock();
        uint64_t count;
        size_t taken;

        if (read(link->fd, &count, sizeof(count)) < 0)
                count = 0;
        la_advance(l->peers->there, now);
        taken = la_output(l->peers->there, now, packets, n < AT_ONCE ? n : AT_ONCE);
        link->counts.packets_in += taken;
        if (taken > 0 || l->peers->keep_awake)
                wake(l);
        return (int)taken;
}

static int
send_across(struct la_link *link, const struct la_packet *packets, size_t n)
{
        struct peer_link *l = (struct peer_link *)link;

        for (size_t i = 0; i < n; i++)
                if (!is_muted(l->peers, &packets[i]))
                        la_input(l->peers->there, la_clock(), &packets[i], 1);
        link->counts.packets_out += n;
        wake(l);
        return (int)n;
}

static void
forget(struct la_link *link)
{
        close(link->fd);
        free(link);
}

static struct la_link *
link_between(struct peers *p)
{
        static const struct link_kind kind = { .receive = receive, .send = send_across, .close = forget };
        struct peer_link *l = calloc(1, sizeof(*l));

        if (!l)
                return NULL;
        l->link.kind = &kind;
        l->link.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        strcpy(l->link.facts.name, "peers0");
        l->link.facts.mtu = 1500;
        l->peers = p;
        return l->link.fd < 0 ? NULL : &l->link;
}

static struct la_stack *
stack_for(uint32_t connections, uint8_t last_byte)
{
        struct la_config config = { .connections = connections + 64,
                                    .half_open = 1024,
                                    .time_wait4 = connections + 64,
                                    .trace = 8192,
                                    .address4 = { 10, 77, 0, last_byte },
                                    .seed = { last_byte } };
        size_t bytes = la_stack_bytes(&config);
        void *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

        config.address6[0] = 0xfd;
        config.address6[15] = last_byte;
        return block == MAP_FAILED ? NULL : la_stack_init(block, bytes, &config, la_clock());
}

bool
peers_init(struct peers *p, uint32_t connections)
{
        *p = (struct peers){ .here = stack_for(connections, 2), .there = stack_for(connections, 1) };
        if (!p->here || !p->there)
                return false;
        p->link = link_between(p);
        return p->link && la_loop_new(p->here, p->link, &p->loop) == 0;
}

void
peers_mute(struct peers *p, uint16_t port)
{
        p->mute[port / 8] |= (uint8_t)(1 << port % 8);
}

void
peers_step(struct peers *p)
{
        wake((struct peer_link *)p->link);
        la_loop_step(p->loop, la_clock());
}

void
peers_settle(struct peers *p)
{
        for (unsigned int i = 0; i < 10; i++)
                peers_step(p);
}
