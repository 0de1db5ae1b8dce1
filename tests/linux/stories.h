/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stories.h - how to bring a socket into each state and leave it there.
 *
 * A story takes a socket that has addresses and leaves it in its state.  Stories build on one another as the states do:
 * `closing` begins with `established`, which begins with `syn_sent`.
 */
#ifndef LASTACK_TESTS_STORIES_H
#define LASTACK_TESTS_STORIES_H

#include "population.h"

enum {
        STORY_PATIENCE_MS = 5000,
};

/* ---- The parts that stories are made of (story_parts.c) ---- */

struct in6_addr story_address(const char *text);
void story_new_socket(struct population_socket *s);
void story_set_option(const struct population_socket *s, int level, int option, int value);
void story_bind(const struct population_socket *s);
void story_connect(const struct population_socket *s);

/* Gives the conversation of `s` with the puppet its addresses and ports. */
void story_begin_talk(struct population_socket *s);

/* Waits until the kernel says that the socket is in this state, in its own numbers: TCP_CLOSE_WAIT. */
void story_wait_for_state(const struct population_socket *s, int state);

/* Waits until there are so many bytes to read. */
void story_wait_for_bytes(const struct population_socket *s, int bytes);

/* The next connection that comes in at a listener. */
int story_accept(const struct population_socket *listener);

/* ---- LISTEN, and what comes in there (story_listen.c) ---- */

void listening(struct population *p, struct population_socket *s);
void listening_at_the_door(struct population *p, struct population_socket *s);
void listening_on_device(struct population *p, struct population_socket *s);
void listening_twice(struct population *p, struct population_socket *s);
void listening_shared(struct population *p, struct population_socket *s);
void listening_with_queue(struct population *p, struct population_socket *s);
void listening_overflown(struct population *p, struct population_socket *s);
void half_open(struct population *p, struct population_socket *s);
void accepted(struct population *p, struct population_socket *s);

/* ---- CLOSED, SYN_SENT, ESTABLISHED (story_connect.c) ---- */

void bound(struct population *p, struct population_socket *s);
void syn_sent(struct population *p, struct population_socket *s);
void simultaneous_open(struct population *p, struct population_socket *s);
void established(struct population *p, struct population_socket *s);
void established_on_link(struct population *p, struct population_socket *s);
void established_shared(struct population *p, struct population_socket *s);
void kept_alive(struct population *p, struct population_socket *s);
void unread(struct population *p, struct population_socket *s);
void unacknowledged(struct population *p, struct population_socket *s);
void window_closed(struct population *p, struct population_socket *s);
void pair(struct population *p, struct population_socket *s);
void pair_of_two_kinds(struct population *p, struct population_socket *s);

/* Connects `client` to a listener on this host. */
void
pair_make(const struct population_socket *listener, struct population_socket *client, struct population_socket *server);

/* ---- The closing states (story_close.c) ---- */

void fin_wait_1(struct population *p, struct population_socket *s);
void fin_wait_1_orphan(struct population *p, struct population_socket *s);
void fin_wait_2(struct population *p, struct population_socket *s);
void fin_wait_2_orphan(struct population *p, struct population_socket *s);
void fin_wait_2_lingering(struct population *p, struct population_socket *s);
void closing(struct population *p, struct population_socket *s);
void closing_orphan(struct population *p, struct population_socket *s);
void close_wait(struct population *p, struct population_socket *s);
void close_wait_leaked(struct population *p, struct population_socket *s);
void last_ack(struct population *p, struct population_socket *s);
void last_ack_orphan(struct population *p, struct population_socket *s);
void time_wait(struct population *p, struct population_socket *s);
void time_wait_after_closing(struct population *p, struct population_socket *s);
void time_wait_of_client(struct population *p, struct population_socket *s);
void time_wait_of_server(struct population *p, struct population_socket *s);

#endif
