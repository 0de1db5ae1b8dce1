/* SPDX-License-Identifier: BSD-2-Clause */
#include "world.h"

#include <stdlib.h>
#include <string.h>

#define BYTES_UNDER_WAY 100

/* The peer's first number lies so that everything interesting happens around 2^32. */
#define PEER_ISN   (UINT32_MAX - 500)
#define PEER_STAMP 50000

/* ---- Words ---- */

void
say(struct world *w, const struct segment *what)
{
        static uint8_t text[65536];
        struct segment s = *what;
        struct wire_piece piece = { text, what->text_bytes };
        uint8_t header[SEGMENT_HEADER_MAX], *packet;
        size_t bytes;

        s.family = w->family;
        s.source = w->peer;
        s.destination = w->local;
        s.ip.hop_limit = 64;
        bytes = segment_build(&s, &piece, 1, SEGMENT_CHECKSUM_FULL, header);
        packet = malloc(bytes + s.text_bytes); /* of exactly this size, so that a byte read beyond it is seen */
        memcpy(packet, header, bytes);
        memcpy(packet + bytes, text, s.text_bytes);
        struct la_packet p = { .parts = 1, .part = { { packet, bytes + s.text_bytes } } };
        w->heard_count = 0;
        la_input(w->stack, w->now, &p, 1);
        free(packet);
}

static void
note_numbers(struct world *w)
{
        const struct segment *s = &w->heard;
        uint32_t right = s->ack_seq.v + s->window;

        if (s->rst)
                return;
        if (s->syn) {
                w->iss = w->una = s->seq.v;
                w->snd = s->seq.v + 1;
                w->end = w->rcv = s->ack_seq.v; /* no window yet */
        }
        if (seq_lt(seq_of(w->snd), segment_end(s)))
                w->snd = segment_end(s).v;
        if (s->ack) {
                w->rcv = s->ack_seq.v;
                if (w->end == 0 || seq_lt(seq_of(w->end), seq_of(right)))
                        w->end = right;
        }
        if (s->options.has_timestamps)
                w->echo = s->options.ts_value;
}

static void
take(struct world *w, const struct la_packet *p)
{
        size_t n = p->header_bytes;

        memcpy(w->bytes, p->header, n);
        for (size_t i = 0; i < p->parts; i++) {
                memcpy(w->bytes + n, p->part[i].bytes, p->part[i].length);
                n += p->part[i].length;
        }
        if (segment_parse(w->bytes, n, 0, &w->heard) != WIRE_OK)
                abort(); /* what leaves must be sound */
        w->heard_count++;
        note_numbers(w);
}

void
hear(struct world *w)
{
        struct la_packet p;

        while (la_output(w->stack, w->now, &p, 1) == 1)
                take(w, &p);
}

void
wait_ms(struct world *w, uint32_t ms)
{
        tcp_time until = w->now + (tcp_time)ms * 1000, next;

        while (w->heard_count == 0 && (next = la_deadline(w->stack)) <= until) {
                w->now = next > w->now ? next : w->now;
                la_advance(w->stack, w->now);
                hear(w);
        }
        if (w->heard_count == 0) {
                w->now = until;
                la_advance(w->stack, w->now);
        }
}

static struct segment
peers(const struct world *w, uint32_t seq, uint32_t ack)
{
        struct segment s = { .seq = seq_of(seq), .ack_seq = seq_of(ack), .ack = true, .window = PEER_WINDOW };

        s.options.has_timestamps = w->stamps;
        s.options.ts_value = w->stamp;
        s.options.ts_echo = w->echo;
        return s;
}

/* The peer says it, and hears what is said to that. */
static void
exchange(struct world *w, struct segment s)
{
        w->now += 1000;
        say(w, &s);
        hear(w);
        if (s.ack && seq_lt(seq_of(w->una), s.ack_seq))
                w->una = s.ack_seq.v;
}

static void
peer_acks(struct world *w, uint32_t ack)
{
        exchange(w, peers(w, w->rcv, ack));
}

static void
peer_closes(struct world *w, uint32_t ack)
{
        struct segment s = peers(w, w->rcv, ack);

        s.fin = true;
        exchange(w, s);
}

static void
write_text(struct world *w)
{
        static const uint8_t text[BYTES_UNDER_WAY] = { 0 };
        size_t taken;

        w->now += 1000;
        la_send(w->stack, w->now, w->connection, text, sizeof text, 0, &taken);
}

/* ---- States ---- */

static void
listens(struct world *w)
{
        struct la_endpoint any = { .port = w->local.port };

        w->listening = la_listen(w->stack, w->now, w->family, &any, 4, 0, &w->listener) == LA_OK;
}

static void
syn_sent(struct world *w)
{
        struct la_snapshot seen;

        w->held = la_open(w->stack, w->now, w->family, &w->local, &w->peer, 0, &w->connection) == LA_OK;
        if (w->held && la_snapshot(w->stack, w->now, w->connection, &seen) == LA_OK)
                w->local = seen.local;
        hear(w);
}

static struct segment
peers_syn(const struct world *w, uint32_t isn)
{
        struct segment s = peers(w, isn, w->snd);

        s.syn = true;
        s.options.has_mss = true;
        s.options.mss_bytes = 1460;
        return s;
}

static void
peer_connects(struct world *w, uint32_t isn)
{
        struct segment s = peers_syn(w, isn);

        s.ack = false;
        w->irs = isn;
        exchange(w, s);
}

static void
established(struct world *w)
{
        syn_sent(w);
        w->irs = PEER_ISN;
        exchange(w, peers_syn(w, PEER_ISN));
}

static void
established_text(struct world *w)
{
        established(w);
        write_text(w);
        hear(w);
}

static void
accepted(struct world *w)
{
        listens(w);
        peer_connects(w, PEER_ISN);
        peer_acks(w, w->snd);
        w->held = la_accept(w->stack, w->now, w->listener, 0, &w->connection) == LA_OK;
}

static void
closed(struct world *w)
{
        (void)w;
}

static void
closed_held(struct world *w)
{
        struct segment s;

        established(w);
        s = peers(w, w->rcv, w->snd);
        s.rst = true;
        exchange(w, s);
}

static void
syn_received_active(struct world *w)
{
        syn_sent(w);
        peer_connects(w, PEER_ISN);
}

static void
syn_received_passive(struct world *w)
{
        listens(w);
        peer_connects(w, PEER_ISN);
}

/* The peer sends, and nobody reads, until there is no window left. */
static void
established_closed_window(struct world *w)
{
        established_text(w);
        while (w->end != w->rcv) {
                uint32_t room = w->end - w->rcv;
                struct segment s = peers(w, w->rcv, w->una);

                s.text_bytes = room < 1460 ? room : 1460;
                exchange(w, s);
                wait_ms(w, 100);
        }
}

static void
shut_down(struct world *w)
{
        w->now += 1000;
        la_shutdown(w->stack, w->now, w->connection);
        hear(w);
}

static void
closes(struct world *w)
{
        w->now += 1000;
        la_close(w->stack, w->now, w->connection);
        w->held = false;
        hear(w);
}

static void
fin_wait_1(struct world *w)
{
        established(w);
        write_text(w);
        shut_down(w);
}

static void
fin_wait_1_orphan(struct world *w)
{
        established(w);
        write_text(w);
        closes(w);
}

static void
fin_wait_2(struct world *w)
{
        established(w);
        shut_down(w);
        peer_acks(w, w->snd);
}

static void
fin_wait_2_orphan(struct world *w)
{
        established(w);
        closes(w);
        peer_acks(w, w->snd);
}

static void
close_wait(struct world *w)
{
        established(w);
        peer_closes(w, w->snd);
        write_text(w);
        hear(w);
}

static void
closing(struct world *w)
{
        fin_wait_1(w);
        peer_closes(w, w->una);
}

static void
closing_orphan(struct world *w)
{
        fin_wait_1_orphan(w);
        peer_closes(w, w->una);
}

static void
last_ack(struct world *w)
{
        established(w);
        peer_closes(w, w->snd);
        write_text(w);
        shut_down(w);
}

static void
last_ack_orphan(struct world *w)
{
        established(w);
        peer_closes(w, w->snd);
        write_text(w);
        closes(w);
}

static void
ten_seconds(struct world *w)
{
        w->heard_count = 0;
        wait_ms(w, 10000);
}

static void
time_wait(struct world *w)
{
        fin_wait_2_orphan(w);
        peer_closes(w, w->snd);
        ten_seconds(w);
}

static void
time_wait_held(struct world *w)
{
        fin_wait_2(w);
        peer_closes(w, w->snd);
        ten_seconds(w);
}

static void
time_wait_listener(struct world *w)
{
        accepted(w);
        closes(w);
        peer_acks(w, w->snd);
        peer_closes(w, w->snd);
        ten_seconds(w);
}

static void
time_wait_rfc1337(struct world *w)
{
        la_knob_set(w->stack, "tcp_rfc1337", "1", NULL);
        time_wait(w);
}

static void
syn_received_reopened(struct world *w)
{
        time_wait_listener(w);
        peer_connects(w, w->rcv + 1000);
}

static const struct {
        const char *state, *how;
        void (*make)(struct world *);
        bool stamps;
} ways[] = {
        { "CLOSED", "-", closed, false },
        { "CLOSED", "held", closed_held, false },
        { "LISTEN", "-", listens, false },
        { "SYN_SENT", "-", syn_sent, false },
        { "SYN_RECEIVED", "passive", syn_received_passive, false },
        { "SYN_RECEIVED", "active", syn_received_active, false },
        { "SYN_RECEIVED", "reopened", syn_received_reopened, false },
        { "ESTABLISHED", "-", established_text, false },
        { "ESTABLISHED", "closed-window", established_closed_window, false },
        { "ESTABLISHED", "timestamps", established_text, true },
        { "FIN_WAIT_1", "-", fin_wait_1, false },
        { "FIN_WAIT_1", "orphan", fin_wait_1_orphan, false },
        { "FIN_WAIT_2", "-", fin_wait_2, false },
        { "FIN_WAIT_2", "orphan", fin_wait_2_orphan, false },
        { "CLOSE_WAIT", "-", close_wait, false },
        { "CLOSING", "-", closing, false },
        { "CLOSING", "orphan", closing_orphan, false },
        { "LAST_ACK", "-", last_ack, false },
        { "LAST_ACK", "orphan", last_ack_orphan, false },
        { "TIME_WAIT", "-", time_wait, false },
        { "TIME_WAIT", "held", time_wait_held, false },
        { "TIME_WAIT", "listener", time_wait_listener, false },
        { "TIME_WAIT", "rfc1337", time_wait_rfc1337, false },
        { "TIME_WAIT", "timestamps", time_wait_listener, true },
};

static bool
begin(struct world *w, enum la_family family)
{
        struct la_config c = { .connections = 2,
                               .half_open = 2,
                               .time_wait4 = 2,
                               .time_wait6 = 2,
                               .listeners = 1,
                               .chunk_bytes = 1024,
                               .chunks = 24,
                               .reassemblies = 2,
                               .replies = 4,
                               .trace = 16,
                               .address4 = { 10, 0, 0, 1 },
                               .address6 = { 0xfd, [15] = 1 },
                               .seed = { 1, 2, 3 } };

        memset(w, 0, sizeof *w);
        w->now = 10000000;
        w->family = family;
        w->stamp = PEER_STAMP;
        memcpy(w->local.address, family == LA_IPV4 ? c.address4 : c.address6, family == LA_IPV4 ? 4 : 16);
        memcpy(w->peer.address, w->local.address, 16);
        w->peer.address[family == LA_IPV4 ? 3 : 15] = 2;
        w->local.port = 80;
        w->peer.port = 40000;
        w->stack_bytes = la_stack_bytes(&c);
        if (w->stack_bytes == 0)
                return false;
        void *block = aligned_alloc(64, w->stack_bytes);
        if (!block)
                return false;
        memset(block, 0, w->stack_bytes);
        w->stack = la_stack_init(block, w->stack_bytes, &c, w->now);
        if (!w->stack)
                free(block);
        /* A small window: it can be filled, and the block is small to copy. */
        return w->stack && la_knob_set(w->stack, "tcp_rmem", "4096 16384 16384", NULL) == LA_OK;
}

const char *
world_make(struct world *w, enum la_family family, const char *state, const char *how)
{
        struct la_trace t;

        for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
                if (strcmp(ways[i].state, state) != 0 || strcmp(ways[i].how, how) != 0)
                        continue;
                if (!begin(w, family))
                        return "no stack can be made";
                w->stamps = ways[i].stamps;
                ways[i].make(w);
                w->now += 10000;
                while (la_next_trace(w->stack, &t))
                        ;
                return NULL;
        }
        return "world.c knows no way to this state";
}
