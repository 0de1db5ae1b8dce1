/* SPDX-License-Identifier: BSD-2-Clause */
/* http_fields.h - what the values of some fields say: ranges and entity tags, RFC 9110 14.1.2, 8.8.3, 13.1. */
#ifndef LASTACK_SERVE_HTTP_FIELDS_H
#define LASTACK_SERVE_HTTP_FIELDS_H

#include "serve/http_request.h"

enum http_range {
        HTTP_RANGE_NONE, /* nothing that one range could be made of: all is sent */
        HTTP_RANGE_PART,
        HTTP_RANGE_UNSATISFIABLE, /* 416 */
};

/* "bytes=0-499", "bytes=500-", "bytes=-500" of something of `size` bytes.  Several ranges count as none. */
enum http_range http_range_parse(struct http_text value, uint64_t size, uint64_t *ret_first, uint64_t *ret_bytes);

/* Whether a list of entity tags, or "*", has this one; `etag` has its quotes.  A weak one of the list counts if `weak`. */
bool http_etag_in(struct http_text list, const char *etag, bool weak);

#endif
