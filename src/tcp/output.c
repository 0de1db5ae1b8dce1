/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What leaves a connection, and when: RFC 9293 3.7, 3.8.6.2.1 (silly windows, Nagle), 3.8.6.1 (probes), 3.10.
 *
 * In order of precedence: a reset; the SYN; the segment at snd.una, once more, when recovery asks for it; what lies
 * between snd.rtx and snd.nxt after a timeout; new text and the FIN behind it; a probe; a bare acknowledgment.  Whatever
 * leaves acknowledges, so that the last is sent only when nothing else was.
 */
#include "tcp/output.h"

#include <string.h>

#include "tcp/congestion.h"
#include "tcp/ecn.h"
#include "tcp/fastopen.h"
#include "tcp/mss.h"
#include "tcp/pacing.h"
#include "tcp/reassembly.h"
#include "tcp/recovery.h"
#include "tcp/rto.h"
#include "tcp/timeouts.h"
#include "tcp/timestamps.h"
#include "tcp/window.h"

/* ---- Headers ---- */

static void
address_segment(const struct tcb *t, struct segment *s)
{
        /* What stands behind is looked at where something before says that it is there. */
        memset(s, 0, offsetof(struct segment, options.sack));
        s->family = (enum la_family)t->tuple.family;
        s->source = tuple_local(&t->tuple);
        s->destination = tuple_remote(&t->tuple);
        s->ip.traffic_class = t->set.tos;
        s->ip.hop_limit = t->set.ttl;
        s->ip.dont_fragment = s->family == LA_IPV4;
}

static void
put_timestamps(const struct tcp_host *h, const struct tcb *t, struct segment *s)
{
        s->options.has_timestamps = true;
        s->options.ts_value = timestamps_now(h, t);
        s->options.ts_echo = t->ts.recent;
}

/* A segment of a synchronized connection, or of one whose peer's SYN has come: it acknowledges. */
static void
begin_segment(struct tcp_host *h, struct tcb *t, tcp_seq seq, uint32_t text_bytes, struct segment *s)
{
        address_segment(t, s);
        s->seq = seq;
        s->ack = true;
        s->ack_seq = t->rcv.nxt;
        s->window = window_offer(h, t, false);
        if (t->timestamps)
                put_timestamps(h, t, s);
        if (reassembly_holds(t))
                reassembly_report(h, t, &s->options, t->timestamps ? 3 : 4);
        ecn_send(t, s, text_bytes > 0 && seq_ge(seq, t->snd.nxt));
        t->rcv.acked = t->rcv.nxt;
        timers_on_ack_sent(h, t);
}

void
output_ack(struct tcp_host *h, struct tcb *t, struct segment *ret_segment)
{
        begin_segment(h, t, t->snd.nxt, 0, ret_segment);
}

void
output_reset(struct tcp_host *h, struct tcb *t, struct segment *ret_segment)
{
        address_segment(t, ret_segment);
        ret_segment->seq = t->snd.nxt;
        ret_segment->rst = true;
        ret_segment->ack = true;
        ret_segment->ack_seq = t->rcv.nxt;
        count(h, LA_C_OutRsts);
}

void
output_reset_for(struct tcp_host *h, const struct segment *arrived, struct segment *ret_segment)
{
        *ret_segment = (struct segment){
                .family = arrived->family,
                .source = arrived->destination,
                .destination = arrived->source,
                .ip = { .hop_limit = 64, .dont_fragment = arrived->family == LA_IPV4 },
                .rst = true,
        };
        if (arrived->ack) {
                ret_segment->seq = arrived->ack_seq;
        } else {
                ret_segment->ack = true;
                ret_segment->ack_seq = segment_end(arrived);
        }
        count(h, LA_C_OutRsts);
}

/* ---- SYN ---- */

/* A SYN offers what the rules allow, a SYN,ACK what the peer's SYN offered too. */
static void
put_syn_options(const struct tcp_host *h, const struct tcb *t, struct segment *s)
{
        struct tcp_options *o = &s->options;

        o->has_mss = true; /* MAY-3, MUST-14 */
        o->mss_bytes = mss_to_announce(h, &t->tuple, t->set.mss);
        o->sack_permitted = t->sack;
        o->has_window_scale = t->window_scaling;
        o->window_shift = t->receive_shift;
        if (t->timestamps)
                put_timestamps(h, t, s);
}

static void
output_syn(struct tcp_host *h, struct tcb *t, struct outgoing *o)
{
        address_segment(t, &o->segment);
        o->segment.seq = t->snd.iss;
        o->segment.syn = true;
        if (t->state != LA_SYN_SENT) {
                o->segment.ack = true;
                o->segment.ack_seq = t->rcv.nxt;
                t->rcv.acked = t->rcv.nxt;
        }
        put_syn_options(h, t, &o->segment);
        ecn_send_syn(h, t, &o->segment);
        o->segment.window = window_offer(h, t, true);
        o->again = t->first_rto_done;
        if (LA_UNLIKELY(o->again)) {
                count(h, LA_C_RetransSegs);
                count(h, LA_C_TCPSynRetrans);
                t->retransmitted_total++;
        }
        t->snd.rtx = seq_max(t->snd.rtx, seq_add(t->snd.iss, 1));
        fastopen_on_syn(h, t, o);
        timers_on_ack_sent(h, t);
        timers_on_sent(h, t);
        if (!o->again)
                rto_on_sent(h, t, t->snd.iss);
}

/* ---- Text and FIN ---- */

struct plan {
        tcp_seq seq;
        uint32_t length; /* of text */
        bool fin;
        bool again;
};

static bool
may_send_text(const struct tcb *t)
{
        switch ((enum la_state)t->state) {
        case LA_ESTABLISHED:
        case LA_CLOSE_WAIT:
        case LA_FIN_WAIT_1:
        case LA_CLOSING:
        case LA_LAST_ACK:
                return true;
        case LA_SYN_RECEIVED:
                return t->let_in;
        case LA_CLOSED:
        case LA_LISTEN:
        case LA_SYN_SENT:
        case LA_FIN_WAIT_2:
        case LA_TIME_WAIT:
        case LA_STATE_COUNT:
                return false;
        }
        return false;
}

/* All that was written has been sent, the FIN included, and nothing of it is to be sent again. */
static bool
queue_is_sent(const struct tcb *t)
{
        return seq_eq(t->snd.nxt, t->closed ? seq_add(t->snd.end, 1) : t->snd.end) && seq_eq(t->snd.rtx, t->snd.nxt) &&
               !t->want_first;
}

static uint32_t
text_after(const struct tcb *t, tcp_seq seq)
{
        return seq_lt(seq, t->snd.end) ? seq_distance(seq, t->snd.end) : 0;
}

static uint32_t
smaller(uint32_t a, uint32_t b)
{
        return a < b ? a : b;
}

/* What of the segment's room SACK blocks leave for text. */
static uint32_t
segment_room(const struct tcb *t)
{
        uint32_t taken = reassembly_holds(t) && t->sack ? (t->timestamps ? 28 : 36) : 0;

        return t->send_mss > taken + 1 ? t->send_mss - taken : 1;
}

/* The SYN takes nothing of the window, nor has Nagle's rule anything against text behind it. */
static uint32_t
text_in_flight(const struct tcb *t)
{
        return seq_distance(seq_add(t->snd.una, t->syn_unacked ? 1 : 0), t->snd.nxt);
}

/* The one segment at snd.una, or what the timeout took back, as far as it had been sent. */
static bool
plan_again(struct tcb *t, struct plan *p)
{
        bool first = LA_UNLIKELY(t->want_first) && seq_lt(t->snd.una, t->snd.nxt);
        uint32_t window = smaller(t->snd.wnd, t->cc.cwnd), ahead;

        if (LA_LIKELY(!first && seq_ge(t->snd.rtx, t->snd.nxt)))
                return false;
        /* A peer that may not have our SYN cannot take text: only the SYN goes again. */
        if (t->let_in)
                return false;
        p->seq = first ? t->snd.una : t->snd.rtx;
        p->again = true;
        p->length = smaller(smaller(text_after(t, p->seq), segment_room(t)), seq_distance(p->seq, t->snd.nxt));
        p->fin = tcb_fin_sent(t) && seq_eq(seq_add(p->seq, p->length), t->snd.end);
        /* The segment at snd.una goes whatever the window says: the peer has promised to take it (SHLD-16). */
        if (seq_eq(p->seq, t->snd.una))
                return p->length > 0 || p->fin;
        ahead = seq_distance(t->snd.una, p->seq);
        if (ahead >= window)
                return false;
        p->length = smaller(p->length, window - ahead);
        p->fin = p->fin && seq_eq(seq_add(p->seq, p->length), t->snd.end);
        return p->length > 0 || p->fin;
}

/* Rules 1 to 3 of RFC 9293 3.8.6.2.1, with Nagle's (SHLD-7) where the user has not turned it off (MUST-17). */
static bool
worth_sending(const struct tcb *t, uint32_t length, uint32_t queued, uint32_t room, bool nothing_in_flight)
{
        if (length >= room)
                return true;
        if (LA_UNLIKELY(t->want_probe) && t->snd.wnd > 0)
                return true; /* the override timeout */
        if (length == queued && t->closed)
                return true; /* the FIN pushes */
        if (LA_UNLIKELY(t->write_blocked) && length == queued && nothing_in_flight)
                return true; /* no more can be written before this is acknowledged; Linux pushes then, too */
        if (LA_UNLIKELY(t->set.cork) || (t->more && length == queued))
                return false;
        if (!t->set.nodelay && !nothing_in_flight)
                return false;
        return length == queued || length >= t->snd.max_wnd / 2;
}

static uint32_t
usable_window(const struct tcb *t)
{
        uint32_t window = smaller(t->snd.wnd, recovery_window(t)), ahead = text_in_flight(t);

        if (LA_UNLIKELY(t->ecn_held))
                return 0;
        return window > ahead ? window - ahead : 0;
}

/* The text of a run, whose segments are all alike: what a link takes that cuts it itself, or what fills `most` packets.
 * URG and CWR are for one segment. */
static uint32_t
run_limit(const struct tcp_host *h, const struct tcb *t, uint32_t room, uint32_t most)
{
        uint32_t bytes = smaller(smaller(h->rules.gso_bytes, 65535 - SEGMENT_HEADER_MAX), parts_hold(h));

        if (LA_UNLIKELY(t->send_urgent || t->ecn_cwr))
                return room;
        if (h->rules.gso_bytes == 0)
                return room * most;
        return bytes < room ? room : bytes - bytes % room;
}

static bool
plan_new(const struct tcp_host *h, const struct tcb *t, uint32_t most, struct plan *p)
{
        uint32_t room = segment_room(t), queued = text_after(t, t->snd.nxt), usable = usable_window(t), length;
        bool fin_due = t->closed && seq_le(t->snd.nxt, t->snd.end);

        if (queued == 0 && !fin_due)
                return false;
        length = smaller(queued, usable);
        if (LA_UNLIKELY(length > room)) {
                length = smaller(length, run_limit(h, t, room, most));
                if (length < queued)
                        length -= length % room;
        }
        p->seq = t->snd.nxt;
        p->again = false;
        p->fin = fin_due && length == queued && usable > length;
        p->length = length;
        if (length == 0)
                return p->fin;
        /* A last, not full segment of a run is judged by itself: what goes before it is in flight. */
        if (LA_UNLIKELY(length > room) && length % room != 0 && !p->fin &&
            !worth_sending(t, length % room, length % room, room, false)) {
                p->length -= length % room;
                return true;
        }
        return worth_sending(t, length, queued, room, text_in_flight(t) == 0) || p->fin;
}

static void
record_sent(struct tcp_host *h, struct tcb *t, const struct plan *p, uint32_t segments)
{
        tcp_seq after = seq_add(p->seq, p->length + (p->fin ? 1 : 0));

        if (LA_LIKELY(!p->again)) {
                count_many(h, LA_C_TCPOrigDataSent, segments);
                rto_on_sent(h, t, p->seq);
                if (LA_UNLIKELY(after.v < t->snd.nxt.v))
                        t->sent_turns++;
                t->snd.nxt = after;
                t->snd.rtx = after;
                t->want_probe = false;
        } else {
                count(h, LA_C_RetransSegs);
                t->retransmitted_total++;
                if (t->want_first && seq_eq(p->seq, t->snd.una))
                        t->want_first = false;
                t->snd.rtx = seq_max(t->snd.rtx, after);
        }
        timers_on_sent(h, t);
}

static void
output_text(struct tcp_host *h, struct tcb *t, const struct plan *p, struct outgoing *o)
{
        uint32_t room = segment_room(t);

        begin_segment(h, t, p->seq, p->length, &o->segment);
        o->segment.fin = p->fin;
        o->from = p->seq;
        o->text_bytes = p->length;
        o->again = p->again;
        o->segment_bytes = LA_UNLIKELY(p->length > room) ? (uint16_t)room : 0;
        /* MUST-60, MUST-61: what empties the queue is pushed. */
        o->segment.psh = p->length > 0 && seq_eq(seq_add(p->seq, p->length), t->snd.end) && !t->more;
        if (LA_UNLIKELY(t->send_urgent) && seq_lt(p->seq, t->snd.up) && seq_distance(p->seq, t->snd.up) <= 65535) {
                o->segment.urg = true;
                o->segment.urgent = (uint16_t)seq_distance(p->seq, t->snd.up); /* MUST-62 */
        }
        if (LA_UNLIKELY(t->paced))
                pacing_on_sent(h, t, p->length);
        record_sent(h, t, p, outgoing_segments(o));
}

static void
restart_after_idle(struct tcp_host *h, struct tcb *t)
{
        if (LA_UNLIKELY((uint64_t)(h->now_ms - t->heard_ms) * 1000 > t->rtt.rto_us) && seq_eq(t->snd.una, t->snd.nxt))
                congestion_on_idle(h, t);
}

/* True if the plan has to wait for its pace; else it is cut to what may leave now.  As in Linux (tcp_retransmit_timer())
 * the timeout's segment does not wait: the timer would expire again meanwhile. */
static LA_RARELY bool
paced_out(struct tcp_host *h, struct tcb *t, struct plan *p)
{
        uint32_t allowed;

        if (p->again && t->retransmits > 0 && seq_eq(p->seq, t->snd.una))
                return false;
        allowed = pacing_allows(h, t, segment_room(t));
        if (p->length > allowed) {
                p->length = allowed;
                p->fin = false;
        }
        return allowed == 0;
}

static inline bool
output_planned(struct tcp_host *h, struct tcb *t, struct plan *p, struct outgoing *o)
{
        if (LA_UNLIKELY(t->paced) && paced_out(h, t, p))
                return false;
        output_text(h, t, p, o);
        return true;
}

static bool
output_from_queue(struct tcp_host *h, struct tcb *t, uint32_t most, struct outgoing *o)
{
        struct plan p;

        if (LA_UNLIKELY(t->pace_waits))
                t->pace_waits = false; /* unless it is found again that it does */
        if (queue_is_sent(t) || !may_send_text(t))
                return false;
        if (plan_again(t, &p))
                return output_planned(h, t, &p, o);
        t->want_first = false;
        if (seq_lt(t->snd.rtx, t->snd.nxt))
                return false;
        restart_after_idle(h, t);
        if (plan_new(h, t, most, &p))
                return output_planned(h, t, &p, o);
        if (seq_eq(t->snd.una, t->snd.nxt) && (text_after(t, t->snd.nxt) > 0 || (t->closed && !tcb_fin_sent(t))))
                timers_on_stuck(h, t);
        return false;
}

/* RFC 9293 3.8.6.1 and RFC 1122 4.2.3.6 (SHLD-12): a sequence number that the peer has acknowledged makes it answer
 * with what it expects and offers now. */
static LA_RARELY void
output_probe(struct tcp_host *h, struct tcb *t, struct outgoing *o)
{
        if (t->rexmit_on)
                count(h, LA_C_TCPWinProbe);
        t->want_probe = false;
        begin_segment(h, t, seq_sub(t->snd.una, 1), 0, &o->segment);
}

static bool
output_synchronized(struct tcp_host *h, struct tcb *t, uint32_t most, struct outgoing *o)
{
        /* Closed before our SYN was acknowledged (3.10.4): it may have to be sent again. */
        if (LA_UNLIKELY(t->syn_unacked) && seq_eq(t->snd.rtx, t->snd.iss)) {
                output_syn(h, t, o);
                return true;
        }
        if (output_from_queue(h, t, most, o))
                return true;
        /* What the override timeout lets go may wait for its pace; it is no probe. */
        if (LA_UNLIKELY(t->want_probe) && !t->pace_waits) {
                if (seq_eq(t->snd.una, t->snd.nxt)) {
                        output_probe(h, t, o);
                        return true;
                }
                t->want_probe = false;
        }
        if (!t->want_ack)
                return false;
        output_ack(h, t, &o->segment);
        return true;
}

bool
output_next(struct tcp_host *h, struct tcb *t, uint32_t most, struct outgoing *ret_out)
{
        ret_out->text_bytes = 0;
        ret_out->segment_bytes = 0;
        ret_out->again = false;
        switch ((enum la_state)t->state) {
        case LA_CLOSED:
                if (!t->want_reset)
                        return false;
                t->want_reset = false;
                output_reset(h, t, &ret_out->segment);
                return true;
        case LA_SYN_SENT:
        case LA_SYN_RECEIVED:
                if (t->let_in)
                        return output_synchronized(h, t, most, ret_out);
                if (seq_eq(t->snd.rtx, t->snd.iss)) {
                        output_syn(h, t, ret_out);
                        return true;
                }
                if (!t->want_ack || t->state == LA_SYN_SENT)
                        return false;
                output_ack(h, t, &ret_out->segment);
                return true;
        case LA_ESTABLISHED:
        case LA_FIN_WAIT_1:
        case LA_FIN_WAIT_2:
        case LA_CLOSE_WAIT:
        case LA_CLOSING:
        case LA_LAST_ACK:
        case LA_TIME_WAIT:
                return output_synchronized(h, t, most, ret_out);
        case LA_LISTEN:
        case LA_STATE_COUNT:
                break;
        }
        return false;
}

bool
output_is_done(const struct tcb *t)
{
        return tcb_synchronized(t) && queue_is_sent(t) && !t->want_ack && !t->want_probe;
}
