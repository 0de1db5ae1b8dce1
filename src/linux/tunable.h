/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tunable.h - any tunable of the kernel by the name of its file below /proc/sys ("net/ipv4/tcp_sack"), read and written
 * in a network namespace; sysctl.h reads those that lastack knows.
 *
 * `netns_fd` is as netns.h has it.
 */
#ifndef LASTACK_LINUX_TUNABLE_H
#define LASTACK_LINUX_TUNABLE_H

#include <stdbool.h>

/* The text that the kernel prints: one blank for each tab, without the newline at its end; to be freed.  Returns 0;
 * -ENOENT if there is no such tunable here; -EACCES if it may not be read; or another negative errno. */
int tunable_read(int netns_fd, const char *path, char **ret_text);

/* Could it be written?  Opens it for that and writes nothing.  Returns 0; -ENOENT; -EACCES or -EPERM without the
 * privilege, or for what can be read only; -EROFS where /proc/sys is mounted so; or another negative errno. */
int tunable_may_write(int netns_fd, const char *path);

/* Writes it.  Returns 0, or a negative errno: -EINVAL is the kernel's word for a value it does not
 * take, and then it has kept what it had. */
int tunable_write(int netns_fd, const char *path, const char *text);

#endif
