/* SPDX-License-Identifier: BSD-2-Clause */
#include "doctor/survey.h"

#include <errno.h>
#include <string.h>

/* Paths with fewer local ports in use than the hundred at the top are not compared with what they were. */
enum { PATHS_COMPARED = 100 };

static uint32_t
least(uint32_t a, uint32_t b)
{
        return a < b ? a : b;
}

static void
add_time_wait(struct survey *s, struct path *path, const struct la_snapshot *c)
{
        path->time_wait++;
        if (!(c->known & LA_KNOWN_AGE))
                return;
        if (c->age_max_ms < PATHS_NOW_MS)
                path->closed_now++;
        if (c->age_max_ms < s->reuse_delay_ms && path->fresh < UINT16_MAX)
                path->fresh++;
        if (c->age_max_ms < SURVEY_STEPS * SURVEY_STEP_MS) {
                s->closes[c->age_max_ms / SURVEY_STEP_MS]++;
                if (c->age_max_ms >= SURVEY_STEPS * SURVEY_STEP_MS - PATHS_NOW_MS && path->ending < UINT16_MAX)
                        path->ending++;
        }
}

static void
add_half_open(struct listener *listener, struct path *path, const struct la_snapshot *c)
{
        listener->half_open++;
        listener->repeated += (c->known & LA_KNOWN_TIMER) && c->retransmits > 0;
        listener->sources += !path->half_open;
        path->half_open = true;
}

static void
add_to_listener(struct listener *listener, struct path *path, const struct la_snapshot *c)
{
        if (c->state == LA_SYN_RECEIVED)
                add_half_open(listener, path, c);
        listener->connections += c->state == LA_ESTABLISHED;
        if (la_snapshot_waits_for_accept(c)) {
                listener->unaccepted++;
                listener->given_up += c->state == LA_CLOSE_WAIT;
                if ((c->known & LA_KNOWN_AGE) && c->age_min_ms > listener->oldest_ms)
                        listener->oldest_ms = c->age_min_ms;
        }
}

static bool
is_heard(const struct la_snapshot *c)
{
        return (c->known & LA_KNOWN_TRAFFIC) && (c->known & LA_KNOWN_TIMER) && c->retransmits == 0 &&
               c->state == LA_ESTABLISHED &&
               least(c->tcp.last_ack_received_ms, c->tcp.last_data_received_ms) < PATHS_HEARD_MS;
}

/* A client's end occupies a local port. */
static bool
add_client(struct survey *s, struct path *path, const struct la_snapshot *c)
{
        if (c->owner_count > 0)
                path_vote(path, c->owners[0].pid);
        if (c->known & LA_KNOWN_TCP && c->state == LA_ESTABLISHED) {
                path->timestamps |= c->tcp.timestamps;
                path->no_timestamps |= !c->tcp.timestamps;
        }
        if (c->local.port < s->port_low || c->local.port > s->port_high)
                return true;
        path->ephemeral++;
        return ports_add(&s->ports, c, s->port_low);
}

/* Every connection past LISTEN and CLOSED: whose end it is, which port it occupies, when it closed. */
static bool
add_connection(struct survey *s, const struct la_snapshot *c)
{
        struct listener *listener = listeners_find(&s->listeners, c->family, &c->local);
        enum path_role role = listener ? PATH_SERVER : PATH_CLIENT;
        struct path *path = paths_of(&s->paths, c, role);

        if (!path)
                return false;
        path->sockets++;
        path->heard |= is_heard(c);
        if (c->state == LA_TIME_WAIT)
                add_time_wait(s, path, c);
        if (listener)
                add_to_listener(listener, path, c);
        else if (!add_client(s, path, c))
                return false;
        return peers_add(&s->peers, c, role);
}

static bool
has_small_buffer(const struct la_snapshot *c)
{
        return (c->known & LA_KNOWN_MEMORY) &&
               (c->memory.receive_buffer < SURVEY_SMALL_BYTES || c->memory.send_buffer < SURVEY_SMALL_BYTES);
}

static bool
add_established(struct survey *s, const struct la_snapshot *c)
{
        const struct la_tcp_details *t = &c->tcp;
        uint32_t idle_ms = least(t->last_ack_received_ms, least(t->last_data_sent_ms, t->last_data_received_ms));

        if (has_small_buffer(c) && !holders_add_aged(&s->small, c, 0))
                return false;
        if (!(c->known & LA_KNOWN_TRAFFIC) || la_snapshot_waits_for_accept(c))
                return true;
        if ((c->known & LA_KNOWN_QUEUES) && c->receive_queue > 0 &&
            !holders_add_aged(&s->unread, c, t->last_data_received_ms))
                return false;
        if (s->idle_ms == 0 || idle_ms < s->idle_ms || !(c->known & LA_KNOWN_TIMER))
                return true;
        if (c->timer == LA_TIMER_KEEPALIVE)
                s->idle_keepalive++;
        return c->timer == LA_TIMER_NONE ? holders_add_aged(&s->idle, c, idle_ms) : true;
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
        s->orphans_full += (c->known & LA_KNOWN_TIMER) && c->timer != LA_TIMER_TIME_WAIT;
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
        if (snapshot->owner_count > 0 && !holders_add_aged(&s->owners, snapshot, 0))
                return -ENOMEM;
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
        case LA_ESTABLISHED:
                counted = add_established(s, snapshot);
                break;
        case LA_SYN_SENT:
        case LA_SYN_RECEIVED:
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
survey_condense(struct survey *s)
{
        paths_keep(&s->paths, path_ephemeral, PATHS_COMPARED);
        ports_fini(&s->ports);
}

void
survey_clear(struct survey *s)
{
        memset(s->in_state, 0, sizeof(s->in_state));
        memset(s->closes, 0, sizeof(s->closes));
        s->total = s->close_wait_unaccepted = s->fin_wait_2_orphans = s->fin_wait_2_unknown = 0;
        s->orphans_left_ms = 0;
        s->orphans_full = s->idle_keepalive = 0;
        peers_clear(&s->peers);
        ports_fini(&s->ports);
        holders_clear(&s->owners);
        holders_clear(&s->idle);
        holders_clear(&s->unread);
        holders_clear(&s->small);
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
        peers_fini(&s->peers);
        ports_fini(&s->ports);
        holders_fini(&s->owners);
        holders_fini(&s->idle);
        holders_fini(&s->unread);
        holders_fini(&s->small);
}
