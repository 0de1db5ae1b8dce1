/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * collect.h - the sockets that a command was asked about, from one or many network namespaces or from a running stack,
 * with their owners.
 *
 *         struct collect *c;
 *         if ((r = collect_open(&request, &c)) < 0)
 *                 return origin_complain(&request, r);
 *         while ((r = collect_next(c, &snapshot)) != DUMP_END)
 *                 if (r == DUMP_RESTARTED)
 *                         forget everything so far
 *                 else if (r == DUMP_SOCKET)
 *                         use it
 *                 else
 *                         give up, r is a negative errno
 *         report = collect_report(c);
 *         collect_close(c);
 */
#ifndef LASTACK_CLI_COLLECT_H
#define LASTACK_CLI_COLLECT_H

#include "filter/filter.h"
#include "linux/dump.h"
#include "linux/netns.h"

struct collect_request {
        const char *stack;           /* the name of a running stack to be asked; NULL: Linux */
        const char *netns;           /* "all", a name or a pid; NULL for our own */
        const struct filter *filter; /* NULL takes all; borrowed until collect_close() */
        uint32_t states;             /* asked for where the filter names none */
        uint32_t want;               /* bits of enum dump_want, beyond what the filter needs */
        bool owners;                 /* look for the processes that hold the sockets */
        bool proc_only;              /* do not ask netlink */
        bool netlink_only;           /* do not fall back to /proc */
        bool ipv4, ipv6;             /* only this family; neither set: both */
};

struct collect_report {
        const char *stack;       /* that was asked; NULL: Linux, and then: */
        struct dump_report dump; /* of all namespaces together */
        uint32_t owners_hidden;  /* processes that we may not look into */
        uint32_t netns_refused;  /* namespaces that we may not enter */
        uint32_t netns_hidden;   /* processes whose namespaces, asked for all, we may not know */
};

struct collect;

/* Returns 0 and *ret_collect, or a negative errno. */
int collect_open(const struct collect_request *request, struct collect **ret_collect);

/* As dump_next().  A snapshot's owners are lent until collect_close(). */
int collect_next(struct collect *c, struct la_snapshot *ret_snapshot);

/* True for a request that takes all sockets of its states: then collect_count() serves. */
bool collect_takes_all(const struct collect_request *request);

/* Counts the sockets of one of the namespaces by state, without going through each of them; for a request that takes
 * all, and instead of collect_next().  Returns 0 or a negative errno. */
int collect_count(struct collect *c, size_t netns, uint64_t ret_counts[LA_STATE_COUNT]);

/* Begins again, as if just opened: for another look later. */
int collect_again(struct collect *c);

/* The stack that is asked, for more than its connections, between two calls of the above but not amid a listing; NULL for
 * Linux. */
struct control_client *collect_stack(const struct collect *c);

/* Adds to a snapshot that came from the stack by another way what collect_next() would have: its owner. */
void collect_complete(const struct collect *c, struct la_snapshot *s);

/* The namespaces looked into, at least one; of a stack it means nothing. */
const struct netns_list *collect_namespaces(const struct collect *c);

struct collect_report collect_report(const struct collect *c);
void collect_close(struct collect *c);

#endif
