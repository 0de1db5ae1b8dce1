/* SPDX-License-Identifier: BSD-2-Clause */
/* Making a stack: the block of memory, its parts, its secrets; and the passing of time. */
#include "stack/stack.h"

#include <string.h>

#include "tcp/fastopen.h"
#include "tcp/loans.h"
#include "tcp/pacing.h"
#include "tcp/reassembly.h"

#define ALIGNMENT 64
#define LOANS_MAX 4096 /* they are looked for one after the other */

/* ---- The configuration ---- */

static uint32_t
or_default(uint32_t value, uint32_t standard)
{
        return value ? value : standard;
}

static struct la_config
config_filled(const struct la_config *given)
{
        struct la_config c = *given;

        c.connections = or_default(c.connections, 1024);
        c.half_open = or_default(c.half_open, 1024);
        c.time_wait4 = or_default(c.time_wait4, 4096);
        c.time_wait6 = or_default(c.time_wait6, 1024);
        c.listeners = or_default(c.listeners, 16);
        c.chunk_bytes = or_default(c.chunk_bytes, 4096);
        c.chunks = or_default(c.chunks, 4096);
        c.reassemblies = or_default(c.reassemblies, 256);
        c.replies = or_default(c.replies, 1024);
        c.servers = or_default(c.servers, 256);
        c.paced = or_default(c.paced, 1024);
        c.mtu = or_default(c.mtu, 1500);
        return c;
}

static bool
config_sound(const struct la_config *c)
{
        const uint32_t counts[] = { c->connections, c->half_open,    c->time_wait4, c->time_wait6, c->listeners,
                                    c->chunks,      c->reassemblies, c->replies,    c->servers,    c->paced };

        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
                if (counts[i] > REF_INDEX_MAX - 1)
                        return false;
        if (c->trace > REF_INDEX_MAX || c->loans > LOANS_MAX || c->mtu < 576 || c->mtu > 65535)
                return false;
        if (c->chunk_bytes < 256 || c->chunk_bytes > 65536 || (c->chunk_bytes & (c->chunk_bytes - 1)) != 0)
                return false;
        return c->gso_bytes == 0 || c->checksum_offload; /* who cuts a packet makes its checksums */
}

/* ---- The block ---- */

struct layout {
        uint64_t at;
};

static uint64_t
place(struct layout *l, uint64_t bytes)
{
        uint64_t at = l->at;

        l->at = (l->at + bytes + ALIGNMENT - 1) & ~(uint64_t)(ALIGNMENT - 1);
        return at;
}

static struct pool
place_pool(struct layout *l, uint32_t item_bytes, uint32_t limit)
{
        return (struct pool){
                .offset = place(l, (uint64_t)item_bytes * (limit + 1u)),
                .item_bytes = item_bytes,
                .limit = limit,
                .fresh = 1,
        };
}

static uint32_t
index_slots(const struct la_config *c)
{
        uint64_t items = (uint64_t)c->connections + c->half_open + c->time_wait4 + c->time_wait6;
        uint64_t slots = items + items / 3 + 16;

        return slots < UINT32_MAX ? (uint32_t)slots : UINT32_MAX;
}

static uint32_t
log2_of(uint32_t power)
{
        return (uint32_t)__builtin_ctz(power);
}

/* Fills in where everything lies, in a stack that need not be in its block yet; returns the block's size. */
static uint64_t
lay_out(struct la_stack *s, const struct la_config *c)
{
        struct layout l = { 0 };
        struct chunk_pool *chunks = &s->host.chunks;
        uint64_t pool_at = offsetof(struct la_stack, host.chunks);

        (void)place(&l, sizeof *s);
        s->index.slots = index_slots(c);
        s->index.offset = place(&l, (uint64_t)s->index.slots * sizeof(struct index_slot));
        s->tcbs = place_pool(&l, sizeof(struct tcb), c->connections);
        s->half_opens = place_pool(&l, sizeof(struct half_open), c->half_open);
        s->time_waits4 = place_pool(&l, TIME_WAIT4_BYTES, c->time_wait4);
        s->time_waits6 = place_pool(&l, TIME_WAIT6_BYTES, c->time_wait6);
        s->listeners = place_pool(&l, sizeof(struct listener), c->listeners);
        s->host.reassemblies = place_pool(&l, sizeof(struct reassembly), c->reassemblies);
        s->host.pacers = place_pool(&l, sizeof(struct pacer), c->paced);
        s->host.tcbs_offset = s->tcbs.offset;
        s->host.pacer_slots_offset = place(&l, (uint64_t)(c->connections + 1u) * sizeof(uint32_t));
        s->replies.limit = c->replies;
        s->replies.offset = place(&l, (uint64_t)(c->replies + 1u) * sizeof(struct outgoing));
        s->host.servers.sets = fastopen_sets(c->servers);
        s->host.servers.offset =
                place(&l, (uint64_t)s->host.servers.sets * FASTOPEN_WAYS * sizeof(struct fastopen_server));
        s->host.loans.limit = c->loans;
        s->host.loans.offset = place(&l, (uint64_t)c->loans * sizeof(struct loan));
        s->host.trace.limit = c->trace;
        s->host.trace.offset = place(&l, (uint64_t)c->trace * sizeof(struct la_trace));
        chunks->limit = c->chunks;
        chunks->fresh = 1;
        chunks->shift = log2_of(c->chunk_bytes);
        chunks->links_offset = place(&l, (uint64_t)(c->chunks + 1u) * sizeof(struct chunk_link)) - pool_at;
        chunks->bytes_offset = place(&l, (uint64_t)c->chunks * c->chunk_bytes) - pool_at;
        return l.at;
}

size_t
la_stack_bytes(const struct la_config *config)
{
        struct la_config c = config_filled(config);
        struct la_stack s;

        if (!config_sound(&c))
                return 0;
        memset(&s, 0, sizeof s);
        return (size_t)lay_out(&s, &c);
}

enum purpose {
        PURPOSE_ISN = 2,
        PURPOSE_TIMESTAMPS,
        PURPOSE_PORTS,
        PURPOSE_COOKIES,
        PURPOSE_FASTOPEN,
        PURPOSE_TABLE, /* three of them */
};

/* One seed, a secret for each purpose: who learns one learns nothing of the others. */
static struct siphash_key
derive(const uint8_t seed[32], enum purpose purpose)
{
        struct siphash_key first = { tuple_load8(seed), tuple_load8(seed + 8) };
        struct siphash_key second = { tuple_load8(seed + 16), tuple_load8(seed + 24) };
        uint64_t words[2] = { (uint64_t)purpose, (uint64_t)purpose ^ 0xffffffff };

        return (struct siphash_key){ siphash_words(&first, words, 2, 2, 4), siphash_words(&second, words, 2, 2, 4) };
}

static void
derive_keys(const uint8_t seed[32], struct tcp_keys *k)
{
        for (unsigned int i = 0; i < 3; i++) {
                struct siphash_key words = derive(seed, (enum purpose)(PURPOSE_TABLE + i));

                memcpy(&k->table.k[2 * i], &words, sizeof words);
        }
        k->isn = derive(seed, PURPOSE_ISN);
        k->timestamps = derive(seed, PURPOSE_TIMESTAMPS);
        k->ports = derive(seed, PURPOSE_PORTS);
        k->cookies = derive(seed, PURPOSE_COOKIES);
        k->fastopen = derive(seed, PURPOSE_FASTOPEN);
}

struct la_stack *
la_stack_init(void *block, size_t block_bytes, const struct la_config *config, tcp_time now)
{
        struct la_config c = config_filled(config);
        struct la_stack *s = block;

        if (!config_sound(&c) || !block || (uintptr_t)block % ALIGNMENT != 0 || block_bytes < la_stack_bytes(config))
                return NULL;
        memset(s, 0, sizeof *s);
        lay_out(s, &c);
        s->config = c;
        s->host.now_us = now;
        s->host.now_ms = (uint32_t)(now / 1000);
        s->wheel.now_ms = s->host.now_ms;
        derive_keys(c.seed, &s->host.keys);
        knobs_init(s);
        return s;
}

/* ---- Time ---- */

static tcp_time
time_of(const struct la_stack *s, uint32_t at_ms)
{
        int32_t ahead = (int32_t)(at_ms - s->host.now_ms);

        if (ahead <= 0)
                return s->host.now_us;
        return (s->host.now_us / 1000 + (uint32_t)ahead) * 1000;
}

tcp_time
la_deadline(const struct la_stack *s)
{
        tcp_time least = LA_NEVER;
        uint32_t at;

        if (s->output.next || s->replies.count > 0)
                return 0;
        if (wheel_next(s, &at) && time_of(s, at) < least)
                least = time_of(s, at);
        if (half_open_next(s, &at) && time_of(s, at) < least)
                least = time_of(s, at);
        if (time_wait_next(s, &at) && time_of(s, at) < least)
                least = time_of(s, at);
        return least;
}

void
la_advance(struct la_stack *s, tcp_time now)
{
        uint32_t tcb;

        host_set_time(&s->host, now);
        while ((tcb = wheel_take_due(s, s->host.now_ms)) != 0) {
                timeouts(&s->host, tcb_at(s, tcb));
                settle(s, tcb);
        }
        half_open_advance(s);
        time_wait_advance(s);
}
