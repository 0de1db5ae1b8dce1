/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/reassembly.h"

#include <string.h>

static struct reassembly *
reassembly_make(struct tcp_host *h, struct tcb *t)
{
        if (t->reassembly)
                return reassembly_of(h, t);
        t->reassembly = pool_take(h, &h->reassemblies);
        if (t->reassembly)
                *reassembly_of(h, t) = (struct reassembly){ 0 };
        return reassembly_of(h, t);
}

static void
remove_range(struct reassembly *r, uint32_t i)
{
        r->count--;
        memmove(&r->range[i], &r->range[i + 1], (r->count - i) * sizeof r->range[0]);
}

/* Takes in all ranges that touch `grown`, which grows by them. */
static struct sack_block
merge(struct reassembly *r, struct sack_block grown)
{
        for (uint32_t i = 0; i < r->count;) {
                struct sack_block b = r->range[i];

                if (seq_gt(b.left, grown.right) || seq_lt(b.right, grown.left)) {
                        i++;
                        continue;
                }
                grown.left = seq_min(grown.left, b.left);
                grown.right = seq_max(grown.right, b.right);
                remove_range(r, i);
                i = 0;
        }
        return grown;
}

static bool
covered(const struct reassembly *r, tcp_seq left, tcp_seq right)
{
        for (uint32_t i = 0; i < r->count; i++)
                if (seq_le(r->range[i].left, left) && seq_ge(r->range[i].right, right))
                        return true;
        return false;
}

bool
reassembly_add(struct tcp_host *h, struct tcb *t, tcp_seq left, tcp_seq right, bool *ret_duplicate)
{
        struct reassembly *r = reassembly_make(h, t);
        struct sack_block grown;

        if (!r)
                return false;
        *ret_duplicate = covered(r, left, right);
        grown = merge(r, (struct sack_block){ left, right });
        if (r->count == REASSEMBLY_RANGES)
                return false;
        memmove(&r->range[1], &r->range[0], r->count * sizeof r->range[0]);
        r->range[0] = grown;
        r->count++;
        return true;
}

static void
free_if_empty(struct tcp_host *h, struct tcb *t)
{
        struct reassembly *r = reassembly_of(h, t);

        if (r && r->count == 0 && !r->has_dsack && !r->has_fin)
                reassembly_free(h, t);
}

tcp_seq
reassembly_advance(struct tcp_host *h, struct tcb *t, tcp_seq seq)
{
        struct reassembly *r = reassembly_of(h, t);

        if (!r)
                return seq;
        for (uint32_t i = 0; i < r->count;) {
                if (seq_gt(r->range[i].left, seq)) {
                        i++;
                        continue;
                }
                seq = seq_max(seq, r->range[i].right);
                remove_range(r, i);
                i = 0;
        }
        free_if_empty(h, t);
        return seq;
}

void
reassembly_note_fin(struct tcp_host *h, struct tcb *t, tcp_seq fin)
{
        struct reassembly *r = reassembly_make(h, t);

        if (r) {
                r->has_fin = true;
                r->fin = fin;
        }
}

bool
reassembly_fin_at(const struct tcp_host *h, const struct tcb *t, tcp_seq seq)
{
        const struct reassembly *r = reassembly_of(h, t);

        return r && r->has_fin && seq_eq(r->fin, seq);
}

void
reassembly_note_duplicate(struct tcp_host *h, struct tcb *t, tcp_seq left, tcp_seq right)
{
        struct reassembly *r;

        if (!t->sack || !h->rules.dsack || !(r = reassembly_make(h, t)))
                return;
        r->has_dsack = true;
        r->dsack = (struct sack_block){ left, right };
        count(h, seq_le(right, t->rcv.nxt) ? LA_C_TCPDSACKOldSent : LA_C_TCPDSACKOfoSent);
}

void
reassembly_report(struct tcp_host *h, struct tcb *t, struct tcp_options *options, unsigned int room)
{
        struct reassembly *r = reassembly_of(h, t);

        if (!r || !t->sack)
                return;
        if (r->has_dsack && options->sack_count < room)
                options->sack[options->sack_count++] = r->dsack;
        for (uint32_t i = 0; i < r->count && options->sack_count < room; i++)
                options->sack[options->sack_count++] = r->range[i];
        r->has_dsack = false; /* RFC 2883 4: each duplicate is reported once */
        free_if_empty(h, t);
}

void
reassembly_free(struct tcp_host *h, struct tcb *t)
{
        pool_give(h, &h->reassemblies, t->reassembly);
        t->reassembly = 0;
}
