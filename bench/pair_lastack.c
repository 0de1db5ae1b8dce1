/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "pair.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lastack/tcp.h"

#define BATCH 32
#define PORT  80

/* So many conversations from one address before the next: choosing among 64,512 ports is fast while few are taken. */
#define FROM_EACH_ADDRESS 8000

/* Idle connections come from 10.1.0.0/16, records of TIME_WAIT from 10.2.0.0/16, so many from each address. */
#define HELD_PORTS 40000

/* A far end that forgets does so after so many connections. */
#define FAR_FORGETS 100000

struct ours {
        struct pair pair; /* first */
        struct la_stack *host[2];
        size_t host_bytes[2];
        struct la_handle listener, connection[2];
        tcp_time now;
        uint32_t conversations;
};

static const struct la_endpoint server = { { 10, 0, 0, 2 }, PORT };

static struct ours *
ours(struct pair *p)
{
        return (struct ours *)p;
}

static void
must(enum la_error error, const char *what)
{
        if (error != LA_OK)
                cannot(what, la_error_text(error));
}

/* ---- Packets and time ---- */

/* A copy of the packet with one bit of its window's field flipped. */
static struct la_packet
spoilt(const struct la_packet *packet)
{
        struct la_packet copy = *packet;
        copy.header[35] ^= 1;
        return copy;
}

/* What has happened is told one at a time, and no more once the application has closed. */
static void
tell(struct ours *o, enum pair_end end, struct la_handle connection, uint32_t happened)
{
        static const struct {
                uint32_t bit;
                enum pair_told told;
        } words[] = { { LA_HAPPENED_CONNECTED, TOLD_CONNECTED },
                      { LA_HAPPENED_READABLE, TOLD_ARRIVED },
                      { LA_HAPPENED_PEER_CLOSED, TOLD_CLOSED } };

        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
                if ((happened & words[i].bit) && la_handle_equal(o->connection[end], connection))
                        o->pair.told(&o->pair, end, words[i].told);
}

static void
take_events(struct ours *o, enum pair_end end)
{
        struct la_event_report event;

        while (la_next_event(o->host[end], &event)) {
                if (event.happened & LA_HAPPENED_ACCEPTABLE)
                        must(la_accept(o->host[FAR], o->now, o->listener, 0, &o->connection[FAR]), "accept");
                else if (o->pair.told)
                        tell(o, end, event.handle, event.happened);
        }
}

static size_t
pass_from(struct ours *o, enum pair_end end)
{
        static struct la_packet packets[BATCH];
        size_t n, all = 0;

        do {
                n = la_output(o->host[end], o->now, packets, BATCH);
                if (n > 0 && o->pair.spoil) {
                        packets[0] = spoilt(&packets[0]);
                        o->pair.spoil = false;
                }
                if (n == 0)
                        break;
                la_input(o->host[!end], o->now, packets, n);
                take_events(o, !end);
                all += n;
        } while (n == BATCH);
        return all;
}

static void
pass_packets(struct pair *p)
{
        size_t n;

        do {
                n = pass_from(ours(p), NEAR);
                n += pass_from(ours(p), FAR);
                p->packets += n;
        } while (n > 0);
}

static void
pass_time(struct pair *p, uint32_t us)
{
        struct ours *o = ours(p);

        o->now += us;
        la_advance(o->host[NEAR], o->now);
        la_advance(o->host[FAR], o->now);
}

/* Among more than those held, one more is no matter; it would take an hour for any to go. */
static void
end_time_wait(struct pair *p)
{
        if (p->held.time_wait == 0)
                pass_time(p, 60001000);
}

static void
tick(struct pair *p)
{
        struct ours *o = ours(p);

        o->now += 1000;
        la_advance(o->host[NEAR], o->now);
}

/* ---- The application's calls ---- */

static void
open_from(struct ours *o, const struct la_endpoint *local)
{
        o->connection[FAR] = (struct la_handle){ 0 };
        must(la_open(o->host[NEAR], o->now, LA_IPV4, local, &server, 0, &o->connection[NEAR]), "open");
}

static bool
ours_is_open(struct pair *p)
{
        return ours(p)->connection[NEAR].generation != 0 && ours(p)->connection[FAR].generation != 0;
}

static void
connect_from(struct ours *o, const struct la_endpoint *local)
{
        open_from(o, local);
        pass_packets(&o->pair);
        if (!ours_is_open(&o->pair))
                cannot("connect", "nobody accepts");
}

static void
ours_open(struct pair *p)
{
        struct ours *o = ours(p);
        struct la_endpoint local = { .address = { 10, 0, 1, (uint8_t)(1 + o->conversations / FROM_EACH_ADDRESS) } };

        open_from(o, &local);
        if (++o->conversations == 200 * FROM_EACH_ADDRESS)
                o->conversations = 0;
}

static size_t
ours_send(struct pair *p, enum pair_end end, const uint8_t *bytes, size_t n)
{
        struct ours *o = ours(p);
        size_t taken;

        must(la_send(o->host[end], o->now, o->connection[end], bytes, n, 0, &taken), "send");
        return taken;
}

static size_t
ours_receive(struct pair *p, enum pair_end end)
{
        struct ours *o = ours(p);
        size_t all = 0, n;

        while (all < sizeof p->memory[end] && la_receive(o->host[end], o->now, o->connection[end], p->memory[end] + all,
                                                         sizeof p->memory[end] - all, &n) == LA_OK)
                all += n;
        return all;
}

static void
ours_close(struct pair *p, enum pair_end end)
{
        struct ours *o = ours(p);

        must(la_close(o->host[end], o->now, o->connection[end]), "close");
        o->connection[end] = (struct la_handle){ 0 };
}

/* ---- Making a pair ---- */

static void
knob(struct la_stack *host, const char *name, const char *value)
{
        must(la_knob_set(host, name, value, NULL), name);
}

static struct la_config
config_of(const struct ours *o, enum pair_end end)
{
        const struct held *held = &o->pair.held;
        struct la_config c = { .connections = held->established + 1000,
                               .time_wait4 = held->time_wait + (held->time_wait ? 200000 : 1000) };

        if (held->one_sided && end == FAR)
                c.connections = FAR_FORGETS + 1000;
        memcpy(c.address4, server.address, 4);
        c.address4[3] = end == NEAR ? 1 : 2;
        c.seed[0] = (uint8_t)(1 + end);
        return c;
}

static void
set_knobs(const struct ours *o, struct la_stack *host)
{
        knob(host, "tcp_timestamps", "0");
        knob(host, "tcp_rmem", "4096 262144 6291456");
        knob(host, "tcp_wmem", "4096 262144 6291456");
        knob(host, "tcp_max_tw_buckets", "16777216");
        knob(host, "ip_local_port_range", "1024 65535");
        if (o->pair.held.time_wait > 0)
                knob(host, "lastack.time_wait_ms", "3600000");
}

/* The pages are made beforehand, but where it is asked how many there are. */
static void
make_host(struct ours *o, enum pair_end end)
{
        struct la_config c = config_of(o, end);
        size_t bytes = la_stack_bytes(&c);
        int populate = o->pair.held.one_sided && end == NEAR ? 0 : MAP_POPULATE;
        void *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | populate, -1, 0);

        if (block == MAP_FAILED)
                cannot("hold two hosts", "not enough memory");
        o->host_bytes[end] = bytes;
        o->host[end] = la_stack_init(block, bytes, &c, o->now);
        set_knobs(o, o->host[end]);
}

static void
make_far(struct ours *o)
{
        const struct la_endpoint any = { .port = PORT };

        make_host(o, FAR);
        must(la_listen(o->host[FAR], o->now, LA_IPV4, &any, 1000, 0, &o->listener), "listen");
}

static void
forget(struct ours *o, enum pair_end end)
{
        munmap(o->host[end], o->host_bytes[end]);
}

/* ---- Holding ---- */

static struct la_endpoint
held_endpoint(uint8_t network, uint32_t i)
{
        return (struct la_endpoint){ { 10, network, 0, (uint8_t)(1 + i / HELD_PORTS) },
                                     (uint16_t)(1024 + i % HELD_PORTS) };
}

static void
hold_established(struct ours *o)
{
        for (uint32_t i = 0; i < o->pair.held.established; i++) {
                struct la_endpoint local = held_endpoint(1, i);

                connect_from(o, &local);
                if (o->pair.held.one_sided && (i + 1) % FAR_FORGETS == 0) {
                        forget(o, FAR);
                        make_far(o);
                }
        }
}

static void
hold_time_wait(struct ours *o)
{
        for (uint32_t i = 0; i < o->pair.held.time_wait; i++) {
                struct la_endpoint local = held_endpoint(2, i);

                connect_from(o, &local);
                ours_close(&o->pair, NEAR);
                pass_packets(&o->pair);
                ours_close(&o->pair, FAR);
                pass_packets(&o->pair);
        }
}

static void
hold(struct ours *o)
{
        const struct held *held = &o->pair.held;

        hold_established(o);
        hold_time_wait(o);
        if (la_state_count(o->host[NEAR], LA_ESTABLISHED) != held->established ||
            la_state_count(o->host[NEAR], LA_TIME_WAIT) != held->time_wait)
                cannot("hold what is to be held", "some are gone");
}

void
pair_lastack_memory(struct pair *p, size_t *ret_block_bytes, size_t *ret_resident_bytes)
{
        struct ours *o = ours(p);
        size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (o->host_bytes[NEAR] + page - 1) / page, resident = 0;
        unsigned char *is_resident = calloc(pages, 1);

        if (!is_resident || mincore(o->host[NEAR], o->host_bytes[NEAR], is_resident) != 0)
                cannot("count resident pages", "the system does not tell");
        for (size_t i = 0; i < pages; i++)
                resident += is_resident[i] & 1u;
        free(is_resident);
        *ret_block_bytes = o->host_bytes[NEAR];
        *ret_resident_bytes = resident * page;
}

static void
ours_free(struct pair *p)
{
        forget(ours(p), NEAR);
        forget(ours(p), FAR);
        free(ours(p));
}

static const struct pair_calls calls = {
        .open = ours_open,
        .is_open = ours_is_open,
        .send = ours_send,
        .receive = ours_receive,
        .close = ours_close,
        .pass_packets = pass_packets,
        .pass_time = pass_time,
        .end_time_wait = end_time_wait,
        .tick = tick,
        .free = ours_free,
};

struct pair *
pair_lastack_new(struct held held)
{
        const struct pair pair = { .calls = &calls, .held = held };
        struct ours *o = calloc(1, sizeof *o);

        if (!o)
                cannot("hold two hosts", "not enough memory");
        memcpy(&o->pair, &pair, sizeof pair);
        o->now = 1000000;
        make_host(o, NEAR);
        make_far(o);
        hold(o);
        return &o->pair;
}
