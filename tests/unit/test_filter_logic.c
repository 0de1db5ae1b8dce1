/* SPDX-License-Identifier: BSD-2-Clause */
/* test_filter_logic.c - filters of random "and", "or", "not" and parentheses, against the tables of three-valued logic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "filter/filter.h"
#include "filter_world.h"

/* Kleene's: "and" is the lesser, "or" the greater, "not" the mirror. */
enum truth {
        TRUTH_NO,
        TRUTH_UNKNOWN,
        TRUTH_YES,
};

/* Each way three conditions can come out: two ports that are 0 or 1, and a mark that is unknown, 0 or 1. */
#define WORLDS 12

struct column {
        enum truth in[WORLDS];
};

static struct la_snapshot
snapshot_of(unsigned int world)
{
        struct la_snapshot s = { .family = LA_IPV4, .state = LA_ESTABLISHED };

        s.local.port = world & 1;
        s.remote.port = world >> 1 & 1;
        if (world >= 4)
                s.known = LA_KNOWN_MARK;
        s.mark = world >= 8;
        return s;
}

static enum truth
truth_of(unsigned int condition, unsigned int world)
{
        if (condition == 2)
                return world < 4 ? TRUTH_UNKNOWN : world >= 8 ? TRUTH_YES : TRUTH_NO;
        return world >> condition & 1 ? TRUTH_YES : TRUTH_NO;
}

static uint32_t seed;

static unsigned int
below(unsigned int limit)
{
        seed = seed * 1664525 + 1013904223;
        return (seed >> 16) % limit;
}

struct text {
        char bytes[4096];
        size_t length;
};

static void
put(struct text *text, const char *word)
{
        int count = snprintf(text->bytes + text->length, sizeof text->bytes - text->length, "%s ", word);

        text->length += (size_t)count;
        assert_true(text->length < sizeof text->bytes);
}

static struct column random_list(struct text *text, unsigned int depth);

static struct column
random_factor(struct text *text, unsigned int depth)
{
        static const char *const conditions[] = { "sport = :1", "dport = :1", "fwmark = 1" };
        unsigned int choice = below(depth ? 5 : 3);
        struct column column;

        if (choice == 4) {
                put(text, "(");
                column = random_list(text, depth - 1);
                put(text, ")");
        } else if (choice == 3) {
                put(text, below(2) ? "not" : "!");
                column = random_factor(text, depth - 1);
                for (size_t i = 0; i < WORLDS; i++)
                        column.in[i] = (enum truth)(TRUTH_YES - column.in[i]);
        } else {
                put(text, conditions[choice]);
                for (unsigned int i = 0; i < WORLDS; i++)
                        column.in[i] = truth_of(choice, i);
        }
        return column;
}

static struct column
random_list(struct text *text, unsigned int depth)
{
        struct column column = random_factor(text, depth);

        for (unsigned int more = below(4); more; more--) {
                static const char *const junctions[] = { "or", "and", "" };
                unsigned int junction = below(3);
                struct column next;

                put(text, junctions[junction]);
                next = random_factor(text, depth);
                for (size_t i = 0; i < WORLDS; i++)
                        if ((next.in[i] > column.in[i]) == (junction == 0))
                                column.in[i] = next.in[i];
        }
        return column;
}

static void
a_filter_takes_what_is_true_and_nothing_else(void **unused)
{
        (void)unused;
        for (uint32_t round = 0; round < 3000; round++) {
                struct text text = { .length = 0 };
                struct filter *filter;
                struct filter_error error;
                struct column column;

                seed = round;
                column = random_list(&text, 4);
                assert_int_equal(filter_parse(text.bytes, &filter, &error), 0);
                for (unsigned int i = 0; i < WORLDS; i++) {
                        struct la_snapshot s = snapshot_of(i);

                        if (filter_takes(filter, &s) != (column.in[i] == TRUTH_YES))
                                fail_msg("round %u, world %u: %s", round, i, text.bytes);
                }
                filter_free(filter);
        }
}

/* A filter nobody would write by hand, as a program may. */
static void
long_filters_are_read_and_judged(void **unused)
{
        size_t terms = 2500, size = terms * sizeof "sport = :65535 or ";
        char *text = malloc(size);
        struct la_snapshot first = { .local.port = 0 }, last = { .local.port = 2499 }, none = { .local.port = 2500 };
        struct filter *filter;
        struct filter_error error;
        size_t length = 0;

        (void)unused;
        assert_non_null(text);
        for (size_t i = 0; i < terms; i++)
                length += (size_t)snprintf(text + length, size - length, "%ssport = :%zu", i ? " or " : "", i);
        assert_int_equal(filter_parse(text, &filter, &error), 0);
        assert_true(filter_takes(filter, &first));
        assert_true(filter_takes(filter, &last));
        assert_false(filter_takes(filter, &none));
        filter_free(filter);
        free(text);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_filter_takes_what_is_true_and_nothing_else),
                cmocka_unit_test(long_filters_are_read_and_judged),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
