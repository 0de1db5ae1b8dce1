/* SPDX-License-Identifier: BSD-2-Clause */
#include <fnmatch.h>
#include <string.h>

#include "filter/program.h"
#include "filter/varying.h"

enum answer {
        ANSWER_NO,
        ANSWER_YES,
        ANSWER_UNKNOWN,
};

static enum answer
answer(bool yes)
{
        return yes ? ANSWER_YES : ANSWER_NO;
}

static bool
within(const struct range *range, uint64_t value)
{
        return value >= range->low && value <= range->high;
}

static enum answer
number(const struct la_snapshot *s, uint32_t known, uint64_t value, const struct range *range)
{
        return (s->known & known) == known ? answer(within(range, value)) : ANSWER_UNKNOWN;
}

static bool
in_network(const uint8_t *address, const struct test *test)
{
        unsigned int bytes = test->bits / 8, bits = test->bits % 8;

        return !memcmp(address, test->network, bytes) &&
               (!bits || ((address[bytes] ^ test->network[bytes]) >> (8 - bits)) == 0);
}

static enum answer
network4(const struct test *test, const struct la_snapshot *s)
{
        const struct la_endpoint *end = test->remote ? &s->remote : &s->local;

        if (s->family == LA_IPV4)
                return answer(in_network(end->address, test));
        return answer(la_endpoint_is_mapped(end) && in_network(end->address + 12, test));
}

static enum answer
network6(const struct test *test, const struct la_snapshot *s)
{
        const struct la_endpoint *end = test->remote ? &s->remote : &s->local;

        return answer(s->family == LA_IPV6 && in_network(end->address, test));
}

static bool
owner_fits(const struct test *test, const struct la_owner *owner)
{
        if (test->kind == TEST_PID)
                return owner->pid >= 0 && within(&test->range, (uint64_t)owner->pid);
        if (test->kind == TEST_COMM)
                return !strcmp(test->comm, owner->comm);
        return !fnmatch(test->comm, owner->comm, 0);
}

static enum answer
owned(const struct test *test, const struct la_snapshot *s)
{
        if (!(s->known & LA_KNOWN_OWNERS))
                return ANSWER_UNKNOWN;
        for (uint32_t i = 0; i < s->owner_count; i++)
                if (owner_fits(test, &s->owners[i]))
                        return ANSWER_YES;
        return ANSWER_NO;
}

/* The source knows a span in which the true age lies.  UINT32_MAX, no upper bound, is above every time that a filter
 * can name. */
static enum answer
age(const struct test *test, const struct la_snapshot *s)
{
        uint32_t least = s->age_min_ms, most = s->age_max_ms;

        if (!(s->known & LA_KNOWN_AGE))
                return ANSWER_UNKNOWN;
        if (test->range.low <= least && most <= test->range.high)
                return ANSWER_YES;
        return most < test->range.low || least > test->range.high ? ANSWER_NO : ANSWER_UNKNOWN;
}

static enum answer
varies(const struct varying *v, const struct la_snapshot *s, uint64_t value)
{
        const struct range *range = s->known & LA_KNOWN_NETNS ? varying_in(v, s->netns) : NULL;

        return range ? answer(within(range, value)) : ANSWER_UNKNOWN;
}

static enum answer
ask(const struct filter *f, const struct test *test, const struct la_snapshot *s)
{
        switch ((enum test_kind)test->kind) {
        case TEST_ANY:
                return ANSWER_YES;
        case TEST_STATES:
                return answer(test->states >> s->state & 1);
        case TEST_FAMILY:
                return answer(s->family == test->family);
        case TEST_NETWORK4:
                return network4(test, s);
        case TEST_NETWORK6:
                return network6(test, s);
        case TEST_PORT:
                return answer(within(&test->range, test->remote ? s->remote.port : s->local.port));
        case TEST_INTERFACE:
                return answer(within(&test->range, s->interface));
        case TEST_MARK:
                return s->known & LA_KNOWN_MARK ? answer((s->mark & test->mark.mask) == test->mark.value)
                                                : ANSWER_UNKNOWN;
        case TEST_CGROUP:
                return number(s, LA_KNOWN_CGROUP, s->cgroup, &test->range);
        case TEST_UID: /* what no descriptor refers to has no user, whatever its uid says */
                return s->inode ? number(s, LA_KNOWN_INODE, s->uid, &test->range) : ANSWER_UNKNOWN;
        case TEST_INODE:
                return number(s, LA_KNOWN_INODE, s->inode, &test->range);
        case TEST_NETNS:
                return number(s, LA_KNOWN_NETNS, s->netns, &test->range);
        case TEST_AGE:
                return age(test, s);
        case TEST_PID:
        case TEST_COMM:
        case TEST_COMM_GLOB:
                return owned(test, s);
        case TEST_VARYING_PORT:
                return varies(&f->varying[test->varying], s, s->local.port);
        case TEST_VARYING_INTERFACE:
                return varies(&f->varying[test->varying], s, s->interface);
        }
        return ANSWER_UNKNOWN;
}

bool
filter_takes(const struct filter *f, const struct la_snapshot *s)
{
        uint32_t next = f->count ? 0 : EXIT_TAKE;

        while (next < f->count) {
                const struct test *test = &f->tests[next];

                next = ask(f, test, s) == (test->negated ? ANSWER_NO : ANSWER_YES) ? test->yes : test->no;
        }
        return next == EXIT_TAKE;
}
