/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One instance of lwIP by its raw API on a TUN interface, one packet a read and a write: it knows no packets longer than its
 * MTU.  Checksums are made by the faster code that lwip_helped.c lends it.
 */
#define _GNU_SOURCE
#include "wire_lwip.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "lastack/link.h"
#include "lwip_library.h"

#define TMR_NS   (250 * UINT64_C(1000000))
#define TEXT_MAX 65535

static struct lwip_library *lwip;
static uint8_t text[TEXT_MAX];

static err_t
send_packet(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
        static uint8_t packet[TEXT_MAX];
        int fd = (int)(intptr_t)netif->state;
        uint16_t n = lwip->pbuf_copy_partial(p, packet, sizeof(packet), 0);

        (void)to;
        return write(fd, packet, n) == n ? ERR_OK : ERR_IF;
}

static err_t
make_netif(struct netif *netif)
{
        netif->output = send_packet;
        netif->mtu = 1500;
        return ERR_OK;
}

/* ---- The services ---- */

static err_t
fill(void *argument, struct tcp_pcb *pcb, u16_t sent)
{
        (void)argument;
        (void)sent;
        lwip->tcp_write(pcb, text, (u16_t)tcp_sndbuf(pcb), 0);
        return lwip->tcp_output(pcb);
}

static err_t
has_arrived(void *argument, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
        (void)argument;
        (void)error;
        if (!p)
                return lwip->tcp_close(pcb);
        if (pcb->local_port == 7)
                lwip->tcp_write(pcb, p->payload, 1, TCP_WRITE_FLAG_COPY);
        lwip->tcp_recved(pcb, p->tot_len);
        lwip->pbuf_free(p);
        return ERR_OK;
}

static err_t
has_come(void *argument, struct tcp_pcb *pcb, err_t error)
{
        (void)argument;
        (void)error;
        lwip->tcp_recv(pcb, has_arrived);
        if (pcb->local_port != 19)
                return ERR_OK;
        lwip->tcp_sent(pcb, fill);
        return fill(NULL, pcb, 0);
}

static int
listen_on(uint16_t port)
{
        struct tcp_pcb *pcb = lwip->tcp_new_ip_type(IPADDR_TYPE_V4);
        ip_addr_t any;

        IP_ADDR4(&any, 0, 0, 0, 0);
        if (!pcb || lwip->tcp_bind(pcb, &any, port) != ERR_OK || !(pcb = lwip->tcp_listen_with_backlog(pcb, 255)))
                return -EADDRINUSE;
        lwip->tcp_accept(pcb, has_come);
        return 0;
}

/* ---- The loop ---- */

static void
take(struct netif *netif, const uint8_t *packet, size_t n)
{
        struct pbuf *p = lwip->pbuf_alloc(PBUF_RAW, (u16_t)n, PBUF_RAM);

        if (!p)
                return;
        memcpy(p->payload, packet, n);
        if (lwip->ip_input(p, netif) != ERR_OK)
                lwip->pbuf_free(p);
}

static int
loop(struct netif *netif, int fd)
{
        static uint8_t packet[TEXT_MAX];
        struct pollfd link = { .fd = fd, .events = POLLIN };
        uint64_t next = now_ns() + TMR_NS;

        for (;;) {
                ssize_t n = read(fd, packet, sizeof(packet));

                if (n > 0)
                        take(netif, packet, (size_t)n);
                else if (n < 0 && errno != EAGAIN)
                        return -errno;
                else
                        poll(&link, 1, 50);
                if (now_ns() >= next) {
                        next += TMR_NS;
                        lwip->tcp_tmr();
                }
        }
}

bool
lwip_can_serve(const char **ret_why)
{
        return lwip_library_new(true, ret_why) != NULL;
}

int
lwip_serve(int ready_fd)
{
        static struct netif netif;
        const uint8_t kernels[] = { 10, 77, 0, 1 };
        struct la_tun_config tun = { .name = "la0", .mtu = 1500, .plain = true };
        struct la_link *link;
        ip4_addr_t own, mask, none;
        const char *why;
        int status = la_tun_open(&tun, &link);

        if (status == 0)
                status = la_interface_address("la0", LA_IPV4, kernels, 24);
        lwip = status == 0 ? lwip_library_new(true, &why) : NULL;
        if (!lwip)
                return status < 0 ? status : -ENOENT;
        IP4_ADDR(&own, 10, 77, 0, 2);
        IP4_ADDR(&mask, 255, 255, 255, 0);
        IP4_ADDR(&none, 0, 0, 0, 0);
        lwip->netif_add(&netif, &own, &mask, &none, (void *)(intptr_t)la_link_fd(link), make_netif, lwip->ip_input);
        lwip->netif_set_default(&netif);
        lwip->netif_set_up(&netif);
        lwip->netif_set_link_up(&netif);
        if (listen_on(7) < 0 || listen_on(9) < 0 || listen_on(19) < 0)
                return -EADDRINUSE;
        return write(ready_fd, "", 1) < 0 ? -errno : loop(&netif, la_link_fd(link));
}
