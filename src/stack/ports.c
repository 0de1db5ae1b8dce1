/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which local port a connection gets: RFC 6056 3.3.3, the simple hash-based algorithm with one counter, over
 * ip_local_port_range without ip_local_reserved_ports.
 *
 * A port is taken towards one destination only: what decides is the tuple, so that each destination has the whole
 * range.  A port on which somebody listens is left alone.
 */
#include "stack/stack.h"

#include <string.h>

static bool
is_loopback(const struct tuple *t)
{
        static const uint8_t loopback6[16] = { [15] = 1 };

        if (t->family == LA_IPV4)
                return t->local[0] == 127 || t->remote[0] == 127;
        return memcmp(t->local, loopback6, 16) == 0 || memcmp(t->remote, loopback6, 16) == 0;
}

/* As Linux's tcp_twsk_unique(): timestamps must tell the two connections apart, and FIN_WAIT_2 is never replaced. */
bool
time_wait_may_reuse(const struct la_stack *s, uint32_t ref)
{
        const struct time_wait *w = time_wait_at(s, ref);
        const struct tcp_rules *rules = &s->host.rules;
        struct tuple tuple = time_wait_tuple(s, ref);

        if (rules->tw_reuse == 0 || (rules->tw_reuse == 2 && !is_loopback(&tuple)))
                return false;
        if (w->fin_wait_2 || !w->timestamps || !rules->timestamps)
                return false;
        return s->host.now_ms - w->since_ms >= rules->tw_reuse_delay_ms;
}

static bool
somebody_listens(const struct la_stack *s, const struct tuple *tuple)
{
        return listener_find(s, tuple) != 0;
}

/* Free, or held by a TIME_WAIT record that may be replaced. */
static bool
port_usable(const struct la_stack *s, const struct tuple *tuple, uint32_t *ret_reuse)
{
        uint32_t ref;

        if (port_reserved(s, tuple->local_port) || somebody_listens(s, tuple))
                return false;
        ref = index_find(s, tuple, stack_hash(s, tuple));
        if (ref && !(ref_kind(ref) == REF_TIME_WAIT4 || ref_kind(ref) == REF_TIME_WAIT6))
                return false;
        if (ref && !time_wait_may_reuse(s, ref))
                return false;
        *ret_reuse = ref;
        return true;
}

enum la_error
port_choose(struct la_stack *s, struct tuple *tuple, uint32_t *ret_reuse)
{
        const struct tcp_rules *rules = &s->host.rules;
        uint32_t range = (uint32_t)rules->port_high - rules->port_low + 1u;
        uint32_t start;

        tuple->local_port = 0;
        start = (uint32_t)tuple_secret(&s->host.keys.ports, tuple, false, true) + s->next_port;
        for (uint32_t i = 0; i < range; i++) {
                tuple->local_port = (uint16_t)(rules->port_low + (start + i) % range);
                if (!port_usable(s, tuple, ret_reuse))
                        continue;
                s->next_port += i + 1;
                return LA_OK;
        }
        return LA_ERR_NO_PORTS;
}
