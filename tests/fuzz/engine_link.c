/* SPDX-License-Identifier: BSD-2-Clause */
/* What leaves a stack is judged, and is on its way to the other. */
#include "engine_world.h"

#include <string.h>

/* ---- What leaves ---- */

/* What a link does that was asked to: the pseudo-header's sum stands in the field already. */
static void
complete_checksum(uint8_t *bytes, size_t n)
{
        struct ip_packet ip;
        uint8_t *field;

        must(ip_parse(bytes, n, &ip) == WIRE_OK && ip.protocol == IP_TCP, "a packet's IP header is wrong");
        field = bytes + (ip.payload - bytes) + TCP_CHECKSUM_OFFSET;
        put_checksum(field, sum_checksum(sum_bytes(ip.payload, ip.payload_bytes)));
}

static size_t
gather(const struct la_packet *p, uint8_t *bytes, size_t room)
{
        size_t n = p->header_bytes;

        must(p->header_bytes <= LA_HEADER_MAX && p->parts <= LA_PARTS_MAX && n <= room, "a header is too long");
        memcpy(bytes, p->header, n);
        for (size_t i = 0; i < p->parts; i++) {
                must(p->part[i].length > 0 && n + p->part[i].length <= room, "a packet is too long");
                memcpy(bytes + n, p->part[i].bytes, p->part[i].length);
                n += p->part[i].length;
        }
        return n;
}

LOOKS static void
expect_sound(const struct la_config *c, const struct la_packet *p, const struct segment *g, size_t n)
{
        size_t mtu = c->mtu ? c->mtu : 1500, each = p->gso_bytes ? p->gso_bytes : g->text_bytes;

        must(n - g->text_bytes + each <= mtu, "a packet is longer than the MTU");
        must(!(p->flags & LA_PACKET_CHECKSUM_PARTIAL) == !c->checksum_offload,
             "the checksum is not whose it should be");
        must(!(p->flags & LA_PACKET_CHECKSUM_GOOD), "a flag for what arrives stands on what leaves");
        must(ip_is_unicast(g->family, g->destination.address), "a packet leaves to nobody");
        must(!(g->syn && g->fin) && !(g->syn && g->rst) && !(g->fin && g->rst), "flags that exclude each other");
        must(g->ack || g->syn || g->rst, "a segment without ACK");
        must(!g->syn || g->options.has_mss, "a SYN without MSS");
        must(g->syn || (!g->options.has_mss && !g->options.has_window_scale && !g->options.sack_permitted),
             "an option of SYNs stands elsewhere");
        must(!g->urg || (g->urgent > 0 && g->text_bytes > 0), "URG without anything urgent");
        must(!g->rst || g->text_bytes == 0, "a reset with text");
        if (p->gso_bytes)
                must(c->gso_bytes && g->text_bytes > p->gso_bytes && g->text_bytes <= c->gso_bytes && !g->urg &&
                             !g->cwr && !g->syn,
                     "a run that the link must not cut");
        expect_pattern(g->text, g->seq.v + g->syn, g->text_bytes);
}

/* The packet is one for the other side. */
static bool
reaches(unsigned int from, const struct segment *g)
{
        struct la_endpoint there = address_of(1 - from, g->family, 0);

        return memcmp(g->destination.address, there.address, 16) == 0;
}

static bool
lost(void)
{
        return w.losses >> (w.lost_at++ & 7) & 1;
}

static void
launch(unsigned int to, const uint8_t *bytes, size_t n, uint16_t flags)
{
        struct flying *f = &w.flying[w.flying_count];

        if (w.flying_count == FLYING_MAX || lost())
                return;
        w.flying_count++;
        f->to = (uint8_t)to;
        f->flags = flags;
        f->bytes_count = (uint16_t)n;
        memcpy(f->bytes, bytes, n);
        if (w.marks)
                ip_mark_ce(f->bytes, n);
}

/* As a link cuts it: FIN and PSH on the last. */
static void
cut(unsigned int to, const struct segment *whole, uint16_t each)
{
        for (uint32_t at = 0; at < whole->text_bytes; at += each) {
                uint32_t n = whole->text_bytes - at < each ? whole->text_bytes - at : each;
                struct wire_piece piece = { whole->text + at, n };
                uint8_t bytes[PACKET_MAX];
                struct segment s = *whole;
                size_t header;

                s.seq = seq_add(whole->seq, at);
                if (at + n < whole->text_bytes)
                        s.fin = s.psh = false;
                header = segment_build(&s, &piece, 1, SEGMENT_CHECKSUM_FULL, bytes);
                must(header > 0 && header + n <= sizeof bytes, "a piece of a run is no packet");
                memcpy(bytes + header, piece.bytes, n);
                launch(to, bytes, header + n, 0);
        }
}

static void
leave(unsigned int i, const struct la_packet *p)
{
        static uint8_t bytes[65536 + LA_HEADER_MAX];
        size_t n = gather(p, bytes, sizeof bytes);
        struct segment g;

        if (p->flags & LA_PACKET_CHECKSUM_PARTIAL)
                complete_checksum(bytes, n);
        must(segment_parse(bytes, n, 0, &g) == WIRE_OK, "what was sent is no segment");
        expect_sound(w.side[i].config, p, &g, n);
        if (!w.carries || !reaches(i, &g))
                return;
        if (p->gso_bytes)
                cut(1 - i, &g, p->gso_bytes);
        else if (n <= PACKET_MAX)
                launch(1 - i, bytes, n, p->flags & LA_PACKET_CHECKSUM_PARTIAL ? LA_PACKET_CHECKSUM_GOOD : 0);
}

/* No time passes while it is drained, so that there is an end to it. */
#define OUTPUT_MAX 20000

void
output(unsigned int i)
{
        struct la_packet packets[BATCH_MAX];
        struct side *s = side_at(i);
        size_t n, all = 0;

        while ((n = la_output(s->stack, w.now, packets, w.batch)) > 0) {
                forget_lent(i);
                must(n <= w.batch, "more packets than there was room for");
                for (size_t p = 0; p < n; p++)
                        leave(i, &packets[p]);
                must((all += n) < OUTPUT_MAX, "there is no end to what leaves");
        }
        forget_lent(i);
}

void
hand_over(unsigned int i)
{
        struct la_packet packets[BATCH_MAX];
        struct side *s = side_at(i), *other = side_at(1 - i);
        bool carries = w.carries;
        size_t n, all = 0;

        w.carries = false;
        while ((n = la_output(s->stack, w.now, packets, w.batch)) > 0 && all < 64) {
                forget_lent(i);
                for (size_t p = 0; p < n; p++)
                        leave(i, &packets[p]);
                la_input(other->stack, w.now, packets, n);
                all += n;
        }
        forget_lent(i);
        w.carries = carries;
}

/* ---- What is on its way ---- */

void
forget_flying(size_t at)
{
        if (at >= w.flying_count)
                return;
        w.flying_count--;
        for (; at < w.flying_count; at++) {
                struct flying *f = &w.flying[at], *next = &w.flying[at + 1];

                f->to = next->to;
                f->flags = next->flags;
                f->bytes_count = next->bytes_count;
                memcpy(f->bytes, next->bytes, next->bytes_count);
        }
}

static uint8_t lent_bytes[SIDES][LENT_MAX][PACKET_MAX];

void
forget_lent(unsigned int i)
{
        memset(lent_bytes[i], 0xa5, sizeof lent_bytes[i][0] * w.side[i].lent);
        w.side[i].lent = 0;
}

static void
give(struct side *s, const struct flying *f)
{
        struct la_packet p = { .parts = 1, .part = { { f->bytes, f->bytes_count } }, .flags = f->flags };

        if (s->config->loans == 0) {
                la_input(s->stack, w.now, &p, 1);
                return;
        }
        if (s->lent == LENT_MAX) {
                la_settle(s->stack);
                forget_lent(f->to);
        }
        memcpy(lent_bytes[f->to][s->lent], f->bytes, f->bytes_count);
        p.part[0].bytes = lent_bytes[f->to][s->lent++];
        la_input_lent(s->stack, w.now, &p, 1);
}

void
deliver(size_t at, bool keep)
{
        if (at >= w.flying_count)
                return;
        give(side_at(w.flying[at].to), &w.flying[at]);
        if (!keep)
                forget_flying(at);
}
