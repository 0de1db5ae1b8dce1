/* SPDX-License-Identifier: BSD-2-Clause */
/* Finding the stacks that run, and reaching one. */
#include "control/reach.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "control/client.h"
#include "control/place.h"

#define PATIENCE_S 10

static int
wait_no_longer(int fd)
{
        struct timeval t = { .tv_sec = PATIENCE_S };

        return setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)) < 0 ||
                               setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t)) < 0
                       ? -errno
                       : 0;
}

/* What somebody else says of his stack is not worth hearing, unless we are root and asked for it. */
static int
is_trusted(int fd)
{
        struct ucred peer;
        socklen_t length = sizeof(peer);

        if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
                return -errno;
        return peer.uid == geteuid() || peer.uid == 0 || geteuid() == 0 ? 0 : -EACCES;
}

static int
connect_to(const struct sockaddr_un *address)
{
        int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), r;

        if (fd < 0)
                return -errno;
        r = wait_no_longer(fd);
        if (r == 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
                r = errno == ECONNREFUSED || errno == ENOTDIR ? -ENOENT : errno == EAGAIN ? -ETIMEDOUT : -errno;
        if (r == 0)
                r = is_trusted(fd);
        if (r < 0) {
                close(fd);
                return r;
        }
        return fd;
}

static int
connect_to_path(const char *path)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };

        if (strlen(path) >= sizeof(address.sun_path))
                return -ENAMETOOLONG;
        strcpy(address.sun_path, path);
        return connect_to(&address);
}

int
reach_name(const char *name)
{
        struct place_directories d = place_directories();
        struct sockaddr_un address;
        int found = -ENOENT;

        if (strchr(name, '/'))
                return connect_to_path(name);
        if (!place_name_is_valid(name))
                return -EINVAL;
        for (size_t i = 0; i < d.count; i++) {
                int r = place_address(d.path[i], name, &address);
                if (r == 0)
                        r = connect_to(&address);
                if (r >= 0)
                        return r;
                if (r != -ENOENT)
                        found = r;
        }
        return found;
}

/* ---- Which there are ---- */

static int
by_name(const void *a, const void *b)
{
        return strcmp(a, b);
}

static int
add_name(struct control_names *names, const char *name)
{
        void *more = realloc(names->name, (names->count + 1) * sizeof(*names->name));

        if (!more)
                return -ENOMEM;
        names->name = more;
        strcpy(names->name[names->count++], name);
        return 0;
}

/* A socket that nobody answers on is not one of a stack that runs. */
static bool
runs(const char *directory, const char *name)
{
        struct sockaddr_un address;
        int fd = place_address(directory, name, &address) < 0 ? -1 : connect_to(&address);

        if (fd >= 0)
                close(fd);
        return fd >= 0 || fd == -ETIMEDOUT;
}

static int
add_names_of(struct control_names *names, const char *directory)
{
        DIR *d = opendir(directory);
        struct dirent *entry;
        int r = 0;

        while (d && r == 0 && (entry = readdir(d))) {
                char name[LA_CONTROL_NAME_MAX + 1];
                size_t length = strlen(entry->d_name);

                if (length <= 5 || length - 5 >= sizeof(name) || strcmp(entry->d_name + length - 5, ".sock") != 0)
                        continue;
                memcpy(name, entry->d_name, length - 5);
                name[length - 5] = '\0';
                if (place_name_is_valid(name) && runs(directory, name))
                        r = add_name(names, name);
        }
        if (d)
                closedir(d);
        return r;
}

int
control_names(struct control_names *ret_names)
{
        struct place_directories d = place_directories();
        struct control_names names = { 0 };
        int r = 0;

        for (size_t i = 0; i < d.count && r == 0; i++)
                r = add_names_of(&names, d.path[i]);
        if (r < 0) {
                control_names_free(&names);
                return r;
        }
        if (names.count > 0)
                qsort(names.name, names.count, sizeof(*names.name), by_name);
        *ret_names = names;
        return 0;
}

void
control_names_free(struct control_names *names)
{
        free(names->name);
        *names = (struct control_names){ 0 };
}

void
control_places(char *text, size_t room)
{
        struct place_directories d = place_directories();
        size_t at = 0;

        text[0] = '\0';
        for (size_t i = 0; i < d.count && at < room; i++)
                at += (size_t)snprintf(text + at, room - at, "%s%s", i > 0 ? ", " : "", d.path[i]);
}
