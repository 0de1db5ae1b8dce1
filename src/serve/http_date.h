/* SPDX-License-Identifier: BSD-2-Clause */
/* http_date.h - HTTP's dates, RFC 9110 5.6.7: one way to write them, three to read. */
#ifndef LASTACK_SERVE_HTTP_DATE_H
#define LASTACK_SERVE_HTTP_DATE_H

#include <stdbool.h>
#include <time.h>

#include "serve/http_request.h"

#define HTTP_DATE_SIZE 30 /* "Sun, 06 Nov 1994 08:49:37 GMT" and NUL */

void http_date_write(time_t at, char text[HTTP_DATE_SIZE]);

/* False for what is no date. */
bool http_date_parse(struct http_text text, time_t *ret_at);

#endif
