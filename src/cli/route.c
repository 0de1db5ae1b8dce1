/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/route.h"
#include "cli/diagram.h"

#include <assert.h>
#include <limits.h>

#define COST_STEP    100u
#define COST_UNUSUAL 1u /* never adds up to a step */

static unsigned int
cost_of(const struct la_transition_info *t)
{
        return COST_STEP + (diagram_shows(t->transition) ? 0 : COST_UNUSUAL);
}

/* Bellman-Ford: with eleven states and a hundred rows nothing cleverer is needed.  Every state can be reached from every
 * other (the tests of the model hold that), so there always is an answer. */
struct route
route_between(enum la_state from, enum la_state to)
{
        unsigned int cost[LA_STATE_COUNT];
        enum la_transition by[LA_STATE_COUNT] = { 0 };
        struct route route = { 0 };

        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                cost[i] = i == (unsigned int)from ? 0 : UINT_MAX / 2;
        for (unsigned int round = 0; round < LA_STATE_COUNT; round++)
                for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++) {
                        const struct la_transition_info *t = la_transition_info((enum la_transition)i);

                        if (cost[t->from] + cost_of(t) < cost[t->to]) {
                                cost[t->to] = cost[t->from] + cost_of(t);
                                by[t->to] = t->transition;
                        }
                }

        for (enum la_state at = to; at != from; at = la_transition_info(by[at])->from) {
                assert(route.length < ROUTE_LONGEST);
                route.length++;
        }
        enum la_state at = to;
        for (unsigned int i = route.length; i > 0; i--) {
                route.steps[i - 1] = by[at];
                at = la_transition_info(by[at])->from;
        }
        return route;
}
