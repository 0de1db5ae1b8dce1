/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A hierarchical timing wheel (Varghese and Lauck, 1987), one timer a connection, linked through the connections.
 *
 *      level 0: 64 slots of 1 ms      each slot of a level is cut into the 64 slots of the level below
 *      level 1: 64 slots of 64 ms     when its time begins ("cascade")
 *      ...
 *      level 5: the last two bits of the 32-bit clock
 *
 * A timer lies on the level of the highest bit in which its time differs from now.  A bit for each slot says whether it
 * holds anything, so that arming, disarming and finding the next one cost the same however many are held, and time in
 * which nothing is due costs nothing.
 */
#include "stack/stack.h"

#define LEVEL_BITS 6

/* In a timer's `previous`: it is the first of this slot. */
#define FIRST_OF 0x80000000u

static unsigned int
level_of(uint32_t now_ms, uint32_t at_ms)
{
        uint32_t differ = now_ms ^ at_ms;

        return differ ? (31u - (unsigned int)__builtin_clz(differ)) / LEVEL_BITS : 0;
}

static unsigned int
slot_in(uint32_t at_ms, unsigned int level)
{
        return at_ms >> (LEVEL_BITS * level) & (WHEEL_SLOTS - 1);
}

static void
insert(struct la_stack *s, uint32_t tcb)
{
        struct wheel *w = &s->wheel;
        struct tcb *t = tcb_at(s, tcb);
        uint32_t at = ms_reached(w->now_ms, t->armed_ms) ? w->now_ms : t->armed_ms;
        unsigned int level = level_of(w->now_ms, at), slot = slot_in(at, level);
        uint32_t *head = &w->head[level][slot];

        t->timer = (struct link){ FIRST_OF | level << LEVEL_BITS | slot, *head };
        if (*head)
                tcb_at(s, *head)->timer.previous = tcb;
        *head = tcb;
        w->occupied[level] |= (uint64_t)1 << slot;
}

void
wheel_arm(struct la_stack *s, uint32_t tcb, uint32_t at_ms)
{
        struct tcb *t = tcb_at(s, tcb);

        if (t->armed)
                wheel_disarm(s, tcb);
        if (s->wheel.armed == 0)
                s->wheel.now_ms = s->host.now_ms; /* nothing is between */
        t->armed = true;
        t->armed_ms = at_ms;
        s->wheel.armed++;
        insert(s, tcb);
}

void
wheel_disarm(struct la_stack *s, uint32_t tcb)
{
        struct wheel *w = &s->wheel;
        struct tcb *t = tcb_at(s, tcb);

        if (!t->armed)
                return;
        if (t->timer.next)
                tcb_at(s, t->timer.next)->timer.previous = t->timer.previous;
        if (t->timer.previous & FIRST_OF) {
                unsigned int level = t->timer.previous >> LEVEL_BITS & 7, slot = t->timer.previous & (WHEEL_SLOTS - 1);

                w->head[level][slot] = t->timer.next;
                if (!t->timer.next)
                        w->occupied[level] &= ~((uint64_t)1 << slot);
        } else {
                tcb_at(s, t->timer.previous)->timer.next = t->timer.next;
        }
        t->armed = false;
        w->armed--;
}

/* The beginning of the next occupied slot after the current ones; false if nothing is armed beyond level 0's current. */
static bool
next_slot(const struct wheel *w, unsigned int *ret_level, unsigned int *ret_slot, uint32_t *ret_ms)
{
        for (unsigned int level = 0; level < WHEEL_LEVELS; level++) {
                unsigned int current = slot_in(w->now_ms, level), shift = LEVEL_BITS * level;
                uint64_t later = current == WHEEL_SLOTS - 1 ? 0 : w->occupied[level] & ~(uint64_t)0 << (current + 1);
                uint32_t above = level == WHEEL_LEVELS - 1 ? 0 : w->now_ms & ~(uint32_t)0 << (shift + LEVEL_BITS);

                /* Past the clock's end the top level goes on at its beginning. */
                if (!later && level == WHEEL_LEVELS - 1)
                        later = w->occupied[level] & (((uint64_t)1 << current) - 1);
                if (!later)
                        continue;
                *ret_level = level;
                *ret_slot = (unsigned int)__builtin_ctzll(later);
                *ret_ms = above | (uint32_t)*ret_slot << shift;
                return true;
        }
        return false;
}

bool
wheel_next(const struct la_stack *s, uint32_t *ret_ms)
{
        const struct wheel *w = &s->wheel;
        unsigned int level, slot;

        if (w->armed == 0)
                return false;
        if (w->head[0][slot_in(w->now_ms, 0)]) {
                *ret_ms = w->now_ms;
                return true;
        }
        return next_slot(w, &level, &slot, ret_ms);
}

static void
cascade(struct la_stack *s, unsigned int level, unsigned int slot)
{
        struct wheel *w = &s->wheel;
        uint32_t tcb = w->head[level][slot];

        w->head[level][slot] = 0;
        w->occupied[level] &= ~((uint64_t)1 << slot);
        while (tcb) {
                uint32_t next = tcb_at(s, tcb)->timer.next;

                insert(s, tcb);
                tcb = next;
        }
}

uint32_t
wheel_take_due(struct la_stack *s, uint32_t now_ms)
{
        struct wheel *w = &s->wheel;
        unsigned int level, slot;
        uint32_t at;

        if (w->armed == 0) {
                if (ms_reached(now_ms, w->now_ms))
                        w->now_ms = now_ms;
                return 0;
        }
        for (;;) {
                uint32_t tcb = w->head[0][slot_in(w->now_ms, 0)];

                if (tcb) {
                        wheel_disarm(s, tcb);
                        return tcb;
                }
                if (!next_slot(w, &level, &slot, &at) || !ms_reached(now_ms, at)) {
                        /* No occupied slot begins before: time passes, and every timer stays where it is right. */
                        if (ms_reached(now_ms, w->now_ms))
                                w->now_ms = now_ms;
                        return 0;
                }
                w->now_ms = at;
                if (level > 0)
                        cascade(s, level, slot);
        }
}
