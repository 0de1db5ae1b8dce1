/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * icmp_answer.h - what a host says to packets that are not TCP: echo replies, and errors to who asked for what is not here
 * (RFC 1122 3.2.2, RFC 4443).
 *
 *         icmp_answer_packet(a, now, bytes, n, checksum_good);
 *         while ((n = icmp_answer_next(a, packets, MAX)) > 0)
 *                 send them
 *
 *   - Echo requests get their data back, whole (RFC 1122 3.2.2.6): a reply longer than the MTU leaves in fragments, and the
 *     smaller ones over IPv4 may be cut by routers, so that a path that narrows does not swallow them.
 *   - UDP gets port unreachable, since nothing here speaks it; other protocols get protocol unreachable, or IPv6's
 *     Parameter Problem of code 1; so do IPv6 packets whose extension headers ask for it.  An empty IPv6 packet, "no next
 *     header", asks for nothing.
 *   - Never anything about an ICMP error, a fragment other than the first, a packet for or from a group, or one that is
 *     damaged.  What was sent to all as a frame never comes here (link/ethernet.h), nor what is for other hosts.
 *   - No Packet Too Big: that is for who passes packets on and finds the next link too narrow (RFC 1191 4, RFC 4443 3.2).
 *     A host is where packets end; what it receives has already passed its link, and what it cannot put together has its
 *     own errors.
 *
 * Errors are limited by a token bucket (RFC 4443 2.4 (f)), so that nobody makes this host flood a third one whose address he
 * writes into his packets; echo replies by one of their own, in bytes, since they are as long as what was asked.
 */
#ifndef LASTACK_LINK_ICMP_ANSWER_H
#define LASTACK_LINK_ICMP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lastack/tcp.h"
#include "wire/ipv6.h"

struct icmp_answer;

struct icmp_answer_config {
        uint32_t mtu_bytes;             /* of the link */
        uint32_t errors_per_second;     /* [1000, Linux's icmp_msgs_per_sec] */
        uint32_t errors_at_once;        /* [50, Linux's icmp_msgs_burst] */
        uint32_t echo_bytes_per_second; /* [100,000,000]; a quarter of it at once, and a reply of the longest always */
        uint8_t seed[16]; /* for the identifications of fragments, which are not to be foretold (RFC 7739) */
};

struct icmp_answer_counts {
        uint64_t echo_replies;
        uint64_t unreachables; /* port, protocol, and what takes the latter's place in IPv6 */
        uint64_t problems;     /* other Parameter Problems */
        uint64_t times_exceeded;
        uint64_t limited; /* answers that there were no tokens for */
};

/* 0, -ENOMEM. */
int icmp_answer_new(const struct icmp_answer_config *config, struct icmp_answer **ret_answer);
void icmp_answer_free(struct icmp_answer *a);

/* Makes the answer, if any, to a whole packet that is for this host and is not TCP.  `checksum_good`: the link says that
 * its transport checksum is right, or will be.  An answer that was not fetched is lost. */
void icmp_answer_packet(struct icmp_answer *a, tcp_time now, const uint8_t *packet, size_t n, bool checksum_good);

/* The same about a fragment that makes no sense, and about the first of those that did not come in time: the news of
 * link/fragments.h. */
void icmp_answer_problem(struct icmp_answer *a, tcp_time now, const uint8_t *fragment, size_t n,
                         const struct ipv6_problem *problem);
void icmp_answer_late(struct icmp_answer *a, tcp_time now, const uint8_t *first, size_t n);

/* Fills at most `n` packets of the answer; 0: there is no more of it.  They are good until the next call of any but
 * this one. */
size_t icmp_answer_next(struct icmp_answer *a, struct la_packet *packets, size_t n);

struct icmp_answer_counts icmp_answer_counts(const struct icmp_answer *a);

#endif
