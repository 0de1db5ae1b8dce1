/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 864: a stream of characters, whatever the peer says, until it closes.  "One popular pattern is 72 character lines
 * of the ASCII printing characters.  There are 95 printing characters [...]. Rotate them": line n begins with the n-th.
 *
 * After 95 lines the pattern begins anew, so it is made once, somewhat longer than that, and any place in it has SPAN
 * bytes behind it: each call sends as many, which are not even copied.
 */
#include "serve/service.h"

#define FIRST_CHARACTER ' '
#define CHARACTERS      95
#define LINE_CHARACTERS 72
#define LINE_BYTES      (LINE_CHARACTERS + 2)
#define PERIOD          ((size_t)CHARACTERS * LINE_BYTES)
#define SPAN            ((size_t)65536)

struct chargen_connection {
        struct connection c; /* first */
        size_t at;           /* in the pattern */
};

static uint8_t pattern[PERIOD + SPAN];

static uint8_t
pattern_byte(size_t i)
{
        size_t line = i / LINE_BYTES % CHARACTERS, column = i % LINE_BYTES;

        if (column == LINE_CHARACTERS)
                return '\r';
        if (column == LINE_CHARACTERS + 1)
                return '\n';
        return (uint8_t)(FIRST_CHARACTER + (line + column) % CHARACTERS);
}

static int
chargen_starts(struct serve *service)
{
        (void)service;
        for (size_t i = 0; i < sizeof pattern; i++)
                pattern[i] = pattern_byte(i);
        return 0;
}

/* As much as is taken. */
static void
fill(struct chargen_connection *g)
{
        size_t taken;

        while (la_send(stack_of(&g->c), now_of(&g->c), g->c.handle, pattern + g->at, SPAN,
                       LA_SEND_MORE | LA_SEND_CONSTANT, &taken) == LA_OK)
                g->at = (g->at + taken) % PERIOD;
}

static void
chargen_began(struct connection *c)
{
        fill((struct chargen_connection *)c);
        connection_drop_received(c);
}

static void
chargen_happened(struct connection *c, uint32_t happened)
{
        if (happened & LA_HAPPENED_WRITABLE)
                fill((struct chargen_connection *)c);
        if (happened & (LA_HAPPENED_READABLE | LA_HAPPENED_PEER_CLOSED | LA_HAPPENED_CLOSED))
                connection_drop_received(c);
}

const struct service_kind chargen_kind = {
        .name = "chargen",
        .service_bytes = sizeof(struct serve),
        .connection_bytes = sizeof(struct chargen_connection),
        .starts = chargen_starts,
        .began = chargen_began,
        .happened = chargen_happened,
        .finish = connection_shutdown,
};
