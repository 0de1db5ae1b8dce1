/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "linux/netns.h"

enum { FIRST_ROOM = 8 * 1024, MOST_ROOM = 1024 * 1024 };

static int
read_all(int fd, char **ret_text, size_t *ret_size)
{
        char *text = NULL, *grown;
        size_t room = 0, size = 0;
        ssize_t got;

        do {
                if (size + 1 >= room) {
                        room = room ? 2 * room : FIRST_ROOM;
                        grown = room <= MOST_ROOM ? realloc(text, room) : NULL;
                        if (!grown) {
                                free(text);
                                return room > MOST_ROOM ? -EFBIG : -ENOMEM;
                        }
                        text = grown;
                }
                got = read(fd, text + size, room - size - 1);
                if (got > 0)
                        size += (size_t)got;
        } while (got > 0 || (got < 0 && errno == EINTR));
        if (got < 0) {
                int error = errno;

                free(text);
                return -error;
        }
        text[size] = '\0';
        *ret_text = text;
        *ret_size = size;
        return 0;
}

static int
read_and_close(int fd, char **ret_text, size_t *ret_size)
{
        int r;

        if (fd < 0)
                return fd;
        r = read_all(fd, ret_text, ret_size);
        close(fd);
        return r;
}

int
file_read(int netns_fd, const char *path, char **ret_text, size_t *ret_size)
{
        return read_and_close(netns_open_file(netns_fd, path), ret_text, ret_size);
}

int
file_read_proc_net(int netns_fd, const char *name, char **ret_text, size_t *ret_size)
{
        return read_and_close(netns_open_proc_net(netns_fd, name), ret_text, ret_size);
}
