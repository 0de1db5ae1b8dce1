/* SPDX-License-Identifier: BSD-2-Clause */
/* snapshot_words.h - sockets as tests of the survey and of the doctor speak of them. */
#ifndef LASTACK_TESTS_SNAPSHOT_WORDS_H
#define LASTACK_TESTS_SNAPSHOT_WORDS_H

#include "lastack/snapshot.h"

/* Of 10.0.0.1 with 10.0.0.`remote_host`. */
static inline struct la_snapshot
connection(enum la_state state, uint16_t local_port, uint8_t remote_host, uint16_t remote_port)
{
        return (struct la_snapshot){
                .state = state,
                .family = LA_IPV4,
                .local = { { 10, 0, 0, 1 }, local_port },
                .remote = { { 10, 0, 0, remote_host }, remote_port },
        };
}

#endif
