/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * proc_tcp.h - the source of dump.h that reads /proc/net/tcp and tcp6.
 *
 * It is there for everyone and tells less.  The kernel prints each file a page at a time and lets the table change in
 * between: a socket that moves meanwhile may be told twice or not at all, and nothing says so.
 */
#ifndef LASTACK_LINUX_PROC_TCP_H
#define LASTACK_LINUX_PROC_TCP_H

#include "linux/dump.h"

struct proc_tcp;

/* Returns 0, or a negative errno if there is no such file as tcp; tcp6 is not there without IPv6. */
int proc_tcp_open(const struct dump_request *request, struct proc_tcp **ret);

/* As dump_next(). */
int proc_tcp_next(struct proc_tcp *p, struct la_snapshot *ret_snapshot);

/* Fills what this source knows of a report. */
void proc_tcp_report(const struct proc_tcp *p, struct dump_report *report);

void proc_tcp_close(struct proc_tcp *p);

#endif
