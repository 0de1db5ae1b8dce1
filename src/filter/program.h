/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * program.h - a filter made ready to run.
 *
 * A filter is a list of tests in the order of its text.  Each says which test comes next if it holds and which if it
 * does not, always one further down, or how it ends: so judging a snapshot is a walk down the list without a stack,
 * and "and", "or" and parentheses are nowhere but in these jumps.
 *
 * Not every source knows everything, so a test has three answers, yes, no and unknown; a filter takes a socket only if
 * it certainly holds.  That is why a test knows itself whether it is negated ("not dport = :80" is a test that wants
 * a no) and why "not" is not just a swap of the jumps: the opposite of unknown is unknown.
 */
#ifndef LASTACK_FILTER_PROGRAM_H
#define LASTACK_FILTER_PROGRAM_H

#include "filter/filter.h"

enum test_kind {
        TEST_ANY, /* always yes */
        TEST_STATES,
        TEST_FAMILY,
        TEST_NETWORK4, /* an IPv4 network; an IPv4 address mapped into IPv6 is in it, too, as in ss */
        TEST_NETWORK6,
        TEST_MARK,
        TEST_COMM,      /* a process of that name holds it */
        TEST_COMM_GLOB, /* a process whose name fits a shell pattern holds it */
        TEST_PID,       /* and the rest: a number in a range */
        TEST_PORT,
        TEST_INTERFACE,
        TEST_CGROUP,
        TEST_UID,
        TEST_INODE,
        TEST_NETNS,
        TEST_AGE,
        TEST_VARYING_PORT, /* a number in a range that is another in each network namespace */
        TEST_VARYING_INTERFACE,
};

struct range {
        uint64_t low, high; /* inclusive; empty if low > high */
};

struct test {
        uint8_t kind; /* enum test_kind */
        bool negated; /* holds if the answer is no */
        bool remote;  /* TEST_NETWORK and TEST_PORT: the other end's */
        uint8_t bits; /* TEST_NETWORK: how long the prefix is */
        uint32_t yes, no;
        union {
                uint32_t states;
                enum la_family family;
                uint8_t network[16];
                struct range range;
                struct {
                        uint32_t value, mask;
                } mark;
                const char *comm;
                uint32_t varying; /* which of the filter's */
        };
};

/* Values of test.yes and test.no that are no test. */
#define EXIT_TAKE  UINT32_MAX
#define EXIT_LEAVE (UINT32_MAX - 1)

struct filter {
        struct test *tests;
        uint32_t count;
        char *words; /* what test.comm and varying.interface point into */
        struct varying *varying;
        size_t varying_count;
        uint32_t states;
        bool states_named;
        uint32_t needs;
        bool has_note;
        struct filter_error note;
};

/* A part of a program whose ends are still loose: jumps that wait for their target, linked through themselves. */
struct loose {
        uint32_t first, last; /* a jump: number of the test * 2, + 1 for its `no` */
};

struct fragment {
        uint32_t first; /* where it begins */
        struct loose yes, no;
        uint32_t states; /* a snapshot it takes is in one of these */
};

struct program {
        struct test *tests;
        uint32_t count, room;
};

/* Appends a test.  0 and *ret_fragment, -ENOMEM, or -E2BIG at PROGRAM_MAX tests. */
#define PROGRAM_MAX 16384u
int program_test(struct program *program, const struct test *test, struct fragment *ret_fragment);

/* Both must hold, or one; `b` was appended after `a`. */
struct fragment program_and(struct program *program, struct fragment a, struct fragment b);
struct fragment program_or(struct program *program, struct fragment a, struct fragment b);

/* Ties the loose ends of the whole. */
void program_end(struct program *program, struct fragment whole);

#endif
