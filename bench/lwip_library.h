/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lwip_library.h - the shared library liblwip as many times as wanted: each instance has variables of its own, which are
 * lwIP's only idea of a host.
 *
 * The loader gives the same library to everyone who asks for it.  A copy of its file is another library to it.  Unlike
 * with dlmopen(3) all of them share this program's libc, and so its allocator, as a program linked with lwIP would.
 */
#ifndef LASTACK_BENCH_LWIP_LIBRARY_H
#define LASTACK_BENCH_LWIP_LIBRARY_H

#include <stdbool.h>

#include <lwip/init.h>
#include <lwip/ip.h>
#include <lwip/netif.h>
#include <lwip/pbuf.h>
#include <lwip/priv/tcp_priv.h>
#include <lwip/tcp.h>

/* What the benchmark calls, and the variables it touches: X(name) has the type that lwIP's headers give it. */
#define LWIP_FUNCTIONS(X)          \
        X(lwip_init)               \
        X(netif_add)               \
        X(netif_set_default)       \
        X(netif_set_up)            \
        X(netif_set_link_up)       \
        X(ip_input)                \
        X(pbuf_alloc)              \
        X(pbuf_copy_partial)       \
        X(pbuf_free)               \
        X(tcp_new_ip_type)         \
        X(tcp_bind)                \
        X(tcp_listen_with_backlog) \
        X(tcp_connect)             \
        X(tcp_arg)                 \
        X(tcp_accept)              \
        X(tcp_recv)                \
        X(tcp_sent)                \
        X(tcp_err)                 \
        X(tcp_write)               \
        X(tcp_output)              \
        X(tcp_recved)              \
        X(tcp_close)               \
        X(tcp_abort)               \
        X(tcp_tmr)                 \
        X(tcp_slowtmr)

#define LWIP_VARIABLES(X)  \
        X(tcp_active_pcbs) \
        X(tcp_tw_pcbs)     \
        X(tcp_ticks)

struct lwip_library {
#define DECLARE(name) __typeof__(&name) name;
        LWIP_FUNCTIONS(DECLARE)
        LWIP_VARIABLES(DECLARE)
#undef DECLARE
};

/* One more instance, started; helped, it finds the functions of lwip_helped.c before its own, and so do all that come
 * after it: make the others first.  NULL, and why, if there is none. */
struct lwip_library *lwip_library_new(bool helped, const char **ret_why);

#endif
