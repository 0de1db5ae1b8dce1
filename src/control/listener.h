/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listener.h - the socket that a stack answers on: made under its name, and taken away again.
 */
#ifndef LASTACK_CONTROL_LISTENER_H
#define LASTACK_CONTROL_LISTENER_H

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/un.h>

struct control_listener {
        int fd;
        int spare; /* a descriptor kept back, so that there is always one to refuse a client with */
        struct sockaddr_un address;
        dev_t device; /* of the socket's file: whose it is when we take it away */
        ino_t inode;
};

/* Returns 0, or a negative errno as la_control_open() has them. */
int listener_open(struct control_listener *l, const char *name);
void listener_close(struct control_listener *l);

/* The next client: its descriptor, non-blocking; -EACCES if it is one who may not ask, and *ret_refused is his
 * descriptor; -EAGAIN if there is none. */
int listener_accept(struct control_listener *l, int *ret_refused);

#endif
