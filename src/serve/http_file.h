/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * http_file.h - a file beneath a directory, and nothing outside of it.
 *
 * openat2(2) with RESOLVE_BENEATH sees to that: symbolic links are followed as long as all they lead through lies
 * beneath.  Where the kernel does not have it (before 5.6, or a filter that does not know it) each component is opened by
 * itself and no symbolic link is followed.  Only regular files and directories are opened; a FIFO is not waited for.
 */
#ifndef LASTACK_SERVE_HTTP_FILE_H
#define LASTACK_SERVE_HTTP_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define HTTP_ETAG_SIZE 64

struct http_file {
        int fd; /* -1: none */
        bool directory;
        uint64_t bytes;
        uint64_t inode;
        struct timespec modified;
};

/* `path` is relative, without "." and ".." segments; "" is the directory itself.  A negative errno: -EACCES also for what
 * is neither file nor directory. */
int http_file_open(int beneath, const char *path, struct http_file *ret_file);

/* Whether it is what it was when it was opened, so that what was read is all of one version.  The kernel tells changes
 * apart as finely as its clock ticks (10 ms at most).  A file that was replaced, as by mv, is still itself. */
bool http_file_unchanged(const struct http_file *file);

void http_file_close(struct http_file *file);

/* An entity tag, quotes included, of inode, size and time of change. */
void http_file_etag(const struct http_file *file, char text[HTTP_ETAG_SIZE]);

/* For tests: as if the kernel had no openat2(). */
int http_file_open_stepwise(int beneath, const char *path, struct http_file *ret_file);

#endif
