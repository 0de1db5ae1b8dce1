/* SPDX-License-Identifier: BSD-2-Clause */
/* engine_snapshot.h - words to say what a snapshot must be, to the last field. */
#ifndef LASTACK_TESTS_ENGINE_SNAPSHOT_H
#define LASTACK_TESTS_ENGINE_SNAPSHOT_H

#include "engine.h"

#define KNOWN_ALWAYS (LA_KNOWN_INTERFACE | LA_KNOWN_AGE | LA_KNOWN_CAME_BY | LA_KNOWN_TIMER | LA_KNOWN_QUEUES)
#define KNOWN_CONNECTION                                                                         \
        (KNOWN_ALWAYS | LA_KNOWN_COOKIE | LA_KNOWN_MEMORY | LA_KNOWN_TCP | LA_KNOWN_CONGESTION | \
         LA_KNOWN_SEND_WINDOW | LA_KNOWN_SEQUENCE)
#define KNOWN_RECORD (KNOWN_ALWAYS | LA_KNOWN_INODE | LA_KNOWN_SEQUENCE)

/* Zeros but for what is given here, and the ends as they are now. */
struct la_snapshot snapshot_at(uint32_t known, enum la_state state, enum la_transition came_by, uint32_t age_ms);

/* The same for a connection: what is true of each of established() that has sent nothing. */
struct la_snapshot connection_at(enum la_state state, enum la_transition came_by, uint32_t age_ms);

/* Sequence numbers as in segments. */
void put_numbers(struct la_snapshot *s, uint32_t una, uint32_t nxt, uint32_t rcv_nxt);

uint64_t cookie_of(struct la_handle h);

struct la_snapshot found(void); /* what has the peer's tuple, in whatever form */

void expect_same_at(const struct la_snapshot *got, const struct la_snapshot *want, const char *file, int line);
void expect_now_at(const struct la_snapshot *want, const char *file, int line);
void expect_found_as_at(const struct la_snapshot *want, const char *file, int line);
#define expect_same(got, want) expect_same_at(got, want, __FILE__, __LINE__)
#define expect_now(want)       expect_now_at(want, __FILE__, __LINE__)      /* e.connection */
#define expect_found_as(want)  expect_found_as_at(want, __FILE__, __LINE__) /* found() */

#endif
