/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tuple.h - what names a connection: both ends' addresses and ports.
 */
#ifndef LASTACK_TCP_TUPLE_H
#define LASTACK_TCP_TUPLE_H

#include <stdbool.h>
#include <string.h>

#include "lastack/endpoint.h"
#include "tcp/siphash.h"

/* Addresses as in struct la_endpoint, ports in host order.  No padding: tuples may be compared as bytes. */
struct tuple {
        uint8_t local[16], remote[16];
        uint16_t local_port, remote_port;
        uint16_t family; /* enum la_family */
};

_Static_assert(sizeof(struct tuple) == 38, "a tuple has no padding");

static inline bool
tuple_equal(const struct tuple *a, const struct tuple *b)
{
        return memcmp(a, b, sizeof *a) == 0;
}

static inline struct tuple
tuple_of(enum la_family family, const struct la_endpoint *local, const struct la_endpoint *remote)
{
        struct tuple t = { .local_port = local->port, .remote_port = remote->port, .family = (uint16_t)family };

        memcpy(t.local, local->address, sizeof t.local);
        memcpy(t.remote, remote->address, sizeof t.remote);
        return t;
}

static inline struct la_endpoint
tuple_local(const struct tuple *t)
{
        struct la_endpoint end = { .port = t->local_port };

        memcpy(end.address, t->local, sizeof end.address);
        return end;
}

static inline struct la_endpoint
tuple_remote(const struct tuple *t)
{
        struct la_endpoint end = { .port = t->remote_port };

        memcpy(end.address, t->remote, sizeof end.address);
        return end;
}

static inline uint64_t
tuple_load8(const uint8_t *bytes)
{
        uint64_t v = 0;

        for (int i = 0; i < 8; i++)
                v |= (uint64_t)bytes[i] << (8 * i);
        return v;
}

/* The tuple as words to be hashed; returns how many.  `with_ports` false leaves out both ports (timestamps' offset is
 * the same for all connections between two hosts), `with_local_port` false the local one (RFC 6056's offset). */
static inline size_t
tuple_words(const struct tuple *t, bool with_local_port, bool with_remote_port, uint64_t words[5])
{
        uint64_t ports =
                (with_local_port ? (uint64_t)t->local_port << 16 : 0) | (with_remote_port ? t->remote_port : 0);

        if (t->family == LA_IPV4) {
                words[0] = (tuple_load8(t->local) & 0xffffffff) | tuple_load8(t->remote) << 32;
                words[1] = ports;
                return 2;
        }
        words[0] = tuple_load8(t->local);
        words[1] = tuple_load8(t->local + 8);
        words[2] = tuple_load8(t->remote);
        words[3] = tuple_load8(t->remote + 8);
        words[4] = ports;
        return 5;
}

/* Where the table of connections looks. */
static inline uint32_t
tuple_hash(const struct siphash_key *key, const struct tuple *t)
{
        uint64_t words[5];
        size_t n = tuple_words(t, true, true, words);

        return (uint32_t)siphash_words(key, words, n, 1, 3);
}

/* A value nobody outside can foretell; equal for equal words. */
static inline uint64_t
tuple_secret(const struct siphash_key *key, const struct tuple *t, bool with_local_port, bool with_remote_port)
{
        uint64_t words[5];
        size_t n = tuple_words(t, with_local_port, with_remote_port, words);

        return siphash_words(key, words, n, 2, 4);
}

#endif
