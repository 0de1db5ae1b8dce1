/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * http_request.h - the head of a request, RFC 9112, read strictly: what two readers might read differently is refused.
 *
 * Refused with 400 are bare line feeds, white space before a colon, folded lines, control characters, more than one Host
 * or, in HTTP/1.1, none, more than one Content-Length, and Content-Length beside Transfer-Encoding: the shapes that request
 * smuggling is made of (RFC 9112 11.2).
 */
#ifndef LASTACK_SERVE_HTTP_REQUEST_H
#define LASTACK_SERVE_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX   8192  /* bytes of a request's head: 431 */
#define HTTP_TARGET_MAX 4096  /* bytes of its target: 414 */
#define HTTP_FIELDS_MAX 100   /* fields: 431 */
#define HTTP_BODY_MAX   65536 /* bytes of a body, which means nothing here, and is read and forgotten: 413 */

/* Bytes of somebody else's, not ended by NUL; `bytes` is NULL where there are none. */
struct http_text {
        const char *bytes;
        size_t length;
};

enum http_method {
        HTTP_GET,
        HTTP_HEAD,
};

struct http_request {
        enum http_method method;
        unsigned int minor; /* of HTTP/1.x: 0 or 1 */
        bool keep_alive;
        uint64_t body_bytes; /* that follow the head */
        struct http_text target;
        /* The values of fields, all of them texts within the head; one that came twice counts as if it had not come. */
        struct http_text host, range, if_range, if_match, if_none_match, if_modified_since, if_unmodified_since;
};

/* Returns how many bytes the head takes, its empty line included; 0 if more are needed; a status, negative, if it is
 * refused: then only the method is sure to be set. */
int http_request_parse(const char *bytes, size_t n, struct http_request *ret_request);

/* A target's path, decoded: its segments with one '/' between them, none before, none behind, and empty ones left out. */
struct http_path {
        char text[HTTP_TARGET_MAX + 1]; /* empty for the root */
        bool slash;                     /* it ended with '/' */
        struct http_text query;         /* with its '?', as it was; within the target */
};

/* 0, or a status, negative: 400 for what cannot be decoded, 404 for a segment that begins with a dot.  Files whose name
 * does are not served, .well-known (RFC 8615) excepted; "." and ".." are no files' names. */
int http_path_decode(struct http_text target, struct http_path *ret_path);

/* Whether a comma-separated list has the word, in whatever case. */
bool http_list_has(struct http_text list, const char *word);

#endif
