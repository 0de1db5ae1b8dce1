/* SPDX-License-Identifier: BSD-2-Clause */
/* reception.h - which arrived packets the stack is to see: those to its addresses. */
#ifndef LASTACK_LINK_RECEPTION_H
#define LASTACK_LINK_RECEPTION_H

#include "lastack/link.h"

#define RECEPTION_ADDRESSES 64

struct reception_address {
        enum la_family family;
        uint8_t address[16];
        unsigned int prefix;
};

struct reception {
        struct reception_address address[RECEPTION_ADDRESSES];
        unsigned int count; /* 0: every address is ours */
};

/* 0, -ENOSPC when there are too many, -EINVAL for a prefix that is too long. */
int reception_address(struct reception *r, enum la_family family, const uint8_t *address, unsigned int prefix);

/* True if the packet is for the stack.  What is too short to tell is for it too: it has a verdict for that. */
bool reception_takes(const struct reception *r, const struct la_packet *packet, struct la_loop_counts *counts);

#endif
