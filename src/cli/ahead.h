/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ahead.h - the search for owners, which goes on beside the dump, and the sockets that are read ahead meanwhile.
 *
 * Both take the kernel about as long, and neither needs the other before a socket is shown: on two processors a
 * listing with owners takes half the time.  What is read ahead is bounded; then the dump waits for the search.
 */
#ifndef LASTACK_CLI_AHEAD_H
#define LASTACK_CLI_AHEAD_H

#include <pthread.h>
#include <stdatomic.h>

#include "lastack/snapshot.h"
#include "linux/owners.h"

struct search {
        pthread_t thread;
        bool running;
        atomic_bool done;
        struct owners *owners; /* the answer */
        int result;
};

/* Begins to look for owners, in a thread of its own if one can be had. */
void search_begin(struct search *s);

/* True if search_end() would wait. */
bool search_goes_on(const struct search *s);

/* Waits for the answer and hands it over, to be given to owners_free().  Returns 0 or a negative errno. */
int search_end(struct search *s, struct owners **ret_owners);

/* Sockets in the order in which they came. */
struct ahead {
        uint8_t *rows;
        size_t row_size; /* of a snapshot, or of its small part where the large ones are not used */
        size_t count, capacity;
        size_t next; /* to be taken */
};

/* `details`: TCP details and memory are used. */
void ahead_init(struct ahead *a, bool details);

/* Makes room for one more; false if that would be too much. */
bool ahead_has_room(struct ahead *a);

/* Keeps a socket, for which there is room. */
void ahead_put(struct ahead *a, const struct la_snapshot *s);

/* Gives back the one that has been kept longest; false if there is none. */
bool ahead_take(struct ahead *a, struct la_snapshot *ret_snapshot);

void ahead_clear(struct ahead *a);
void ahead_fini(struct ahead *a);

#endif
