/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * link.h - links that carry a stack's packets, and the loop that drives both: the first floor that knows the OS.
 *
 * A link is one queue of a device: TUN (packets), TAP (Ethernet frames) or AF_XDP (frames of a real interface).  Whatever
 * it is, IP packets go in and out as struct la_packet (lastack/tcp.h); what Ethernet needs beside them is its own matter.
 *
 * A whole server, without its error handling:
 *
 *         struct la_tun_config tun = { .name = "la0", .mtu = 1500, .queues = 1 };
 *         struct la_link *link;
 *         struct la_loop *loop;
 *
 *         la_tun_open(&tun, &link);
 *         la_link_configure(&stack_config, link);             // MTU, offloads
 *         stack = la_stack_init(block, bytes, &stack_config, la_clock());
 *         la_loop_new(stack, link, &loop);
 *         la_loop_address(loop, LA_IPV4, ours, 24);           // what the stack answers to
 *         la_listen(stack, la_clock(), LA_IPV4, &anywhere_port_7, 128, (uintptr_t)&echo.handler, &listener);
 *         while (la_loop_step(loop, LA_NEVER) >= 0)
 *                 ;                                           // events come to echo.handler.happened()
 *
 * Who has a loop already (libuv, epoll) needs none of la_loop: la_link_fd(), la_link_receive(), la_input(),
 * la_deadline(), la_advance(), la_next_event(), la_output(), la_link_send() are all there is to it, and for Ethernet
 * la_link_address(), la_link_deadline() and la_link_advance().
 *
 * Calls that can fail return a negative errno.  Nothing prints.  A link and its loop are one thread's.
 */
#ifndef LASTACK_LINK_H
#define LASTACK_LINK_H

#include "lastack/tcp.h"

/* ---- Links ------------------------------------------------------------------------------------------------------ */

struct la_link;

#define LA_LINK_NAME_SIZE 16 /* Linux's IFNAMSIZ */

/* What a link can do. */
struct la_link_facts {
        char name[LA_LINK_NAME_SIZE]; /* of the interface */
        uint32_t mtu;                 /* largest IP packet in bytes */
        uint32_t gso_bytes;           /* most payload in a packet that the link cuts into segments; 0: it cannot */
        bool checksum_offload;        /* it completes TCP checksums */
        bool ethernet;                /* it carries frames: TAP, AF_XDP */
};

struct la_link_facts la_link_facts(const struct la_link *link);

/* Sets what a stack must know of its link: mtu, gso_bytes, checksum_offload; and loans, since a link's packets stay where
 * they are for a while. */
void la_link_configure(struct la_config *config, const struct la_link *link);

/* What to poll: readable when there may be packets, writable when la_link_send() may take more. */
int la_link_fd(const struct la_link *link);

/* Takes at most `n` packets that have arrived, without waiting; 0 when there are none.  Their bytes are the link's and
 * stay until the next call of la_link_receive().  A link may take fewer than are there: only 0 means none. */
int la_link_receive(struct la_link *link, struct la_packet *packets, size_t n);

/* Sends packets as la_output() fills them; their bytes are not needed after the call.  Returns how many were taken, the
 * first ones; fewer when the device's queue is full: the rest is the caller's to send again or to drop.  What was
 * taken may still be lost, as on any link. */
int la_link_send(struct la_link *link, const struct la_packet *packets, size_t n);

/* What Ethernet needs; links without it (TUN) answer to all of these that there is nothing to do.
 *
 * An address of the stack, in a network of which `prefix` bits are the same: hosts of it are asked for directly, others are
 * reached over the gateway.  The address is announced, and answered for from now on.  la_loop_address() calls this.  Up to
 * 64, link-local ones included; -ENOSPC beyond. */
int la_link_address(struct la_link *link, enum la_family family, const uint8_t *address, unsigned int prefix);

/* The address of fe80::/64 that the first IPv6 address brings along; false: there is none. */
bool la_link_local_address(const struct la_link *link, uint8_t ret_address[16]);

/* When la_link_advance() has something to do (to ask a neighbour again, to announce an address); LA_NEVER. */
tcp_time la_link_deadline(const struct la_link *link);
void la_link_advance(struct la_link *link, tcp_time now);

void la_link_close(struct la_link *link);

/* What passed, and what did not. */
struct la_link_counts {
        uint64_t packets_in, bytes_in, packets_out, bytes_out;
        uint64_t refused_in;  /* frames that carry neither IP nor ARP, or are malformed */
        uint64_t dropped_out; /* packets the device refused, or whose next hop was not found */
};

struct la_link_counts la_link_counts(const struct la_link *link);

/* ---- TUN and TAP: linux/if_tun.h ---------------------------------------------------------------------------------- */

struct la_tun_config {
        const char *name;    /* of the interface to make or, if it is there and allowed, to take; NULL: "la%d" */
        uint32_t mtu;        /* 576 (with IPv6 1280) to 65535; 0: the interface's own */
        uint32_t queues;     /* 1 to 256; the kernel keeps both directions of a flow on one queue; 0: 1 */
        bool plain;          /* without offloads: packets of at most `mtu`, all checksums made here */
        bool tap;            /* Ethernet frames: then mac, gateway4, gateway6 */
        uint8_t mac[6];      /* of the stack's end; zeros: made of the kernel's end's, locally administered */
        uint8_t gateway4[4]; /* where packets to other networks go; zeros: they are dropped */
        uint8_t gateway6[16];
};

/* Makes the interface, sets its MTU, brings it up, and opens `queues` queues of it into ret_links.  The interface is
 * gone when the last of them is closed.  -EPERM without CAP_NET_ADMIN, -ENOENT without /dev/net/tun, -EBUSY when somebody
 * else has the interface, -EINVAL for a value out of range. */
int la_tun_open(const struct la_tun_config *config, struct la_link **ret_links);

/* Makes a link of a TUN or TAP descriptor that somebody else has opened, perhaps in another network namespace: a parent,
 * a container's runtime, a phone's VPN service.  config->mtu must be the interface's; name, plain and tap are read from
 * the device.  The descriptor is the link's from now on, unless this fails. */
int la_tun_adopt(const struct la_tun_config *config, int fd, struct la_link **ret_link);

/* Gives the kernel's end of an interface an address, of which `prefix` bits name the network: the kernel routes that
 * network to the interface.  For IPv6 without duplicate address detection, since the stack's end would have to take part. */
int la_interface_address(const char *name, enum la_family family, const uint8_t *address, unsigned int prefix);

/* ---- AF_XDP: frames of a real interface -------------------------------------------------------------------------- */

/* Where frames leave the kernel's way: in the driver, or above it, which every interface can and costs a copy more. */
enum la_xdp_mode {
        LA_XDP_AUTO,   /* in the driver if it can; else above it */
        LA_XDP_NATIVE, /* in the driver, without copies where it can do that, too */
        LA_XDP_COPY,   /* above it */
};

#define LA_XDP_MTU_MAX 3498 /* a frame must fit in one piece of memory, less what drivers keep of it */

struct la_xdp_config {
        const char *interface; /* which is there, and up */
        uint32_t queue;        /* of the interface, from 0; what comes on others is the kernel's.  So one that has
                                * several: ethtool -L INTERFACE combined 1, or rules that send the stack's flows to this one */
        enum la_xdp_mode mode;
        uint8_t mac[6];      /* zeros: the interface's own; another one makes the interface promiscuous */
        uint8_t gateway4[4]; /* where packets to other networks go; zeros: they are dropped */
        uint8_t gateway6[16];
        uint32_t ring;        /* frames each way, a power of two from 64 to 32768, 4 KiB of locked memory each [2048] */
        bool trust_checksums; /* arriving checksums are not looked at: for veth, whose other end leaves them to a device
                               * that is not there (or let it make them: ethtool -K PEER tx off) */
};

/* Takes from an interface what is sent to the stack's addresses (la_link_address()), which must not be the kernel's; all
 * else goes to the kernel as before, and after la_link_close(), or when the process ends, all does.  No offloads: checksums
 * are made and verified here, and no packet is longer than the interface's MTU, which may be up to LA_XDP_MTU_MAX.
 *
 * -ENODEV for no such interface, -EMSGSIZE for one with a larger MTU, -EBUSY when another program has the interface or the
 * queue, -EOPNOTSUPP when the driver cannot do LA_XDP_NATIVE, -EPERM without CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF, -ENOBUFS
 * for too little locked memory (ulimit -l), -ENOSYS where this was not built in, -EAFNOSUPPORT on a kernel without it. */
int la_xdp_open(const struct la_xdp_config *config, struct la_link **ret_link);

/* LA_XDP_NATIVE or LA_XDP_COPY, as it came to be; LA_XDP_AUTO for another kind of link. */
enum la_xdp_mode la_xdp_mode(const struct la_link *link);

/* ---- The loop ------------------------------------------------------------------------------------------------------ */

/* CLOCK_MONOTONIC in microseconds: the time of every stack that a loop drives. */
tcp_time la_clock(void);

struct la_loop;

/* What the `user` number of a handle points to, where a loop drives the stack: (uintptr_t)&handler.  happened() is told
 * of each event of la_next_event().  It may do anything, to close this handle and free the handler included. */
struct la_handler {
        void (*happened)(struct la_handler *handler, struct la_loop *loop, const struct la_event_report *event);
};

/* A descriptor to watch beside the link: put it into a struct of your own.  `ready` gets epoll(7)'s events.  It may do
 * anything, to end this watch and free its memory included. */
struct la_watch {
        void (*ready)(struct la_watch *watch, struct la_loop *loop, uint32_t events);
        int fd;
        uint32_t events; /* as la_loop_watch() last set them; 0: not watched */
};

/* Who wants to see all that happens: captures, event streams.  The calls come in the order in which things happened; a
 * trace entry that a packet caused comes after that packet, with its ordinal in `arrival`. */
struct la_observer {
        void (*packet)(struct la_observer *observer, tcp_time now, const struct la_packet *packet, bool out);
        void (*trace)(struct la_observer *observer, const struct la_trace *trace); /* needs la_config.trace */
        struct la_observer *next;                                                  /* the loop's */
};

/* Drives `stack` over `link`, both borrowed until la_loop_free(). */
int la_loop_new(struct la_stack *stack, struct la_link *link, struct la_loop **ret_loop);
void la_loop_free(struct la_loop *loop);

struct la_stack *la_loop_stack(const struct la_loop *loop);
struct la_link *la_loop_link(const struct la_loop *loop);

/* The time of this step, for calls on the stack. */
tcp_time la_loop_now(const struct la_loop *loop);

/* An address that the stack answers to: packets to others are counted and dropped, and so are those to a network's
 * broadcast address.  A loop without any answers to all.  Up to 64. */
int la_loop_address(struct la_loop *loop, enum la_family family, const uint8_t *address, unsigned int prefix);

/* Watches for epoll(7)'s EPOLLIN, EPOLLOUT, ...; 0 ends it, which is to be done before the descriptor is closed. */
int la_loop_watch(struct la_loop *loop, struct la_watch *watch, uint32_t events);

void la_loop_observe(struct la_loop *loop, struct la_observer *observer);
void la_loop_unobserve(struct la_loop *loop, struct la_observer *observer);

/* One round: waits until a packet, a watched descriptor, a timer of the stack, or `until`; then serves all that is there
 * and sends what there is to say.  Returns 0, -EINTR when a signal came, or another negative errno when the link failed. */
int la_loop_step(struct la_loop *loop, tcp_time until);

/* How long to look for packets again and again before sleeping, in microseconds, 0 to 1000 [0]: where each answer makes
 * the next packet come, waking up costs more than the work. */
void la_loop_busy_poll(struct la_loop *loop, uint32_t us);

/* What the loop itself did with packets that never reached TCP. */
struct la_loop_counts {
        uint64_t echo_replies, unreachables;                /* ICMP that was answered */
        uint64_t not_ours;                                  /* addressed to somebody else */
        uint64_t fragments, reassembled, fragments_dropped; /* RFC 791 3.2, RFC 8200 4.5 */
        uint64_t link_full;                                 /* times the device's queue was full */
};

struct la_loop_counts la_loop_counts(const struct la_loop *loop);

/* ---- Captures: draft-ietf-opsawg-pcapng ------------------------------------------------------------------------------ */

struct la_capture;

/* Writes what passes into a file for Wireshark, each packet with the transitions and verdicts it caused as comments.
 * The file's descriptor is the capture's from now on.  Packets the link cuts are written before they are cut. */
int la_capture_open(int fd, const char *interface, const char *application, struct la_loop *loop,
                    struct la_capture **ret_capture);

/* Writes what is held back; 0, or the negative errno of the first write that failed: what followed it was not written. */
int la_capture_close(struct la_capture *capture);

#endif
