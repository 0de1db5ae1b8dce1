/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two stacks and a bad network between them: loss, duplication, reordering, corruption, and marks.  Whatever happens,
 * bytes arrive whole and in order or the user is told, both ends end, and nothing leaks.  A seed gives the same run; the
 * environment variable SEED repeats one.
 */
#include "engine.h"

#define PACKETS     4096
#define CONNECTIONS 6
#define SIDES       2

struct flight {
        tcp_time due;
        bool used;
        int to;
        uint16_t length;
        uint8_t bytes[1600];
};

struct side_end {
        struct la_handle handle;
        bool open, shut, ended, told_error;
        uint32_t written, to_write, read;
};

static struct {
        uint64_t random;
        tcp_time now;
        struct la_stack *stack[SIDES];
        struct la_handle listener;
        struct flight flight[PACKETS];
        struct side_end end[SIDES][CONNECTIONS];
        unsigned int loss, duplication, reordering, corruption, marks; /* per mille */
        uint64_t seed;
        bool fast; /* text goes in SYNs */
} w;

static uint32_t
dice(uint32_t sides)
{
        w.random = w.random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        return (uint32_t)(w.random >> 33) % sides;
}

static bool
chance(unsigned int per_mille)
{
        return dice(1000) < per_mille;
}

static uint8_t
byte_at(int side, int connection, uint32_t i)
{
        return (uint8_t)(i * 7 + (i >> 9) + (uint32_t)side * 101 + (uint32_t)connection * 13);
}

static struct la_stack *
make(int side)
{
        struct la_config c = usual_config();
        size_t bytes;
        void *block;

        c.address4[3] = (uint8_t)(side + 1);
        c.seed[0] = (uint8_t)(w.seed + (uint64_t)side);
        c.chunks = 600;
        c.reassemblies = 4;
        bytes = la_stack_bytes(&c);
        block = aligned_alloc(64, bytes);
        assert_non_null(block);
        memset(block, 0, bytes);
        return la_stack_init(block, bytes, &c, w.now);
}

static void
launch(int to, const uint8_t *bytes, size_t n)
{
        for (int copies = chance(w.duplication) ? 2 : 1; copies > 0; copies--) {
                struct flight *f = NULL;

                if (chance(w.loss))
                        continue;
                for (size_t i = 0; i < PACKETS && !f; i++)
                        if (!w.flight[i].used)
                                f = &w.flight[i];
                if (!f)
                        return;
                f->used = true;
                f->to = to;
                f->due = w.now + 5000 + (chance(w.reordering) ? dice(30000) : 0);
                f->length = (uint16_t)n;
                memcpy(f->bytes, bytes, n);
                if (w.marks > 0 && chance(w.marks))
                        ip_mark_ce(f->bytes, n);
                if (chance(w.corruption))
                        f->bytes[dice((uint32_t)n)] ^= (uint8_t)(1 << dice(8));
        }
}

static void
drain(int side)
{
        struct la_packet p[4];
        size_t n;

        while ((n = la_output(w.stack[side], w.now, p, 4)) > 0)
                for (size_t i = 0; i < n; i++) {
                        uint8_t bytes[1600];
                        size_t at = p[i].header_bytes;

                        memcpy(bytes, p[i].header, at);
                        for (size_t j = 0; j < p[i].parts; j++) {
                                memcpy(bytes + at, p[i].part[j].bytes, p[i].part[j].length);
                                at += p[i].part[j].length;
                        }
                        launch(1 - side, bytes, at);
                }
}

static void
end_of(int side, int c)
{
        struct side_end *x = &w.end[side][c];

        la_close(w.stack[side], w.now, x->handle);
        x->open = false;
        x->ended = true;
}

static void
write_some(int side, int c)
{
        struct side_end *x = &w.end[side][c];
        uint8_t bytes[5000];
        size_t n = 1 + dice(sizeof bytes), taken;
        enum la_error error;

        if (n > x->to_write - x->written)
                n = x->to_write - x->written;
        for (size_t i = 0; i < n; i++)
                bytes[i] = byte_at(side, c, x->written + (uint32_t)i);
        if (n > 0 && (error = la_send(w.stack[side], w.now, x->handle, bytes, n, 0, &taken)) == LA_OK)
                x->written += (uint32_t)taken;
        else if (n > 0 && error != LA_ERR_AGAIN)
                x->told_error = true;
        if (x->written == x->to_write && !x->shut && !x->told_error) {
                if (la_shutdown(w.stack[side], w.now, x->handle) == LA_OK)
                        x->shut = true;
        }
}

static void
read_some(int side, int c)
{
        struct side_end *x = &w.end[side][c];
        uint8_t bytes[4000];
        size_t n = 0;
        enum la_error error = la_receive(w.stack[side], w.now, x->handle, bytes, 1 + dice(sizeof bytes), &n);

        if (error == LA_OK) {
                for (size_t i = 0; i < n; i++)
                        if (bytes[i] != byte_at(1 - side, c, x->read + (uint32_t)i))
                                fail_msg("SEED=%llu: connection %d: byte %u is wrong", (unsigned long long)w.seed, c,
                                         x->read + (unsigned int)i);
                x->read += (uint32_t)n;
        } else if (error == LA_ERR_END) {
                if (!w.end[1 - side][c].told_error && x->read != w.end[1 - side][c].to_write)
                        fail_msg("SEED=%llu: connection %d: the end came early", (unsigned long long)w.seed, c);
                if (x->shut)
                        end_of(side, c);
        } else if (error != LA_ERR_AGAIN) {
                x->told_error = true;
                end_of(side, c);
        }
}

/* The port says which connection an accepted one is. */
static void
accept_all(void)
{
        struct la_handle h;
        struct la_snapshot s;

        while (la_accept(w.stack[1], w.now, w.listener, 0, &h) == LA_OK) {
                assert_int_equal(la_snapshot(w.stack[1], w.now, h, &s), LA_OK);
                for (int c = 0; c < CONNECTIONS; c++)
                        if (s.remote.port == 1000 + c && !w.end[1][c].open && !w.end[1][c].ended) {
                                w.end[1][c].handle = h;
                                w.end[1][c].open = true;
                                h.generation = 0;
                        }
                if (h.generation)
                        la_abort(w.stack[1], w.now, h); /* a corrupted SYN made it through? none may */
        }
}

/* Who only waits learns of a peer that has given up from keepalive alone. */
static void
keep_alive(int side, struct la_handle h)
{
        assert_int_equal(la_option_set(w.stack[side], w.now, h, LA_OPTION_KEEPALIVE_TIME, 60), LA_OK);
        assert_int_equal(la_option_set(w.stack[side], w.now, h, LA_OPTION_KEEPALIVE_INTERVAL, 10), LA_OK);
        assert_int_equal(la_option_set(w.stack[side], w.now, h, LA_OPTION_KEEPALIVE, 1), LA_OK);
}

static void
deliver(void)
{
        for (size_t i = 0; i < PACKETS; i++)
                if (w.flight[i].used && w.flight[i].due <= w.now) {
                        struct la_packet p = { .parts = 1, .part = { { w.flight[i].bytes, w.flight[i].length } } };

                        w.flight[i].used = false;
                        la_input(w.stack[w.flight[i].to], w.now, &p, 1);
                }
}

static void
check_counts(int side)
{
        uint64_t seen[LA_STATE_COUNT] = { 0 }, cursor = 0;
        struct la_snapshot s;

        while (la_next_snapshot(w.stack[side], w.now, &cursor, &s))
                seen[s.state]++;
        for (int i = 0; i < LA_STATE_COUNT; i++)
                if (seen[i] != la_state_count(w.stack[side], (enum la_state)i))
                        fail_msg("SEED=%llu: %llu in %s are counted, %llu are there", (unsigned long long)w.seed,
                                 (unsigned long long)la_state_count(w.stack[side], (enum la_state)i),
                                 la_state_name((enum la_state)i), (unsigned long long)seen[i]);
}

static tcp_time
next_moment(void)
{
        tcp_time next = w.now + 20000, d;

        for (int side = 0; side < SIDES; side++)
                if ((d = la_deadline(w.stack[side])) < next)
                        next = d;
        for (size_t i = 0; i < PACKETS; i++)
                if (w.flight[i].used && w.flight[i].due < next)
                        next = w.flight[i].due;
        return next > w.now ? next : w.now + 100;
}

static void
turn(void)
{
        deliver();
        for (int side = 0; side < SIDES; side++) {
                struct la_event_report r;

                la_advance(w.stack[side], w.now);
                while (la_next_event(w.stack[side], &r))
                        ;
                for (int c = 0; c < CONNECTIONS; c++) {
                        if (w.end[side][c].open && dice(3) == 0)
                                write_some(side, c);
                        if (w.end[side][c].open && dice(3) == 0)
                                read_some(side, c);
                }
        }
        accept_all();
        drain(0);
        drain(1);
        w.now = next_moment();
}

static bool
all_ended(void)
{
        for (int c = 0; c < CONNECTIONS; c++)
                if (!w.end[0][c].ended || w.end[1][c].open)
                        return false;
        return true;
}

static void
who_remains(void)
{
        for (int side = 0; side < SIDES; side++) {
                struct la_snapshot s;
                uint64_t cursor = 0;

                while (la_next_snapshot(w.stack[side], w.now, &cursor, &s))
                        print_error("side %d: %u to %u %s for %u ms, una %u nxt %u rcv %u, to send %u, to "
                                    "read %u, "
                                    "window %u, retransmits %u, timer %d in %u\n",
                                    side, s.local.port, s.remote.port, la_state_name(s.state), s.age_min_ms, s.snd_una,
                                    s.snd_nxt, s.rcv_nxt, s.send_queue, s.receive_queue, s.tcp.send_window_bytes,
                                    s.retransmits, (int)s.timer, s.timer_ms);
        }
        fail_msg("SEED=%llu: after two hours somebody has not ended", (unsigned long long)w.seed);
}

static void
expect_nothing_left(int side)
{
        struct la_usage u = la_usage(w.stack[side]);

        if (u.connections || u.half_open || u.time_wait4 || u.chunks || u.reassemblies || u.orphans)
                fail_msg("SEED=%llu: side %d still has connections %u, half-open %u, TIME_WAIT %u, chunks %u, "
                         "reassemblies %u, "
                         "orphans %u",
                         (unsigned long long)w.seed, side, u.connections, u.half_open, u.time_wait4, u.chunks,
                         u.reassemblies, u.orphans);
}

static void
run(uint64_t seed, unsigned int trouble)
{
        struct la_endpoint here = { .port = LOCAL_PORT }, there = { { 10, 0, 0, 2 }, LOCAL_PORT };
        tcp_time limit;

        memset(&w, 0, sizeof w);
        w.seed = seed;
        w.random = seed * 2654435761u + 1;
        w.now = 1000000;
        w.loss = dice(trouble + 1);
        w.duplication = dice(trouble + 1);
        w.reordering = dice(trouble + 1);
        w.corruption = dice(trouble / 2 + 1);
        w.marks = seed % 2 ? 100 : 0;
        w.stack[0] = make(0);
        w.stack[1] = make(1);
        assert_int_equal(la_knob_set(w.stack[0], "tcp_ecn", w.marks > 0 ? "1" : "0", NULL), LA_OK);
        w.fast = seed % 3 == 0;
        if (w.fast) {
                assert_int_equal(la_knob_set(w.stack[0], "tcp_fastopen", "5", NULL), LA_OK);
                assert_int_equal(la_knob_set(w.stack[1], "tcp_fastopen", "1538", NULL), LA_OK);
        }
        assert_int_equal(la_listen(w.stack[1], w.now, LA_IPV4, &here, 16, 0, &w.listener), LA_OK);
        keep_alive(1, w.listener);
        for (int c = 0; c < CONNECTIONS; c++) {
                struct la_endpoint from = { .port = (uint16_t)(1000 + c) };

                w.end[0][c].to_write = dice(200000);
                w.end[1][c].to_write = dice(2) ? dice(200000) : 0;
                assert_int_equal(la_open(w.stack[0], w.now, LA_IPV4, &from, &there, 0, &w.end[0][c].handle), LA_OK);
                w.end[0][c].open = true;
                keep_alive(0, w.end[0][c].handle);
                assert_int_equal(
                        la_option_set(w.stack[0], w.now, w.end[0][c].handle, LA_OPTION_FASTOPEN_CONNECT, w.fast),
                        LA_OK);
        }
        for (limit = w.now + UINT64_C(7200) * 1000000; w.now < limit && !all_ended();) {
                turn();
                if (dice(50) == 0)
                        check_counts((int)dice(2));
        }
        if (!all_ended())
                who_remains();
        for (limit = w.now + UINT64_C(1200) * 1000000; w.now < limit;)
                turn();
        la_close(w.stack[1], w.now, w.listener);
        check_counts(0);
        check_counts(1);
        /* In a bad network every SYN may have been repeated, without asking for ECN. */
        if (trouble == 0)
                assert_true(la_counter(w.stack[1], LA_C_InCEPkts) > 0);
        if (trouble == 0 && w.fast)
                assert_true(la_counter(w.stack[0], LA_C_TCPFastOpenActive) > 0);
        expect_nothing_left(0);
        expect_nothing_left(1);
        free(w.stack[0]);
        free(w.stack[1]);
}

static uint64_t
runs(void)
{
        return getenv("SIM_RUNS") ? strtoull(getenv("SIM_RUNS"), NULL, 10) : 6;
}

static void
a_good_network(void **state)
{
        (void)state;
        run(1, 0);
        run(3, 0);
}

static void
a_bad_network(void **state)
{
        (void)state;
        if (getenv("SEED")) {
                run(strtoull(getenv("SEED"), NULL, 10), 300);
                return;
        }
        for (uint64_t seed = 1; seed <= runs(); seed++)
                run(seed, 300);
}

int
main(void)
{
        const struct CMUnitTest tests[] = { cmocka_unit_test(a_good_network), cmocka_unit_test(a_bad_network) };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
