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

/* Two network namespaces with a cable between them: the calling process, which must be one that ends soon and has one
 * thread, is moved into the client's, in which `client` has the address 192.0.2.1; the server's has 192.0.2.2. */
struct throwaway_pair {
        int client, server; /* descriptors of the namespaces */
        bool one;           /* there is only one, for lack of veth: both addresses are on its loopback device */
};

#define THROWAWAY_CLIENT "192.0.2.1"
#define THROWAWAY_SERVER "192.0.2.2"

/* Returns 0, or a negative errno: -EPERM where it is not permitted. */
int throwaway_pair_enter(struct throwaway_pair *ret);

/* Sees to it that the calling process ends when its parent does, however that ends.  False if the parent is gone
 * already. */
bool throwaway_end_with(pid_t parent);

#endif
