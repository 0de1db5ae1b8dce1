/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/congestion.h"

#include <string.h>

/* Linux calls Reno what RFC 5681 and 6582 describe. */
static const struct congestion *const algorithms[] = { &congestion_newreno };

const struct congestion *
congestion_at(unsigned int index)
{
        return index < sizeof algorithms / sizeof algorithms[0] ? algorithms[index] : NULL;
}

bool
congestion_find(const char *name, size_t length, unsigned int *ret_index)
{
        for (unsigned int i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
                const char *known = algorithms[i]->name;
                size_t n = 0;

                while (known[n])
                        n++;
                if (n == length && memcmp(known, name, n) == 0) {
                        *ret_index = i;
                        return true;
                }
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
