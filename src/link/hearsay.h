/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hearsay.h - what neighbours answer to one queue of an interface, for the others.
 *
 * An answer to ARP or neighbour solicitation comes on any queue, not on that which asked, and each queue is a link of its own
 * in a thread of its own.  So whoever gets one puts it down here, and each reads what was put down since it last did: while it
 * waits for an answer every millisecond or two, else when its timers are due.  It holds the latest few, and who reads too
 * late asks again.
 */
#ifndef LASTACK_LINK_HEARSAY_H
#define LASTACK_LINK_HEARSAY_H

#include <stddef.h>
#include <stdint.h>

#define HEARSAY_FRAME_MAX 160

struct hearsay;

/* For so many links; NULL without memory.  It is gone when all have left. */
struct hearsay *hearsay_new(unsigned int links);
void hearsay_leave(struct hearsay *h);

/* Frames that are too long to be an answer are left out. */
void hearsay_tell(struct hearsay *h, const uint8_t *frame, size_t size);

/* The next frame after the *heard-th, which is counted up; its size, or 0 when there is none. */
size_t hearsay_next(struct hearsay *h, uint64_t *heard, uint8_t ret_frame[HEARSAY_FRAME_MAX]);

#endif
