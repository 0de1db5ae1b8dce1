/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sound.h"

#define HOUR_US UINT64_C(3600000000)

struct world w;

void
must(bool holds, const char *what)
{
        if (holds)
                return;
        fprintf(stderr, "fuzz_engine: %s\n", what);
        abort();
}

/* ---- The bytes of all streams ---- */

LOOKS uint8_t
byte_at(uint32_t seq)
{
        return (uint8_t)(seq * 7 + (seq >> 8) * 31 + (seq >> 16));
}

LOOKS void
write_pattern(uint8_t *bytes, uint32_t seq, size_t n)
{
        for (size_t i = 0; i < n; i++)
                bytes[i] = byte_at(seq + (uint32_t)i);
}

LOOKS void
expect_pattern(const uint8_t *bytes, uint32_t seq, size_t n)
{
        for (size_t i = 0; i < n && !w.forged; i++)
                if (bytes[i] != byte_at(seq + (uint32_t)i))
                        must(false, "a byte is not the one that was written");
}

/* ---- Stacks ---- */

/* Small ones: every limit is soon reached. */
static const struct la_config kinds[KINDS] = {
        { .connections = 6, .half_open = 3, .time_wait4 = 3, .time_wait6 = 2, .chunks = 24, .chunk_bytes = 512 },
        { .connections = 6,
          .half_open = 4,
          .time_wait4 = 6,
          .time_wait6 = 4,
          .chunks = 48,
          .chunk_bytes = 256,
          .mtu = 576 + 704,
          .checksum_offload = true },
        { .connections = 5,
          .half_open = 2,
          .time_wait4 = 2,
          .time_wait6 = 2,
          .chunks = 40,
          .chunk_bytes = 1024,
          .checksum_offload = true,
          .gso_bytes = 8000 },
        { .connections = 2, .half_open = 1, .time_wait4 = 1, .time_wait6 = 1, .chunks = 3, .chunk_bytes = 256 },
        { .connections = 4,
          .half_open = 2,
          .time_wait4 = 3,
          .time_wait6 = 3,
          .chunks = 80,
          .chunk_bytes = 256,
          .mtu = 9000,
          .strict_addresses = true },
        { .connections = 4,
          .half_open = 2,
          .time_wait4 = 3,
          .time_wait6 = 3,
          .chunks = 60,
          .chunk_bytes = 256,
          .checksum_offload = true,
          .gso_bytes = 65535,
          .mtu = 1400 },
        { .connections = 6, .half_open = 6, .time_wait4 = 6, .time_wait6 = 6, .chunks = 4, .chunk_bytes = 4096 },
        { .connections = 8,
          .half_open = 2,
          .time_wait4 = 2,
          .time_wait6 = 2,
          .chunks = 8,
          .chunk_bytes = 512,
          .mtu = 576 },
};

/* Beside a time of no meaning: shortly before milliseconds, or microseconds, of 32 bits go round. */
static const tcp_time beginnings[] = { 1000000, (UINT64_C(1) << 32) * 1000 - 2500000, (UINT64_C(1) << 32) - 700000, 0 };
#define BEGINNINGS (sizeof beginnings / sizeof beginnings[0])

/* A stack as it was made, to copy from. */
struct image {
        struct la_config config;
        size_t bytes;
        uint8_t *made, *block[2];
};

static uint8_t *
zeros(size_t bytes)
{
        uint8_t *block = aligned_alloc(64, bytes);

        must(block != NULL, "no memory");
        memset(block, 0, bytes);
        return block;
}

static void
make_image(struct image *m, unsigned int side, unsigned int kind, tcp_time begin)
{
        struct la_config *c = &m->config;

        *c = kinds[kind];
        c->listeners = 3;
        c->reassemblies = kind == 3 ? 1 : 2;
        c->replies = kind == 3 ? 1 : 16;
        c->trace = kind == 6 ? 0 : 4;
        c->loans = kind % 3 * 2;
        c->seed[5] = (uint8_t)(1 + side);
        c->seed[21] = (uint8_t)kind;
        memcpy(c->address4, address_of(side, LA_IPV4, 0).address, 4);
        memcpy(c->address6, address_of(side, LA_IPV6, 0).address, 16);
        m->bytes = la_stack_bytes(c);
        must(m->bytes > 0, "a configuration is not taken");
        m->made = zeros(m->bytes);
        for (int i = 0; i < 2; i++)
                m->block[i] = zeros(m->bytes);
        must(la_stack_init(m->made, m->bytes, c, begin) != NULL, "no stack");
}

struct side *
side_at(unsigned int i)
{
        static struct image images[SIDES][KINDS][BEGINNINGS];
        struct side *s = &w.side[i];
        struct image *m = &images[i][w.kind[i]][w.kind[1] / 2 % BEGINNINGS];

        s->touched = true;
        if (s->stack)
                return s;
        if (!m->made)
                make_image(m, i, w.kind[i], beginnings[w.kind[1] / 2 % BEGINNINGS]);
        s->config = &m->config;
        s->block_bytes = m->bytes;
        for (int b = 0; b < 2; b++)
                s->block[b] = m->block[b];
        memcpy(s->block[0], m->made, m->bytes);
        s->stack = (struct la_stack *)s->block[0];
        return s;
}

void
move_stack(struct side *s)
{
        uint8_t *from = s->block[0], *to = s->block[1];

        memcpy(to, from, s->block_bytes);
        memset(from, 0xa5, s->block_bytes);
        s->block[0] = to;
        s->block[1] = from;
        s->stack = (struct la_stack *)to;
}

struct la_endpoint
address_of(unsigned int host, enum la_family family, uint16_t port)
{
        struct la_endpoint e = { .port = port };

        e.address[0] = family == LA_IPV4 ? 10 : 0xfd;
        e.address[family == LA_IPV4 ? 3 : 15] = (uint8_t)(1 + host);
        return e;
}

void
world_begin(uint8_t kinds_of_both, uint8_t how)
{
        static const uint8_t batches[] = { 1, 2, 4, BATCH_MAX };

        for (unsigned int i = 0; i < SIDES; i++)
                w.side[i] = (struct side){ 0 };
        w.kind[0] = kinds_of_both % KINDS;
        w.kind[1] = kinds_of_both / KINDS % KINDS;
        w.now = beginnings[w.kind[1] / 2 % BEGINNINGS];
        w.batch = batches[how & 3];
        w.losses = w.lost_at = w.checks = 0;
        w.carries = how & 4;
        w.forged = w.marks = false;
        w.flying_count = w.constant = 0;
}

/* ---- Time ---- */

static tcp_time
next_deadline(void)
{
        tcp_time next = LA_NEVER;

        for (unsigned int i = 0; i < SIDES; i++)
                if (w.side[i].stack && la_deadline(w.side[i].stack) < next)
                        next = la_deadline(w.side[i].stack);
        return next;
}

static void
advance(void)
{
        for (unsigned int i = 0; i < SIDES; i++)
                if (w.side[i].stack) {
                        la_advance(w.side[i].stack, w.now);
                        output(i);
                }
}

#define ROUNDS_MAX 300
#define REST_MAX   40

/* When all timers due are served and all that leaves has left, a stack is at rest until later. */
static void
expect_rest(unsigned int *tries)
{
        if (next_deadline() > w.now)
                *tries = 0;
        else
                must(++*tries < REST_MAX, "a stack never comes to rest");
}

void
pass_silently(tcp_time until)
{
        unsigned int rounds = 0, tries = 0;

        advance();
        while (next_deadline() <= until && rounds++ < ROUNDS_MAX) {
                if (next_deadline() > w.now)
                        w.now = next_deadline();
                advance();
                expect_rest(&tries);
        }
        if (rounds < ROUNDS_MAX)
                w.now = until;
        advance();
}

static void
exchange(void)
{
        for (unsigned int i = 0; w.flying_count > 0 && i < 4 * FLYING_MAX; i++) {
                unsigned int to = w.flying[0].to;

                deliver(0, false);
                output(to);
        }
}

void
talk(tcp_time until)
{
        unsigned int rounds = 0;

        advance();
        exchange();
        while (next_deadline() <= until && rounds++ < ROUNDS_MAX) {
                w.now += 20;
                if (next_deadline() > w.now)
                        w.now = next_deadline();
                advance();
                exchange();
        }
        if (rounds < ROUNDS_MAX)
                w.now = until > w.now ? until : w.now;
}

/* ---- What must hold ---- */

LOOKS static void
check_states(const struct la_stack *stack)
{
        uint64_t seen[LA_STATE_COUNT] = { 0 }, cursor = 0;
        struct la_snapshot s;

        while (la_next_snapshot(stack, w.now, &cursor, &s))
                seen[s.state]++;
        for (int i = 0; i < LA_STATE_COUNT; i++)
                must(seen[i] == la_state_count(stack, (enum la_state)i), la_state_name((enum la_state)i));
}

LOOKS static void
check_usage(const struct la_stack *stack, const struct la_config *c)
{
        struct la_usage u = la_usage(stack);

        must(u.connections <= c->connections && u.half_open <= c->half_open && u.listeners <= c->listeners &&
                     u.time_wait4 <= c->time_wait4 && u.time_wait6 <= c->time_wait6 && u.chunks <= c->chunks &&
                     u.reassemblies <= c->reassemblies && u.orphans <= u.connections,
             "more is in use than there may be");
}

LOOKS void
check_side(unsigned int i)
{
        struct side *s = &w.side[i];
        const char *fault;

        if (!s->stack || !s->touched)
                return;
        s->touched = false;
        fault = stack_fault(s->stack);
        must(fault == NULL, fault);
        if (w.checks++ % 8 == 0)
                check_states(s->stack);
        check_usage(s->stack, s->config);
}

/* ---- The end ---- */

static void
let_go(struct side *s, bool abort)
{
        struct la_event_report r;

        for (int i = 0; i < HANDLES; i++)
                if (abort)
                        la_abort(s->stack, w.now, s->end[i].handle);
                else
                        la_close(s->stack, w.now, s->end[i].handle);
        for (int i = 0; i < 2; i++)
                la_close(s->stack, w.now, s->listener[i]);
        while (la_next_event(s->stack, &r))
                must(false, "an event about a handle that was closed");
}

LOOKS static void
show_what_is_left(const struct la_stack *stack)
{
        struct la_snapshot s;
        uint64_t cursor = 0;

        while (la_next_snapshot(stack, w.now, &cursor, &s))
                fprintf(stderr,
                        "%s from port %u to %u for %u ms, came by row %d; una %u, nxt %u, rcv %u, to send %u, window "
                        "%u, "
                        "to read %u, retransmits %u, timer %d in %u ms\n",
                        la_state_name(s.state), s.local.port, s.remote.port, s.age_min_ms, (int)s.came_by, s.snd_una,
                        s.snd_nxt, s.rcv_nxt, s.send_queue, s.tcp.send_window_bytes, s.receive_queue, s.retransmits,
                        (int)s.timer, s.timer_ms);
}

/* However long the tunables have it wait: a day is more than all of them together. */
void
expect_end(bool abort, bool talking)
{
        tcp_time limit;
        unsigned int tries = 0;

        for (unsigned int i = 0; i < SIDES; i++)
                if (w.side[i].stack) {
                        let_go(side_at(i), abort);
                        check_side(i);
                }
        w.carries = talking;
        limit = w.now + 24 * HOUR_US;
        advance();
        while (next_deadline() != LA_NEVER && w.now < limit) {
                if (next_deadline() > w.now)
                        w.now = next_deadline();
                advance();
                if (talking)
                        exchange();
                else
                        expect_rest(&tries);
        }
        for (unsigned int i = 0; i < SIDES; i++)
                if (w.side[i].stack) {
                        const char *leak = stack_leak(w.side[i].stack);

                        if (leak)
                                show_what_is_left(w.side[i].stack);
                        must(leak == NULL, leak);
                }
}
