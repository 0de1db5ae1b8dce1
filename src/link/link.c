/* SPDX-License-Identifier: BSD-2-Clause */
/* What all links have in common. */
#include "link/link.h"

#include <errno.h>
#include <string.h>

#include "link/ethernet.h"

#define HEAR_US 2000 /* while packets wait for what another queue may have heard */

struct la_link_facts
la_link_facts(const struct la_link *link)
{
        return link->facts;
}

struct la_link_counts
la_link_counts(const struct la_link *link)
{
        struct la_link_counts counts = link->counts;

        if (link->neighbours)
                counts.dropped_out += neighbours_counts(link->neighbours).dropped;
        return counts;
}

void
la_link_configure(struct la_config *config, const struct la_link *link)
{
        config->mtu = link->facts.mtu;
        config->gso_bytes = link->facts.gso_bytes;
        config->checksum_offload = link->facts.checksum_offload;
        config->loans = LINK_PACKETS_AT_ONCE;
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
        if (!link)
                return;
        neighbours_free(link->neighbours);
        if (link->hearsay)
                hearsay_leave(link->hearsay);
        link->kind->close(link);
}

/* ---- Ethernet ------------------------------------------------------------------------------------------------------- */

int
link_meet_neighbours(struct la_link *link, const struct neighbours_config *config)
{
        memcpy(link->mac, config->mac, sizeof(link->mac));
        return neighbours_new(config, &link->neighbours);
}

/* ARP's reply, or a neighbour advertisement: what questions of another queue may wait for. */
static bool
is_answer(const uint8_t *frame, size_t size)
{
        const uint8_t *packet = frame + ETHERNET_HEADER;

        if (size < ETHERNET_HEADER + 28)
                return false;
        if (frame[12] == 0x08 && frame[13] == 0x06)
                return packet[7] == 2;
        return size > ETHERNET_HEADER + 40 && packet[40] == 136;
}

bool
link_takes_frame(struct la_link *link, tcp_time now, const uint8_t *frame, size_t size)
{
        switch (ethernet_arrived(link->neighbours, link->mac, now, frame, size)) {
        case ETHERNET_PACKET:
                return true;
        case ETHERNET_REFUSED:
                link->counts.refused_in++;
                return false;
        case ETHERNET_TAKEN:
                if (link->hearsay && is_answer(frame, size))
                        hearsay_tell(link->hearsay, frame, size);
                break;
        case ETHERNET_OTHERS:
                break;
        }
        return false;
}

void
link_tell_neighbours(struct la_link *link)
{
        const struct neighbour_frame *frame;

        while ((frame = neighbours_next(link->neighbours)))
                link->kind->send_frame(link, frame->header, &frame->packet);
}

int
la_link_address(struct la_link *link, enum la_family family, const uint8_t *address, unsigned int prefix)
{
        uint8_t local[16];
        bool had_local = link->neighbours && neighbours_link_local(link->neighbours, local);
        int status;

        if (prefix > (family == LA_IPV4 ? 32 : 128))
                return -EINVAL;
        if (!link->neighbours)
                return 0;
        status = neighbours_address(link->neighbours, la_clock(), family, address, prefix);
        if (status == 0 && link->kind->address)
                status = link->kind->address(link, family, address);
        if (status == 0 && link->kind->address && !had_local && neighbours_link_local(link->neighbours, local))
                status = link->kind->address(link, LA_IPV6, local);
        if (status == 0)
                la_link_advance(link, la_clock());
        return status;
}

bool
la_link_local_address(const struct la_link *link, uint8_t ret_address[16])
{
        return link->neighbours && neighbours_link_local(link->neighbours, ret_address);
}

static void
hear_others(struct la_link *link, tcp_time now)
{
        uint8_t frame[HEARSAY_FRAME_MAX];
        size_t size;

        while ((size = hearsay_next(link->hearsay, &link->heard, frame)) > 0)
                (void)ethernet_arrived(link->neighbours, link->mac, now, frame, size);
        link->hear_at = now + HEAR_US;
}

tcp_time
la_link_deadline(const struct la_link *link)
{
        tcp_time deadline = link->neighbours ? neighbours_deadline(link->neighbours) : LA_NEVER;

        if (link->hearsay && neighbours_keep_waiting(link->neighbours) && link->hear_at < deadline)
                return link->hear_at;
        return deadline;
}

void
la_link_advance(struct la_link *link, tcp_time now)
{
        if (!link->neighbours || la_link_deadline(link) > now)
                return;
        if (link->hearsay)
                hear_others(link, now);
        neighbours_advance(link->neighbours, now);
        link_tell_neighbours(link);
}
