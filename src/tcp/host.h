/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host.h - what all connections of one stack share: the time, the rules, the secrets, the counters and the buffers.
 *
 * A struct tcp_host is the beginning of a stack's block of memory.  It holds no pointers into that; where it needs memory of the
 * block it holds the distance from itself.
 */
#ifndef LASTACK_TCP_HOST_H
#define LASTACK_TCP_HOST_H

#include "lastack/terms.h"
#include "model/check.h"
#include "tcp/chain.h"
#include "tcp/siphash.h"
#include "tcp/tuple.h"

/* The tunables as the protocol reads them; stack/knobs.c writes them. */
struct tcp_rules {
        uint32_t time_wait_ms, fin_timeout_ms, tw_reuse_delay_ms;
        uint32_t rto_min_us, rto_max_us;
        uint32_t delayed_ack_ms;
        uint32_t challenge_ack_limit;
        uint32_t initial_window;
        uint32_t keepalive_time_s, keepalive_interval_s, keepalive_probes;
        uint32_t syn_retries, synack_retries, retries1, retries2, orphan_retries;
        uint32_t max_orphans, max_tw_buckets, max_syn_backlog, somaxconn;
        uint32_t receive_buffer[3], send_buffer[3]; /* tcp_rmem, tcp_wmem: min, default, max */
        uint16_t port_low, port_high;
        uint32_t fastopen; /* bits, tcp/fastopen.h */
        uint8_t syncookies, tw_reuse, timestamps, ecn;
        bool ecn_fallback, window_scaling, sack, dsack, abort_on_overflow, rfc1337, tw_recycle;
        bool checksum_offload, strict_addresses;
        uint16_t mtu;
        uint32_t gso_bytes;
        uint32_t pacing_ss_percent, pacing_ca_percent;
        uint32_t max_pacing_rate; /* bytes a second; 0: none */
        bool pacing;
        uint8_t congestion; /* index of the algorithm for new connections */
};

/* Items of one size, numbered from 1 to `limit`; number 0 is none, though there is memory for it.  Memory that was
 * never used is not touched.  A free item's first four bytes lead to the next free one. */
struct pool {
        uint64_t offset; /* from the struct tcp_host */
        uint32_t item_bytes, limit, fresh, free, used;
};

struct tcp_keys {
        struct tuple_key table;
        struct siphash_key isn, timestamps, ports, cookies, fastopen;
};

/* What is remembered of servers (tcp/fastopen.h), in sets of neighbours. */
struct server_table {
        uint64_t offset;
        uint32_t sets;
};

/* What packets hold of received text for the moment (tcp/loans.h). */
struct loan_table {
        uint64_t offset;
        uint32_t limit, count;
        bool open; /* the packets that arrive now keep their bytes until la_settle() */
};

struct trace_ring {
        uint64_t offset;
        uint32_t limit, first, count;
        uint64_t lost;
};

struct tcp_host {
        tcp_time now_us;
        uint32_t now_ms;
        uint32_t space_bytes; /* that la_send_space() has just given; 0 once another call was made */
        struct tcp_rules rules;
        struct tcp_keys keys;

        /* RFC 5961 7: how many challenge ACKs have left in the running second. */
        uint32_t challenge_second, challenge_count;

        uint64_t arrival; /* ordinal of the packet being processed; 0: none is */
        uint64_t arrivals;

        struct chunk_pool chunks;
        struct pool reassemblies;
        struct pool pacers;
        uint64_t tcbs_offset, pacer_slots_offset; /* from a connection to its pacer, by index (tcp/pacing.c) */
        struct server_table servers;
        struct loan_table loans;
        struct trace_ring trace;

        uint64_t counters[LA_COUNTER_COUNT];
        uint64_t states[LA_STATE_COUNT];
        uint64_t transitions[LA_TRANSITION_COUNT];
        uint64_t verdicts[LA_VERDICT_COUNT];
};

static inline void
count(struct tcp_host *h, enum la_counter counter)
{
        h->counters[counter]++;
}

static inline void
count_many(struct tcp_host *h, enum la_counter counter, uint32_t n)
{
        h->counters[counter] += n;
}

/* Milliseconds wrap after 49 days; what is compared lies closer together. */
static inline bool
ms_reached(uint32_t now_ms, uint32_t at_ms)
{
        return (int32_t)(now_ms - at_ms) >= 0;
}

/* The millisecond at which `us` from now are over, rounded up: a timer is never early. */
static inline uint32_t
ms_after(const struct tcp_host *h, uint64_t us)
{
        return (uint32_t)((h->now_us + us + 999) / 1000);
}

/* Each call that changes anything begins with it. */
void host_set_time(struct tcp_host *h, tcp_time now);

/* The address of item `index`, which may be 0: that one is anybody's for a moment. */
static inline void *
pool_item(const struct tcp_host *h, const struct pool *p, uint32_t index)
{
        return (void *)((uintptr_t)h + p->offset + (uint64_t)index * p->item_bytes);
}

/* The same where the items' size is known beforehand, which spares a load and a multiplication. */
static inline void *
pool_item_of(const struct tcp_host *h, const struct pool *p, uint32_t index, size_t item_bytes)
{
        return (void *)((uintptr_t)h + p->offset + (uint64_t)index * item_bytes);
}

/* A free item, whatever lies in it; 0 if none is left. */
uint32_t pool_take(struct tcp_host *h, struct pool *p);

void pool_give(struct tcp_host *h, struct pool *p, uint32_t index);

/* The state of something named by a tuple changes: counts, and leaves a trace.  `counted_before` and `counted_after` say
 * whether it stands in the counts per state (a listener's child leaves LISTEN, though the listener stays). */
void host_transition(struct tcp_host *h, const struct tuple *who, enum la_transition row, bool counted_before,
                     bool counted_after);

/* What became of a packet. */
void host_verdict(struct tcp_host *h, const struct tuple *who, enum la_verdict verdict);

/* RFC 5961 7: true if one more challenge ACK may leave now. */
LA_RARELY bool host_challenge_allowed(struct tcp_host *h);

#endif
