/* SPDX-License-Identifier: BSD-2-Clause */
#include "doctor/ports.h"

#include <stdlib.h>
#include <string.h>

static bool
is_of(const struct ports_used *u, enum la_family family, const uint8_t address[16])
{
        return u->family == family && memcmp(u->address, address, sizeof(u->address)) == 0;
}

static size_t
index_of(const struct ports *p, enum la_family family, const uint8_t address[16])
{
        if (p->last < p->count && is_of(p->used[p->last], family, address))
                return p->last;
        for (size_t i = 0; i < p->count; i++)
                if (is_of(p->used[i], family, address))
                        return i;
        return p->count;
}

bool
ports_add(struct ports *p, const struct la_snapshot *s, uint16_t low)
{
        bool mapped = s->family == LA_IPV6 && la_endpoint_is_mapped(&s->local);
        enum la_family family = mapped ? LA_IPV4 : s->family;
        uint8_t address[16] = { 0 };

        memcpy(address, mapped ? s->local.address + 12 : s->local.address, mapped ? 4 : 16);
        size_t i = index_of(p, family, address);
        if (i == PORTS_ADDRESSES)
                return true;
        if (i == p->count) {
                if (!(p->used[i] = calloc(1, sizeof(*p->used[i]))))
                        return false;
                p->used[i]->family = family;
                memcpy(p->used[i]->address, address, sizeof(address));
                p->count++;
        }
        p->last = i;

        struct ports_used *u = p->used[i];
        uint64_t *word = &u->bits[s->local.port / 64], bit = UINT64_C(1) << s->local.port % 64;
        u->sockets++;
        if (*word & bit)
                return true;
        *word |= bit;
        u->distinct++;
        if ((s->local.port - low) % 2 == 0)
                u->as_connect++;
        else
                u->as_bind++;
        return true;
}

const struct ports_used *
ports_of(const struct ports *p, enum la_family family, const uint8_t address[16])
{
        size_t i = index_of(p, family, address);

        return i < p->count ? p->used[i] : NULL;
}

void
ports_fini(struct ports *p)
{
        for (size_t i = 0; i < p->count; i++)
                free(p->used[i]);
        *p = (struct ports){ 0 };
}
