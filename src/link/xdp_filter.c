/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/xdp_filter.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <xdp.lskel.h>

struct xdp_filter {
        struct xdp_bpf *program;
        int link; /* of program and interface */
};

static int
attach(struct xdp_filter *f, unsigned int interface, bool native)
{
        union bpf_attr attr = { .link_create = {
                                        .prog_fd = (uint32_t)f->program->progs.to_stack.prog_fd,
                                        .target_ifindex = interface,
                                        .attach_type = BPF_XDP,
                                        .flags = native ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE,
                                } };

        f->link = (int)syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
        return f->link < 0 ? -errno : 0;
}

int
xdp_filter_open(unsigned int interface, bool native, struct xdp_filter **ret_filter)
{
        struct xdp_filter *f = calloc(1, sizeof(*f));
        int status;

        if (!f)
                return -ENOMEM;
        f->link = -1;
        f->program = xdp_bpf__open();
        status = f->program ? xdp_bpf__load(f->program) : -ENOMEM;
        if (status >= 0)
                status = attach(f, interface, native);
        if (status < 0) {
                xdp_filter_close(f);
                return status;
        }
        *ret_filter = f;
        return 0;
}

void
xdp_filter_close(struct xdp_filter *f)
{
        if (!f)
                return;
        if (f->link >= 0)
                close(f->link);
        xdp_bpf__destroy(f->program);
        free(f);
}

static int
put(int map, const void *key, const void *value)
{
        union bpf_attr attr = { .map_fd = (uint32_t)map, .key = (uintptr_t)key, .value = (uintptr_t)value };

        return syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

int
xdp_filter_socket(struct xdp_filter *f, uint32_t queue, int fd)
{
        return put(f->program->maps.sockets.map_fd, &queue, &fd);
}

int
xdp_filter_address(struct xdp_filter *f, enum la_family family, const uint8_t *address)
{
        uint8_t key[16] = { [10] = 0xff, [11] = 0xff }, value = 1;

        if (family == LA_IPV4)
                memcpy(key + 12, address, 4);
        else
                memcpy(key, address, 16);
        return put(f->program->maps.addresses.map_fd, key, &value);
}
