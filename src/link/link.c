/* SPDX-License-Identifier: BSD-2-Clause */
/* What all links have in common. */
#include "link/link.h"

struct la_link_facts
la_link_facts(const struct la_link *link)
{
        return link->facts;
}

struct la_link_counts
la_link_counts(const struct la_link *link)
{
        return link->counts;
}

void
la_link_configure(struct la_config *config, const struct la_link *link)
{
        config->mtu = link->facts.mtu;
        config->gso_bytes = link->facts.gso_bytes;
        config->checksum_offload = link->facts.checksum_offload;
}

int
la_link_fd(const struct la_link *link)
{
        return link->fd;
}

int
la_link_receive(struct la_link *link, struct la_packet *packets, size_t n)
{
        return link->kind->receive(link, packets, n);
}

int
la_link_send(struct la_link *link, const struct la_packet *packets, size_t n)
{
        return link->kind->send(link, packets, n);
}

void
la_link_close(struct la_link *link)
{
        if (link)
                link->kind->close(link);
}
