/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/place.h"

#define WAITING_MAX 16

/* Does a program answer there?  One whose queue is full does. */
static bool
is_alive(const struct sockaddr_un *address)
{
        int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        bool alive = fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
                                 (errno != ECONNREFUSED && errno != ENOENT));

        if (fd >= 0)
                close(fd);
        return alive;
}

/* What a program that died left there is taken away first; nothing but a socket is. */
static int
bind_anew(int fd, const struct sockaddr_un *address)
{
        struct stat s;

        if (bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
                return 0;
        if (errno != EADDRINUSE)
                return -errno;
        if (lstat(address->sun_path, &s) < 0 || !S_ISSOCK(s.st_mode) || is_alive(address))
                return -EADDRINUSE;
        if (unlink(address->sun_path) < 0)
                return -errno;
        return bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;
}

/* Nobody connects before listen(), and by then the mode is right. */
static int
begin(struct control_listener *l)
{
        struct stat s;
        int r = bind_anew(l->fd, &l->address);

        if (r < 0)
                return r;
        if (chmod(l->address.sun_path, 0600) < 0 || lstat(l->address.sun_path, &s) < 0)
                return -errno;
        l->device = s.st_dev;
        l->inode = s.st_ino;
        return listen(l->fd, WAITING_MAX) < 0 ? -errno : 0;
}

/* Two who begin at the same time take turns: a lock on the directory, for as long as that takes. */
static int
begin_in(struct control_listener *l, const char *directory, const char *name)
{
        int r = place_address(directory, name, &l->address);
        int lock = r < 0 ? r : place_directory_open(directory);

        if (lock < 0)
                return lock;
        r = flock(lock, LOCK_EX) < 0 ? -errno : begin(l);
        close(lock);
        return r;
}

static int
begin_somewhere(struct control_listener *l, const char *name)
{
        struct place_directories d = place_directories();
        int r = -EACCES;

        for (size_t i = 0; i < d.count; i++) {
                r = begin_in(l, d.path[i], name);
                if (r == 0 || r == -EADDRINUSE)
                        return r;
        }
        return r == -EROFS || r == -ENOENT ? -EACCES : r;
}

int
listener_open(struct control_listener *l, const char *name)
{
        int r;

        *l = (struct control_listener){ .fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
                                        .spare = open("/", O_PATH | O_CLOEXEC) };
        r = l->fd < 0 || l->spare < 0 ? -errno : begin_somewhere(l, name);
        if (r < 0)
                listener_close(l);
        return r;
}

void
listener_close(struct control_listener *l)
{
        struct stat s;

        if (l->inode && lstat(l->address.sun_path, &s) == 0 && s.st_dev == l->device && s.st_ino == l->inode)
                unlink(l->address.sun_path);
        if (l->fd >= 0)
                close(l->fd);
        if (l->spare >= 0)
                close(l->spare);
        *l = (struct control_listener){ .fd = -1, .spare = -1 };
}

static bool
may_ask(int fd)
{
        struct ucred peer;
        socklen_t length = sizeof(peer);

        return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && (peer.uid == geteuid() || peer.uid == 0);
}

/* Without a descriptor to accept with, a client would be there for ever, and wake us each time. */
static void
turn_away(struct control_listener *l)
{
        close(l->spare);
        l->spare = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC);
        if (l->spare >= 0)
                close(l->spare);
        l->spare = open("/", O_PATH | O_CLOEXEC);
}

int
listener_accept(struct control_listener *l, int *ret_refused)
{
        int fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
                turn_away(l);
                return -EAGAIN;
        }
        if (fd < 0)
                return -EAGAIN;
        if (may_ask(fd))
                return fd;
        *ret_refused = fd;
        return -EACCES;
}
