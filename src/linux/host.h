/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host.h - what decides over TCP beside TCP's own counters and tunables: memory, conntrack, the processors' queues, and
 * how many descriptors a process may have.
 */
#ifndef LASTACK_LINUX_HOST_H
#define LASTACK_LINUX_HOST_H

#include <stddef.h>
#include <stdint.h>

/* -1: not told, which in a network namespace other than the first is so for what is the host's. */
struct host {
        int64_t memory_low_pages, memory_pressure_pages, memory_max_pages; /* net.ipv4.tcp_mem */
        int64_t page_bytes;
        int64_t buckets; /* net.ipv4.tcp_ehash_entries; negative in a namespace that shares the host's table */
        int64_t unprivileged_start;    /* net.ipv4.ip_unprivileged_port_start */
        int64_t tracked, tracked_most; /* net.netfilter.nf_conntrack_count and _max, */
        int64_t tracked_s;             /* and _tcp_timeout_established */

        /* These only grow. */
        int64_t track_drops, track_early_drops, track_insert_failures; /* /proc/net/stat/nf_conntrack */
        int64_t softnet_drops;                                         /* /proc/net/softnet_stat, of all processors */
};

/* Reads what can be read; `netns_fd` as netns.h has it. */
void host_read(int netns_fd, struct host *ret);

/* How many descriptors a process may open (its soft limit, INT64_MAX for any number; and the hard one, -1 where that is not
 * told), and how many it has open.  Return 0 or a negative errno. */
int host_process_files(int32_t pid, int64_t *ret_limit, int64_t *ret_hard);
int host_count_files(int32_t pid, int64_t *ret_files);

/* ---- The texts alone ---- */

/* Sums of the named columns over all processors; a column that is not there leaves its sum as it was. */
void host_parse_conntrack(struct host *h, const char *text, size_t size);
void host_parse_softnet(struct host *h, const char *text, size_t size);

/* The soft limit of "Max open files", -1 if the text has none, INT64_MAX for unlimited; and likewise the hard one. */
int64_t host_parse_limits(const char *text, int64_t *ret_hard);

#endif
