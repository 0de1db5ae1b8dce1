/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's counters by name, of kernels that have fewer, more or other ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "linux/counters.h"

static struct counters c;

static void
parse(const char *text)
{
        c.count = 0;
        counters_parse(&c, text, strlen(text));
}

static void
expect(const char *name, uint64_t value)
{
        uint64_t got;

        assert_true(counters_get(&c, name, &got));
        assert_int_equal(got, value);
}

static void
expect_none(const char *name)
{
        uint64_t got = 12345;

        assert_false(counters_get(&c, name, &got));
        assert_int_equal(got, 12345);
}

static void
both_groups_of_tcp(void **unused)
{
        (void)unused;
        parse("Ip: Forwarding DefaultTTL\nIp: 1 64\n"
              "Tcp: RtoAlgorithm MaxConn ActiveOpens CurrEstab\nTcp: 1 -1 208000 16000\n"
              "Udp: InDatagrams\nUdp: 7\n"
              "TcpExt: SyncookiesSent ListenDrops\nTcpExt: 0 18446744073709551615\n"
              "IpExt: InOctets\nIpExt: 9\n");
        assert_int_equal(c.count, 5);
        expect("ActiveOpens", 208000);
        expect("CurrEstab", 16000);
        expect("SyncookiesSent", 0);
        expect_none("InDatagrams");
        expect_none("InOctets");
        expect_none("Listen");
        expect_none("ListenDropsX");
        expect_none("");
}

/* -1 is no count; 2^64 - 1 could be one, and what is greater cannot. */
static void
values_that_are_no_count(void **unused)
{
        (void)unused;
        parse("TcpExt: A B C D E F\nTcpExt: -1 18446744073709551616 x 3x 99999999999999999999999 5\n");
        assert_int_equal(c.count, 1);
        expect("F", 5);
        parse("TcpExt: A\nTcpExt: 18446744073709551615\n");
        expect("A", UINT64_MAX);
}

static void
more_names_than_values(void **unused)
{
        (void)unused;
        parse("TcpExt: A B C\nTcpExt: 1 2\n");
        assert_int_equal(c.count, 2);
        expect("B", 2);
        parse("TcpExt: A\nTcpExt: 1 2 3\n");
        assert_int_equal(c.count, 1);
}

static void
text_cut_short_anywhere(void **unused)
{
        const char *text = "Tcp: ActiveOpens\nTcp: 55\nTcpExt: ListenDrops\nTcpExt: 66\n";

        (void)unused;
        for (size_t size = 0; size <= strlen(text); size++) {
                c.count = 0;
                counters_parse(&c, text, size);
                assert_true(c.count <= 2);
        }
        expect("ActiveOpens", 55);
        expect("ListenDrops", 66);
}

static void
lines_that_do_not_belong_together(void **unused)
{
        (void)unused;
        parse("TcpExt: A\nTcp: 1\n");
        assert_int_equal(c.count, 0);
        parse("Tcp: A\nTcp:Ext: 1\n");
        assert_int_equal(c.count, 0);
        parse("TcpExt: A\n\n");
        assert_int_equal(c.count, 0);
        parse("\n\n\nTcpExt:\nTcpExt:\n  \n");
        assert_int_equal(c.count, 0);
}

static void
kernel_with_more_counters_than_room(void **unused)
{
        static char text[2 * COUNTERS_MAX * 8 + 64];
        char *p = text + sprintf(text, "TcpExt:");

        (void)unused;
        for (int i = 0; i < COUNTERS_MAX + 9; i++)
                p += sprintf(p, " N%d", i);
        p += sprintf(p, "\nTcpExt:");
        for (int i = 0; i < COUNTERS_MAX + 9; i++)
                p += sprintf(p, " %d", i);
        parse(text);
        assert_int_equal(c.count, COUNTERS_MAX);
        expect("N511", 511);
        expect_none("N512");
}

static void
name_longer_than_room(void **unused)
{
        (void)unused;
        parse("TcpExt: TCPANameThatGoesOnAndOnAndOnAndOnAndOnAndOnAndOn B\nTcpExt: 1 2\n");
        assert_int_equal(c.count, 1);
        expect("B", 2);
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
        uint64_t value;

        (void)unused;
        if (access("/proc/net/netstat", R_OK) < 0) {
                skip_because("no /proc/net/netstat here");
        }
        assert_int_equal(counters_read(0, &c), 0);
        assert_true(counters_get(&c, "ActiveOpens", &value));
        assert_true(counters_get(&c, "ListenDrops", &value));
}

/* ---- sockstat ---- */

static const struct sockstat nothing = { -1, -1, -1, -1, -1, -1 };

static struct sockstat
sockstat(const char *text)
{
        struct sockstat s = nothing;

        sockstat_parse(&s, text, strlen(text));
        return s;
}

static void
amounts_of_both_files(void **unused)
{
        static const struct sockstat expected = { 8001, 12, 3, 200000, 16028, 129 };
        struct sockstat s = sockstat("sockets: used 16002\n"
                                     "TCP: inuse 8001 orphan 3 tw 200000 alloc 16028 mem 129\n"
                                     "UDP: inuse 5 mem 6\n"
                                     "TCP6: inuse 12\nUDP6: inuse 4\n");

        (void)unused;
        assert_memory_equal(&s, &expected, sizeof(s));
}

static void
amounts_that_are_not_told(void **unused)
{
        struct sockstat s = sockstat("TCP: inuse 5 orphan x tw -3 later 9\nTCP6:\nTCP6: inuse\n\n");

        (void)unused;
        assert_int_equal(s.in_use, 5);
        assert_int_equal(s.orphans, -1);
        assert_int_equal(s.time_wait, -1);
        assert_int_equal(s.in_use6, -1);
        s = sockstat("TCP: tw 9223372036854775808\n");
        assert_int_equal(s.time_wait, -1);
        s = sockstat("");
        assert_memory_equal(&s, &nothing, sizeof(s));
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(both_groups_of_tcp),
                cmocka_unit_test(values_that_are_no_count),
                cmocka_unit_test(more_names_than_values),
                cmocka_unit_test(text_cut_short_anywhere),
                cmocka_unit_test(lines_that_do_not_belong_together),
                cmocka_unit_test(kernel_with_more_counters_than_room),
                cmocka_unit_test(name_longer_than_room),
                cmocka_unit_test(of_this_kernel),
                cmocka_unit_test(amounts_of_both_files),
                cmocka_unit_test(amounts_that_are_not_told),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
