/* SPDX-License-Identifier: BSD-2-Clause */
/* names.h - what the names in a filter stand for on this machine.  All that the filter knows of the world is here. */
#ifndef LASTACK_FILTER_NAMES_H
#define LASTACK_FILTER_NAMES_H

#include <stddef.h>

#include "lastack/snapshot.h"

#define NAMES_ADDRESSES_MAX 64 /* of one host; more are left out */

struct names_address {
        enum la_family family;
        uint8_t bytes[16]; /* as in struct la_endpoint */
};

/* The addresses of a host, of one family or (0) of both.  False, and *ret_why says why, if there is none. */
bool names_host(const char *name, int family, struct names_address ret_addresses[NAMES_ADDRESSES_MAX],
                size_t *ret_count, const char **ret_why);

/* The TCP port of a service, as in /etc/services. */
bool names_service(const char *name, uint16_t *ret_port);

bool names_interface(const char *name, uint32_t *ret_index);

bool names_user(const char *name, uint32_t *ret_uid);

/* The inode of a network namespace: of a process, by its number; or of a file that holds one, by its path or, as
 * ip-netns(8) has it, by its name in /run/netns.  A negative errno; -EINVAL if the file holds none. */
int names_netns_of_process(uint32_t pid, uint32_t *ret_inode);
int names_netns(const char *name, uint32_t *ret_inode);

/* The inode of a cgroup (v2), by its path as the shell sees it or as /proc/PID/cgroup writes it.  A negative errno;
 * -ENODEV if no cgroup2 is mounted. */
int names_cgroup(const char *path, uint64_t *ret_inode);

/* net.ipv4.ip_local_port_range of the caller's network namespace, or Linux's default if it cannot be read. */
void names_port_range(uint16_t *ret_low, uint16_t *ret_high);

#endif
