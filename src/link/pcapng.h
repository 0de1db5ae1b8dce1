/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pcapng.h - capture files: draft-ietf-opsawg-pcapng.  One section, interfaces that carry bare IP packets (LINKTYPE_RAW),
 * and a block for each packet, with a comment.
 *
 * Calls return 0 or a negative errno; a failure to write is -EIO where the system names no other reason.
 */
#ifndef LASTACK_LINK_PCAPNG_H
#define LASTACK_LINK_PCAPNG_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lastack/tcp.h"

/* A file's beginning: who writes it. */
int pcapng_section(FILE *file, const char *application);

/* Interfaces are numbered from 0 in the order in which they are written; description and comment may be NULL. */
int pcapng_interface(FILE *file, const char *name, const char *description);

/* At `at_us` microseconds since 1970, or any other beginning; the packet's bytes lie in `parts`. */
int pcapng_packet(FILE *file, uint32_t interface, uint64_t at_us, const struct la_part *parts, size_t n,
                  const char *comment);

#endif
