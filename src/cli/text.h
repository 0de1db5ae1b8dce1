/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text.h - values as a person reads them.
 *
 * Hundreds of thousands of rows go through here, so each function writes at `p`, where the caller has made sure of
 * room, and returns the end of what it wrote.  Nothing is terminated with a NUL.
 */
#ifndef LASTACK_CLI_TEXT_H
#define LASTACK_CLI_TEXT_H

#include <net/if.h>
#include <string.h>

#include "lastack/snapshot.h"

/* Room that is enough for any of the calls below but those that take a string. */
#define TEXT_ROOM 320

/* How addresses and ports are shown. */
struct text_style {
        bool numeric;       /* ports as numbers, not as names of services */
        bool resolve;       /* addresses as names of hosts, where they have one */
        bool foreign_netns; /* interface names of this namespace would be another's */
};

/* Inline, so that a text known when compiled is a few stores. */
static inline char *
text_string(char *p, const char *s)
{
        size_t length = strlen(s);

        memcpy(p, s, length);
        return p + length;
}

/* What somebody else calls himself: as text_string(), but with '?' for all that the locale does not take for printable,
 * so that no process or host can send sequences to the terminal of who looks at it. */
char *text_foreign(char *p, const char *s);
char *text_number(char *p, uint64_t n);
char *text_grouped(char *p, uint64_t n); /* 270,113 */

/* A time as ss writes it: "25ms", "3.250ms" never; "1.2sec", "59sec", "1min59sec", "119min". */
char *text_timer(char *p, uint32_t ms);

/* A time to judge by, two units at most: "850ms", "12s", "3m20s", "2h5m", "4d1h". */
char *text_duration(char *p, uint64_t ms);

/* An address alone: "10.0.0.1", "::1", "::ffff:10.0.0.1". */
char *text_address(char *p, enum la_family family, const uint8_t address[16]);

/* An address and a port as ss writes them: "10.0.0.1:https", "[::1]:80", "*:80", "0.0.0.0:*", "10.0.0.1%eth0:80". */
char *text_local(char *p, const struct la_snapshot *s, const struct text_style *style);
char *text_remote(char *p, const struct la_snapshot *s, const struct text_style *style);

/* Processes as ss writes them: users:(("nginx",pid=1,fd=6),("nginx",pid=2,fd=6)).  At most `room` bytes; where more
 * processes than that hold the socket, the rest is counted: (+12 more).  An fd of -1 is none. */
char *text_owners(char *p, size_t room, const struct la_snapshot *s);

#endif
