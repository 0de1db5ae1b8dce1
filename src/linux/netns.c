/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "linux/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

int
netns_enter(int fd, struct netns_visit *ret_visit)
{
        int home;

        if (fd == 0) {
                ret_visit->home = -1;
                return 0;
        }
        home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
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
