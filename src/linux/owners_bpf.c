/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owners_bpf.c - owners from the kernel's own walk over all descriptors, by the program bpf/owners.bpf.c.
 *
 * The program is loaded by bpftool's "light skeleton": the kernel itself resolves it against its types, in about 1 ms.
 * libbpf would read all of the kernel's type information first, for 14 ms and 12 MB; the whole walk of 15,000
 * descriptors takes 6.
 */
#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#include <owners.lskel.h>

#include "linux/bpf/owners_record.h"
#include "linux/holding.h"

static_assert(sizeof(struct owners_record) == sizeof(struct holding), "a record is a row");
static_assert(offsetof(struct owners_record, inode) == offsetof(struct holding, inode), "inode");
static_assert(offsetof(struct owners_record, pid) == offsetof(struct holding, owner.pid), "pid");
static_assert(offsetof(struct owners_record, fd) == offsetof(struct holding, owner.fd), "fd");
static_assert(offsetof(struct owners_record, comm) == offsetof(struct holding, owner.comm), "comm");

/* The kernel's buffer for what an iterator writes, and so the most that one read returns: 8 pages (kernel/bpf/bpf_iter.c).
 */
#define READ_SIZE (8 * 4096)

/* Reads to the end; a record may be split between two reads. */
static int
read_all(int iterator, struct holdings *h)
{
        size_t bytes = 0;
        for (;;) {
                if (holdings_reserve(h, READ_SIZE / sizeof(*h->rows)) < 0)
                        return -ENOMEM;
                char *end = (char *)h->rows + bytes;
                ssize_t n = read(iterator, end, h->capacity * sizeof(*h->rows) - bytes);
                if (n == 0)
                        return bytes % sizeof(*h->rows) ? -EIO : 0;
                if (n > 0)
                        bytes += (size_t)n;
                else if (errno != EINTR && errno != EAGAIN) /* EAGAIN: a million descriptors and no socket among them */
                        return -errno;
                h->count = bytes / sizeof(*h->rows);
        }
}

static int
create_iterator(int link)
{
        union bpf_attr attr = { .iter_create.link_fd = (uint32_t)link };
        int fd = (int)syscall(SYS_bpf, BPF_ITER_CREATE, &attr, sizeof(attr));
        return fd < 0 ? -errno : fd;
}

static int
run(struct owners_bpf *skeleton, struct holdings *h)
{
        int r = owners_bpf__load(skeleton);
        if (r < 0)
                return r;
        int link = owners_bpf__each_descriptor__attach(skeleton);
        if (link < 0)
                return -errno;
        int iterator = create_iterator(link);
        if (iterator < 0)
                return iterator;
        r = read_all(iterator, h);
        close(iterator);
        return r;
}

int
holdings_from_bpf(struct holdings *h)
{
        struct owners_bpf *skeleton = owners_bpf__open();
        if (!skeleton)
                return -ENOMEM;
        int r = run(skeleton, h);
        owners_bpf__destroy(skeleton);
        return r;
}
