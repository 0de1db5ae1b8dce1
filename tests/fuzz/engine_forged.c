/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine_commands.h"

#include <stdlib.h>
#include <string.h>

#include "wire/bytes.h"
#include "wire/icmp.h"

#define TEXT_MAX 2100

/* ---- Segments that nobody but this program sends ---- */

static const int32_t offsets[] = { 0,    0,     0,     1,      -1, 2, -2,     3,       9,         100,       -100, 536,
                                   1460, -1460, 65535, 131072, 0,  0, -70000, 1 << 30, INT32_MAX, INT32_MIN, 40,   -9 };

static const uint8_t flag_bytes[] = {
        TCP_ACK,
        TCP_ACK,
        TCP_ACK,
        TCP_ACK | TCP_PSH,
        TCP_ACK | TCP_PSH,
        TCP_SYN,
        TCP_SYN,
        TCP_SYN | TCP_ACK,
        TCP_SYN | TCP_ECE | TCP_CWR,
        TCP_ACK | TCP_FIN,
        TCP_ACK | TCP_FIN,
        TCP_ACK | TCP_ECE,
        TCP_ACK | TCP_CWR,
        TCP_SYN | TCP_ACK | TCP_ECE,
        TCP_ACK | TCP_URG,
        TCP_RST,
        TCP_RST | TCP_ACK,
        TCP_SYN | TCP_FIN,
        TCP_SYN | TCP_RST,
        0,
        TCP_FIN,
        TCP_ACK | TCP_FIN | TCP_PSH | TCP_URG,
        TCP_ACK | TCP_ECE | TCP_CWR,
        255,
};
#define FLAG_BYTES (sizeof flag_bytes / sizeof flag_bytes[0])

/* The ends of some connection or listener of this side, or of none yet. */
static struct la_snapshot
choose_target(unsigned int i, uint8_t which, struct segment *g)
{
        const struct side *s = &w.side[i];
        struct la_snapshot known = { 0 };
        uint64_t cursor = which >> 2;

        g->family = which & 1 ? LA_IPV6 : LA_IPV4;
        g->source = address_of(2 + (which >> 5) % 2, g->family, (uint16_t)(1000 + (which >> 2) % PEERS));
        g->destination = address_of(i, g->family, LISTEN_PORT);
        if (which & 2 && la_next_snapshot(s->stack, w.now, &cursor, &known) && known.state != LA_LISTEN) {
                g->family = known.family;
                g->source = known.remote;
                g->destination = known.local;
        }
        if (!la_find(s->stack, w.now, g->family, &g->destination, &g->source, &known))
                memset(&known, 0, sizeof known);
        return known;
}

static void
add_options(struct input *in, const struct la_snapshot *known, struct segment *g)
{
        uint8_t which = take(in);

        if (which & 1) {
                g->options.has_timestamps = true;
                g->options.ts_value = take(in) * 3u;
                g->options.ts_echo = (uint32_t)(w.now / 1000) - take(in);
        }
        if (g->syn || which & 128) {
                g->options.has_mss = which & 2;
                g->options.mss_bytes = (uint16_t)(take(in) * 8);
                g->options.sack_permitted = which & 4;
                g->options.has_window_scale = which & 8;
                g->options.window_shift = take(in) & 15;
        }
        if (which & 16) {
                g->options.sack_count = 1 + (which >> 5 & 1);
                for (unsigned int b = 0; b < g->options.sack_count; b++) {
                        g->options.sack[b].left = seq_of(known->snd_una + (uint32_t)offsets[take(in) % 24]);
                        g->options.sack[b].right = seq_add(g->options.sack[b].left, (uint32_t)offsets[take(in) % 24]);
                }
        }
        if (which & 64) {
                g->options.has_fastopen = true;
                g->options.cookie_bytes = (uint8_t)(take(in) % 5 * 4);
                write_pattern(g->options.cookie, known->snd_una, g->options.cookie_bytes);
        }
}

/* A segment in *p, whose text, if any, follows its header in `text`. */
static void
forge(struct input *in, unsigned int i, struct la_packet *p, uint8_t *text)
{
        uint8_t which = take(in), flags = take(in), numbers = take(in), more = take(in);
        struct segment g = { .ip = { .hop_limit = 9, .traffic_class = more & 3 } };
        struct la_snapshot known = choose_target(i, which, &g);
        size_t n = more & 4 ? (size_t)take(in) * 8 : more & 8;
        struct wire_piece piece = { text, n };

        g.flags = flag_bytes[flags % FLAG_BYTES];
        g.seq = seq_of(known.rcv_nxt + (uint32_t)offsets[numbers % 24]);
        g.ack_seq = seq_of((flags & 0x80 ? known.snd_una : known.snd_nxt) + (uint32_t)offsets[numbers / 24 % 11]);
        g.window = more & 16 ? (uint16_t)(take(in) << 4) : 65535;
        g.urgent = g.urg ? take(in) : 0;
        if (more & 32)
                add_options(in, &known, &g);
        write_pattern(text, g.seq.v + g.syn, n);
        p->header_bytes = (uint16_t)segment_build(&g, &piece, 1, SEGMENT_CHECKSUM_FULL, p->header);
        if (p->header_bytes == 0) {
                g.options = (struct tcp_options){ 0 };
                p->header_bytes = (uint16_t)segment_build(&g, &piece, 1, SEGMENT_CHECKSUM_FULL, p->header);
        }
        p->parts = n > 0;
        p->part[0] = (struct la_part){ text, n };
        if (more & 64 && n > 1) { /* in pieces */
                p->parts = 2;
                p->part[0].length = n / 3;
                p->part[1] = (struct la_part){ text + n / 3, n - n / 3 };
        }
}

void
send_forged(struct input *in, unsigned int i)
{
        static uint8_t text[TEXT_MAX];
        struct la_packet p = { 0 };

        forge(in, i, &p, text);
        la_input(w.side[i].stack, w.now, &p, 1);
}

void
mend_packet(uint8_t *bytes, size_t n)
{
        size_t ip = bytes[0] >> 4 == 4 ? (bytes[0] & 15u) * 4 : 40;
        struct ip_packet packet;
        struct sum sum;

        if (bytes[0] >> 4 == 4 && ip >= 20 && ip <= n) {
                put16(bytes + 10, 0);
                put_checksum(bytes + 10, sum_checksum(sum_words(bytes, ip)));
        }
        if (ip_parse(bytes, n, &packet) != WIRE_OK || packet.payload_bytes < 20)
                return;
        ip = (size_t)(packet.payload - bytes);
        if (packet.protocol != IP_TCP)
                return;
        put16(bytes + ip + TCP_CHECKSUM_OFFSET, 0);
        sum = sum_pseudo_header(packet.family, packet.source, packet.destination, IP_TCP,
                                (uint32_t)packet.payload_bytes);
        put_checksum(bytes + ip + TCP_CHECKSUM_OFFSET,
                     sum_checksum(sum_add(sum, sum_bytes(packet.payload, packet.payload_bytes))));
}

/* Some bytes of it are anything, under a right checksum.  What it says of its text may no longer be so. */
void
send_mangled(struct input *in, unsigned int i)
{
        static uint8_t text[TEXT_MAX], bytes[TEXT_MAX + LA_HEADER_MAX];
        struct la_packet p = { 0 };
        size_t n, changes;

        forge(in, i, &p, text);
        n = p.header_bytes;
        memcpy(bytes, p.header, n);
        for (size_t k = 0; k < p.parts; k++) {
                memcpy(bytes + n, p.part[k].bytes, p.part[k].length);
                n += p.part[k].length;
        }
        for (changes = 1 + take(in) % 4; changes > 0; changes--) {
                size_t at = take(in) % n;

                bytes[at] = take(in);
        }
        mend_packet(bytes, n);
        w.forged = true;
        p = (struct la_packet){ .parts = 1, .part = { { bytes, n } } };
        la_input(w.side[i].stack, w.now, &p, 1);
}

/* Bytes that need not be a packet at all, in one piece or two. */
void
send_bytes(struct input *in, unsigned int i)
{
        uint8_t split = take(in), n = take(in) % 96, *bytes = malloc(n + 1u);
        struct la_packet p = { 0 };
        uint32_t hash;
        static const uint8_t key[16] = { 1 };

        must(bytes != NULL, "no memory");
        for (uint8_t k = 0; k < n; k++)
                bytes[k] = take(in);
        if (split & 128 && n >= 20)
                mend_packet(bytes, n);
        split = n > 0 ? (uint8_t)(split % (n + 1u)) : 0;
        p.header_bytes = split;
        memcpy(p.header, bytes, split);
        p.parts = n > split;
        p.part[0] = (struct la_part){ bytes + split, (size_t)(n - split) };
        w.forged = true;
        la_flow_hash(key, &p, &hash);
        la_input(w.side[i].stack, w.now, &p, 1);
        free(bytes);
}

/* ---- ICMP ---- */

void
send_icmp(struct input *in, unsigned int i)
{
        static const enum icmp_kind errors[] = { ICMP_NETWORK_UNREACHABLE, ICMP_HOST_UNREACHABLE,
                                                 ICMP_PROTOCOL_UNREACHABLE, ICMP_PORT_UNREACHABLE, ICMP_PROHIBITED };
        uint8_t which = take(in), what = take(in), number = take(in), quoted[SEGMENT_HEADER_MAX], text[8] = { 0 };
        uint8_t bytes[ICMP_ERROR_MAX_IPV6];
        struct la_endpoint router = address_of(9, LA_IPV4, 0);
        struct segment g = { .ip = { .hop_limit = 9 }, .ack = true };
        struct la_snapshot known = choose_target(i, which, &g);
        struct la_endpoint here = g.destination;
        struct wire_piece piece = { text, sizeof text };
        struct ip_packet offender;
        struct la_packet p = { .parts = 1 };
        size_t n;

        g.destination = g.source;
        g.source = here;
        g.seq = seq_of((which & 0x80 ? known.snd_nxt : known.snd_una) + (uint32_t)offsets[number % 24]);
        n = segment_build(&g, &piece, 1, SEGMENT_CHECKSUM_FULL, quoted);
        must(ip_parse_quoted(quoted, n, &offender) == WIRE_OK, "a quoted segment is none");
        if (what & 0x80)
                put16(quoted + (g.family == LA_IPV4 ? 2 : 4), 1500); /* it was a long one */
        if (what & 1)
                n = icmp_build_too_big(&offender, (uint32_t)(what >> 1 & 63) * 30 + (number & 1), router.address,
                                       bytes);
        else
                n = icmp_build_unreachable(&offender, errors[(what >> 1) % 5], router.address, bytes);
        if (n == 0)
                return;
        p.part[0] = (struct la_part){ bytes, n };
        la_input(w.side[i].stack, w.now, &p, 1);
}
