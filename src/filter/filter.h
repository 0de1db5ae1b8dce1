/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filter.h - which connections: ss's filter grammar, verbatim, over snapshots.
 *
 *         state time-wait dst 10.0.0.0/8 and ( dport = :443 or sport gt :1024 )
 *
 * and beyond ss: pid, comm, age, netns, uid, ino.  The grammar stands at the head of parse.c.
 *
 *         struct filter *filter;
 *         struct filter_error error;
 *         if (filter_parse(text, &filter, &error) == -EINVAL) {
 *                 char marked[512];
 *                 filter_error_show(text, &error, terminal_columns, marked, sizeof marked);
 *                 fprintf(stderr, "lastack: filter: %s\n%s", error.message, marked);
 *         }
 *
 * Where a source does not know what a filter asks (the mark without privileges, the owner of a socket when owners were
 * not looked for), the answer is "unknown" and not "no": a filter takes a socket only if it certainly holds.  So a
 * socket whose mark is unknown is taken neither by "fwmark = 1" nor by "fwmark != 1" nor by "not fwmark = 1".
 */
#ifndef LASTACK_FILTER_FILTER_H
#define LASTACK_FILTER_FILTER_H

#include "lastack/snapshot.h"

/* Sets of states: bit 1 << enum la_state.  What ss calls them: "all", and "connected", which it shows when nothing is
 * said. */
#define FILTER_ALL_STATES       ((1u << LA_STATE_COUNT) - 1)
#define FILTER_CONNECTED_STATES (FILTER_ALL_STATES & ~(1u << LA_LISTEN | 1u << LA_CLOSED))

/* The longest text that is read. */
#define FILTER_TEXT_MAX 65536

/* What a snapshot must hold for the filter to judge it; the caller asks the source for it. */
enum filter_need {
        FILTER_NEEDS_OWNERS = 1 << 0, /* pid, comm */
        FILTER_NEEDS_TCP = 1 << 1,    /* age of states whose age only tcp_info tells */
        FILTER_NEEDS_MARK = 1 << 2,   /* fwmark */
        FILTER_NEEDS_CGROUP = 1 << 3, /* cgroup */
        FILTER_NEEDS_NETNS = 1 << 4,  /* netns */
        FILTER_NEEDS_LOOK_UP =
                1 << 5, /* filter_look_up() in each network namespace, and in the snapshot which it is of */
};

/* Why a filter was refused, and where: `word` and `length` are the offending part of the caller's text.  Where
 * something is missing `length` is 0 and `word` is the place where it should have begun. */
struct filter_error {
        size_t word, length;
        char message[160]; /* one sentence, and the way out; translated, without a full stop or a line's end */
};

struct filter;

/* Reads a filter; an empty one takes all.  Names are looked up now, as the calling process sees them: hosts and services
 * with getaddrinfo(), which may ask the DNS and wait; users; and interfaces, the range of ephemeral ports and processes
 * of its own network namespace, so one that looks into another namespace enters it first, and one that looks into many
 * takes filter_parse_for_many().  Returns 0 and *ret_filter, to be given to filter_free(); -EINVAL with *ret_error
 * filled; or -ENOMEM. */
int filter_parse(const char *text, struct filter **ret_filter, struct filter_error *ret_error);

/* The same for sockets of many network namespaces.  Each has its own interfaces and its own range of ephemeral ports, so
 * what the name of an interface and "autobound" mean is looked up where the sockets are:
 *
 *         for each namespace
 *                 enter it; filter_look_up(filter, the inode of the namespace); leave it
 *         if (filter_unknown(filter, &error))
 *                 refuse the filter, as for -EINVAL
 *
 * No socket is bound to an interface that its namespace does not have.  What was not looked up is not known. */
int filter_parse_for_many(const char *text, struct filter **ret_filter, struct filter_error *ret_error);

/* Returns 0 or -ENOMEM. */
int filter_look_up(struct filter *f, uint32_t netns);

/* True, and *ret_error filled, if the filter names an interface that none of the namespaces has. */
bool filter_unknown(const struct filter *f, struct filter_error *ret_error);

/* The states that a snapshot must be in to be taken: bit 1 << enum la_state, never none.  It is a limit from above, fit
 * to ask the kernel for less: filter_takes() judges the state, too.  Where the filter names no state the choice is the
 * caller's (ss: FILTER_CONNECTED_STATES): `ret_named` is false and the answer FILTER_ALL_STATES. */
uint32_t filter_states(const struct filter *f, bool *ret_named);

/* Bits of enum filter_need. */
uint32_t filter_needs(const struct filter *f);

/* False if the filter reads as it looks.  True, and *ret_note filled like an error, if its writer may have meant
 * something else: as in ss, and against what ss's manual says, "a or b and c" is "(a or b) and c". */
bool filter_note(const struct filter *f, struct filter_error *ret_note);

bool filter_takes(const struct filter *f, const struct la_snapshot *s);

void filter_free(struct filter *f);

/* The two lines under a message: the text, and a mark under its wrong word:
 *
 *           state time-wait dprt = :443
 *                           ^~~~
 *
 * No line is longer than `columns` (0: as long as it takes; fewer than 20 are taken for 20); of a longer text the part
 * around the word is shown, with "..." where it was cut.  Widths are those of the current locale, and control
 * characters show as '?'.  Writes at most `size` bytes with the NUL; returns the length that had been needed, as
 * snprintf() does. */
size_t filter_error_show(const char *text, const struct filter_error *error, unsigned int columns, char *ret_lines,
                         size_t size);

#endif
