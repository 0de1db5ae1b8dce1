/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * check.h - assertions that stay on: what must be true unless the stack itself has a fault.
 */
#ifndef LASTACK_MODEL_CHECK_H
#define LASTACK_MODEL_CHECK_H

/* For what is called in few of the lives of few connections: the compiler keeps the way there out of the way. */
#define LA_RARELY __attribute__((cold))

LA_RARELY _Noreturn void la_assert_failed(const char *file, int line, const char *condition);

#define LA_ASSERT(condition)                                              \
        do {                                                              \
                if (__builtin_expect(!(condition), 0))                    \
                        la_assert_failed(__FILE__, __LINE__, #condition); \
        } while (0)

/* A place that control does not reach. */
#define LA_NOT_REACHED(why) la_assert_failed(__FILE__, __LINE__, why)

#endif
