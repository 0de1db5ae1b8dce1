/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * stack.h - many connections in one block of memory.
 *
 *      | struct la_stack | index | tcbs | half-open | time_wait4 | time_wait6 | listeners | ... | chunks |
 *
 * Everything is found by index: pools of items of one size (tcp/host.h), and one table from the hash of a tuple to a
 * `ref`, which is an index and the kind of item it counts.  No part holds an address in the block, so that may be
 * copied; addresses outside it stand in loans (tcp/loans.h) and in chunks of constant text (tcp/chain.h) alone.
 *
 *      la_input  ->  index  -+-> struct tcb        a whole connection
 *                            +-> struct half_open  SYN_RECEIVED, from a listener
 *                            +-> struct time_wait  TIME_WAIT; or FIN_WAIT_2 that nobody holds
 *                            +-> nothing           a listener, or CLOSED
 *
 * The compact records hold what a struct tcb can be made from again.  A segment for one of them meets the same steps
 * as any other, in a struct tcb that is filled for it: the rules stand in one place, src/tcp.
 */
#ifndef LASTACK_STACK_STACK_H
#define LASTACK_STACK_STACK_H

#include "lastack/tcp.h"
#include "tcp/arrives.h"
#include "tcp/calls.h"
#include "tcp/output.h"
#include "tcp/pacing.h"
#include "tcp/tcb.h"
#include "tcp/timeouts.h"

/* ---- References ---- */

enum ref_kind {
        REF_NONE,
        REF_TCB,
        REF_HALF_OPEN,
        REF_TIME_WAIT4,
        REF_TIME_WAIT6,
        REF_LISTENER,
};

#define REF_KIND_SHIFT 29
#define REF_INDEX_MAX  ((1u << REF_KIND_SHIFT) - 1)

static inline uint32_t
ref_make(enum ref_kind kind, uint32_t index)
{
        return (uint32_t)kind << REF_KIND_SHIFT | index;
}

static inline enum ref_kind
ref_kind(uint32_t ref)
{
        return (enum ref_kind)(ref >> REF_KIND_SHIFT);
}

static inline uint32_t
ref_index(uint32_t ref)
{
        return ref & REF_INDEX_MAX;
}

/* ---- Records ---- */

/* A connection in SYN_RECEIVED that a listener spawned: what its struct tcb will be made from. */
struct half_open {
        uint32_t previous, next; /* in the queue of its level */
        uint32_t listener;
        uint32_t shadow; /* the TIME_WAIT record whose place it took, kept until the handshake is complete */
        struct tuple tuple;
        uint16_t peer_mss;
        tcp_seq irs, iss;
        uint32_t ts_recent;
        uint32_t due_ms; /* when the SYN,ACK goes again */
        uint32_t since_ms;
        uint16_t window; /* of the SYN */
        uint8_t send_shift, retries, level, came_by;
        bool window_scaling : 1, sack : 1, timestamps : 1, ecn : 1, acked : 1;
        bool ts_plain : 1;     /* as in a struct time_wait */
        uint8_t receive_shift; /* as our SYN,ACK offered it */
};

/* TIME_WAIT, or an orphan in FIN_WAIT_2.  The IPv6 one is the same with longer addresses. */
struct time_wait {
        uint32_t previous, next; /* in its queue, the one that waits longest first */
        uint32_t since_ms;       /* when the wait began, for the last time */
        union {
                uint32_t entered_ms; /* when the state was entered */
                uint32_t holder;     /* of a held one: the tcb of the handle, which knows that itself */
        };
        tcp_seq snd_nxt, rcv_nxt;
        uint32_t ts_recent;
        uint16_t window; /* as in the last header sent */
        uint8_t came_by, tos, ttl;
        bool fin_wait_2 : 1, timestamps : 1, sack : 1, shadowed : 1;
        uint8_t shift : 4;
        bool recycled : 1; /* tcp_tw_recycle: it waits less long */
        bool ts_plain : 1; /* tcp_timestamps was 2: our clock is not shifted */
        bool held : 1;     /* there is a handle whose connection this was */
        uint16_t local_port, remote_port;
        uint8_t address[]; /* local, remote: 2 * 4 or 2 * 16 bytes */
};

#define TIME_WAIT4_BYTES (sizeof(struct time_wait) + 8)
#define TIME_WAIT6_BYTES (sizeof(struct time_wait) + 32)

/* Those that a listener has let in by Fast Open, their handshake not being complete; and when others of them were reset
 * lately, by slices of some seconds (fastopen.c). */
#define FASTOPEN_SLICES 16
struct fastopen_queue {
        uint32_t limit; /* as the user said; 0: nothing */
        uint32_t pending;
        uint32_t slice; /* the latest, of those that have gone by since the clock began */
        uint16_t resets[FASTOPEN_SLICES];
};

struct listener {
        uint32_t next;  /* in its bucket */
        uint32_t index; /* its own */
        uint32_t generation;
        uint32_t backlog;
        uint32_t accept_first, accept_last, accept_count;
        uint32_t half_open;
        uint32_t since_ms;
        uint32_t cookie_ms; /* when a SYN cookie was last sent */
        uint32_t drops;
        struct link notice;
        uint16_t happened;
        bool in_notice : 1, any_address : 1, cookies_out : 1;
        struct tuple tuple; /* remote: zeros */
        struct tcp_options_set set;
        struct fastopen_queue fastopen;
        uint64_t max_pacing_rate; /* its children's ceiling; 0: none */
        uint64_t user;
};

/* ---- The stack ---- */

struct index_slot {
        uint32_t hash, ref;
};

struct index {
        uint64_t offset;
        uint32_t slots, used;
};

#define WHEEL_LEVELS 6
#define WHEEL_SLOTS  64

struct wheel {
        uint32_t now_ms;
        uint32_t armed;
        uint64_t occupied[WHEEL_LEVELS];
        uint32_t head[WHEEL_LEVELS][WHEEL_SLOTS];
};

/* First and last of a doubly linked list of indices. */
struct queue {
        uint32_t first, last;
};

/* A half-open record is in the queue of the number of SYN,ACKs it has repeated, where all wait equally long. */
#define HALF_OPEN_LEVELS 8

enum time_wait_queue {
        QUEUE_TIME_WAIT4,
        QUEUE_TIME_WAIT6,
        QUEUE_FIN_WAIT4,
        QUEUE_FIN_WAIT6,
        QUEUE_RECYCLED4,
        QUEUE_RECYCLED6,
        QUEUE_COUNT
};

#define LISTENER_BUCKETS 256

struct reply_ring {
        uint64_t offset;
        uint32_t limit, first, count, lost;
};

/* ip_local_reserved_ports, one bit a port. */
struct port_set {
        uint64_t bits[1024];
};

/* tcp_tw_recycle's memory of hosts, as Linux had it until 4.12: the last timestamp of each. */
#define RECYCLE_HOSTS 1024
struct recycle_host {
        uint8_t address[16];
        uint32_t ts, at_ms;
        bool known;
};

struct la_stack {
        struct tcp_host host; /* first: offsets count from here */
        struct la_config config;
        struct index index;
        struct pool tcbs, half_opens, time_waits4, time_waits6, listeners;
        struct wheel wheel;
        struct queue half_open_queue[HALF_OPEN_LEVELS];
        struct queue time_wait_queue[QUEUE_COUNT];
        struct link output;   /* a ring of tcbs: next is the first, previous the last */
        struct link notices;  /* of refs */
        struct link starving; /* of refs to tcbs whose users wait for memory to write */
        struct reply_ring replies;
        uint32_t bucket[LISTENER_BUCKETS];
        uint32_t next_generation;
        uint32_t next_port;
        uint32_t orphans;
        uint32_t space_of; /* the tcb that host.space_bytes were given to */
        uint32_t latest;   /* the tcb that a segment came for last: the next one is often for it too */
        struct port_set reserved;
        struct recycle_host recycle[RECYCLE_HOSTS];
};

static inline struct tcb *
tcb_at(const struct la_stack *s, uint32_t index)
{
        return pool_item_of(&s->host, &s->tcbs, index, sizeof(struct tcb));
}

static inline struct half_open *
half_open_at(const struct la_stack *s, uint32_t index)
{
        return pool_item_of(&s->host, &s->half_opens, index, sizeof(struct half_open));
}

static inline struct listener *
listener_at(const struct la_stack *s, uint32_t index)
{
        return pool_item_of(&s->host, &s->listeners, index, sizeof(struct listener));
}

static inline struct time_wait *
time_wait_at(const struct la_stack *s, uint32_t ref)
{
        if (LA_LIKELY(ref_kind(ref) == REF_TIME_WAIT4))
                return pool_item_of(&s->host, &s->time_waits4, ref_index(ref), TIME_WAIT4_BYTES);
        return pool_item_of(&s->host, &s->time_waits6, ref_index(ref), TIME_WAIT6_BYTES);
}

static inline uint32_t
stack_hash(const struct la_stack *s, const struct tuple *t)
{
        return tuple_hash(&s->host.keys.table, t);
}

/* What a segment names, from this end's point of view. */
static inline struct tuple
tuple_of_segment(const struct segment *g)
{
        return tuple_of(g->family, &g->destination, &g->source);
}

/* ---- index.c: from a hash to what has it ---- */

/* Slots to be visited for a hash, one after the other; 0 at the end. */
struct index_walk {
        uint32_t slot, hash;
};
struct index_walk index_walk(const struct la_stack *s, uint32_t hash);
uint32_t index_next(const struct la_stack *s, struct index_walk *w);

void index_add(struct la_stack *s, uint32_t hash, uint32_t ref);
void index_remove(struct la_stack *s, uint32_t hash, uint32_t ref);
void index_replace(struct la_stack *s, uint32_t hash, uint32_t before, uint32_t after);

/* The item with this tuple; 0 for none. */
uint32_t index_find(const struct la_stack *s, const struct tuple *tuple, uint32_t hash);

/* ---- wheel.c: one timer a connection ---- */

void wheel_arm(struct la_stack *s, uint32_t tcb, uint32_t at_ms);
void wheel_disarm(struct la_stack *s, uint32_t tcb);
bool wheel_next(const struct la_stack *s, uint32_t *ret_ms);
uint32_t wheel_take_due(struct la_stack *s, uint32_t now_ms); /* disarmed; 0: no more are due */

/* ---- calls.c: what a handle names ---- */

/* The connection, by index; 0 for a handle that is none, or of a connection that is gone. */
uint32_t tcb_of(const struct la_stack *s, struct la_handle handle);
/* The same for a listener; NULL for none. */
struct listener *listener_of(const struct la_stack *s, struct la_handle handle);

/* ---- settle.c: what a connection intends is done ---- */

uint32_t tcb_take_blank(struct la_stack *s); /* still to be filled, all but its generation */
uint32_t tcb_take(struct la_stack *s, const struct tuple *tuple, const struct tcp_options_set *set);
void tcb_give(struct la_stack *s, uint32_t index);
void settle(struct la_stack *s, uint32_t index);
void output_append(struct la_stack *s, uint32_t index, struct tcb *t); /* it waits for la_output(), behind others */
void output_unlink(struct la_stack *s, struct tcb *t);
void settle_timer(struct la_stack *s, uint32_t index); /* its deadlines alone have changed */
void notice_listener(struct la_stack *s, struct listener *l, uint32_t happened);
void forget_notice(struct la_stack *s, struct tcb *t);
void forget_listener_notice(struct la_stack *s, struct listener *l);
void orphan_begins(struct la_stack *s, uint32_t index);
void wait_for_memory(struct la_stack *s, uint32_t index); /* the user was told LA_ERR_AGAIN */

/* ---- reply.c: segments without a connection ---- */

/* Where the next one is to be put together; reply_add() then lets it go.  reply_begin() is for bare segments. */
struct outgoing *reply_slot(struct la_stack *s);
struct segment *reply_begin(struct la_stack *s);
void reply_add(struct la_stack *s);
LA_RARELY void reply_reset(struct la_stack *s, const struct segment *arrived);

/* The one to leave next, if there is one; it stays where it is until it is dropped. */
const struct outgoing *reply_first(const struct la_stack *s);
void reply_drop(struct la_stack *s);

/* ---- listener.c, half_open.c, cookie.c, fastopen.c ---- */

uint32_t listener_find(const struct la_stack *s, const struct tuple *tuple);
bool listener_exact(const struct la_stack *s, enum la_family family, const struct la_endpoint *local);
enum la_verdict listener_arrives(struct la_stack *s, uint32_t listener, const struct tuple *tuple, struct arrival *a);
/* A SYN that may open; `shadow`: the TIME_WAIT record whose place it takes, or 0. */
enum la_verdict
listener_take_syn(struct la_stack *s, uint32_t listener, const struct tuple *tuple, struct arrival *a, uint32_t shadow);
bool listener_accepts(const struct la_stack *s, const struct listener *l);
void listener_count_drop(struct la_stack *s, struct listener *l);
void listener_queue(struct la_stack *s, uint32_t listener, uint32_t tcb);
/* By a row, or NO_ROW for a listener that becomes a connection. */
void listener_end(struct la_stack *s, uint32_t listener, enum la_transition row);

enum la_verdict half_open_arrives(struct la_stack *s, uint32_t index, struct arrival *a);
/* With the Fast Open option of `offer`, if it has one, in the first SYN,ACK. */
uint32_t half_open_add(struct la_stack *s, uint32_t listener, const struct tuple *tuple, const struct segment *g,
                       uint32_t shadow, const struct tcp_options *offer);
void half_open_from_syn(const struct la_stack *s, uint32_t listener, const struct tuple *tuple, const struct segment *g,
                        uint32_t shadow, struct half_open *ret_half_open);
LA_RARELY void half_open_end(struct la_stack *s, uint32_t index, enum la_transition row);
void half_open_fill(struct la_stack *s, const struct half_open *o, struct tcb *t);
/* What our SYN,ACK promises must not change with the tunables before the handshake is complete. */
void half_open_take_rules(struct half_open *o, const struct tcp_rules *rules);
void half_open_advance(struct la_stack *s);
bool half_open_next(const struct la_stack *s, uint32_t *ret_ms);

void fastopen_set_limit(const struct la_stack *s, struct listener *l, uint32_t limit);
/* True if the SYN has made a whole connection; else *ret_offer has the Fast Open option for the SYN,ACK, if any.
 * `reopens`: it would take the place of a TIME_WAIT record. */
bool fastopen_take_syn(struct la_stack *s, uint32_t listener, const struct tuple *tuple, struct arrival *a,
                       bool reopens, struct tcp_options *ret_offer);
/* The SYN of a connection made so is acknowledged, or the connection ended. */
void fastopen_pending_ends(struct la_stack *s, struct tcb *t);
/* The listener is about to end, those it let in live on. */
void fastopen_forget_listener(struct la_stack *s, struct listener *l);

LA_RARELY bool cookie_answer(struct la_stack *s, struct listener *l, const struct tuple *tuple, const struct segment *g,
                             uint32_t waiting);
/* An acknowledgment for a listener; `waiting`: the TIME_WAIT record that has the tuple, or 0. */
LA_RARELY enum la_verdict
cookie_arrives(struct la_stack *s, uint32_t listener, const struct tuple *tuple, struct arrival *a, uint32_t waiting);

/* ---- time_wait.c ---- */

/* From a connection in TIME_WAIT or FIN_WAIT_2, which the index finds so far; false if there is no room. */
bool time_wait_add(struct la_stack *s, uint32_t tcb);
enum la_verdict time_wait_arrives(struct la_stack *s, uint32_t ref, struct arrival *a);
void time_wait_stop(struct la_stack *s, uint32_t ref, enum la_transition row);
LA_RARELY void time_wait_revive(struct la_stack *s, uint32_t ref, enum la_transition row);
LA_RARELY void time_wait_forget(struct la_stack *s, uint32_t ref); /* one that lies in shadow */
void time_wait_fill(const struct la_stack *s, uint32_t ref, struct tcb *t);
void time_wait_abort_orphans(struct la_stack *s); /* those in FIN_WAIT_2 */
struct tuple time_wait_tuple(const struct la_stack *s, uint32_t ref);
void time_wait_advance(struct la_stack *s);
bool time_wait_next(const struct la_stack *s, uint32_t *ret_ms);

/* What has become of a connection in TIME_WAIT that somebody holds; and nobody does any more. */
uint32_t time_wait_of(const struct la_stack *s, uint32_t tcb);
void time_wait_let_go(struct la_stack *s, uint32_t tcb);
uint32_t time_wait_entered_ms(const struct la_stack *s, const struct time_wait *w);

/* How long a record waits, from since_ms on. */
uint32_t time_wait_length_ms(const struct la_stack *s, const struct time_wait *w);

/* ---- recycle.c: tcp_tw_recycle ---- */

/* A connection that ends here: what its peer's clock said. */
void recycle_remember(struct la_stack *s, const struct tuple *tuple, uint32_t ts);
bool recycle_refuses(struct la_stack *s, const struct tuple *tuple, const struct segment *syn);
uint32_t recycle_wait_ms(const struct la_stack *s);

/* ---- snapshot.c ---- */

void snapshot_of_tcb(const struct la_stack *s, tcp_time now, uint32_t index, struct la_snapshot *r);

/* ---- ports.c ---- */

/* A local port towards tuple->remote; *ret_reuse: the TIME_WAIT record to be replaced, or 0. */
enum la_error port_choose(struct la_stack *s, struct tuple *tuple, uint32_t *ret_reuse);

/* May a connection opened from here take the place of this record (tcp_tw_reuse)? */
bool time_wait_may_reuse(const struct la_stack *s, uint32_t ref);

static inline bool
port_reserved(const struct la_stack *s, uint32_t port)
{
        return s->reserved.bits[port / 64] >> (port % 64) & 1;
}

/* ---- icmp_errors.c, input.c ---- */

LA_RARELY enum la_verdict icmp_arrives(struct la_stack *s, const struct ip_packet *ip);
enum la_verdict segment_arrives(struct la_stack *s, struct arrival *a);

/* ---- knobs.c ---- */

void knobs_init(struct la_stack *s);

#endif
