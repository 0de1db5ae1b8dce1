/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fragments.c - a datagram is a list of pieces in the order of their offsets; it is whole when the list has no gap between
 * zero and an end that is known.  Datagrams lie in a list by age.  Both are walked: pieces come in order mostly, where the
 * walk is a step from the end, and there are few datagrams in pieces, but in a flood, which the bounds keep short.
 */
#include "link/fragments.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/fragment.h"
#include "wire/ipv4.h"

#define PACKET_MAX (IPV6_HEADER + 0xffff)

struct piece {
        struct piece *next, *previous;
        size_t offset, data_bytes, data_at; /* the data begins at bytes[data_at] */
        size_t packet_bytes;                /* the first piece is kept as it came; of the others, nothing but data */
        uint8_t bytes[];
};

struct datagram {
        struct datagram *next;
        enum la_family family;
        uint8_t source[16], destination[16];
        uint32_t identification;
        uint8_t protocol; /* IPv4: told apart by it, too */
        tcp_time expires;
        bool poisoned; /* nothing is kept of it, and nothing is taken */
        uint8_t ecn;   /* bits 1 << enum ip_ecn, as the pieces came */
        size_t end;    /* of its data; 0: not known */
        size_t have;   /* bytes of data that are there */
        uint32_t pieces;
        struct piece *first, *last;
        size_t held;                  /* bytes that its pieces take */
        size_t header_bytes, next_at; /* of the first piece, as in struct ip_fragment */
        uint8_t next_header;
};

struct fragments {
        struct datagram *oldest, **newest_end; /* in the order in which they began */
        struct datagram *free;
        uint32_t datagrams, datagrams_max;
        size_t bytes, bytes_max;
        struct fragments_counts counts;
        uint8_t packet[PACKET_MAX];
        struct datagram all[];
};

/* ---- Memory ---- */

int
fragments_new(uint32_t datagrams, size_t bytes, struct fragments **ret_fragments)
{
        struct fragments *f;

        if (datagrams == 0 || datagrams > FRAGMENTS_DATAGRAMS_MAX || bytes < FRAGMENTS_BYTES_MIN)
                return -EINVAL;
        f = calloc(1, sizeof *f + datagrams * sizeof f->all[0]);
        if (!f)
                return -ENOMEM;
        f->newest_end = &f->oldest;
        f->datagrams_max = datagrams;
        f->bytes_max = bytes;
        for (uint32_t i = 0; i < datagrams; i++) {
                f->all[i].next = f->free;
                f->free = &f->all[i];
        }
        *ret_fragments = f;
        return 0;
}

static void
drop_pieces(struct fragments *f, struct datagram *d)
{
        while (d->first) {
                struct piece *p = d->first;

                d->first = p->next;
                free(p);
        }
        d->last = NULL;
        f->bytes -= d->held;
        d->held = 0;
        d->have = 0;
        d->pieces = 0;
}

static void
drop(struct fragments *f, struct datagram *d)
{
        struct datagram **at = &f->oldest;

        f->counts.dropped += d->pieces;
        drop_pieces(f, d);
        while (*at != d)
                at = &(*at)->next;
        *at = d->next;
        if (f->newest_end == &d->next)
                f->newest_end = at;
        d->next = f->free;
        f->free = d;
        f->datagrams--;
}

/* Until its time runs out nothing that belongs to it is taken for the beginning of another one. */
static enum fragments_result
poison(struct fragments *f, struct datagram *d, uint64_t *counter)
{
        f->counts.dropped += d->pieces;
        drop_pieces(f, d);
        d->poisoned = true;
        ++*counter;
        return FRAGMENTS_DROPPED;
}

void
fragments_free(struct fragments *f)
{
        if (!f)
                return;
        while (f->oldest)
                drop(f, f->oldest);
        free(f);
}

/* ---- Who holds most ---- */

static bool
same_sender(const struct datagram *a, const struct datagram *b)
{
        return a->family == b->family && memcmp(a->source, b->source, a->family == LA_IPV4 ? 4 : 8) == 0;
}

/* The oldest datagram of whoever holds most, by number or by bytes. */
static struct datagram *
to_push_out(struct fragments *f, bool by_bytes)
{
        struct datagram *found = NULL;
        size_t most = 0;

        for (struct datagram *d = f->oldest; d; d = d->next) {
                size_t holds = 0;

                for (struct datagram *other = d; other; other = other->next)
                        if (same_sender(d, other))
                                holds += by_bytes ? other->held : 1;
                if (holds > most) {
                        most = holds;
                        found = d;
                }
        }
        return found;
}

/* ---- Finding a datagram ---- */

static bool
belongs(const struct datagram *d, const struct ip_fragment *piece)
{
        size_t n = piece->family == LA_IPV4 ? 4 : 16;

        return d->identification == piece->identification && d->family == piece->family &&
               (piece->family == LA_IPV6 || d->protocol == piece->protocol) &&
               memcmp(d->source, piece->source, n) == 0 && memcmp(d->destination, piece->destination, n) == 0;
}

static struct datagram *
find(const struct fragments *f, const struct ip_fragment *piece)
{
        struct datagram *d = f->oldest;

        while (d && !belongs(d, piece))
                d = d->next;
        return d;
}

static struct datagram *
begin(struct fragments *f, tcp_time now, const struct ip_fragment *piece)
{
        size_t n = piece->family == LA_IPV4 ? 4 : 16;
        struct datagram *d;

        if (!f->free) {
                drop(f, to_push_out(f, false));
                f->counts.pushed_out++;
        }
        d = f->free;
        f->free = d->next;
        *d = (struct datagram){
                .family = piece->family,
                .identification = piece->identification,
                .protocol = piece->protocol,
                .expires = now + (piece->family == LA_IPV4 ? FRAGMENTS_TIMEOUT4_US : FRAGMENTS_TIMEOUT6_US),
        };
        memcpy(d->source, piece->source, n);
        memcpy(d->destination, piece->destination, n);
        *f->newest_end = d;
        f->newest_end = &d->next;
        f->datagrams++;
        return d;
}

/* ---- Adding a piece ---- */

/* The piece after which one with this offset belongs; NULL: at the head. */
static struct piece *
place_of(const struct datagram *d, size_t offset)
{
        struct piece *p = d->last;

        if (d->first && d->first->offset > offset)
                return NULL;
        while (p && p->offset > offset)
                p = p->previous;
        return p;
}

static bool
is_duplicate(const struct piece *p, const struct ip_fragment *piece)
{
        return p && p->offset == piece->offset && p->data_bytes == piece->data_bytes &&
               memcmp(p->bytes + p->data_at, piece->data, piece->data_bytes) == 0;
}

static bool
overlaps(const struct datagram *d, const struct piece *before, const struct ip_fragment *piece)
{
        const struct piece *after = before ? before->next : d->first;

        return (before && before->offset + before->data_bytes > piece->offset) ||
               (after && after->offset < piece->offset + piece->data_bytes);
}

/* An end that is known stays where it is, and nothing lies behind it. */
static bool
contradicts(const struct datagram *d, const struct ip_fragment *piece)
{
        size_t end = piece->offset + piece->data_bytes;

        if (d->pieces == FRAGMENTS_PIECES)
                return true;
        if (piece->more)
                return d->end && end > d->end;
        return (d->end && end != d->end) || (d->last && d->last->offset + d->last->data_bytes > end);
}

static struct piece *
copy_of(const struct ip_fragment *piece)
{
        bool first = piece->offset == 0;
        size_t n = first ? piece->packet_bytes : piece->data_bytes;
        struct piece *p = malloc(sizeof *p + n);

        if (!p)
                return NULL;
        *p = (struct piece){ .offset = piece->offset, .data_bytes = piece->data_bytes, .packet_bytes = n };
        p->data_at = first ? (size_t)(piece->data - piece->bytes) : 0;
        memcpy(p->bytes, first ? piece->bytes : piece->data, n);
        return p;
}

static void
insert(struct fragments *f, struct datagram *d, struct piece *before, struct piece *p)
{
        size_t takes = sizeof *p + p->packet_bytes;

        p->previous = before;
        p->next = before ? before->next : d->first;
        *(before ? &before->next : &d->first) = p;
        *(p->next ? &p->next->previous : &d->last) = p;
        d->have += p->data_bytes;
        d->held += takes;
        f->bytes += takes;
        d->pieces++;
}

static void
learn(struct datagram *d, const struct ip_fragment *piece)
{
        d->ecn |= (uint8_t)(1u << piece->ecn);
        if (!piece->more)
                d->end = piece->offset + piece->data_bytes;
        if (piece->offset > 0)
                return;
        d->header_bytes = piece->header_bytes;
        d->next_at = piece->next_at;
        d->next_header = piece->protocol;
}

/* False if the datagram itself had to go. */
static bool
make_room(struct fragments *f, const struct datagram *d, const struct piece *p)
{
        while (f->bytes + sizeof *p + p->packet_bytes > f->bytes_max) {
                struct datagram *victim = to_push_out(f, true);

                drop(f, victim);
                f->counts.pushed_out++;
                if (victim == d)
                        return false;
        }
        return true;
}

/* ---- A whole datagram ---- */

/* RFC 3168 5.3: a mark on one piece is one on the whole; that some took marks and others did not cannot be. */
static bool
ecn_cannot_be(const struct datagram *d)
{
        return d->ecn & 1u << IP_CE && d->ecn & 1u << IP_NOT_ECT;
}

static void
mend_header4(const struct datagram *d, uint8_t *b, size_t n)
{
        if (d->ecn & 1u << IP_CE)
                b[1] |= IP_CE;
        put16(b + 2, (uint16_t)n);
        put16(b + 6, 0);
        put16(b + IPV4_CHECKSUM_OFFSET, 0);
        put_checksum(b + IPV4_CHECKSUM_OFFSET, sum_checksum(sum_words(b, d->header_bytes)));
}

static void
mend_header6(const struct datagram *d, uint8_t *b, size_t n)
{
        if (d->ecn & 1u << IP_CE)
                b[1] |= IP_CE << 4;
        put16(b + 4, (uint16_t)(n - IPV6_HEADER));
        b[d->next_at] = d->next_header;
}

/* The longest packet its length field can name; only a first piece with more headers than the others can pass it. */
static bool
is_too_long(const struct datagram *d)
{
        return d->header_bytes + d->end > (d->family == LA_IPV4 ? 0xffffu : PACKET_MAX);
}

static void
put_together(struct fragments *f, const struct datagram *d, struct fragments_news *ret_news)
{
        size_t n = d->header_bytes + d->end;

        memcpy(f->packet, d->first->bytes, d->header_bytes);
        for (const struct piece *p = d->first; p; p = p->next)
                memcpy(f->packet + d->header_bytes + p->offset, p->bytes + p->data_at, p->data_bytes);
        if (d->family == LA_IPV4)
                mend_header4(d, f->packet, n);
        else
                mend_header6(d, f->packet, n);
        *ret_news = (struct fragments_news){ .packet = f->packet, .packet_bytes = n };
}

static enum fragments_result
finish(struct fragments *f, struct datagram *d, struct fragments_news *ret_news)
{
        if (ecn_cannot_be(d) || is_too_long(d))
                return poison(f, d, &f->counts.contradicting);
        put_together(f, d, ret_news);
        drop_pieces(f, d);
        drop(f, d);
        f->counts.whole++;
        return FRAGMENTS_WHOLE;
}

static enum fragments_result
add(struct fragments *f, tcp_time now, const struct ip_fragment *piece, struct fragments_news *ret_news)
{
        struct datagram *d = find(f, piece);
        struct piece *before, *p;

        if (!d)
                d = begin(f, now, piece);
        if (d->poisoned)
                return FRAGMENTS_DROPPED;
        before = place_of(d, piece->offset);
        if (is_duplicate(before, piece)) {
                d->ecn |= (uint8_t)(1u << piece->ecn);
                return FRAGMENTS_WAITING;
        }
        if (overlaps(d, before, piece))
                return poison(f, d, &f->counts.overlapping);
        if (contradicts(d, piece))
                return poison(f, d, &f->counts.contradicting);
        p = copy_of(piece);
        if (!p || !make_room(f, d, p)) {
                free(p);
                return FRAGMENTS_DROPPED;
        }
        insert(f, d, before, p);
        learn(d, piece);
        return d->end && d->have == d->end ? finish(f, d, ret_news) : FRAGMENTS_WAITING;
}

static enum fragments_result
add_or_refuse(struct fragments *f, tcp_time now, enum fragment_kind kind, const struct ip_fragment *piece,
              struct fragments_news *ret_news)
{
        if (kind == FRAGMENT_SOUND)
                return add(f, now, piece, ret_news);
        f->counts.bad++;
        return FRAGMENTS_DROPPED;
}

enum fragments_result
fragments_add(struct fragments *f, tcp_time now, const uint8_t *packet, size_t n, struct fragments_news *ret_news)
{
        struct fragments_news news = { .packet = NULL };
        struct ip_fragment piece;
        enum fragment_kind kind = fragment_parse(packet, n, &piece, &news.problem);
        enum fragments_result result;

        if (kind == FRAGMENT_NONE)
                return FRAGMENTS_NOT_ONE;
        f->counts.arrived++;
        news.has_problem = kind == FRAGMENT_PROBLEM;
        result = add_or_refuse(f, now, kind, &piece, &news);
        f->counts.dropped += result == FRAGMENTS_DROPPED;
        *ret_news = news;
        return result;
}

/* ---- Time ---- */

/* Not the oldest one's alone: the two versions wait for different times. */
static struct datagram *
next_to_expire(const struct fragments *f)
{
        struct datagram *found = f->oldest;

        for (struct datagram *d = f->oldest; d; d = d->next)
                if (d->expires < found->expires)
                        found = d;
        return found;
}

tcp_time
fragments_deadline(const struct fragments *f)
{
        const struct datagram *d = next_to_expire(f);

        return d ? d->expires : LA_NEVER;
}

bool
fragments_advance(struct fragments *f, tcp_time now, struct fragments_news *ret_late)
{
        struct datagram *d;

        while ((d = next_to_expire(f)) && d->expires <= now) {
                const struct piece *first = d->first;
                bool tell = first && first->offset == 0;

                if (tell) {
                        memcpy(f->packet, first->bytes, first->packet_bytes);
                        *ret_late = (struct fragments_news){ .packet = f->packet, .packet_bytes = first->packet_bytes };
                }
                f->counts.late += !d->poisoned;
                drop(f, d);
                if (tell)
                        return true;
        }
        return false;
}

struct fragments_counts
fragments_counts(const struct fragments *f)
{
        return f->counts;
}

size_t
fragments_bytes(const struct fragments *f)
{
        return f->bytes;
}

uint32_t
fragments_datagrams(const struct fragments *f)
{
        return f->datagrams;
}
