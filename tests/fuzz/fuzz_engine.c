/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine under any sequence of calls, segments and waiting.  A segment is built around what the connection expects,
 * so that all states are reached, with numbers on, beside and far from the edges.  In between the counts must be those
 * of what is there; and when all is closed and time has passed, nothing may be left.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lastack/tcp.h"
#include "wire/segment.h"

#define HANDLES 8
#define PEERS   4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
        const uint8_t *at, *end;
};

static struct la_stack *stack;
static tcp_time now;
static struct la_handle handles[HANDLES], listener;
static const struct la_endpoint here = { { 10, 0, 0, 1 }, 80 };

static void
must(int condition, const char *what)
{
        if (condition)
                return;
        fprintf(stderr, "%s\n", what);
        abort();
}

static uint8_t
take(struct input *in)
{
        return in->at < in->end ? *in->at++ : 0;
}

static struct la_endpoint
peer(unsigned int n)
{
        return (struct la_endpoint){ { 10, 0, 0, 2 }, (uint16_t)(1000 + n % PEERS) };
}

static void
check_counts(void)
{
        uint64_t seen[LA_STATE_COUNT] = { 0 }, cursor = 0;
        struct la_snapshot s;

        while (la_next_snapshot(stack, now, &cursor, &s))
                seen[s.state]++;
        for (int i = 0; i < LA_STATE_COUNT; i++)
                must(seen[i] == la_state_count(stack, (enum la_state)i), la_state_name((enum la_state)i));
}

static void
drain(size_t most)
{
        struct la_packet p;

        while (most-- > 0 && la_output(stack, now, &p, 1) == 1) {
                uint8_t bytes[4096];
                size_t n = p.header_bytes;
                struct segment s;

                memcpy(bytes, p.header, n);
                for (size_t i = 0; i < p.parts; i++) {
                        must(n + p.part[i].length <= sizeof bytes, "a packet is too long");
                        memcpy(bytes + n, p.part[i].bytes, p.part[i].length);
                        n += p.part[i].length;
                }
                must(n <= 1500, "a packet is longer than the MTU");
                must(segment_parse(bytes, n, 0, &s) == WIRE_OK, "what was sent is no segment");
        }
}

static void
segment(struct input *in)
{
        static uint8_t text[2048];
        static const int32_t offsets[] = { 0, 0, 0, 1, -1, 2, -2, 100, -100, 1460, 65535, 131072, -70000, 1 << 30 };
        uint8_t flags = take(in), where = take(in), more = take(in);
        struct segment s = { .family = LA_IPV4, .source = peer(more), .destination = here, .ip = { .hop_limit = 9 } };
        struct la_packet p = { 0 };
        struct la_snapshot known = { 0 };
        size_t n = more & 16 ? (size_t)take(in) * 8 : more & 8;
        struct wire_piece piece = { text, n };

        if (more & 4) { /* or to what was opened from here */
                uint64_t cursor = where;

                if (la_next_snapshot(stack, now, &cursor, &known) && known.state != LA_LISTEN) {
                        s.source = known.remote;
                        s.destination = known.local;
                }
        }
        la_find(stack, now, LA_IPV4, &s.destination, &s.source, &known);
        s.fin = flags & 1;
        s.syn = flags & 2;
        s.rst = (flags & 0x44) == 0x44;
        s.psh = flags & 8;
        s.ack = flags & 16 || !(flags & 2);
        s.urg = (flags & 0xa0) == 0xa0;
        s.seq = seq_of(known.rcv_nxt + (uint32_t)offsets[where % 14]);
        s.ack_seq = seq_of((where & 0x80 ? known.snd_una : known.snd_nxt) + (uint32_t)offsets[(where >> 3) % 14]);
        s.window = more & 32 ? (uint16_t)(take(in) << 4) : 65535;
        s.urgent = take(in);
        if (more & 64) {
                s.options.has_timestamps = true;
                s.options.ts_value = take(in);
                s.options.ts_echo = take(in);
        }
        if (s.syn) {
                s.options.has_mss = more & 128;
                s.options.mss_bytes = (uint16_t)(take(in) * 8);
                s.options.sack_permitted = flags & 32;
                s.options.has_window_scale = flags & 64;
                s.options.window_shift = take(in) & 15;
                s.options.has_fastopen = flags & 4;
                s.options.cookie_bytes = s.options.window_shift & 8;
        }
        p.header_bytes = (uint16_t)segment_build(&s, &piece, 1, SEGMENT_CHECKSUM_FULL, p.header);
        p.parts = n > 0;
        p.part[0] = (struct la_part){ text, n };
        la_input(stack, now, &p, 1);
}

static void
keep(struct la_handle *h, struct la_handle fresh)
{
        la_close(stack, now, *h);
        *h = fresh;
}

static void
call(struct input *in)
{
        uint8_t what = take(in), which = take(in) % HANDLES;
        struct la_handle *h = &handles[which], fresh;
        struct la_endpoint to = peer(which);
        uint8_t bytes[3000];
        uint8_t *space;
        struct la_part part;
        size_t n = (size_t)take(in) * 11;

        memset(bytes, 7, sizeof bytes);
        switch (what % 12) {
        case 0:
                if (la_open(stack, now, LA_IPV4, NULL, &to, which, &fresh) == LA_OK)
                        keep(h, fresh);
                la_option_set(stack, now, *h, LA_OPTION_FASTOPEN_CONNECT, what >> 4 & 1);
                break;
        case 1:
                if (la_accept(stack, now, listener, which, &fresh) == LA_OK)
                        keep(h, fresh);
                break;
        case 2:
                la_send(stack, now, *h, bytes, n, what >> 4 & 7, &n);
                break;
        case 3:
                la_receive(stack, now, *h, bytes, n, &n);
                break;
        case 4:
                la_shutdown(stack, now, *h);
                break;
        case 5:
                la_close(stack, now, *h);
                break;
        case 6:
                la_abort(stack, now, *h);
                break;
        case 7:
                la_abort_and_wait(stack, now, *h);
                break;
        case 8:
                la_option_set(stack, now, *h, (enum la_option)((what >> 4) % (LA_OPTION_COUNT + 1)), (int64_t)n - 1);
                break;
        case 9:
                if (la_send_space(stack, *h, &space, &n) == LA_OK)
                        la_send_commit(stack, now, *h, n / 3, 0);
                break;
        case 10:
                if (la_receive_look(stack, *h, &part) == LA_OK)
                        la_receive_done(stack, now, *h, part.length);
                break;
        case 11:
                if (la_close(stack, now, listener) == LA_OK)
                        la_listen(stack, now, LA_IPV4, &here, which, 0, &listener);
                la_option_set(stack, now, listener, LA_OPTION_FASTOPEN, what >> 4);
                break;
        }
}

static void
pass_time(struct input *in)
{
        uint8_t much = take(in);
        tcp_time until = now + ((tcp_time)1000 << (much % 26));
        int steps = 0;

        while (la_deadline(stack) <= until && steps++ < 2000) {
                if (la_deadline(stack) > now)
                        now = la_deadline(stack);
                la_advance(stack, now);
                drain(100);
        }
        if (steps < 2000)
                now = until;
        la_advance(stack, now);
}

static void
set_knob(struct input *in)
{
        static const char *const knobs[][2] = {
                { "tcp_syncookies", "0" },
                { "tcp_syncookies", "1" },
                { "tcp_syncookies", "2" },
                { "tcp_tw_reuse", "1" },
                { "tcp_rfc1337", "1" },
                { "tcp_rfc1337", "0" },
                { "lastack.time_wait_ms", "0" },
                { "tcp_timestamps", "0" },
                { "tcp_abort_on_overflow", "1" },
                { "lastack.time_wait_ms", "60000" },
                { "tcp_tw_recycle", "1" },
                { "tcp_fin_timeout", "5" },
                { "tcp_sack", "0" },
                { "tcp_window_scaling", "0" },
                { "lastack.delayed_ack_ms", "0" },
                { "tcp_fastopen", "1543" },
                { "tcp_fastopen", "3" },
        };
        size_t i = take(in) % (sizeof knobs / sizeof knobs[0]);

        la_knob_set_dangerous(stack, knobs[i][0], knobs[i][1], NULL);
}

/* Everybody lets go, nobody answers, and a day passes. */
static void
expect_nothing_left(void)
{
        struct la_usage u;
        struct la_event_report r;

        for (int i = 0; i < HANDLES; i++)
                la_close(stack, now, handles[i]);
        la_close(stack, now, listener);
        for (int i = 0; i < 100000 && la_deadline(stack) != LA_NEVER; i++) {
                if (la_deadline(stack) > now)
                        now = la_deadline(stack);
                la_advance(stack, now);
                drain(1000);
        }
        while (la_next_event(stack, &r))
                ;
        check_counts();
        u = la_usage(stack);
        must(u.connections + u.half_open + u.time_wait4 + u.listeners + u.chunks + u.reassemblies + u.orphans == 0,
             "something is left");
        for (int i = 0; i < LA_STATE_COUNT; i++)
                must(la_state_count(stack, (enum la_state)i) == 0, "a state still counts");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct la_config c = { .connections = 6,
                               .half_open = 3,
                               .time_wait4 = 3,
                               .time_wait6 = 1,
                               .listeners = 2,
                               .chunks = 12,
                               .chunk_bytes = 512,
                               .reassemblies = 2,
                               .replies = 16,
                               .trace = 4,
                               .address4 = { 10, 0, 0, 1 } };
        struct input in = { data, data + size };
        size_t bytes = la_stack_bytes(&c);
        void *block = aligned_alloc(64, bytes);

        must(block != NULL, "no memory");
        memset(block, 0, bytes);
        memset(handles, 0, sizeof handles);
        now = 1000000;
        stack = la_stack_init(block, bytes, &c, now);
        must(stack != NULL, "no stack");
        la_listen(stack, now, LA_IPV4, &here, 2, 0, &listener);
        while (in.at < in.end) {
                switch (take(&in) % 8) {
                case 0:
                case 1:
                case 2:
                        segment(&in);
                        break;
                case 3:
                case 4:
                        call(&in);
                        break;
                case 5:
                        pass_time(&in);
                        break;
                case 6:
                        drain(take(&in));
                        break;
                case 7:
                        set_knob(&in);
                        break;
                }
                check_counts();
        }
        expect_nothing_left();
        free(block);
        return 0;
}
