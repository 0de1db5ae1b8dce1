/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * durable.h - files that are there whole or not at all, whenever the machine or the process stops.
 */
#ifndef LASTACK_LINUX_DURABLE_H
#define LASTACK_LINUX_DURABLE_H

#include <stddef.h>
#include <sys/types.h>

/* Makes a directory and those above it that are missing.  Returns 0 or a negative errno. */
int durable_make_directory(const char *path, mode_t mode);

/* Makes a file with this text: on the disk, under its name, when the call returns.  Returns 0; -EEXIST if there is a
 * file of that name; or another negative errno, and then there is none.  One at a time in a
 * directory: who calls it has a lock. */
int durable_create(const char *directory, const char *name, const char *text, mode_t mode);

/* Adds a line to a file, on the disk when the call returns.  A line that a crash cut short before is ended first.
 * Returns 0 or a negative errno. */
int durable_append_line(const char *directory, const char *name, const char *line);

/* Takes a file away.  Returns 0 or a negative errno. */
int durable_remove(const char *directory, const char *name);

/* The whole of a file of up to 1 MiB, with a NUL behind it, to be freed.  Returns 0 or a negative errno. */
int durable_read(const char *directory, const char *name, char **ret_text, size_t *ret_size);

#endif
