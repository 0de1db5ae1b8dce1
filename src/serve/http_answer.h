/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * http_answer.h - what is answered to a request: looked for, judged, and its head written, before anything is sent.
 */
#ifndef LASTACK_SERVE_HTTP_ANSWER_H
#define LASTACK_SERVE_HTTP_ANSWER_H

#include "serve/http_date.h"
#include "serve/http_file.h"
#include "serve/http_request.h"
#include "serve/http_write.h"

/* A head, and a small body behind it, are put together here. */
#define HTTP_SCRATCH 32768

/* What all connections of a service share: one answer is made at a time. */
struct http_site {
        int directory;
        struct http_path path;
        char scratch[HTTP_SCRATCH];
        time_t date_at;
        char date[HTTP_DATE_SIZE]; /* of date_at */
};

/* To be sent in this order: `head`, which is the site's until its next answer; `page`, which is to be freed; the part
 * of `file`, which is to be closed. */
struct http_answer {
        unsigned int status;
        struct http_writer head, page;
        struct http_file file;
        uint64_t first, bytes; /* the part of the file that is left to send */
        bool keep_alive;
};

/* Always something: 503 if there is no descriptor or no memory for more. */
void http_answer(struct http_site *site, const struct http_request *request, bool keep_alive,
                 struct http_answer *ret_answer);

/* A page that says no more than the status, for a request that was refused. */
void http_answer_status(struct http_site *site, unsigned int status, bool head_only, struct http_answer *ret_answer);

void http_answer_fini(struct http_answer *answer);

/* "Not Found"; "" for a status that is never sent. */
const char *http_reason(unsigned int status);

#endif
