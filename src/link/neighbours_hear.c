/* SPDX-License-Identifier: BSD-2-Clause */
/* What neighbours say: RFC 826, RFC 5227 2.4, RFC 4861 7.2.3 to 7.2.5. */
#include <string.h>

#include "link/neighbours_inside.h"
#include "wire/ip.h"

#define DEFEND_INTERVAL_US ((tcp_time)10000000) /* RFC 5227 1.1 */

/* Another host says that it has one of our addresses.  We go on using it, as a server should (RFC 5227 2.4 (b), (c)), and
 * say so, but not as often as it does: two hosts that both defend would never end. */
static void
conflict(struct neighbours *n, tcp_time now, struct own_address *own)
{
        n->counts.conflicts++;
        if (own->defended && now - own->defended < DEFEND_INTERVAL_US)
                return;
        own->defended = now ? now : 1;
        announce(n, own);
}

static bool
same_mac(const uint8_t a[6], const uint8_t b[6])
{
        return memcmp(a, b, 6) == 0;
}

/* ---- ARP ---- */

/* RFC 826: what is known is brought up to date whoever speaks; who asks for us will want an answer, and is remembered. */
static void
learn_from_arp(struct neighbours *n, tcp_time now, const struct arp_message *m, bool for_us)
{
        struct neighbour *e = neighbour_find(n, LA_IPV4, m->sender);

        if (!e && for_us && m->operation == ARP_REQUEST)
                e = neighbour_begin(n, LA_IPV4, m->sender);
        if (e)
                neighbour_is_at(n, now, e, m->sender_mac, for_us && m->operation == ARP_REPLY);
}

void
neighbours_arp(struct neighbours *n, tcp_time now, const uint8_t *bytes, size_t size)
{
        struct own_address *claimed;
        struct arp_message m;
        bool for_us;

        if (!arp_parse(bytes, size, &m)) {
                n->counts.refused++;
                return;
        }
        if (same_mac(m.sender_mac, n->config.mac))
                return; /* our own, come back */
        for_us = own_address(n, LA_IPV4, m.target);
        claimed = own_address(n, LA_IPV4, m.sender);
        if (claimed) {
                conflict(n, now, claimed);
                return;
        }
        if (ip_is_unicast(LA_IPV4, m.sender) && is_on_link(n, LA_IPV4, m.sender))
                learn_from_arp(n, now, &m, for_us);
        /* Who asks from an address of another network, as Linux does for packets it has from there, gets his answer. */
        if (for_us && m.operation == ARP_REQUEST)
                answer_arp(n, &m);
}

/* ---- IPv6 ---- */

static void
hear_solicitation(struct neighbours *n, tcp_time now, const struct ndp_message *m)
{
        struct own_address *claimed = own_address(n, LA_IPV6, m->source);
        struct neighbour *e;

        if (!own_address(n, LA_IPV6, m->target))
                return;
        if (claimed) {
                if (m->has_mac && !same_mac(m->mac, n->config.mac))
                        conflict(n, now, claimed);
                return;
        }
        if (m->has_mac && ip_is_unicast(LA_IPV6, m->source) && is_on_link(n, LA_IPV6, m->source)) {
                e = neighbour_find(n, LA_IPV6, m->source);
                if (!e)
                        e = neighbour_begin(n, LA_IPV6, m->source);
                neighbour_is_at(n, now, e, m->mac, false);
        }
        answer_solicitation(n, now, m);
}

/* RFC 4861 7.2.5.  Only an answer that may not override leaves a known address as it is, and then makes it doubtful. */
static void
hear_advertisement(struct neighbours *n, tcp_time now, const struct ndp_message *m)
{
        struct own_address *claimed = own_address(n, LA_IPV6, m->target);
        struct neighbour *e;
        bool differs;

        if (claimed) {
                if (!m->has_mac || !same_mac(m->mac, n->config.mac))
                        conflict(n, now, claimed);
                return;
        }
        e = neighbour_find(n, LA_IPV6, m->target);
        if (!e || (e->state == NEIGHBOUR_INCOMPLETE && !m->has_mac))
                return;
        differs = m->has_mac && !same_mac(m->mac, e->mac);
        if (e->state == NEIGHBOUR_INCOMPLETE || m->override || !differs)
                neighbour_is_at(n, now, e, m->has_mac ? m->mac : e->mac, m->solicited);
        else if (e->state == NEIGHBOUR_REACHABLE)
                e->state = NEIGHBOUR_STALE;
}

void
neighbours_ndp(struct neighbours *n, tcp_time now, enum ndp_kind kind, const struct ndp_message *message)
{
        switch (kind) {
        case NDP_SOLICITATION:
                hear_solicitation(n, now, message);
                break;
        case NDP_ADVERTISEMENT:
                hear_advertisement(n, now, message);
                break;
        case NDP_BAD:
                n->counts.refused++;
                break;
        case NDP_NONE:
        case NDP_OF_ROUTERS:
                break;
        }
}
