/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/ecn.h"

#include "tcp/congestion.h"
#include "tcp/recovery.h"

/* So many acknowledgments are not delayed when something changes, as in Linux: the sender's window may be tiny. */
#define QUICK_ACKS 2

/* ---- Agreeing ---- */

void
ecn_open(const struct tcp_host *h, struct tcb *t)
{
        t->ecn = h->rules.ecn == ECN_ASKS_AND_GRANTS;
}

/* 6.1.1: "MUST NOT set ECT on SYN or SYN-ACK packets". */
void
ecn_send_syn(const struct tcp_host *h, struct tcb *t, struct segment *s)
{
        bool asks = t->state == LA_SYN_SENT;

        if (!t->ecn)
                return;
        if (asks && t->first_rto_done && h->rules.ecn_fallback)
                t->ecn_plain = true;
        s->ece = !t->ecn_plain;
        s->cwr = asks && s->ece;
}

/* 6.1.1: an ECN-setup SYN has both bits, an ECN-setup SYN,ACK ECE alone; "any other configuration" is none. */
void
ecn_take_syn(struct tcb *t, const struct segment *s)
{
        t->ecn = t->ecn && s->ece && s->cwr != s->ack;
}

/* A SYN that came with ECT was sent by nobody who follows RFC 3168, or went through something that writes where routers
 * mark: Linux does not believe it either.  (RFC 8311 4.3 would let an experiment send one.) */
bool
ecn_granted(const struct tcp_host *h, const struct segment *s)
{
        return h->rules.ecn != ECN_NEVER && s->ece && s->cwr && ip_ecn_of(&s->ip) == IP_NOT_ECT;
}

/* ---- The sender ---- */

void
ecn_send(struct tcb *t, struct segment *s, bool new_text)
{
        s->ece = t->ecn_echo;
        if (!new_text || LA_LIKELY(!t->ecn) || t->ecn_plain)
                return;
        ip_ecn_set(&s->ip, IP_ECT_0);
        s->cwr = t->ecn_cwr;
        t->ecn_cwr = false;
}

/* 6.1.2: "because of a retransmit timeout, a Fast Retransmit, or in response to an ECN Notification". */
void
ecn_on_reduced(struct tcb *t)
{
        t->ecn_cwr = t->ecn && !t->ecn_plain;
}

static void
halve(struct tcp_host *h, struct tcb *t)
{
        uint32_t one = t->send_mss, half = t->cc.cwnd / 2;

        t->ecn_held = t->cc.cwnd <= one;
        congestion_at(t->congestion)->on_loss(h, t);
        /* The least threshold is two segments (RFC 5681 equation 4), the least window one. */
        if (t->cc.cwnd > t->cc.ssthresh)
                t->cc.cwnd = t->cc.ssthresh;
        else
                t->cc.cwnd = half > one ? half : one;
}

static void
count_delivered(struct tcp_host *h, const struct tcb *t, tcp_seq ack_seq)
{
        uint32_t bytes = seq_distance(t->snd.una, ack_seq);

        h->counters[LA_C_TCPDeliveredCE] += (bytes + t->send_mss - 1) / t->send_mss;
}

/* With nothing in flight there is no window to be reduced; the next echo will find one. */
void
ecn_take_echo(struct tcp_host *h, struct tcb *t, const struct segment *s)
{
        if (!ecn_echoed(t, s) || seq_eq(t->snd.una, t->snd.nxt))
                return;
        count_delivered(h, t, s->ack_seq);
        if (t->reduced && seq_le(s->ack_seq, t->cc.recover))
                return;
        halve(h, t);
        recovery_on_reduced(t);
}

/* ---- The receiver ---- */

static void
acknowledge_quickly(struct tcb *t)
{
        if (t->quick_acks < QUICK_ACKS)
                t->quick_acks = QUICK_ACKS;
}

/* 6.1.3.  CWR is heeded on segments without text too, since there are senders that put it there: missed once, ECE would
 * never end. */
void
ecn_take_mark(struct tcb *t, const struct segment *s)
{
        if (LA_LIKELY(!t->ecn))
                return;
        if (s->cwr) {
                t->ecn_echo = false;
                if (s->text_bytes > 0)
                        t->want_ack = true;
        }
        if (s->text_bytes == 0)
                return;
        if (ip_ecn_of(&s->ip) == IP_NOT_ECT) {
                if (t->ecn_seen)
                        acknowledge_quickly(t); /* probably sent again */
                return;
        }
        t->ecn_seen = true;
        if (ip_ecn_of(&s->ip) == IP_CE && !t->ecn_echo) {
                acknowledge_quickly(t);
                t->ecn_echo = true;
        }
}
