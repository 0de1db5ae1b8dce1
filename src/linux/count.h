/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * count.h - how many TCP sockets of a network namespace are in each state.
 */
#ifndef LASTACK_LINUX_COUNT_H
#define LASTACK_LINUX_COUNT_H

#include "linux/dump.h"

/* Counts the sockets of `request->states`, each in its place of `ret_counts`; other places become 0.
 *
 * The two states that most sockets are in, TIME_WAIT and ESTABLISHED, follow from what the kernel has counted itself
 * where that can be relied on, so that their sockets need not be told one by one: three times as fast.  Returns 0, with
 * *ret_report filled if it is not NULL, or a negative errno. */
int
count_states(const struct dump_request *request, uint64_t ret_counts[LA_STATE_COUNT], struct dump_report *ret_report);

#endif
