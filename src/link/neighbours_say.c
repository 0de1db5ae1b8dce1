/* SPDX-License-Identifier: BSD-2-Clause */
/* What is said to neighbours: frames, in the order in which they are to leave. */
#include <stdlib.h>
#include <string.h>

#include "link/neighbours_inside.h"
#include "wire/bytes.h"
#include "wire/ipv6.h"

#define OWN_FRAMES_MAX 256 /* that wait to be sent: who asks faster than the device takes gets no answer */

static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
static const uint8_t all_nodes[16] = { 0xff, 2, [15] = 1 };

/* RFC 2464 7 */
static void
group_mac(const uint8_t group[16], uint8_t ret_mac[6])
{
        ret_mac[0] = 0x33;
        ret_mac[1] = 0x33;
        memcpy(ret_mac + 2, group + 12, 4);
}

struct neighbour_frame *
frame_of(const struct la_packet *packet)
{
        size_t n = 0;
        struct neighbour_frame *frame;

        for (size_t i = 0; i < packet->parts; i++)
                n += packet->part[i].length;
        frame = malloc(sizeof *frame + n);
        if (!frame)
                return NULL;
        frame->next = NULL;
        frame->size = sizeof *frame + n;
        frame->packet = *packet;
        frame->packet.parts = n > 0;
        frame->packet.part[0] = (struct la_part){ frame->bytes, n };
        n = 0;
        for (size_t i = 0; i < packet->parts; i++) {
                memcpy(frame->bytes + n, packet->part[i].bytes, packet->part[i].length);
                n += packet->part[i].length;
        }
        put16(frame->header + 12, packet->header[0] >> 4 == 4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
        return frame;
}

void
frame_address(struct neighbour_frame *frame, const uint8_t to[6], const uint8_t from[6])
{
        memcpy(frame->header, to, 6);
        memcpy(frame->header + 6, from, 6);
}

void
frame_queue(struct neighbours *n, struct neighbour_frame *frame)
{
        frame->next = NULL;
        if (n->out)
                n->out_last->next = frame;
        else
                n->out = frame;
        n->out_last = frame;
}

static void
say(struct neighbours *n, const uint8_t to[6], const struct la_packet *packet, uint16_t type)
{
        struct neighbour_frame *frame = n->out_own < OWN_FRAMES_MAX ? frame_of(packet) : NULL;

        if (!frame) {
                n->counts.dropped++;
                return;
        }
        put16(frame->header + 12, type);
        frame_address(frame, to, n->config.mac);
        frame_queue(n, frame);
        n->out_own++;
}

static void
say_arp(struct neighbours *n, const uint8_t to[6], const struct arp_message *m)
{
        struct la_packet p = { .header_bytes = ARP_BYTES };

        arp_build(m, p.header);
        say(n, to, &p, ETHERTYPE_ARP);
}

/* ---- Questions ---- */

static void
ask_arp(struct neighbours *n, const struct neighbour *e, const uint8_t to[6])
{
        const uint8_t *ours = own_towards(n, LA_IPV4, e->address);
        struct arp_message m = { .operation = ARP_REQUEST };

        if (!ours)
                return;
        memcpy(m.sender_mac, n->config.mac, 6);
        memcpy(m.sender, ours, 4);
        memcpy(m.target, e->address, 4);
        say_arp(n, to, &m);
}

static void
ask_ndp(struct neighbours *n, const struct neighbour *e, const uint8_t *mac)
{
        const uint8_t *ours = own_towards(n, LA_IPV6, e->address);
        struct ndp_message m = { .has_mac = true };
        struct la_packet p = { .parts = 0 };
        uint8_t to[6];

        if (!ours)
                return;
        memcpy(m.source, ours, 16);
        memcpy(m.target, e->address, 16);
        memcpy(m.mac, n->config.mac, 6);
        if (mac) {
                memcpy(m.destination, e->address, 16);
                memcpy(to, mac, 6);
        } else {
                ndp_solicited_node(e->address, m.destination);
                group_mac(m.destination, to);
        }
        p.header_bytes = (uint16_t)ndp_build_solicitation(&m, p.header);
        say(n, to, &p, ETHERTYPE_IPV6);
}

void
ask_for(struct neighbours *n, const struct neighbour *e, bool by_itself)
{
        n->counts.asked++;
        if (e->family == LA_IPV4)
                ask_arp(n, e, by_itself ? e->mac : broadcast);
        else
                ask_ndp(n, e, by_itself ? e->mac : NULL);
}

/* ---- Answers ---- */

void
answer_arp(struct neighbours *n, const struct arp_message *question)
{
        struct arp_message m = { .operation = ARP_REPLY };

        memcpy(m.sender_mac, n->config.mac, 6);
        memcpy(m.sender, question->target, 4);
        memcpy(m.target_mac, question->sender_mac, 6);
        memcpy(m.target, question->sender, 4);
        say_arp(n, question->sender_mac, &m);
        n->counts.answered++;
}

static bool
is_unspecified(const uint8_t address[16])
{
        static const uint8_t zeros[16];

        return memcmp(address, zeros, 16) == 0;
}

static void
build_advertisement(const struct neighbours *n, const uint8_t target[16], const uint8_t destination[16],
                    struct la_packet *ret_packet)
{
        struct ndp_message m = { .has_mac = true, .override = true, .solicited = destination[0] != 0xff };

        *ret_packet = (struct la_packet){ .parts = 0 };
        memcpy(m.source, target, 16);
        memcpy(m.target, target, 16);
        memcpy(m.destination, destination, 16);
        memcpy(m.mac, n->config.mac, 6);
        ret_packet->header_bytes = (uint16_t)ndp_build_advertisement(&m, ret_packet->header);
}

static void
advertise_to_all(struct neighbours *n, const uint8_t target[16])
{
        struct la_packet p;
        uint8_t to[6];

        build_advertisement(n, target, all_nodes, &p);
        group_mac(all_nodes, to);
        say(n, to, &p, ETHERTYPE_IPV6);
}

/* To one who has not said where it is. */
static void
advertise_to_who_must_be_found(struct neighbours *n, tcp_time now, const struct la_packet *p)
{
        uint8_t header[ETHERNET_HEADER];

        if (neighbours_header(n, now, p, header))
                say(n, header, p, ETHERTYPE_IPV6);
}

/* RFC 4861 7.2.4; who has no address yet is answered where all hear it. */
void
answer_solicitation(struct neighbours *n, tcp_time now, const struct ndp_message *question)
{
        struct la_packet p;

        n->counts.answered++;
        if (is_unspecified(question->source)) {
                advertise_to_all(n, question->target);
                return;
        }
        build_advertisement(n, question->target, question->source, &p);
        if (question->has_mac)
                say(n, question->mac, &p, ETHERTYPE_IPV6);
        else
                advertise_to_who_must_be_found(n, now, &p);
}

/* ---- Our own addresses ---- */

void
announce(struct neighbours *n, const struct own_address *own)
{
        struct arp_message m = { .operation = ARP_REQUEST };

        if (own->family == LA_IPV6) {
                advertise_to_all(n, own->address);
                return;
        }
        memcpy(m.sender_mac, n->config.mac, 6);
        memcpy(m.sender, own->address, 4);
        memcpy(m.target, own->address, 4);
        say_arp(n, broadcast, &m);
}

void
ask_whether_free(struct neighbours *n, const struct own_address *own)
{
        struct ndp_message m = { .has_mac = false };
        struct la_packet p = { .parts = 0 };
        uint8_t to[6];

        memcpy(m.target, own->address, 16);
        ndp_solicited_node(own->address, m.destination);
        group_mac(m.destination, to);
        p.header_bytes = (uint16_t)ndp_build_solicitation(&m, p.header);
        say(n, to, &p, ETHERTYPE_IPV6);
}

/* ---- Fetching them ---- */

const struct neighbour_frame *
neighbours_next(struct neighbours *n)
{
        free(n->given);
        n->given = n->out;
        if (!n->given) {
                n->out_own = 0;
                return NULL;
        }
        n->out = n->given->next;
        return n->given;
}
