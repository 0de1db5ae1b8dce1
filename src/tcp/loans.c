/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/loans.h"

#define LOAN_BYTES_MIN 512

static struct loan *
loan_at(const struct tcp_host *h, uint32_t i)
{
        return (struct loan *)((uintptr_t)h + h->loans.offset) + i;
}

static uint64_t
distance_of(const struct tcp_host *h, const struct tcb *t)
{
        return (uintptr_t)t - (uintptr_t)h;
}

bool
loans_add(struct tcp_host *h, struct tcb *t, tcp_seq seq, struct la_part text)
{
        if (!h->loans.open || text.length < LOAN_BYTES_MIN || h->loans.count == h->loans.limit)
                return false;
        if (!chunks_promise(&h->chunks, seq, text.length))
                return false;
        *loan_at(h, h->loans.count++) = (struct loan){ distance_of(h, t), text.bytes, seq, (uint32_t)text.length };
        t->lent = true;
        return true;
}

struct la_part
loans_look(const struct tcp_host *h, const struct tcb *t, tcp_seq seq, size_t *n)
{
        for (uint32_t i = 0; i < h->loans.count; i++) {
                const struct loan *loan = loan_at(h, i);
                int32_t into = seq_diff(seq, loan->seq);

                if (loan->tcb != distance_of(h, t) || into >= (int32_t)loan->length)
                        continue;
                if (into < 0) {
                        if (*n > (size_t)-into)
                                *n = (size_t)-into;
                        continue;
                }
                return (struct la_part){ loan->bytes + into,
                                         *n < loan->length - (uint32_t)into ? *n : loan->length - (uint32_t)into };
        }
        return (struct la_part){ 0 };
}

void
loans_forget(struct tcp_host *h, struct tcb *t)
{
        if (LA_LIKELY(!t->lent))
                return;
        for (uint32_t i = 0; i < h->loans.count; i++)
                if (loan_at(h, i)->tcb == distance_of(h, t))
                        loan_at(h, i)->tcb = 0;
        t->lent = false;
}

static void
end_one(struct tcp_host *h, const struct loan *loan)
{
        struct tcb *t = (struct tcb *)((uintptr_t)h + loan->tcb);
        int32_t was_read = seq_diff(t->rcv.read, loan->seq);
        uint32_t from = was_read > 0 ? (uint32_t)was_read : 0;

        t->lent = false;
        if (from < loan->length) {
                size_t left = loan->length - from;
                size_t written = chain_write(&h->chunks, &t->in, seq_add(loan->seq, from), loan->bytes + from, left);

                LA_ASSERT(written == left); /* as was promised */
        }
}

void
loans_end(struct tcp_host *h)
{
        h->chunks.promised = 0;
        for (uint32_t i = 0; i < h->loans.count; i++)
                if (loan_at(h, i)->tcb)
                        end_one(h, loan_at(h, i));
        h->loans.count = 0;
}
