/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sound.h - is a stack's memory what it should be?
 *
 * Looks at all of it, by the rules that its parts keep and nobody else can see: every item of a pool is free or found by
 * somebody, lists lead back as they lead on, each counter is the number of what it counts, every byte that is to be sent or
 * read has a place.  Costs as much as walking through the pools; changes nothing.
 */
#ifndef LASTACK_TESTS_SOUND_H
#define LASTACK_TESTS_SOUND_H

#include "lastack/tcp.h"

/* NULL, or what is wrong, in words. */
const char *stack_fault(const struct la_stack *stack);

/* NULL, or what is left though everything has ended. */
const char *stack_leak(const struct la_stack *stack);

#endif
