/* SPDX-License-Identifier: BSD-2-Clause */
/* Counting by state: when the kernel's own count of TIME_WAIT serves, and what is taken off it.  The sockets, the
 * kernel's count and its version are played. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "linux/count.h"
#include "linux/counters.h"
#include "linux/kernel.h"

enum { RESTART = -2, FAILURE = -3, ORPHAN = 100 };

/* What the dump tells: states, orphaned FIN_WAIT_2 records, a restart, a failure; -1 ends it. */
static const int *story;
static const int *at;
static uint32_t asked; /* states, of the last dump */
static unsigned int dumps;
static enum dump_source source;
static int64_t records;
static int sockstat_error;
static bool old_kernel;

int __wrap_dump_open(const struct dump_request *request, struct dump **ret_dump);
int __wrap_dump_next(struct dump *dump, struct la_snapshot *ret_snapshot);
struct dump_report __wrap_dump_report(const struct dump *dump);
void __wrap_dump_close(struct dump *dump);
int __wrap_sockstat_read(int netns_fd, struct sockstat *ret);
bool __wrap_kernel_at_least(unsigned int major, unsigned int minor);

int
__wrap_dump_open(const struct dump_request *request, struct dump **ret_dump)
{
        *ret_dump = NULL;
        asked = request->states;
        at = story;
        dumps++;
        return 0;
}

static bool
wanted(int what)
{
        return what < 0 || asked & 1u << (what == ORPHAN ? LA_FIN_WAIT_2 : what);
}

int
__wrap_dump_next(struct dump *dump, struct la_snapshot *ret_snapshot)
{
        (void)dump;
        while (!wanted(*at))
                at++;
        switch (*at) {
        case -1:
                return DUMP_END;
        case RESTART:
                at++;
                return DUMP_RESTARTED;
        case FAILURE:
                return -EIO;
        default:
                *ret_snapshot = (struct la_snapshot){
                        .known = LA_KNOWN_TIMER,
                        .state = *at == ORPHAN ? LA_FIN_WAIT_2 : (enum la_state) * at,
                        .timer = *at == ORPHAN ? LA_TIMER_TIME_WAIT : LA_TIMER_NONE,
                };
                at++;
                return DUMP_SOCKET;
        }
}

struct dump_report
__wrap_dump_report(const struct dump *dump)
{
        (void)dump;
        return (struct dump_report){ .source = source };
}

void
__wrap_dump_close(struct dump *dump)
{
        (void)dump;
}

int
__wrap_sockstat_read(int netns_fd, struct sockstat *ret)
{
        (void)netns_fd;
        ret->time_wait = records;
        return sockstat_error;
}

bool
__wrap_kernel_at_least(unsigned int major, unsigned int minor)
{
        assert_int_equal(major, 4);
        assert_int_equal(minor, 11);
        return !old_kernel;
}

static int
begin(void **unused)
{
        (void)unused;
        dumps = 0;
        source = DUMP_FROM_NETLINK;
        records = 0;
        sockstat_error = 0;
        old_kernel = false;
        return 0;
}

static uint64_t counts[LA_STATE_COUNT];

static int
count(uint32_t states, const int *what)
{
        struct dump_request request = { .states = states };
        struct dump_report report;

        story = what;
        memset(counts, 0x5a, sizeof(counts));
        return count_states(&request, counts, &report);
}
#define COUNT(states, ...) count(states, (const int[]){ __VA_ARGS__, -1 })

static void
time_wait_by_the_kernels_count(void **unused)
{
        (void)unused;
        records = 5000;
        assert_int_equal(
                COUNT(DUMP_ALL_STATES, LA_LISTEN, LA_ESTABLISHED, LA_ESTABLISHED, LA_TIME_WAIT, ORPHAN, LA_FIN_WAIT_2),
                0);
        assert_int_equal(dumps, 1);
        assert_false(asked & 1u << LA_TIME_WAIT);
        assert_int_equal(counts[LA_LISTEN], 1);
        assert_int_equal(counts[LA_ESTABLISHED], 2);
        assert_int_equal(counts[LA_FIN_WAIT_2], 2);
        assert_int_equal(counts[LA_TIME_WAIT], 4999);
        assert_int_equal(counts[LA_CLOSED], 0);
}

/* The orphans must be known to be taken off, though nobody asked for their state. */
static void
time_wait_alone(void **unused)
{
        (void)unused;
        records = 10;
        assert_int_equal(COUNT(1u << LA_TIME_WAIT, ORPHAN, ORPHAN, LA_FIN_WAIT_2, LA_ESTABLISHED), 0);
        assert_int_equal(counts[LA_TIME_WAIT], 8);
        assert_int_equal(counts[LA_FIN_WAIT_2], 0);
        assert_int_equal(counts[LA_ESTABLISHED], 0);
}

/* The two are not told at the same moment. */
static void
fewer_records_than_orphans(void **unused)
{
        (void)unused;
        records = 1;
        assert_int_equal(COUNT(DUMP_ALL_STATES, ORPHAN, ORPHAN), 0);
        assert_int_equal(counts[LA_TIME_WAIT], 0);
        assert_int_equal(counts[LA_FIN_WAIT_2], 2);
}

static void
without_time_wait_nothing_special(void **unused)
{
        (void)unused;
        records = 10;
        assert_int_equal(COUNT(1u << LA_LISTEN, LA_LISTEN, ORPHAN, LA_TIME_WAIT), 0);
        assert_int_equal(asked, 1u << LA_LISTEN);
        assert_int_equal(counts[LA_LISTEN], 1);
        assert_int_equal(counts[LA_TIME_WAIT], 0);
}

static void
one_by_one_where_the_count_does_not_serve(void **unused)
{
        (void)unused;
        records = 10;
        old_kernel = true;
        assert_int_equal(COUNT(DUMP_ALL_STATES, LA_TIME_WAIT, LA_TIME_WAIT, ORPHAN), 0);
        assert_int_equal(dumps, 1);
        assert_int_equal(counts[LA_TIME_WAIT], 2);

        old_kernel = false;
        sockstat_error = -ENOENT;
        assert_int_equal(COUNT(DUMP_ALL_STATES, LA_TIME_WAIT, LA_TIME_WAIT, ORPHAN), 0);
        assert_int_equal(counts[LA_TIME_WAIT], 2);
        assert_int_equal(counts[LA_FIN_WAIT_2], 1);

        sockstat_error = 0;
        records = -1;
        assert_int_equal(COUNT(DUMP_ALL_STATES, LA_TIME_WAIT, LA_TIME_WAIT), 0);
        assert_int_equal(counts[LA_TIME_WAIT], 2);

        records = 10;
        source = DUMP_FROM_PROC;
        assert_int_equal(COUNT(DUMP_ALL_STATES, LA_TIME_WAIT, LA_TIME_WAIT), 0);
        assert_int_equal(counts[LA_TIME_WAIT], 2);
}

static void
restart_forgets(void **unused)
{
        (void)unused;
        records = 3;
        assert_int_equal(COUNT(DUMP_ALL_STATES, LA_LISTEN, ORPHAN, RESTART, LA_LISTEN), 0);
        assert_int_equal(counts[LA_LISTEN], 1);
        assert_int_equal(counts[LA_FIN_WAIT_2], 0);
        assert_int_equal(counts[LA_TIME_WAIT], 3);
}

static void
failure_leaves_counts_alone(void **unused)
{
        uint64_t before[LA_STATE_COUNT];

        (void)unused;
        memset(before, 0x5a, sizeof(before));
        assert_int_equal(COUNT(DUMP_ALL_STATES, LA_LISTEN, FAILURE), -EIO);
        assert_memory_equal(counts, before, sizeof(counts));
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup(function, begin)
        const struct CMUnitTest tests[] = {
                TEST(time_wait_by_the_kernels_count),
                TEST(time_wait_alone),
                TEST(fewer_records_than_orphans),
                TEST(without_time_wait_nothing_special),
                TEST(one_by_one_where_the_count_does_not_serve),
                TEST(restart_forgets),
                TEST(failure_leaves_counts_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
