/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * likely.h - which way most segments of most connections go.
 *
 * Steps are many, and most of what they ask is answered alike each time.  A compiler that does not know it guesses, and
 * every second guess is a jump: a thousand of them for a connection of seven packets, more than a processor remembers.
 * Said where the answer is the nature of the thing (a bit that loss, urgent data or an extension sets), not where it is
 * a matter of what a program does.
 */
#ifndef LASTACK_WIRE_LIKELY_H
#define LASTACK_WIRE_LIKELY_H

#define LA_LIKELY(condition)   __builtin_expect(!!(condition), 1)
#define LA_UNLIKELY(condition) __builtin_expect(!!(condition), 0)

#endif
