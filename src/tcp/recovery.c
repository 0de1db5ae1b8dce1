/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/recovery.h"

#include "tcp/congestion.h"
#include "tcp/ecn.h"
#include "tcp/rto.h"

#define DUPLICATE_THRESHOLD 3

void
recovery_on_reduced(struct tcb *t)
{
        t->reduced = true;
        t->cc.recover = t->snd.nxt;
        ecn_on_reduced(t);
}

/* RFC 6582 3.2 steps 2 and 3.  cc.recover keeps a second reduction from happening for one window's losses, or its marks
 * and losses (RFC 3168 6.1.2). */
static LA_RARELY void
begin(struct tcp_host *h, struct tcb *t)
{
        if (!t->reduced || seq_ge(t->snd.una, t->cc.recover)) {
                congestion_at(t->congestion)->on_loss(h, t);
                recovery_on_reduced(t);
        }
        t->recovering = true;
        t->lossy = false;
        t->cc.recover = t->snd.nxt;
        t->cc.cwnd = t->cc.ssthresh + DUPLICATE_THRESHOLD * (uint32_t)t->send_mss;
        t->want_first = true;
        rto_on_resent(h, t);
        count(h, LA_C_TCPFastRetrans);
        count(h, t->sack ? LA_C_TCPSackRecovery : LA_C_TCPRenoRecovery);
}

void
recovery_on_duplicate(struct tcp_host *h, struct tcb *t)
{
        if (t->duplicate_acks < UINT8_MAX)
                t->duplicate_acks++;
        t->want_output = true;
        if (t->recovering) {
                t->cc.cwnd += t->send_mss;
                return;
        }
        if (t->duplicate_acks == DUPLICATE_THRESHOLD && !t->lossy)
                begin(h, t);
}

static LA_RARELY void
on_acked_recovering(struct tcp_host *h, struct tcb *t, uint32_t bytes)
{
        uint32_t mss = t->send_mss;

        if (seq_ge(t->snd.una, t->cc.recover)) {
                uint32_t flight = seq_distance(t->snd.una, t->snd.nxt);

                if (flight < mss)
                        flight = mss;
                t->recovering = false;
                t->cc.cwnd = t->cc.ssthresh < flight + mss ? t->cc.ssthresh : flight + mss;
                return;
        }
        /* A partial acknowledgment: the next hole begins here. */
        t->want_first = true;
        count(h, LA_C_TCPFastRetrans);
        t->cc.cwnd = t->cc.cwnd > bytes ? t->cc.cwnd - bytes : 0;
        if (bytes >= mss || t->cc.cwnd < mss)
                t->cc.cwnd += mss;
}

void
recovery_on_acked(struct tcp_host *h, struct tcb *t, uint32_t bytes, bool echoed)
{
        t->duplicate_acks = 0;
        if (seq_gt(t->snd.una, t->cc.recover))
                t->reduced = false; /* now, and not when it is asked for: numbers go round */
        if (LA_UNLIKELY(t->recovering)) {
                on_acked_recovering(h, t, bytes);
                return;
        }
        if (LA_UNLIKELY(t->lossy) && seq_ge(t->snd.una, t->cc.recover))
                t->lossy = false;
        /* An echo while the timeout's losses are made good is an old one: until new text can leave, no CWR ends it. */
        if (LA_LIKELY(!echoed) || t->lossy)
                congestion_at(t->congestion)->on_acked(h, t, bytes);
}

void
recovery_on_timeout(struct tcp_host *h, struct tcb *t)
{
        if (!t->lossy)
                congestion_at(t->congestion)->on_timeout(h, t);
        t->cc.cwnd = t->send_mss;
        recovery_on_reduced(t);
        t->recovering = false;
        t->lossy = true;
        t->duplicate_acks = 0;
        rto_on_resent(h, t);
        t->snd.rtx = t->snd.una;
}

uint32_t
recovery_window(const struct tcb *t)
{
        uint32_t window = t->cc.cwnd;

        if (!t->recovering && !t->lossy && t->duplicate_acks < DUPLICATE_THRESHOLD)
                window += (uint32_t)t->duplicate_acks * t->send_mss;
        return window;
}
