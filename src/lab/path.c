/* SPDX-License-Identifier: BSD-2-Clause */
/* From one host to the other: rules, limits, faults, and the time it takes. */
#include <stdlib.h>
#include <string.h>

#include "lab/world.h"
#include "wire/icmp.h"

#define MICROSECONDS 1000000u

/* Who says that a packet is too big: addresses that documentation uses (RFC 5737, RFC 3849). */
static const uint8_t router4[4] = { 192, 0, 2, 254 };
static const uint8_t router6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 0xfe };

static void
lose(struct la_lab *lab, struct lab_packet *p, enum la_lab_fate fate)
{
        struct la_lab_event *e = lab_log(lab, LA_LAB_EVENT_DROPPED, p->seen.from);

        p->seen.fate = fate;
        p->seen.ended = lab->now;
        if (e)
                e->packet = p->seen.id;
}

uint8_t *
lab_on_its_way(struct la_lab *lab, struct lab_packet *p)
{
        uint8_t *copy;

        if (p->seen.arrived != p->seen.bytes)
                return (uint8_t *)(uintptr_t)p->seen.arrived;
        copy = lab_copy(lab, p->seen.bytes, p->seen.length);
        if (copy)
                p->seen.arrived = copy;
        return copy;
}

static void
damage(struct la_lab *lab, struct lab_packet *p)
{
        uint32_t bit = lab_below(lab, (uint32_t)p->seen.length * 8);
        uint8_t *bytes = lab_on_its_way(lab, p);

        if (!bytes)
                return;
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        p->seen.corrupted = true;
}

/* A router marks what takes marks. */
static bool
takes_marks(const struct lab_packet *p)
{
        return p->tcp && ip_ecn_of(&p->segment.ip) != IP_NOT_ECT;
}

static void
mark(struct la_lab *lab, struct lab_packet *p)
{
        uint8_t *bytes = lab_on_its_way(lab, p);

        if (bytes && ip_mark_ce(bytes, p->seen.length))
                p->seen.marked = true;
}

/* ---- Answers of the path ---- */

static void
log_sent(struct la_lab *lab, const struct lab_packet *p)
{
        struct la_lab_event *e = lab_log(lab, LA_LAB_EVENT_SENT, p->seen.from);

        if (e)
                e->packet = p->seen.id;
}

/* An error about a packet goes back to who sent it, and takes as long as the packet would have. */
static void
complain(struct la_lab *lab, const struct lab_packet *p, const uint8_t *bytes, size_t length)
{
        int to = p->seen.from;
        struct lab_packet *error = length > 0 ? lab_packet_add(lab, LA_LAB_NOBODY, bytes, length) : NULL;

        if (!error)
                return;
        error->seen.to = to;
        log_sent(lab, error);
        lab_will_arrive(lab, lab->now + 2ull * lab->link[to][p->seen.to < 0 ? to : p->seen.to].set.delay_us,
                        error->seen.id);
}

static void
say_unreachable(struct la_lab *lab, const struct lab_packet *p)
{
        uint8_t bytes[ICMP_ERROR_MAX_IPV6];
        struct ip_packet ip;

        if (ip_parse(p->seen.bytes, p->seen.length, &ip) == WIRE_OK)
                complain(lab, p, bytes, icmp_build_unreachable(&ip, ICMP_PORT_UNREACHABLE, ip.destination, bytes));
}

static void
say_too_big(struct la_lab *lab, const struct lab_packet *p, uint32_t mtu)
{
        uint8_t bytes[ICMP_ERROR_MAX_IPV6];
        struct ip_packet ip;

        if (ip_parse(p->seen.bytes, p->seen.length, &ip) == WIRE_OK)
                complain(lab, p, bytes, icmp_build_too_big(&ip, mtu, ip.family == LA_IPV4 ? router4 : router6, bytes));
}

/* ---- The link ---- */

/* What waits in the queue, in bytes. */
static uint64_t
waiting(const struct la_lab *lab, const struct lab_link *l)
{
        return l->free_at > lab->now ? (l->free_at - lab->now) * l->set.rate / MICROSECONDS : 0;
}

/* When the last bit has left the queue; false if there is no room in it. */
static bool
leaves_queue(const struct la_lab *lab, struct lab_link *l, size_t length, tcp_time *ret_at)
{
        tcp_time from = l->free_at > lab->now ? l->free_at : lab->now;

        *ret_at = lab->now;
        if (l->set.rate == 0)
                return true;
        if (l->set.queue_bytes > 0 && waiting(lab, l) + length > l->set.queue_bytes)
                return false;
        l->free_at = from + (length * MICROSECONDS + l->set.rate - 1) / l->set.rate;
        *ret_at = l->free_at;
        return true;
}

/* Through the queue, and marked if it is long; false if there is no room for it, or none for what takes no marks. */
static bool
passes_queue(struct la_lab *lab, struct lab_packet *p, struct lab_link *l, tcp_time *ret_left)
{
        bool is_long = l->set.mark_bytes > 0 && waiting(lab, l) > l->set.mark_bytes;

        if ((is_long && !takes_marks(p)) || !leaves_queue(lab, l, p->seen.length, ret_left))
                return false;
        if (is_long)
                mark(lab, p);
        return true;
}

static tcp_time
arrival_time(struct la_lab *lab, struct lab_link *l, tcp_time left)
{
        tcp_time at = left + l->set.delay_us + (l->set.jitter_us ? lab_below(lab, l->set.jitter_us + 1) : 0);

        if (lab_chance(lab, l->set.reorder))
                return at + l->set.reorder_us;
        if (at < l->last_arrival)
                at = l->last_arrival;
        l->last_arrival = at;
        return at;
}

static void
send_copy(struct la_lab *lab, const struct lab_packet *p, tcp_time at)
{
        struct lab_packet *copy = lab_packet_copy(lab, p);

        if (!copy)
                return;
        log_sent(lab, copy);
        lab_will_arrive(lab, at, copy->seen.id);
}

static void
cross_link(struct la_lab *lab, struct lab_packet *p, const struct la_lab_rule *rule)
{
        struct lab_link *l = &lab->link[p->seen.from][p->seen.to];
        tcp_time left, at;

        if (l->set.mtu > 0 && p->seen.length > l->set.mtu) {
                lose(lab, p, LA_LAB_TOO_BIG);
                say_too_big(lab, p, l->set.mtu);
                return;
        }
        if (lab_chance(lab, l->set.loss)) {
                lose(lab, p, LA_LAB_LOST);
                return;
        }
        if (!passes_queue(lab, p, l, &left)) {
                lose(lab, p, LA_LAB_LOST_IN_QUEUE);
                return;
        }
        if (rule && rule->action == LA_LAB_MARK)
                mark(lab, p);
        if (lab_chance(lab, l->set.corrupt) || (rule && rule->action == LA_LAB_CORRUPT))
                damage(lab, p);
        if (rule && rule->action == LA_LAB_DELAY) {
                lab_will_arrive(lab, left + l->set.delay_us + rule->us, p->seen.id);
                return;
        }
        at = arrival_time(lab, l, left);
        lab_will_arrive(lab, at, p->seen.id);
        if (rule && rule->action == LA_LAB_DUPLICATE)
                send_copy(lab, p, at + rule->us);
        if (lab_chance(lab, l->set.duplicate))
                send_copy(lab, p, at);
}

static bool
loses(const struct la_lab_rule *rule, const struct lab_packet *p)
{
        return rule->action == LA_LAB_DROP || rule->action == LA_LAB_UNREACHABLE ||
               (rule->action == LA_LAB_MARK && !takes_marks(p));
}

static void
set_out(struct la_lab *lab, struct lab_packet *p)
{
        const struct lab_rule *taker = lab_rule_for(lab, p);
        const struct la_lab_rule *rule = taker ? &taker->set : NULL;

        if (rule && loses(rule, p)) {
                lose(lab, p, rule->action == LA_LAB_UNREACHABLE ? LA_LAB_REFUSED : LA_LAB_LOST_BY_RULE);
                if (rule->action == LA_LAB_UNREACHABLE)
                        say_unreachable(lab, p);
                return;
        }
        if (p->seen.fate != LA_LAB_UNDER_WAY) {
                lose(lab, p, p->seen.fate);
                return;
        }
        cross_link(lab, p, rule);
}

/* ---- Out of a stack ---- */

static size_t
packet_bytes(const struct la_packet *packet)
{
        size_t n = packet->header_bytes;

        for (size_t i = 0; i < packet->parts; i++)
                n += packet->part[i].length;
        return n;
}

void
lab_transmit(struct la_lab *lab, int host, const struct la_packet *packet)
{
        size_t length = packet_bytes(packet), at = packet->header_bytes;
        uint8_t *bytes = malloc(length > 0 ? length : 1);
        struct lab_packet *p;

        if (!bytes) {
                lab->out_of_memory = true;
                return;
        }
        memcpy(bytes, packet->header, packet->header_bytes);
        for (size_t i = 0; i < packet->parts; at += packet->part[i++].length)
                memcpy(bytes + at, packet->part[i].bytes, packet->part[i].length);
        p = lab_packet_add(lab, host, bytes, length);
        free(bytes);
        if (!p)
                return;
        lab_route(lab, p);
        log_sent(lab, p);
        set_out(lab, p);
}
