/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sysctl.h - the running values of Linux's tunables, of a network namespace.
 *
 * `netns_fd` is as netns.h has it.  Errors are the same everywhere: -ENOENT if this kernel, or this namespace, does not
 * have the tunable; -EACCES if it may not be read; -EBADMSG if its text is not what such a tunable's should be; or
 * another negative errno.
 */
#ifndef LASTACK_LINUX_SYSCTL_H
#define LASTACK_LINUX_SYSCTL_H

#include "lastack/model.h"

/* The text that the kernel prints: one blank for each tab, without the newline at its end; to be freed.  Returns 0. */
int sysctl_read_text(int netns_fd, const struct la_knob_info *knob, char **ret_text);

/* The whole numbers of a LA_KNOB_NUMBER, LA_KNOB_RANGE or LA_KNOB_TRIPLE.  Returns how many there are, which is no more
 * than `room`; more than that are -EBADMSG. */
int sysctl_read_numbers(int netns_fd, const struct la_knob_info *knob, int64_t *ret_numbers, size_t room);

/* A set of ports. */
struct sysctl_ports {
        uint64_t bits[65536 / 64];
};

/* The ports of a LA_KNOB_PORT_LIST.  Returns 0. */
int sysctl_read_ports(int netns_fd, const struct la_knob_info *knob, struct sysctl_ports *ret_ports);

bool sysctl_ports_has(const struct sysctl_ports *ports, uint16_t port);

/* How many of the ports from `low` to `high`, both included, are in the set. */
uint32_t sysctl_ports_within(const struct sysctl_ports *ports, uint16_t low, uint16_t high);

/* ---- The texts alone ---- */

int sysctl_parse_numbers(const char *text, int64_t *ret_numbers, size_t room);
int sysctl_parse_ports(const char *text, struct sysctl_ports *ret_ports);

#endif
