/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * counters.h - what the kernel has counted of TCP in a network namespace since it began.
 *
 * Counters are found by the kernel's own names, and which there are is the running kernel's affair: a name it does not
 * have is "not known", which is not the same as 0.
 */
#ifndef LASTACK_LINUX_COUNTERS_H
#define LASTACK_LINUX_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Events: /proc/net/snmp ("Tcp", and OutNoRoutes of "Ip") and /proc/net/netstat ("TcpExt") ---- */

/* Linux 6.18 has 15 and 134 of them, the longest name has 25 characters. */
#define COUNTERS_MAX       512
#define COUNTERS_NAME_SIZE 48

struct counter {
        char name[COUNTERS_NAME_SIZE];
        uint64_t value;
};

struct counters {
        size_t count;
        struct counter counter[COUNTERS_MAX]; /* in the kernel's order */
};

/* Reads both files.  `netns_fd` as netns.h has it.  Returns 0 or a negative errno. */
int counters_read(int netns_fd, struct counters *ret);

/* The same of /proc/net/snmp alone, which is short: ActiveOpens, PassiveOpens, CurrEstab, RetransSegs, ... */
int counters_read_snmp(int netns_fd, struct counters *ret);

/* Adds the TCP counters of the text of one of the files; lines that make no sense and other protocols are passed over. */
void counters_parse(struct counters *c, const char *text, size_t size);

/* False, and *ret_value untouched, if this kernel has no such counter. */
bool counters_get(const struct counters *c, const char *name, uint64_t *ret_value);

/* ---- Amounts: /proc/net/sockstat and sockstat6 ---- */

/* -1: not told. */
struct sockstat {
        int64_t in_use;       /* IPv4 sockets but for half-open ones and TIME_WAIT records */
        int64_t in_use6;      /* IPv6 sockets likewise */
        int64_t orphans;      /* closed by their application; of the whole host, not of the namespace */
        int64_t time_wait;    /* TIME_WAIT records of both families, orphans' FIN_WAIT_2 records among them */
        int64_t allocated;    /* sockets of the whole host */
        int64_t memory_pages; /* that they have buffered in, of the whole host: compare tcp_mem */
};

int sockstat_read(int netns_fd, struct sockstat *ret);

/* Takes over what a text of one of the files tells, and leaves the rest of *s. */
void sockstat_parse(struct sockstat *s, const char *text, size_t size);

#endif
