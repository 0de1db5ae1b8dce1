/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/sysctl.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "linux/tunable.h"

enum { TRIPLE = 3 }; /* no tunable has more numbers */

/* "net.ipv4.tcp_rmem" to "net/ipv4/tcp_rmem". */
static int
path_of(const struct la_knob_info *knob, char path[PATH_MAX])
{
        if (snprintf(path, PATH_MAX, "%s", knob->name) >= PATH_MAX)
                return -ENAMETOOLONG;
        for (char *p = path; *p; p++)
                if (*p == '.')
                        *p = '/';
        return 0;
}

int
sysctl_read_text(int netns_fd, const struct la_knob_info *knob, char **ret_text)
{
        char path[PATH_MAX];
        int r = path_of(knob, path);

        return r < 0 ? r : tunable_read(netns_fd, path, ret_text);
}

/* A whole number with its sign, that ends where a blank or the text does; NULL, or where it ends. */
static const char *
number(const char *text, int64_t *ret)
{
        char *end;
        long long value;

        errno = 0;
        value = strtoll(text, &end, 10);
        if (end == text || errno != 0 || !(*end == '\0' || isspace((unsigned char)*end)))
                return NULL;
        *ret = value;
        return end;
}

int
sysctl_parse_numbers(const char *text, int64_t *ret_numbers, size_t room)
{
        int64_t numbers[TRIPLE];
        int count = 0;

        for (;;) {
                while (isspace((unsigned char)*text))
                        text++;
                if (*text == '\0')
                        break;
                if (count == TRIPLE || !(text = number(text, &numbers[count])))
                        return -EBADMSG;
                count++;
        }
        if (count == 0 || (size_t)count > room)
                return -EBADMSG;
        memcpy(ret_numbers, numbers, (size_t)count * sizeof(numbers[0]));
        return count;
}

int
sysctl_read_numbers(int netns_fd, const struct la_knob_info *knob, int64_t *ret_numbers, size_t room)
{
        char *text;
        int r = sysctl_read_text(netns_fd, knob, &text);

        if (r < 0)
                return r;
        r = sysctl_parse_numbers(text, ret_numbers, room);
        free(text);
        return r;
}

/* ---- Sets of ports ---- */

static void
add_ports(struct sysctl_ports *ports, uint16_t low, uint16_t high)
{
        for (uint32_t port = low; port <= high; port++)
                ports->bits[port / 64] |= UINT64_C(1) << port % 64;
}

bool
sysctl_ports_has(const struct sysctl_ports *ports, uint16_t port)
{
        return ports->bits[port / 64] >> port % 64 & 1;
}

uint32_t
sysctl_ports_within(const struct sysctl_ports *ports, uint16_t low, uint16_t high)
{
        uint32_t count = 0;

        for (uint32_t port = low; port <= high; port++)
                count += sysctl_ports_has(ports, (uint16_t)port);
        return count;
}

/* Digits that are a port; NULL, or where they end. */
static const char *
port_number(const char *text, uint16_t *ret)
{
        uint32_t value = 0;
        const char *p = text;

        for (; isdigit((unsigned char)*p); p++) {
                value = value * 10 + (uint32_t)(*p - '0');
                if (value > UINT16_MAX)
                        return NULL;
        }
        *ret = (uint16_t)value;
        return p > text ? p : NULL;
}

/* "8080" or "9148-9200"; NULL, or where it ends. */
static const char *
port_range(const char *text, uint16_t *ret_low, uint16_t *ret_high)
{
        text = port_number(text, ret_low);
        if (!text || *text != '-') {
                *ret_high = *ret_low;
                return text;
        }
        text = port_number(text + 1, ret_high);
        return text && *ret_low <= *ret_high ? text : NULL;
}

int
sysctl_parse_ports(const char *text, struct sysctl_ports *ret_ports)
{
        struct sysctl_ports ports = { { 0 } };
        uint16_t low = 0, high = 0;

        while (*text != '\0' && *text != '\n') {
                text = port_range(text, &low, &high);
                if (!text || !(*text == ',' || *text == '\0' || *text == '\n'))
                        return -EBADMSG;
                add_ports(&ports, low, high);
                if (*text == ',')
                        text++;
        }
        *ret_ports = ports;
        return 0;
}

int
sysctl_read_ports(int netns_fd, const struct la_knob_info *knob, struct sysctl_ports *ret_ports)
{
        char *text;
        int r = sysctl_read_text(netns_fd, knob, &text);

        if (r < 0)
                return r;
        r = sysctl_parse_ports(text, ret_ports);
        free(text);
        return r;
}
