/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/check.h"

/* Weak: a program that can say more before it stops defines its own. */
__attribute__((weak)) _Noreturn void
la_assert_failed(const char *file, int line, const char *condition)
{
        (void)file;
        (void)line;
        (void)condition;
        __builtin_trap();
}
