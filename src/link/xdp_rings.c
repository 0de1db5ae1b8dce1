/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/xdp_rings.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define KICKS_MAX 128 /* of a sender that copies, which takes some frames each time */

/* ---- Memory ---- */

static int
set_size(int fd, int ring, uint32_t size)
{
        return setsockopt(fd, SOL_XDP, ring, &size, sizeof(size)) < 0 ? -errno : 0;
}

static int
map_ring(int fd, uint64_t page, const struct xdp_ring_offset *at, uint32_t size, size_t entry_bytes,
         struct xdp_ring *ret_ring)
{
        size_t bytes = at->desc + size * entry_bytes;
        uint8_t *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, (off_t)page);

        if (map == MAP_FAILED)
                return -errno;
        *ret_ring = (struct xdp_ring){
                .producer = (uint32_t *)(map + at->producer),
                .consumer = (uint32_t *)(map + at->consumer),
                .flags = (uint32_t *)(map + at->flags),
                .entries = map + at->desc,
                .mask = size - 1,
                .map = map,
                .map_bytes = bytes,
        };
        return 0;
}

static int
map_rings(struct xdp_rings *r, int fd)
{
        struct xdp_mmap_offsets at;
        socklen_t n = sizeof(at);
        int status = 0;

        if (getsockopt(fd, SOL_XDP, XDP_MMAP_OFFSETS, &at, &n) < 0)
                return -errno;
        if (n != sizeof(at)) /* before Linux 5.4: without flags that say who sleeps */
                return -ENOPROTOOPT;
        status = map_ring(fd, XDP_UMEM_PGOFF_FILL_RING, &at.fr, r->size, sizeof(uint64_t), &r->fill);
        if (status == 0)
                status =
                        map_ring(fd, XDP_UMEM_PGOFF_COMPLETION_RING, &at.cr, r->size, sizeof(uint64_t), &r->completion);
        if (status == 0)
                status = map_ring(fd, XDP_PGOFF_RX_RING, &at.rx, r->size, sizeof(struct xdp_desc), &r->rx);
        if (status == 0)
                status = map_ring(fd, XDP_PGOFF_TX_RING, &at.tx, r->size, sizeof(struct xdp_desc), &r->tx);
        return status;
}

static int
register_frames(struct xdp_rings *r, int fd)
{
        struct xdp_umem_reg umem = { .chunk_size = XDP_FRAME_BYTES };
        void *frames;

        r->frames_bytes = (size_t)r->size * 2 * XDP_FRAME_BYTES;
        frames = mmap(NULL, r->frames_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (frames == MAP_FAILED)
                return -errno;
        r->frames = frames;
        umem.addr = (uintptr_t)frames;
        umem.len = r->frames_bytes;
        return setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &umem, sizeof(umem)) < 0 ? -errno : 0;
}

static int
share_memory(struct xdp_rings *r, int fd)
{
        static const int rings[] = { XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING, XDP_TX_RING };
        int status = register_frames(r, fd);

        for (size_t i = 0; i < sizeof(rings) / sizeof(rings[0]) && status == 0; i++)
                status = set_size(fd, rings[i], r->size);
        return status < 0 ? status : map_rings(r, fd);
}

int
xdp_rings_init(struct xdp_rings *r, int fd, uint32_t size)
{
        int status;

        *r = (struct xdp_rings){ .size = size };
        r->free = calloc(size, sizeof(*r->free));
        if (!r->free)
                return -ENOMEM;
        status = share_memory(r, fd);
        if (status < 0)
                return status;
        for (uint32_t i = 0; i < size; i++) {
                struct xdp_desc frame = { .addr = (uint64_t)i * XDP_FRAME_BYTES };

                xdp_rings_return(r, &frame);
                r->free[r->free_count++] = (uint64_t)(size + i) * XDP_FRAME_BYTES;
        }
        return 0;
}

static void
unmap(const struct xdp_ring *ring)
{
        if (ring->map)
                munmap(ring->map, ring->map_bytes);
}

void
xdp_rings_fini(struct xdp_rings *r)
{
        unmap(&r->fill);
        unmap(&r->rx);
        unmap(&r->tx);
        unmap(&r->completion);
        if (r->frames)
                munmap(r->frames, r->frames_bytes);
        free(r->free);
}

/* ---- Rings: the producer writes an entry, then moves its mark; the consumer reads the mark, then the entry ---- */

static uint32_t
theirs(const uint32_t *mark)
{
        return __atomic_load_n(mark, __ATOMIC_ACQUIRE);
}

static void
move(uint32_t *mark)
{
        __atomic_store_n(mark, *mark + 1, __ATOMIC_RELEASE);
}

bool
xdp_rings_receive(struct xdp_rings *r, struct xdp_desc *ret_frame)
{
        uint32_t at = *r->rx.consumer;

        if (at == theirs(r->rx.producer))
                return false;
        *ret_frame = ((const struct xdp_desc *)r->rx.entries)[at & r->rx.mask];
        move(r->rx.consumer);
        return true;
}

void
xdp_rings_return(struct xdp_rings *r, const struct xdp_desc *frame)
{
        ((uint64_t *)r->fill.entries)[*r->fill.producer & r->fill.mask] =
                frame->addr & ~(uint64_t)(XDP_FRAME_BYTES - 1);
        move(r->fill.producer);
}

static void
take_back_sent(struct xdp_rings *r)
{
        uint32_t end = theirs(r->completion.producer);

        while (*r->completion.consumer != end) {
                uint64_t frame =
                        ((const uint64_t *)r->completion.entries)[*r->completion.consumer & r->completion.mask];

                r->free[r->free_count++] = frame;
                move(r->completion.consumer);
        }
}

uint8_t *
xdp_rings_room(struct xdp_rings *r)
{
        if (r->free_count == 0)
                take_back_sent(r);
        return r->free_count > 0 ? r->frames + r->free[r->free_count - 1] : NULL;
}

void
xdp_rings_send(struct xdp_rings *r, size_t bytes)
{
        struct xdp_desc *d = &((struct xdp_desc *)r->tx.entries)[*r->tx.producer & r->tx.mask];

        *d = (struct xdp_desc){ .addr = r->free[--r->free_count], .len = (uint32_t)bytes };
        move(r->tx.producer);
}

/* ---- Waking the kernel ---- */

void
xdp_rings_wake_receiver(struct xdp_rings *r, int fd)
{
        if (__atomic_load_n(r->fill.flags, __ATOMIC_RELAXED) & XDP_RING_NEED_WAKEUP)
                recvfrom(fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
}

static bool
is_no_failure(int error)
{
        return error == EAGAIN || error == EBUSY || error == ENOBUFS || error == ENETDOWN;
}

/* Where the kernel copies, each call sends some frames and says EAGAIN if there are more. */
int
xdp_rings_wake_sender(struct xdp_rings *r, int fd)
{
        for (unsigned int kicks = 0; kicks < KICKS_MAX; kicks++) {
                if (*r->tx.producer == theirs(r->tx.consumer) ||
                    !(__atomic_load_n(r->tx.flags, __ATOMIC_RELAXED) & XDP_RING_NEED_WAKEUP))
                        break;
                if (sendto(fd, NULL, 0, MSG_DONTWAIT, NULL, 0) >= 0)
                        continue;
                if (errno != EAGAIN)
                        return is_no_failure(errno) ? 0 : -errno;
        }
        return 0;
}
