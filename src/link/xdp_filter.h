/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * xdp_filter.h - the program on an interface that says which frames are the stack's (bpf/xdp.bpf.c).  It goes when it is
 * closed, or when the process ends, however it ends: then all frames are the kernel's again.
 */
#ifndef LASTACK_LINK_XDP_FILTER_H
#define LASTACK_LINK_XDP_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "lastack/endpoint.h"

struct xdp_filter;

/* `native`: in the driver; else above it, which every interface can.  0; -EOPNOTSUPP if this driver cannot, -EBUSY if
 * another program is there, -EPERM, or another negative errno. */
int xdp_filter_open(unsigned int interface, bool native, struct xdp_filter **ret_filter);
void xdp_filter_close(struct xdp_filter *f);

/* The socket that gets what comes on a queue. */
int xdp_filter_socket(struct xdp_filter *f, uint32_t queue, int fd);

int xdp_filter_address(struct xdp_filter *f, enum la_family family, const uint8_t *address);

#endif
