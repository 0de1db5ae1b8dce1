/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/timeouts.h"

#include "tcp/fastopen.h"
#include "tcp/keepalive.h"
#include "tcp/pacing.h"
#include "tcp/recovery.h"
#include "tcp/rto.h"
#include "tcp/timestamps.h"

/* RFC 9293 3.8.6.2.1: the override timeout of the silly window rule, and how long a cork holds. */
#define OVERRIDE_US 200000u

/* Linux's TCP_RTO_MIN, by which tcp_retries2 and tcp_orphan_retries are counted, whatever lastack.rto_min_ms is. */
#define SHORTEST_RTO_MS 200u

static void
start_retransmission(struct tcp_host *h, struct tcb *t)
{
        t->rexmit_on = true;
        t->cork_on = false;
        t->rexmit_ms = ms_after(h, rto_current_us(h, t));
}

void
timers_on_opened(struct tcp_host *h, struct tcb *t)
{
        t->heard_ms = h->now_ms;
        rto_on_opened(t);
        timers_on_keepalive_set(h, t);
}

/* RFC 6298 5.1.  The override timeout is another one, though it has the same place: what it waited for has happened. */
void
timers_on_sent(struct tcp_host *h, struct tcb *t)
{
        if (t->rexmit_on && !t->cork_on)
                return;
        if (t->retransmits == 0)
                t->stalled_ms = h->now_ms;
        start_retransmission(h, t);
}

/* RFC 6298 5.2 and 5.3.  RFC 3168 6.1.2 has it run with nothing in flight, too: who may send no more than one segment, and
 * is told that this is too much, sends the next "only when the retransmit timer expires". */
void
timers_on_acked(struct tcp_host *h, struct tcb *t)
{
        t->retransmits = 0;
        t->stalled_ms = h->now_ms;
        t->rexmit_on = false;
        if (seq_lt(t->snd.una, t->snd.nxt) || t->ecn_held)
                start_retransmission(h, t);
        if (seq_eq(t->snd.una, t->snd.nxt))
                t->retransmitted = false;
}

/* MUST-37 is "subject to the implementation's resource management concerns" (RFC 6429 3): an orphan whose probes are
 * already as rare as they get may not hold its buffer for as long as the peer likes.  tcp_orphan_retries then runs. */
static bool
held_long_enough(const struct tcp_host *h, const struct tcb *t)
{
        return t->dead && rto_current_us(h, t) >= h->rules.rto_max_us;
}

/* Nothing can be acknowledged: nothing is in flight, or the window was taken back from what is (SHLD-17). */
static bool
window_is_shut(const struct tcb *t)
{
        return seq_eq(t->snd.una, t->snd.nxt) || t->snd.wnd == 0;
}

void
timers_on_answer(struct tcp_host *h, struct tcb *t)
{
        t->heard_ms = h->now_ms;
        t->keepalive_sent = 0;
        /* MUST-37: a window may stay closed for ever, as long as probes are answered. */
        if (t->rexmit_on && window_is_shut(t) && !held_long_enough(h, t)) {
                t->retransmits = 0;
                t->stalled_ms = h->now_ms;
        }
}

/* SHLD-29: the first probe when the window has been closed for one retransmission timeout. */
void
timers_on_stuck(struct tcp_host *h, struct tcb *t)
{
        if (t->rexmit_on)
                return;
        if (t->retransmits == 0)
                t->stalled_ms = h->now_ms;
        t->cork_on = t->snd.wnd > 0;
        if (t->cork_on) {
                t->rexmit_on = true;
                t->rexmit_ms = ms_after(h, OVERRIDE_US);
        } else {
                start_retransmission(h, t);
        }
}

void
timers_on_window(struct tcp_host *h, struct tcb *t)
{
        (void)h;
        t->want_output = true;
        if (seq_eq(t->snd.una, t->snd.nxt) && t->rexmit_on && !t->ecn_held) {
                t->rexmit_on = false;
                t->backoff = 0;
                t->retransmits = 0;
        }
}

/* Text of a segment that the peer has filled: its timestamps are part of the MSS we announced. */
static uint32_t
full_segment(const struct tcb *t)
{
        return t->receive_mss - (t->timestamps ? TIMESTAMPS_BYTES : 0);
}

/* SHLD-18, SHLD-19, MUST-40. */
void
timers_on_text(struct tcp_host *h, struct tcb *t)
{
        uint32_t waiting = seq_distance(t->rcv.acked, t->rcv.nxt);

        if (t->set.quickack || t->quick_acks > 0 || waiting >= 2 * full_segment(t) || h->rules.delayed_ack_ms == 0) {
                if (t->quick_acks > 0)
                        t->quick_acks--;
                t->want_ack = true;
        } else if (!t->ack_on) {
                t->ack_on = true;
                t->ack_ms = ms_after(h, h->rules.delayed_ack_ms * 1000u);
        }
}

void
timers_on_ack_sent(struct tcp_host *h, struct tcb *t)
{
        (void)h;
        t->ack_on = false;
        t->want_ack = false;
}

void
timers_on_keepalive_set(struct tcp_host *h, struct tcb *t)
{
        if (!t->dead)
                keepalive_begin(h, t);
}

void
timers_on_linger(struct tcp_host *h, struct tcb *t, uint32_t ms)
{
        t->slow_on = true;
        t->slow_ms = h->now_ms + ms;
}

static bool
user_timeout_applies(const struct tcb *t)
{
        return LA_UNLIKELY(t->set.user_timeout_ms > 0) && t->rexmit_on && !t->cork_on && !t->ecn_held;
}

/* How many milliseconds ahead the next of two is. */
static int32_t
sooner(const struct tcp_host *h, int32_t least, bool on, uint32_t at_ms)
{
        int32_t ahead = on ? (int32_t)(at_ms - h->now_ms) : INT32_MAX;

        return ahead < least ? ahead : least;
}

bool
timers_next(const struct tcp_host *h, const struct tcb *t, uint32_t *ret_ms)
{
        int32_t least = INT32_MAX;

        least = sooner(h, least, t->rexmit_on, t->rexmit_ms);
        least = sooner(h, least, t->ack_on, t->ack_ms);
        least = sooner(h, least, t->slow_on, t->slow_ms);
        if (user_timeout_applies(t))
                least = sooner(h, least, true, t->stalled_ms + t->set.user_timeout_ms);
        if (LA_UNLIKELY(t->pace_waits))
                least = sooner(h, least, true, pacing_due_ms(h, t));
        if (least == INT32_MAX)
                return false;
        *ret_ms = h->now_ms + (uint32_t)(least > 0 ? least : 0);
        return true;
}

static uint32_t
retries_allowed(const struct tcp_host *h, const struct tcb *t)
{
        if (t->state == LA_SYN_SENT)
                return h->rules.syn_retries;
        if (t->state == LA_SYN_RECEIVED)
                return h->rules.synack_retries;
        if (t->dead)
                return h->rules.orphan_retries ? h->rules.orphan_retries : 8; /* Linux: 0 acts as 8 */
        return h->rules.retries2;
}

static LA_RARELY void
give_up(struct tcp_host *h, struct tcb *t, enum la_transition row)
{
        count(h, LA_C_TCPAbortOnTimeout);
        tcb_end(h, t, row, t->soft_error ? (enum la_error)t->soft_error : LA_ERR_TIMED_OUT);
}

/* SHLD-9, MUST-20: at R1 the user is told, who may know another way; there is no layer below to advise. */
static LA_RARELY void
note_r1(struct tcp_host *h, struct tcb *t)
{
        if (t->retransmits != h->rules.retries1)
                return;
        if (!t->soft_error)
                t->soft_error = LA_ERR_TIMED_OUT;
        t->happened |= LA_HAPPENED_SOFT_ERROR;
}

/* How long so many repetitions take at the least, and the wait for an answer to the last. */
static uint32_t
retries_take_ms(const struct tcp_host *h, uint32_t retries)
{
        uint32_t wait_ms = SHORTEST_RTO_MS, most_ms = h->rules.rto_max_us / 1000, all_ms = 0;

        for (uint32_t i = 0; i <= retries; i++) {
                all_ms += wait_ms;
                wait_ms = wait_ms < most_ms / 2 ? 2 * wait_ms : most_ms;
        }
        return all_ms;
}

/* R2 (MUST-20).  As in Linux it is a number for SYNs and probes, and for text the time that the number would take on the
 * shortest path: a path with a longer timeout gets fewer repetitions.  The user's own (MUST-21) is a time, which
 * timeouts() looks at; as in Linux it can shorten an attempt to connect or the end of an orphan, but not prolong it. */
static bool
r2_reached(const struct tcp_host *h, const struct tcb *t)
{
        if (user_timeout_applies(t) && tcb_synchronized(t) && !t->dead)
                return false;
        if (!tcb_synchronized(t) || seq_eq(t->snd.una, t->snd.nxt))
                return t->retransmits >= retries_allowed(h, t);
        return t->retransmits > 0 && h->now_ms - t->stalled_ms >= retries_take_ms(h, retries_allowed(h, t));
}

/* RFC 6298 5.4 to 5.7. */
static LA_RARELY void
retransmission_timeout(struct tcp_host *h, struct tcb *t)
{
        bool in_flight = seq_lt(t->snd.una, t->snd.nxt), held = t->ecn_held;

        t->ecn_held = false;
        if (held && !in_flight) {
                t->rexmit_on = false;
                t->want_output = true;
                return;
        }
        if (in_flight)
                count(h, LA_C_TCPTimeouts);
        if (r2_reached(h, t)) {
                give_up(h, t, row_of_give_up((enum la_state)t->state));
                return;
        }
        if (t->retransmits < UINT8_MAX)
                t->retransmits++;
        if (t->backoff < UINT8_MAX)
                t->backoff++;
        note_r1(h, t);
        if (!in_flight) {
                t->want_probe = true;
        } else if (!t->syn_unacked) {
                recovery_on_timeout(h, t);
        } else {
                if (t->state == LA_SYN_SENT && t->fast_open && !t->first_rto_done)
                        fastopen_on_failure(h, t);
                t->snd.rtx = t->snd.una;
                t->first_rto_done = true;
                rto_on_resent(h, t);
        }
        t->want_output = true;
        start_retransmission(h, t);
}

/* What the silly window rule or a cork held back leaves now. */
static LA_RARELY void
override_timeout(struct tcb *t)
{
        t->rexmit_on = false;
        t->want_probe = true;
        t->want_output = true;
}

static LA_RARELY void
linger_timeout(struct tcp_host *h, struct tcb *t)
{
        count(h, LA_C_TCPAbortOnLinger);
        tcb_reset(h, t, row_of_abort((enum la_state)t->state), LA_ERR_ABORTED);
}

void
timeouts(struct tcp_host *h, struct tcb *t)
{
        if (user_timeout_applies(t) && ms_reached(h->now_ms, t->stalled_ms + t->set.user_timeout_ms)) {
                give_up(h, t, row_of_user_timeout((enum la_state)t->state));
                return;
        }
        if (t->rexmit_on && ms_reached(h->now_ms, t->rexmit_ms)) {
                if (t->cork_on)
                        override_timeout(t);
                else
                        retransmission_timeout(h, t);
        }
        if (t->ack_on && ms_reached(h->now_ms, t->ack_ms)) {
                t->ack_on = false;
                t->want_ack = true;
                count(h, LA_C_DelayedACKs);
        }
        if (t->slow_on && ms_reached(h->now_ms, t->slow_ms)) {
                if (t->dead)
                        linger_timeout(h, t);
                else
                        keepalive_timeout(h, t);
        }
        if (LA_UNLIKELY(t->pace_waits) && ms_reached(h->now_ms, pacing_due_ms(h, t)))
                t->want_output = true;
}
