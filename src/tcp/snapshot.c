/* SPDX-License-Identifier: BSD-2-Clause */
/* What one connection looks like from outside: lastack/snapshot.h, with Linux's way of counting. */
#include "tcp/snapshot.h"

#include "tcp/congestion.h"
#include "tcp/keepalive.h"
#include "tcp/pacing.h"
#include "tcp/rto.h"

/* The duplicate acknowledgments that are taken for a loss (RFC 5681 3.2), which nothing changes. */
#define REORDERING 3

/* ---- Timers ---- */

static enum la_timer
timer_of(const struct tcb *t)
{
        if (t->rexmit_on)
                return seq_lt(t->snd.una, t->snd.nxt) || t->ecn_held ? LA_TIMER_RETRANSMIT : LA_TIMER_PERSIST;
        return t->slow_on ? LA_TIMER_KEEPALIVE : LA_TIMER_NONE;
}

static uint32_t
timer_at(const struct tcp_host *h, const struct tcb *t)
{
        if (t->rexmit_on)
                return t->rexmit_ms;
        return t->dead ? t->slow_ms : keepalive_due(h, t);
}

static void
fill_timer(const struct tcp_host *h, uint32_t now_ms, const struct tcb *t, struct la_snapshot *s)
{
        s->known |= LA_KNOWN_TIMER;
        s->timer = timer_of(t);
        if (s->timer != LA_TIMER_NONE) {
                uint32_t at = timer_at(h, t);

                s->timer_ms = ms_reached(now_ms, at) ? 0 : at - now_ms;
        }
        s->retransmits = t->rexmit_on ? t->retransmits : t->keepalive_sent;
}

/* ---- Sequence numbers, queues and buffers ---- */

static void
fill_sequence(const struct tcb *t, struct la_snapshot *s)
{
        s->known |= LA_KNOWN_SEQUENCE;
        s->snd_una = t->snd.una.v;
        s->snd_nxt = t->snd.nxt.v;
        s->rcv_nxt = t->rcv.nxt.v;
}

static void
fill_queues(const struct tcb *t, struct la_snapshot *s)
{
        tcp_seq end = t->closed ? seq_add(t->snd.end, 1) : t->snd.end;

        s->known |= LA_KNOWN_QUEUES;
        s->receive_queue = seq_distance(t->rcv.read, t->rcv.nxt);
        if (t->end_told && s->receive_queue > 0)
                s->receive_queue--; /* the FIN */
        if (t->state != LA_CLOSED && t->state != LA_TIME_WAIT && seq_lt(t->snd.una, end))
                s->send_queue = seq_distance(t->snd.una, end);
}

static void
fill_memory(const struct tcp_host *h, const struct tcb *t, struct la_snapshot *s)
{
        s->known |= LA_KNOWN_MEMORY;
        s->memory.receive_allocated = chain_chunks(&h->chunks, &t->in) << h->chunks.shift;
        s->memory.receive_buffer = t->set.receive_buffer;
        s->memory.send_queued = chain_chunks(&h->chunks, &t->out) << h->chunks.shift;
        s->memory.send_buffer = t->set.send_buffer;
}

/* ---- struct tcp_info ---- */

static uint32_t
segments(const struct tcb *t, tcp_seq from, tcp_seq to)
{
        uint32_t bytes = seq_lt(from, to) ? seq_distance(from, to) : 0, mss = t->send_mss ? t->send_mss : 1;

        return (bytes + mss - 1) / mss;
}

static void
fill_options(const struct tcb *t, struct la_tcp_details *d)
{
        d->timestamps = t->timestamps;
        d->sack = t->sack;
        d->window_scaling = t->window_scaling;
        d->ecn = t->ecn;
        d->ecn_seen = t->ecn_seen;
        d->fastopen = t->fast_open && t->state != LA_SYN_SENT;
        d->send_wscale = t->send_shift;
        d->receive_wscale = t->receive_shift;
        d->send_mss_bytes = t->send_mss;
        d->receive_mss_bytes = d->advertised_mss_bytes = t->receive_mss;
        d->path_mtu_bytes = t->path_mtu;
}

static void
fill_times(const struct tcp_host *h, uint32_t now_ms, const struct tcb *t, struct la_tcp_details *d)
{
        d->backoff = t->backoff;
        d->rto_us = rto_current_us(h, t);
        d->ato_us = h->rules.delayed_ack_ms * 1000;
        d->rtt_us = t->rtt.smoothed_us >> 3;
        d->rttvar_us = t->rtt.variation_us >> 2;
        d->last_ack_received_ms = now_ms - t->heard_ms;
}

/* What is believed lost: the whole flight at a timeout, what an ICMP error said to be too big, or one segment. */
static uint32_t
believed_lost(const struct tcb *t)
{
        if (t->lossy)
                return segments(t, t->snd.una, t->cc.recover);
        if (seq_lt(t->snd.rtx, t->snd.nxt))
                return segments(t, t->snd.una, t->snd.nxt);
        return t->recovering ? 1 : 0;
}

static uint32_t
under_way_again(const struct tcb *t)
{
        if (t->lossy)
                return segments(t, t->snd.una, seq_min(t->snd.rtx, t->cc.recover));
        return t->recovering && !t->want_first ? 1 : 0;
}

static void
fill_flight(const struct tcb *t, struct la_tcp_details *d)
{
        uint32_t mss = t->send_mss;

        d->cwnd = mss ? t->cc.cwnd / mss : 0;
        d->ssthresh = t->cc.ssthresh == SSTHRESH_NONE || !mss ? SSTHRESH_NONE : t->cc.ssthresh / mss;
        d->unacked = segments(t, t->snd.una, t->snd.nxt);
        d->sacked = t->duplicate_acks; /* as Linux guesses without SACK: each stands for a segment that arrived */
        d->lost = believed_lost(t);
        d->retransmitting = under_way_again(t);
        d->reordering = REORDERING;
        d->retransmitted_total = t->retransmitted_total;
        d->not_sent_bytes = seq_lt(t->snd.nxt, t->snd.end) ? seq_distance(t->snd.nxt, t->snd.end) : 0;
}

/* The bytes of text between two sequence numbers that went round `turns` times; neither SYN nor FIN is text. */
static uint64_t
text_between(tcp_seq syn, tcp_seq next, uint16_t turns, bool fin)
{
        uint64_t whole = ((uint64_t)turns << 32) + next.v - syn.v;

        return whole > (fin ? 1u : 0u) ? whole - 1 - (fin ? 1 : 0) : 0;
}

static void
fill_amounts(const struct tcb *t, struct la_tcp_details *d)
{
        uint64_t sent = text_between(t->snd.iss, t->snd.nxt, t->sent_turns, tcb_fin_sent(t));
        uint32_t flight = seq_distance(t->snd.una, t->snd.nxt);

        if (flight > 0 && tcb_fin_sent(t))
                flight--;
        d->bytes_sent = sent;
        d->bytes_acked = sent > flight ? sent - flight : 0;
        d->bytes_received = text_between(t->rcv.irs, t->rcv.nxt, t->received_turns, t->peer_closed);
        d->receive_space_bytes = d->receive_ssthresh_bytes = t->set.receive_buffer;
        d->send_window_bytes = t->snd.wnd;
}

static void
fill_pacing(const struct tcp_host *h, uint32_t now_ms, const struct tcb *t, struct la_snapshot *s)
{
        uint64_t rate;

        if (!t->paced)
                return;
        rate = pacing_rate(h, t);
        s->known |= LA_KNOWN_PACING;
        s->tcp.pacing_rate = rate ? rate : UINT64_MAX;
        if (t->pace_waits) {
                uint32_t due_ms = pacing_due_ms(h, t);

                s->tcp.pacing_wait_ms = ms_reached(now_ms, due_ms) ? 1 : due_ms - now_ms;
        }
}

static void
fill_details(const struct tcp_host *h, uint32_t now_ms, const struct tcb *t, struct la_snapshot *s)
{
        const char *name = congestion_at(t->congestion)->name;

        s->known |= LA_KNOWN_TCP | LA_KNOWN_CONGESTION | LA_KNOWN_SEND_WINDOW;
        fill_options(t, &s->tcp);
        fill_times(h, now_ms, t, &s->tcp);
        fill_flight(t, &s->tcp);
        fill_amounts(t, &s->tcp);
        fill_pacing(h, now_ms, t, s);
        for (size_t i = 0; name[i] && i < LA_NAME_SIZE - 1; i++)
                s->tcp.congestion[i] = name[i];
}

void
tcb_snapshot(const struct tcp_host *h, uint32_t now_ms, const struct tcb *t, struct la_snapshot *s)
{
        s->state = (enum la_state)t->state;
        s->known |= LA_KNOWN_AGE;
        s->age_min_ms = s->age_max_ms = now_ms - t->since_ms;
        if (t->came_by != NO_ROW) {
                s->known |= LA_KNOWN_CAME_BY;
                s->came_by = (enum la_transition)t->came_by;
        }
        fill_timer(h, now_ms, t, s);
        fill_sequence(t, s);
        fill_queues(t, s);
        fill_memory(h, t, s);
        fill_details(h, now_ms, t, s);
}
