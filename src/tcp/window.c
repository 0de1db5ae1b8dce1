/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/window.h"

uint8_t
window_shift(uint32_t most_bytes)
{
        int shift = most_bytes > 65535 ? 16 - __builtin_clz(most_bytes) : 0;

        return (uint8_t)(shift < TCP_WINDOW_SHIFT_MAX ? shift : TCP_WINDOW_SHIFT_MAX);
}

/* The right edge that the buffer and the header's 16 bits allow. */
static tcp_seq
edge_possible(const struct tcb *t)
{
        uint32_t used = tcb_readable(t), most = UINT32_C(65535) << t->receive_shift;
        uint32_t room = used < t->set.receive_buffer ? t->set.receive_buffer - used : 0;

        return seq_add(t->rcv.nxt, room < most ? room : most);
}

static uint32_t
smaller_step(const struct tcb *t)
{
        uint32_t half = t->set.receive_buffer / 2;

        return half < t->receive_mss ? half : t->receive_mss;
}

/* RFC 9293 3.8.6.2.2 (MUST-39): the edge moves by a segment or half the buffer, or stays; it never goes back (SHLD-14). */
static tcp_seq
edge_next(const struct tcb *t)
{
        tcp_seq possible = edge_possible(t);

        if (seq_lt(possible, t->rcv.edge) || seq_distance(t->rcv.edge, possible) < smaller_step(t))
                return t->rcv.edge;
        return possible;
}

/* From one segment to the next, as the peer sees it. */
static void
count_change(struct tcp_host *h, uint32_t offered, uint32_t offers)
{
        if (LA_UNLIKELY(offers == 0) && offered > 0)
                count(h, LA_C_TCPToZeroWindowAdv);
        if (LA_UNLIKELY(offered == 0) && offers > 0)
                count(h, LA_C_TCPFromZeroWindowAdv);
}

uint16_t
window_offer(struct tcp_host *h, struct tcb *t, bool syn)
{
        uint32_t offered = seq_gt(t->rcv.edge, t->rcv.acked) ? seq_distance(t->rcv.acked, t->rcv.edge) : 0;
        uint32_t before = tcb_window(t), window, field;
        uint8_t shift = syn ? 0 : t->receive_shift;

        t->rcv.edge = edge_next(t);
        window = tcb_window(t);
        field = window >> shift;
        /* What the shift cuts off would move an edge back that was promised: offer a little more instead. */
        if (LA_UNLIKELY(field << shift < before) && field < 65535)
                field++;
        if (field > 65535)
                field = 65535;
        t->rcv.edge = seq_add(t->rcv.nxt, field << shift);
        if (LA_LIKELY(tcb_synchronized(t)))
                count_change(h, offered, field);
        return (uint16_t)field;
}

bool
window_worth_telling(const struct tcb *t)
{
        tcp_seq possible = edge_possible(t);
        uint32_t gain = seq_gt(possible, t->rcv.edge) ? seq_distance(t->rcv.edge, possible) : 0;

        if (gain == 0)
                return false;
        if (tcb_window(t) < t->receive_mss)
                return gain >= smaller_step(t);
        return gain >= 2u * t->receive_mss && gain >= t->set.receive_buffer / 4;
}
