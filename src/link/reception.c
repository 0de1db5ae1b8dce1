/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/reception.h"

#include <errno.h>
#include <string.h>

int
reception_address(struct reception *r, enum la_family family, const uint8_t *address, unsigned int prefix)
{
        size_t n = family == LA_IPV4 ? 4 : 16;
        struct reception_address *a = &r->address[r->count];

        if (prefix > n * 8)
                return -EINVAL;
        if (r->count == RECEPTION_ADDRESSES)
                return -ENOSPC;
        memcpy(a->address, address, n);
        a->family = family;
        a->prefix = prefix;
        r->count++;
        return 0;
}

static bool
is_ours(const struct reception *r, enum la_family family, const uint8_t *address)
{
        size_t n = family == LA_IPV4 ? 4 : 16;

        for (unsigned int i = 0; i < r->count; i++)
                if (r->address[i].family == family && memcmp(r->address[i].address, address, n) == 0)
                        return true;
        return false;
}

bool
reception_takes(const struct reception *r, const struct la_packet *packet, struct la_loop_counts *counts)
{
        const uint8_t *bytes = packet->header_bytes ? packet->header : packet->part[0].bytes;
        size_t n = packet->header_bytes ? packet->header_bytes : packet->part[0].length;
        bool ours = true;

        if (r->count == 0)
                return true;
        if (n >= 20 && bytes[0] >> 4 == 4)
                ours = is_ours(r, LA_IPV4, bytes + 16);
        else if (n >= 40 && bytes[0] >> 4 == 6)
                ours = is_ours(r, LA_IPV6, bytes + 24);
        counts->not_ours += !ours;
        return ours;
}
