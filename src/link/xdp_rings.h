/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xdp_rings.h - the memory that an AF_XDP socket shares with the kernel (Documentation/networking/af_xdp.rst): frames, and
 * four rings of them.
 *
 *             to the kernel                          from it
 *         fill:  empty frames to receive into    rx:          frames that arrived
 *         tx:    frames to send                  completion:  frames that were sent
 *
 * Half of the frames are to receive into, and each is in the fill ring, in rx, or with the caller; half are to send, and
 * each is free, in tx, or in the completion ring.  No ring can overflow: each holds as many as there are of its half.
 */
#ifndef LASTACK_LINK_XDP_RINGS_H
#define LASTACK_LINK_XDP_RINGS_H

#include <linux/if_xdp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XDP_FRAME_BYTES 4096
#define XDP_HEADROOM    256 /* of each frame, which drivers keep: XDP_PACKET_HEADROOM */

struct xdp_ring {
        uint32_t *producer, *consumer, *flags;
        void *entries; /* uint64_t of fill and completion, struct xdp_desc of rx and tx */
        uint32_t mask;
        void *map;
        size_t map_bytes;
};

struct xdp_rings {
        uint8_t *frames;
        size_t frames_bytes;
        uint32_t size; /* of each ring, and of each half of the frames */
        struct xdp_ring fill, rx, tx, completion;
        uint64_t *free; /* frames to send with */
        uint32_t free_count;
};

/* Makes them for a socket, `size` a power of two; 0 or a negative errno.  xdp_rings_fini() in either case. */
int xdp_rings_init(struct xdp_rings *r, int fd, uint32_t size);
void xdp_rings_fini(struct xdp_rings *r);

/* The next frame that arrived, to be given back by xdp_rings_return(); false: none. */
bool xdp_rings_receive(struct xdp_rings *r, struct xdp_desc *ret_frame);
void xdp_rings_return(struct xdp_rings *r, const struct xdp_desc *frame);

/* Room to write a frame into; NULL: all are on their way.  Then its length, which sends it. */
uint8_t *xdp_rings_room(struct xdp_rings *r);
void xdp_rings_send(struct xdp_rings *r, size_t bytes);

/* Wakes the kernel up where it sleeps: to receive (more empty frames are there), to send.  Returns 0 or a negative errno. */
void xdp_rings_wake_receiver(struct xdp_rings *r, int fd);
int xdp_rings_wake_sender(struct xdp_rings *r, int fd);

#endif
