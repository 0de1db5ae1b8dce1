/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netns.h - network namespaces: going into one and coming back.
 */
#ifndef LASTACK_LINUX_NETNS_H
#define LASTACK_LINUX_NETNS_H

/* A stay in another network namespace: this thread only, and only for the few calls that open what stays there
 * (a netlink socket, a file of /proc/net or /proc/sys/net remembers the namespace it was opened in). */
struct netns_visit {
        int home; /* a descriptor of the namespace to come back to; -1: never left */
};

/* Moves the calling thread into the namespace that `fd` refers to; 0 stays where it is.  Each successful call is
 * followed by netns_leave().  Returns 0, -EPERM without CAP_SYS_ADMIN, or another negative errno. */
int netns_enter(int fd, struct netns_visit *ret_visit);

/* Comes back.  Returns 0, or a negative errno if there is no way back: then the thread is in the wrong namespace and
 * must not go on as if nothing had happened. */
int netns_leave(struct netns_visit *visit);

#endif
