/* SPDX-License-Identifier: BSD-2-Clause */
/* http_mime.h - what a file is, by its name. */
#ifndef LASTACK_SERVE_HTTP_MIME_H
#define LASTACK_SERVE_HTTP_MIME_H

/* The value of Content-Type for a path; "application/octet-stream" for what is not known. */
const char *http_mime(const char *path);

#endif
