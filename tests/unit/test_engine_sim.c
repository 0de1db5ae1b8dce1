/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulation (tests/sim): some seeds of it, that a seed gives the same bytes, and that it sees what goes wrong.
 *
 * For the last, calls of the engine are made to lie (the linker's --wrap).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim.h"

#define GOOD_SEEDS 20
#define BAD_SEEDS  300
#define LIED_SEEDS 20

static enum lie {
        NO_LIE,
        A_BYTE_IS_CHANGED,
        A_BYTE_IS_MISSING,
        THE_END_COMES_EARLY,
        EVENTS_ARE_LOST,
        NOBODY_CLOSES,
} lie;

enum la_error __real_la_receive(struct la_stack *s, tcp_time now, struct la_handle h, uint8_t *bytes, size_t room,
                                size_t *ret_length);
enum la_error __wrap_la_receive(struct la_stack *s, tcp_time now, struct la_handle h, uint8_t *bytes, size_t room,
                                size_t *ret_length);
bool __real_la_next_event(struct la_stack *s, struct la_event_report *ret_event);
bool __wrap_la_next_event(struct la_stack *s, struct la_event_report *ret_event);
enum la_error __real_la_close(struct la_stack *s, tcp_time now, struct la_handle h);
enum la_error __wrap_la_close(struct la_stack *s, tcp_time now, struct la_handle h);

enum la_error
__wrap_la_receive(struct la_stack *s, tcp_time now, struct la_handle h, uint8_t *bytes, size_t room, size_t *ret_length)
{
        enum la_error error = __real_la_receive(s, now, h, bytes, room, ret_length);

        if (lie == THE_END_COMES_EARLY && error == LA_ERR_AGAIN)
                return LA_ERR_END;
        if (error == LA_OK && lie == A_BYTE_IS_CHANGED)
                bytes[*ret_length / 2] ^= 4;
        if (error == LA_OK && lie == A_BYTE_IS_MISSING && *ret_length > 1)
                *ret_length -= 1;
        return error;
}

bool
__wrap_la_next_event(struct la_stack *s, struct la_event_report *ret_event)
{
        bool any = __real_la_next_event(s, ret_event);

        while (lie == EVENTS_ARE_LOST && any && ret_event->user != 0)
                any = __real_la_next_event(s, ret_event);
        return any;
}

enum la_error
__wrap_la_close(struct la_stack *s, tcp_time now, struct la_handle h)
{
        return lie == NOBODY_CLOSES ? LA_OK : __real_la_close(s, now, h);
}

/* ---- As it is ---- */

static struct sim *
run(uint64_t seed, unsigned int trouble)
{
        struct sim *sim = sim_run(seed, trouble);

        assert_non_null(sim);
        if (sim->fault[0])
                fail_msg("make sim SEED=%llu%s: %s", (unsigned long long)seed, trouble ? "" : " TROUBLE=0", sim->fault);
        return sim;
}

/* Where nothing goes wrong nobody is told that something did. */
static void
a_good_network(void **state)
{
        uint64_t marks = 0, fast = 0;

        (void)state;
        for (uint64_t seed = 1; seed <= GOOD_SEEDS; seed++) {
                struct sim *sim = run(seed, 0);

                for (unsigned int i = 0; i < sim->conversations; i++)
                        for (int side = 0; side < SIM_SIDES; side++)
                                assert_int_equal(sim->conversation[i].end[side].outcome, SIM_IN_ORDER);
                marks += la_counter(la_lab_stack(sim->lab, 1), LA_C_InCEPkts);
                fast += la_counter(la_lab_stack(sim->lab, 0), LA_C_TCPFastOpenActive);
                sim_free(sim);
        }
        assert_true(marks > 0);
        assert_true(fast > 0);
}

/* Over all of them, each outcome comes about, and each state. */
static void
a_bad_network(void **state)
{
        bool outcome[SIM_LEFT + 1] = { false };
        uint64_t rows[LA_TRANSITION_COUNT] = { 0 }, entered[LA_STATE_COUNT] = { 0 };

        (void)state;
        for (uint64_t seed = 1; seed <= BAD_SEEDS; seed++) {
                struct sim *sim = run(seed, SIM_TROUBLE_MAX);

                for (unsigned int i = 0; i < sim->conversations; i++)
                        for (int side = 0; side < SIM_SIDES; side++)
                                outcome[sim->conversation[i].end[side].outcome] = true;
                for (enum la_transition t = 0; t < LA_TRANSITION_COUNT; t++)
                        rows[t] += la_transition_count(la_lab_stack(sim->lab, 0), t) +
                                   la_transition_count(la_lab_stack(sim->lab, 1), t);
                sim_free(sim);
        }
        assert_true(outcome[SIM_IN_ORDER] && outcome[SIM_TOLD] && outcome[SIM_LEFT] && outcome[SIM_ABSENT]);
        for (enum la_transition t = 0; t < LA_TRANSITION_COUNT; t++)
                entered[la_transition_info(t)->to] += rows[t];
        for (enum la_state s = 0; s < LA_STATE_COUNT; s++)
                assert_true(entered[s] > 0);
}

static void
the_same_seed_gives_the_same_bytes(void **state)
{
        (void)state;
        for (uint64_t seed = 1; seed <= GOOD_SEEDS; seed++) {
                struct sim *first = run(seed, SIM_TROUBLE_MAX), *second = run(seed, SIM_TROUBLE_MAX);

                assert_true(la_lab_packet_count(first->lab) > 0);
                assert_int_equal(la_lab_digest(first->lab), la_lab_digest(second->lab));
                assert_int_equal(la_lab_event_count(first->lab), la_lab_event_count(second->lab));
                sim_free(first);
                sim_free(second);
        }
}

/* ---- As it must not be ---- */

/* Some seed shows it, and says so in these words. */
static void
expect_seen(enum lie what, const char *words)
{
        bool seen = false;

        lie = what;
        for (uint64_t seed = 1; seed <= LIED_SEEDS && !seen; seed++) {
                struct sim *sim = sim_run(seed, SIM_TROUBLE_MAX);

                assert_non_null(sim);
                seen = strstr(sim->fault, words) != NULL;
                sim_free(sim);
        }
        lie = NO_LIE;
        assert_true(seen);
}

static void
what_goes_wrong_is_seen(void **state)
{
        (void)state;
        expect_seen(A_BYTE_IS_CHANGED, "is not the one that was written");
        expect_seen(A_BYTE_IS_MISSING, "is not the one that was written");
        expect_seen(THE_END_COMES_EARLY, "reads the end after");
        expect_seen(EVENTS_ARE_LOST, "somebody has not ended");
        expect_seen(NOBODY_CLOSES, "a handle is good after its close");
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_good_network),
                cmocka_unit_test(a_bad_network),
                cmocka_unit_test(the_same_seed_gives_the_same_bytes),
                cmocka_unit_test(what_goes_wrong_is_seen),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
