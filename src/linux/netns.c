/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char own[] = "/proc/thread-self/ns/net";

static int
inode_in(int r, const struct stat *status, uint32_t *ret_inode)
{
        if (r < 0)
                return -errno;
        *ret_inode = (uint32_t)status->st_ino;
        return 0;
}

int
netns_inode(int fd, uint32_t *ret_inode)
{
        struct stat status;

        return inode_in(fd == 0 ? stat(own, &status) : fstat(fd, &status), &status, ret_inode);
}

static bool
is_here(int fd)
{
        uint32_t here, there;

        return fd == 0 || (netns_inode(0, &here) == 0 && netns_inode(fd, &there) == 0 && here == there);
}

int
netns_enter(int fd, struct netns_visit *ret_visit)
{
        int home;

        if (is_here(fd)) {
                ret_visit->home = -1;
                return 0;
        }
        home = open(own, O_RDONLY | O_CLOEXEC);
        if (home < 0)
                return -errno;
        if (setns(fd, CLONE_NEWNET) < 0) {
                int error = errno;

                close(home);
                return -error;
        }
        ret_visit->home = home;
        return 0;
}

int
netns_leave(struct netns_visit *visit)
{
        int r = 0;

        if (visit->home < 0)
                return 0;
        if (setns(visit->home, CLONE_NEWNET) < 0)
                r = -errno;
        close(visit->home);
        visit->home = -1;
        return r;
}

int
netns_open_file(int fd, const char *path)
{
        struct netns_visit visit;
        int r = netns_enter(fd, &visit), file, back;

        if (r < 0)
                return r;
        file = open(path, O_RDONLY | O_CLOEXEC);
        if (file < 0)
                file = -errno;
        back = netns_leave(&visit);
        if (back < 0 && file >= 0)
                close(file);
        return back < 0 ? back : file;
}

/* /proc/net is that of the process: a thread that has gone elsewhere has its own.  Before Linux 3.17 there was no
 * other, and then the thread that goes elsewhere had better be the only one. */
int
netns_open_proc_net(int fd, const char *name)
{
        static const char *const directories[] = { "/proc/thread-self/net", "/proc/net" };
        char path[64];
        int file = -ENOENT;

        for (size_t i = 0; i < 2 && file == -ENOENT; i++) {
                snprintf(path, sizeof(path), "%s/%s", directories[i], name);
                file = netns_open_file(fd, path);
        }
        return file;
}
