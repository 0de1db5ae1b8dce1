/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * namespace.h - a network namespace for the crowd, and what its kernel says of it.
 */
#ifndef LASTACK_BENCH_NAMESPACE_H
#define LASTACK_BENCH_NAMESPACE_H

#include <stdint.h>

/* Moves this process and those it starts from now on to a new network namespace, with its loopback up and room for very
 * many records in TIME_WAIT.  The old one goes when its last process does.  Returns 0, or a negative errno with what
 * could not be done in *ret_what. */
int namespace_enter_new(const char **ret_what);

/* How many records in TIME_WAIT this namespace has: a counter of the kernel's own, not a walk. */
uint64_t namespace_time_wait(void);

#endif
