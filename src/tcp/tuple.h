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
#include "wire/likely.h"

/* Addresses as in struct la_endpoint, ports in host order.  No padding. */
struct tuple {
        uint8_t local[16], remote[16];
        uint16_t local_port, remote_port;
        uint16_t family; /* enum la_family */
};

_Static_assert(sizeof(struct tuple) == 38, "a tuple has no padding");

static inline uint64_t
address_differs(const uint8_t a[16], const uint8_t b[16])
{
        uint64_t x[2], y[2];

        memcpy(x, a, sizeof x);
        memcpy(y, b, sizeof y);
        return (x[0] ^ y[0]) | (x[1] ^ y[1]);
}

/* Field by field, each as wide as it was written: a wider load would have to wait until several stores are through. */
static inline bool
tuple_equal(const struct tuple *a, const struct tuple *b)
{
        return ((uint64_t)(a->local_port ^ b->local_port) | (uint64_t)(a->remote_port ^ b->remote_port) |
                (uint64_t)(a->family ^ b->family) | address_differs(a->remote, b->remote) |
                address_differs(a->local, b->local)) == 0;
}

/* As tuple_equal(): what was just put together is not loaded across its seams. */
static inline void
tuple_copy(struct tuple *to, const struct tuple *from)
{
        memcpy(to->local, from->local, sizeof to->local);
        memcpy(to->remote, from->remote, sizeof to->remote);
        to->local_port = from->local_port;
        to->remote_port = from->remote_port;
        to->family = from->family;
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

/* The tuple as words to be hashed; returns how many.  `with_local_port` false leaves out the local one
 * (RFC 6056's offset), both false both (timestamps' offset is the same for all connections between two hosts). */
static inline size_t
tuple_words(const struct tuple *t, bool with_local_port, bool with_remote_port, uint64_t words[5])
{
        uint64_t ports =
                (with_local_port ? (uint64_t)t->local_port << 16 : 0) | (with_remote_port ? t->remote_port : 0);

        if (LA_LIKELY(t->family == LA_IPV4)) {
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

/* The key of the table of connections: words nobody outside knows. */
struct tuple_key {
        uint64_t k[6];
};

/* The product of two 64-bit words, its halves added without carry: every bit of it hangs on every bit of both. */
static inline uint64_t
multiply_and_fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
        __extension__ typedef unsigned __int128 wide;
        wide product = (wide)a * b;

        return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
        uint64_t low = (a & 0xffffffff) * (b & 0xffffffff), high = (a >> 32) * (b >> 32);
        uint64_t left = (a >> 32) * (b & 0xffffffff), right = (a & 0xffffffff) * (b >> 32);
        uint64_t middle = (low >> 32) + (left & 0xffffffff) + right;

        return (middle << 32 | (low & 0xffffffff)) ^ (high + (left >> 32) + (middle >> 32));
#endif
}

/* Where the table of connections looks.  Nobody sees these values, and they need only lie apart whatever addresses and
 * ports a peer picks: products with secret words do that (as wyhash's do, which the maps of several languages' run-time
 * libraries rely on), for a tenth of what SipHash costs.  What goes on the wire has tuple_secret(). */
static inline uint32_t
tuple_hash(const struct tuple_key *key, const struct tuple *t)
{
        const uint64_t *k = key->k;
        uint64_t words[5], h;

        if (tuple_words(t, true, true, words) == 2) {
                h = multiply_and_fold(words[0] ^ k[0], words[1] ^ k[1]);
        } else {
                h = multiply_and_fold(words[0] ^ k[0], words[1] ^ k[1]);
                h ^= multiply_and_fold(words[2] ^ k[2], words[3] ^ k[3]);
                h = multiply_and_fold(h ^ k[4], words[4] ^ k[5]);
        }
        return (uint32_t)(multiply_and_fold(h ^ k[2], k[3] | 1) >> 32);
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
