/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * collect.h - the sockets that a command was asked about, from one or many network namespaces, with their owners.
 *
 *         struct collect *c;
 *         if ((r = collect_open(&request, &c)) < 0)
 *                 return collect_complain(&request, r);
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

#include <stdio.h>

#include "filter/filter.h"
#include "linux/dump.h"
#include "linux/netns.h"

struct collect_request {
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
        struct dump_report dump; /* of all namespaces together */
        uint32_t owners_hidden;  /* processes that we may not look into */
        uint32_t netns_refused;  /* namespaces that we may not enter */
};

struct collect;

/* Returns 0 and *ret_collect, or a negative errno. */
int collect_open(const struct collect_request *request, struct collect **ret_collect);

/* As dump_next().  A snapshot's owners are lent until collect_close(). */
int collect_next(struct collect *c, struct la_snapshot *ret_snapshot);

/* Begins again, as if just opened: for another look later. */
int collect_again(struct collect *c);

/* The namespaces looked into, at least one. */
const struct netns_list *collect_namespaces(const struct collect *c);

struct collect_report collect_report(const struct collect *c);
void collect_close(struct collect *c);

/* "sock_diag" or "/proc/net/tcp". */
const char *collect_source_name(const struct collect_report *report);

/* What a bit of enum la_known is called when it is missing: "congestion window and RTT". */
const char *collect_known_name(uint32_t bit);

/* Says on standard error why collect_open() or collect_next() failed, and returns the exit status. */
int collect_complain(const struct collect_request *request, int error);

/* Says on `file` what a reader must know of an answer's origin; nothing where there is nothing to say. */
void collect_remark(const struct collect_report *report, FILE *file);

#endif
