/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fragments.h - IP packets put together from their pieces (RFC 791 3.2, RFC 1122 3.3.2, RFC 8200 4.5), within bounds.
 *
 *         switch (fragments_add(f, now, bytes, n, &news)) {
 *         case FRAGMENTS_NOT_ONE: the packet as it came is whole (or none): treat it so
 *         case FRAGMENTS_WHOLE:   news.packet is whole: treat it so
 *         case FRAGMENTS_WAITING:
 *         case FRAGMENTS_DROPPED: nothing; tell its sender of news.problem where news.has_problem
 *         }
 *         while (fragments_advance(f, now, &late))
 *                 tell the sender of late.packet, the first piece, that the others did not come in time
 *
 * Pieces that overlap say two things about the same bytes, which nobody does by accident: their whole datagram is
 * dropped, and what comes of it later, too (RFC 5722, RFC 8200 4.5; for IPv4, where RFC 791 let the later one count, as
 * Linux does).  The same piece a second time is a duplicate, and ignored.
 *
 * Bounds.  So many datagrams, so many bytes (what the pieces take, not what they carry), and so many pieces of one
 * datagram.  When there is no room left, the oldest datagram goes of whoever holds most: a host, or for IPv6 a network of
 * 64 bits, since that many addresses are anybody's.  So a flood pushes out itself, and whoever sends a datagram now and
 * then is in nobody's way, unless as many hosts flood as there are datagrams.
 */
#ifndef LASTACK_LINK_FRAGMENTS_H
#define LASTACK_LINK_FRAGMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lastack/terms.h"
#include "wire/ipv6.h"

#define FRAGMENTS_TIMEOUT4_US   ((tcp_time)30 * 1000000) /* RFC 1122 3.3.2 wants 60 to 120 s; this is Linux's */
#define FRAGMENTS_TIMEOUT6_US   ((tcp_time)60 * 1000000) /* RFC 8200 4.5 */
#define FRAGMENTS_PIECES        512                      /* of one datagram: 64 KiB in pieces of 128 bytes */
#define FRAGMENTS_DATAGRAMS_MAX 1024
#define FRAGMENTS_BYTES_MIN     (256u << 10) /* the largest datagram there is, in its smallest pieces */

struct fragments;

enum fragments_result {
        FRAGMENTS_NOT_ONE,
        FRAGMENTS_WAITING,
        FRAGMENTS_WHOLE,
        FRAGMENTS_DROPPED,
};

/* `packet` is the component's, until the next call of fragments_add() or fragments_advance(). */
struct fragments_news {
        const uint8_t *packet; /* FRAGMENTS_WHOLE, and fragments_advance() */
        size_t packet_bytes;
        bool has_problem; /* FRAGMENTS_DROPPED */
        struct ipv6_problem problem;
};

struct fragments_counts {
        uint64_t arrived;                    /* sound or not */
        uint64_t whole;                      /* datagrams */
        uint64_t dropped;                    /* pieces that came to nothing, duplicates apart */
        uint64_t bad;                        /* pieces that make no sense */
        uint64_t overlapping, contradicting; /* datagrams: two ends, too many pieces, or ECN that cannot be */
        uint64_t late;                       /* datagrams whose time ran out */
        uint64_t pushed_out;                 /* datagrams that others needed the room of */
};

/* Room for `datagrams` (1 to FRAGMENTS_DATAGRAMS_MAX, and better few, since they are walked through) and `bytes`
 * (FRAGMENTS_BYTES_MIN or more).  0, -EINVAL, -ENOMEM. */
int fragments_new(uint32_t datagrams, size_t bytes, struct fragments **ret_fragments);
void fragments_free(struct fragments *f);

/* ret_news is filled for FRAGMENTS_WHOLE and FRAGMENTS_DROPPED. */
enum fragments_result
fragments_add(struct fragments *f, tcp_time now, const uint8_t *packet, size_t n, struct fragments_news *ret_news);

/* When fragments_advance() has something to do; LA_NEVER. */
tcp_time fragments_deadline(const struct fragments *f);

/* Drops a datagram whose time ran out, and returns true if its first piece was there and its sender is to be told; to be
 * called until it returns false. */
bool fragments_advance(struct fragments *f, tcp_time now, struct fragments_news *ret_late);

struct fragments_counts fragments_counts(const struct fragments *f);

/* What is held: for tests, and for whoever shows it. */
size_t fragments_bytes(const struct fragments *f);
uint32_t fragments_datagrams(const struct fragments *f);

#endif
