/* SPDX-License-Identifier: BSD-2-Clause */
/* The sixth and seventh step of SEGMENT ARRIVES: RFC 9293 3.10.7.4, "check the URG bit", "process the segment text". */
#include "tcp/arrives.h"
#include "tcp/loans.h"
#include "tcp/reassembly.h"
#include "tcp/timeouts.h"

static bool
still_receiving(const struct tcb *t)
{
        if (t->state == LA_SYN_RECEIVED)
                return true; /* text in the SYN: any later segment has left this state, or ended, in the fifth step */
        return t->state == LA_ESTABLISHED || t->state == LA_FIN_WAIT_1 || t->state == LA_FIN_WAIT_2;
}

/* MUST-32: told once for each advance of the pointer. */
enum la_verdict
sixth_check_urg(struct tcp_host *h, struct tcb *t, struct arrival *a)
{
        tcp_seq up = seq_add(a->segment->seq, a->segment->urgent);

        (void)h;
        if (LA_LIKELY(!a->segment->urg) || !still_receiving(t) || t->peer_closed)
                return LA_V_GO_ON;
        if (t->urgent ? seq_le(up, t->rcv.up) : seq_le(up, t->rcv.read))
                return LA_V_GO_ON;
        t->rcv.up = up;
        t->urgent = true;
        t->happened |= LA_HAPPENED_URGENT;
        return LA_V_GO_ON;
}

/* Copies the text to its place in the receive chain; returns how much found room. */
static uint32_t
store(struct tcp_host *h, struct tcb *t, const struct arrival *a)
{
        size_t skip = a->skipped, done = 0, share = chain_share(&h->chunks, &t->in, a->seq);
        size_t most = a->length < share ? a->length : share;

        for (size_t i = 0; i < a->part_count && done < most; i++) {
                struct la_part p = a->parts[i];
                size_t n, written;

                if (p.length <= skip) {
                        skip -= p.length;
                        continue;
                }
                n = p.length - skip;
                if (n > most - done)
                        n = most - done;
                written = chain_write(&h->chunks, &t->in, seq_add(a->seq, (uint32_t)done), p.bytes + skip, n);
                done += written;
                skip = 0;
                if (written < n)
                        break;
        }
        return (uint32_t)done;
}

/* Leaves the text where it lies, if that is one piece and may be. */
static bool
lend(struct tcp_host *h, struct tcb *t, const struct arrival *a)
{
        if (a->part_count != 1)
                return false;
        return loans_add(h, t, a->seq, (struct la_part){ a->parts[0].bytes + a->skipped, a->length });
}

/* A chunk that was taken for bytes that are not kept after all must not outlive an empty buffer. */
static void
forget_if_empty(struct tcp_host *h, struct tcb *t)
{
        if (tcb_readable(t) == 0 && !reassembly_has_gap(h, t))
                chain_clear(&h->chunks, &t->in);
}

/* SHLD-31: ahead of a gap.  Acknowledged at once, so that the peer learns of the gap (RFC 5681 4.2; MAY-13). */
static LA_RARELY enum la_verdict
keep_for_later(struct tcp_host *h, struct tcb *t, const struct arrival *a)
{
        uint32_t stored = store(h, t, a);
        bool duplicate = false;

        t->want_ack = true;
        if (stored < a->length || !reassembly_add(h, t, a->seq, seq_add(a->seq, stored), &duplicate)) {
                forget_if_empty(h, t);
                count(h, LA_C_TCPOFODrop);
                return LA_V_NO_MEMORY;
        }
        count(h, LA_C_TCPOFOQueue);
        if (duplicate)
                reassembly_note_duplicate(h, t, a->seq, seq_add(a->seq, stored));
        return LA_V_GO_ON;
}

/* RFC 2018 8: "the data receiver is permitted to discard data in its queue that has not been acknowledged to the data
 * sender".  Else what came ahead could keep out, in all connections at once, what alone would make it readable. */
static LA_RARELY void
discard_what_is_ahead(struct tcp_host *h, struct tcb *t)
{
        t->want_ack = true; /* and told at once */
        count(h, LA_C_OfoPruned);
        reassembly_free(h, t);
        if (tcb_readable(t) == 0)
                chain_clear(&h->chunks, &t->in);
        else
                chain_cut(&h->chunks, &t->in, t->rcv.nxt);
}

static uint32_t
store_in_order(struct tcp_host *h, struct tcb *t, const struct arrival *a)
{
        uint32_t stored = store(h, t, a);

        if (LA_LIKELY(stored == a->length) || !reassembly_has_gap(h, t))
                return stored;
        discard_what_is_ahead(h, t);
        return store(h, t, a);
}

static void
advance_to(struct tcb *t, tcp_seq next)
{
        if (LA_UNLIKELY(next.v < t->rcv.nxt.v))
                t->received_turns++;
        t->rcv.nxt = next;
}

static enum la_verdict
take_in_order(struct tcp_host *h, struct tcb *t, struct arrival *a)
{
        uint32_t stored = lend(h, t, a) ? a->length : store_in_order(h, t, a);
        bool had_gap = reassembly_has_gap(h, t);

        if (LA_UNLIKELY(stored < a->length)) {
                a->fin = false;
                a->length = stored;
                t->want_ack = true;
                count(h, LA_C_TCPRcvQDrop);
                if (stored == 0) {
                        forget_if_empty(h, t);
                        return LA_V_NO_MEMORY;
                }
        }
        advance_to(t, seq_add(a->seq, stored));
        if (had_gap) {
                advance_to(t, reassembly_advance(h, t, t->rcv.nxt));
                t->want_ack = true; /* "segments that fill all or part of a gap" (3.8.6.3) */
        }
        timers_on_text(h, t);
        t->happened |= LA_HAPPENED_READABLE;
        return LA_V_GO_ON;
}

static enum la_transition
row_of_text_after_close(const struct tcb *t)
{
        return t->state == LA_FIN_WAIT_1 ? LA_T_FIN_WAIT_1_RCV_TEXT : LA_T_FIN_WAIT_2_RCV_TEXT;
}

enum la_verdict
seventh_process_text(struct tcp_host *h, struct tcb *t, struct arrival *a)
{
        if (a->length == 0 || !still_receiving(t))
                return LA_V_GO_ON;
        if (LA_UNLIKELY(t->dead)) {
                if (t->state == LA_FIN_WAIT_1) /* in FIN_WAIT_2 it is a record, for which Linux does not count */
                        count(h, LA_C_TCPAbortOnData);
                tcb_end(h, t, row_of_text_after_close(t), LA_ERR_ABORTED);
                return LA_V_TEXT_AFTER_CLOSE;
        }
        if (seq_gt(a->seq, t->rcv.nxt))
                return keep_for_later(h, t, a);
        return take_in_order(h, t, a);
}
