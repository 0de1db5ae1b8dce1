/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which local port a connection gets: RFC 6056 3.3.3, the simple hash-based algorithm with one counter, over
 * ip_local_port_range without ip_local_reserved_ports.
 *
 * A port is taken towards one destination only: what decides is the tuple, so that each destination has the whole
 * range.  A port on which somebody listens is left alone.
 */
#include "stack/stack.h"

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
