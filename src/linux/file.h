/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file.h - small files of /proc, read whole.
 */
#ifndef LASTACK_LINUX_FILE_H
#define LASTACK_LINUX_FILE_H

#include <stddef.h>

/* The whole of a file as the network namespace of `netns_fd` (netns.h) has it, with a NUL behind it, to be freed.
 * Returns 0; -EFBIG if it is larger than any of its kind should be (1 MiB); or another negative errno. */
int file_read(int netns_fd, const char *path, char **ret_text, size_t *ret_size);

/* The same of a file of /proc/net; `name` is its name there. */
int file_read_proc_net(int netns_fd, const char *name, char **ret_text, size_t *ret_size);

#endif
