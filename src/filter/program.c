/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stdlib.h>

#include "filter/program.h"

#define NO_JUMP UINT32_MAX

static uint32_t *
jump(struct program *program, uint32_t which)
{
        struct test *test = &program->tests[which / 2];

        return which % 2 ? &test->no : &test->yes;
}

static struct loose
joined(struct program *program, struct loose a, struct loose b)
{
        *jump(program, a.last) = b.first;
        return (struct loose){ a.first, b.last };
}

static void
tie(struct program *program, struct loose loose, uint32_t target)
{
        for (uint32_t which = loose.first, next; which != NO_JUMP; which = next) {
                next = *jump(program, which);
                *jump(program, which) = target;
        }
}

int
program_test(struct program *program, const struct test *test, struct fragment *ret_fragment)
{
        uint32_t number = program->count;

        if (number == PROGRAM_MAX)
                return -E2BIG;
        if (number == program->room) {
                uint32_t room = program->room ? program->room * 2 : 8;
                struct test *tests = realloc(program->tests, room * sizeof *tests);

                if (!tests)
                        return -ENOMEM;
                program->tests = tests;
                program->room = room;
        }
        program->tests[number] = *test;
        program->tests[number].yes = NO_JUMP;
        program->tests[number].no = NO_JUMP;
        program->count++;
        *ret_fragment = (struct fragment){
                .first = number,
                .yes = { number * 2, number * 2 },
                .no = { number * 2 + 1, number * 2 + 1 },
                .states = FILTER_ALL_STATES,
        };
        if (test->kind == TEST_STATES)
                ret_fragment->states = test->negated ? FILTER_ALL_STATES & ~test->states : test->states;
        return 0;
}

struct fragment
program_and(struct program *program, struct fragment a, struct fragment b)
{
        tie(program, a.yes, b.first);
        return (struct fragment){ a.first, b.yes, joined(program, a.no, b.no), a.states & b.states };
}

struct fragment
program_or(struct program *program, struct fragment a, struct fragment b)
{
        tie(program, a.no, b.first);
        return (struct fragment){ a.first, joined(program, a.yes, b.yes), b.no, a.states | b.states };
}

void
program_end(struct program *program, struct fragment whole)
{
        tie(program, whole.yes, EXIT_TAKE);
        tie(program, whole.no, EXIT_LEAVE);
}
