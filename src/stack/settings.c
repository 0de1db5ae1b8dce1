/* SPDX-License-Identifier: BSD-2-Clause */
/* The settings of one connection, LA_OPTION_...: their ranges, and what a change does at once. */
#include "stack/stack.h"

static struct tcp_options_set *
options_of(const struct la_stack *s, struct la_handle handle)
{
        uint32_t tcb = tcb_of(s, handle);
        struct listener *l = listener_of(s, handle);

        return tcb ? &tcb_at(s, tcb)->set : l ? &l->set : NULL;
}

static bool
option_in_range(const struct la_stack *s, enum la_option option, int64_t value)
{
        static const struct {
                int64_t least, most;
        } ranges[LA_OPTION_COUNT] = {
                [LA_OPTION_NODELAY] = { 0, 1 },
                [LA_OPTION_CORK] = { 0, 1 },
                [LA_OPTION_QUICKACK] = { 0, 1 },
                [LA_OPTION_KEEPALIVE] = { 0, 1 },
                [LA_OPTION_KEEPALIVE_TIME] = { 0, 32767 },
                [LA_OPTION_KEEPALIVE_INTERVAL] = { 0, 32767 },
                [LA_OPTION_KEEPALIVE_PROBES] = { 0, 127 },
                [LA_OPTION_USER_TIMEOUT] = { 0, INT32_MAX / 2 },
                [LA_OPTION_LINGER] = { -1, 32767 },
                [LA_OPTION_SEND_BUFFER] = { 1, INT32_MAX },
                [LA_OPTION_RECEIVE_BUFFER] = { 1, INT32_MAX },
                [LA_OPTION_MSS] = { 0, 65495 },
                [LA_OPTION_TOS] = { 0, 255 },
                [LA_OPTION_TTL] = { 1, 255 },
                [LA_OPTION_FASTOPEN] = { 0, 65535 },
                [LA_OPTION_FASTOPEN_CONNECT] = { 0, 1 },
                [LA_OPTION_ICMP_ERRORS] = { 0, 1 },
                [LA_OPTION_MAX_PACING_RATE] = { 0, INT64_MAX },
                [LA_OPTION_PACING] = { -1, 1 },
                [LA_OPTION_USER] = { INT64_MIN, INT64_MAX },
        };

        if (option >= LA_OPTION_COUNT || value < ranges[option].least || value > ranges[option].most)
                return false;
        if (option == LA_OPTION_SEND_BUFFER)
                return value <= s->host.rules.send_buffer[2];
        if (option == LA_OPTION_RECEIVE_BUFFER)
                return value <= s->host.rules.receive_buffer[2];
        return option != LA_OPTION_MSS || value == 0 || value >= 88;
}

static void
option_store(struct tcp_options_set *set, enum la_option option, int64_t value)
{
        switch (option) {
        case LA_OPTION_NODELAY:
                set->nodelay = value;
                break;
        case LA_OPTION_CORK:
                set->cork = value;
                break;
        case LA_OPTION_QUICKACK:
                set->quickack = value;
                break;
        case LA_OPTION_KEEPALIVE:
                set->keepalive = value;
                break;
        case LA_OPTION_KEEPALIVE_TIME:
                set->keepalive_time_s = (uint16_t)value;
                break;
        case LA_OPTION_KEEPALIVE_INTERVAL:
                set->keepalive_interval_s = (uint16_t)value;
                break;
        case LA_OPTION_KEEPALIVE_PROBES:
                set->keepalive_probes = (unsigned int)value & 0x7f;
                break;
        case LA_OPTION_USER_TIMEOUT:
                set->user_timeout_ms = (uint32_t)value;
                break;
        case LA_OPTION_LINGER:
                set->linger_s = (int16_t)value;
                break;
        case LA_OPTION_SEND_BUFFER:
                set->send_buffer = (uint32_t)value;
                set->send_buffer_set = true;
                break;
        case LA_OPTION_RECEIVE_BUFFER:
                set->receive_buffer = (uint32_t)value;
                break;
        case LA_OPTION_MSS:
                set->mss = (uint16_t)value;
                break;
        case LA_OPTION_TOS:
                set->tos = (uint8_t)(value & ~3); /* ECN is not the user's: as in Linux */
                break;
        case LA_OPTION_TTL:
                set->ttl = (uint8_t)value;
                break;
        case LA_OPTION_FASTOPEN_CONNECT:
                set->fast_open = value;
                break;
        case LA_OPTION_ICMP_ERRORS:
                set->icmp_errors = value;
                break;
        case LA_OPTION_PACING:
                set->pacing = (uint8_t)(value < 0 ? PACING_AS_STACK : value ? PACING_ON : PACING_OFF) & 3;
                break;
        case LA_OPTION_MAX_PACING_RATE:
        case LA_OPTION_FASTOPEN:
        case LA_OPTION_USER:
        case LA_OPTION_COUNT:
                break;
        }
}

/* Fast Open: how many are let in is a listener's, what goes in the SYN is settled when it leaves.  A ceiling is kept in a
 * record, which who sends nothing any more has given back. */
static bool
option_applies(const struct la_stack *s, uint32_t tcb, enum la_option option)
{
        const struct tcb *t = tcb_at(s, tcb);

        if (tcb && option == LA_OPTION_MAX_PACING_RATE)
                return t->state != LA_CLOSED && t->state != LA_TIME_WAIT;
        if (!tcb || (option != LA_OPTION_FASTOPEN && option != LA_OPTION_FASTOPEN_CONNECT))
                return true;
        return option == LA_OPTION_FASTOPEN_CONNECT && t->state == LA_SYN_SENT && seq_eq(t->snd.rtx, t->snd.iss);
}

/* What an option changes at once, beside its value. */
static void
option_acts(struct la_stack *s, uint32_t tcb, enum la_option option)
{
        struct tcb *t = tcb_at(s, tcb);

        if (option == LA_OPTION_NODELAY || option == LA_OPTION_CORK)
                t->want_output = tcb_synchronized(t);
        if (option == LA_OPTION_QUICKACK && t->set.quickack && t->ack_on)
                t->want_ack = true;
        if (option >= LA_OPTION_KEEPALIVE && option <= LA_OPTION_KEEPALIVE_PROBES)
                timers_on_keepalive_set(&s->host, t);
        if (option == LA_OPTION_PACING && t->state != LA_CLOSED)
                pacing_on_changed(&s->host, t);
        settle(s, tcb);
}

/* What is kept elsewhere than among the settings; false if there is no room for it. */
static bool
option_store_elsewhere(struct la_stack *s, struct la_handle handle, enum la_option option, int64_t value)
{
        struct listener *l = listener_of(s, handle);
        uint32_t tcb = tcb_of(s, handle);

        if (option == LA_OPTION_USER)
                *(tcb ? &tcb_at(s, tcb)->user : &l->user) = (uint64_t)value;
        else if (option == LA_OPTION_FASTOPEN)
                fastopen_set_limit(s, l, (uint32_t)value);
        else if (option == LA_OPTION_MAX_PACING_RATE && tcb)
                return pacing_set_ceiling(&s->host, tcb_at(s, tcb), (uint64_t)value);
        else if (option == LA_OPTION_MAX_PACING_RATE)
                l->max_pacing_rate = (uint64_t)value;
        return true;
}

enum la_error
la_option_set(struct la_stack *s, tcp_time now, struct la_handle handle, enum la_option option, int64_t value)
{
        struct tcp_options_set *set = options_of(s, handle);
        uint32_t tcb = tcb_of(s, handle);

        if (!set)
                return LA_ERR_HANDLE;
        if (!option_in_range(s, option, value))
                return LA_ERR_INVALID;
        if (!option_applies(s, tcb, option))
                return LA_ERR_NOT_CONNECTED;
        host_set_time(&s->host, now);
        if (!option_store_elsewhere(s, handle, option, value))
                return LA_ERR_NO_PACERS;
        option_store(set, option, value);
        if (tcb)
                option_acts(s, tcb, option);
        return LA_OK;
}

enum la_error
la_option_get(const struct la_stack *s, struct la_handle handle, enum la_option option, int64_t *ret_value)
{
        const struct tcp_options_set *set = options_of(s, handle);
        uint32_t tcb = tcb_of(s, handle);

        if (!set)
                return LA_ERR_HANDLE;
        if (option >= LA_OPTION_COUNT)
                return LA_ERR_INVALID;
        int64_t values[LA_OPTION_COUNT] = {
                [LA_OPTION_NODELAY] = set->nodelay,
                [LA_OPTION_CORK] = set->cork,
                [LA_OPTION_QUICKACK] = set->quickack,
                [LA_OPTION_KEEPALIVE] = set->keepalive,
                [LA_OPTION_KEEPALIVE_TIME] = set->keepalive_time_s,
                [LA_OPTION_KEEPALIVE_INTERVAL] = set->keepalive_interval_s,
                [LA_OPTION_KEEPALIVE_PROBES] = set->keepalive_probes,
                [LA_OPTION_USER_TIMEOUT] = set->user_timeout_ms,
                [LA_OPTION_LINGER] = set->linger_s,
                [LA_OPTION_SEND_BUFFER] = set->send_buffer,
                [LA_OPTION_RECEIVE_BUFFER] = set->receive_buffer,
                [LA_OPTION_MSS] = set->mss,
                [LA_OPTION_TOS] = set->tos,
                [LA_OPTION_TTL] = set->ttl,
                [LA_OPTION_FASTOPEN] = tcb ? 0 : listener_of(s, handle)->fastopen.limit,
                [LA_OPTION_FASTOPEN_CONNECT] = set->fast_open,
                [LA_OPTION_ICMP_ERRORS] = set->icmp_errors,
                [LA_OPTION_MAX_PACING_RATE] = (int64_t)(tcb ? pacing_ceiling(&s->host, tcb_at(s, tcb))
                                                            : listener_of(s, handle)->max_pacing_rate),
                [LA_OPTION_PACING] = set->pacing == PACING_AS_STACK ? -1 : set->pacing == PACING_ON,
                [LA_OPTION_USER] = (int64_t)(tcb ? tcb_at(s, tcb)->user : listener_of(s, handle)->user),
        };
        *ret_value = values[option];
        return LA_OK;
}
