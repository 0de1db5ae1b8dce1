/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A listener's share of TCP Fast Open (RFC 7413; tcp/fastopen.h has the rest): who is let in with the text of his SYN.
 *
 *      SYN -> listener_take_syn() -> fastopen_take_syn() -+-> a whole connection in SYN_RECEIVED, accepted at once
 *                                                         +-> half_open_add(), with a cookie or without
 *
 * Limits as Linux has them.  So many at a time may be let in before their handshake is complete as the user said
 * (PendingFastOpenRequests): beyond that, SYNs are what they are without Fast Open.  One that was reset counts for
 * another minute (5.1), or a forger could have the forged ones' resets make room for more.
 *
 * Not taken with its text is a SYN that finds the old connection in TIME_WAIT: until the handshake is complete that
 * wait may have to go on, and what the user was given could not be taken back.
 */
#include "stack/stack.h"

#include <string.h>

#include "tcp/congestion.h"
#include "tcp/fastopen.h"

/* ---- PendingFastOpenRequests ---- */

#define SLICE_MS 4096u /* 16 of them are a minute, and as many milliseconds as a count of 32 bits has go into them */

/* The present slice, those that are over being emptied. */
static uint16_t *
present_slice(const struct la_stack *s, struct fastopen_queue *q)
{
        uint32_t now = s->host.now_ms / SLICE_MS, behind = (now - q->slice) & (UINT32_MAX / SLICE_MS);

        for (uint32_t i = 0; i < behind && i < FASTOPEN_SLICES; i++)
                q->resets[(q->slice + 1 + i) % FASTOPEN_SLICES] = 0;
        q->slice = now;
        return &q->resets[now % FASTOPEN_SLICES];
}

static uint32_t
waiting(const struct la_stack *s, struct fastopen_queue *q)
{
        uint32_t n = q->pending;

        (void)present_slice(s, q);
        for (uint32_t i = 0; i < FASTOPEN_SLICES; i++)
                n += q->resets[i];
        return n;
}

/* As with the backlog, somaxconn is looked at when the user says how many. */
void
fastopen_set_limit(const struct la_stack *s, struct listener *l, uint32_t limit)
{
        l->fastopen.limit = limit < s->host.rules.somaxconn ? limit : s->host.rules.somaxconn;
}

/* 0: this listener does not speak Fast Open. */
static uint32_t
limit_of(const struct la_stack *s, const struct listener *l)
{
        uint32_t rules = s->host.rules.fastopen;

        if (!(rules & FASTOPEN_SERVER))
                return 0;
        return l->fastopen.limit == 0 && (rules & FASTOPEN_ALL_LISTENERS) ? l->backlog : l->fastopen.limit;
}

/* Who let it in.  There is one listener at most on an address and port, and when it ends it forgets its children. */
static struct listener *
listener_of_child(const struct la_stack *s, const struct tcb *t)
{
        struct tuple at = t->tuple;
        uint32_t i;

        if (t->let_in == LET_IN_BY_ANY)
                memset(at.local, 0, sizeof at.local);
        i = listener_find(s, &at);
        LA_ASSERT(i && listener_at(s, i)->fastopen.pending > 0);
        return listener_at(s, i);
}

void
fastopen_pending_ends(struct la_stack *s, struct tcb *t)
{
        struct listener *l = t->let_in == LET_IN_UNCOUNTED ? NULL : listener_of_child(s, t);
        uint16_t *resets;

        t->let_in = LET_IN_NOT;
        if (!l)
                return;
        l->fastopen.pending--;
        resets = present_slice(s, &l->fastopen);
        if (t->state == LA_CLOSED && t->error == LA_ERR_RESET && *resets < UINT16_MAX)
                ++*resets;
}

void
fastopen_forget_listener(struct la_stack *s, struct listener *l)
{
        for (uint32_t i = 1; l->fastopen.pending > 0 && i < s->tcbs.fresh; i++) {
                struct tcb *t = tcb_at(s, i);

                if (t->generation == 0 || t->let_in == LET_IN_NOT || t->let_in == LET_IN_UNCOUNTED ||
                    listener_of_child(s, t) != l)
                        continue;
                t->let_in = LET_IN_UNCOUNTED;
                l->fastopen.pending--;
        }
}

/* ---- SYNs ---- */

static bool
may_let_in(struct la_stack *s, struct listener *l, const struct segment *g)
{
        uint32_t limit = limit_of(s, l);

        if (g->options.has_fastopen && g->options.cookie_bytes == 0)
                count(&s->host, LA_C_TCPFastOpenCookieReqd);
        if (limit == 0 || (!g->options.has_fastopen && g->text_bytes == 0))
                return false;
        if (waiting(s, &l->fastopen) < limit)
                return true;
        count(&s->host, LA_C_TCPFastOpenListenOverflow);
        return false;
}

/* The SYN,ACK leaves as those of half-open connections do, and before what the user may have to say. */
static void
send_syn_ack(struct la_stack *s, struct tcb *t, const struct tcp_options *offer)
{
        struct outgoing *out = reply_slot(s);

        t->snd.rtx = t->snd.iss;
        if (!output_next(&s->host, t, 1, out))
                return;
        if (offer->has_fastopen)
                fastopen_cookie_copy(offer, &out->segment.options);
        reply_add(s);
}

static bool
make_connection(struct la_stack *s, uint32_t listener, const struct tuple *tuple, struct arrival *a,
                const struct tcp_options *offer)
{
        struct listener *l = listener_at(s, listener);
        struct half_open o;
        uint32_t tcb = tcb_take_blank(s);
        struct tcb *t = tcb_at(s, tcb);

        if (!tcb)
                return false;
        half_open_from_syn(s, listener, tuple, a->segment, 0, &o);
        half_open_fill(s, &o, t);
        t->state = LA_LISTEN;
        tcb_move(&s->host, t, LA_T_LISTEN_RCV_SYN);
        congestion_at(t->congestion)->on_established(&s->host, t);
        t->let_in = l->any_address ? LET_IN_BY_ANY : LET_IN_BY_ADDRESS;
        l->fastopen.pending++;
        (void)fastopen_take_text(&s->host, t, a); /* what finds no room comes again */
        t->fast_open = seq_gt(t->rcv.nxt, seq_add(t->rcv.irs, 1));
        index_add(s, stack_hash(s, tuple), ref_make(REF_TCB, tcb));
        t->hashed = true;
        pacing_on_opened(&s->host, t, l->max_pacing_rate);
        send_syn_ack(s, t, offer);
        count(&s->host, LA_C_PassiveOpens);
        count(&s->host, LA_C_TCPFastOpenPassive);
        listener_queue(s, listener, tcb);
        settle(s, tcb);
        return true;
}

/* "Server: Receiving SYN and responding with SYN-ACK" (4.2.2). */
bool
fastopen_take_syn(struct la_stack *s, uint32_t listener, const struct tuple *tuple, struct arrival *a, bool reopens,
                  struct tcp_options *ret_offer)
{
        const struct tcp_options *o = &a->segment->options;
        bool no_cookie = s->host.rules.fastopen & FASTOPEN_SERVER_NO_COOKIE, good;
        enum fastopen_cookie cookie;

        ret_offer->has_fastopen = false;
        if (!may_let_in(s, listener_at(s, listener), a->segment))
                return false;
        cookie = no_cookie ? FASTOPEN_COOKIE_GOOD : fastopen_cookie_check(&s->host, tuple, o);
        good = cookie != FASTOPEN_COOKIE_WRONG;
        if (o->has_fastopen && (cookie != FASTOPEN_COOKIE_GOOD || reopens))
                fastopen_cookie_give(&s->host, tuple, ret_offer);
        if (good && !reopens && make_connection(s, listener, tuple, a, ret_offer)) {
                if (cookie == FASTOPEN_COOKIE_OF_YESTERDAY)
                        count(&s->host, LA_C_TCPFastOpenPassiveAltKey);
                return true;
        }
        if (good || o->cookie_bytes > 0)
                count(&s->host, LA_C_TCPFastOpenPassiveFail);
        return false;
}
