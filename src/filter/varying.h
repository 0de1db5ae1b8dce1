/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * varying.h - what means something else in each network namespace: the name of an interface, and where the kernel takes
 * ephemeral ports from.
 *
 * A filter for the caller's own namespace has a number in place of these.  One for many has them as they were written,
 * and beside each what it means where, as far as that was looked up.
 */
#ifndef LASTACK_FILTER_VARYING_H
#define LASTACK_FILTER_VARYING_H

#include "filter/parse.h"

struct varying {
        const char *interface;       /* its name; NULL: the range of ephemeral ports */
        struct range otherwise;      /* where no interface has that name */
        bool found;                  /* in one namespace at least */
        struct filter_error unknown; /* what to say if it is found in none */
        struct meaning *meanings;    /* by inode */
        size_t count;
};

/* No number. */
#define RANGE_EMPTY ((struct range){ .low = 1, .high = 0 })

/* The tests for these: of what they mean in the caller's namespace or, where the filter is for many, of what they will
 * be found to mean.  `part` is the name in the token's word, or all of it; `otherwise` what it means where no interface
 * has that name, which may be nothing. */
bool test_interface(struct parser *p, const struct token *token, const char *part, struct range otherwise,
                    struct test *ret_test);
bool test_autobound(struct parser *p, struct test *ret_test);

/* What it means in this namespace; NULL if that was not looked up. */
const struct range *varying_in(const struct varying *v, uint32_t netns);

void varying_free(struct varying *varying, size_t count);

#endif
