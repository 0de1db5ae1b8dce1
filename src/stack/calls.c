/* SPDX-License-Identifier: BSD-2-Clause */
/* The user's calls: from a handle to the connection, and back to the stack's order. */
#include "stack/stack.h"

#include <string.h>

#include "tcp/isn.h"
#include "wire/bytes.h"

uint32_t
tcb_of(const struct la_stack *s, struct la_handle handle)
{
        uint32_t index = ref_index(handle.index);

        if (LA_UNLIKELY(ref_kind(handle.index) != REF_TCB || index == 0 || index > s->tcbs.limit ||
                        handle.generation == 0))
                return 0;
        return LA_LIKELY(tcb_at(s, index)->generation == handle.generation && tcb_at(s, index)->held) ? index : 0;
}

struct listener *
listener_of(const struct la_stack *s, struct la_handle handle)
{
        uint32_t index = ref_index(handle.index);

        if (ref_kind(handle.index) != REF_LISTENER || index == 0 || index > s->listeners.limit ||
            handle.generation == 0)
                return NULL;
        return listener_at(s, index)->generation == handle.generation ? listener_at(s, index) : NULL;
}

/* ---- OPEN ---- */

static bool
is_zero(const uint8_t *bytes, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (bytes[i])
                        return false;
        return true;
}

static struct la_endpoint
default_local(const struct la_stack *s, enum la_family family)
{
        struct la_endpoint e = { .port = 0 };

        if (family == LA_IPV4)
                put4_of_16(e.address, s->config.address4);
        else
                memcpy(e.address, s->config.address6, 16);
        return e;
}

/* MUST-44: where the user names no local address the host does. */
static enum la_error
choose_ends(const struct la_stack *s, enum la_family family, const struct la_endpoint *local,
            const struct la_endpoint *remote, struct tuple *ret_tuple)
{
        struct la_endpoint from = default_local(s, family);

        if ((family != LA_IPV4 && family != LA_IPV6) || remote->port == 0)
                return LA_ERR_INVALID;
        if (local) {
                from.port = local->port;
                if (!is_zero(local->address, 16))
                        memcpy(from.address, local->address, 16);
        }
        if (!ip_is_unicast(family, remote->address) || !ip_is_unicast(family, from.address))
                return LA_ERR_ADDRESS; /* MUST-46 */
        *ret_tuple = tuple_of(family, &from, remote);
        return LA_OK;
}

/* The port, and the TIME_WAIT record that has it, if any. */
static enum la_error
choose_port(struct la_stack *s, struct tuple *tuple, uint32_t *ret_reuse)
{
        uint32_t ref;

        if (tuple->local_port == 0)
                return port_choose(s, tuple, ret_reuse);
        ref = index_find(s, tuple, stack_hash(s, tuple));
        *ret_reuse = ref;
        if (!ref)
                return LA_OK;
        if (ref_kind(ref) != REF_TIME_WAIT4 && ref_kind(ref) != REF_TIME_WAIT6)
                return LA_ERR_IN_USE;
        return time_wait_may_reuse(s, ref) ? LA_OK : LA_ERR_IN_USE;
}

/* The record makes way; its sequence numbers do not come again. */
static void
replace_record(struct la_stack *s, uint32_t ref, uint32_t tcb)
{
        struct tcb *t = tcb_at(s, tcb);
        tcp_seq used = time_wait_at(s, ref)->snd_nxt;

        index_replace(s, stack_hash(s, &t->tuple), ref, ref_make(REF_TCB, tcb));
        time_wait_at(s, ref)->shadowed = true;
        time_wait_forget(s, ref);
        count(&s->host, LA_C_TWRecycled);
        tcb_open(&s->host, t, LA_T_TIME_WAIT_ACTIVE_OPEN, isn_choose_after(&s->host, &t->tuple, used));
}

static enum la_error
open_connection(struct la_stack *s, const struct tuple *tuple, uint32_t reuse, enum la_transition row,
                const struct tcp_options_set *set, uint64_t ceiling, uint64_t user, struct la_handle *ret_connection)
{
        uint32_t tcb = tcb_take(s, tuple, set);
        struct tcb *t = tcb_at(s, tcb);

        if (!tcb)
                return LA_ERR_NO_CONNECTIONS;
        t->held = true;
        t->user = user;
        if (reuse) {
                replace_record(s, reuse, tcb);
        } else {
                index_add(s, stack_hash(s, tuple), ref_make(REF_TCB, tcb));
                tcb_open(&s->host, t, row, isn_choose(&s->host, tuple));
        }
        t->hashed = true;
        t->happened = 0; /* the caller knows */
        pacing_on_opened(&s->host, t, ceiling);
        settle(s, tcb);
        *ret_connection = (struct la_handle){ ref_make(REF_TCB, tcb), t->generation };
        return LA_OK;
}

enum la_error
la_open(struct la_stack *s, tcp_time now, enum la_family family, const struct la_endpoint *local,
        const struct la_endpoint *remote, uint64_t user, struct la_handle *ret_connection)
{
        struct tuple tuple;
        uint32_t reuse = 0;
        enum la_error error = choose_ends(s, family, local, remote, &tuple);

        host_set_time(&s->host, now);
        if (error == LA_OK && s->tcbs.used == s->tcbs.limit)
                error = LA_ERR_NO_CONNECTIONS;
        if (error == LA_OK)
                error = choose_port(s, &tuple, &reuse);
        if (error != LA_OK)
                return error;
        return open_connection(s, &tuple, reuse, LA_T_CLOSED_ACTIVE_OPEN, NULL, 0, user, ret_connection);
}

/* "Change the connection from passive to active" (3.10.1, 3.10.2), or an error that has changed nothing. */
static enum la_error
turn_active(struct la_stack *s, uint32_t listener, const struct la_endpoint *remote, enum la_transition row,
            uint64_t user, struct la_handle *ret_connection)
{
        const struct listener *l = listener_at(s, listener);
        struct tcp_options_set set = l->set;
        struct la_endpoint local = tuple_local(&l->tuple);
        struct tuple tuple;
        uint64_t ceiling = l->max_pacing_rate;
        uint32_t reuse = 0;
        enum la_error error = choose_ends(s, (enum la_family)l->tuple.family, &local, remote, &tuple);

        if (error == LA_OK)
                error = choose_port(s, &tuple, &reuse);
        if (error == LA_OK && s->tcbs.used == s->tcbs.limit)
                error = LA_ERR_NO_CONNECTIONS;
        if (error != LA_OK)
                return error;
        listener_end(s, listener, NO_ROW);
        return open_connection(s, &tuple, reuse, row, &set, ceiling, user, ret_connection);
}

enum la_error
la_open_listener(struct la_stack *s, tcp_time now, struct la_handle listener, const struct la_endpoint *remote,
                 uint64_t user, struct la_handle *ret_connection)
{
        if (!listener_of(s, listener))
                return LA_ERR_HANDLE;
        host_set_time(&s->host, now);
        return turn_active(s, ref_index(listener.index), remote, LA_T_LISTEN_ACTIVE_OPEN, user, ret_connection);
}

static bool
flags_unknown(uint32_t flags)
{
        return (flags & ~(uint32_t)(LA_SEND_MORE | LA_SEND_URGENT | LA_SEND_LAST | LA_SEND_CONSTANT)) != 0;
}

enum la_error
la_send_listener(struct la_stack *s, tcp_time now, struct la_handle listener, const struct la_endpoint *remote,
                 const uint8_t *bytes, size_t length, uint32_t flags, size_t *ret_taken,
                 struct la_handle *ret_connection)
{
        struct listener *l = listener_of(s, listener);
        struct la_handle connection;
        enum la_error error;

        if (!l)
                return LA_ERR_HANDLE;
        if (flags_unknown(flags))
                return LA_ERR_INVALID;
        if (length > 0 && s->host.chunks.used == s->host.chunks.limit)
                return LA_ERR_AGAIN; /* "if there is no room to queue the request" */
        host_set_time(&s->host, now);
        error = turn_active(s, ref_index(listener.index), remote, LA_T_LISTEN_SEND, l->user, &connection);
        if (error != LA_OK)
                return error;
        error = la_send(s, now, connection, bytes, length, flags, ret_taken);
        LA_ASSERT(error == LA_OK);
        *ret_connection = connection;
        return LA_OK;
}

/* ---- SEND and RECEIVE ---- */

enum la_error
la_send(struct la_stack *s, tcp_time now, struct la_handle connection, const uint8_t *bytes, size_t length,
        uint32_t flags, size_t *ret_taken)
{
        uint32_t tcb = tcb_of(s, connection);
        enum la_error error;

        if (!tcb)
                return listener_of(s, connection) ? LA_ERR_NOT_CONNECTED : LA_ERR_HANDLE;
        if (flags_unknown(flags))
                return LA_ERR_INVALID;
        host_set_time(&s->host, now);
        error = tcb_send(&s->host, tcb_at(s, tcb), bytes, length, flags, ret_taken);
        if (error == LA_ERR_AGAIN)
                wait_for_memory(s, tcb);
        if (error == LA_OK || error == LA_ERR_AGAIN)
                settle(s, tcb);
        return error;
}

enum la_error
la_send_space(struct la_stack *s, struct la_handle connection, uint8_t **ret_bytes, size_t *ret_room)
{
        uint32_t tcb = tcb_of(s, connection);
        enum la_error error;

        if (!tcb)
                return LA_ERR_HANDLE;
        s->host.space_bytes = 0;
        error = tcb_send_space(&s->host, tcb_at(s, tcb), ret_bytes, ret_room);
        if (error == LA_ERR_AGAIN) {
                wait_for_memory(s, tcb);
                settle(s, tcb);
        }
        if (error != LA_OK)
                return error;
        s->host.space_bytes = (uint32_t)*ret_room;
        s->space_of = tcb;
        return LA_OK;
}

enum la_error
la_send_commit(struct la_stack *s, tcp_time now, struct la_handle connection, size_t length, uint32_t flags)
{
        uint32_t tcb = tcb_of(s, connection), room = s->host.space_bytes;
        enum la_error error;

        if (!tcb)
                return LA_ERR_HANDLE;
        host_set_time(&s->host, now);
        if (flags_unknown(flags) || (flags & LA_SEND_CONSTANT) || tcb != s->space_of || room == 0 || length > room)
                return LA_ERR_INVALID;
        error = tcb_send_commit(&s->host, tcb_at(s, tcb), length, flags);
        if (error == LA_OK)
                settle(s, tcb);
        return error;
}

enum la_error
la_receive(struct la_stack *s, tcp_time now, struct la_handle connection, uint8_t *bytes, size_t room,
           size_t *ret_length)
{
        uint32_t tcb = tcb_of(s, connection);
        enum la_error error;

        if (!tcb)
                return listener_of(s, connection) ? LA_ERR_NOT_CONNECTED : LA_ERR_HANDLE;
        host_set_time(&s->host, now);
        error = tcb_receive(&s->host, tcb_at(s, tcb), bytes, room, ret_length);
        if (error == LA_OK)
                settle(s, tcb);
        return error;
}

enum la_error
la_receive_look(const struct la_stack *s, struct la_handle connection, struct la_part *ret_part)
{
        uint32_t tcb = tcb_of(s, connection);

        return tcb ? tcb_receive_look(&s->host, tcb_at(s, tcb), ret_part) : LA_ERR_HANDLE;
}

enum la_error
la_receive_done(struct la_stack *s, tcp_time now, struct la_handle connection, size_t length)
{
        uint32_t tcb = tcb_of(s, connection);
        enum la_error error;

        if (!tcb)
                return LA_ERR_HANDLE;
        host_set_time(&s->host, now);
        error = tcb_receive_done(&s->host, tcb_at(s, tcb), length);
        if (error == LA_OK)
                settle(s, tcb);
        return error;
}

/* ---- CLOSE and ABORT ---- */

enum la_error
la_shutdown(struct la_stack *s, tcp_time now, struct la_handle connection)
{
        uint32_t tcb = tcb_of(s, connection);
        enum la_error error;

        if (!tcb)
                return listener_of(s, connection) ? LA_ERR_NOT_CONNECTED : LA_ERR_HANDLE;
        host_set_time(&s->host, now);
        error = tcb_shutdown(&s->host, tcb_at(s, tcb));
        if (error == LA_OK)
                settle(s, tcb);
        return error;
}

static void
let_go(struct la_stack *s, uint32_t tcb)
{
        struct tcb *t = tcb_at(s, tcb);

        t->held = false;
        forget_notice(s, t);
}

enum la_error
la_close(struct la_stack *s, tcp_time now, struct la_handle handle)
{
        uint32_t tcb = tcb_of(s, handle);

        host_set_time(&s->host, now);
        if (listener_of(s, handle)) {
                listener_end(s, ref_index(handle.index), LA_T_LISTEN_CLOSE);
                return LA_OK;
        }
        if (!tcb)
                return LA_ERR_HANDLE;
        let_go(s, tcb);
        tcb_close(&s->host, tcb_at(s, tcb));
        orphan_begins(s, tcb);
        settle(s, tcb);
        return LA_OK;
}

enum la_error
la_abort(struct la_stack *s, tcp_time now, struct la_handle handle)
{
        uint32_t tcb = tcb_of(s, handle);

        host_set_time(&s->host, now);
        if (listener_of(s, handle)) {
                listener_end(s, ref_index(handle.index), LA_T_LISTEN_ABORT);
                return LA_OK;
        }
        if (!tcb)
                return LA_ERR_HANDLE;
        let_go(s, tcb);
        if (tcb_at(s, tcb)->state == LA_TIME_WAIT) /* the record is what is aborted */
                time_wait_stop(s, time_wait_of(s, tcb), LA_T_TIME_WAIT_ABORT);
        else
                tcb_abort(&s->host, tcb_at(s, tcb));
        settle(s, tcb);
        return LA_OK;
}

void
la_abort_orphans(struct la_stack *s, tcp_time now)
{
        host_set_time(&s->host, now);
        for (uint32_t i = 1; i < s->tcbs.fresh; i++) {
                struct tcb *t = tcb_at(s, i);

                if (!t->hashed || !t->dead)
                        continue;
                tcb_abort(&s->host, t);
                settle(s, i);
        }
        time_wait_abort_orphans(s);
}

enum la_error
la_abort_and_wait(struct la_stack *s, tcp_time now, struct la_handle handle)
{
        uint32_t tcb = tcb_of(s, handle);

        if (!tcb)
                return LA_ERR_HANDLE;
        host_set_time(&s->host, now);
        if (!tcb_abort_time_wait(&s->host, tcb_at(s, tcb)))
                return LA_ERR_NOT_CONNECTED;
        let_go(s, tcb);
        settle(s, tcb);
        return LA_OK;
}
