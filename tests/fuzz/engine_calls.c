/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine_commands.h"

enum la_error
checked(enum la_error error)
{
        must(error < LA_ERROR_COUNT && la_error_text(error)[0] != '?', "an error without a name");
        return error;
}

void
keep(unsigned int i, struct user_end *e, struct la_handle fresh)
{
        struct la_stack *stack = w.side[i].stack;
        struct la_status status;

        la_close(stack, w.now, e->handle);
        e->handle = fresh;
        must(la_status(stack, w.now, fresh, &status) == LA_OK, "a fresh handle is none");
        e->next = status.iss + 1;
}

static void
call_open(struct input *in, unsigned int i, struct user_end *e)
{
        uint8_t how = take(in), port = take(in);
        enum la_family family = how & 1 ? LA_IPV6 : LA_IPV4;
        struct la_endpoint to = address_of(how & 2 ? 2u + (how >> 2 & 1) : 1 - i, family,
                                           (uint16_t)(how & 8 ? 1000 + port % PEERS : LISTEN_PORT));
        struct la_endpoint from = { .port = (uint16_t)(how & 16 ? 1000 + port % PEERS : 0) };
        struct la_handle fresh = { 0 };
        struct la_stack *stack = w.side[i].stack;

        if (how & 32)
                from = address_of(how & 64 ? i : 7, family, from.port);
        if ((how & 0xe0) == 0xe0)
                to.address[0] = port; /* nobody, everybody, or somebody who never answers */
        if (checked(la_open(stack, w.now, family, how & 48 ? &from : NULL, &to, port, &fresh)) == LA_OK)
                keep(i, e, fresh);
        else
                must(fresh.generation == 0, "a failed call wrote a handle");
}

static void
call_listen(struct input *in, unsigned int i)
{
        uint8_t how = take(in);
        enum la_family family = how & 1 ? LA_IPV6 : LA_IPV4;
        struct side *s = &w.side[i];
        struct la_handle fresh = { 0 };
        struct la_endpoint at = { .port = LISTEN_PORT };

        if (how & 2)
                at = address_of(i, family, LISTEN_PORT);
        if (how & 4)
                at.port = (uint16_t)(1000 + (how >> 3) % PEERS);
        if (checked(la_listen(s->stack, w.now, family, &at, how >> 5, how, &fresh)) == LA_OK) {
                la_close(s->stack, w.now, s->listener[how & 1]);
                s->listener[how & 1] = fresh;
        }
}

/* Two bits of them; where a long write leaves bits, what else there is, and what there is not. */
static uint32_t
send_flags(uint8_t how)
{
        uint32_t flags = how & 3;

        if (how & 4 && how & 128)
                flags |= LA_SEND_LAST;
        if (how & 4 && (how & 112) == 112)
                flags |= 1u << (3 + (how & 3) * 9);
        return flags;
}

/* The bytes' numbers are known only when there is a connection: they may be any until somebody reads them. */
static void
call_send_listener(struct input *in, unsigned int i, struct user_end *e, unsigned int family,
                   const struct la_endpoint *to)
{
        static const uint8_t bytes[200];
        uint8_t how = take(in);
        size_t n = how >> 3, taken = SIZE_MAX;
        struct la_handle fresh;

        w.forged = w.forged || n > 0;
        if (checked(la_send_listener(w.side[i].stack, w.now, w.side[i].listener[family], to, bytes, n, send_flags(how),
                                     &taken, &fresh)) != LA_OK)
                return;
        must(taken <= n, "more was taken than given");
        keep(i, e, fresh);
        e->next += (uint32_t)taken;
}

static void
call_open_listener(struct input *in, unsigned int i, struct user_end *e)
{
        uint8_t how = take(in);
        enum la_family family = how & 1 ? LA_IPV6 : LA_IPV4;
        struct la_endpoint to = address_of(how & 2 ? 2 : 1 - i, family, (uint16_t)(how & 4 ? 1000 : LISTEN_PORT));
        struct la_handle fresh;

        if (how & 8) {
                call_send_listener(in, i, e, how & 1, &to);
                return;
        }
        if (checked(la_open_listener(w.side[i].stack, w.now, w.side[i].listener[how & 1], &to, 5, &fresh)) == LA_OK)
                keep(i, e, fresh);
}

static void
call_accept(struct input *in, unsigned int i, struct user_end *e)
{
        struct la_handle fresh;

        if (checked(la_accept(w.side[i].stack, w.now, w.side[i].listener[take(in) & 1], 3, &fresh)) == LA_OK)
                keep(i, e, fresh);
}

/* Where to write what la_send() will get with these flags. */
static uint8_t *
room_to_write(size_t n, uint32_t *flags)
{
        static uint8_t any[WRITE_MAX], constant[CONSTANT_MAX];

        if (n > CONSTANT_MAX - w.constant)
                *flags &= ~(uint32_t)LA_SEND_CONSTANT;
        if (!(*flags & LA_SEND_CONSTANT))
                return any;
        w.constant += n;
        return constant + w.constant - n;
}

static void
call_send(struct input *in, unsigned int i, struct user_end *e)
{
        uint8_t how = take(in);
        size_t n = how & 4 ? (size_t)take(in) * 23 : how >> 3, taken = SIZE_MAX;
        uint32_t flags = send_flags(how);
        uint8_t *bytes = room_to_write(n, &flags);

        write_pattern(bytes, e->next, n);
        if (checked(la_send(w.side[i].stack, w.now, e->handle, bytes, n, flags, &taken)) == LA_OK) {
                must(flags < 16, "flags are taken that are none");
                must(taken <= n, "more was taken than given");
                e->next += (uint32_t)taken;
        } else {
                must(taken == SIZE_MAX, "a failed call wrote a length");
        }
}

static void
call_send_space(struct input *in, unsigned int i, struct user_end *e)
{
        uint8_t how = take(in);
        struct la_stack *stack = w.side[i].stack;
        uint8_t *space;
        size_t room, n;

        if (how == 254) { /* without having asked for it */
                must(checked(la_send_commit(stack, w.now, e->handle, take(in) & 1, 0)) != LA_OK,
                     "nothing is committed");
                return;
        }
        if (checked(la_send_space(stack, e->handle, &space, &room)) != LA_OK)
                return;
        must(room > 0, "room for nothing");
        if (how == 253) { /* and then something else was done */
                la_advance(stack, w.now);
                must(checked(la_send_commit(stack, w.now, e->handle, 1, 0)) != LA_OK, "what is gone is committed");
                return;
        }
        write_pattern(space, e->next, room);
        n = how == 255 ? room + 1 : room * how / 200;
        if (checked(la_send_commit(stack, w.now, e->handle, n, how & 3)) == LA_OK) {
                must(n <= room, "more was committed than there was room for");
                e->next += (uint32_t)n;
        }
}

uint32_t
read_from(const struct la_stack *stack, struct la_handle h)
{
        struct la_status s = { 0 };

        la_status(stack, w.now, h, &s);
        return s.rcv_nxt - s.readable_bytes - s.peer_closed;
}

static void
call_receive(struct input *in, unsigned int i, const struct user_end *e)
{
        static uint8_t bytes[WRITE_MAX];
        struct la_stack *stack = w.side[i].stack;
        uint32_t from = read_from(stack, e->handle);
        size_t room = (size_t)take(in) * 23, n;

        if (checked(la_receive(stack, w.now, e->handle, bytes, room, &n)) != LA_OK)
                return;
        must(n <= room && (n > 0 || room == 0), "more was read than there was room for, or nothing");
        expect_pattern(bytes, from, n);
}

static void
call_receive_look(struct input *in, unsigned int i, const struct user_end *e)
{
        struct la_stack *stack = w.side[i].stack;
        uint32_t from = read_from(stack, e->handle);
        uint8_t how = take(in);
        struct la_part part;

        if (checked(la_receive_look(stack, e->handle, &part)) != LA_OK)
                return;
        must(part.length > 0, "a look at nothing");
        expect_pattern(part.bytes, from, part.length);
        checked(la_receive_done(stack, w.now, e->handle, how == 255 ? part.length + 100000 : part.length * how / 254));
}

static void
call_option(struct input *in, unsigned int i, struct la_handle h)
{
        static const int64_t values[] = { 0,   1,   2,    3,    5,     30,    88,     127, 200,
                                          255, 500, 1000, 3000, 32767, 65495, 700000, -1,  -2 };
        enum la_option option = (enum la_option)(take(in) % (LA_OPTION_COUNT + 1));
        int64_t value = values[take(in) % (sizeof values / sizeof values[0])], after;
        struct la_stack *stack = w.side[i].stack;

        if (checked(la_option_set(stack, w.now, h, option, value)) != LA_OK)
                return;
        must(la_option_get(stack, h, option, &after) == LA_OK, "an option that was set cannot be read");
        if (option == LA_OPTION_FASTOPEN)
                must(after <= value, "more are let in than were to be"); /* somaxconn bounds them */
        else
                must(after == (option == LA_OPTION_TOS ? value & ~3 : value), "an option is not what it was set to");
}

void
call_events(unsigned int i, uint8_t most)
{
        struct la_stack *stack = w.side[i].stack;
        struct la_event_report r;
        struct la_status s;

        while (most-- > 0 && la_next_event(stack, &r)) {
                must(r.happened != 0, "an event of nothing");
                must(la_status(stack, w.now, r.handle, &s) == LA_OK, "an event about no handle");
        }
}

static void
call_look(struct input *in, unsigned int i, struct la_handle h)
{
        struct la_stack *stack = w.side[i].stack;
        struct la_status s;
        struct la_trace t;
        uint8_t many = take(in) % 8;

        checked(la_status(stack, w.now + many, h, &s));
        while (many-- > 0 && la_next_trace(stack, &t))
                must(t.at <= w.now, "a trace of what is to come");
        (void)la_trace_lost(stack);
        must(la_verdict_count(stack, LA_VERDICT_COUNT) + la_counter(stack, LA_COUNTER_COUNT) +
                             la_transition_count(stack, LA_TRANSITION_COUNT) + la_state_count(stack, LA_STATE_COUNT) ==
                     0,
             "something is counted that is none");
}

/* ---- Tunables ---- */

/* Linux's by their place in the table, and our own; set by a number, by several, or by what is none. */
void
call_knob(struct input *in, unsigned int i)
{
        static const char *const own[] = { "lastack.time_wait_ms",   "lastack.rto_min_ms",
                                           "lastack.delayed_ack_ms", "lastack.challenge_ack_limit",
                                           "lastack.initial_window", "lastack.pacing",
                                           "lastack.max_pacing_rate" };
        static const char *const values[] = {
                "0",
                "1",
                "2",
                "3",
                "4",
                "5",
                "10",
                "15",
                "60",
                "100",
                "499",
                "1000",
                "4096",
                "60000",
                "1 3",
                "32768 32770",
                "1024 1027",
                "4096 4096 8192",
                "4096 131072 6291456",
                "4096 4096 4096",
                "1 1 1",
                "1024,1026-1027",
                "reno",
                "",
                " 1 ",
                "1x",
                "-1",
                "99999999999999999999",
        };
        uint8_t which = take(in), value = take(in);
        const char *text = values[value % (sizeof values / sizeof values[0])], *sentence = NULL;
        size_t k = which % (LA_KNOB_COUNT + sizeof own / sizeof own[0]);
        const char *name = k < LA_KNOB_COUNT ? la_knob_info((enum la_knob)k)->name : own[k - LA_KNOB_COUNT];
        struct la_stack *stack = w.side[i].stack;
        enum la_error error;
        char after[512];

        error = checked(value & 0x80 ? la_knob_set(stack, name, text, &sentence)
                                     : la_knob_set_dangerous(stack, name, text, &sentence));
        must((error == LA_ERR_KNOB_VALUE || error == LA_ERR_DANGER) == (sentence != NULL), "an error without a reason");
        if (error != LA_OK)
                return;
        must(la_knob_get(stack, name, after, sizeof after) == LA_OK, "a knob that was set cannot be read");
        must(la_knob_set_dangerous(stack, name, after, NULL) == LA_OK, "a knob does not take what it says");
}

void
set_up(unsigned int i, unsigned int which)
{
        static const char *const presets[SETUPS][3][2] = {
                { { "tcp_ecn", "0" } },
                { { "tcp_ecn", "1" } },
                { { "tcp_tw_reuse", "1" }, { "tcp_tw_reuse_delay", "1" }, { "ip_local_port_range", "1024 1025" } },
                { { "tcp_syncookies", "2" }, { "tcp_ecn", "1" } },
                { { "tcp_rfc1337", "1" }, { "tcp_abort_on_overflow", "1" }, { "tcp_syncookies", "0" } },
                { { "tcp_timestamps", "0" }, { "tcp_sack", "0" }, { "tcp_window_scaling", "0" } },
                { { "tcp_rmem", "4096 4096 4096" },
                  { "tcp_wmem", "4096 4096 8192" },
                  { "lastack.delayed_ack_ms", "0" } },
                { { "tcp_tw_recycle", "1" }, { "tcp_tw_reuse", "1" }, { "lastack.time_wait_ms", "3600000" } },
        };

        for (size_t k = 0; k < 3 && presets[which][k][0]; k++)
                must(la_knob_set_dangerous(w.side[i].stack, presets[which][k][0], presets[which][k][1], NULL) == LA_OK,
                     "a tunable is not taken");
}

void
call_any(struct input *in, unsigned int i)
{
        uint8_t what = take(in);
        struct user_end *e = &w.side[i].end[(what >> 4) % HANDLES];
        struct la_stack *stack = w.side[i].stack;

        switch (what & 15) {
        case 0:
                call_open(in, i, e);
                break;
        case 1:
                call_accept(in, i, e);
                break;
        case 2:
        case 3:
                call_send(in, i, e);
                break;
        case 4:
                call_receive(in, i, e);
                break;
        case 5:
                checked(la_shutdown(stack, w.now, e->handle));
                break;
        case 6:
                checked(la_close(stack, w.now, e->handle));
                break;
        case 7:
                checked(what & 64 ? la_abort(stack, w.now, e->handle) : la_abort_and_wait(stack, w.now, e->handle));
                break;
        case 8:
                call_option(in, i, e->handle);
                break;
        case 9:
                call_send_space(in, i, e);
                break;
        case 10:
                call_receive_look(in, i, e);
                break;
        case 11:
                call_listen(in, i);
                break;
        case 12:
                call_open_listener(in, i, e);
                break;
        case 13:
                checked(what & 64 ? la_close(stack, w.now, w.side[i].listener[what >> 7])
                                  : la_abort(stack, w.now, w.side[i].listener[what >> 7]));
                break;
        case 14:
                call_option(in, i, w.side[i].listener[what >> 7]);
                break;
        case 15:
                call_look(in, i, e->handle);
                break;
        }
}
