/* SPDX-License-Identifier: BSD-2-Clause */
/* http_listing.h - a directory as a page: what is served of it, sorted by name, with sizes and times. */
#ifndef LASTACK_SERVE_HTTP_LISTING_H
#define LASTACK_SERVE_HTTP_LISTING_H

#include "serve/http_file.h"
#include "serve/http_write.h"

#define HTTP_LISTING_MAX 10000 /* entries; the page says so when there are more */

/* Appends the page of a directory, found at `path` from `beneath`, to `w`.  Descriptors stay their owner's; the path is
 * as in struct http_path.  A negative errno; the writer may have failed besides. */
int http_listing(int beneath, const struct http_file *directory, const char *path, struct http_writer *w);

#endif
