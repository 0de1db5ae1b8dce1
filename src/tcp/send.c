/* SPDX-License-Identifier: BSD-2-Clause */
/* SEND: RFC 9293 3.10.2. */
#include "tcp/calls.h"

static enum la_error
may_send(const struct tcb *t)
{
        switch ((enum la_state)t->state) {
        case LA_SYN_SENT:
        case LA_SYN_RECEIVED:
        case LA_ESTABLISHED:
        case LA_CLOSE_WAIT:
                return t->closed ? LA_ERR_CLOSING : LA_OK;
        case LA_FIN_WAIT_1:
        case LA_FIN_WAIT_2:
        case LA_CLOSING:
        case LA_LAST_ACK:
        case LA_TIME_WAIT:
                return LA_ERR_CLOSING;
        case LA_CLOSED:
                return t->error ? (enum la_error)t->error : LA_ERR_NOT_CONNECTED;
        case LA_LISTEN:
        case LA_STATE_COUNT:
                break;
        }
        return LA_ERR_NOT_CONNECTED;
}

uint32_t
tcb_send_room(const struct tcb *t)
{
        tcp_seq first = seq_add(t->snd.una, t->syn_unacked ? 1 : 0);
        uint32_t held = seq_lt(first, t->snd.end) ? seq_distance(first, t->snd.end) : 0;

        return held < t->set.send_buffer ? t->set.send_buffer - held : 0;
}

/* Linux's tcp_sndbuf_expand(): with the congestion window, up to tcp_wmem's third, unless LA_OPTION_SEND_BUFFER was set.
 * Here only if all that was written is in flight, or less than a segment is not, and both windows would take more. */
void
tcb_send_buffer_grow(const struct tcp_host *h, struct tcb *t)
{
        uint32_t buffer = t->set.send_buffer, most = h->rules.send_buffer[2];
        uint32_t window = t->snd.wnd < t->cc.cwnd ? t->snd.wnd : t->cc.cwnd;

        if (t->set.send_buffer_set || buffer >= most || window <= buffer || t->recovering || t->lossy)
                return;
        if (seq_diff(t->snd.end, t->snd.nxt) >= (int32_t)t->send_mss)
                return;
        if (h->chunks.used > h->chunks.limit / 2)
                return;
        t->set.send_buffer = buffer < most / 2 ? 2 * buffer : most;
}

/* The last quarter of the pool is for whoever holds nothing yet, a chunk each: peers that do not read would else take it
 * all, and nobody could be answered any more.  Who is refused here holds some, so an acknowledgment tells it to go on. */
static size_t
room_in_pool(const struct tcp_host *h, const struct tcb *t)
{
        const struct chunk_pool *p = &h->chunks;
        size_t room = tcb_send_room(t), held = t->set.send_buffer - room, share = (size_t)1 << p->shift;

        if (LA_LIKELY(p->limit - p->used >= p->limit / 4))
                return room;
        if (share <= held)
                return 0;
        return room < share - held ? room : share - held;
}

static void
queue(struct tcb *t, uint32_t length, uint32_t flags)
{
        t->snd.end = seq_add(t->snd.end, length);
        t->more = flags & LA_SEND_MORE;
        if (flags & LA_SEND_URGENT) {
                t->send_urgent = true;
                t->snd.up = t->snd.end;
        }
        t->want_output = true;
}

/* In SYN_SENT the FIN waits with the text: a CLOSE would end the attempt (3.10.4). */
static void
close_behind(struct tcp_host *h, struct tcb *t)
{
        if (t->state != LA_SYN_SENT) {
                (void)tcb_shutdown(h, t);
                return;
        }
        t->closed = true;
        t->more = false;
}

/* Whole chunks at a time: what is copied up to the end of one lets the next be referred to, and so does waiting for as
 * much room. */
static size_t
take_constant(struct tcp_host *h, struct tcb *t, const uint8_t *bytes, size_t length, size_t room)
{
        size_t n = length < room ? length : room, to_end = chain_to_end(&h->chunks, t->snd.end);
        size_t taken = chain_refer(&h->chunks, &t->out, t->snd.end, bytes, n);

        if (taken > 0)
                return taken;
        if (n < length && n < to_end && t->set.send_buffer >> h->chunks.shift >= 2)
                return 0;
        return chain_write(&h->chunks, &t->out, t->snd.end, bytes, n < to_end ? n : to_end);
}

/* What waits for more to be written leaves: none can be, and nothing else would make room. */
static enum la_error
no_room(struct tcb *t)
{
        t->write_blocked = true;
        if (tcb_synchronized(t) && seq_eq(t->snd.una, t->snd.nxt))
                t->want_output = true;
        return LA_ERR_AGAIN;
}

enum la_error
tcb_send(struct tcp_host *h, struct tcb *t, const uint8_t *bytes, size_t length, uint32_t flags, size_t *ret_taken)
{
        enum la_error error = may_send(t);
        size_t room = room_in_pool(h, t), taken;

        if (error != LA_OK)
                return error;
        if (LA_UNLIKELY(flags & LA_SEND_CONSTANT))
                taken = take_constant(h, t, bytes, length, room);
        else
                taken = chain_write(&h->chunks, &t->out, t->snd.end, bytes, length < room ? length : room);
        if (taken < length)
                t->write_blocked = true;
        if (taken == 0 && length > 0)
                return no_room(t);
        queue(t, (uint32_t)taken, taken < length ? flags & ~(uint32_t)LA_SEND_URGENT : flags);
        if (taken == length && (flags & LA_SEND_LAST))
                close_behind(h, t);
        *ret_taken = taken;
        return LA_OK;
}

enum la_error
tcb_send_space(struct tcp_host *h, struct tcb *t, uint8_t **ret_bytes, size_t *ret_room)
{
        enum la_error error = may_send(t);
        size_t allowed = room_in_pool(h, t), room;
        uint8_t *bytes;

        if (error != LA_OK)
                return error;
        room = allowed > 0 ? chain_space(&h->chunks, &t->out, t->snd.end, &bytes) : 0;
        if (room == 0)
                return no_room(t);
        *ret_bytes = bytes;
        *ret_room = room < allowed ? room : allowed;
        return LA_OK;
}

/* What tcb_send_space() took, for bytes that do not come. */
static void
give_space_back(struct tcp_host *h, struct tcb *t)
{
        if (tcb_send_room(t) == t->set.send_buffer)
                chain_clear(&h->chunks, &t->out);
        else
                chain_cut(&h->chunks, &t->out, t->snd.end);
}

enum la_error
tcb_send_commit(struct tcp_host *h, struct tcb *t, size_t length, uint32_t flags)
{
        enum la_error error = may_send(t);

        if (error != LA_OK)
                return error;
        if (length == 0)
                give_space_back(h, t);
        queue(t, (uint32_t)length, flags);
        if (flags & LA_SEND_LAST)
                close_behind(h, t);
        return LA_OK;
}
