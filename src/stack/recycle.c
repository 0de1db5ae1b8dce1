/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcp_tw_recycle as Linux had it until 4.12, so that the lab can show what it breaks.
 *
 * A connection with timestamps waits in TIME_WAIT for three and a half retransmission timeouts only.  What 2 MSL would
 * have protected from is left to a memory of hosts: the last timestamp of each address from which a connection ended
 * here.  For a minute, a SYN from there that carries an older one, or none, is dropped.  Two hosts behind one address
 * are one to it; that is the reason why it went.  (tcp_remember_stamp() and tcp_peer_is_proven() in Linux 4.11.)
 */
#include "stack/stack.h"

#include <string.h>

#define REMEMBERED_MS 60000u
#define MAY_DIFFER    1 /* TCP_PAWS_WINDOW */

static struct recycle_host *
host_of(struct la_stack *s, const struct tuple *tuple)
{
        struct tuple remote = *tuple;

        remote.local_port = remote.remote_port = 0;
        memset(remote.local, 0, sizeof remote.local);
        return &s->recycle[stack_hash(s, &remote) % RECYCLE_HOSTS];
}

void
recycle_remember(struct la_stack *s, const struct tuple *tuple, uint32_t ts)
{
        struct recycle_host *h = host_of(s, tuple);

        *h = (struct recycle_host){ .known = true, .ts = ts, .at_ms = s->host.now_ms };
        memcpy(h->address, tuple->remote, 16);
}

bool
recycle_refuses(struct la_stack *s, const struct tuple *tuple, const struct segment *syn)
{
        const struct recycle_host *h;

        if (LA_LIKELY(!s->host.rules.tw_recycle))
                return false;
        h = host_of(s, tuple);
        if (!h->known || memcmp(h->address, tuple->remote, 16) != 0)
                return false;
        if (s->host.now_ms - h->at_ms >= REMEMBERED_MS)
                return false;
        return !syn->options.has_timestamps || (int32_t)(h->ts - syn->options.ts_value) > MAY_DIFFER;
}

uint32_t
recycle_wait_ms(const struct la_stack *s)
{
        return s->host.rules.rto_min_us / 1000 * 7 / 2;
}
