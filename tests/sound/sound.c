/* SPDX-License-Identifier: BSD-2-Clause */
#include "sound.h"

#include <string.h>

#include "stack/stack.h"
#include "tcp/loans.h"
#include "tcp/reassembly.h"

/* What is found on the walk, to be compared with what the stack says of itself. */
struct found {
        uint64_t states[LA_STATE_COUNT];
        uint32_t tcbs, half_opens, listeners, records4, records6;
        uint32_t chunks, reassemblies, paced, orphans, armed, in_output, in_notice, starving, hashed, waiting, detached,
                held_records;
};

/* ---- Pools ---- */

/* Free items are those that were taken once and are not in use. */
static const char *
check_pool(const struct la_stack *s, const struct pool *p)
{
        uint32_t free = 0;

        if (p->fresh < 1 || p->fresh > p->limit + 1)
                return "a pool has used more than there is";
        for (uint32_t i = p->free; i; free++) {
                if (i >= p->fresh || free > p->limit)
                        return "a pool's list of free items is broken";
                memcpy(&i, pool_item(&s->host, p, i), sizeof i);
        }
        return p->fresh - 1 == p->used + free ? NULL : "a pool has lost an item";
}

static const struct chunk_link *
chunk_link(const struct chunk_pool *p, uint32_t chunk)
{
        return (const struct chunk_link *)((uintptr_t)p + p->links_offset) + chunk;
}

static const char *
check_chunks(const struct la_stack *s, const struct found *f)
{
        const struct chunk_pool *p = &s->host.chunks;
        uint32_t free = 0;

        for (uint32_t i = p->free; i; i = chunk_link(p, i)->next, free++)
                if (i >= p->fresh || free > p->limit)
                        return "the list of free chunks is broken";
        if (p->fresh - 1 != p->used + free)
                return "a chunk is lost";
        return p->used == f->chunks ? NULL : "a chunk belongs to no chain";
}

/* ---- Chains ---- */

static const char *
check_chain(const struct la_stack *s, const struct chain *c, struct found *f)
{
        const struct chunk_pool *p = &s->host.chunks;
        uint32_t last = 0;
        bool cursor = c->cursor == 0;

        for (uint32_t i = c->head; i; i = chunk_link(p, i)->next) {
                if (i >= p->fresh || ++f->chunks > p->limit)
                        return "a chain is broken";
                if (last && (int32_t)((chunk_link(p, i)->key - chunk_link(p, last)->key) << p->shift) <= 0)
                        return "a chain is out of order";
                cursor = cursor || i == c->cursor;
                last = i;
        }
        if (last != c->tail)
                return "a chain's tail is not its last chunk";
        return cursor ? NULL : "a chain's cursor is no chunk of it";
}

/* Every byte has its chunk. */
static bool
chain_holds(const struct la_stack *s, const struct chain *c, tcp_seq from, tcp_seq to)
{
        const struct chunk_pool *p = &s->host.chunks;
        uint32_t i = c->head, keys = (uint32_t)1 << (32 - p->shift);

        if (seq_ge(from, to))
                return true;
        for (uint32_t key = from.v >> p->shift;; key = (key + 1) % keys) {
                while (i && chunk_link(p, i)->key != key)
                        i = chunk_link(p, i)->next;
                if (!i)
                        return false;
                if (key == seq_sub(to, 1).v >> p->shift)
                        return true;
        }
}

/* Every byte to be read has its chunk, or still lies in a packet. */
static bool
readable_is_there(const struct la_stack *s, const struct tcb *t, tcp_seq end)
{
        tcp_seq seq = t->rcv.read;

        while (seq_lt(seq, end)) {
                size_t n = seq_distance(seq, end);
                struct la_part lent = t->lent ? loans_look(&s->host, t, seq, &n) : (struct la_part){ 0 };

                if (lent.length > 0)
                        n = lent.length;
                else if (!chain_holds(s, &t->in, seq, seq_add(seq, (uint32_t)n)))
                        return false;
                seq = seq_add(seq, (uint32_t)n);
        }
        return true;
}

static const char *
check_loans(const struct la_stack *s)
{
        const struct tcp_host *h = &s->host;
        const struct loan *loan = (const struct loan *)((uintptr_t)h + h->loans.offset);

        if (h->loans.count > h->loans.limit || h->loans.open)
                return "there are more loans than may be, or they do not end";
        if (h->loans.count == 0 && h->chunks.promised > 0)
                return "chunks are kept for nothing";
        if (h->chunks.used + h->chunks.promised > h->chunks.limit)
                return "more chunks are promised than there are";
        for (uint32_t i = 0; i < h->loans.count; i++)
                if (loan[i].tcb && !((const struct tcb *)((uintptr_t)h + loan[i].tcb))->lent)
                        return "a connection does not know of its loan";
        return NULL;
}

/* ---- Connections ---- */

static bool
sends(enum la_state state)
{
        return state == LA_SYN_SENT || state == LA_SYN_RECEIVED || state == LA_ESTABLISHED || state == LA_FIN_WAIT_1 ||
               state == LA_CLOSE_WAIT || state == LA_CLOSING || state == LA_LAST_ACK;
}

static const char *
check_send_side(const struct la_stack *s, const struct tcb *t)
{
        tcp_seq first = seq_max(t->snd.una, seq_add(t->snd.iss, 1)), last = seq_add(t->snd.end, t->closed ? 1 : 0);

        if (!sends((enum la_state)t->state))
                return NULL;
        if (seq_gt(t->snd.una, t->snd.nxt) || seq_gt(t->snd.rtx, t->snd.nxt) || seq_lt(t->snd.rtx, t->snd.una))
                return "SND.UNA, the next to send again and SND.NXT are out of order";
        if (seq_gt(t->snd.nxt, last))
                return "SND.NXT is beyond what was written";
        if (!chain_holds(s, &t->out, first, t->snd.end))
                return "a byte to send has no place";
        /* What is in flight, or cannot leave, is waited for by a timer. */
        if (seq_lt(t->snd.una, t->snd.nxt) && !t->rexmit_on && !t->in_output)
                return "something is in flight, and no timer runs";
        if (seq_lt(t->snd.nxt, last) && tcb_synchronized(t) && !t->rexmit_on && !t->pace_waits && !t->in_output)
                return "something waits to leave, and no timer runs";
        if (t->state == LA_FIN_WAIT_1 && tcb_fin_acked(t))
                return "the FIN is acknowledged, and it is still FIN_WAIT_1";
        return NULL;
}

static const char *
check_receive_side(const struct la_stack *s, const struct tcb *t)
{
        tcp_seq text_end = t->peer_closed ? seq_sub(t->rcv.nxt, 1) : t->rcv.nxt;
        const struct reassembly *r = t->reassembly ? pool_item(&s->host, &s->host.reassemblies, t->reassembly) : NULL;

        if (!tcb_synchronized(t))
                return NULL;
        if (seq_gt(t->rcv.read, text_end))
                return "more was read than had come";
        if (!readable_is_there(s, t, text_end))
                return "a byte to read has no place";
        for (uint32_t i = 0; r && i < r->count; i++) {
                if (seq_le(r->range[i].left, t->rcv.nxt) || seq_ge(r->range[i].left, r->range[i].right))
                        return "a range ahead of the gap is none";
                if (!chain_holds(s, &t->in, r->range[i].left, r->range[i].right))
                        return "a byte ahead of the gap has no place";
        }
        return NULL;
}

static bool
timer_runs(const struct tcb *t)
{
        return t->rexmit_on || t->ack_on || t->slow_on || t->pace_waits;
}

static const char *
check_whole(const struct la_stack *s, uint32_t index, struct found *f)
{
        const struct tcb *t = tcb_at(s, index);
        bool detached = !t->hashed && t->state == LA_TIME_WAIT;
        const char *fault;

        if (t->state >= LA_STATE_COUNT)
                return "a state is none";
        if (t->hashed && index_find(s, &t->tuple, stack_hash(s, &t->tuple)) != ref_make(REF_TCB, index))
                return "a connection is not found by its tuple";
        if (!t->hashed && !t->held && !t->queued)
                return "nobody finds a connection";
        if (!t->hashed && t->state != LA_CLOSED && t->state != LA_TIME_WAIT && t->state != LA_FIN_WAIT_2)
                return "no segment finds a connection that waits for some";
        if (timer_runs(t) && !t->armed && !t->in_output)
                return "a timer runs that nobody serves";
        if (t->pace_waits && !t->paced)
                return "who is not paced waits for it";
        if (t->pace_waits && (int32_t)(pacing_due_ms(&s->host, t) - s->host.now_ms) > 3600 * 1000)
                return "somebody is paced for hours";
        if (detached && !time_wait_of(s, index))
                return "a handle in TIME_WAIT has no record";
        if ((fault = check_chain(s, &t->in, f)) || (fault = check_chain(s, &t->out, f)) ||
            (fault = check_send_side(s, t)) || (fault = check_receive_side(s, t)))
                return fault;
        f->states[t->state] += !detached;
        f->detached += detached;
        f->hashed += t->hashed;
        f->orphans += t->dead;
        f->armed += t->armed;
        f->reassemblies += t->reassembly != 0;
        f->paced += t->paced;
        f->in_output += t->in_output;
        f->in_notice += t->in_notice;
        f->starving += t->starves;
        f->waiting += t->queued;
        return NULL;
}

static const char *
check_connections(const struct la_stack *s, struct found *f)
{
        const char *fault = NULL;

        for (uint32_t i = 1; i < s->tcbs.fresh && !fault; i++)
                if (tcb_at(s, i)->generation) {
                        f->tcbs++;
                        fault = check_whole(s, i, f);
                }
        return fault;
}

/* ---- Half-open connections and records ---- */

static const char *
check_half_opens(const struct la_stack *s, struct found *f)
{
        for (unsigned int level = 0; level < HALF_OPEN_LEVELS; level++) {
                const struct queue *q = &s->half_open_queue[level];
                uint32_t last = 0;

                for (uint32_t i = q->first; i; i = half_open_at(s, i)->next) {
                        const struct half_open *o = half_open_at(s, i);

                        if (++f->half_opens > s->half_opens.limit || o->previous != last || o->level != level)
                                return "a queue of half-open connections is broken";
                        if (last && (int32_t)(o->due_ms - half_open_at(s, last)->due_ms) < 0)
                                return "a queue of half-open connections is out of order";
                        if (index_find(s, &o->tuple, stack_hash(s, &o->tuple)) != ref_make(REF_HALF_OPEN, i))
                                return "a half-open connection is not found by its tuple";
                        if (o->shadow && !time_wait_at(s, o->shadow)->shadowed)
                                return "a half-open connection took the place of a record that does not know it";
                        last = i;
                }
                if (last != q->last)
                        return "a queue of half-open connections ends elsewhere";
        }
        f->states[LA_SYN_RECEIVED] += f->half_opens;
        f->hashed += f->half_opens;
        return NULL;
}

static const char *
check_record(const struct la_stack *s, uint32_t ref, struct found *f)
{
        const struct time_wait *w = time_wait_at(s, ref);
        struct tuple tuple = time_wait_tuple(s, ref);
        uint32_t at = index_find(s, &tuple, stack_hash(s, &tuple));

        f->held_records += w->held;
        if (w->shadowed)
                return ref_kind(at) == REF_HALF_OPEN && half_open_at(s, ref_index(at))->shadow == ref
                               ? NULL
                               : "a record lies in nobody's shadow";
        if (at != ref)
                return "a record is not found by its tuple";
        f->states[w->fin_wait_2 ? LA_FIN_WAIT_2 : LA_TIME_WAIT]++;
        f->hashed++;
        return NULL;
}

static const char *
check_records(const struct la_stack *s, struct found *f)
{
        for (unsigned int k = 0; k < QUEUE_COUNT; k++) {
                const struct queue *q = &s->time_wait_queue[k];
                uint32_t last = 0, *count = k % 2 ? &f->records6 : &f->records4; /* IPv4, IPv6, in turn */
                bool fin_wait_2 = k == QUEUE_FIN_WAIT4 || k == QUEUE_FIN_WAIT6;

                for (uint32_t ref = q->first; ref; ref = time_wait_at(s, ref)->next) {
                        const struct time_wait *w = time_wait_at(s, ref);
                        const char *fault;

                        if (++*count > s->time_waits4.limit + s->time_waits6.limit || w->previous != last ||
                            w->fin_wait_2 != fin_wait_2)
                                return "a queue of records is broken";
                        if (last && (int32_t)(w->since_ms - time_wait_at(s, last)->since_ms) < 0)
                                return "a queue of records is out of order";
                        if ((fault = check_record(s, ref, f)))
                                return fault;
                        last = ref;
                }
                if (last != q->last)
                        return "a queue of records ends elsewhere";
        }
        return NULL;
}

/* ---- Listeners ---- */

static const char *
check_listener(const struct la_stack *s, uint32_t index, struct found *f)
{
        const struct listener *l = listener_at(s, index);
        uint32_t waiting = 0, half_open = 0, last = 0;

        for (uint32_t i = l->accept_first; i; i = tcb_at(s, i)->notice.next) {
                if (++waiting > s->tcbs.limit || !tcb_at(s, i)->queued)
                        return "an accept queue is broken";
                last = i;
        }
        if (waiting != l->accept_count || last != l->accept_last || waiting > l->backlog + 1)
                return "an accept queue is longer or shorter than it says";
        for (unsigned int level = 0; level < HALF_OPEN_LEVELS; level++)
                for (uint32_t i = s->half_open_queue[level].first; i; i = half_open_at(s, i)->next)
                        half_open += half_open_at(s, i)->listener == index;
        if (half_open != l->half_open)
                return "a listener's half-open connections are not as many as it says";
        f->listeners++;
        f->waiting -= waiting;
        f->in_notice += l->in_notice;
        f->states[LA_LISTEN]++;
        return NULL;
}

static const char *
check_listeners(const struct la_stack *s, struct found *f)
{
        for (uint32_t bucket = 0; bucket < LISTENER_BUCKETS; bucket++)
                for (uint32_t i = s->bucket[bucket]; i; i = listener_at(s, i)->next) {
                        const char *fault;

                        if (f->listeners > s->listeners.limit || listener_at(s, i)->index != i ||
                            listener_at(s, i)->generation == 0)
                                return "a bucket of listeners is broken";
                        if ((fault = check_listener(s, i, f)))
                                return fault;
                }
        return f->waiting == 0 ? NULL : "a connection waits in no listener's queue";
}

/* ---- Lists ---- */

static const char *
check_output(const struct la_stack *s, const struct found *f)
{
        uint32_t n = 0, last = 0;

        for (uint32_t i = s->output.next; i; i = tcb_at(s, i)->output.next) {
                if (++n > f->in_output || tcb_at(s, i)->output.previous != last || !tcb_at(s, i)->in_output)
                        return "the list for output is broken";
                last = i;
        }
        return n == f->in_output && last == s->output.previous ? NULL
                                                               : "the list for output is shorter than it should be";
}

static const char *
check_links(const struct la_stack *s, const struct link *list, uint32_t expected)
{
        uint32_t n = 0, last = 0;

        for (uint32_t ref = list->next; ref;) {
                const struct link *link = ref_kind(ref) == REF_TCB ? &tcb_at(s, ref_index(ref))->notice
                                                                   : &listener_at(s, ref_index(ref))->notice;

                if (++n > expected || link->previous != last)
                        return "a list of who is to be told is broken";
                last = ref;
                ref = link->next;
        }
        return n == expected && last == list->previous ? NULL
                                                       : "a list of who is to be told is shorter than it should be";
}

/* Who waits for memory waits only while there is none. */
static const char *
check_notices(const struct la_stack *s, const struct found *f)
{
        const char *fault = check_links(s, &s->notices, f->in_notice);

        if (!fault)
                fault = check_links(s, &s->starving, f->starving);
        if (!fault && f->starving && s->host.chunks.used + s->host.chunks.promised < s->host.chunks.limit)
                fault = "somebody waits for memory that is there";
        return fault;
}

static const char *
check_index(const struct la_stack *s, const struct found *f)
{
        const struct index_slot *slots = (const struct index_slot *)((uintptr_t)s + s->index.offset);
        uint32_t n = 0;

        for (uint32_t i = 0; i < s->index.slots; i++)
                n += slots[i].ref != 0;
        return n == s->index.used && n == f->hashed ? NULL : "the table of connections holds what does not exist";
}

/* ---- All together ---- */

static const char *
check_numbers(const struct la_stack *s, const struct found *f)
{
        if (f->tcbs != s->tcbs.used || f->half_opens != s->half_opens.used || f->listeners != s->listeners.used ||
            f->records4 != s->time_waits4.used || f->records6 != s->time_waits6.used)
                return "la_usage() counts what is not there";
        if (f->reassemblies != s->host.reassemblies.used)
                return "ranges ahead of a gap belong to no connection";
        if (f->paced != s->host.pacers.used)
                return "a pacer belongs to no connection";
        if (f->held_records != f->detached)
                return "a record is held by a handle that knows nothing of it";
        if (f->orphans != s->orphans)
                return "the orphans are not as many as counted";
        if (f->armed != s->wheel.armed)
                return "the timers are not as many as counted";
        for (int i = 0; i < LA_STATE_COUNT; i++)
                if (f->states[i] != la_state_count(s, (enum la_state)i))
                        return la_state_name((enum la_state)i);
        return NULL;
}

const char *
stack_fault(const struct la_stack *s)
{
        const struct pool *pools[] = { &s->tcbs,      &s->half_opens,        &s->time_waits4, &s->time_waits6,
                                       &s->listeners, &s->host.reassemblies, &s->host.pacers };
        struct found f = { 0 };
        const char *fault = NULL;

        for (size_t i = 0; i < sizeof pools / sizeof pools[0] && !fault; i++)
                fault = check_pool(s, pools[i]);
        if (!fault)
                fault = check_connections(s, &f);
        if (!fault)
                fault = check_half_opens(s, &f);
        if (!fault)
                fault = check_records(s, &f);
        if (!fault)
                fault = check_listeners(s, &f);
        if (!fault)
                fault = check_output(s, &f);
        if (!fault)
                fault = check_notices(s, &f);
        if (!fault)
                fault = check_index(s, &f);
        if (!fault)
                fault = check_chunks(s, &f);
        if (!fault)
                fault = check_loans(s);
        return fault ? fault : check_numbers(s, &f);
}

const char *
stack_leak(const struct la_stack *s)
{
        struct la_usage u = la_usage(s);

        if (u.connections)
                return "a connection is left";
        if (u.half_open)
                return "a half-open connection is left";
        if (u.time_wait4 || u.time_wait6)
                return "a record is left";
        if (u.listeners)
                return "a listener is left";
        if (u.chunks || u.reassemblies)
                return "memory for bytes is left";
        if (u.paced)
                return "a pacer is left";
        if (u.orphans)
                return "an orphan is left";
        for (int i = 0; i < LA_STATE_COUNT; i++)
                if (la_state_count(s, (enum la_state)i))
                        return la_state_name((enum la_state)i);
        return stack_fault(s);
}
