/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Of the new namespace alone: it does not inherit them, and they go with it. */
static const struct setting {
        const char *path, *value;
} settings[] = {
        { "/proc/sys/net/ipv4/ip_local_port_range", "1024 65535" },
        { "/proc/sys/net/ipv4/tcp_max_tw_buckets", "2000000" },
        { "/proc/sys/net/ipv4/tcp_tw_reuse", "0" },
};

static int
set(const struct setting *s)
{
        int fd = open(s->path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        int r = write(fd, s->value, strlen(s->value)) < 0 ? -errno : 0;
        close(fd);
        return r;
}

static int
raise_loopback(void)
{
        struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                return -errno;
        int r = ioctl(fd, SIOCSIFFLAGS, &lo) < 0 ? -errno : 0;
        close(fd);
        return r;
}

int
namespace_enter_new(const char **ret_what)
{
        if (unshare(CLONE_NEWNET) < 0) {
                *ret_what = "a network namespace";
                return -errno;
        }
        int r = raise_loopback();
        if (r < 0) {
                *ret_what = "the namespace's loopback";
                return r;
        }
        for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
                r = set(&settings[i]);
                if (r < 0) {
                        *ret_what = settings[i].path;
                        return r;
                }
        }
        return 0;
}

uint64_t
namespace_time_wait(void)
{
        char line[256];
        uint64_t records = 0;
        FILE *sockstat = fopen("/proc/net/sockstat", "re");
        while (sockstat && fgets(line, sizeof(line), sockstat))
                sscanf(line, "TCP: inuse %*d orphan %*d tw %" SCNu64, &records);
        if (sockstat)
                fclose(sockstat);
        return records;
}
