/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <linux/magic.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "filter/names.h"

#define PATH_SIZE 4096

static bool
address_of(const struct addrinfo *entry, struct names_address *ret)
{
        memset(ret, 0, sizeof *ret);
        if (entry->ai_family == AF_INET) {
                ret->family = LA_IPV4;
                memcpy(ret->bytes, &((const struct sockaddr_in *)(const void *)entry->ai_addr)->sin_addr, 4);
                return true;
        }
        if (entry->ai_family == AF_INET6) {
                ret->family = LA_IPV6;
                memcpy(ret->bytes, &((const struct sockaddr_in6 *)(const void *)entry->ai_addr)->sin6_addr, 16);
                return true;
        }
        return false;
}

bool
names_host(const char *name, int family, struct names_address ret_addresses[NAMES_ADDRESSES_MAX], size_t *ret_count,
           const char **ret_why)
{
        struct addrinfo hints = {
                .ai_family = family == LA_IPV4   ? AF_INET
                             : family == LA_IPV6 ? AF_INET6
                                                 : AF_UNSPEC,
                .ai_socktype = SOCK_STREAM,
        };
        struct addrinfo *found;
        size_t count = 0;
        int r = getaddrinfo(name, NULL, &hints, &found);

        if (r != 0) {
                *ret_why = r == EAI_SYSTEM ? strerror(errno) : gai_strerror(r);
                return false;
        }
        for (const struct addrinfo *entry = found; entry && count < NAMES_ADDRESSES_MAX; entry = entry->ai_next)
                if (address_of(entry, &ret_addresses[count]))
                        count++;
        freeaddrinfo(found);
        if (count == 0) {
                *ret_why = gai_strerror(EAI_NONAME);
                return false;
        }
        *ret_count = count;
        return true;
}

bool
names_service(const char *name, uint16_t *ret_port)
{
        struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE };
        struct addrinfo *found;

        if (getaddrinfo(NULL, name, &hints, &found) != 0)
                return false;
        *ret_port = ntohs(((const struct sockaddr_in *)(const void *)found->ai_addr)->sin_port);
        freeaddrinfo(found);
        return true;
}

bool
names_interface(const char *name, uint32_t *ret_index)
{
        unsigned int index = if_nametoindex(name);

        if (index == 0)
                return false;
        *ret_index = index;
        return true;
}

bool
names_user(const char *name, uint32_t *ret_uid)
{
        const struct passwd *user = getpwnam(name);

        if (!user)
                return false;
        *ret_uid = user->pw_uid;
        return true;
}

/* The inode of a file, if it is on the file system meant. */
static int
inode_of(const char *path, uint32_t magic, uint64_t *ret_inode)
{
        struct stat file;
        struct statfs system;

        if (stat(path, &file) < 0 || statfs(path, &system) < 0)
                return -errno;
        if ((uint32_t)system.f_type != magic)
                return -EINVAL;
        *ret_inode = file.st_ino;
        return 0;
}

static int
netns_at(const char *path, uint32_t *ret_inode)
{
        uint64_t inode = 0;
        int r = inode_of(path, NSFS_MAGIC, &inode);

        if (r < 0)
                return r;
        *ret_inode = (uint32_t)inode;
        return 0;
}

int
names_netns_of_process(uint32_t pid, uint32_t *ret_inode)
{
        char path[sizeof "/proc//ns/net" + 10];

        snprintf(path, sizeof path, "/proc/%u/ns/net", pid);
        return netns_at(path, ret_inode);
}

int
names_netns(const char *name, uint32_t *ret_inode)
{
        char path[PATH_SIZE];

        if (strchr(name, '/'))
                return netns_at(name, ret_inode);
        if ((size_t)snprintf(path, sizeof path, "/run/netns/%s", name) >= sizeof path)
                return -ENAMETOOLONG;
        return netns_at(path, ret_inode);
}

/* The inode of mount/path in the first cgroup2 file system that is mounted and not hidden under another.  A blank in a
 * mount's path stands as \040 there (fstab(5)), which no system has for this one. */
static int
inode_under_mount(const char *path, uint64_t *ret_inode)
{
        FILE *mounts = fopen("/proc/self/mounts", "re");
        char line[2 * PATH_SIZE], mount[PATH_SIZE], whole[2 * PATH_SIZE + 1], type[32];
        uint64_t root;
        int r = -ENODEV;

        if (!mounts)
                return -ENODEV;
        while (r == -ENODEV && fgets(line, sizeof line, mounts)) {
                if (sscanf(line, "%*s %4095s %31s", mount, type) != 2 || strcmp(type, "cgroup2") ||
                    inode_of(mount, CGROUP2_SUPER_MAGIC, &root) < 0)
                        continue;
                snprintf(whole, sizeof whole, "%s/%s", mount, path);
                r = inode_of(whole, CGROUP2_SUPER_MAGIC, ret_inode);
        }
        fclose(mounts);
        return r;
}

int
names_cgroup(const char *path, uint64_t *ret_inode)
{
        if (strlen(path) >= PATH_SIZE)
                return -ENAMETOOLONG;
        if (inode_of(path, CGROUP2_SUPER_MAGIC, ret_inode) == 0)
                return 0;
        return inode_under_mount(path, ret_inode);
}

void
names_port_range(uint16_t *ret_low, uint16_t *ret_high)
{
        FILE *file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
        unsigned int low, high;

        *ret_low = 32768;
        *ret_high = 60999;
        if (!file)
                return;
        if (fscanf(file, "%u %u", &low, &high) == 2 && low <= high && high <= UINT16_MAX) {
                *ret_low = (uint16_t)low;
                *ret_high = (uint16_t)high;
        }
        fclose(file);
}
