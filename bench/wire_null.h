/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire_null.h - the floor under a TCP on TUN: answers that do none of its work.
 *
 * Port 7 sends one byte back for each segment of text, port 9 acknowledges, port 19 sends as much as is acknowledged.
 * Nothing is checked, kept, timed or sent again, no text is looked at or made; what remains is the path itself: reading
 * and writing packets with vnet headers, 64 KiB of text in each where that can be.
 */
#ifndef LASTACK_BENCH_WIRE_NULL_H
#define LASTACK_BENCH_WIRE_NULL_H

#include <stdbool.h>

/* Serves 10.77.0.2 on a new TUN interface until it is killed; writes a byte to `ready_fd` when it can be reached. */
int null_serve(bool plain, int ready_fd);

#endif
