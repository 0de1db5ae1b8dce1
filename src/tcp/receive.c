/* SPDX-License-Identifier: BSD-2-Clause */
/* RECEIVE: RFC 9293 3.10.3. */
#include <string.h>

#include "tcp/calls.h"
#include "tcp/loans.h"
#include "tcp/reassembly.h"
#include "tcp/window.h"

/* LA_OK if there is something to read. */
static enum la_error
may_receive(const struct tcb *t)
{
        if (tcb_readable(t) > 0)
                return LA_OK;
        if (t->error)
                return (enum la_error)t->error;
        if (t->peer_closed)
                return LA_ERR_END;
        return t->state == LA_CLOSED ? LA_ERR_NOT_CONNECTED : LA_ERR_AGAIN;
}

/* The next bytes to be read, `into` beyond the first of them, as far as they lie together. */
static struct la_part
look(const struct tcp_host *h, const struct tcb *t, struct chain *in, size_t into)
{
        tcp_seq seq = seq_add(t->rcv.read, (uint32_t)into);
        size_t n = tcb_readable(t) - into;

        if (LA_UNLIKELY(t->lent)) {
                struct la_part lent = loans_look(h, t, seq, &n);

                if (lent.length > 0)
                        return lent;
        }
        return chain_look(&h->chunks, in, seq, n);
}

static void
consume(struct tcp_host *h, struct tcb *t, uint32_t length)
{
        t->rcv.read = seq_add(t->rcv.read, length);
        if (tcb_readable(t) == 0 && !reassembly_has_gap(h, t))
                chain_clear(&h->chunks, &t->in);
        else
                chain_drop(&h->chunks, &t->in, t->rcv.read);
        if (t->urgent && seq_ge(t->rcv.read, t->rcv.up))
                t->urgent = false;
        if (tcb_synchronized(t) && t->state != LA_TIME_WAIT && !t->peer_closed && window_worth_telling(t))
                t->want_ack = true;
}

enum la_error
tcb_receive(struct tcp_host *h, struct tcb *t, uint8_t *bytes, size_t room, size_t *ret_length)
{
        enum la_error error = may_receive(t);
        uint32_t length = tcb_readable(t);

        if (error == LA_ERR_END)
                t->end_told = true;
        if (error != LA_OK)
                return error;
        if (length > room)
                length = (uint32_t)room;
        for (size_t done = 0; done < length;) {
                struct la_part part = look(h, t, &t->in, done);
                size_t n = part.length < length - done ? part.length : length - done;

                memcpy(bytes + done, part.bytes, n);
                done += n;
        }
        consume(h, t, length);
        *ret_length = length;
        return LA_OK;
}

enum la_error
tcb_receive_look(const struct tcp_host *h, const struct tcb *t, struct la_part *ret_part)
{
        enum la_error error = may_receive(t);
        struct chain in = t->in;

        if (error != LA_OK)
                return error;
        *ret_part = look(h, t, &in, 0);
        return LA_OK;
}

enum la_error
tcb_receive_done(struct tcp_host *h, struct tcb *t, size_t length)
{
        if (length > tcb_readable(t))
                return LA_ERR_INVALID;
        consume(h, t, (uint32_t)length);
        return LA_OK;
}
