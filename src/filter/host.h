/* SPDX-License-Identifier: BSD-2-Clause */
/* host.h - the operand of dst and src, cut up. */
#ifndef LASTACK_FILTER_HOST_H
#define LASTACK_FILTER_HOST_H

#include "filter/parse.h"

/* A host's word; NULL for what it does not have. */
struct host {
        int family; /* enum la_family, or 0 */
        bool bracketed;
        char *address, *interface, *prefix, *port;
};

/* Several tests that must all hold. */
struct all_of {
        struct fragment fragment;
        bool begun;
};

void also(struct parser *p, struct all_of *all, struct fragment fragment);
bool also_test(struct parser *p, struct all_of *all, struct test test);

/* address.c: adds what the address and its prefix ask for; nothing for any address. */
bool
parse_address(struct parser *p, bool remote, const struct token *token, const struct host *host, struct all_of *all);

#endif
