/* SPDX-License-Identifier: BSD-2-Clause */
/* diag_decoded.h - one socket's bytes, as sock_diag_decode() understands them: what its tests share. */
#ifndef DIAG_DECODED_H
#define DIAG_DECODED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <linux/tcp.h>
#include <stdlib.h>

#include "diag_bytes.h"
#include "linux/dump.h"
#include "linux/sock_diag_decode.h"

enum { WANT_ALL = DUMP_WANT_TCP | DUMP_WANT_MEMORY | DUMP_WANT_MARK | DUMP_WANT_CGROUP };
enum { TCP_INFO_2_6_12 = 104, TCP_INFO_5_4 = 232 };

static struct diag_bytes b;

static inline int
begin(void **unused)
{
        (void)unused;
        memset(&b, 0, sizeof(b));
        return 0;
}

/* Decodes the last message from a block of its very size, so that reading past its end is found out. */
static inline bool
decode(uint32_t want, struct la_snapshot *ret)
{
        const struct nlmsghdr *message = diag_last(&b);
        struct nlmsghdr *exact = malloc(message->nlmsg_len);
        bool sensible;

        assert_non_null(exact);
        memcpy(exact, message, message->nlmsg_len);
        sensible = sock_diag_decode(exact, want, ret);
        free(exact);
        return sensible;
}

static inline struct la_snapshot
decoded(uint32_t want)
{
        struct la_snapshot s;

        memset(&s, 0, sizeof(s));
        assert_true(decode(want, &s));
        return s;
}

static inline void
expect_nonsense(void)
{
        struct la_snapshot s, before;

        memset(&s, 0x5a, sizeof(s));
        before = s;
        assert_false(decode(WANT_ALL, &s));
        assert_memory_equal(&s, &before, sizeof(s));
}

static inline void
put_tcp_info(const struct tcp_info *info, size_t size)
{
        uint8_t bytes[sizeof(*info) + 200] = { 0 };

        memcpy(bytes, info, size < sizeof(*info) ? size : sizeof(*info));
        diag_attribute(&b, INET_DIAG_INFO, bytes, size);
}

#define TEST(function) cmocka_unit_test_setup(function, begin)

#endif
