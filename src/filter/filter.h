/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filter.h - which connections: ss's filter grammar, verbatim, over snapshots.
 *
 *         state time-wait dst 10.0.0.0/8 and ( dport = :443 or sport gt :1024 )
 *
 * and beyond ss: pid, comm, age, netns.  The grammar stands at the head of parse.c.
 */
#ifndef LASTACK_FILTER_FILTER_H
#define LASTACK_FILTER_FILTER_H

#include "lastack/snapshot.h"

/* What a snapshot must hold for the filter to judge it; the caller asks the source for it. */
enum filter_need {
        FILTER_NEEDS_OWNERS = 1 << 0, /* pid, comm */
        FILTER_NEEDS_TCP = 1 << 1,    /* age of states whose age only tcp_info tells */
        FILTER_NEEDS_MARK = 1 << 2,   /* fwmark */
        FILTER_NEEDS_CGROUP = 1 << 3, /* cgroup */
        FILTER_NEEDS_NETNS = 1 << 4,  /* netns */
};

/* Why a filter was refused, and where: `word` and `length` are the offending part of the caller's text. */
struct filter_error {
        size_t word, length;
        char message[160]; /* one sentence, and the way out */
};

struct filter;

/* Reads a filter; an empty one takes all.  Names of hosts and services are looked up with getaddrinfo().  Returns 0
 * and *ret_filter, to be given to filter_free(); -EINVAL with *ret_error filled; or -ENOMEM. */
int filter_parse(const char *text, struct filter **ret_filter, struct filter_error *ret_error);

/* The states that a snapshot must be in to be taken: bit 1 << enum la_state.  Where the filter names none it is the
 * caller's to choose (ss: connected), and `ret_named` is false. */
uint32_t filter_states(const struct filter *f, bool *ret_named);

/* Bits of enum filter_need. */
uint32_t filter_needs(const struct filter *f);

bool filter_takes(const struct filter *f, const struct la_snapshot *s);

void filter_free(struct filter *f);

#endif
