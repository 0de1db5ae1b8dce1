/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/pacing.h"

#define SECOND_US UINT64_C(1000000)
#define SLICE_US  UINT64_C(1000)

/* Faster than anything; so that products fit in 64 bits. */
#define RATE_MOST UINT64_C(1000000000000)

/* However low the rate: so that timers, of 32 bits of milliseconds, can tell ahead from behind. */
#define AHEAD_MOST_US (3600 * SECOND_US)

/* Linux: "Original sch_fq does not pace first 10 MSS", and TCP does as that did. */
#define UNPACED_SEGMENTS 10u

/* ---- Records ---- */

static uint32_t *
slot_of(const struct tcp_host *h, const struct tcb *t)
{
        uint64_t index = ((uintptr_t)t - (uintptr_t)h - h->tcbs_offset) / sizeof(struct tcb);

        return (uint32_t *)((uintptr_t)h + h->pacer_slots_offset) + index;
}

static struct pacer *
pacer_of(const struct tcp_host *h, const struct tcb *t)
{
        LA_ASSERT(t->paced);
        return pool_item_of(h, &h->pacers, *slot_of(h, t), sizeof(struct pacer));
}

static bool
take(struct tcp_host *h, struct tcb *t)
{
        uint32_t index = t->paced ? 0 : pool_take(h, &h->pacers);

        if (index) {
                *slot_of(h, t) = index;
                t->paced = true;
                *pacer_of(h, t) = (struct pacer){ .next_us = h->now_us };
        }
        return t->paced;
}

void
pacing_end(struct tcp_host *h, struct tcb *t)
{
        if (t->paced)
                pool_give(h, &h->pacers, *slot_of(h, t));
        t->paced = t->pace_waits = false;
}

uint64_t
pacing_ceiling(const struct tcp_host *h, const struct tcb *t)
{
        return t->paced ? pacer_of(h, t)->ceiling : 0;
}

/* ---- The rate ---- */

/* Linux's SO_MAX_PACING_RATE, too, has a connection paced by its window where that is less (net/core/sock.c). */
static bool
by_window(const struct tcp_host *h, const struct tcb *t, uint64_t ceiling)
{
        if (t->set.pacing != PACING_AS_STACK)
                return t->set.pacing == PACING_ON;
        return h->rules.pacing || h->rules.max_pacing_rate || ceiling;
}

/* What is left of the first segments, whose window is not paced; 0 when they have left. */
static uint32_t
unpaced_bytes(const struct tcb *t)
{
        uint32_t sent = seq_distance(t->snd.iss, t->snd.nxt) - 1, all = UNPACED_SEGMENTS * t->send_mss;

        return t->sent_turns == 0 && sent < all ? all - sent : 0;
}

/* Linux's tcp_update_pacing_rate() (net/ipv4/tcp_input.c): so many percent of a window in a round trip, of which
 * smoothed_us has eight. */
static uint64_t
window_rate(const struct tcp_host *h, const struct tcb *t)
{
        uint32_t flight = seq_distance(t->snd.una, t->snd.nxt);
        uint64_t window = t->cc.cwnd > flight ? t->cc.cwnd : flight, percent;

        if (t->rtt.smoothed_us == 0 || unpaced_bytes(t) > 0)
                return 0;
        percent = t->cc.cwnd < t->cc.ssthresh / 2 ? h->rules.pacing_ss_percent : h->rules.pacing_ca_percent;
        return window * percent * (8 * SECOND_US / 100) / t->rtt.smoothed_us;
}

/* 0 is none. */
static uint64_t
lesser(uint64_t a, uint64_t b)
{
        return b && (!a || b < a) ? b : a;
}

uint64_t
pacing_rate(const struct tcp_host *h, const struct tcb *t)
{
        uint64_t ceiling = pacing_ceiling(h, t), rate = lesser(ceiling, h->rules.max_pacing_rate);

        if (by_window(h, t, ceiling))
                rate = lesser(rate, window_rate(h, t));
        return rate < RATE_MOST ? rate : RATE_MOST;
}

/* ---- Changes ---- */

static void
look_again(struct tcb *t)
{
        if (t->pace_waits)
                t->want_output = true;
}

static void
settle_record(struct tcp_host *h, struct tcb *t, uint64_t ceiling)
{
        look_again(t);
        if (ceiling || h->rules.max_pacing_rate || by_window(h, t, ceiling))
                (void)take(h, t);
        else
                pacing_end(h, t);
}

void
pacing_on_changed(struct tcp_host *h, struct tcb *t)
{
        settle_record(h, t, pacing_ceiling(h, t));
}

void
pacing_begin(struct tcp_host *h, struct tcb *t, uint64_t ceiling)
{
        settle_record(h, t, ceiling);
        if (t->paced)
                pacer_of(h, t)->ceiling = ceiling;
}

/* What the old rate has still to wait for are bytes, and they take as long as the new one says. */
static void
rescale(const struct tcp_host *h, struct pacer *p, uint64_t before, uint64_t after)
{
        uint64_t ahead = p->next_us > h->now_us ? p->next_us - h->now_us : 0;

        p->rest = 0;
        p->next_us = h->now_us;
        if (before && after && ahead <= UINT64_MAX / before)
                p->next_us += ahead * before / after;
}

bool
pacing_set_ceiling(struct tcp_host *h, struct tcb *t, uint64_t ceiling)
{
        uint64_t before = t->paced ? pacing_rate(h, t) : 0;

        if (ceiling && !take(h, t))
                return false;
        if (t->paced) {
                pacer_of(h, t)->ceiling = ceiling;
                rescale(h, pacer_of(h, t), before, pacing_rate(h, t));
        }
        settle_record(h, t, ceiling);
        return true;
}

/* ---- What leaves ---- */

/* One burst, of a slice or of two segments, is made good to who was called late, and earned by who was idle. */
static void
earn(const struct tcp_host *h, const struct tcb *t, struct pacer *p, uint64_t rate)
{
        uint64_t burst_us = 2 * t->send_mss * SECOND_US / rate;

        if (burst_us < SLICE_US)
                burst_us = SLICE_US;
        if (p->next_us + burst_us < h->now_us)
                p->next_us = h->now_us - burst_us;
}

static uint32_t
round_up(uint32_t bytes, uint32_t room)
{
        return (bytes + room - 1) / room * room;
}

uint32_t
pacing_allows(struct tcp_host *h, struct tcb *t, uint32_t room)
{
        uint64_t rate = pacing_rate(h, t), bytes;
        tcp_time end = (h->now_us / SLICE_US + 1) * SLICE_US;
        struct pacer *p = pacer_of(h, t);

        if (rate == 0)
                return unpaced_bytes(t) > 0 ? round_up(unpaced_bytes(t), room) : UINT32_MAX;
        earn(h, t, p, rate);
        if (p->next_us >= end) {
                t->pace_waits = true;
                return 0;
        }
        bytes = (end - p->next_us) * rate / SECOND_US;
        if (bytes < 2 * room)
                return 2 * room;
        return bytes < UINT32_MAX ? (uint32_t)(bytes - bytes % room) : UINT32_MAX;
}

void
pacing_on_sent(struct tcp_host *h, struct tcb *t, uint32_t text_bytes)
{
        uint64_t rate = pacing_rate(h, t), owed;
        struct pacer *p = pacer_of(h, t);

        if (rate == 0)
                return;
        earn(h, t, p, rate);
        owed = text_bytes * SECOND_US + (p->rest < rate ? p->rest : 0);
        p->next_us += owed / rate;
        p->rest = owed % rate;
        if (p->next_us > h->now_us + AHEAD_MOST_US)
                p->next_us = h->now_us + AHEAD_MOST_US;
}

uint32_t
pacing_due_ms(const struct tcp_host *h, const struct tcb *t)
{
        return (uint32_t)(pacer_of(h, t)->next_us / SLICE_US);
}
