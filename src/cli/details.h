/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * details.h - the parts of a socket that ss shows on request, in ss's words, so that what reads ss reads this.
 *
 * Each writes at `p`, with DETAILS_ROOM bytes at least, and returns the end of what it wrote: nothing where the source
 * does not know.
 */
#ifndef LASTACK_CLI_DETAILS_H
#define LASTACK_CLI_DETAILS_H

#include "lastack/snapshot.h"

#define DETAILS_ROOM 1024

char *details_timer(char *p, const struct la_snapshot *s);    /* timer:(keepalive,119min,0) */
char *details_extended(char *p, const struct la_snapshot *s); /* uid:1000 ino:4711 sk:1f age:2m3s */
char *details_memory(char *p, const struct la_snapshot *s);   /* skmem:(r0,rb131072,...,d0) */
char *details_tcp(char *p, const struct la_snapshot *s);      /* cubic wscale:7,7 rto:201 rtt:0.2/0.1 ... */

#endif
