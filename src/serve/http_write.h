/* SPDX-License-Identifier: BSD-2-Clause */
/* http_write.h - text that is put together piece by piece; what does not fit any more is noted, and not written. */
#ifndef LASTACK_SERVE_HTTP_WRITE_H
#define LASTACK_SERVE_HTTP_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "serve/http_request.h"

struct http_writer {
        char *bytes;
        size_t n, room;
        bool grows; /* `bytes` is from malloc(), and made larger as needed */
        bool failed;
};

void http_write(struct http_writer *w, const char *bytes, size_t n);
void http_write_text(struct http_writer *w, const char *text);
void http_write_number(struct http_writer *w, uint64_t number);

/* With &, <, >, " and ' as HTML's references. */
void http_write_html(struct http_writer *w, const char *text);

/* Percent-encoded for the path of a URL: all but what RFC 3986 2.3 calls unreserved, and slashes. */
void http_write_url(struct http_writer *w, const char *path);

#endif
