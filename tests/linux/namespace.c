/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ipv6.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "population.h"

enum {
        PATIENCE_MS = 5000,
};

/* Buckets, many more than there are connections. */
#define TABLE_SIZE "4096"

/* States must outlast the test, a minute, and not much longer where a test is killed before it can clean up: an orphan
 * keeps its namespace alive until its retransmissions end (8 of them: 102 s after the first, with an RTO of 200 ms). */
static const struct {
        const char *path, *value;
} settings[] = {
        { "net/ipv4/tcp_syn_retries", "8" },       { "net/ipv4/tcp_synack_retries", "8" },
        { "net/ipv4/tcp_orphan_retries", "8" },    { "net/ipv4/tcp_retries2", "15" },
        { "net/ipv4/tcp_fin_timeout", "60" },      { "net/ipv4/tcp_syncookies", "1" },
        { "net/ipv4/tcp_tw_reuse", "0" },          { "net/ipv4/tcp_abort_on_overflow", "0" },
        { "net/ipv6/conf/all/disable_ipv6", "0" },
};

static void __attribute__((noreturn, format(printf, 1, 2))) skip(const char *reason, ...)
{
        va_list arguments;
        va_start(arguments, reason);
        vfprintf(stderr, reason, arguments);
        va_end(arguments);
        fputc('\n', stderr);
        exit(POPULATION_SKIP);
}

/* Returns 0 or a negative errno. */
static int
write_file(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        ssize_t written = write(fd, text, strlen(text));
        int result = written < 0 ? -errno : 0;
        close(fd);
        return result;
}

static void
become_root_of_a_user_namespace(void)
{
        char map[64];
        uid_t uid = geteuid();
        gid_t gid = getegid();
        if (unshare(CLONE_NEWUSER) < 0)
                skip("not root, and a user namespace of our own is not permitted: %s", strerror(errno));
        snprintf(map, sizeof(map), "0 %u 1", uid);
        int r = write_file("/proc/self/uid_map", map);
        if (r >= 0)
                r = write_file("/proc/self/setgroups", "deny");
        snprintf(map, sizeof(map), "0 %u 1", gid);
        if (r >= 0)
                r = write_file("/proc/self/gid_map", map);
        if (r < 0)
                skip("not root, and being root of a user namespace is not permitted: %s", strerror(-r));
}

static void
set_up(int fd, const char *name)
{
        struct ifreq device = { 0 };
        snprintf(device.ifr_name, sizeof(device.ifr_name), "%s", name);
        if (ioctl(fd, SIOCGIFFLAGS, &device) < 0)
                err(1, "cannot look at the network device %s", name);
        device.ifr_flags |= IFF_UP;
        if (ioctl(fd, SIOCSIFFLAGS, &device) < 0)
                err(1, "cannot set the network device %s up", name);
}

static void
set_ipv4_address(int fd, unsigned long request, const char *address)
{
        struct ifreq device = { .ifr_name = POPULATION_DEVICE };
        struct sockaddr_in in = { .sin_family = AF_INET };
        inet_pton(AF_INET, address, &in.sin_addr);
        memcpy(&device.ifr_addr, &in, sizeof(in));
        if (ioctl(fd, request, &device) < 0)
                err(1, "cannot give the address %s to %s", address, POPULATION_DEVICE);
}

static void
set_ipv6_address(const char *address)
{
        struct in6_ifreq device = { .ifr6_ifindex = (int)if_nametoindex(POPULATION_DEVICE), .ifr6_prefixlen = 64 };
        inet_pton(AF_INET6, address, &device.ifr6_addr);
        int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                skip("no IPv6 here: %s", strerror(errno));
        if (ioctl(fd, SIOCSIFADDR, &device) < 0)
                err(1, "cannot give the address %s to %s", address, POPULATION_DEVICE);

        /* The kernel first makes sure, in its own time, that nobody else has it (RFC 4862 5.4). */
        struct sockaddr_in6 in6 = {
                .sin6_family = AF_INET6,
                .sin6_addr = device.ifr6_addr,
                .sin6_scope_id = (uint32_t)device.ifr6_ifindex,
        };
        for (int waited_ms = 0; bind(fd, (struct sockaddr *)&in6, sizeof(in6)) < 0; waited_ms++) {
                if (errno != EADDRNOTAVAIL || waited_ms == PATIENCE_MS)
                        err(1, "the address %s cannot be used", address);
                nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
        }
        close(fd);
}

static void
set_up_devices(void)
{
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0)
                err(1, "cannot make a socket");
        set_up(fd, "lo");
        set_ipv4_address(fd, SIOCSIFADDR, "198.51.100.1");
        set_ipv4_address(fd, SIOCSIFNETMASK, "255.255.255.0");
        set_up(fd, POPULATION_DEVICE);
        close(fd);
        set_ipv6_address("2001:db8::1");
        set_ipv6_address("fe80::1");
}

static void
apply_settings(void)
{
        for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
                char path[128];
                snprintf(path, sizeof(path), "/proc/sys/%s", settings[i].path);
                int r = write_file(path, settings[i].value);
                if (r < 0)
                        skip("cannot set %s in a network namespace of our own: %s", path, strerror(-r));
        }
}

static void
unshare_network(void)
{
        if (unshare(CLONE_NEWNET) < 0)
                skip("a network namespace of our own is not permitted: %s", strerror(errno));
}

/* All namespaces have their connections in one table, whose size follows from the memory there is, and whoever lists
 * them walks through all of it: 5 ms for a quarter of a million buckets, several hundred times in a test.  From Linux 6.1
 * on a namespace may be told to give those that are made in it a table of their own. */
static void
enter_network_with_small_table(void)
{
        unshare_network();
        if (write_file("/proc/sys/net/ipv4/tcp_child_ehash_entries", TABLE_SIZE) == 0)
                unshare_network();
}

int
population_enter_namespace(void)
{
        if (geteuid() != 0)
                become_root_of_a_user_namespace();
        enter_network_with_small_table();
        int puppet = puppet_open(POPULATION_DEVICE);
        if (puppet < 0)
                skip("a TUN device is not to be had (/dev/net/tun): %s", strerror(-puppet));
        set_up_devices();
        apply_settings();
        return puppet;
}
