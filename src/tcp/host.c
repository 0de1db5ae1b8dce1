/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/host.h"

#include <string.h>

#include "model/check.h"
#include "wire/likely.h"

void
host_set_time(struct tcp_host *h, tcp_time now)
{
        /* Most calls come with the time of the one before. */
        if (LA_UNLIKELY(now > h->now_us)) {
                h->now_us = now;
                h->now_ms = (uint32_t)(now / 1000);
        }
}

uint32_t
pool_take(struct tcp_host *h, struct pool *p)
{
        uint32_t index = p->free;

        if (index)
                memcpy(&p->free, pool_item(h, p, index), sizeof p->free);
        else if (p->fresh <= p->limit)
                index = p->fresh++;
        else
                return 0;
        p->used++;
        return index;
}

void
pool_give(struct tcp_host *h, struct pool *p, uint32_t index)
{
        LA_ASSERT(index != 0 && p->used > 0);
        memcpy(pool_item(h, p, index), &p->free, sizeof p->free);
        p->free = index;
        p->used--;
}

static LA_RARELY void
trace_add(struct tcp_host *h, const struct tuple *who, struct la_trace entry)
{
        struct trace_ring *r = &h->trace;
        uint32_t at;

        if (r->count == r->limit) {
                r->first = (r->first + 1) % r->limit;
                r->count--;
                r->lost++;
        }
        entry.at = h->now_us;
        entry.arrival = h->arrival;
        if (who) {
                entry.family = (enum la_family)who->family;
                entry.local = tuple_local(who);
                entry.remote = tuple_remote(who);
        }
        at = (r->first + r->count++) % r->limit;
        ((struct la_trace *)((uintptr_t)h + r->offset))[at] = entry;
}

void
host_transition(struct tcp_host *h, const struct tuple *who, enum la_transition row, bool counted_before,
                bool counted_after)
{
        const struct la_transition_info *info = la_transition_info(row);

        LA_ASSERT(info);
        if (counted_before) {
                LA_ASSERT(h->states[info->from] > 0);
                h->states[info->from]--;
        }
        if (counted_after)
                h->states[info->to]++;
        h->transitions[row]++;
        if (LA_UNLIKELY(h->trace.limit > 0))
                trace_add(h, who, (struct la_trace){ .kind = LA_TRACE_TRANSITION, .transition = row });
}

void
host_verdict(struct tcp_host *h, const struct tuple *who, enum la_verdict verdict)
{
        h->verdicts[verdict]++;
        if (LA_UNLIKELY(h->trace.limit > 0))
                trace_add(h, who, (struct la_trace){ .kind = LA_TRACE_VERDICT, .verdict = verdict });
}

bool
host_challenge_allowed(struct tcp_host *h)
{
        uint32_t second = (uint32_t)(h->now_us / 1000000);

        if (second != h->challenge_second) {
                h->challenge_second = second;
                h->challenge_count = 0;
        }
        if (h->challenge_count >= h->rules.challenge_ack_limit) {
                count(h, LA_C_TCPACKSkippedChallenge);
                return false;
        }
        h->challenge_count++;
        count(h, LA_C_TCPChallengeACK);
        return true;
}
