/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/arrives.h"

#include "tcp/timeouts.h"

/* Linux's tcp_invalid_ratelimit: two ends that find each other's acknowledgments unacceptable must not go on for ever. */
#define REFUSED_PAUSE_MS 500

static LA_RARELY void
acknowledge_refused(struct tcp_host *h, struct tcb *t, const struct arrival *a, enum la_verdict verdict)
{
        const struct segment *s = a->segment;
        bool may_loop = s->syn || s->text_bytes == 0;

        if (may_loop && h->now_ms - t->refused_ms < REFUSED_PAUSE_MS) {
                count(h, verdict == LA_V_PAWS ? LA_C_TCPACKSkippedPAWS : LA_C_TCPACKSkippedSeq);
                return;
        }
        if (may_loop)
                t->refused_ms = h->now_ms;
        t->want_ack = true;
}

/* A reset is formed by whoever called: it belongs to the segment and not to the connection. */
static LA_RARELY void
answer(struct tcp_host *h, struct tcb *t, const struct arrival *a, enum la_verdict verdict)
{
        switch (la_verdict_info(verdict)->answer) {
        case LA_ANSWER_ACK:
                acknowledge_refused(h, t, a, verdict);
                break;
        case LA_ANSWER_CHALLENGE:
                if (host_challenge_allowed(h))
                        t->want_ack = true;
                break;
        case LA_ANSWER_NONE:
        case LA_ANSWER_RESET:
                break;
        }
}

enum la_verdict
arrives(struct tcp_host *h, struct tcb *t, struct arrival *a)
{
        enum la_verdict verdict = LA_V_CLOSED;

        a->seq = a->segment->seq;
        a->skipped = 0;
        a->length = a->segment->text_bytes;
        a->fin = a->segment->fin;
        switch ((enum la_state)t->state) {
        case LA_SYN_SENT:
                verdict = arrives_syn_sent(h, t, a);
                break;
        case LA_SYN_RECEIVED:
        case LA_ESTABLISHED:
        case LA_FIN_WAIT_1:
        case LA_FIN_WAIT_2:
        case LA_CLOSE_WAIT:
        case LA_CLOSING:
        case LA_LAST_ACK:
        case LA_TIME_WAIT:
                verdict = arrives_synchronized(h, t, a);
                break;
        case LA_CLOSED:
        case LA_LISTEN:
        case LA_STATE_COUNT:
                break;
        }
        if (verdict != LA_V_GO_ON)
                answer(h, t, a, verdict);
        return verdict;
}

void
enter_established(struct tcp_host *h, struct tcb *t)
{
        t->happened |= LA_HAPPENED_CONNECTED | LA_HAPPENED_WRITABLE;
        t->want_output = true;
        timers_on_opened(h, t);
}
