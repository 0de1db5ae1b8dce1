/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine under any sequence of calls, segments and waiting; one stack alone with forged segments, or two that talk to
 * each other over a link that loses, repeats, reorders, changes and marks.
 *
 * A byte is a command, those after it say which and how much.  A segment is built around what the connection expects, so
 * that all states are reached, with numbers on, beside and far from the edges.  In between the memory must be sound
 * (sound.h) and whatever leaves or is read right (engine_world.h); and when all is closed and time has passed, nothing may
 * be left.
 */
#include <stdint.h>
#include <string.h>

#include "engine_commands.h"
#include "wire/icmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* ---- The link ---- */

static void
change_flying(struct input *in)
{
        uint8_t how = take(in), where = take(in);
        struct flying *f = &w.flying[how % FLYING_MAX];

        if (how % FLYING_MAX >= w.flying_count)
                return;
        switch (how / FLYING_MAX % 4) {
        case 0: /* a bit: no checksum misses one */
                f->bytes[where * 7u % f->bytes_count] ^= (uint8_t)(1 << (where & 7));
                f->flags = 0;
                break;
        case 1:
                ip_mark_ce(f->bytes, f->bytes_count);
                break;
        case 2: /* its end is missing */
                f->bytes_count = (uint16_t)(f->bytes_count - where % f->bytes_count);
                f->flags = 0;
                break;
        case 3: /* under a right checksum */
                f->bytes[where % f->bytes_count] = take(in);
                mend_packet(f->bytes, f->bytes_count);
                w.forged = true;
                break;
        }
}

/* A router tells the sender that a packet does not fit or cannot be delivered; it goes on or does not. */
static void
refuse_flying(struct input *in, size_t at)
{
        uint8_t what = take(in), bytes[ICMP_ERROR_MAX_IPV6];
        struct la_endpoint router = address_of(9, LA_IPV4, 0);
        struct la_packet p = { .parts = 1 };
        const struct flying *f;
        struct ip_packet ip;
        size_t n;

        f = &w.flying[at % FLYING_MAX];
        if (at >= w.flying_count || ip_parse(f->bytes, f->bytes_count, &ip) != WIRE_OK)
                return;
        if (what & 1)
                n = icmp_build_too_big(&ip, (uint32_t)what * 6, router.address, bytes);
        else
                n = icmp_build_unreachable(&ip, what & 2 ? ICMP_PORT_UNREACHABLE : ICMP_HOST_UNREACHABLE,
                                           router.address, bytes);
        p.part[0] = (struct la_part){ bytes, n };
        if (n > 0)
                la_input(side_at(1 - f->to)->stack, w.now, &p, 1);
        if (what & 4)
                forget_flying(at);
}

static void
link_does(struct input *in)
{
        uint8_t what = take(in);

        switch (what & 7) {
        case 1:
                refuse_flying(in, what >> 3);
                break;
        case 0:
                for (unsigned int n = 0; n <= what >> 3; n++)
                        deliver(0, false);
                break;
        case 2:
                deliver(what >> 3, false); /* before those ahead of it */
                break;
        case 3:
                deliver(what >> 3, true); /* and once more */
                break;
        case 4:
                forget_flying(what >> 3);
                break;
        case 5:
                change_flying(in);
                break;
        case 6:
                w.losses = take(in);
                break;
        case 7:
                w.carries = what & 8;
                w.marks = what & 16;
                break;
        }
}

/* ---- Both ends at once ---- */

/* A connection from one side to the other, accepted there if it comes so far. */
static void
connect_sides(struct input *in, unsigned int i)
{
        uint8_t how = take(in);
        enum la_family family = how & 1 ? LA_IPV6 : LA_IPV4;
        struct user_end *e = &w.side[i].end[(how >> 1) % HANDLES], *other = &side_at(1 - i)->end[(how >> 1) % HANDLES];
        struct la_endpoint from = address_of(i, family, (uint16_t)(how & 16 ? 1000 + (how >> 6) : 0));
        struct la_endpoint to = address_of(1 - i, family, LISTEN_PORT);
        struct la_handle fresh;

        if (checked(la_open(w.side[i].stack, w.now, family, &from, &to, how, &fresh)) != LA_OK)
                return;
        keep(i, e, fresh);
        talk(w.now + 1000);
        if (checked(la_accept(w.side[1 - i].stack, w.now, w.side[1 - i].listener[how & 1], how, &fresh)) == LA_OK)
                keep(1 - i, other, fresh);
}

/* Something is written here and, after a while, read there, as long as there is any. */
static void
transfer(struct input *in, unsigned int i)
{
        static uint8_t bytes[WRITE_MAX];
        uint8_t how = take(in), much = take(in);
        struct user_end *e = &w.side[i].end[(how >> 1) % HANDLES], *other = &side_at(1 - i)->end[(how >> 1) % HANDLES];
        struct la_stack *there = w.side[1 - i].stack;
        size_t n = (size_t)much * 23, taken;

        write_pattern(bytes, e->next, n);
        if (checked(la_send(w.side[i].stack, w.now, e->handle, bytes, n, 0, &taken)) == LA_OK)
                e->next += (uint32_t)taken;
        if (how & 128)
                checked(la_shutdown(w.side[i].stack, w.now, e->handle));
        for (unsigned int round = 0; round < 1u + (how >> 4 & 7); round++) {
                uint32_t from;

                talk(w.now + 50000);
                from = read_from(there, other->handle);
                if (checked(la_receive(there, w.now, other->handle, bytes, sizeof bytes, &n)) == LA_OK)
                        expect_pattern(bytes, from, n);
        }
}

/* ---- Commands ---- */

static tcp_time
some_time(struct input *in)
{
        uint8_t much = take(in);

        return w.now + ((tcp_time)(500 + (much >> 5) * 150) << (much % 26));
}

static void
command(struct input *in)
{
        uint8_t what = take(in);
        unsigned int i = what >> 7;

        side_at(i);
        switch (what & 31) {
        default:
                send_forged(in, i);
                break;
        case 6:
                connect_sides(in, i);
                break;
        case 7:
                transfer(in, i);
                break;
        case 8:
        case 9:
        case 10:
        case 11:
        case 12:
        case 13:
        case 14:
        case 15:
        case 16:
                call_any(in, i);
                break;
        case 17:
                call_knob(in, i);
                break;
        case 18:
                send_mangled(in, i);
                break;
        case 19:
                send_bytes(in, i);
                break;
        case 20:
                send_icmp(in, i);
                break;
        case 21:
                pass_silently(some_time(in));
                break;
        case 22:
        case 23:
        case 24:
                talk(some_time(in));
                break;
        case 25:
        case 26:
                link_does(in);
                break;
        case 27:
                output(i);
                break;
        case 28:
                hand_over(i);
                break;
        case 29:
                call_events(i, take(in));
                break;
        case 30:
                move_stack(&w.side[i]);
                break;
        case 31: { /* one packet, and no more yet */
                struct la_packet p;

                la_output(w.side[i].stack, w.now, &p, 1);
                forget_lent(i);
                break;
        }
        }
        check_side(0);
        check_side(1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct input in = { data, data + size };
        uint8_t kinds = take(&in), how = take(&in);

        world_begin(kinds, how);
        for (unsigned int i = 0; i < SIDES; i++) { /* both serve, unless a command says otherwise */
                struct side *s = side_at(i);
                struct la_endpoint here = { .port = LISTEN_PORT };

                set_up(i, how >> 5);
                la_listen(s->stack, w.now, LA_IPV4, &here, 2, 0, &s->listener[0]);
                la_listen(s->stack, w.now, LA_IPV6, &here, 2, 0, &s->listener[1]);
        }
        while (in.at < in.end)
                command(&in);
        expect_end(how & 8, how & 16);
        return 0;
}
