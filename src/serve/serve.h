/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serve.h - what a stack can serve by itself: echo, discard, chargen, files over HTTP, and whatever an ordinary server
 * behind it serves.
 *
 *         struct serve_request request;
 *         struct serve *service;
 *         char error[SERVE_ERROR_SIZE];
 *
 *         if (serve_parse("http=80:/srv/www", &request, error, sizeof error) < 0)
 *                 complain(error);
 *         serve_start(loop, &request, &log, &service);
 *         while (going_on)
 *                 if (la_loop_step(loop, serve_deadline(service)) == 0)
 *                         serve_advance(service);
 *         serve_stop(service, false);
 *         while (serve_counts(service).open > 0 && la_loop_step(loop, serve_deadline(service)) == 0)
 *                 serve_advance(service);
 *         serve_free(service);
 *
 * Everything happens within la_loop_step() and serve_advance(): a service is its loop's thread's.  Calls that can fail
 * return a negative errno.  Nothing prints: what should be known goes to the log.
 *
 *         echo      RFC 862: sends back what comes, until the peer closes
 *         discard   RFC 863: reads
 *         chargen   RFC 864: writes lines of 72 characters as fast as they are taken
 *         http      files beneath a directory: RFC 9110, RFC 9112; http_file.h says which, http.h what of HTTP
 *         forward   carries each connection to a socket of the kernel's; forward.c says how
 */
#ifndef LASTACK_SERVE_SERVE_H
#define LASTACK_SERVE_SERVE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "lastack/link.h"

/* ---- What is asked for -------------------------------------------------------------------------------------------- */

enum serve_kind { SERVE_ECHO, SERVE_DISCARD, SERVE_CHARGEN, SERVE_HTTP, SERVE_FORWARD, SERVE_KIND_COUNT };

#define SERVE_ERROR_SIZE    512
#define SERVE_TARGET_SIZE   1024
#define SERVE_ADDRESSES_MAX 4

/* One address that a target has: a name may have several, which are tried in this order. */
struct serve_address {
        union {
                struct sockaddr any;
                struct sockaddr_in ipv4;
                struct sockaddr_in6 ipv6;
                struct sockaddr_un local;
        } socket;
        socklen_t bytes;
};

struct serve_request {
        enum serve_kind kind;
        uint16_t port;
        char target[SERVE_TARGET_SIZE]; /* http: the directory; forward: the target as it was written */
        size_t addresses;               /* forward: at least one */
        struct serve_address address[SERVE_ADDRESSES_MAX];
};

/* What follows --serve: "echo=7", "discard=9", "chargen=19", "http=80:DIR".  -EINVAL, or for a directory that cannot be
 * read the reason, with a sentence that names the input and the way out. */
int serve_parse(const char *text, struct serve_request *ret_request, char *error, size_t room);

/* What follows --forward: "8080=127.0.0.1:80", "8080=[::1]:80", "8080=localhost:80", "8080=unix:/run/server.sock".
 * A name is looked up now, which may take as long as the resolver takes. */
int serve_parse_forward(const char *text, struct serve_request *ret_request, char *error, size_t room);

/* -EEXIST, and a sentence, if two of them want the same port. */
int serve_check_ports(const struct serve_request *requests, size_t n, char *error, size_t room);

/* "echo", "forward", ... */
const char *serve_kind_name(enum serve_kind kind);

/* ---- Services ----------------------------------------------------------------------------------------------------- */

/* Who is told what an administrator should know, a line without its end each time: a target that refuses, descriptors
 * used up.  What happens again and again is said at most once a second. */
struct serve_log {
        void (*say)(struct serve_log *log, const char *line);
};

struct serve;

/* Listens on the port, on all addresses of the stack, IPv4 and IPv6.  `log` is borrowed until serve_free() and may be
 * NULL; the request is copied.  -EADDRINUSE if somebody listens there, -ENOSPC if the stack has no listener left,
 * another errno if what it needs (memory, the directory) cannot be had. */
int serve_start(struct la_loop *loop, const struct serve_request *request, struct serve_log *log,
                struct serve **ret_service);

/* When serve_advance() has something to do, for la_loop_step(). */
tcp_time serve_deadline(const struct serve *service);
void serve_advance(struct serve *service);

/* How long what is there may take to finish after serve_stop(). */
#define SERVE_STOP_MS 10000

/* No new connections.  Those that are there finish: HTTP's with the answer they are at, echo's, discard's and chargen's
 * with a FIN and what the peer still says, forwarded ones when both ends have closed; what has not within SERVE_STOP_MS
 * is reset.  With `abort`, all are reset now. */
void serve_stop(struct serve *service, bool abort);

/* Resets what is still there, and frees everything. */
void serve_free(struct serve *service);

struct serve_counts {
        uint32_t open;     /* connections now */
        uint64_t accepted; /* since it was started */
        uint64_t closed;   /* ended in order */
        uint64_t reset;    /* ended by the peer's reset, or because it answered no more */
        uint64_t aborted; /* reset from here: the target reset it, a file changed while it was sent, it took too long */
        uint64_t unreachable; /* of these, whose target could not be connected to */
        uint64_t backed_off;  /* times there was no descriptor for one more */
};

struct serve_counts serve_counts(const struct serve *service);

#endif
