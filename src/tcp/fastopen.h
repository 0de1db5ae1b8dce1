/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fastopen.h - TCP Fast Open (RFC 7413): text in the SYN, for users who can bear that it arrives twice.
 *
 *      the first time    <SYN, cookie please>     ->
 *                                                 <-  <SYN,ACK, cookie>          the client keeps it
 *      from then on      <SYN, cookie, text>      ->                             the user reads the text at once
 *                                                 <-  <SYN,ACK of SYN and text>  of the SYN alone: the text goes again
 *
 * The cookie proves that its bearer has once received at the address it writes from, which a forger of addresses has
 * not.  It is SipHash of both addresses, as Linux makes it, under a key that changes every day: a cookie is good on the
 * day it was made and the day after.
 *
 * Here stands what concerns one connection, and the client's memory of servers.  Whom a listener lets in, and how many
 * at a time, is stack/fastopen.c's.
 */
#ifndef LASTACK_TCP_FASTOPEN_H
#define LASTACK_TCP_FASTOPEN_H

#include <string.h>

#include "tcp/arrives.h"
#include "tcp/output.h"

/* The bits of tcp_fastopen, as Linux has them. */
enum {
        FASTOPEN_CLIENT = 0x1,
        FASTOPEN_SERVER = 0x2,
        FASTOPEN_CLIENT_NO_COOKIE = 0x4,
        FASTOPEN_SERVER_NO_COOKIE = 0x200,
        FASTOPEN_ALL_LISTENERS = 0x400,
};

/* ---- Cookies (4.1.2) ---- */

#define FASTOPEN_COOKIE_BYTES 8

enum fastopen_cookie {
        FASTOPEN_COOKIE_WRONG,
        FASTOPEN_COOKIE_OF_YESTERDAY, /* good, but the client should have a new one */
        FASTOPEN_COOKIE_GOOD,
};

/* GetCookie(IP_Address) for the remote end of a tuple, under one key. */
void fastopen_cookie_make(const struct siphash_key *key, const struct tuple *tuple,
                          uint8_t ret_cookie[FASTOPEN_COOKIE_BYTES]);

/* Puts the one of today into the options of a SYN,ACK. */
void fastopen_cookie_give(const struct tcp_host *h, const struct tuple *tuple, struct tcp_options *o);

/* IsCookieValid(IP_Address, Cookie). */
enum fastopen_cookie
fastopen_cookie_check(const struct tcp_host *h, const struct tuple *tuple, const struct tcp_options *o);

/* A cookie, or the wish for one, from one segment's options to another's. */
static inline void
fastopen_cookie_copy(const struct tcp_options *from, struct tcp_options *to)
{
        to->has_fastopen = true;
        to->cookie_bytes = from->cookie_bytes;
        memcpy(to->cookie, from->cookie, sizeof to->cookie);
}

/* ---- The server's connection ---- */

/* "Any other incoming control or data (combined with SYN) will be processed in the SYN-RECEIVED state" (RFC 9293
 * 3.10.7.2), and here the user gets it before the handshake is complete. */
enum la_verdict fastopen_take_text(struct tcp_host *h, struct tcb *t, struct arrival *a);

/* A client whose SYN with text found no answer sends one without (4.2.2): is this it, or the first once more? */
bool fastopen_is_syn_again(const struct tcb *t, const struct segment *s);
enum la_verdict fastopen_on_syn_again(const struct tcp_host *h, struct tcb *t, const struct segment *s);

/* ---- The client's connection ---- */

/* A SYN is about to leave: what the user wants, the rules allow and the server is known to take goes with it. */
void fastopen_on_syn(struct tcp_host *h, struct tcb *t, struct outgoing *o);

/* It was answered; snd.una says how much of it. */
void fastopen_on_syn_ack(struct tcp_host *h, struct tcb *t, const struct segment *s);

/* It was not answered in time, or by an ICMP error: this way is not to be tried for a while (4.1.3.1). */
void fastopen_on_failure(struct tcp_host *h, const struct tcb *t);

/* ---- The client's memory of servers (4.1.3) ---- */

/* What is known of one pair of addresses. */
struct fastopen_server {
        uint8_t local[16], remote[16];
        uint8_t cookie[TCP_COOKIE_MAX];
        uint16_t family; /* 0: this place is free */
        uint16_t mss;    /* as it announced last */
        uint16_t port;   /* where it failed last, not to be tried for a while; 0: nowhere */
        uint8_t cookie_bytes;
        uint8_t failures; /* in a row */
        uint32_t used_ms, failed_ms;
};

/* A server may lie in one of so many places next to each other; the one not used for longest makes way. */
#define FASTOPEN_WAYS 4

static inline uint32_t
fastopen_sets(uint32_t hosts)
{
        return (hosts + FASTOPEN_WAYS - 1) / FASTOPEN_WAYS;
}

#endif
