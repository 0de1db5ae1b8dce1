/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * population.h - a known population of TCP sockets, in every state that can be held still.
 *
 *         int puppet = population_enter_namespace();     a network namespace of our own, with a puppet in it
 *         struct population *p = population_new(puppet);
 *         population_make(p);                            a second later every socket is where it should be ...
 *         population_settle(p);                          ... says the kernel
 *
 * Each (state, kind) has a number of sockets of its own, so that a mix-up shows as a wrong number.  Nothing here uses
 * lastack: what is expected is what was done, and the kernel's /proc/net/tcp is the witness.
 *
 * Like the puppet's, these calls end the program, saying why, when the world does not behave.
 */
#ifndef LASTACK_TESTS_POPULATION_H
#define LASTACK_TESTS_POPULATION_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "puppet.h"

/* The TUN device that the puppet lives behind. */
#define POPULATION_DEVICE "puppet0"

enum {
        POPULATION_SKIP = 77,    /* exit status: this system does not let us, as said on standard error */
        POPULATION_SIZE = 1024,  /* sockets at most */
        POPULATION_UNKNOWN = -1, /* a figure that is the kernel's own affair */
};

enum population_kind {
        POPULATION_IPV4,
        POPULATION_IPV6,
        POPULATION_MAPPED, /* an IPv6 socket that speaks IPv4, or a listener that takes both */
        POPULATION_KINDS
};

/* Which of our two processes hold the socket's descriptor. */
enum population_keeper {
        POPULATION_ELDER = 1 << 0,
        POPULATION_YOUNGER = 1 << 1, /* the process that forgets to close */
        POPULATION_BOTH = POPULATION_ELDER | POPULATION_YOUNGER,
};

/* One end of a connection.  An IPv4 address is kept mapped into IPv6, also for a plain IPv4 socket. */
struct population_end {
        struct in6_addr address;
        uint16_t port; /* host order */
};

struct population_socket {
        const char *state; /* RFC 9293's name */
        const char *story; /* how it came there */
        enum population_kind kind;
        enum population_keeper keeper;
        int fd; /* -1: nobody holds it (half-open, not accepted, closed by its application) */
        struct population_end local, remote;
        char device[IF_NAMESIZE];      /* the one it is bound to, or "" */
        int receive_queue, send_queue; /* as ss shows them; POPULATION_UNKNOWN if that is the kernel's affair */
        int drops;                     /* connections that a listener had to refuse */
        bool talks;                    /* has the puppet for a peer */
        struct puppet_talk talk;
};

struct population {
        int puppet;
        unsigned int peer; /* the last byte of the address of the puppet that the next sockets speak with */
        uint16_t next_kernel_port, next_puppet_port;
        size_t doors[POPULATION_KINDS]; /* the listeners that passive connections come in by */
        size_t count;
        struct population_socket sockets[POPULATION_SIZE];
};

/* Moves this process into a network namespace of its own (and a user namespace, if it is not root), with loopback up,
 * and 198.51.100.1/24 and 2001:db8::1/64 on a TUN device; every other address there is the puppet.  Returns the
 * puppet.  Exits with POPULATION_SKIP if the system does not let us. */
int population_enter_namespace(void);

/* An empty population, in memory that later children share with us. */
struct population *population_new(int puppet);

/* Makes the sockets. */
void population_make(struct population *p);

/* Waits until the kernel lists exactly these sockets in exactly these states. */
void population_settle(const struct population *p);

/* Ends all the puppet's conversations with a reset, so that the kernel keeps nothing of them. */
void population_reset(struct population *p);

/* Writes what there is as one JSON document; `elder` and `younger` are the processes that hold the descriptors. */
void population_write(const struct population *p, FILE *out, pid_t elder, pid_t younger);

/* A new row, with an address each and no descriptor yet. */
struct population_socket *
population_add(struct population *p, const char *state, const char *story, enum population_kind kind);

#endif
