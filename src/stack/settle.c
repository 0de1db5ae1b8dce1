/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * After anything has happened to a connection: what it intends is done.  Its timer is armed, it is queued for output and
 * for the user's attention, it becomes a compact record, or it ends.
 */
#include "stack/stack.h"

#include "tcp/loans.h"

/* Called once in a connection's life: kept out of what is called for each segment. */
#define ONCE __attribute__((noinline))

/* ---- Lists of connections ---- */

/* A list is a ring: its own link comes before the first and after the last, and goes by the number 0. */

static struct link *
output_link(struct la_stack *s, uint32_t index)
{
        struct link *of_tcb = &tcb_at(s, index)->output;

        return index ? of_tcb : &s->output;
}

void
output_append(struct la_stack *s, uint32_t index, struct tcb *t)
{
        t->in_output = true;
        t->output = (struct link){ s->output.previous, 0 };
        output_link(s, s->output.previous)->next = index;
        s->output.previous = index;
}

void
output_unlink(struct la_stack *s, struct tcb *t)
{
        t->in_output = false;
        output_link(s, t->output.previous)->next = t->output.next;
        output_link(s, t->output.next)->previous = t->output.previous;
}

static void
output_remove(struct la_stack *s, struct tcb *t)
{
        if (LA_UNLIKELY(t->in_output))
                output_unlink(s, t);
}

static struct link *
notice_link(const struct la_stack *s, struct link *list, uint32_t ref)
{
        if (ref == 0)
                return list;
        return ref_kind(ref) == REF_TCB ? &tcb_at(s, ref_index(ref))->notice : &listener_at(s, ref_index(ref))->notice;
}

static void
links_append(struct la_stack *s, struct link *list, uint32_t ref)
{
        *notice_link(s, list, ref) = (struct link){ list->previous, 0 };
        notice_link(s, list, list->previous)->next = ref;
        list->previous = ref;
}

static void
links_remove(struct la_stack *s, struct link *list, const struct link *link)
{
        notice_link(s, list, link->previous)->next = link->next;
        notice_link(s, list, link->next)->previous = link->previous;
}

static void
notice_connection(struct la_stack *s, uint32_t index)
{
        struct tcb *t = tcb_at(s, index);

        if (t->in_notice)
                return;
        /* One link serves both lists: who is told of something else is to try whether there is memory now. */
        if (LA_UNLIKELY(t->starves)) {
                t->starves = false;
                t->happened |= LA_HAPPENED_WRITABLE;
                links_remove(s, &s->starving, &t->notice);
        }
        t->in_notice = true;
        links_append(s, &s->notices, ref_make(REF_TCB, index));
}

void
notice_listener(struct la_stack *s, struct listener *l, uint32_t happened)
{
        l->happened |= (uint16_t)happened;
        if (!l->in_notice) {
                l->in_notice = true;
                links_append(s, &s->notices, ref_make(REF_LISTENER, l->index));
        }
}

void
forget_notice(struct la_stack *s, struct tcb *t)
{
        if (t->in_notice)
                links_remove(s, &s->notices, &t->notice);
        else if (LA_UNLIKELY(t->starves))
                links_remove(s, &s->starving, &t->notice);
        t->in_notice = t->starves = false;
}

void
forget_listener_notice(struct la_stack *s, struct listener *l)
{
        if (l->in_notice)
                links_remove(s, &s->notices, &l->notice);
        l->in_notice = false;
}

/* ---- Memory ---- */

/* Whoever has something in flight is told of room when it is acknowledged.  Who found no memory for the first byte is told
 * when some is given back. */
void
wait_for_memory(struct la_stack *s, uint32_t index)
{
        struct tcb *t = tcb_at(s, index);

        if (t->out.head || t->starves)
                return;
        if (t->in_notice) {
                t->happened |= LA_HAPPENED_WRITABLE;
                return;
        }
        t->starves = true;
        links_append(s, &s->starving, ref_make(REF_TCB, index));
}

/* All of them: whether who is told first wants it still is not known. */
static ONCE void
feed(struct la_stack *s)
{
        while (s->starving.next && s->host.chunks.used + s->host.chunks.promised < s->host.chunks.limit)
                notice_connection(s, ref_index(s->starving.next));
}

/* ---- Beginning and end ---- */

uint32_t
tcb_take_blank(struct la_stack *s)
{
        uint32_t index = pool_take(&s->host, &s->tcbs);

        if (!index)
                return 0;
        if (++s->next_generation == 0)
                s->next_generation = 1;
        tcb_at(s, index)->generation = s->next_generation;
        return index;
}

uint32_t
tcb_take(struct la_stack *s, const struct tuple *tuple, const struct tcp_options_set *set)
{
        uint32_t index = tcb_take_blank(s);

        if (index)
                tcb_init(&s->host, tcb_at(s, index), tuple, set);
        return index;
}

void
tcb_give(struct la_stack *s, uint32_t index)
{
        struct tcb *t = tcb_at(s, index);

        LA_ASSERT(!t->hashed);
        wheel_disarm(s, index);
        output_remove(s, t);
        forget_notice(s, t);
        tcb_quiet(&s->host, t, false);
        t->generation = 0;
        pool_give(&s->host, &s->tcbs, index);
}

static void
unhash(struct la_stack *s, uint32_t index)
{
        struct tcb *t = tcb_at(s, index);

        if (!t->hashed)
                return;
        index_remove(s, stack_hash(s, &t->tuple), ref_make(REF_TCB, index));
        t->hashed = false;
}

static void
orphan_ends(struct la_stack *s, struct tcb *t)
{
        if (!t->dead)
                return;
        LA_ASSERT(s->orphans > 0);
        s->orphans--;
}

static void
send_last(struct la_stack *s, struct tcb *t)
{
        if (t->want_reset)
                output_reset(&s->host, t, reply_begin(s));
        else if (t->want_ack)
                output_ack(&s->host, t, reply_begin(s));
        else
                return;
        t->want_reset = t->want_ack = false;
        reply_add(s);
}

static ONCE void
close_down(struct la_stack *s, uint32_t index)
{
        struct tcb *t = tcb_at(s, index);

        send_last(s, t);
        unhash(s, index);
        wheel_disarm(s, index);
        output_remove(s, t);
        if (t->held || t->queued)
                return;
        orphan_ends(s, t);
        LA_ASSERT(s->host.states[LA_CLOSED] > 0);
        s->host.states[LA_CLOSED]--;
        tcb_give(s, index);
}

/* TIME_WAIT needs no connection, nor does an orphan in FIN_WAIT_2.  A user who still holds the handle keeps what can be
 * read, in a connection that no segment finds any more. */
static ONCE void
become_record(struct la_stack *s, uint32_t index)
{
        struct tcb *t = tcb_at(s, index);
        bool was_record = !t->hashed;

        if (t->hashed)
                send_last(s, t);
        if (t->hashed && !time_wait_add(s, index)) {
                tcb_end(&s->host, t, t->state == LA_TIME_WAIT ? LA_T_TIME_WAIT_OVERFLOW : LA_T_FIN_WAIT_2_OVERFLOW,
                        LA_OK);
                close_down(s, index);
                return;
        }
        t->hashed = false;
        tcb_quiet(&s->host, t, true);
        wheel_disarm(s, index);
        output_remove(s, t);
        if (t->held || t->queued)
                return;
        if (was_record)
                time_wait_let_go(s, index);
        orphan_ends(s, t);
        tcb_give(s, index);
}

/* The wheel may call too early, never too late: it is told only of deadlines that come nearer. */
static void
arm_timer(struct la_stack *s, uint32_t index, struct tcb *t)
{
        uint32_t at;

        if (!timers_next(&s->host, t, &at))
                return;
        if (!t->armed || (int32_t)(at - t->armed_ms) < 0)
                wheel_arm(s, index, at);
}

void
settle_timer(struct la_stack *s, uint32_t index)
{
        arm_timer(s, index, tcb_at(s, index));
}

/* Linux tcp_max_orphans: an orphan over the limit is reset (RFC 9293 knows no such limit). */
void
orphan_begins(struct la_stack *s, uint32_t index)
{
        struct tcb *t = tcb_at(s, index);
        enum la_transition row = row_of_orphan_limit((enum la_state)t->state);

        s->orphans++;
        if (s->orphans <= s->host.rules.max_orphans || row == NO_ROW)
                return;
        count(&s->host, LA_C_TCPAbortOnMemory);
        tcb_reset(&s->host, t, row, LA_ERR_ABORTED);
}

static bool
wants_output(const struct tcb *t)
{
        return t->want_output || t->want_ack || t->want_first || t->want_probe;
}

static void
settle_one(struct la_stack *s, uint32_t index)
{
        struct tcb *t = tcb_at(s, index);
        bool recorded = t->state == LA_TIME_WAIT || (t->state == LA_FIN_WAIT_2 && t->dead);

        if (LA_UNLIKELY(t->let_in) && (!t->syn_unacked || t->state == LA_CLOSED || recorded))
                fastopen_pending_ends(s, t);
        if (t->happened && t->held)
                notice_connection(s, index);
        if (t->state == LA_CLOSED) {
                close_down(s, index);
                return;
        }
        if (recorded) {
                become_record(s, index);
                return;
        }
        /* What leaves sets timers of its own, and la_output() looks at them afterwards. */
        if (t->in_output)
                return;
        if (wants_output(t))
                output_append(s, index, t);
        else
                arm_timer(s, index, t);
}

void
settle(struct la_stack *s, uint32_t index)
{
        settle_one(s, index);
        if (LA_UNLIKELY(s->starving.next))
                feed(s);
}

void
la_settle(struct la_stack *s)
{
        loans_end(&s->host);
        if (LA_UNLIKELY(s->starving.next))
                feed(s);
}

/* ---- What waits for la_next_event() ---- */

bool
la_next_event(struct la_stack *s, struct la_event_report *ret_event)
{
        uint32_t ref = s->notices.next;

        if (!ref)
                return false;
        if (ref_kind(ref) == REF_TCB) {
                struct tcb *t = tcb_at(s, ref_index(ref));

                forget_notice(s, t);
                *ret_event = (struct la_event_report){ { ref, t->generation }, t->happened, t->user };
                t->happened = 0;
        } else {
                struct listener *l = listener_at(s, ref_index(ref));

                forget_listener_notice(s, l);
                *ret_event = (struct la_event_report){ { ref, l->generation }, l->happened, l->user };
                l->happened = 0;
        }
        return true;
}
