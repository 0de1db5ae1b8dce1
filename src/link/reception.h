/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reception.h - what becomes of packets before TCP: which are for the stack's addresses, which are pieces of others, which a
 * host answers by itself.  What is not TCP does not come to the stack, but for ICMP that may be about a connection.
 */
#ifndef LASTACK_LINK_RECEPTION_H
#define LASTACK_LINK_RECEPTION_H

#include "lastack/link.h"
#include "link/fragments.h"
#include "link/icmp_answer.h"

#define RECEPTION_ADDRESSES 64

struct reception_address {
        enum la_family family;
        uint8_t address[16];
        unsigned int prefix;
};

struct reception {
        struct reception_address address[RECEPTION_ADDRESSES];
        unsigned int count; /* 0: every address is ours */
        struct fragments *fragments;
        struct icmp_answer *answer;
        uint64_t not_ours;
};

enum reception_fate {
        RECEPTION_STACK, /* it is for the stack, as it came */
        RECEPTION_WHOLE, /* the stack's is what it and others before were pieces of */
        RECEPTION_DONE,  /* nothing more; there may be an answer */
};

/* For a link whose packets have at most so many bytes; 0 or a negative errno. */
int reception_open(struct reception *r, uint32_t mtu);
void reception_close(struct reception *r);

/* 0, -ENOSPC when there are too many, -EINVAL for a prefix that is too long. */
int reception_address(struct reception *r, enum la_family family, const uint8_t *address, unsigned int prefix);

/* Fills ret_whole for RECEPTION_WHOLE; its bytes are good until the next call.  What is too short to tell is the stack's:
 * it has a verdict for that. */
enum reception_fate
reception_judge(struct reception *r, tcp_time now, const struct la_packet *packet, struct la_packet *ret_whole);

/* When reception_advance() has something to do; it is to be called until it returns false, and after each time there may be
 * an answer. */
tcp_time reception_deadline(const struct reception *r);
bool reception_advance(struct reception *r, tcp_time now);

/* At most n packets of the answer that is there; 0: no more of it.  As icmp_answer_next(). */
size_t reception_answers(struct reception *r, struct la_packet *packets, size_t n);

struct la_loop_counts reception_counts(const struct reception *r);

#endif
