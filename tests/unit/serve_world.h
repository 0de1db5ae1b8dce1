/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serve_world.h - a service on a stack in memory, a client on another, and what tests of services say about them.
 *
 *         start("echo=7");
 *         connect_to(7);
 *         say("hello");
 *         expect_heard("hello");
 *
 * The server is 10.0.0.1 and fd00::1, the client 10.0.0.2 and fd00::2.  Time stands still but for after_ms(); packets are
 * passed, and events served, by run_on(), which nearly all of these words end with.  Descriptors that a service watches
 * are the machine's: wait_until() waits for them, for 10 seconds at most.
 */
#ifndef LASTACK_TESTS_SERVE_WORLD_H
#define LASTACK_TESTS_SERVE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "serve/serve.h"

#define HEARD_ROOM ((size_t)4 << 20)

struct world {
        struct la_loop *loop;
        struct la_stack *server, *client;
        size_t stack_bytes;
        struct serve *service;
        struct serve_log log;
        char said[4096]; /* all lines of the log */
        enum la_family family;
        struct la_handle connection; /* of the client */
        char *heard;                 /* what it has read; always ends with NUL */
        size_t heard_bytes;
        enum la_error ended; /* why it could read no more: LA_ERR_END, LA_ERR_RESET; LA_OK: it could */
        bool deaf;           /* it does not read */
        uint64_t packets;
};
extern struct world w;

int setup_world(void **state);
int teardown_world(void **state);
#define world_test(name) cmocka_unit_test_setup_teardown(name, setup_world, teardown_world)

tcp_time now(void);
void start(const char *text);         /* as after --serve, or after --forward if it begins with a digit */
void restart_stacks(uint32_t chunks); /* with so many chunks each: before start() */

bool pass_once(void); /* packets, events and descriptors once; false if there was nothing to do */
void run_on(void);
void wait_until_at(bool (*happened)(void), const char *what, const char *file, int line);
#define wait_until(happened) wait_until_at(happened, #happened, __FILE__, __LINE__)
void after_ms(uint32_t ms);

void connect_to(uint16_t port);
void say(const char *text);
size_t say_bytes(const void *bytes, size_t n); /* what was taken */
void hang_up(void);                            /* the client's FIN; it goes on reading */
void reset_it(void);                           /* the client's RST */
void close_it(void);                           /* its handle is given up */

void expect_heard_at(const char *text, const char *file, int line); /* exactly, and forgets it */
#define expect_heard(text) expect_heard_at(text, __FILE__, __LINE__)
void forget_heard(void);
void expect_ended_at(enum la_error how, const char *file, int line);
#define expect_ended(how) expect_ended_at(how, __FILE__, __LINE__)
void expect_nothing_left(void); /* neither connections nor memory on either stack */

bool has_ended(void); /* for wait_until(): the client's connection */

#endif
