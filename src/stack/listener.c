/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listeners: who takes a SYN, and what happens when more come than are accepted.
 *
 * Limits as Linux has them (and has tested by many): the accept queue is full when it holds more than min(backlog,
 * somaxconn), so it holds one more than the number says; the SYN queue likewise.  A full SYN queue is answered with
 * SYN cookies, if they are on; tcp_max_syn_backlog counts only where they are off.
 */
#include "stack/stack.h"

#include <string.h>

static uint32_t
bucket_of(uint16_t port)
{
        return port % LISTENER_BUCKETS;
}

static bool
is_zero(const uint8_t *bytes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (bytes[i])
                        return false;
        return true;
}

static uint32_t
find(const struct la_stack *s, uint16_t family, const uint8_t *address, uint16_t port)
{
        for (uint32_t i = s->bucket[bucket_of(port)]; i; i = listener_at(s, i)->next) {
                const struct listener *l = listener_at(s, i);

                if (l->tuple.local_port == port && l->tuple.family == family &&
                    memcmp(l->tuple.local, address, 16) == 0)
                        return i;
        }
        return 0;
}

/* One on the very address goes before one on any. */
uint32_t
listener_find(const struct la_stack *s, const struct tuple *tuple)
{
        static const uint8_t any[16];
        uint32_t i = find(s, tuple->family, tuple->local, tuple->local_port);

        return i ? i : find(s, tuple->family, any, tuple->local_port);
}

bool
listener_exact(const struct la_stack *s, enum la_family family, const struct la_endpoint *local)
{
        return find(s, (uint16_t)family, local->address, local->port) != 0;
}

enum la_error
la_listen(struct la_stack *s, tcp_time now, enum la_family family, const struct la_endpoint *local, uint32_t backlog,
          uint64_t user, struct la_handle *ret_listener)
{
        static const struct la_endpoint nobody;
        uint32_t index, *head;
        struct listener *l;

        if ((family != LA_IPV4 && family != LA_IPV6) || local->port == 0)
                return LA_ERR_INVALID;
        if (!is_zero(local->address, 16) && !ip_is_unicast(family, local->address))
                return LA_ERR_ADDRESS;
        if (listener_exact(s, family, local))
                return LA_ERR_IN_USE;
        index = pool_take(&s->host, &s->listeners);
        if (!index)
                return LA_ERR_NO_LISTENERS;
        host_set_time(&s->host, now);
        l = listener_at(s, index);
        *l = (struct listener){ 0 };
        if (++s->next_generation == 0)
                s->next_generation = 1;
        l->generation = s->next_generation;
        l->index = index;
        l->tuple = tuple_of(family, local, &nobody);
        l->any_address = is_zero(local->address, 16);
        l->backlog = backlog < s->host.rules.somaxconn ? backlog : s->host.rules.somaxconn;
        l->since_ms = s->host.now_ms;
        l->user = user;
        tcp_options_default(&s->host, &l->set);
        head = &s->bucket[bucket_of(local->port)];
        l->next = *head;
        *head = index;
        host_transition(&s->host, &l->tuple, LA_T_CLOSED_PASSIVE_OPEN, false, true);
        *ret_listener = (struct la_handle){ ref_make(REF_LISTENER, index), l->generation };
        return LA_OK;
}

/* ---- The accept queue ---- */

bool
listener_accepts(const struct la_stack *s, const struct listener *l)
{
        (void)s;
        return l->accept_count <= l->backlog;
}

void
listener_queue(struct la_stack *s, uint32_t listener, uint32_t tcb)
{
        struct listener *l = listener_at(s, listener);
        struct tcb *t = tcb_at(s, tcb);

        t->queued = true;
        t->notice.next = 0;
        if (l->accept_last)
                tcb_at(s, l->accept_last)->notice.next = tcb;
        else
                l->accept_first = tcb;
        l->accept_last = tcb;
        l->accept_count++;
        notice_listener(s, l, LA_HAPPENED_ACCEPTABLE);
}

static uint32_t
unqueue(struct la_stack *s, struct listener *l)
{
        uint32_t tcb = l->accept_first;
        struct tcb *t = tcb_at(s, tcb);

        if (!tcb)
                return 0;
        l->accept_first = t->notice.next;
        if (!l->accept_first)
                l->accept_last = 0;
        l->accept_count--;
        t->queued = false;
        t->notice = (struct link){ 0 };
        return tcb;
}

enum la_error
la_accept(struct la_stack *s, tcp_time now, struct la_handle listener, uint64_t user, struct la_handle *ret_connection)
{
        struct listener *l = listener_of(s, listener);
        struct tcb *t;
        uint32_t tcb;

        if (!l)
                return LA_ERR_HANDLE;
        tcb = unqueue(s, l);
        if (!tcb)
                return LA_ERR_AGAIN;
        host_set_time(&s->host, now);
        t = tcb_at(s, tcb);
        t->held = true;
        t->user = user;
        t->happened &= (uint16_t) ~(LA_HAPPENED_CONNECTED | LA_HAPPENED_STATE);
        settle(s, tcb);
        *ret_connection = (struct la_handle){ ref_make(REF_TCB, tcb), t->generation };
        return LA_OK;
}

/* ---- SYNs ---- */

/* Linux tcp_conn_request(): the SYN queue is full when it holds more than the backlog. */
static bool
syn_queue_full(const struct la_stack *s, const struct listener *l)
{
        return l->half_open > l->backlog || s->half_opens.used == s->half_opens.limit;
}

/* Without SYN cookies the last quarter of tcp_max_syn_backlog is kept for peers known to be real; none is known here. */
static bool
backlog_nearly_full(const struct la_stack *s, const struct listener *l)
{
        uint32_t most = s->host.rules.max_syn_backlog;

        return s->host.rules.syncookies == 0 && most - (l->half_open < most ? l->half_open : most) < most / 4;
}

void
listener_count_drop(struct la_stack *s, struct listener *l)
{
        count(&s->host, LA_C_ListenDrops);
        l->drops++;
}

static enum la_verdict
drop_syn(struct la_stack *s, struct listener *l, enum la_verdict verdict)
{
        if (verdict == LA_V_LISTEN_ACCEPT_QUEUE_FULL)
                count(&s->host, LA_C_ListenOverflows);
        listener_count_drop(s, l);
        return verdict;
}

enum la_verdict
listener_take_syn(struct la_stack *s, uint32_t listener, const struct tuple *tuple, struct arrival *a, uint32_t shadow)
{
        struct listener *l = listener_at(s, listener);
        const struct segment *g = a->segment;
        struct tcp_options offer;

        if (!shadow && recycle_refuses(s, tuple, g)) {
                count(&s->host, LA_C_PAWSPassive);
                return drop_syn(s, l, LA_V_LISTEN_RECYCLE);
        }
        if (s->host.rules.syncookies == 2 || syn_queue_full(s, l)) {
                if (s->host.rules.syncookies == 0) {
                        count(&s->host, LA_C_TCPReqQFullDrop);
                        return drop_syn(s, l, LA_V_LISTEN_SYN_QUEUE_FULL);
                }
                count(&s->host, LA_C_TCPReqQFullDoCookies);
                if (!listener_accepts(s, l))
                        return drop_syn(s, l, LA_V_LISTEN_ACCEPT_QUEUE_FULL);
                if (!cookie_answer(s, l, tuple, g, shadow))
                        return drop_syn(s, l, LA_V_LISTEN_COOKIE_BEHIND);
                return LA_V_LISTEN_COOKIE_SENT;
        }
        if (!listener_accepts(s, l))
                return drop_syn(s, l, LA_V_LISTEN_ACCEPT_QUEUE_FULL);
        if (backlog_nearly_full(s, l))
                return drop_syn(s, l, LA_V_LISTEN_SYN_QUEUE_FULL);
        if (!fastopen_take_syn(s, listener, tuple, a, shadow != 0, &offer))
                half_open_add(s, listener, tuple, g, shadow, &offer);
        return LA_V_GO_ON;
}

enum la_verdict
listener_arrives(struct la_stack *s, uint32_t listener, const struct tuple *tuple, struct arrival *a)
{
        enum la_verdict verdict = arrives_listen(a->segment);

        if (verdict == LA_V_LISTEN_ACK && !a->segment->syn)
                return cookie_arrives(s, listener, tuple, a, 0);
        if (verdict != LA_V_GO_ON)
                return verdict;
        return listener_take_syn(s, listener, tuple, a, 0);
}

/* ---- The end of a listener ---- */

static void
unlink_bucket(struct la_stack *s, struct listener *l)
{
        uint32_t *at = &s->bucket[bucket_of(l->tuple.local_port)];

        while (*at != l->index)
                at = &listener_at(s, *at)->next;
        *at = l->next;
}

static void
end_half_open(struct la_stack *s, uint32_t listener)
{
        for (unsigned int level = 0; level < HALF_OPEN_LEVELS; level++)
                for (uint32_t i = s->half_open_queue[level].first, next; i; i = next) {
                        next = half_open_at(s, i)->next;
                        if (half_open_at(s, i)->listener == listener)
                                half_open_end(s, i, LA_T_SYN_RECEIVED_ABORT);
                }
}

void
listener_end(struct la_stack *s, uint32_t listener, enum la_transition row)
{
        struct listener *l = listener_at(s, listener);
        uint32_t tcb;

        while ((tcb = unqueue(s, l)) != 0) {
                tcb_abort(&s->host, tcb_at(s, tcb));
                settle(s, tcb);
        }
        end_half_open(s, listener);
        fastopen_forget_listener(s, l);
        unlink_bucket(s, l);
        forget_listener_notice(s, l);
        if (row != NO_ROW)
                host_transition(&s->host, &l->tuple, row, true, false);
        else
                s->host.states[LA_LISTEN]--; /* what it became records the row */
        l->generation = 0;
        pool_give(&s->host, &s->listeners, listener);
}
