/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/congestion.h"

/* Linux calls Reno what RFC 5681 and 6582 describe. */
static const struct congestion *const algorithms[] = { &congestion_newreno };

const struct congestion *
congestion_at(unsigned int index)
{
        return index < sizeof algorithms / sizeof algorithms[0] ? algorithms[index] : NULL;
}

static bool
is_name(const char *known, const char *name, size_t length)
{
        for (size_t i = 0; i < length; i++)
                if (known[i] != name[i] || !known[i])
                        return false;
        return known[length] == '\0';
}

bool
congestion_find(const char *name, size_t length, unsigned int *ret_index)
{
        for (unsigned int i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
                if (!is_name(algorithms[i]->name, name, length))
                        continue;
                *ret_index = i;
                return true;
        }
        return false;
}

/* RFC 6928 2, for 10 segments: min(10 * MSS, max(2 * MSS, 14600)). */
uint32_t
congestion_initial_window(const struct tcp_host *h, const struct tcb *t)
{
        uint32_t mss = t->send_mss, most = 1460 * h->rules.initial_window, wanted = mss * h->rules.initial_window;

        if (most < 2 * mss)
                most = 2 * mss;
        return wanted < most ? wanted : most;
}

void
congestion_on_idle(struct tcp_host *h, struct tcb *t)
{
        uint32_t restart = congestion_initial_window(h, t);

        if (t->cc.cwnd > restart)
                t->cc.cwnd = restart;
        t->cc.acked = 0;
}
