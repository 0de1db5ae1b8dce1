/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of neighbours, the way to them, and what time does to both. */
#include "link/neighbours.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "link/neighbours_inside.h"
#include "wire/bytes.h"

#define ENTRIES       512
#define WAITING_BYTES (1u << 20)

#define ANNOUNCEMENTS    2 /* RFC 5227 1.1, ANNOUNCE_NUM and _INTERVAL */
#define ANNOUNCE_GAP_US  ((tcp_time)2000000)
#define DAD_WAIT_US      ((tcp_time)1000000) /* RFC 4862 5.1: before an address is known to be free */
#define LINK_LOCAL_BITS  64
#define IPV6_FIRST_STEPS 1 /* asking whether it is free */

static size_t
address_bytes(enum la_family family)
{
        return family == LA_IPV4 ? 4 : 16;
}

/* ---- Memory ---- */

static size_t
power_of_two_from(size_t n)
{
        size_t p = 1;

        while (p < n)
                p *= 2;
        return p;
}

int
neighbours_new(const struct neighbours_config *config, struct neighbours **ret_neighbours)
{
        struct neighbours *n = calloc(1, sizeof *n);
        uint32_t entries = config->entries ? config->entries : ENTRIES;

        if (!n)
                return -ENOMEM;
        n->config = *config;
        n->config.entries = entries;
        if (n->config.waiting_bytes == 0)
                n->config.waiting_bytes = WAITING_BYTES;
        n->buckets = power_of_two_from(entries);
        n->next_due = LA_NEVER;
        if (entries >= 2 && entries <= 65536) {
                n->all = calloc(entries, sizeof *n->all);
                n->bucket = calloc(n->buckets, sizeof(struct neighbour *));
        }
        if (!n->all || !n->bucket) {
                neighbours_free(n);
                return entries < 2 || entries > 65536 ? -EINVAL : -ENOMEM;
        }
        for (uint32_t i = entries; i > 0; i--) {
                n->all[i - 1].chain = n->free;
                n->free = &n->all[i - 1];
        }
        ndp_link_local(config->mac, n->link_local);
        *ret_neighbours = n;
        return 0;
}

static size_t
free_frames(struct neighbour_frame *frame)
{
        size_t size = 0;

        while (frame) {
                struct neighbour_frame *next = frame->next;

                size += frame->size;
                free(frame);
                frame = next;
        }
        return size;
}

void
neighbours_free(struct neighbours *n)
{
        if (!n)
                return;
        for (uint32_t i = 0; n->all && i < n->config.entries; i++)
                free_frames(n->all[i].waiting);
        free_frames(n->out);
        free(n->given);
        free(n->bucket);
        free(n->all);
        free(n);
}

struct neighbours_counts
neighbours_counts(const struct neighbours *n)
{
        return n->counts;
}

/* ---- Our own addresses ---- */

static bool
same_network(const uint8_t *a, const uint8_t *b, unsigned int prefix)
{
        unsigned int whole = prefix / 8, bits = prefix % 8;

        if (memcmp(a, b, whole) != 0)
                return false;
        return bits == 0 || (a[whole] ^ b[whole]) >> (8 - bits) == 0;
}

struct own_address *
own_address(struct neighbours *n, enum la_family family, const uint8_t *address)
{
        for (unsigned int i = 0; i < n->own_count; i++)
                if (n->own[i].family == family && memcmp(n->own[i].address, address, address_bytes(family)) == 0)
                        return &n->own[i];
        return NULL;
}

static const struct own_address *
own_in_network_of(const struct neighbours *n, enum la_family family, const uint8_t *address)
{
        for (unsigned int i = 0; i < n->own_count; i++)
                if (n->own[i].family == family && same_network(n->own[i].address, address, n->own[i].prefix))
                        return &n->own[i];
        return NULL;
}

static bool
is_link_local(const uint8_t *address)
{
        return address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

bool
is_on_link(const struct neighbours *n, enum la_family family, const uint8_t *address)
{
        return (family == LA_IPV6 && is_link_local(address)) || own_in_network_of(n, family, address);
}

const uint8_t *
own_towards(const struct neighbours *n, enum la_family family, const uint8_t *address)
{
        const struct own_address *own = own_in_network_of(n, family, address);

        if (own)
                return own->address;
        if (family == LA_IPV6)
                return n->has_ipv6 ? n->link_local : NULL;
        for (unsigned int i = 0; i < n->own_count; i++)
                if (n->own[i].family == family)
                        return n->own[i].address;
        return NULL;
}

static void
wake_at(struct neighbours *n, tcp_time due)
{
        if (due < n->next_due)
                n->next_due = due;
}

static void
add_own(struct neighbours *n, tcp_time now, enum la_family family, const uint8_t *address, unsigned int prefix)
{
        struct own_address *own = &n->own[n->own_count++];

        *own = (struct own_address){ .family = family, .prefix = prefix, .due = now };
        own->announcements = ANNOUNCEMENTS + (family == LA_IPV6 ? IPV6_FIRST_STEPS : 0);
        memcpy(own->address, address, address_bytes(family));
        wake_at(n, now);
}

int
neighbours_address(struct neighbours *n, tcp_time now, enum la_family family, const uint8_t *address,
                   unsigned int prefix)
{
        bool first_ipv6 = family == LA_IPV6 && !n->has_ipv6;

        if (prefix > address_bytes(family) * 8)
                return -EINVAL;
        if (own_address(n, family, address))
                return 0;
        if (n->own_count + 1 + first_ipv6 > NEIGHBOURS_ADDRESSES)
                return -ENOSPC;
        n->last = NULL;
        n->has_ipv6 |= family == LA_IPV6;
        if (first_ipv6)
                add_own(n, now, LA_IPV6, n->link_local, LINK_LOCAL_BITS);
        if (!own_address(n, family, address))
                add_own(n, now, family, address, prefix);
        return 0;
}

bool
neighbours_link_local(const struct neighbours *n, uint8_t ret_address[16])
{
        if (n->has_ipv6)
                memcpy(ret_address, n->link_local, 16);
        return n->has_ipv6;
}

/* ---- The table ---- */

static struct neighbour **
bucket_of(struct neighbours *n, const uint8_t *address, enum la_family family)
{
        uint32_t h = get32(address);

        if (family == LA_IPV6)
                h ^= get32(address + 4) * 3 ^ get32(address + 8) * 5 ^ get32(address + 12);
        return &n->bucket[(h * 2654435761u >> 16 ^ h) & (n->buckets - 1)];
}

struct neighbour *
neighbour_find(struct neighbours *n, enum la_family family, const uint8_t *address)
{
        struct neighbour *e = *bucket_of(n, address, family);

        while (e && !(e->family == family && memcmp(e->address, address, address_bytes(family)) == 0))
                e = e->chain;
        return e;
}

static void
drop_waiting(struct neighbours *n, struct neighbour *e)
{
        n->counts.dropped += e->waiting_count;
        n->waiting_bytes -= free_frames(e->waiting);
        e->waiting = NULL;
        e->waiting_count = 0;
}

static void
forget(struct neighbours *n, struct neighbour *e)
{
        struct neighbour **at = bucket_of(n, e->address, e->family);

        drop_waiting(n, e);
        while (*at != e)
                at = &(*at)->chain;
        *at = e->chain;
        n->incomplete -= e->state == NEIGHBOUR_INCOMPLETE;
        e->state = NEIGHBOUR_FREE;
        e->chain = n->free;
        n->free = e;
        n->last = NULL;
}

/* Makes room: of those that have not answered if `incomplete`, else of the others. */
static void
push_out(struct neighbours *n, bool incomplete)
{
        struct neighbour *oldest = NULL;

        for (uint32_t i = 0; i < n->config.entries; i++) {
                struct neighbour *e = &n->all[i];

                if (e->state != NEIGHBOUR_FREE && (e->state == NEIGHBOUR_INCOMPLETE) == incomplete &&
                    (!oldest || e->used < oldest->used))
                        oldest = e;
        }
        n->counts.pushed_out++;
        forget(n, oldest);
}

struct neighbour *
neighbour_begin(struct neighbours *n, enum la_family family, const uint8_t *address)
{
        struct neighbour **bucket, *e;

        if (!n->free)
                push_out(n, false); /* those that have not answered are half of them at most */
        bucket = bucket_of(n, address, family);
        e = n->free;
        n->free = e->chain;
        *e = (struct neighbour){ .state = NEIGHBOUR_STALE, .family = family, .chain = *bucket };
        memcpy(e->address, address, address_bytes(family));
        *bucket = e;
        return e;
}

static void
release_waiting(struct neighbours *n, struct neighbour *e)
{
        struct neighbour_frame *frame = e->waiting;

        while (frame) {
                struct neighbour_frame *next = frame->next;

                n->waiting_bytes -= frame->size;
                frame_address(frame, e->mac, n->config.mac);
                frame_queue(n, frame);
                frame = next;
        }
        e->waiting = NULL;
        e->waiting_count = 0;
}

void
neighbour_is_at(struct neighbours *n, tcp_time now, struct neighbour *e, const uint8_t mac[6], bool confirmed)
{
        bool moved = e->state == NEIGHBOUR_INCOMPLETE || memcmp(e->mac, mac, 6) != 0;

        n->incomplete -= e->state == NEIGHBOUR_INCOMPLETE;
        memcpy(e->mac, mac, 6);
        if (confirmed) {
                e->state = NEIGHBOUR_REACHABLE;
                e->due = now + NEIGHBOUR_REACHABLE_US;
        } else if (moved) {
                e->state = NEIGHBOUR_STALE;
        }
        release_waiting(n, e);
}

/* ---- Packets that leave ---- */

/* What its neighbour is to be, with the packet waiting for it. */
static void
wait_for(struct neighbours *n, struct neighbour *e, const struct la_packet *packet)
{
        struct neighbour_frame *frame = frame_of(packet);

        if (frame && e->waiting_count == NEIGHBOURS_WAITING) { /* RFC 1122 2.3.2.2: the latest are kept */
                struct neighbour_frame *oldest = e->waiting;

                e->waiting = oldest->next;
                e->waiting_count--;
                n->waiting_bytes -= oldest->size;
                n->counts.dropped++;
                free(oldest);
        }
        if (!frame || n->waiting_bytes + frame->size > n->config.waiting_bytes) {
                n->counts.dropped++;
                free(frame);
                return;
        }
        *(e->waiting ? &e->waiting_last->next : &e->waiting) = frame;
        e->waiting_last = frame;
        e->waiting_count++;
        n->waiting_bytes += frame->size;
}

static void
set_due(struct neighbours *n, struct neighbour *e, enum neighbour_state state, tcp_time due)
{
        n->incomplete += state == NEIGHBOUR_INCOMPLETE && e->state != NEIGHBOUR_INCOMPLETE;
        e->state = state;
        e->due = due;
        wake_at(n, due);
}

static struct neighbour *
begin_asking(struct neighbours *n, tcp_time now, enum la_family family, const uint8_t *address)
{
        struct neighbour *e;

        if (n->incomplete >= n->config.entries / 2)
                push_out(n, true);
        e = neighbour_begin(n, family, address);
        e->tries = 1;
        set_due(n, e, NEIGHBOUR_INCOMPLETE, now + NEIGHBOUR_RETRY_US);
        ask_for(n, e, false);
        return e;
}

/* The host that a packet is given to; NULL if there is none. */
static const uint8_t *
next_hop(const struct neighbours *n, enum la_family family, const uint8_t *destination)
{
        static const uint8_t none[16];
        const uint8_t *gateway = family == LA_IPV4 ? n->config.gateway4 : n->config.gateway6;

        if (is_on_link(n, family, destination))
                return destination;
        return memcmp(gateway, none, address_bytes(family)) == 0 ? NULL : gateway;
}

static struct neighbour *
neighbour_towards(struct neighbours *n, tcp_time now, enum la_family family, const uint8_t *destination)
{
        const uint8_t *hop;
        struct neighbour *e;

        if (n->last && n->last_family == family && memcmp(n->last_destination, destination, address_bytes(family)) == 0)
                return n->last;
        hop = next_hop(n, family, destination);
        if (!hop || !ip_is_unicast(family, hop) || own_address(n, family, hop))
                return NULL;
        e = neighbour_find(n, family, hop);
        if (!e)
                e = begin_asking(n, now, family, hop);
        n->last = e;
        n->last_family = family;
        memcpy(n->last_destination, destination, address_bytes(family));
        return e;
}

bool
neighbours_header(struct neighbours *n, tcp_time now, const struct la_packet *packet,
                  uint8_t ret_header[ETHERNET_HEADER])
{
        bool v4 = packet->header[0] >> 4 == 4;
        struct neighbour *e = neighbour_towards(n, now, v4 ? LA_IPV4 : LA_IPV6, packet->header + (v4 ? 16 : 24));

        if (!e) {
                n->counts.dropped++;
                return false;
        }
        e->used = now;
        if (e->state == NEIGHBOUR_INCOMPLETE) {
                wait_for(n, e, packet);
                return false;
        }
        if (e->state == NEIGHBOUR_STALE || (e->state == NEIGHBOUR_REACHABLE && now >= e->due))
                set_due(n, e, NEIGHBOUR_DELAY, now + NEIGHBOUR_DELAY_US);
        memcpy(ret_header, e->mac, 6);
        memcpy(ret_header + 6, n->config.mac, 6);
        put16(ret_header + 12, v4 ? ETHERTYPE_IPV4 : ETHERTYPE_IPV6);
        return true;
}

/* ---- Time ---- */

static bool
has_timer(const struct neighbour *e)
{
        return e->state == NEIGHBOUR_INCOMPLETE || e->state == NEIGHBOUR_DELAY || e->state == NEIGHBOUR_PROBE;
}

static void
serve_neighbour(struct neighbours *n, tcp_time now, struct neighbour *e)
{
        if (e->state == NEIGHBOUR_DELAY) {
                e->tries = 0;
                e->state = NEIGHBOUR_PROBE;
        }
        if (e->tries == NEIGHBOUR_TRIES) {
                n->counts.lost++;
                forget(n, e);
                return;
        }
        e->tries++;
        e->due = now + NEIGHBOUR_RETRY_US;
        ask_for(n, e, e->state == NEIGHBOUR_PROBE);
}

static void
serve_own(struct neighbours *n, tcp_time now, struct own_address *own)
{
        bool first_of_ipv6 = own->announcements > ANNOUNCEMENTS;

        if (first_of_ipv6)
                ask_whether_free(n, own);
        else
                announce(n, own);
        own->announcements--;
        own->due = now + (first_of_ipv6 ? DAD_WAIT_US : ANNOUNCE_GAP_US);
}

void
neighbours_advance(struct neighbours *n, tcp_time now)
{
        if (now < n->next_due)
                return;
        n->next_due = LA_NEVER;
        for (uint32_t i = 0; i < n->config.entries; i++) {
                struct neighbour *e = &n->all[i];

                if (has_timer(e) && e->due <= now)
                        serve_neighbour(n, now, e);
                if (has_timer(e))
                        wake_at(n, e->due);
        }
        for (unsigned int i = 0; i < n->own_count; i++) {
                if (n->own[i].announcements > 0 && n->own[i].due <= now)
                        serve_own(n, now, &n->own[i]);
                if (n->own[i].announcements > 0)
                        wake_at(n, n->own[i].due);
        }
}

bool
neighbours_keep_waiting(const struct neighbours *n)
{
        return n->incomplete > 0;
}

tcp_time
neighbours_deadline(const struct neighbours *n)
{
        return n->next_due;
}
