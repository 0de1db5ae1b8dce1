/* SPDX-License-Identifier: BSD-2-Clause */
/* filter_world.h - names that mean the same on every machine, in place of src/filter/names.c. */
#ifndef FILTER_WORLD_H
#define FILTER_WORLD_H

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "filter/names.h"

/* The host "two.example" has an address of each family, "many.example" has the most that are asked for. */
bool
names_host(const char *name, int family, struct names_address ret_addresses[NAMES_ADDRESSES_MAX], size_t *ret_count,
           const char **ret_why)
{
        size_t count = 0;

        memset(ret_addresses, 0, NAMES_ADDRESSES_MAX * sizeof *ret_addresses);
        *ret_why = "no such host";
        if (!strcmp(name, "many.example")) {
                for (; count < NAMES_ADDRESSES_MAX; count++) {
                        ret_addresses[count].family = LA_IPV4;
                        ret_addresses[count].bytes[3] = (uint8_t)count;
                }
        } else if (!strcmp(name, "two.example")) {
                if (family != LA_IPV6) {
                        ret_addresses[count].family = LA_IPV4;
                        inet_pton(AF_INET, "127.0.0.1", ret_addresses[count++].bytes);
                }
                if (family != LA_IPV4) {
                        ret_addresses[count].family = LA_IPV6;
                        inet_pton(AF_INET6, "2001:db8::1", ret_addresses[count++].bytes);
                }
        }
        *ret_count = count;
        return count > 0;
}

bool
names_service(const char *name, uint16_t *ret_port)
{
        if (!strcmp(name, "ssh"))
                *ret_port = 22;
        else if (!strcmp(name, "https"))
                *ret_port = 443;
        else
                return false;
        return true;
}

/* Whether the caller is in another network namespace than the first. */
static bool in_blue;

bool
names_interface(const char *name, uint32_t *ret_index)
{
        if (!strcmp(name, "eth0"))
                *ret_index = in_blue ? 7 : 2;
        else if (in_blue && !strcmp(name, "blue0"))
                *ret_index = 2;
        else
                return false;
        return true;
}

bool
names_user(const char *name, uint32_t *ret_uid)
{
        if (strcmp(name, "www-data") != 0)
                return false;
        *ret_uid = 33;
        return true;
}

int
names_netns_of_process(uint32_t pid, uint32_t *ret_inode)
{
        if (pid == 1)
                return -EACCES;
        if (pid != 100)
                return -ENOENT;
        *ret_inode = 4026531840;
        return 0;
}

int
names_netns(const char *name, uint32_t *ret_inode)
{
        if (!strcmp(name, "/etc/passwd"))
                return -EINVAL;
        if (strcmp(name, "blue") != 0)
                return -ENOENT;
        *ret_inode = 4026532999;
        return 0;
}

int
names_cgroup(const char *path, uint64_t *ret_inode)
{
        if (!strcmp(path, "/not/mounted"))
                return -ENODEV;
        if (strcmp(path, "/system.slice/web server") != 0)
                return -ENOENT;
        *ret_inode = UINT64_C(0x100000007);
        return 0;
}

void
names_port_range(uint16_t *ret_low, uint16_t *ret_high)
{
        *ret_low = in_blue ? 5000 : 32768;
        *ret_high = in_blue ? 5009 : 60999;
}

#endif
