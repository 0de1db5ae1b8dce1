/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serve_site.h - a directory that is served over HTTP, and words about what is answered.
 *
 *         start_http();
 *         get("/a.txt", "Range: bytes=0-1\r\n");
 *         expect_status(206);
 *         expect_body("01", 2);
 */
#ifndef LASTACK_TESTS_SERVE_SITE_H
#define LASTACK_TESTS_SERVE_SITE_H

#include "serve_world.h"

#define BIG ((size_t)3000000)

extern char *big;     /* what is in big.bin, BIG bytes */
extern int directory; /* of the site */

int make_site(void **state);
int remove_site(void **state);
void make_file(const char *name, const char *content, size_t n);

void start_http(void); /* and connects */

/* Asks for something with fields that each end with CRLF, on the connection that there is; forgets what was heard. */
void ask(const char *method, const char *target, const char *fields);
#define get(target, fields) ask("GET", target, fields)

const char *body(void);
void expect_status(int status);
void expect_field(const char *field); /* "Name: value" */
void expect_no_field(const char *name);
void expect_body(const char *text, size_t n);

#endif
