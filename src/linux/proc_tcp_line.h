/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proc_tcp_line.h - one line of /proc/net/tcp or tcp6, to a snapshot.
 */
#ifndef LASTACK_LINUX_PROC_TCP_LINE_H
#define LASTACK_LINUX_PROC_TCP_LINE_H

#include <stddef.h>

#include "lastack/snapshot.h"

/* Reads a line, given without its newline.  The width of its addresses says which of the two files it is from.  False,
 * and *ret_snapshot untouched, if it is no such line; tcp and memory of *ret_snapshot are left as they were. */
bool proc_tcp_line(const char *line, size_t length, struct la_snapshot *ret_snapshot);

/* True for the line of titles that both files begin with. */
bool proc_tcp_is_heading(const char *line, size_t length);

#endif
