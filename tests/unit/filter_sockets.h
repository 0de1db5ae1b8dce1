/* SPDX-License-Identifier: BSD-2-Clause */
/* filter_sockets.h - ten sockets, each known by a letter, and which of them a filter takes. */
#ifndef FILTER_SOCKETS_H
#define FILTER_SOCKETS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "filter/filter.h"
#include "filter_world.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define ALL_KNOWN  (LA_KNOWN_INODE | LA_KNOWN_AGE | LA_KNOWN_MARK | LA_KNOWN_CGROUP | LA_KNOWN_OWNERS | LA_KNOWN_NETNS)
#define HOST_NETNS 4026531840u
#define BLUE_NETNS 4026532999u

static const struct la_owner nginx[] = { { 100, 3, "nginx" }, { 101, 3, "nginx worker" } };
static const struct la_owner sshd[] = { { 200, 4, "sshd" } };
static const struct la_owner resolver[] = { { 300, 5, "systemd-resolve" } }; /* systemd-resolved, cut by the kernel */
static const struct la_owner user[] = { { 400, 6, "(sd-pam)" } };

#define OWNERS(list) .owners = (list), .owner_count = COUNT(list)

/* Each known by the letter that the tables below use for it. */
static const struct {
        char letter;
        const char *local, *remote;
        uint16_t local_port, remote_port;
        struct la_snapshot socket;
} sockets[] = {
        { 'w',
          "10.0.0.5",
          "93.184.216.34",
          40000,
          443,
          { .known = ALL_KNOWN,
            .state = LA_ESTABLISHED,
            .uid = 33,
            .inode = 1001,
            .mark = 0x11,
            .cgroup = UINT64_C(0x100000007),
            .netns = HOST_NETNS,
            .age_min_ms = 10000,
            .age_max_ms = 20000,
            OWNERS(nginx) } },
        { 's',
          "192.168.1.1",
          "10.0.0.9",
          22,
          50022,
          { .known = ALL_KNOWN,
            .state = LA_ESTABLISHED,
            .interface = 2,
            .inode = 1002,
            .mark = 0x10,
            .cgroup = 7,
            .netns = HOST_NETNS,
            .age_min_ms = 60000,
            .age_max_ms = UINT32_MAX,
            OWNERS(sshd) } },
        { 'm',
          "::ffff:127.0.0.1",
          "::ffff:10.1.2.3",
          443,
          5004,
          { .known = ALL_KNOWN,
            .state = LA_CLOSE_WAIT,
            .uid = 1000,
            .inode = 1003,
            .netns = BLUE_NETNS,
            .age_min_ms = 30000,
            .age_max_ms = 30000,
            OWNERS(resolver) } },
        { 'x',
          "2001:db8::1",
          "2001:db8:0:1::2",
          443,
          50000,
          { .known = ALL_KNOWN,
            .state = LA_FIN_WAIT_2,
            .uid = 1001,
            .inode = 1004,
            .netns = BLUE_NETNS,
            .age_min_ms = 0,
            .age_max_ms = 500,
            OWNERS(user) } },
        { 'l',
          "0.0.0.0",
          "0.0.0.0",
          80,
          0,
          { .known = ALL_KNOWN, .state = LA_LISTEN, .inode = 1005, .netns = HOST_NETNS, .age_max_ms = UINT32_MAX } },
        { 'v',
          "::",
          "::",
          443,
          0,
          { .known = ALL_KNOWN, .state = LA_LISTEN, .inode = 1006, .netns = HOST_NETNS, .age_max_ms = UINT32_MAX } },
        /* Nobody holds a TIME_WAIT or a half-open connection, so nobody's are its uid 0 and its inode 0. */
        { 't',
          "10.0.0.5",
          "93.184.216.34",
          40001,
          443,
          { .known = LA_KNOWN_INODE | LA_KNOWN_AGE | LA_KNOWN_OWNERS,
            .state = LA_TIME_WAIT,
            .age_min_ms = 30000,
            .age_max_ms = 30000 } },
        { 'r', "192.168.1.1", "203.0.113.9", 22, 50023, { .state = LA_SYN_RECEIVED } },
        /* Of this one its source told nothing but the addresses. */
        { 'u', "10.1.2.3", "10.77.0.5", 5010, 80, { .state = LA_SYN_SENT } },
        { 'c', "127.0.0.1", "0.0.0.0", 5011, 0, { .state = LA_CLOSED } },
};

static struct la_snapshot
snapshot_of(size_t i)
{
        struct la_snapshot s = sockets[i].socket;
        int family = strchr(sockets[i].local, ':') ? AF_INET6 : AF_INET;

        s.family = family == AF_INET6 ? LA_IPV6 : LA_IPV4;
        s.local.port = sockets[i].local_port;
        s.remote.port = sockets[i].remote_port;
        assert_int_equal(inet_pton(family, sockets[i].local, s.local.address), 1);
        assert_int_equal(inet_pton(family, sockets[i].remote, s.remote.address), 1);
        return s;
}

static inline struct filter *
parsed(const char *text)
{
        struct filter *filter = NULL;
        struct filter_error error;
        int r = filter_parse(text, &filter, &error);

        if (r != 0)
                fail_msg("'%s' is refused: %s", text, r == -EINVAL ? error.message : "no memory");
        return filter;
}

/* The letters of the sockets that a filter takes. */
static void
taken_by(const char *text, char ret_letters[COUNT(sockets) + 1])
{
        struct filter *filter = parsed(text);
        uint32_t states;
        bool named;
        size_t count = 0;

        states = filter_states(filter, &named);
        for (size_t i = 0; i < COUNT(sockets); i++) {
                struct la_snapshot s = snapshot_of(i);

                if (!filter_takes(filter, &s))
                        continue;
                ret_letters[count++] = sockets[i].letter;
                if (!(states >> s.state & 1))
                        fail_msg("'%s' takes %c, whose state is not among filter_states()", text, sockets[i].letter);
        }
        ret_letters[count] = '\0';
        filter_free(filter);
}

struct taken {
        const char *text, *letters;
};

#define ALL "wsmxlvtruc"

static inline void
check_taken(const struct taken *rows, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                char letters[COUNT(sockets) + 1];

                taken_by(rows[i].text, letters);
                if (strcmp(letters, rows[i].letters) != 0)
                        fail_msg("'%s' takes %s instead of %s", rows[i].text, letters, rows[i].letters);
        }
}

#define CHECK_TAKEN(...)                                            \
        do {                                                        \
                static const struct taken rows[] = { __VA_ARGS__ }; \
                check_taken(rows, COUNT(rows));                     \
        } while (0)

#endif
