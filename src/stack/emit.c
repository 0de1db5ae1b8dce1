/* SPDX-License-Identifier: BSD-2-Clause */
/* What leaves: replies first, then what connections have to send, in turns, as packets for the link. */
#include "stack/stack.h"

/* So many segments in a row before another connection's turn. */
#define OUTPUT_BURST 16

/* The text of a packet as it lies in the send buffer, and its sum unless the link will make it. */
static struct sum
emit_text(struct la_stack *s, struct tcb *t, tcp_seq seq, uint32_t length, struct la_packet *p)
{
        bool summed = !s->host.rules.checksum_offload;
        struct sum sum = { 0 };
        uint32_t done = 0;

        p->parts = 0;
        while (done < length) {
                struct la_part part = chain_look(&s->host.chunks, &t->out, seq_add(seq, done), length - done);

                LA_ASSERT(p->parts < LA_PARTS_MAX);
                p->part[p->parts++] = part;
                if (summed)
                        sum = sum_append(sum, done, sum_bytes(part.bytes, part.length));
                done += (uint32_t)part.length;
        }
        return sum;
}

static void
emit_one(struct la_stack *s, const struct outgoing *o, struct tcb *t, const struct segment_headers *headers,
         uint32_t done, uint32_t length, struct la_packet *p)
{
        bool partial = s->host.rules.checksum_offload, last = done + length == o->text_bytes;
        uint8_t flags = last ? o->segment.flags : o->segment.flags & (uint8_t) ~(TCP_FIN | TCP_PSH);
        struct sum sum = emit_text(s, t, seq_add(o->from, done), length, p);

        p->gso_bytes = 0;
        p->flags = (uint16_t)((partial ? LA_PACKET_CHECKSUM_PARTIAL : 0) | (o->again ? LA_PACKET_RETRANSMISSION : 0));
        p->header_bytes =
                (uint16_t)segment_headers_write(headers, done, flags, length, partial ? NULL : &sum, p->header);
        LA_ASSERT(p->header_bytes > 0);
}

/* A run is cut into packets here, unless the link does it.  Returns how many there are. */
static size_t
emit_run(struct la_stack *s, const struct outgoing *o, struct tcb *t, const struct segment_headers *headers,
         struct la_packet *packets)
{
        uint32_t each = o->segment_bytes, done = 0;
        size_t n = 0;

        if (s->host.rules.gso_bytes) {
                emit_one(s, o, t, headers, 0, o->text_bytes, &packets[0]);
                packets[0].gso_bytes = o->segment_bytes;
                return 1;
        }
        while (done < o->text_bytes) {
                uint32_t length = o->text_bytes - done < each ? o->text_bytes - done : each;

                emit_one(s, o, t, headers, done, length, &packets[n++]);
                done += length;
        }
        return n;
}

static size_t
emit(struct la_stack *s, const struct outgoing *o, struct tcb *t, struct la_packet *packets)
{
        struct segment_headers headers;

        LA_ASSERT(segment_headers_begin(&o->segment, packets[0].header, &headers));
        if (LA_LIKELY(!o->again))
                count_many(&s->host, LA_C_OutSegs, outgoing_segments(o));
        if (LA_UNLIKELY(o->segment_bytes))
                return emit_run(s, o, t, &headers, packets);
        emit_one(s, o, t, &headers, 0, o->text_bytes, &packets[0]);
        return 1;
}

/* At most `n` segments of one connection; it leaves the list when it has no more. */
static size_t
output_burst(struct la_stack *s, uint32_t index, struct la_packet *packets, size_t n)
{
        struct tcb *t = tcb_at(s, index);
        struct outgoing o;
        size_t done = 0;
        bool more;

        do {
                more = output_next(&s->host, t, (uint32_t)(n - done), &o);
                if (LA_UNLIKELY(!more))
                        break;
                done += emit(s, &o, t, &packets[done]);
                more = !output_is_done(t);
        } while (more && done < n);
        output_unlink(s, t);
        if (LA_UNLIKELY(more))
                output_append(s, index, t);
        else
                t->want_output = false;
        settle_timer(s, index);
        return done;
}

size_t
la_output(struct la_stack *s, tcp_time now, struct la_packet *packets, size_t n)
{
        size_t done = 0;

        host_set_time(&s->host, now);
        if (LA_UNLIKELY(s->host.loans.count > 0))
                la_settle(s);
        while (LA_UNLIKELY(s->replies.count > 0) && done < n) {
                done += emit(s, reply_first(s), NULL, &packets[done]);
                reply_drop(s);
        }
        while (done < n && s->output.next) {
                size_t burst = n - done < OUTPUT_BURST ? n - done : OUTPUT_BURST;

                done += output_burst(s, s->output.next, &packets[done], burst);
        }
        return done;
}
