/* SPDX-License-Identifier: BSD-2-Clause */
#include "doctor/peers.h"

#include <stdlib.h>
#include <string.h>

#include "doctor/array.h"
#include "doctor/connection.h"

#define SLOTS (PEERS_MOST * 2)

/* Fewer segments than this say nothing of a path. */
#define ENOUGH_SEGMENTS 20

/* ---- What one connection says ------------------------------------------------------------------------------------- */

/* Data, a SYN or FIN, or keepalive probes. */
static bool
repeats(const struct la_snapshot *s)
{
        if (!(s->known & LA_KNOWN_TIMER) || s->retransmits == 0)
                return false;
        return s->timer == LA_TIMER_RETRANSMIT || s->timer == LA_TIMER_KEEPALIVE;
}

/* This host itself did not let it out, and tries again. */
static bool
is_held_back(const struct la_snapshot *s)
{
        return (s->known & LA_KNOWN_TIMER) && s->timer == LA_TIMER_PERSIST && s->retransmits > 0 &&
               !connection_window_has_no_room(s);
}

/* The count of probes begins anew with each answer, and a peer that is alive answers each: what tells is that the
 * timer has been doubled. */
static bool
finds_closed_window(const struct la_snapshot *s)
{
        if (!(s->known & LA_KNOWN_TIMER) || s->timer != LA_TIMER_PERSIST || !connection_window_has_no_room(s))
                return false;
        return s->retransmits > 0 || ((s->known & LA_KNOWN_TCP) && s->tcp.backoff > 1);
}

static bool
has_large_under_way(const struct la_snapshot *s)
{
        if (!(s->known & LA_KNOWN_TRAFFIC) || !(s->known & LA_KNOWN_QUEUES) || s->tcp.send_mss_bytes == 0)
                return false;
        return s->send_queue >= s->tcp.send_mss_bytes + (uint64_t)s->tcp.not_sent_bytes;
}

static void
look_at_open(struct strain *x, const struct la_snapshot *s)
{
        bool traffic = s->known & LA_KNOWN_TRAFFIC;

        if (finds_closed_window(s))
                x->zero_window = 1;
        else if (is_held_back(s))
                x->held_back = 1;
        else if (repeats(s)) {
                x->repeating = 1;
                x->silent = s->retransmits >= PEERS_SILENT_REPEATS;
                x->silent_large = x->silent && has_large_under_way(s);
        }
        if (traffic && (s->tcp.segments_out >= ENOUGH_SEGMENTS || s->tcp.retransmitted_total > 0)) {
                x->segments = s->tcp.segments_out;
                x->repeated = s->tcp.retransmitted_total;
        }
        bool waits = x->zero_window || x->held_back || x->repeating;
        x->established = waits || x->segments > 0;
        if (waits && (s->known & LA_KNOWN_QUEUES))
                x->waiting_bytes = s->send_queue;
}

static void
look_at_closing(struct strain *x, const struct la_snapshot *s)
{
        x->fin_wait_1 = s->state == LA_FIN_WAIT_1;
        x->closing = s->state == LA_CLOSING;
        x->last_ack = s->state == LA_LAST_ACK;
        if (finds_closed_window(s))
                x->stuck_zero_window = 1;
        else if ((repeats(s) || is_held_back(s)) && s->retransmits >= PEERS_SILENT_REPEATS) {
                x->stuck_repeating = 1;
                x->held_back = is_held_back(s);
        }
        if (x->stuck_zero_window || x->stuck_repeating) {
                x->stuck_orphans = la_snapshot_is_orphan(s);
                if (s->known & LA_KNOWN_QUEUES)
                        x->waiting_bytes = s->send_queue;
        }
}

/* False for a connection that has nothing to tell here. */
static bool
look_at(struct strain *x, const struct la_snapshot *s)
{
        switch (s->state) {
        case LA_SYN_SENT:
                x->syn_sent = 1;
                x->syn_repeated = repeats(s);
                break;
        case LA_ESTABLISHED:
        case LA_CLOSE_WAIT:
                look_at_open(x, s);
                if (!x->established)
                        return false;
                break;
        case LA_FIN_WAIT_1:
        case LA_CLOSING:
        case LA_LAST_ACK:
                look_at_closing(x, s);
                break;
        case LA_CLOSED:
        case LA_LISTEN:
        case LA_SYN_RECEIVED:
        case LA_FIN_WAIT_2:
        case LA_TIME_WAIT:
        case LA_STATE_COUNT:
                return false;
        }
        if (repeats(s) || is_held_back(s) || finds_closed_window(s))
                x->most_repeats = s->retransmits > s->tcp.backoff ? s->retransmits : s->tcp.backoff;
        return true;
}

static void
add_strain(struct strain *sum, const struct strain *x)
{
        sum->syn_sent += x->syn_sent;
        sum->syn_repeated += x->syn_repeated;
        sum->established += x->established;
        sum->repeating += x->repeating;
        sum->silent += x->silent;
        sum->silent_large += x->silent_large;
        sum->held_back += x->held_back;
        sum->zero_window += x->zero_window;
        sum->waiting_bytes += x->waiting_bytes;
        sum->segments += x->segments;
        sum->repeated += x->repeated;
        sum->fin_wait_1 += x->fin_wait_1;
        sum->closing += x->closing;
        sum->last_ack += x->last_ack;
        sum->stuck_repeating += x->stuck_repeating;
        sum->stuck_zero_window += x->stuck_zero_window;
        sum->stuck_orphans += x->stuck_orphans;
        if (x->most_repeats > sum->most_repeats)
                sum->most_repeats = x->most_repeats;
}

/* ---- By peer ------------------------------------------------------------------------------------------------------ */

static uint64_t
hash_of(const struct peer *p)
{
        uint64_t words[2], h = (uint64_t)p->service << 8 | (uint64_t)p->role;

        memcpy(words, p->address, sizeof(words));
        return hash_mix(hash_mix(h, words[0]), words[1]);
}

static bool
same_peer(const struct peer *a, const struct peer *b)
{
        return a->service == b->service && a->role == b->role && a->family == b->family &&
               memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

static uint32_t *
slot_of(const struct peers *p, const struct peer *key)
{
        size_t mask = p->slot_count - 1;

        for (size_t i = hash_of(key) & mask;; i = (i + 1) & mask)
                if (p->slots[i] == 0 || same_peer(&p->peer[p->slots[i] - 1], key))
                        return &p->slots[i];
}

static bool
grow(struct peers *p)
{
        if (!p->slots) {
                if (!(p->slots = calloc(SLOTS, sizeof(*p->slots))))
                        return false;
                p->slot_count = SLOTS;
        }
        struct peer *peer = array_grown(p->peer, p->count, &p->capacity, 64, sizeof(*peer));
        if (peer)
                p->peer = peer;
        return peer;
}

static struct peer
key_of(const struct la_snapshot *s, enum path_role role)
{
        bool mapped = s->family == LA_IPV6 && la_endpoint_is_mapped(&s->remote);
        struct peer key = {
                .family = mapped ? LA_IPV4 : s->family,
                .role = role,
                .service = role == PATH_CLIENT ? s->remote.port : s->local.port,
        };

        memcpy(key.address, mapped ? s->remote.address + 12 : s->remote.address, mapped ? 4 : 16);
        return key;
}

/* The last place is for all those that there is no room for. */
static struct peer *
peer_of(struct peers *p, const struct peer *key)
{
        static const struct peer others;

        if (!grow(p))
                return NULL;
        uint32_t *slot = slot_of(p, key);
        if (*slot == 0 && p->count >= PEERS_MOST - 1 && key != &others)
                return peer_of(p, &others);
        if (*slot == 0) {
                p->peer[p->count++] = *key;
                *slot = (uint32_t)p->count;
        }
        return &p->peer[*slot - 1];
}

bool
peers_add(struct peers *p, const struct la_snapshot *s, enum path_role role)
{
        struct strain x = { 0 };

        if (!look_at(&x, s))
                return true;
        struct peer key = key_of(s, role), *peer = peer_of(p, &key);
        if (!peer)
                return false;
        add_strain(&p->total, &x);
        add_strain(&peer->strain, &x);
        if (s->owner_count > 0)
                peer->pid = s->owners[0].pid;
        return true;
}

const struct peer *
peers_same(const struct peers *p, const struct peer *as)
{
        if (p->slot_count == 0)
                return NULL;
        uint32_t slot = *slot_of(p, as);
        return slot > 0 ? &p->peer[slot - 1] : NULL;
}

size_t
peers_top(const struct peers *p, uint64_t (*figure)(const struct peer *), size_t most, const struct peer **ret_top)
{
        size_t count = 0;

        for (size_t i = 0; i < p->count; i++) {
                const struct peer *peer = &p->peer[i];
                size_t at = count;
                if (figure(peer) == 0)
                        continue;
                while (at > 0 && figure(ret_top[at - 1]) < figure(peer))
                        at--;
                if (at == most)
                        continue;
                if (count < most)
                        count++;
                memmove(ret_top + at + 1, ret_top + at, (count - at - 1) * sizeof(*ret_top));
                ret_top[at] = peer;
        }
        return count;
}

void
peers_clear(struct peers *p)
{
        p->count = 0;
        p->total = (struct strain){ 0 };
        if (p->slots)
                memset(p->slots, 0, p->slot_count * sizeof(*p->slots));
}

void
peers_fini(struct peers *p)
{
        free(p->peer);
        free(p->slots);
        *p = (struct peers){ 0 };
}
