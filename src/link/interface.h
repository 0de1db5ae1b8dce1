/* SPDX-License-Identifier: BSD-2-Clause */
/* interface.h - what the kernel knows of an interface, by its name.  Calls return 0 or a negative errno. */
#ifndef LASTACK_LINK_INTERFACE_H
#define LASTACK_LINK_INTERFACE_H

#include <stdint.h>

#include "lastack/link.h"

int interface_mtu(const char *name, uint32_t *ret_mtu);
int interface_set_mtu(const char *name, uint32_t mtu);
int interface_up(const char *name);
int interface_set_queue(const char *name, uint32_t packets); /* how many wait for us before some are dropped */
int interface_mac(const char *name, uint8_t ret_mac[6]);

#endif
