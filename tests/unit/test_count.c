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

enum { RESTART = -2, FAILURE = -3, ORPHAN = 100, REQUEST };

/* What the dump tells: states, records of orphans in FIN_WAIT_2 and of half-open connections, a restart, a failure; -1
 * ends it. */
static const int *story;
static const int *at;
static uint32_t asked; /* states, of the last dump */
static unsigned int dumps;
static enum dump_source source;
static bool old_kernel;

/* The kernel's own counts. */
static int64_t records, in_use, in_use6;
static uint64_t curr_estab, opened, opened_meanwhile;
static int sockstat_error, snmp_error;

int __wrap_dump_open(const struct dump_request *request, struct dump **ret_dump);
int __wrap_dump_next(struct dump *dump, struct la_snapshot *ret_snapshot);
struct dump_report __wrap_dump_report(const struct dump *dump);
void __wrap_dump_close(struct dump *dump);
int __wrap_sockstat_read(int netns_fd, struct sockstat *ret);
int __wrap_counters_read_snmp(int netns_fd, struct counters *ret);
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

static enum la_state
state_of(int what)
{
        return what == ORPHAN ? LA_FIN_WAIT_2 : what == REQUEST ? LA_SYN_RECEIVED : (enum la_state)what;
}

static bool
wanted(int what)
{
        return what < 0 || asked & 1u << state_of(what);
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
                        .state = state_of(*at),
                        .timer = *at == ORPHAN ? LA_TIMER_TIME_WAIT : LA_TIMER_NONE,
                        .inode = *at == REQUEST ? 0 : 77,
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
        ret->in_use = in_use;
        ret->in_use6 = in_use6;
        return sockstat_error;
}

int
__wrap_counters_read_snmp(int netns_fd, struct counters *ret)
{
        (void)netns_fd;
        *ret = (struct counters){
                .count = 3,
                .counter = { { "ActiveOpens", opened }, { "PassiveOpens", 5 }, { "CurrEstab", curr_estab } },
        };
        opened += opened_meanwhile;
        return snmp_error;
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
        records = in_use = in_use6 = 0;
        curr_estab = opened = opened_meanwhile = 0;
        sockstat_error = snmp_error = 0;
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
most_by_the_kernels_counts(void **unused)
{
        (void)unused;
        records = 5000;
        in_use = 2000;
        in_use6 = 1000;
        curr_estab = 2997;
        assert_int_equal(COUNT(DUMP_ALL_STATES, LA_LISTEN, LA_ESTABLISHED, LA_TIME_WAIT, ORPHAN, LA_FIN_WAIT_2, REQUEST,
                               LA_CLOSE_WAIT),
                         0);
        assert_int_equal(dumps, 1);
        assert_false(asked & (1u << LA_TIME_WAIT | 1u << LA_ESTABLISHED));
        assert_int_equal(counts[LA_LISTEN], 1);
        assert_int_equal(counts[LA_FIN_WAIT_2], 2);
        assert_int_equal(counts[LA_SYN_RECEIVED], 1);
        assert_int_equal(counts[LA_CLOSE_WAIT], 1);
        assert_int_equal(counts[LA_TIME_WAIT], 4999);
        assert_int_equal(counts[LA_ESTABLISHED], 2997);
        assert_int_equal(counts[LA_CLOSED], 0);
}

static void
close_wait_is_in_curr_estab_or_not(void **unused)
{
        (void)unused;
        in_use = 10;
        for (curr_estab = 7; curr_estab <= 9; curr_estab += 2) {
                dumps = 0;
                assert_int_equal(COUNT(DUMP_ALL_STATES, LA_LISTEN, LA_CLOSE_WAIT, LA_CLOSE_WAIT), 0);
                assert_int_equal(dumps, 1);
                assert_int_equal(counts[LA_ESTABLISHED], 7);
        }
}

static void
established_one_by_one_where_counts_disagree(void **unused)
{
        (void)unused;
        in_use = 10;
        curr_estab = 8;
        assert_int_equal(COUNT(DUMP_ALL_STATES, LA_LISTEN, LA_ESTABLISHED, LA_ESTABLISHED), 0);
        assert_int_equal(dumps, 2);
        assert_int_equal(asked, 1u << LA_ESTABLISHED);
        assert_int_equal(counts[LA_ESTABLISHED], 2);
        assert_int_equal(counts[LA_LISTEN], 1);
        in_use = -1;
        assert_int_equal(COUNT(DUMP_ALL_STATES, LA_LISTEN, LA_ESTABLISHED, LA_ESTABLISHED), 0);
        assert_int_equal(counts[LA_ESTABLISHED], 2);
}

/* On a busy host the counts are not of the same moment. */
static void
counts_may_differ_by_what_came_meanwhile(void **unused)
{
        (void)unused;
        in_use = 100;
        curr_estab = 93;
        opened_meanwhile = 3;
        assert_int_equal(COUNT(DUMP_ALL_STATES, LA_LISTEN), 0);
        assert_int_equal(dumps, 1);
        assert_int_equal(counts[LA_ESTABLISHED], 99);
        curr_estab = 92;
        dumps = 0;
        assert_int_equal(COUNT(DUMP_ALL_STATES, LA_LISTEN, LA_ESTABLISHED), 0);
        assert_int_equal(dumps, 2);
        assert_int_equal(counts[LA_ESTABLISHED], 1);
}

/* What it would be worked out from is not asked for. */
static void
established_without_the_other_states(void **unused)
{
        (void)unused;
        records = 4;
        in_use = 10;
        curr_estab = 9;
        assert_int_equal(COUNT(1u << LA_ESTABLISHED | 1u << LA_TIME_WAIT, LA_LISTEN, LA_ESTABLISHED), 0);
        assert_int_equal(dumps, 1);
        assert_int_equal(counts[LA_ESTABLISHED], 1);
        assert_int_equal(counts[LA_TIME_WAIT], 4);
        assert_int_equal(counts[LA_LISTEN], 0);
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
        snmp_error = -ENOENT;
        assert_int_equal(COUNT(DUMP_ALL_STATES, LA_TIME_WAIT, LA_TIME_WAIT, ORPHAN), 0);
        assert_int_equal(counts[LA_TIME_WAIT], 2);

        snmp_error = 0;
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
                TEST(most_by_the_kernels_counts),
                TEST(close_wait_is_in_curr_estab_or_not),
                TEST(established_one_by_one_where_counts_disagree),
                TEST(counts_may_differ_by_what_came_meanwhile),
                TEST(established_without_the_other_states),
                TEST(time_wait_alone),
                TEST(fewer_records_than_orphans),
                TEST(without_time_wait_nothing_special),
                TEST(one_by_one_where_the_count_does_not_serve),
                TEST(restart_forgets),
                TEST(failure_leaves_counts_alone),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
