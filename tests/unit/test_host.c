/* SPDX-License-Identifier: BSD-2-Clause */
/* What decides over TCP beside TCP: texts of /proc. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux/host.h"

static void
conntrack_of_two_processors(void **unused)
{
        static const char text[] = "entries  clashres found new invalid ignore delete chainlength insert insert_failed "
                                   "drop early_drop icmp_error\n"
                                   "00000007  00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 "
                                   "00000002 0000000a 00000010 "
                                   "00000000\n"
                                   "00000007  00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000 "
                                   "00000003 00000001 00000001 "
                                   "00000000\n";
        struct host h = { .track_drops = -1 };

        (void)unused;
        host_parse_conntrack(&h, text, strlen(text));
        assert_int_equal(h.track_insert_failures, 5);
        assert_int_equal(h.track_drops, 11);
        assert_int_equal(h.track_early_drops, 17);
}

/* A later kernel may leave a column out: what is not there stays not known. */
static void
conntrack_without_a_column(void **unused)
{
        static const char text[] = "entries drop\n00000001 00000004\n";
        struct host h = { .track_drops = -1, .track_early_drops = -1 };

        (void)unused;
        host_parse_conntrack(&h, text, strlen(text));
        assert_int_equal(h.track_drops, 4);
        assert_int_equal(h.track_early_drops, -1);
        host_parse_conntrack(&h, "entries", 7);
        assert_int_equal(h.track_drops, 4);
}

static void
softnet_drops_of_all_processors(void **unused)
{
        static const char text[] = "0000ffff 00000002 00000001 00000000\n0000000f 0000001f 00000000 00000000\n0000\n";
        struct host h = { .softnet_drops = -1 };

        (void)unused;
        host_parse_softnet(&h, text, strlen(text));
        assert_int_equal(h.softnet_drops, 33);
        h.softnet_drops = -1;
        host_parse_softnet(&h, "", 0);
        assert_int_equal(h.softnet_drops, -1);
}

static void
limits_of_a_process(void **unused)
{
        (void)unused;
        int64_t hard = 0;

        assert_int_equal(
                host_parse_limits("Limit  Soft\nMax open files            1024                 4096   files\n", &hard),
                1024);
        assert_int_equal(hard, 4096);
        assert_int_equal(host_parse_limits("Max open files            unlimited            unlimited files\n", &hard),
                         INT64_MAX);
        assert_int_equal(hard, INT64_MAX);
        assert_int_equal(host_parse_limits("Max open files            1024\n", &hard), 1024);
        assert_int_equal(hard, -1);
        assert_int_equal(host_parse_limits("Max processes 5 5\n", &hard), -1);
        assert_int_equal(host_parse_limits("Max open files            \n", &hard), -1);
}

static void
this_very_process(void **unused)
{
        struct host h;
        int64_t limit = 0, hard = 0, before = 0, after = 0;

        (void)unused;
        host_read(0, &h);
        assert_int_equal(h.page_bytes, sysconf(_SC_PAGESIZE));
        assert_int_equal(host_process_files(getpid(), &limit, &hard), 0);
        assert_int_equal(limit, sysconf(_SC_OPEN_MAX));
        assert_true(hard >= limit);
        assert_int_equal(host_count_files(getpid(), &before), 0);
        int fd = dup(0);
        assert_int_equal(host_count_files(getpid(), &after), 0);
        assert_int_equal(after, before + 1);
        close(fd);
        assert_true(host_process_files(INT32_MAX, &limit, &hard) < 0);
        assert_true(host_count_files(INT32_MAX, &limit) < 0);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(conntrack_of_two_processors),
                cmocka_unit_test(conntrack_without_a_column),
                cmocka_unit_test(softnet_drops_of_all_processors),
                cmocka_unit_test(limits_of_a_process),
                cmocka_unit_test(this_very_process),
        };

        return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
