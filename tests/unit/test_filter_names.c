/* SPDX-License-Identifier: BSD-2-Clause */
/* test_filter_names.c - names as this machine has them, those that every Linux has. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "filter/names.h"

static void
an_address_is_its_own_name(void **unused)
{
        struct names_address addresses[NAMES_ADDRESSES_MAX];
        const char *why = NULL;
        size_t count = 0;

        (void)unused;
        assert_true(names_host("127.0.0.1", 0, addresses, &count, &why));
        assert_int_equal(count, 1);
        assert_int_equal(addresses[0].family, LA_IPV4);
        assert_memory_equal(addresses[0].bytes, "\x7f\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0", 16);
        assert_true(names_host("::1", LA_IPV6, addresses, &count, &why));
        assert_int_equal(addresses[0].family, LA_IPV6);
        assert_memory_equal(addresses[0].bytes, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
        assert_null(why);
}

static void
a_host_that_is_not_there_is_said_why(void **unused)
{
        struct names_address addresses[NAMES_ADDRESSES_MAX];
        const char *why = NULL;
        size_t count = 77;

        (void)unused;
        assert_false(names_host("::1", LA_IPV4, addresses, &count, &why));
        assert_non_null(why);
        assert_true(strlen(why) > 0);
        assert_int_equal(count, 77);
}

static void
an_interface_has_a_number(void **unused)
{
        uint32_t index = 0;

        (void)unused;
        assert_true(names_interface("lo", &index));
        assert_true(index > 0);
        assert_false(names_interface("no-such-device", &index));
}

static void
a_user_has_a_number(void **unused)
{
        uint32_t uid = 77;

        (void)unused;
        assert_true(names_user("root", &uid));
        assert_int_equal(uid, 0);
        assert_false(names_user("no such user", &uid));
}

static void
a_service_that_is_not_there_has_no_port(void **unused)
{
        uint16_t port = 77;

        (void)unused;
        assert_false(names_service("no-such-service", &port));
        assert_int_equal(port, 77);
}

static void
a_network_namespace_is_a_file(void **unused)
{
        struct stat own;
        uint32_t inode = 0, same = 0;

        (void)unused;
        if (stat("/proc/self/ns/net", &own) < 0)
                skip();
        assert_int_equal(names_netns_of_process((uint32_t)getpid(), &inode), 0);
        assert_int_equal(inode, own.st_ino);
        assert_int_equal(names_netns("/proc/self/ns/net", &same), 0);
        assert_int_equal(same, inode);
        assert_int_equal(names_netns("/proc/self/status", &same), -EINVAL);
        assert_int_equal(names_netns("/", &same), -EINVAL);
        assert_true(names_netns("..", &same) < 0); /* there need be no /run/netns */
        assert_int_equal(names_netns("no such namespace", &same), -ENOENT);
        assert_int_equal(names_netns_of_process(UINT32_MAX, &same), -ENOENT);
        assert_int_equal(same, inode);
}

static void
what_is_no_cgroup_is_refused(void **unused)
{
        uint64_t inode = 77;
        char path[5000];

        (void)unused;
        assert_true(names_cgroup("/no/such/cgroup", &inode) < 0);
        memset(path, 'a', sizeof path);
        path[sizeof path - 1] = '\0';
        assert_int_equal(names_cgroup(path, &inode), -ENAMETOOLONG);
        assert_int_equal(inode, 77);
}

static void
ephemeral_ports_are_a_range(void **unused)
{
        uint16_t low = 1, high = 0;

        (void)unused;
        names_port_range(&low, &high);
        assert_true(low <= high);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(an_address_is_its_own_name),
                cmocka_unit_test(a_host_that_is_not_there_is_said_why),
                cmocka_unit_test(an_interface_has_a_number),
                cmocka_unit_test(a_user_has_a_number),
                cmocka_unit_test(a_service_that_is_not_there_has_no_port),
                cmocka_unit_test(a_network_namespace_is_a_file),
                cmocka_unit_test(what_is_no_cgroup_is_refused),
                cmocka_unit_test(ephemeral_ports_are_a_range),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
