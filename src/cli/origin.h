/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * origin.h - where an answer comes from, in words: which source was asked, what it could not tell, and why there is no
 * answer at all.
 */
#ifndef LASTACK_CLI_ORIGIN_H
#define LASTACK_CLI_ORIGIN_H

#include <stdio.h>

#include "cli/collect.h"

/* "sock_diag", "/proc/net/tcp", or "stack NAME"; until the next call. */
const char *origin_source(const struct collect_report *report);

/* What a bit of enum la_known is called when it is missing: "TCP details".  To be translated when shown. */
const char *origin_part(uint32_t bit);

/* Says on `file` what a reader must know of an answer's origin; nothing where there is nothing to say. */
void origin_remark(const struct collect_report *report, FILE *file);

/* Says on standard error why collect_open() or collect_next() failed, and returns the exit status. */
int origin_complain(const struct collect_request *request, int error);

#endif
