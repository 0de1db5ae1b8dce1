/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * throwaway.h - network namespaces that are made for a trial and are gone with the process that made them.
 */
#ifndef LASTACK_LINUX_THROWAWAY_H
#define LASTACK_LINUX_THROWAWAY_H

#include <stdbool.h>
#include <sys/types.h>

/* Moves the calling process, which must be one that ends soon and has one thread, into a new network namespace, and
 * before that into a user namespace of its own where it lacks the privilege.  Returns 0, or a negative errno: -EPERM
 * where neither is permitted. */
int throwaway_enter(void);

/* Sees to it that the calling process ends when its parent does, however that ends.  False if the parent is gone
 * already. */
bool throwaway_end_with(pid_t parent);

#endif
