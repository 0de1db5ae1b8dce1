/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control.h - words for tests of a stack that is looked at: engine.h's stack, on a link that leads nowhere, driven by the
 * real loop, with a directory of its own for sockets.
 *
 * What a client that waits says, it says while a thread takes the loop's steps: begin_steps(), end_steps().  What is said
 * in raw messages needs none: say() and hear() take steps themselves.
 */
#ifndef LASTACK_TESTS_CONTROL_H
#define LASTACK_TESTS_CONTROL_H

#include "engine.h"

#include "control/client.h"

struct world {
        struct la_loop *loop;
        struct la_link *link;
        struct la_control *control;
        struct control_client *client; /* connect_client()'s */
        char directory[64];
};
extern struct world w;

int setup_control(void **state);
int teardown_control(void **state);

#define control_test(name) cmocka_unit_test_setup_teardown(name, setup_control, teardown_control)

/* A loop around e.stack, for who wants a second one; or around another. */
struct la_loop *loop_of_nowhere(struct la_link **ret_link);
struct la_loop *loop_around(struct la_stack *stack, struct la_link **ret_link);

void steps(unsigned int n);
void begin_steps(void);
void end_steps(void);
void connect_client(void); /* begins steps, too */

/* A socket that speaks the protocol by hand. */
int plug(void);
void say(int fd, const void *message, size_t length);
/* The next message, of at least the header; fails if none comes. */
size_t hear(int fd, void *ret_message, size_t room);
void expect_silence(int fd);
void expect_end(int fd);
/* Says it, and expects a refusal for this reason. */
void
expect_refused_at(int fd, const void *message, size_t length, enum control_reason reason, const char *file, int line);
#define expect_refused(fd, message, length, reason) expect_refused_at(fd, message, length, reason, __FILE__, __LINE__)

#endif
