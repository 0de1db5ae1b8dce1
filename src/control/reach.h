/* SPDX-License-Identifier: BSD-2-Clause */
/* reach.h - the socket of a running stack. */
#ifndef LASTACK_CONTROL_REACH_H
#define LASTACK_CONTROL_REACH_H

/* Connects to the stack of a name, or of a path; its descriptor, whose calls give up after ten seconds, or a negative
 * errno as client.h has them. */
int reach_name(const char *name);

#endif
