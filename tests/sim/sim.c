/* SPDX-License-Identifier: BSD-2-Clause */
/* Time passes, users do what they do, and what must hold is looked at. */
#include "sim.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#include "sound.h"

#define SECOND_US      UINT64_C(1000000)
#define LONGEST_US     (7200 * SECOND_US)
#define AFTERWARDS_US  (7200 * SECOND_US)
#define PAUSE_LEAST_US 10000
#define PAUSE_MOST_US  SECOND_US
#define LOOK_EVERY     32 /* turns */

/* ---- Numbers ---- */

/* Knuth's multiplier (The Art of Computer Programming 2, 3.3.4): the lab's own numbers are not disturbed. */
uint32_t
sim_dice(struct sim *sim, uint32_t sides)
{
        sim->dice = sim->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (uint32_t)(sim->dice >> 33) % sides;
}

bool
sim_chance(struct sim *sim, unsigned int per_mille)
{
        return sim_dice(sim, 1000) < per_mille;
}

struct la_stack *
sim_stack(const struct sim *sim, int side)
{
        return la_lab_stack(sim->lab, side);
}

tcp_time
sim_now(const struct sim *sim)
{
        return la_lab_stack_time(sim->lab);
}

/* ---- What must hold ---- */

/* The first fault is the one to look at. */
void
sim_fail(struct sim *sim, const char *what, ...)
{
        va_list arguments;

        if (sim->fault[0] != '\0')
                return;
        va_start(arguments, what);
        vsnprintf(sim->fault, sizeof sim->fault, what, arguments);
        va_end(arguments);
}

static void
look_at(struct sim *sim, int side)
{
        const struct la_stack *stack = sim_stack(sim, side);
        uint64_t seen[LA_STATE_COUNT] = { 0 }, cursor = 0;
        const char *fault = stack_fault(stack);
        struct la_snapshot s;

        if (fault)
                sim_fail(sim, "%s: %s", la_lab_host_name(sim->lab, side), fault);
        while (la_next_snapshot(stack, sim_now(sim), &cursor, &s))
                seen[s.state]++;
        for (enum la_state i = LA_CLOSED; i < LA_STATE_COUNT; i++)
                if (seen[i] != la_state_count(stack, i))
                        sim_fail(sim, "%s: %llu in %s are counted, %llu are there", la_lab_host_name(sim->lab, side),
                                 (unsigned long long)la_state_count(stack, i), la_state_name(i),
                                 (unsigned long long)seen[i]);
}

static void
look_at_both(struct sim *sim)
{
        for (int side = 0; side < SIM_SIDES; side++)
                look_at(sim, side);
}

/* ---- Turns ---- */

/* The next thing in the world, or a pause: short as long as there is something to do. */
static void
turn(struct sim *sim, uint64_t *pause_us)
{
        int status = la_lab_step(sim->lab, la_lab_now(sim->lab) + *pause_us);

        if (status < 0)
                sim_fail(sim, "the world stands still: %s",
                         status == -ENOMEM ? "no memory" : "a stack never comes to rest");
        sim->busy = false;
        sim_users_turn(sim);
        if (status > 0 || sim->busy)
                *pause_us = PAUSE_LEAST_US;
        else if (*pause_us < PAUSE_MOST_US)
                *pause_us *= 2;
        if (++sim->turns % LOOK_EVERY == 0)
                look_at_both(sim);
}

static void
play(struct sim *sim)
{
        uint64_t pause_us = PAUSE_LEAST_US;

        while (sim->fault[0] == '\0' && !sim_all_ended(sim)) {
                if (la_lab_now(sim->lab) > sim->moved_at + LONGEST_US) {
                        sim_fail(sim, "for two hours nothing has moved, and somebody has not ended");
                        return;
                }
                turn(sim, &pause_us);
        }
}

/* Nobody listens any more, and the last timers run out. */
static void
end(struct sim *sim)
{
        for (int side = 0; side < SIM_SIDES; side++)
                for (int family = 0; family < 2; family++)
                        la_close(sim_stack(sim, side), sim_now(sim), sim->listener[side][family]);
        if (la_lab_run(sim->lab, AFTERWARDS_US) < 0)
                sim_fail(sim, "the world stands still when all have ended");
        for (int side = 0; side < SIM_SIDES; side++) {
                const char *leak = stack_leak(sim_stack(sim, side));

                if (leak)
                        sim_fail(sim, "%s: when all have ended, %s", la_lab_host_name(sim->lab, side), leak);
        }
}

struct sim *
sim_run(uint64_t seed, unsigned int trouble)
{
        struct sim *sim = calloc(1, sizeof *sim);

        if (!sim)
                return NULL;
        sim->seed = seed;
        sim->dice = seed * UINT64_C(2654435761) + 1;
        sim->trouble = trouble;
        sim->lab = la_lab_new(seed);
        if (!sim->lab || !sim_choose(sim)) {
                sim_free(sim);
                return NULL;
        }
        play(sim);
        look_at_both(sim);
        if (sim->fault[0] == '\0')
                end(sim);
        return sim;
}

void
sim_free(struct sim *sim)
{
        if (!sim)
                return;
        la_lab_free(sim->lab);
        free(sim);
}
