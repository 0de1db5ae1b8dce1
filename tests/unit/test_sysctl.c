/* SPDX-License-Identifier: BSD-2-Clause */
/* The texts of tunables, and of a few that this kernel has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/kernel.h"
#include "linux/sysctl.h"

static void
whole_numbers(void **unused)
{
        int64_t n[3] = { 0 };

        (void)unused;
        assert_int_equal(sysctl_parse_numbers("60\n", n, 3), 1);
        assert_int_equal(n[0], 60);
        assert_int_equal(sysctl_parse_numbers("-1", n, 1), 1);
        assert_int_equal(n[0], -1);
        assert_int_equal(sysctl_parse_numbers("32768\t60999\n", n, 2), 2);
        assert_int_equal(n[1], 60999);
        assert_int_equal(sysctl_parse_numbers(" 4096\t131072  33554432 ", n, 3), 3);
        assert_int_equal(n[2], 33554432);
        assert_int_equal(sysctl_parse_numbers("9223372036854775807", n, 3), 1);
        assert_int_equal(n[0], INT64_MAX);
}

static void
no_whole_numbers(void **unused)
{
        static const char *const texts[] = {
                "", " \n", "cubic", "6o", "60 x", "60,61", "1 2 3 4", "9223372036854775808", "0x10", "1.5", "-",
        };
        int64_t n[3] = { 77, 77, 77 };

        (void)unused;
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                assert_int_equal(sysctl_parse_numbers(texts[i], n, 3), -EBADMSG);
        assert_int_equal(sysctl_parse_numbers("1 2", n, 1), -EBADMSG);
        assert_int_equal(n[0], 77);
        assert_int_equal(n[1], 77);
}

static void
sets_of_ports(void **unused)
{
        struct sysctl_ports p;

        (void)unused;
        assert_int_equal(sysctl_parse_ports("\n", &p), 0);
        assert_int_equal(sysctl_ports_within(&p, 0, 65535), 0);
        assert_int_equal(sysctl_parse_ports("8080,9148-9200,65535,0\n", &p), 0);
        assert_int_equal(sysctl_ports_within(&p, 0, 65535), 56);
        assert_int_equal(sysctl_ports_within(&p, 9200, 65534), 1);
        assert_int_equal(sysctl_ports_within(&p, 9201, 9201), 0);
        assert_int_equal(sysctl_ports_within(&p, 2, 1), 0);
        assert_true(sysctl_ports_has(&p, 8080));
        assert_true(sysctl_ports_has(&p, 9148));
        assert_false(sysctl_ports_has(&p, 9147));
        assert_int_equal(sysctl_parse_ports("0-65535", &p), 0);
        assert_int_equal(sysctl_ports_within(&p, 0, 65535), 65536);
}

static void
no_sets_of_ports(void **unused)
{
        static const char *const texts[] = { ",", "1,,2", "65536", "2-1", "1-", "-1", "1 2", "x", "1-2-3", "1;2" };
        struct sysctl_ports p, before;

        (void)unused;
        memset(&p, 0x5a, sizeof(p));
        before = p;
        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                assert_int_equal(sysctl_parse_ports(texts[i], &p), -EBADMSG);
        assert_memory_equal(&p, &before, sizeof(p));
}

static void
skip_because(const char *reason)
{
        printf("# %s\n", reason);
        fflush(stdout);
        skip();
}

static void
of_this_kernel(void **unused)
{
        const struct la_knob_info *timeout = la_knob_find("tcp_fin_timeout"),
                                  *range = la_knob_find("ip_local_port_range");
        int64_t n[2];
        struct sysctl_ports p;
        char *text;

        (void)unused;
        if (access("/proc/sys/net/ipv4/tcp_fin_timeout", R_OK) < 0) {
                skip_because("no /proc/sys/net/ipv4 here");
        }
        assert_int_equal(sysctl_read_numbers(0, timeout, n, 2), 1);
        assert_int_equal(sysctl_read_numbers(0, range, n, 2), 2);
        assert_true(n[0] <= n[1] && n[1] <= 65535);
        assert_int_equal(sysctl_read_numbers(0, range, n, 1), -EBADMSG);
        assert_int_equal(sysctl_read_ports(0, la_knob_find("ip_local_reserved_ports"), &p), 0);
        assert_int_equal(sysctl_read_text(0, la_knob_find("tcp_congestion_control"), &text), 0);
        assert_true(strlen(text) > 0);
        assert_null(strchr(text, '\n'));
        free(text);
        assert_int_equal(sysctl_read_text(0, range, &text), 0);
        assert_non_null(strchr(text, ' '));
        assert_null(strchr(text, '\t'));
        free(text);
}

static void
tunable_that_is_not_there(void **unused)
{
        struct la_knob_info removed = { .name = "net.ipv4.tcp_no_such_thing" };
        int64_t n = 77;
        char *text = NULL;

        (void)unused;
        assert_int_equal(sysctl_read_numbers(0, &removed, &n, 1), -ENOENT);
        assert_int_equal(sysctl_read_text(0, &removed, &text), -ENOENT);
        assert_int_equal(n, 77);
        assert_null(text);
}

static void
versions_of_kernels(void **unused)
{
        (void)unused;
        assert_true(kernel_release_at_least("6.8.0", 6, 8));
        assert_true(kernel_release_at_least("6.18.44-fc-v669", 6, 8));
        assert_true(kernel_release_at_least("10.1-rc1", 6, 8));
        assert_false(kernel_release_at_least("6.1.0-18-amd64", 6, 8));
        assert_false(kernel_release_at_least("5.10.0", 6, 8));
        assert_true(kernel_release_at_least("4.11", 4, 11));
        assert_false(kernel_release_at_least("", 0, 0));
        assert_false(kernel_release_at_least("linux", 0, 0));
        assert_false(kernel_release_at_least("6", 0, 0));
        assert_true(kernel_at_least(2, 6));
        assert_false(kernel_at_least(1000, 0));
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(whole_numbers),       cmocka_unit_test(no_whole_numbers),
                cmocka_unit_test(sets_of_ports),       cmocka_unit_test(no_sets_of_ports),
                cmocka_unit_test(of_this_kernel),      cmocka_unit_test(tunable_that_is_not_there),
                cmocka_unit_test(versions_of_kernels),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
