/* SPDX-License-Identifier: BSD-2-Clause */
/* STATUS: RFC 9293 3.10.6. */
#include "tcp/calls.h"

#include <string.h>

#include "tcp/congestion.h"
#include "tcp/rto.h"
#include "tcp/timeouts.h"

static enum la_timer
timer_of(const struct tcb *t)
{
        if (t->rexmit_on)
                return seq_lt(t->snd.una, t->snd.nxt) || t->ecn_held ? LA_TIMER_RETRANSMIT : LA_TIMER_PERSIST;
        return t->slow_on ? LA_TIMER_KEEPALIVE : LA_TIMER_NONE;
}

static void
fill_timer(const struct tcp_host *h, const struct tcb *t, struct la_snapshot *s)
{
        uint32_t at = t->rexmit_on ? t->rexmit_ms : t->slow_ms;

        s->known |= LA_KNOWN_TIMER;
        s->timer = timer_of(t);
        if (s->timer != LA_TIMER_NONE)
                s->timer_ms = ms_reached(h->now_ms, at) ? 0 : at - h->now_ms;
        s->retransmits = t->rexmit_on ? t->retransmits : t->keepalive_sent;
}

/* The number of bytes between two sequence numbers that went round `turns` times. */
static uint64_t
bytes_between(tcp_seq from, tcp_seq to, uint16_t turns)
{
        uint64_t whole = ((uint64_t)turns << 32) + to.v;

        return whole - from.v;
}

static uint32_t
segments(uint32_t bytes, uint32_t mss)
{
        return mss ? (bytes + mss - 1) / mss : 0;
}

static void
fill_details(const struct tcp_host *h, const struct tcb *t, struct la_snapshot *s)
{
        struct la_tcp_details *d = &s->tcp;
        const char *name = congestion_at(t->congestion)->name;
        uint32_t flight = seq_distance(t->snd.una, t->snd.nxt);

        s->known |= LA_KNOWN_TCP | LA_KNOWN_CONGESTION;
        d->timestamps = t->timestamps;
        d->sack = t->sack;
        d->window_scaling = t->window_scaling;
        d->fastopen = t->fast_open && t->state != LA_SYN_SENT;
        d->ecn = t->ecn;
        d->ecn_seen = t->ecn_seen;
        d->send_wscale = t->send_shift;
        d->receive_wscale = t->receive_shift;
        d->backoff = t->backoff;
        d->rto_us = rto_current_us(h, t);
        d->rtt_us = t->rtt.smoothed_us >> 3;
        d->rttvar_us = t->rtt.variation_us >> 2;
        d->send_mss_bytes = t->send_mss;
        d->receive_mss_bytes = d->advertised_mss_bytes = t->receive_mss;
        d->path_mtu_bytes = t->path_mtu;
        d->cwnd = t->send_mss ? t->cc.cwnd / t->send_mss : 0;
        d->ssthresh = t->cc.ssthresh == SSTHRESH_NONE || !t->send_mss ? SSTHRESH_NONE : t->cc.ssthresh / t->send_mss;
        d->unacked = segments(flight, t->send_mss);
        d->retransmitted_total = t->retransmitted_total;
        d->last_ack_received_ms = h->now_ms - t->heard_ms;
        d->receive_space_bytes = t->set.receive_buffer;
        d->send_window_bytes = t->snd.wnd;
        d->not_sent_bytes = seq_lt(t->snd.nxt, t->snd.end) ? seq_distance(t->snd.nxt, t->snd.end) : 0;
        if (t->send_mss) {
                d->bytes_sent = bytes_between(t->snd.iss, t->snd.nxt, t->sent_turns);
                d->bytes_acked = d->bytes_sent - flight;
                d->bytes_received = bytes_between(t->rcv.irs, t->rcv.nxt, t->received_turns);
        }
        for (size_t i = 0; name[i] && i < LA_NAME_SIZE - 1; i++)
                d->congestion[i] = name[i];
}

static void
fill_queues(const struct tcb *t, struct la_snapshot *s)
{
        s->known |= LA_KNOWN_QUEUES;
        s->receive_queue = tcb_readable(t);
        s->send_queue = t->set.send_buffer - tcb_send_room(t);
}

void
tcb_status(const struct tcp_host *h, const struct tcb *t, struct la_status *ret_status)
{
        struct la_snapshot *s = &ret_status->seen;

        memset(ret_status, 0, sizeof *ret_status);
        s->known = LA_KNOWN_AGE;
        s->state = (enum la_state)t->state;
        s->family = (enum la_family)t->tuple.family;
        s->local = tuple_local(&t->tuple);
        s->remote = tuple_remote(&t->tuple);
        s->age_min_ms = s->age_max_ms = h->now_ms - t->since_ms;
        fill_timer(h, t, s);
        fill_queues(t, s);
        fill_details(h, t, s);
        ret_status->came_by_known = t->came_by != NO_ROW;
        if (ret_status->came_by_known)
                ret_status->came_by = (enum la_transition)t->came_by;
        ret_status->error = (enum la_error)t->error;
        ret_status->soft_error = (enum la_error)t->soft_error;
        ret_status->peer_closed = t->peer_closed;
        ret_status->closed = t->closed;
        ret_status->orphan = !t->held && !t->queued;
        ret_status->urgent = t->urgent;
        ret_status->urgent_bytes = t->urgent ? seq_distance(t->rcv.read, t->rcv.up) : 0;
        ret_status->readable_bytes = tcb_readable(t);
        ret_status->writable_bytes = t->closed || t->state == LA_CLOSED ? 0 : tcb_send_room(t);
        ret_status->user_timeout_ms = t->set.user_timeout_ms;
        ret_status->snd_una = t->snd.una.v;
        ret_status->snd_nxt = t->snd.nxt.v;
        ret_status->rcv_nxt = t->rcv.nxt.v;
        ret_status->iss = t->snd.iss.v;
        ret_status->irs = t->rcv.irs.v;
        ret_status->user = t->user;
}
