/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/file.h"

static int
path_of(const char *directory, const char *name, char path[PATH_MAX])
{
        return snprintf(path, PATH_MAX, "%s/%s", directory, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int
durable_make_directory(const char *path, mode_t mode)
{
        char part[PATH_MAX];
        size_t length = strlen(path);

        if (length == 0 || length >= sizeof(part))
                return length == 0 ? -ENOENT : -ENAMETOOLONG;
        memcpy(part, path, length + 1);
        for (char *p = part + 1; *p != '\0'; p++) {
                if (*p != '/')
                        continue;
                *p = '\0';
                if (mkdir(part, 0755) < 0 && errno != EEXIST)
                        return -errno;
                *p = '/';
        }
        return mkdir(part, mode) < 0 && errno != EEXIST ? -errno : 0;
}

static int
write_whole(int fd, const char *text, size_t size)
{
        while (size > 0) {
                ssize_t written = write(fd, text, size);
                if (written < 0 && errno != EINTR)
                        return -errno;
                if (written > 0) {
                        text += written;
                        size -= (size_t)written;
                }
        }
        return fsync(fd) < 0 ? -errno : 0;
}

/* A name is on the disk when its directory is. */
static int
sync_directory(const char *directory)
{
        int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

        if (fd < 0)
                return -errno;
        r = fsync(fd) < 0 && errno != EINVAL ? -errno : 0;
        close(fd);
        return r;
}

/* Never in the place of a file that is there; not all file systems can promise that of a rename. */
static int
put_in_place(const char *temporary, const char *path)
{
        if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0)
                return 0;
        if ((errno != EINVAL && errno != ENOSYS) || link(temporary, path) < 0)
                return -errno;
        unlink(temporary);
        return 0;
}

int
durable_create(const char *directory, const char *name, const char *text, mode_t mode)
{
        char temporary[PATH_MAX], path[PATH_MAX];
        int r = path_of(directory, name, path), fd;

        if (r == 0)
                r = path_of(directory, ".lastack-new",
                            temporary); /* what a crash leaves of it, the next one takes over */
        if (r < 0)
                return r;
        fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0)
                return -errno;
        r = fchmod(fd, mode) < 0 ? -errno : write_whole(fd, text, strlen(text));
        close(fd);
        if (r == 0)
                r = put_in_place(temporary, path);
        if (r < 0) {
                unlink(temporary);
                return r;
        }
        return sync_directory(directory);
}

static bool
ends_within_a_line(int fd)
{
        struct stat status;
        char last;

        return fstat(fd, &status) == 0 && status.st_size > 0 && pread(fd, &last, 1, status.st_size - 1) == 1 &&
               last != '\n';
}

int
durable_append_line(const char *directory, const char *name, const char *line)
{
        char path[PATH_MAX], *whole;
        int r = path_of(directory, name, path), fd, length;

        if (r < 0)
                return r;
        fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        length = asprintf(&whole, "%s%s\n", ends_within_a_line(fd) ? "\n" : "", line);
        r = length < 0 ? -ENOMEM : write_whole(fd, whole, (size_t)length);
        if (length >= 0)
                free(whole);
        close(fd);
        return r;
}

int
durable_remove(const char *directory, const char *name)
{
        char path[PATH_MAX];
        int r = path_of(directory, name, path);

        if (r < 0)
                return r;
        return unlink(path) < 0 ? -errno : sync_directory(directory);
}

int
durable_read(const char *directory, const char *name, char **ret_text, size_t *ret_size)
{
        char path[PATH_MAX];
        int r = path_of(directory, name, path);

        return r < 0 ? r : file_read(0, path, ret_text, ret_size);
}
