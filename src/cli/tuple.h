/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tuple.h - a connection as somebody names it: its ends, in the words that lastack ls shows them in.
 *
 *         tuple = end [ [arrow] end ]            LOCAL REMOTE
 *         end   = address ":" port               10.0.0.1:80   10.0.0.1:http   [::1]:80   *:80   :80   10.0.0.1:*
 *
 * A '*', and nothing, stand for any.  An IPv4 address is found on IPv6 sockets too, mapped.
 */
#ifndef LASTACK_CLI_TUPLE_H
#define LASTACK_CLI_TUPLE_H

#include "lastack/snapshot.h"

struct tuple_end {
        enum la_family family; /* meaningful unless any_address */
        bool any_address, any_port;
        struct la_endpoint endpoint;
};

struct tuple_name {
        struct tuple_end end[2];
        unsigned int count; /* 1: only one end was named, whichever it is */
};

#define TUPLE_WORD_SIZE 128

/* Does the text name a connection and not a topic? */
bool tuple_is_meant(const char *text);

/* Returns 0; or -EINVAL and the word at fault, cut if it is long and fit to be shown. */
int tuple_parse(const char *text, struct tuple_name *ret_tuple, char ret_word[TUPLE_WORD_SIZE]);

/* Does it name this one?  `swapped`: with the peer's end first. */
bool tuple_names(const struct tuple_name *tuple, const struct la_snapshot *s, bool swapped);

/* Does it name one connection and no other? */
bool tuple_is_whole(const struct tuple_name *tuple);

#endif
