/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lastack/control.h"

/* Paths that are not whole mean something else in each working directory. */
static void
add(struct place_directories *d, const char *base, const char *below)
{
        char *path = d->path[d->count];

        if (base && base[0] == '/' && snprintf(path, PATH_MAX, "%s%s", base, below) < PATH_MAX)
                d->count++;
}

struct place_directories
place_directories(void)
{
        struct place_directories d = { .count = 0 };
        const char *only = getenv("LASTACK_DIR");

        if (only && *only) {
                add(&d, only, "");
                return d;
        }
        if (geteuid() == 0)
                add(&d, "/run/lastack", "");
        add(&d, getenv("XDG_RUNTIME_DIR"), "/lastack");
        add(&d, getenv("HOME"), "/.lastack");
        return d;
}

bool
place_name_is_valid(const char *name)
{
        size_t length = strlen(name);

        return length > 0 && length <= LA_CONTROL_NAME_MAX && name[0] != '.' &&
               strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == length;
}

static int
take_for_ourselves(int fd)
{
        struct stat s;

        if (fstat(fd, &s) < 0)
                return -errno;
        if (s.st_uid != geteuid())
                return -EPERM;
        if ((s.st_mode & 0777) != 0700 && fchmod(fd, 0700) < 0)
                return -errno;
        return 0;
}

int
place_directory_open(const char *path)
{
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
                return -errno;
        int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return errno == ELOOP ? -ENOTDIR : -errno;
        int r = take_for_ourselves(fd);
        if (r < 0) {
                close(fd);
                return r;
        }
        return fd;
}

int
place_address(const char *directory, const char *name, struct sockaddr_un *ret_address)
{
        *ret_address = (struct sockaddr_un){ .sun_family = AF_UNIX };
        int n = snprintf(ret_address->sun_path, sizeof(ret_address->sun_path), "%s/%s.sock", directory, name);

        return n > 0 && (size_t)n < sizeof(ret_address->sun_path) ? 0 : -ENAMETOOLONG;
}
