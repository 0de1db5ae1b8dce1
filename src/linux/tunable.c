/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/tunable.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/netns.h"

/* Some files (ip_local_reserved_ports) answer the first read(2) only, with as much as it has room for: all that a list
 * of ports can be, 32,768 of six characters, must fit. */
enum { MOST_ROOM = 256 * 1024, PAGE_OF_LIST = 4095 };

static int
file_of(const char *path, char file[PATH_MAX])
{
        if (strstr(path, "..") || *path == '/')
                return -ENOENT;
        return snprintf(file, PATH_MAX, "/proc/sys/%s", path) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int
read_once(int fd, char **ret_text)
{
        char *text = malloc(MOST_ROOM), *fitting;
        ssize_t size = text ? read(fd, text, MOST_ROOM - 1) : -1;

        if (size < 0) {
                int error = text ? errno : ENOMEM;
                free(text);
                return -error;
        }
        while (size > 0 && isspace((unsigned char)text[size - 1]))
                size--;
        text[size] = '\0';
        for (char *p = text; *p; p++)
                *p = *p == '\t' ? ' ' : *p;
        fitting = realloc(text, (size_t)size + 1);
        *ret_text = fitting ? fitting : text;
        return 0;
}

int
tunable_read(int netns_fd, const char *path, char **ret_text)
{
        char file[PATH_MAX];
        int r = file_of(path, file), fd;

        if (r < 0)
                return r;
        fd = netns_open_file(netns_fd, file);
        if (fd < 0)
                return fd;
        r = read_once(fd, ret_text);
        close(fd);
        return r;
}

/* Opens it as a thread in that namespace sees it, to be written. */
static int
open_to_write(int netns_fd, const char *path)
{
        char file[PATH_MAX];
        struct netns_visit visit;
        int r = file_of(path, file), fd, back;

        if (r == 0)
                r = netns_enter(netns_fd, &visit);
        if (r < 0)
                return r;
        fd = open(file, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                fd = -errno;
        back = netns_leave(&visit);
        if (back < 0 && fd >= 0)
                close(fd);
        return back < 0 ? back : fd;
}

int
tunable_may_write(int netns_fd, const char *path)
{
        int fd = open_to_write(netns_fd, path);

        if (fd < 0)
                return fd;
        close(fd);
        return 0;
}

/* A list of ports is taken a page at a time, and what follows is added to it (proc_do_large_bitmap()).  Of anything
 * else what is not taken is passed over, as sysctl(8) does. */
static int
write_all(int fd, const char *text, size_t size)
{
        bool list = size > PAGE_OF_LIST;

        do {
                ssize_t taken = write(fd, text, size);
                if (taken < 0)
                        return -errno;
                if (taken == 0)
                        return list ? -EIO : 0;
                text += taken;
                size -= (size_t)taken;
        } while (list && size > 0);
        return 0;
}

int
tunable_write(int netns_fd, const char *path, const char *text)
{
        int fd = open_to_write(netns_fd, path), r;
        char *line;

        if (fd < 0)
                return fd;
        if (asprintf(&line, "%s\n", text) < 0) { /* an empty list of ports is a newline, too */
                close(fd);
                return -ENOMEM;
        }
        r = write_all(fd, line, strlen(line));
        free(line);
        close(fd);
        return r;
}
