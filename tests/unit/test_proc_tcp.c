/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of /proc/net/tcp and tcp6, and files of them, good and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/proc_tcp.h"
#include "linux/proc_tcp_line.h"

/* Laid out as Linux 6.18 does on a machine whose numbers are little-endian. */
#define HEADING "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
#define LISTENER                                                                       \
        "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000 " \
        "  107        0 53193 1 ffff8d2dc0a40000 100 0 0 10 0"
#define ESTABLISHED                                                                    \
        "   1: 0100007F:1F90 0200007F:D1A2 01 00000100:0000000A 01:00000014 00000002 " \
        " 1000        5 53210 2 ffff8d2dc0a41000 20 4 30 10 -1"
#define TIME_WAIT                                                                      \
        "   2: 0100007F:C0DE 0100007F:1F90 06 00000000:00000000 03:000005DC 00000000 " \
        "    0        0 0 3 ffff8d2dc0b00000"
#define HALF_OPEN                                                                      \
        "   3: 0100007F:1F90 0300007F:0400 03 00000000:00000000 01:00000064 00000001 " \
        "    0        0 0 0 ffff8d2dc0c00000"
#define PROBING                                                                        \
        "   4: 0100007F:1F90 0400007F:0401 01 00000005:00000000 04:00000064 00000002 " \
        " 1000        7 53211 2 ffff8d2dc0a42000 20 4 30 10 -1"
#define IPV6                                                                                 \
        "   0: B80D0120000000000000000001000000:0050 B80D0120000000000000000002000000:C000 " \
        "08 00000000:00000001 00:00000000 00000000     0        0 777 1 ffff8d2dc0a43000 20 4 30 10 -1"
#define MAPPED                                                                               \
        "   1: 0000000000000000FFFF00000100007F:0050 0000000000000000FFFF00000200007F:C000 " \
        "01 00000000:00000000 02:00000BB8 00000000     0        1 778 1 ffff8d2dc0a44000 20 4 30 10 -1"

/* ---- Lines ---- */

/* Reads a line from a block of its very size, so that reading past its end is found out. */
static bool
reads(const char *line, size_t length, struct la_snapshot *ret)
{
        char *exact = malloc(length ? length : 1);
        bool r;

        assert_non_null(exact);
        memcpy(exact, line, length);
        r = proc_tcp_line(exact, length, ret);
        free(exact);
        return r;
}

static struct la_snapshot
line(const char *text)
{
        struct la_snapshot s;

        memset(&s, 0, sizeof(s));
        assert_true(reads(text, strlen(text), &s));
        return s;
}

static void
expect_address(const struct la_endpoint *e, const uint8_t address[16], uint16_t port)
{
        assert_memory_equal(e->address, address, 16);
        assert_int_equal(e->port, port);
}

static void
ipv4_connection(void **unused)
{
        struct la_snapshot s = line(ESTABLISHED);

        (void)unused;
        assert_int_equal(s.state, LA_ESTABLISHED);
        assert_int_equal(s.family, LA_IPV4);
        expect_address(&s.local, (const uint8_t[16]){ 127, 0, 0, 1 }, 8080);
        expect_address(&s.remote, (const uint8_t[16]){ 127, 0, 0, 2 }, 53666);
        assert_int_equal(s.send_queue, 256);
        assert_int_equal(s.receive_queue, 10);
        assert_int_equal(s.timer, LA_TIMER_RETRANSMIT);
        assert_int_equal(s.timer_ms, 200);
        assert_int_equal(s.retransmits, 2);
        assert_int_equal(s.uid, 1000);
        assert_int_equal(s.inode, 53210);
        assert_int_equal(s.known, LA_KNOWN_TIMER | LA_KNOWN_QUEUES | LA_KNOWN_INODE);
}

static void
listener_has_a_queue_and_no_limit(void **unused)
{
        struct la_snapshot s = line(LISTENER);

        (void)unused;
        assert_int_equal(s.state, LA_LISTEN);
        assert_int_equal(s.receive_queue, 3);
        assert_true(s.known & LA_KNOWN_QUEUES);
        assert_false(s.known & LA_KNOWN_QUEUE_LIMIT);
        assert_int_equal(s.uid, 107);
        assert_int_equal(s.timer, LA_TIMER_NONE);
}

static void
time_wait_and_its_age(void **unused)
{
        struct la_snapshot s = line(TIME_WAIT);

        (void)unused;
        assert_int_equal(s.state, LA_TIME_WAIT);
        assert_int_equal(s.timer, LA_TIMER_TIME_WAIT);
        assert_int_equal(s.timer_ms, 15000);
        assert_true(s.known & LA_KNOWN_AGE);
        assert_int_equal(s.age_min_ms, 45000);
        assert_int_equal(s.age_max_ms, 45000);
        assert_int_equal(s.inode, 0);
}

static void
half_open_and_probing(void **unused)
{
        struct la_snapshot s = line(HALF_OPEN);

        (void)unused;
        assert_int_equal(s.state, LA_SYN_RECEIVED);
        assert_int_equal(s.retransmits, 1);
        s = line(PROBING);
        assert_int_equal(s.timer, LA_TIMER_PERSIST);
        assert_int_equal(s.retransmits, 7);
}

static void
ipv6_and_mapped_connections(void **unused)
{
        struct la_snapshot s = line(IPV6);

        (void)unused;
        assert_int_equal(s.family, LA_IPV6);
        assert_int_equal(s.state, LA_CLOSE_WAIT);
        expect_address(&s.local, (const uint8_t[16]){ 0x20, 1, 0xd, 0xb8, [15] = 1 }, 80);
        s = line(MAPPED);
        assert_int_equal(s.family, LA_IPV6);
        assert_true(la_endpoint_is_mapped(&s.local));
        expect_address(&s.remote, (const uint8_t[16]){ [10] = 0xff, 0xff, 127, 0, 0, 2 }, 49152);
        assert_int_equal(s.timer, LA_TIMER_KEEPALIVE);
        assert_int_equal(s.timer_ms, 30000);
        assert_int_equal(s.retransmits, 1);
}

static void
expect_nonsense(const char *text, size_t length)
{
        struct la_snapshot s, before;

        memset(&s, 0x5a, sizeof(s));
        before = s;
        assert_false(reads(text, length, &s));
        assert_memory_equal(&s, &before, sizeof(s));
}

/* A line cut anywhere up to the inode's last digit is no line; that it was cut within the inode nobody can tell. */
static void
line_cut_short_anywhere(void **unused)
{
        const char *text = ESTABLISHED;
        size_t inode = (size_t)(strstr(text, "53210") - text);

        (void)unused;
        for (size_t length = 0; length <= inode; length++)
                expect_nonsense(text, length);
        line("   1: 0100007F:1F90 0200007F:D1A2 01 00000100:0000000A 01:00000014 00000002  1000        5 53210");
}

/* Each byte before the inode made another: never more than a wrong number is read. */
static void
any_byte_wrong(void **unused)
{
        static const char wrong[] = { '\0', 'G', '-', '\t', '\x80', '.' };
        const char *text = ESTABLISHED;
        size_t end = (size_t)(strstr(text, " 2 ffff") - text);
        char changed[sizeof(ESTABLISHED)];

        (void)unused;
        for (size_t at = 0; at < end; at++)
                for (size_t i = 0; i < sizeof(wrong); i++) {
                        memcpy(changed, text, sizeof(changed));
                        changed[at] = wrong[i];
                        expect_nonsense(changed, sizeof(changed) - 1);
                }
}

static void
numbers_that_do_not_fit(void **unused)
{
        static const char *const lines[] = {
                "0: 0100007F:1F90 0200007F:D1A2 0F 0:0 00:0 0 0 0 1", /* no such state */
                "0: 0100007F:1F90 0200007F:D1A2 101 0:0 00:0 0 0 0 1",
                "0: 0100007F:11F90 0200007F:D1A2 01 0:0 00:0 0 0 0 1",
                "0: 0100007F:1F90 0200007F:D1A2 01 100000000:0 00:0 0 0 0 1",
                "0: 0100007F:1F90 0200007F:D1A2 01 0:0 00:0 0 4294967296 0 1",
                "0: 0100007F:1F90 0200007F:D1A2 01 0:0 00:0 0 0 0 4294967296",
                "0: 0100007F:1F90 0200007F:D1A2 01 0:0 00:0 0 0 0 18446744073709551617",
                "0: 0100007F:1F90 0200007F:D1A2 01 0:0 00:10000000000000000 0 0 0 1",
        };

        (void)unused;
        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
                expect_nonsense(lines[i], strlen(lines[i]));
        line("0: 0100007F:1F90 0200007F:D1A2 01 0:0 00:0 0 0 0 4294967295");
}

static void
addresses_of_no_family(void **unused)
{
        static const char *const lines[] = {
                "0: 010000:1F90 020000:D1A2 01 0:0 00:0 0 0 0 1",
                "0: 0100007F0100007F:1F90 0100007F0100007F:D1A2 01 0:0 00:0 0 0 0 1",
                "0: 0100007F0:1F90 0200007F0:D1A2 01 0:0 00:0 0 0 0 1",
                "0: 0100007F:1F90 0000000000000000FFFF00000200007F:D1A2 01 0:0 00:0 0 0 0 1",
                "0: 0000000000000000FFFF00000200007F00000000:1F90 0200007F:D1A2 01 0:0 00:0 0 0 0 1",
        };

        (void)unused;
        for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
                expect_nonsense(lines[i], strlen(lines[i]));
}

static void
timer_beyond_what_can_be_told(void **unused)
{
        struct la_snapshot s = line("0: 0100007F:1F90 0200007F:D1A2 01 0:0 01:FFFFFFFFFFFFFFFF 0 0 0 1");

        (void)unused;
        assert_int_equal(s.timer_ms, UINT32_MAX);
        s = line("0: 0100007F:1F90 0200007F:D1A2 01 0:0 05:00000001 0 0 0 1");
        assert_false(s.known & LA_KNOWN_TIMER);
}

static void
heading(void **unused)
{
        (void)unused;
        assert_true(proc_tcp_is_heading(HEADING, strlen(HEADING)));
        assert_false(proc_tcp_is_heading(LISTENER, strlen(LISTENER)));
        assert_false(proc_tcp_is_heading("", 0));
        assert_false(proc_tcp_is_heading("  sl", 4));
}

/* ---- Files ---- */

static char directory[] = "/tmp/lastack-test-XXXXXX";

static const char *
file_path(const char *name)
{
        static char path[64];

        snprintf(path, sizeof(path), "%s/%s", directory, name);
        return path;
}

static void
put_file(const char *name, const char *text)
{
        FILE *file = fopen(file_path(name), "w");

        assert_non_null(file);
        fputs(text, file);
        fclose(file);
}

static int
make_directory(void **unused)
{
        (void)unused;
        return mkdtemp(directory) ? 0 : -1;
}

static int
remove_files(void **unused)
{
        (void)unused;
        unlink(file_path("tcp"));
        unlink(file_path("tcp6"));
        return 0;
}

static int
remove_directory(void **unused)
{
        remove_files(unused);
        return rmdir(directory);
}

struct seen {
        unsigned int sockets, of_state[LA_STATE_COUNT];
        uint64_t malformed;
};

static struct seen
read_files(uint32_t states)
{
        struct dump_request request = { .states = states, .proc = directory };
        struct dump_report report = { 0 };
        struct seen seen = { 0 };
        struct la_snapshot s;
        struct proc_tcp *p;
        int r;

        assert_int_equal(proc_tcp_open(&request, &p), 0);
        while ((r = proc_tcp_next(p, &s)) == DUMP_SOCKET) {
                seen.sockets++;
                seen.of_state[s.state]++;
        }
        assert_int_equal(r, DUMP_END);
        assert_int_equal(proc_tcp_next(p, &s), DUMP_END);
        proc_tcp_report(p, &report);
        seen.malformed = report.malformed;
        proc_tcp_close(p);
        return seen;
}

static void
both_files(void **unused)
{
        struct seen seen;

        (void)unused;
        put_file("tcp", HEADING LISTENER "\n" ESTABLISHED "\n" TIME_WAIT "   \n" HALF_OPEN "\n");
        put_file("tcp6", HEADING IPV6 "\n" MAPPED "\n");
        seen = read_files(DUMP_ALL_STATES);
        assert_int_equal(seen.sockets, 6);
        assert_int_equal(seen.of_state[LA_ESTABLISHED], 2);
        assert_int_equal(seen.malformed, 0);
        seen = read_files(1u << LA_CLOSE_WAIT | 1u << LA_LISTEN);
        assert_int_equal(seen.sockets, 2);
        assert_int_equal(seen.malformed, 0);
}

static void
host_without_ipv6(void **unused)
{
        (void)unused;
        put_file("tcp", HEADING LISTENER "\n");
        assert_int_equal(read_files(DUMP_ALL_STATES).sockets, 1);
}

static void
empty_files(void **unused)
{
        (void)unused;
        put_file("tcp", "");
        put_file("tcp6", HEADING);
        assert_int_equal(read_files(DUMP_ALL_STATES).sockets, 0);
        assert_int_equal(read_files(DUMP_ALL_STATES).malformed, 0);
}

static void
file_cut_short(void **unused)
{
        struct seen seen;

        (void)unused;
        put_file("tcp", HEADING LISTENER "\n" ESTABLISHED);
        put_file("tcp6", HEADING IPV6 "\n");
        seen = read_files(DUMP_ALL_STATES);
        assert_int_equal(seen.sockets, 2);
        assert_int_equal(seen.of_state[LA_CLOSE_WAIT], 1);
        assert_int_equal(seen.malformed, 1);
}

static void
lines_of_nonsense_between(void **unused)
{
        struct seen seen;

        (void)unused;
        put_file("tcp", HEADING "\n" LISTENER "\nnonsense\n" ESTABLISHED "\n" HEADING);
        seen = read_files(DUMP_ALL_STATES);
        assert_int_equal(seen.sockets, 2);
        assert_int_equal(seen.malformed, 2);
}

/* A line longer than any buffer, alone, between others and at the end. */
static void
line_too_long(void **unused)
{
        enum { LENGTH = 100 * 1000 };
        char *text = malloc(3 * LENGTH), *p = text;
        struct seen seen;

        (void)unused;
        assert_non_null(text);
        p += sprintf(p, "%s\n", LISTENER);
        for (int i = 0; i < 2; i++) {
                memset(p, '0', LENGTH);
                p += LENGTH;
                if (i == 0)
                        p += sprintf(p, "%s\n%s\n", ESTABLISHED, TIME_WAIT);
        }
        *p = '\0';
        put_file("tcp", text);
        free(text);
        seen = read_files(DUMP_ALL_STATES);
        assert_int_equal(seen.sockets, 2);
        assert_int_equal(seen.of_state[LA_TIME_WAIT], 1);
        assert_int_equal(seen.malformed, 2);
}

/* The end of such a line may read like a whole one. */
static void
line_too_long_with_a_line_at_its_end(void **unused)
{
        enum { LENGTH = 32 * 1024 };
        char *text = malloc(LENGTH + sizeof(ESTABLISHED) + sizeof(TIME_WAIT) + 2);
        struct seen seen;

        (void)unused;
        assert_non_null(text);
        memset(text, '0', LENGTH);
        sprintf(text + LENGTH, "%s\n%s\n", ESTABLISHED, TIME_WAIT);
        put_file("tcp", text);
        free(text);
        seen = read_files(DUMP_ALL_STATES);
        assert_int_equal(seen.sockets, 1);
        assert_int_equal(seen.of_state[LA_TIME_WAIT], 1);
        assert_int_equal(seen.malformed, 1);
}

/* Lines that fall across the edges of the buffer in every way. */
static void
file_of_many_lines(void **unused)
{
        enum { LINES = 5000 };
        char *text = malloc(LINES * (sizeof(ESTABLISHED) + 8)), *p = text;
        struct seen seen;

        (void)unused;
        assert_non_null(text);
        for (int i = 0; i < LINES; i++)
                p += sprintf(p, "%s%*s\n", i % 2 ? ESTABLISHED : TIME_WAIT, i % 7, "");
        put_file("tcp", text);
        free(text);
        seen = read_files(DUMP_ALL_STATES);
        assert_int_equal(seen.of_state[LA_ESTABLISHED], LINES / 2);
        assert_int_equal(seen.of_state[LA_TIME_WAIT], LINES / 2);
        assert_int_equal(seen.malformed, 0);
}

static void
no_such_directory(void **unused)
{
        struct dump_request request = { .states = DUMP_ALL_STATES, .proc = "/nonexistent" };
        struct proc_tcp *p = NULL;

        (void)unused;
        assert_true(proc_tcp_open(&request, &p) < 0);
        assert_null(p);
}

int
main(void)
{
#define FILE_TEST(function) cmocka_unit_test_teardown(function, remove_files)
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(ipv4_connection),
                cmocka_unit_test(listener_has_a_queue_and_no_limit),
                cmocka_unit_test(time_wait_and_its_age),
                cmocka_unit_test(half_open_and_probing),
                cmocka_unit_test(ipv6_and_mapped_connections),
                cmocka_unit_test(line_cut_short_anywhere),
                cmocka_unit_test(any_byte_wrong),
                cmocka_unit_test(numbers_that_do_not_fit),
                cmocka_unit_test(addresses_of_no_family),
                cmocka_unit_test(timer_beyond_what_can_be_told),
                cmocka_unit_test(heading),
                FILE_TEST(both_files),
                FILE_TEST(host_without_ipv6),
                FILE_TEST(empty_files),
                FILE_TEST(file_cut_short),
                FILE_TEST(lines_of_nonsense_between),
                FILE_TEST(line_too_long),
                FILE_TEST(line_too_long_with_a_line_at_its_end),
                FILE_TEST(file_of_many_lines),
                cmocka_unit_test(no_such_directory),
        };

        if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__) {
                puts("1..0 # SKIP these lines are printed otherwise where numbers are big-endian");
                return 0;
        }
        return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
