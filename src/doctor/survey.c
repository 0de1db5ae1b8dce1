/* SPDX-License-Identifier: BSD-2-Clause */
#include "doctor/survey.h"

#include <errno.h>
#include <string.h>

/* Every connection past LISTEN and CLOSED: whose end it is, which port it occupies, when it closed. */
static bool
add_connection(struct survey *s, const struct la_snapshot *c)
{
        struct listener *listener = listeners_find(&s->listeners, c->family, &c->local);
        struct path *path = paths_of(&s->paths, c, listener ? PATH_SERVER : PATH_CLIENT);

        if (!path)
                return false;
        path->sockets++;
        if (!listener && c->local.port >= s->port_low && c->local.port <= s->port_high)
                path->ephemeral++;
        if (listener && c->state == LA_SYN_RECEIVED)
                listener->half_open++;
        if (c->state == LA_TIME_WAIT) {
                path->time_wait++;
                if (c->known & LA_KNOWN_AGE) {
                        if (c->age_max_ms < PATHS_NOW_MS)
                                path->closed_now++;
                        if (c->age_max_ms < SURVEY_STEPS * SURVEY_STEP_MS)
                                s->closes[c->age_max_ms / SURVEY_STEP_MS]++;
                }
        }
        return true;
}

/* FIN_WAIT_2 is two things: half-closed by an application that still holds it, or closed and waiting for a FIN. */
static bool
add_fin_wait_2(struct survey *s, const struct la_snapshot *c)
{
        if (!(c->known & LA_KNOWN_INODE) && c->owner_count == 0) {
                s->fin_wait_2_unknown++;
                return true;
        }
        if (!la_snapshot_is_orphan(c))
                return holders_add(&s->half_closed, c);
        s->fin_wait_2_orphans++;
        if ((c->known & LA_KNOWN_TIMER) && c->timer == LA_TIMER_TIME_WAIT && c->timer_ms > s->orphans_left_ms)
                s->orphans_left_ms = c->timer_ms;
        return true;
}

static bool
add_close_wait(struct survey *s, const struct la_snapshot *c)
{
        if (!la_snapshot_waits_for_accept(c))
                return holders_add(&s->close_wait, c);
        s->close_wait_unaccepted++;
        return true;
}

int
survey_add(struct survey *s, const struct la_snapshot *snapshot)
{
        bool counted = true;

        s->in_state[snapshot->state]++;
        s->total++;
        switch (snapshot->state) {
        case LA_CLOSED:
                return 0;
        case LA_LISTEN:
                return listeners_add(&s->listeners, snapshot) ? 0 : -ENOMEM;
        case LA_CLOSE_WAIT:
                counted = add_close_wait(s, snapshot);
                break;
        case LA_FIN_WAIT_2:
                counted = add_fin_wait_2(s, snapshot);
                break;
        case LA_SYN_SENT:
        case LA_SYN_RECEIVED:
        case LA_ESTABLISHED:
        case LA_FIN_WAIT_1:
        case LA_CLOSING:
        case LA_LAST_ACK:
        case LA_TIME_WAIT:
        case LA_STATE_COUNT:
                break;
        }
        return add_connection(s, snapshot) && counted ? 0 : -ENOMEM;
}

uint32_t
survey_ports(const struct survey *s)
{
        if (s->port_high == 0)
                return 0;
        uint32_t range = (uint32_t)s->port_high - s->port_low + 1;
        return range > s->ports_reserved ? range - s->ports_reserved : 0;
}

void
survey_clear(struct survey *s)
{
        memset(s->in_state, 0, sizeof(s->in_state));
        memset(s->closes, 0, sizeof(s->closes));
        s->total = s->close_wait_unaccepted = s->fin_wait_2_orphans = s->fin_wait_2_unknown = 0;
        s->orphans_left_ms = 0;
        paths_clear(&s->paths);
        listeners_clear(&s->listeners);
        holders_clear(&s->close_wait);
        holders_clear(&s->half_closed);
}

void
survey_fini(struct survey *s)
{
        paths_fini(&s->paths);
        listeners_fini(&s->listeners);
        holders_fini(&s->close_wait);
        holders_fini(&s->half_closed);
}
