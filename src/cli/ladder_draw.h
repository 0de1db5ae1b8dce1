/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ladder_draw.h - a ladder while it is drawn: what its parts share.
 */
#ifndef LASTACK_CLI_LADDER_DRAW_H
#define LASTACK_CLI_LADDER_DRAW_H

#include "cli/ladder.h"
#include "cli/ladder_line.h"

#define LADDER_TEXT_SIZE 256

struct ladder {
        const struct terminal *terminal;
        const struct la_lab *lab;
        const struct ladder_mark *mark;
        int right; /* the host on the right; all others are on the left */
        bool several_hosts, several_ports;
        bool *whole; /* of each packet: it was drawn whole where it set out */
        bool *told;  /* of each verdict: its sentence was shown */
        bool begun;
        tcp_time last; /* the time shown last */
        char time[32];
};

bool ladder_is_left(const struct ladder *d, int host);

/* The time as a text, "" where it has not moved since the line before; after a while without anything, a line says so. */
const char *ladder_time(struct ladder *d, tcp_time at);

/* Which host and connection is meant, where that is not clear: "", "anna: " or "anna:40000 ". */
void ladder_who(const struct ladder *d, int host, uint16_t port, char *text, size_t room);

/* ---- ladder_packet.c: the event with this number, a packet that was sent or that arrives ---- */

void ladder_put_sent(struct ladder *d, size_t event);
void ladder_put_arrived(struct ladder *d, size_t event);

#endif
