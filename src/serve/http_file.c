/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve/http_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define OPEN_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define TRIES      4 /* a rename elsewhere may disturb a resolution: openat2(2), EAGAIN */

static int
open_beneath(int beneath, const char *path)
{
        struct open_how how = {
                .flags = OPEN_FLAGS,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
        };
        long fd;
        int tries = 0;

        do
                fd = syscall(SYS_openat2, beneath, path, &how, sizeof how);
        while (fd < 0 && errno == EAGAIN && ++tries < TRIES);
        return fd < 0 ? -errno : (int)fd;
}

/* The first component of a path, and where the next one begins; NULL behind the last. */
static const char *
component(const char *path, char name[NAME_MAX + 1])
{
        const char *slash = strchr(path, '/');
        size_t n = slash ? (size_t)(slash - path) : strlen(path);

        if (n > NAME_MAX)
                return NULL;
        memcpy(name, path, n);
        name[n] = '\0';
        return slash ? slash + 1 : path + n;
}

/* Each component is looked for in the directory opened before it, and none of them may be a link. */
static int
open_stepwise(int beneath, const char *path)
{
        int fd = openat(beneath, ".", OPEN_FLAGS | O_DIRECTORY);

        while (fd >= 0 && *path) {
                char name[NAME_MAX + 1];
                int directory = fd;

                path = component(path, name);
                if (!path || strcmp(name, "..") == 0) {
                        close(directory);
                        return path ? -EXDEV : -ENAMETOOLONG;
                }
                fd = openat(directory, name, OPEN_FLAGS | O_NOFOLLOW | (*path ? O_DIRECTORY : 0));
                if (fd < 0) {
                        int error = errno;

                        close(directory);
                        return -error;
                }
                close(directory);
        }
        return fd < 0 ? -errno : fd;
}

static int
describe(int fd, struct http_file *ret_file)
{
        struct stat s;

        if (fstat(fd, &s) < 0)
                return -errno;
        if (!S_ISREG(s.st_mode) && !S_ISDIR(s.st_mode))
                return -EACCES;
        *ret_file = (struct http_file){
                .fd = fd,
                .directory = S_ISDIR(s.st_mode),
                .bytes = (uint64_t)s.st_size,
                .inode = s.st_ino,
                .modified = s.st_mtim,
        };
        return 0;
}

static int
described(int fd, struct http_file *ret_file)
{
        int r = fd < 0 ? fd : describe(fd, ret_file);

        if (r < 0 && fd >= 0)
                close(fd);
        return r;
}

int
http_file_open_stepwise(int beneath, const char *path, struct http_file *ret_file)
{
        return described(open_stepwise(beneath, path), ret_file);
}

int
http_file_open(int beneath, const char *path, struct http_file *ret_file)
{
        int fd = open_beneath(beneath, *path ? path : ".");

        if (fd == -ENOSYS || fd == -EPERM)
                return http_file_open_stepwise(beneath, path, ret_file);
        return described(fd, ret_file);
}

bool
http_file_unchanged(const struct http_file *file)
{
        struct stat s;

        return fstat(file->fd, &s) == 0 && (uint64_t)s.st_size == file->bytes &&
               s.st_mtim.tv_sec == file->modified.tv_sec && s.st_mtim.tv_nsec == file->modified.tv_nsec;
}

void
http_file_close(struct http_file *file)
{
        if (file->fd >= 0)
                close(file->fd);
        file->fd = -1;
}

void
http_file_etag(const struct http_file *file, char text[HTTP_ETAG_SIZE])
{
        uint64_t at = (uint64_t)file->modified.tv_sec * 1000000000u + (uint64_t)file->modified.tv_nsec;

        snprintf(text, HTTP_ETAG_SIZE, "\"%llx-%llx-%llx\"", (unsigned long long)file->inode,
                 (unsigned long long)file->bytes, (unsigned long long)at);
}
