/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/keepalive.h"

#define KEEPALIVE_SENT_MAX 127 /* as many as can be asked for */

static uint32_t
probes_allowed(const struct tcp_host *h, const struct tcb *t)
{
        return t->set.keepalive_probes ? t->set.keepalive_probes : h->rules.keepalive_probes;
}

static uint32_t
interval_ms(const struct tcp_host *h, const struct tcb *t)
{
        return (t->set.keepalive_interval_s ? t->set.keepalive_interval_s : h->rules.keepalive_interval_s) * 1000u;
}

/* Of the silence alone: probes that were late make it earlier than it is. */
static uint32_t
due_by_silence(const struct tcp_host *h, const struct tcb *t)
{
        uint32_t time_s = t->set.keepalive_time_s ? t->set.keepalive_time_s : h->rules.keepalive_time_s;

        return t->heard_ms + time_s * 1000 + t->keepalive_sent * interval_ms(h, t);
}

/* The timer is left as it stands when the peer is heard, and set again when it expires. */
uint32_t
keepalive_due(const struct tcp_host *h, const struct tcb *t)
{
        return t->keepalive_sent > 0 ? t->slow_ms : due_by_silence(h, t);
}

void
keepalive_begin(const struct tcp_host *h, struct tcb *t)
{
        bool on = t->set.keepalive && tcb_synchronized(t);
        uint32_t due;

        if (!t->slow_on)
                t->keepalive_sent = 0;
        due = due_by_silence(h, t);
        /* An answer to the last probe is waited for, however long the silence was before. */
        if (t->keepalive_sent == 0 || !ms_reached(h->now_ms, due))
                t->slow_ms = due;
        t->slow_on = on;
}

/* MUST-29: one unanswered probe proves nothing, since acknowledgments without data are not sent reliably. */
static bool
peer_is_dead(const struct tcp_host *h, const struct tcb *t)
{
        if (t->set.user_timeout_ms > 0 && t->keepalive_sent > 0)
                return h->now_ms - t->heard_ms >= t->set.user_timeout_ms;
        return t->keepalive_sent >= probes_allowed(h, t);
}

static enum la_transition
row_of_death(const struct tcb *t)
{
        if (t->state == LA_FIN_WAIT_2 && t->set.user_timeout_ms > 0)
                return LA_T_FIN_WAIT_2_USER_TIMEOUT;
        return row_of_keepalive_timeout((enum la_state)t->state);
}

void
keepalive_timeout(struct tcp_host *h, struct tcb *t)
{
        /* MUST-26: only when nothing is under way; else the retransmission timer watches the peer. */
        bool idle = seq_eq(t->snd.una, t->snd.nxt) && !t->rexmit_on &&
                    row_of_keepalive_timeout((enum la_state)t->state) != NO_ROW;

        t->slow_ms = keepalive_due(h, t);
        if (!ms_reached(h->now_ms, t->slow_ms))
                return;
        if (!idle) {
                t->slow_ms = h->now_ms + 1000;
                return;
        }
        if (peer_is_dead(h, t)) {
                count(h, LA_C_TCPAbortOnTimeout);
                tcb_reset(h, t, row_of_death(t), LA_ERR_TIMED_OUT);
                return;
        }
        count(h, LA_C_TCPKeepAlive);
        if (t->keepalive_sent < KEEPALIVE_SENT_MAX)
                t->keepalive_sent++;
        t->want_probe = true;
        t->want_output = true;
        t->slow_ms = h->now_ms + interval_ms(h, t);
}
