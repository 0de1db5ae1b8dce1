/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * work.h - what is measured, as two hosts do it whichever TCP they have (pair.h).
 */
#ifndef LASTACK_BENCH_WORK_H
#define LASTACK_BENCH_WORK_H

#include "pair.h"

/* `n` times FLIGHT_SEGMENTS full segments: written by one application, acknowledged, read by the other.  The pair has
 * been through work_connect(). */
void work_connect(struct pair *);
void work_flights(struct pair *, uint32_t n);

/* `n` times connect, a byte there, a byte back, close by the near end, close by the far one.  After every ten of them
 * TIME_WAIT ends. */
void work_conversations(struct pair *, uint32_t n);

/* Serves the timers `n` times, with nothing to do. */
void work_ticks(struct pair *, uint32_t n);

/* Ends the program unless bytes arrive as they were sent, and a packet with one bit flipped does not. */
void work_check(struct pair *);

#endif
