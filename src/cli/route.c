/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/route.h"
#include "cli/diagram.h"

#include <assert.h>
#include <limits.h>

/* Rows that figure 5 does not show are taken only where nothing else leads there; rare ones only where it is no
 * longer that way. */
#define COST_STEP    100u
#define COST_RARE    1u
#define COST_UNUSUAL (COST_STEP * LA_STATE_COUNT)

/* In figure 5, and yet seldom seen. */
static bool
is_rare(enum la_transition t)
{
        return t == LA_T_LISTEN_SEND || t == LA_T_SYN_SENT_RCV_SYN || t == LA_T_SYN_SENT_CLOSE ||
               t == LA_T_SYN_RECEIVED_CLOSE || t == LA_T_SYN_RECEIVED_RCV_RST_PASSIVE;
}

static unsigned int
cost_of(const struct la_transition_info *t)
{
        if (!diagram_shows(t->transition))
                return COST_STEP + COST_UNUSUAL;
        return COST_STEP + (is_rare(t->transition) ? COST_RARE : 0);
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
