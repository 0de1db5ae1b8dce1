/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * netns.h - network namespaces: which there are, and going into one and coming back.
 *
 * A descriptor of a namespace is a positive number; 0 stands for the one that the calling thread is in, which needs no
 * privilege and no /proc.
 */
#ifndef LASTACK_LINUX_NETNS_H
#define LASTACK_LINUX_NETNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Which there are ---- */

/* A namespace's name for people: as `ip netns` knows it, or "PID:COMM" of a process in it; '?' stands
 * for what is not printable ASCII. */
#define NETNS_NAME_SIZE 256

struct netns {
        int fd;         /* 0: the calling thread's own */
        uint32_t inode; /* what the kernel tells it by; 0: not known */
        char name[NETNS_NAME_SIZE];
};

struct netns_list {
        struct netns *netns; /* at least one */
        size_t count;
        uint32_t refused; /* namespaces that we may not enter, left out here */
        uint32_t hidden;  /* processes that we may not look at, in these namespaces or in others */
};

/* The namespaces that `which` means:
 *
 *   NULL     the calling thread's own
 *   "all"    each that a process is in or that `ip netns` keeps, the calling thread's own first
 *   a path   the namespace that this file refers to; anything with a '/' in it
 *   NAME     one that `ip netns` keeps, in /run/netns
 *   PID      that of a process; "PID:COMM" too
 *
 * Returns 0 and *ret_list, to be given to netns_list_close().  Or -ENOENT or -ESRCH if there is no such namespace or
 * process, -EINVAL if it is not a network namespace, -EACCES or -EPERM if we may not look at it or enter it, or another
 * negative errno.  All but "all" is one namespace, and refused if that may not be entered. */
int netns_list_open(const char *which, struct netns_list *ret_list);

/* A list that is all zero may be closed too. */
void netns_list_close(struct netns_list *list);

/* One sentence that says what an error of netns_list_open() means for a person and what helps; "%s" stands in it for
 * what was asked for.  To be translated when shown.  NULL for an error that has nothing to do with namespaces. */
const char *netns_problem(int error);

/* ---- Going into one ---- */

/* A stay in another namespace: this thread only, and only for the few calls that open what stays there (a netlink
 * socket, a file of /proc/net or /proc/sys/net remembers the namespace it was opened in). */
struct netns_visit {
        int home; /* a descriptor of the namespace to come back to; -1: never left */
};

/* Moves the calling thread into the namespace of `fd`; nothing is moved if it is there already.  Each successful call
 * is followed by netns_leave().  Returns 0, -EPERM without CAP_SYS_ADMIN, or another negative errno. */
int netns_enter(int fd, struct netns_visit *ret_visit);

/* Comes back.  Returns 0, or a negative errno if there is no way back: then the thread is in the wrong namespace and
 * must not go on as if nothing had happened. */
int netns_leave(struct netns_visit *visit);

/* Opens a file as a thread in the namespace of `fd` sees it, to be read.  Returns a descriptor or a negative errno. */
int netns_open_file(int fd, const char *path);

/* The same of a file of /proc/net; `name` is its name there. */
int netns_open_proc_net(int fd, const char *name);

/* The inode by which the kernel tells a namespace.  Returns 0 or a negative errno. */
int netns_inode(int fd, uint32_t *ret_inode);

#endif
