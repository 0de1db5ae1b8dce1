/* SPDX-License-Identifier: BSD-2-Clause */
/* What users do: open, accept, write, read, shut down, close, abort; and what they compare. */
#include "sim.h"

#include <string.h>

#define SECOND_US     UINT64_C(1000000)
#define PATIENCE_US   (100 * SECOND_US) /* of who finds no port or no memory to open */
#define LATE_MOST_S   100
#define WRITE_MAX     5000
#define READ_MAX      4000
#define AT_ONCE       64 /* steps of who acts upon events */
#define ACTS_ONE_IN   3
#define LEAVES_MILLE  15
#define HASTY_MILLE   20
#define CHANGES_MILLE 2

/* ---- Names and bytes ---- */

static uint8_t
byte_at(unsigned int conversation, int side, uint32_t i)
{
        return (uint8_t)(i * 7 + (i >> 9) + (uint32_t)side * 101 + conversation * 13);
}

static struct sim_end *
end_at(struct sim *sim, unsigned int i, int side)
{
        return &sim->conversation[i].end[side];
}

/* What events call an end; 0 is a listener. */
static uint64_t
user_of(unsigned int i, int side)
{
        return 1 + (uint64_t)i * SIM_SIDES + (uint64_t)side;
}

static void
moved(struct sim *sim)
{
        sim->busy = true;
        sim->moved_at = la_lab_now(sim->lab);
}

/* For the log: what follows until end_call() was caused by it. */
static void
begin_call(const struct sim *sim, int side, struct la_handle h, const char *text)
{
        struct la_snapshot about;
        bool known = la_snapshot(sim_stack(sim, side), sim_now(sim), h, &about) == LA_OK;

        la_lab_begin_call(sim->lab, side, text, known ? &about : NULL);
}

static enum la_error
end_call(const struct sim *sim, int side, enum la_error error)
{
        la_lab_end_call(sim->lab, side, error);
        return error;
}

/* ---- The end of an end ---- */

static void
leave(struct sim *sim, unsigned int i, int side, enum sim_outcome outcome)
{
        struct sim_end *e = end_at(sim, i, side);
        struct la_stack *stack = sim_stack(sim, side);
        size_t taken;

        begin_call(sim, side, e->handle, "close");
        if (end_call(sim, side, la_close(stack, sim_now(sim), e->handle)) != LA_OK)
                sim_fail(sim, "conversation %u: the %s's handle is none", i, la_lab_host_name(sim->lab, side));
        if (la_send(stack, sim_now(sim), e->handle, (const uint8_t *)"x", 1, 0, &taken) != LA_ERR_HANDLE)
                sim_fail(sim, "conversation %u: a handle is good after its close", i);
        e->outcome = outcome;
        e->shut = true;
        moved(sim);
}

static void
abort_it(struct sim *sim, unsigned int i, int side)
{
        struct sim_end *e = end_at(sim, i, side);
        struct la_stack *stack = sim_stack(sim, side);
        enum la_error error = LA_ERR_NOT_CONNECTED;

        begin_call(sim, side, e->handle, "abort");
        if (sim_chance(sim, 300))
                error = la_abort_and_wait(stack, sim_now(sim), e->handle);
        if (error == LA_ERR_NOT_CONNECTED)
                error = la_abort(stack, sim_now(sim), e->handle);
        if (end_call(sim, side, error) != LA_OK)
                sim_fail(sim, "conversation %u: the %s cannot abort", i, la_lab_host_name(sim->lab, side));
        e->outcome = SIM_LEFT;
        moved(sim);
}

/* ---- Writing ---- */

/* By a copy or in place. */
static enum la_error
write_bytes(struct sim *sim, unsigned int i, int side, size_t n, uint32_t flags, size_t *ret_taken)
{
        struct la_stack *stack = sim_stack(sim, side);
        struct sim_end *e = end_at(sim, i, side);
        uint8_t bytes[WRITE_MAX], *to = bytes;
        bool in_place = sim_chance(sim, 250);
        size_t room = n;

        if (in_place) {
                enum la_error error = la_send_space(stack, e->handle, &to, &room);

                if (error != LA_OK)
                        return error;
        }
        *ret_taken = n < room ? n : room;
        for (size_t k = 0; k < *ret_taken; k++)
                to[k] = byte_at(i, side, e->written + (uint32_t)k);
        if (*ret_taken < n)
                flags &= ~(uint32_t)LA_SEND_LAST;
        if (in_place)
                return la_send_commit(stack, sim_now(sim), e->handle, *ret_taken, flags);
        return la_send(stack, sim_now(sim), e->handle, bytes, n, flags, ret_taken);
}

/* CLOSE ends an attempt to connect (RFC 9293 3.10.4): most users wait until it is none any more. */
static bool
still_connecting(const struct sim *sim, int side, struct la_handle h)
{
        struct la_status status;

        return la_status(sim_stack(sim, side), sim_now(sim), h, &status) == LA_OK && status.state == LA_SYN_SENT;
}

/* True if it went on. */
static bool
shut_down(struct sim *sim, unsigned int i, int side)
{
        struct sim_end *e = end_at(sim, i, side);
        enum la_error error;

        if (still_connecting(sim, side, e->handle) && (sim->trouble == 0 || !sim_chance(sim, HASTY_MILLE)))
                return false;
        begin_call(sim, side, e->handle, "shutdown");
        error = end_call(sim, side, la_shutdown(sim_stack(sim, side), sim_now(sim), e->handle));
        if (error == LA_OK)
                e->shut = true;
        else
                e->error = error;
        return true;
}

static bool
write_some(struct sim *sim, unsigned int i, int side)
{
        struct sim_end *e = end_at(sim, i, side);
        size_t left = e->to_write - e->written, n = 1 + sim_dice(sim, WRITE_MAX), taken = 0;
        uint32_t flags = sim_chance(sim, 150) ? LA_SEND_MORE : sim_chance(sim, 30) ? LA_SEND_URGENT : 0;
        enum la_error error;
        char text[32];

        if (e->shut || e->error)
                return false;
        if (left == 0)
                return shut_down(sim, i, side);
        n = n < left ? n : left;
        if (n == left && sim_chance(sim, 400))
                flags = LA_SEND_LAST;
        snprintf(text, sizeof text, "send %zu", n);
        begin_call(sim, side, e->handle, text);
        error = end_call(sim, side, write_bytes(sim, i, side, n, flags, &taken));
        if (error == LA_ERR_AGAIN)
                return false;
        if (error != LA_OK) {
                e->error = error;
                return true;
        }
        e->written += (uint32_t)taken;
        moved(sim);
        e->shut = flags == LA_SEND_LAST && taken == n;
        return true;
}

/* ---- Reading ---- */

static void
compare(struct sim *sim, unsigned int i, int side, const uint8_t *bytes, size_t n)
{
        struct sim_end *e = end_at(sim, i, side);
        const struct sim_end *other = end_at(sim, i, 1 - side);

        for (size_t k = 0; k < n; k++)
                if (bytes[k] != byte_at(i, 1 - side, e->read + (uint32_t)k)) {
                        sim_fail(sim, "conversation %u: byte %zu that the %s reads is not the one that was written", i,
                                 e->read + k, la_lab_host_name(sim->lab, side));
                        break;
                }
        e->read += (uint32_t)n;
        moved(sim);
        if (e->read > other->written)
                sim_fail(sim, "conversation %u: the %s has read more than was written", i,
                         la_lab_host_name(sim->lab, side));
}

static enum la_error
read_bytes(struct sim *sim, unsigned int i, int side)
{
        struct la_stack *stack = sim_stack(sim, side);
        struct sim_end *e = end_at(sim, i, side);
        uint8_t bytes[READ_MAX];
        enum la_error error;
        struct la_part part;
        size_t n;

        if (!sim_chance(sim, 250)) {
                error = la_receive(stack, sim_now(sim), e->handle, bytes, 1 + sim_dice(sim, READ_MAX), &n);
                if (error == LA_OK)
                        compare(sim, i, side, bytes, n);
                return error;
        }
        error = la_receive_look(stack, e->handle, &part);
        if (error != LA_OK)
                return error;
        n = 1 + sim_dice(sim, (uint32_t)part.length);
        compare(sim, i, side, part.bytes, n);
        return la_receive_done(stack, sim_now(sim), e->handle, n);
}

/* "The peer has closed, and all is read": then it has, and it is. */
static bool
end_of_stream(struct sim *sim, unsigned int i, int side)
{
        struct sim_end *e = end_at(sim, i, side);
        const struct sim_end *other = end_at(sim, i, 1 - side);

        if (!other->shut || e->read != other->written)
                sim_fail(sim, "conversation %u: the %s reads the end after %u bytes of %u that were written%s", i,
                         la_lab_host_name(sim->lab, side), e->read, other->written,
                         other->shut ? "" : ", and nobody closed");
        if (!e->shut && !e->error)
                return false;
        leave(sim, i, side, e->error ? SIM_TOLD : SIM_IN_ORDER);
        return true;
}

static bool
read_some(struct sim *sim, unsigned int i, int side)
{
        struct sim_end *e = end_at(sim, i, side);
        enum la_error error;

        if (la_lab_now(sim->lab) < e->reads_from)
                return false;
        error = read_bytes(sim, i, side);
        if (error == LA_OK)
                return true;
        if (error == LA_ERR_AGAIN)
                return false;
        if (error == LA_ERR_END)
                return end_of_stream(sim, i, side);
        e->error = error;
        leave(sim, i, side, SIM_TOLD);
        return true;
}

/* ---- Beginning ---- */

/* Some want this or that of their connection. */
static void
choose_options(struct sim *sim, int side, struct la_handle h)
{
        static const struct {
                enum la_option option;
                int64_t value[3];
        } options[] = {
                { LA_OPTION_NODELAY, { 0, 1, 1 } },
                { LA_OPTION_CORK, { 0, 1, 1 } },
                { LA_OPTION_QUICKACK, { 0, 1, 1 } },
                { LA_OPTION_USER_TIMEOUT, { 0, 5000, 60000 } },
                { LA_OPTION_LINGER, { -1, 0, 5 } },
                { LA_OPTION_SEND_BUFFER, { 4608, 16384, 100000 } },
                { LA_OPTION_RECEIVE_BUFFER, { 2304, 16384, 100000 } },
                { LA_OPTION_MSS, { 88, 536, 1000 } },
                { LA_OPTION_TOS, { 0, 8, 255 } },
                { LA_OPTION_TTL, { 1, 64, 255 } },
                { LA_OPTION_ICMP_ERRORS, { 0, 1, 1 } },
                { LA_OPTION_FASTOPEN_CONNECT, { 0, 1, 1 } },
                { LA_OPTION_MAX_PACING_RATE, { 0, 20000, 1000000 } },
                { LA_OPTION_PACING, { -1, 0, 1 } },
        };

        while (sim->trouble > 0 && sim_chance(sim, 400)) {
                uint32_t o = sim_dice(sim, sizeof options / sizeof options[0]);

                (void)la_option_set(sim_stack(sim, side), sim_now(sim), h, options[o].option,
                                    options[o].value[sim_dice(sim, 3)]);
        }
        if (sim->trouble == 0)
                (void)la_option_set(sim_stack(sim, side), sim_now(sim), h, LA_OPTION_FASTOPEN_CONNECT, 1);
}

static void
begin(struct sim *sim, unsigned int i, int side, struct la_handle h)
{
        struct sim_end *e = end_at(sim, i, side);

        e->handle = h;
        e->outcome = SIM_OPEN;
        e->awake = true;
        e->reads_from = e->manner == SIM_LATE ? la_lab_now(sim->lab) + sim_dice(sim, LATE_MOST_S) * SECOND_US : 0;
        moved(sim);
}

static void
open_it(struct sim *sim, unsigned int i, int side)
{
        struct sim_conversation *c = &sim->conversation[i];
        struct la_stack *stack = sim_stack(sim, side);
        struct la_endpoint from = { .port = c->port[side] }, to = { .port = c->port[1 - side] };
        struct la_handle h = { 0 };
        struct la_status status;
        struct la_snapshot ends;
        enum la_error error;

        la_lab_host_address(sim->lab, 1 - side, c->family, to.address);
        error = la_open(stack, sim_now(sim), c->family, &from, &to, user_of(i, side), &h);
        begin_call(sim, side, h, "open");
        end_call(sim, side, error);
        if (error != LA_OK) {
                c->end[side].error = error;
                if (la_lab_now(sim->lab) > c->opens_at[side] + PATIENCE_US)
                        c->end[side].outcome = SIM_TOLD;
                return;
        }
        c->end[side].error = LA_OK;
        if (la_status(stack, sim_now(sim), h, &status) != LA_OK || la_snapshot(stack, sim_now(sim), h, &ends) != LA_OK)
                sim_fail(sim, "conversation %u: a fresh handle is none", i);
        if (!c->end[1 - side].opens)
                c->port[side] = ends.local.port;
        c->iss = status.iss;
        sim_keep_alive(sim, side, h);
        choose_options(sim, side, h);
        begin(sim, i, side, h);
}

/* The numbers of the peer's SYN tell which conversation it is. */
static bool
is_for(const struct sim_conversation *c, int side, const struct la_snapshot *ends, const struct la_status *status)
{
        return !c->end[side].opens && c->end[side].outcome == SIM_ABSENT && c->family == ends->family &&
               c->port[1 - side] == ends->remote.port && c->end[1 - side].outcome != SIM_ABSENT &&
               c->iss == status->irs;
}

/* Who opened twice at one moment, from one port, used the same number twice: it is the one that was not left. */
static struct sim_conversation *
conversation_of(struct sim *sim, int side, const struct la_snapshot *ends, const struct la_status *status)
{
        struct sim_conversation *found = NULL;

        for (unsigned int i = 0; i < sim->conversations; i++) {
                struct sim_conversation *c = &sim->conversation[i];

                if (is_for(c, side, ends, status) && (!found || c->end[1 - side].outcome == SIM_OPEN))
                        found = c;
        }
        return found;
}

static void
take(struct sim *sim, int side, struct la_handle h)
{
        struct la_stack *stack = sim_stack(sim, side);
        struct sim_conversation *c;
        struct la_snapshot ends;
        struct la_status status;

        if (la_status(stack, sim_now(sim), h, &status) != LA_OK || la_snapshot(stack, sim_now(sim), h, &ends) != LA_OK)
                sim_fail(sim, "what was accepted is none");
        c = conversation_of(sim, side, &ends, &status);
        if (c) {
                unsigned int i = (unsigned int)(c - sim->conversation);

                la_option_set(stack, sim_now(sim), h, LA_OPTION_USER, (int64_t)user_of(i, side));
                choose_options(sim, side, h);
                begin(sim, i, side, h);
                return;
        }
        sim->strays++;
        if (la_counter(stack, LA_C_SyncookiesRecv) == 0 && la_counter(stack, LA_C_TCPFastOpenPassive) == 0)
                sim_fail(sim, "the %s accepts what nobody has opened", la_lab_host_name(sim->lab, side));
        la_abort(stack, sim_now(sim), h);
}

static void
accept_all(struct sim *sim, int side)
{
        struct la_handle h;

        for (int family = 0; family < 2; family++)
                while (la_accept(sim_stack(sim, side), sim_now(sim), sim->listener[side][family], 0, &h) == LA_OK) {
                        begin_call(sim, side, h, "accept");
                        end_call(sim, side, LA_OK);
                        take(sim, side, h);
                }
}

/* ---- Turns ---- */

static void
hear_events(struct sim *sim, int side)
{
        struct la_event_report r;

        while (la_next_event(sim_stack(sim, side), &r)) {
                unsigned int i = (unsigned int)((r.user - 1) / SIM_SIDES);

                sim->busy = true;
                if (r.user == 0)
                        accept_all(sim, side);
                else
                        end_at(sim, i, side)->awake = true;
        }
}

static bool
is_open(const struct sim_end *e)
{
        return e->outcome == SIM_OPEN;
}

/* All that can be done, until nothing more can. */
static void
act_upon_events(struct sim *sim, unsigned int i, int side)
{
        struct sim_end *e = end_at(sim, i, side);
        unsigned int steps = 0;
        bool on = true;

        if (!e->awake)
                return;
        while (on && is_open(e) && steps++ < AT_ONCE) {
                on = write_some(sim, i, side);
                on = (is_open(e) && read_some(sim, i, side)) || on;
                sim->busy = true;
        }
        e->awake = on;
}

static void
act_by_dice(struct sim *sim, unsigned int i, int side)
{
        struct sim_end *e = end_at(sim, i, side);

        if (sim_dice(sim, ACTS_ONE_IN) == 0 && write_some(sim, i, side))
                sim->busy = true;
        if (sim_dice(sim, ACTS_ONE_IN) == 0 && is_open(e) && read_some(sim, i, side))
                sim->busy = true;
        if (is_open(e) && e->manner == SIM_LEAVES && sim_chance(sim, LEAVES_MILLE))
                leave(sim, i, side, SIM_LEFT);
        else if (is_open(e) && e->manner == SIM_ABORTS && sim_chance(sim, LEAVES_MILLE))
                abort_it(sim, i, side);
}

static void
act(struct sim *sim, unsigned int i, int side)
{
        struct sim_end *e = end_at(sim, i, side);

        if (e->outcome == SIM_ABSENT && e->opens && la_lab_now(sim->lab) >= sim->conversation[i].opens_at[side] &&
            (e->error == LA_OK || sim_dice(sim, 10) == 0))
                open_it(sim, i, side);
        if (!is_open(e))
                return;
        if (e->manner == SIM_BY_EVENTS)
                act_upon_events(sim, i, side);
        else
                act_by_dice(sim, i, side);
}

void
sim_users_turn(struct sim *sim)
{
        if (sim->trouble > 0 && sim_chance(sim, CHANGES_MILLE))
                sim_change_knob(sim);
        for (int side = 0; side < SIM_SIDES; side++) {
                hear_events(sim, side);
                for (unsigned int i = 0; i < sim->conversations; i++)
                        act(sim, i, side);
        }
}

bool
sim_all_ended(const struct sim *sim)
{
        for (unsigned int i = 0; i < sim->conversations; i++)
                for (int side = 0; side < SIM_SIDES; side++) {
                        const struct sim_end *e = &sim->conversation[i].end[side];

                        if (is_open(e) || (e->outcome == SIM_ABSENT && e->opens))
                                return false;
                }
        return true;
}
