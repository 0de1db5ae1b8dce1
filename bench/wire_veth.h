/* SPDX-License-Identifier: BSD-2-Clause */
/* wire_veth.h - Linux's own TCP as the server, in a network namespace at the other end of a veth pair. */
#ifndef LASTACK_BENCH_WIRE_VETH_H
#define LASTACK_BENCH_WIRE_VETH_H

/* Moves this process to a network namespace of its own, where ports do not run out and no TIME_WAIT is kept: each server
 * is measured with as many conversations as it can have.  Returns 0 or a negative errno. */
int veth_enter(void);

/* As null_serve(): ports 7, 9 and 19 of 10.77.0.2, a process of its own in a further namespace. */
int veth_serve(int ready_fd);

/* Takes the pair away, once its server has ended: the kernel would, but later. */
void veth_remove(void);

#endif
