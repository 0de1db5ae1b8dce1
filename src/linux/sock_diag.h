/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sock_diag.h - the source of dump.h that asks the kernel over netlink.
 */
#ifndef LASTACK_LINUX_SOCK_DIAG_H
#define LASTACK_LINUX_SOCK_DIAG_H

#include "linux/dump.h"

struct sock_diag;

/* Asks, and has the first part of the answer before it returns: 0, or the kernel's refusal as a negative errno.
 * `request` is copied. */
int sock_diag_open(const struct dump_request *request, struct sock_diag **ret);

/* As dump_next(). */
int sock_diag_next(struct sock_diag *d, struct la_snapshot *ret_snapshot);

/* Fills what this source knows of a report. */
void sock_diag_report(const struct sock_diag *d, struct dump_report *report);

void sock_diag_close(struct sock_diag *d);

#endif
