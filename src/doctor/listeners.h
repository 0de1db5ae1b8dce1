/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listeners.h - who listens where, and how far behind it is.
 *
 * Sockets that listen on the same address and port (SO_REUSEPORT) are one listener with several accept queues.
 */
#ifndef LASTACK_DOCTOR_LISTENERS_H
#define LASTACK_DOCTOR_LISTENERS_H

#include "lastack/snapshot.h"

struct listener {
        enum la_family family;
        struct la_endpoint local;
        bool v6only;
        uint32_t interface;
        uint32_t sockets;      /* SO_REUSEPORT makes them several */
        uint32_t full;         /* of these, those whose accept queue is full */
        uint32_t behind;       /* and those in whose accept queue somebody waits */
        uint32_t queue;        /* connections that wait for accept(), in the fullest queue */
        uint32_t limit;        /* that queue's limit, which listen() may have set to 0 */
        bool limit_known;      /* the source tells */
        uint64_t drops;        /* connections refused for lack of room since it listens, all sockets together */
        bool drops_known;      /* the source tells */
        uint32_t half_open;    /* handshakes under way: SYN_RECEIVED on its port */
        uint32_t repeated;     /* of these, those whose SYN,ACK was repeated, since nobody answered it */
        uint32_t sources;      /* distinct addresses that they come from */
        uint32_t connections;  /* ESTABLISHED on its port, those that wait for accept() too */
        uint32_t unaccepted;   /* ESTABLISHED or CLOSE_WAIT that wait for accept() */
        uint32_t given_up;     /* of these, such as their client has closed already */
        uint32_t oldest_ms;    /* the oldest of these has not been touched for this long; 0 where not known */
        struct la_owner owner; /* a process that holds the fullest; pid 0 where none is visible */
        uint32_t next;         /* the next listener on the same port, as an index plus one; 0 ends the chain */
};

struct listeners {
        struct listener *listener;
        size_t count, capacity;
        uint32_t on_port[UINT16_MAX + 1]; /* the chain of a port's listeners, as an index plus one */
};

/* Takes a socket in LISTEN; false if there is no memory for it. */
bool listeners_add(struct listeners *l, const struct la_snapshot *s);

/* The listener that a connection with this local end belongs to, NULL if there is none.  One that listens on the very
 * address goes before one that listens on all (as the kernel's compute_score() prefers it); IPv4 connections, mapped
 * or not, also belong to an IPv6 listener that serves both. */
struct listener *listeners_find(struct listeners *l, enum la_family family, const struct la_endpoint *local);

/* The accept queue is full: the kernel drops what comes until accept() is called (sk_acceptq_is_full(), which lets a
 * queue grow one beyond its limit).  False where the limit is not known. */
bool listener_is_full(const struct listener *x);

/* It is full, or has been. */
bool listener_is_in_trouble(const struct listener *x);

/* The listeners with the most trouble first: a full queue, then drops, then handshakes under way, then connections that
 * wait.  Returns an array of l->count of them, to be freed; NULL if there are none or no memory for it. */
const struct listener **listeners_by_trouble(const struct listeners *l);

void listeners_clear(struct listeners *l);
void listeners_fini(struct listeners *l);

#endif
