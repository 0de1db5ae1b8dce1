/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two instances of lwIP by its raw API, one thread, no system between: what its timers would do is called here.
 *
 * A packet that leaves one is copied into a pbuf of the other, as a driver does, and waits until the first is through.
 * What has arrived is copied to the application in the callback that announces it, lwIP's fastest way.
 */
#define _GNU_SOURCE
#include "lwip_library.h"
#include "pair.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORT        80
#define QUEUE       1024 /* packets under way, a power of two */
#define TMR_US      250000
#define HELD_PORTS  40000 /* from each address; all of them below 49152, where lwIP chooses ports for itself */
#define TIME_WAIT_T (2 * TCP_MSL / TCP_SLOW_INTERVAL + 1)

struct theirs;

struct host {
        struct theirs *pair;
        enum pair_end end;
        struct lwip_library *lwip;
        struct netif netif;
        struct tcp_pcb *connection;
        bool connected, peer_closed;
        size_t received; /* in the application's memory, not told of yet */
        struct pbuf *arriving[QUEUE];
        uint32_t first, count;
};

struct theirs {
        struct pair pair; /* first */
        struct host host[2];
        uint32_t us;      /* since tcp_tmr() */
        uint32_t waiting; /* records of TIME_WAIT beside those held */
};

static struct theirs *
theirs(struct pair *p)
{
        return (struct theirs *)p;
}

static void
must(err_t error, const char *what)
{
        char why[32];

        if (error == ERR_OK)
                return;
        snprintf(why, sizeof why, "lwIP's error %d", error);
        cannot(what, why);
}

/* 10.b.c.d */
static ip_addr_t
address(uint32_t b, uint32_t c, uint32_t d)
{
        ip_addr_t a;

        IP_ADDR4(&a, 10, b, c, d);
        return a;
}

static ip_addr_t
address_of(enum pair_end end)
{
        return address(0, 0, end == NEAR ? 1 : 2);
}

/* ---- Packets and time ---- */

static void
spoil(struct pbuf *p)
{
        ((uint8_t *)p->payload)[35] ^= 1;
}

/* The driver: called by lwIP for each packet that leaves. */
static err_t
output(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
        struct host *from = netif->state;
        struct host *other = &from->pair->host[!from->end];
        struct pbuf *copy = other->lwip->pbuf_alloc(PBUF_RAW, p->tot_len, PBUF_RAM);

        (void)to;
        if (!copy || other->count == QUEUE)
                cannot("pass a packet", "lwIP has no memory");
        from->lwip->pbuf_copy_partial(p, copy->payload, p->tot_len, 0);
        if (from->pair->pair.spoil) {
                spoil(copy);
                from->pair->pair.spoil = false;
        }
        other->arriving[(other->first + other->count++) % QUEUE] = copy;
        return ERR_OK;
}

static size_t
take_arriving(struct host *h)
{
        size_t n = 0;

        while (h->count > 0) {
                struct pbuf *p = h->arriving[h->first++ % QUEUE];

                h->count--;
                n++;
                if (h->lwip->ip_input(p, &h->netif) != ERR_OK)
                        h->lwip->pbuf_free(p);
        }
        return n;
}

static void
theirs_pass_packets(struct pair *p)
{
        size_t n;

        do {
                n = take_arriving(&theirs(p)->host[FAR]);
                n += take_arriving(&theirs(p)->host[NEAR]);
                p->packets += n;
        } while (n > 0);
}

static void
theirs_pass_time(struct pair *p, uint32_t us)
{
        struct theirs *t = theirs(p);

        for (t->us += us; t->us >= TMR_US; t->us -= TMR_US) {
                t->host[NEAR].lwip->tcp_tmr();
                t->host[FAR].lwip->tcp_tmr();
        }
}

static void
forget_newest(struct host *h, uint32_t n)
{
        while (n-- > 0)
                h->lwip->tcp_abort(*h->lwip->tcp_tw_pcbs);
}

static void
theirs_end_time_wait(struct pair *p)
{
        struct host *near = &theirs(p)->host[NEAR];

        if (p->held.time_wait > 0) {
                forget_newest(near, theirs(p)->waiting);
        } else {
                *near->lwip->tcp_ticks += TIME_WAIT_T;
                near->lwip->tcp_slowtmr();
        }
        theirs(p)->waiting = 0;
}

static void
theirs_tick(struct pair *p)
{
        theirs(p)->host[NEAR].lwip->tcp_tmr();
}

/* ---- What lwIP calls ---- */

static void
tell(struct host *h, enum pair_told what)
{
        if (h->pair->pair.told)
                h->pair->pair.told(&h->pair->pair, h->end, what);
}

static err_t
has_arrived(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
        struct host *h = arg;
        uint8_t *memory = h->pair->pair.memory[h->end];

        (void)error;
        if (!p) {
                h->peer_closed = true;
                tell(h, TOLD_CLOSED);
                return ERR_OK;
        }
        if (h->received + p->tot_len > sizeof h->pair->pair.memory[0])
                cannot("receive", "more has arrived than was sent");
        h->received += h->lwip->pbuf_copy_partial(p, memory + h->received, p->tot_len, 0);
        h->lwip->tcp_recved(pcb, p->tot_len);
        h->lwip->pbuf_free(p);
        tell(h, TOLD_ARRIVED);
        return ERR_OK;
}

static void
has_ended(void *arg, err_t error)
{
        (void)arg;
        if (error != ERR_CLSD)
                must(error, "keep a connection");
}

static void
adopt(struct host *h, struct tcp_pcb *pcb)
{
        h->connection = pcb;
        h->connected = h->peer_closed = false;
        h->received = 0;
        h->lwip->tcp_arg(pcb, h);
        h->lwip->tcp_recv(pcb, has_arrived);
        h->lwip->tcp_err(pcb, has_ended);
}

static err_t
has_come(void *arg, struct tcp_pcb *pcb, err_t error)
{
        struct host *h = arg;

        must(error, "accept");
        adopt(h, pcb);
        h->connected = true;
        return ERR_OK;
}

static err_t
is_connected(void *arg, struct tcp_pcb *pcb, err_t error)
{
        struct host *h = arg;

        (void)pcb;
        must(error, "connect");
        h->connected = true;
        tell(h, TOLD_CONNECTED);
        return ERR_OK;
}

/* ---- The application's calls ---- */

static void
theirs_open(struct pair *p)
{
        struct host *near = &theirs(p)->host[NEAR], *far = &theirs(p)->host[FAR];
        struct tcp_pcb *pcb = near->lwip->tcp_new_ip_type(IPADDR_TYPE_V4);
        ip_addr_t to = address_of(FAR);

        if (!pcb)
                cannot("connect", "lwIP has no memory");
        far->connected = false;
        adopt(near, pcb);
        must(near->lwip->tcp_connect(pcb, &to, PORT, is_connected), "connect");
}

static bool
theirs_is_open(struct pair *p)
{
        return theirs(p)->host[NEAR].connected && theirs(p)->host[FAR].connected;
}

static size_t
theirs_send(struct pair *p, enum pair_end end, const uint8_t *bytes, size_t n)
{
        struct host *h = &theirs(p)->host[end];

        if (n > tcp_sndbuf(h->connection))
                n = tcp_sndbuf(h->connection);
        must(h->lwip->tcp_write(h->connection, bytes, (u16_t)n, TCP_WRITE_FLAG_COPY), "send");
        must(h->lwip->tcp_output(h->connection), "send");
        return n;
}

static size_t
theirs_receive(struct pair *p, enum pair_end end)
{
        struct host *h = &theirs(p)->host[end];
        size_t n = h->received;

        h->received = 0;
        return n;
}

static void
theirs_close(struct pair *p, enum pair_end end)
{
        struct host *h = &theirs(p)->host[end];

        must(h->lwip->tcp_close(h->connection), "close");
        if (end == NEAR)
                theirs(p)->waiting++;
}

/* ---- Making a pair ---- */

static err_t
make_netif(struct netif *netif)
{
        netif->output = output;
        netif->mtu = 1500;
        return ERR_OK;
}

static void
make_host(struct theirs *t, enum pair_end end, struct lwip_library *lwip)
{
        struct host *h = &t->host[end];
        ip_addr_t own = address_of(end);
        ip4_addr_t mask, none;

        h->pair = t;
        h->end = end;
        h->lwip = lwip;
        IP4_ADDR(&mask, 255, 0, 0, 0);
        IP4_ADDR(&none, 0, 0, 0, 0);
        if (!lwip->netif_add(&h->netif, ip_2_ip4(&own), &mask, &none, h, make_netif, lwip->ip_input))
                cannot("make a host", "lwIP takes no network interface");
        lwip->netif_set_default(&h->netif);
        lwip->netif_set_up(&h->netif);
        lwip->netif_set_link_up(&h->netif);
}

static void
listen_at(struct host *h)
{
        struct tcp_pcb *pcb = h->lwip->tcp_new_ip_type(IPADDR_TYPE_V4);
        ip_addr_t any;

        IP_ADDR4(&any, 0, 0, 0, 0);
        if (!pcb)
                cannot("listen", "lwIP has no memory");
        must(h->lwip->tcp_bind(pcb, &any, PORT), "listen");
        pcb = h->lwip->tcp_listen_with_backlog(pcb, 255);
        if (!pcb)
                cannot("listen", "lwIP has no memory");
        h->lwip->tcp_arg(pcb, h);
        h->lwip->tcp_accept(pcb, has_come);
}

/* One in `state` that no packet has made.  By packets 100,000 take lwIP ten minutes; in its lists they are the same. */
static void
hold_one(struct host *h, struct tcp_pcb **list, enum tcp_state state, uint32_t i)
{
        struct tcp_pcb *pcb = h->lwip->tcp_new_ip_type(IPADDR_TYPE_V4);
        ip_addr_t client = address(state == TIME_WAIT ? 2 : 1, 0, 1 + i / HELD_PORTS), server = address_of(FAR);
        u16_t port = (u16_t)(1024 + i % HELD_PORTS);

        if (!pcb)
                cannot("hold what is to be held", "lwIP has no memory");
        pcb->local_ip = h->end == NEAR ? client : server;
        pcb->remote_ip = h->end == NEAR ? server : client;
        pcb->local_port = h->end == NEAR ? port : PORT;
        pcb->remote_port = h->end == NEAR ? PORT : port;
        pcb->state = state;
        pcb->tmr = *h->lwip->tcp_ticks;
        pcb->next = *list;
        *list = pcb;
}

static void
hold(struct theirs *t)
{
        for (int end = 0; end < 2; end++)
                for (uint32_t i = 0; i < t->pair.held.established; i++)
                        hold_one(&t->host[end], t->host[end].lwip->tcp_active_pcbs, ESTABLISHED, i);
        for (uint32_t i = 0; i < t->pair.held.time_wait; i++)
                hold_one(&t->host[NEAR], t->host[NEAR].lwip->tcp_tw_pcbs, TIME_WAIT, i);
}

/* The library has no way to end; what it holds stays until the program ends. */
static void
theirs_free(struct pair *p)
{
        (void)p;
}

static const struct pair_calls calls = {
        .open = theirs_open,
        .is_open = theirs_is_open,
        .send = theirs_send,
        .receive = theirs_receive,
        .close = theirs_close,
        .pass_packets = theirs_pass_packets,
        .pass_time = theirs_pass_time,
        .end_time_wait = theirs_end_time_wait,
        .tick = theirs_tick,
        .free = theirs_free,
};

struct pair *
pair_lwip_new(enum lwip_kind kind, struct held held, const char **ret_why)
{
        struct lwip_library *near = lwip_library_new(kind == LWIP_HELPED, ret_why);
        struct lwip_library *far = near ? lwip_library_new(kind == LWIP_HELPED, ret_why) : NULL;
        const struct pair pair = { .calls = &calls, .held = held };
        struct theirs *t = calloc(1, sizeof *t);

        if (!t)
                cannot("make two hosts", "not enough memory");
        if (!far) {
                free(t);
                return NULL;
        }
        memcpy(&t->pair, &pair, sizeof pair);
        make_host(t, NEAR, near);
        make_host(t, FAR, far);
        listen_at(&t->host[FAR]);
        hold(t);
        return &t->pair;
}

void
pair_lwip_describe(void)
{
        printf("lwIP %s as Debian built it: windows and send buffers of %d bytes, window scaling %s, timestamps %s,\n"
               "SACK %s, segments of %d bytes, memory by malloc\n",
               LWIP_VERSION_STRING, TCP_WND, LWIP_WND_SCALE ? "on" : "off", LWIP_TCP_TIMESTAMPS ? "on" : "off",
               LWIP_TCP_SACK_OUT ? "on" : "off", TCP_MSS);
}

size_t
pair_lwip_connection_bytes(struct pair *p)
{
        const struct host *h = &theirs(p)->host[NEAR];
        struct tcp_pcb *pcb = h->lwip->tcp_new_ip_type(IPADDR_TYPE_V4);
        size_t bytes = pcb ? malloc_usable_size(pcb) + sizeof(size_t) : 0;

        if (pcb)
                h->lwip->tcp_abort(pcb);
        return bytes;
}
