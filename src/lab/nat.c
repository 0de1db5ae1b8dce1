/* SPDX-License-Identifier: BSD-2-Clause */
/* Where packets go, and who they seem to come from: RFC 3022's translation of addresses and ports, for TCP over IPv4. */
#include <string.h>

#include "lab/world.h"
#include "wire/checksum.h"

#define FIRST_OUTSIDE_PORT 1024u

/* ---- One packet ---- */

enum {
        IP_CHECKSUM = 10,
        IP_SOURCE = 12,
        IP_DESTINATION = 16,
        TCP_SOURCE_PORT = 0,
        TCP_DESTINATION_PORT = 2,
};

static void
fix(uint8_t *field, const uint8_t *before, const uint8_t *after, size_t n)
{
        put_checksum(field, checksum_update(get_checksum(field), before, after, n));
}

/* Puts another address and port where one end stands, and both checksums right. */
static void
rewrite(uint8_t *bytes, size_t address_at, size_t port_at, const uint8_t address[4], uint16_t port)
{
        size_t tcp = (size_t)(bytes[0] & 15u) * 4;
        uint8_t number[2] = { (uint8_t)(port >> 8), (uint8_t)port };

        fix(bytes + IP_CHECKSUM, bytes + address_at, address, 4);
        fix(bytes + tcp + TCP_CHECKSUM_OFFSET, bytes + address_at, address, 4);
        fix(bytes + tcp + TCP_CHECKSUM_OFFSET, bytes + tcp + port_at, number, 2);
        memcpy(bytes + address_at, address, 4);
        memcpy(bytes + tcp + port_at, number, 2);
}

/* ---- Mappings ---- */

static bool
outside_taken(const struct lab_nat *n, uint16_t port)
{
        for (size_t i = 0; i < n->count; i++)
                if (n->mapping[i].outside == port)
                        return true;
        return false;
}

static uint16_t
outside_for(const struct lab_nat *n, uint16_t wanted)
{
        uint32_t port = wanted;

        while (outside_taken(n, (uint16_t)port))
                port = port == 65535 ? FIRST_OUTSIDE_PORT : port + 1;
        return (uint16_t)port;
}

static const struct lab_mapping *
map(struct la_lab *lab, struct lab_nat *n, int host, uint16_t port)
{
        struct lab_mapping *grown;

        for (size_t i = 0; i < n->count; i++)
                if (n->mapping[i].host == host && n->mapping[i].inside == port)
                        return &n->mapping[i];
        if (n->count == 65535 - FIRST_OUTSIDE_PORT)
                return NULL;
        grown = lab_grow(lab, n->mapping, sizeof *n->mapping, n->count, &n->room);
        if (!grown)
                return NULL;
        n->mapping = grown;
        n->mapping[n->count] = (struct lab_mapping){ host, port, outside_for(n, port) };
        return &n->mapping[n->count++];
}

static int
nat_at(const struct la_lab *lab, const struct segment *g)
{
        for (int i = 0; i < lab->nats && g->family == LA_IPV4; i++)
                if (memcmp(lab->nat[i].address4, g->destination.address, 4) == 0)
                        return i;
        return -1;
}

static void
come_in(struct la_lab *lab, struct lab_packet *p, const struct lab_nat *n)
{
        for (size_t i = 0; i < n->count; i++) {
                const struct lab_mapping *m = &n->mapping[i];
                uint8_t *bytes;

                if (m->outside != p->segment.destination.port)
                        continue;
                bytes = lab_on_its_way(lab, p);
                if (!bytes)
                        return;
                rewrite(bytes, IP_DESTINATION, TCP_DESTINATION_PORT, lab->host[m->host].config.address4, m->inside);
                p->seen.to = m->host;
                return;
        }
        p->seen.fate = LA_LAB_NOT_MAPPED;
}

static void
go_out(struct la_lab *lab, struct lab_packet *p, struct lab_nat *n)
{
        const struct lab_mapping *m = map(lab, n, p->seen.from, p->segment.source.port);
        uint8_t *bytes = m ? lab_on_its_way(lab, p) : NULL;

        if (bytes)
                rewrite(bytes, IP_SOURCE, TCP_SOURCE_PORT, n->address4, m->outside);
}

static int
nat_of(const struct la_lab *lab, int host, enum la_family family)
{
        return host >= 0 && family == LA_IPV4 ? lab->host[host].nat : -1;
}

/* An address behind a NAT means nothing outside. */
static void
go_direct(struct la_lab *lab, struct lab_packet *p, int from_nat)
{
        const struct segment *g = &p->segment;
        int to = lab_host_at(lab, g->family, g->destination.address), to_nat = nat_of(lab, to, g->family);

        if (to_nat == -1 || to_nat == from_nat || p->seen.from == LA_LAB_NOBODY)
                p->seen.to = to;
}

void
lab_route(struct la_lab *lab, struct lab_packet *p)
{
        const struct segment *g = &p->segment;
        int from_nat = nat_of(lab, p->seen.from, g->family), nat = p->tcp ? nat_at(lab, g) : -1;

        p->seen.to = LA_LAB_NOBODY;
        if (nat >= 0 && nat != from_nat)
                come_in(lab, p, &lab->nat[nat]);
        else
                go_direct(lab, p, from_nat);
        if (p->seen.to == LA_LAB_NOBODY && p->seen.fate == LA_LAB_UNDER_WAY)
                p->seen.fate = LA_LAB_NOWHERE;
        if (p->tcp && from_nat >= 0 && nat_of(lab, p->seen.to, g->family) != from_nat)
                go_out(lab, p, &lab->nat[from_nat]);
        if (p->seen.arrived != p->seen.bytes)
                lab_follow_translated(lab, p);
}
