/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/throwaway.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int
write_file(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY | O_CLOEXEC), r = 0;

        if (fd < 0)
                return -errno;
        if (write(fd, text, strlen(text)) < 0)
                r = -errno;
        close(fd);
        return r;
}

/* user_namespaces(7): the groups' map may be written only after setgroups() has been given up. */
static int
become_root_of_a_user_namespace(uid_t uid, gid_t gid)
{
        char map[64];
        int r;

        if (unshare(CLONE_NEWUSER) < 0)
                return -errno;
        snprintf(map, sizeof(map), "0 %u 1", uid);
        r = write_file("/proc/self/uid_map", map);
        if (r == 0)
                r = write_file("/proc/self/setgroups", "deny");
        snprintf(map, sizeof(map), "0 %u 1", gid);
        return r == 0 ? write_file("/proc/self/gid_map", map) : r;
}

int
throwaway_enter(void)
{
        uid_t uid = geteuid();
        gid_t gid = getegid();

        if (unshare(CLONE_NEWNET) == 0)
                return 0;
        if (errno != EPERM || become_root_of_a_user_namespace(uid, gid) < 0)
                return -EPERM;
        return unshare(CLONE_NEWNET) == 0 ? 0 : -errno;
}

bool
throwaway_end_with(pid_t parent)
{
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        return getppid() == parent;
}
