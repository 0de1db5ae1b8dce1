/* SPDX-License-Identifier: BSD-2-Clause */
/* The stack under test, what reaches it and leaves it, and the passing of time. */
#include "engine.h"

struct engine e;

static const uint8_t local4[16] = { 10, 0, 0, 1 }, peer4[16] = { 10, 0, 0, 2 };
static const uint8_t loopback[16] = { 127, 0, 0, 1 }, other_loopback[16] = { 127, 0, 0, 2 };
static const uint8_t local6[16] = { 0xfd, [15] = 1 }, peer6[16] = { 0xfd, [15] = 2 };

/* ---- The fixture ---- */

struct la_config
usual_config(void)
{
        struct la_config c = { .connections = 64,
                               .half_open = 64,
                               .time_wait4 = 64,
                               .time_wait6 = 64,
                               .chunks = 4096,
                               .chunk_bytes = 1024,
                               .trace = 4096,
                               .reassemblies = 16 };

        memcpy(c.address4, local4, 4);
        memcpy(c.address6, local6, 16);
        for (size_t i = 0; i < sizeof c.seed; i++)
                c.seed[i] = (uint8_t)(i * 7 + 1);
        return c;
}

void
remake(const struct la_config *config)
{
        size_t bytes = la_stack_bytes(config);
        void *block;

        assert_true(bytes > 0);
        free(e.stack);
        block = aligned_alloc(64, bytes);
        assert_non_null(block);
        memset(block, 0, bytes);
        e.stack = la_stack_init(block, bytes, config, e.now);
        e.stack_bytes = bytes;
        assert_non_null(e.stack);
        e.sent_first = e.sent_count = 0;
}

static int
setup(enum la_family family)
{
        struct la_config c = usual_config();

        memset(&e, 0, sizeof e);
        e.now = 1000000;
        e.family = family;
        e.peer_port = PEER_PORT;
        e.local_port = LOCAL_PORT;
        e.peer_isn = PEER_ISN;
        remake(&c);
        return 0;
}

int
setup_engine(void **state)
{
        (void)state;
        return setup(LA_IPV4);
}

int
setup_engine6(void **state)
{
        (void)state;
        return setup(LA_IPV6);
}

int
teardown_engine(void **state)
{
        (void)state;
        free(e.stack);
        e.stack = NULL;
        return 0;
}

void
knob(const char *name, const char *value)
{
        const char *why = "";

        if (la_knob_set_dangerous(e.stack, name, value, &why) != LA_OK)
                fail_msg("%s = %s: %s", name, value, why);
}

/* ---- Packets ---- */

void
collect(void)
{
        struct la_packet packets[8];
        size_t n;

        while ((n = la_output(e.stack, e.now, packets, 8)) > 0)
                for (size_t i = 0; i < n; i++) {
                        size_t at = (e.sent_first + e.sent_count) % 256, bytes = packets[i].header_bytes;

                        assert_true(e.sent_count < 256);
                        memcpy(e.bytes[at], packets[i].header, bytes);
                        for (size_t j = 0; j < packets[i].parts; j++) {
                                assert_true(bytes + packets[i].part[j].length <= sizeof e.bytes[at]);
                                memcpy(e.bytes[at] + bytes, packets[i].part[j].bytes, packets[i].part[j].length);
                                bytes += packets[i].part[j].length;
                        }
                        e.sent[at] = packets[i];
                        e.sent[at].header_bytes = (uint16_t)bytes;
                        e.sent_count++;
                }
}

size_t
count_sent(void)
{
        size_t n;

        collect();
        n = e.sent_count;
        e.sent_first = e.sent_count = 0;
        return n;
}

void
forget_sent(void)
{
        count_sent();
}

void
input_bytes(const uint8_t *bytes, size_t n)
{
        /* From memory of exactly that size, so that a byte read beyond it is seen. */
        uint8_t *copy = malloc(n);
        struct la_packet p = { .parts = 1, .part = { { copy, n } } };

        assert_non_null(copy);
        memcpy(copy, bytes, n);
        la_input(e.stack, e.now, &p, 1);
        free(copy);
        collect();
}

/* ---- Time ---- */

void
after_ms(uint32_t ms)
{
        tcp_time until = e.now + (tcp_time)ms * 1000, next;

        collect();
        while ((next = la_deadline(e.stack)) <= until) {
                if (next > e.now)
                        e.now = next;
                la_advance(e.stack, e.now);
                collect();
        }
        e.now = until;
        la_advance(e.stack, e.now);
        collect();
}

/* ---- Text ---- */

uint8_t
text_at(uint32_t seq)
{
        return (uint8_t)(seq * 31 + (seq >> 8));
}

size_t
write_bytes(size_t n)
{
        static uint8_t bytes[1 << 20];
        struct la_status s = status_now();
        size_t taken = 0;

        /* What is written lies behind all that was written before; a SYN is in the queue as one. */
        uint32_t from = s.snd_una + snapshot_now().send_queue - e.our_isn;

        assert_true(n <= sizeof bytes);
        for (size_t i = 0; i < n; i++)
                bytes[i] = text_at(from + (uint32_t)i);
        if (la_send(e.stack, e.now, e.connection, bytes, n, 0, &taken) == LA_ERR_AGAIN)
                return 0;
        return taken;
}

size_t
read_bytes(void)
{
        static uint8_t bytes[1 << 20];
        struct la_status s = status_now();
        uint32_t from = s.rcv_nxt - s.readable_bytes - (s.peer_closed ? 1 : 0) - e.peer_isn;
        size_t n = 0;

        if (la_receive(e.stack, e.now, e.connection, bytes, sizeof bytes, &n) != LA_OK)
                return 0;
        for (size_t i = 0; i < n; i++)
                assert_int_equal(bytes[i], text_at(from + (uint32_t)i));
        return n;
}

/* ---- What it says ---- */

void
segment_ends(struct segment *s, bool from_peer)
{
        const uint8_t *local = e.family == LA_IPV4 ? local4 : local6, *peer = e.family == LA_IPV4 ? peer4 : peer6;

        s->family = e.family;
        if (e.loopback) {
                local = loopback;
                peer = other_loopback;
        }
        memcpy(s->source.address, from_peer ? peer : local, 16);
        memcpy(s->destination.address, from_peer ? local : peer, 16);
        s->source.port = from_peer ? e.peer_port : e.local_port;
        s->destination.port = from_peer ? e.local_port : e.peer_port;
}

struct la_status
status_now(void)
{
        struct la_status s;

        assert_int_equal(la_status(e.stack, e.now, e.connection, &s), LA_OK);
        return s;
}

struct la_snapshot
snapshot_now(void)
{
        struct la_snapshot s;

        assert_int_equal(la_snapshot(e.stack, e.now, e.connection, &s), LA_OK);
        return s;
}

enum la_state
state_now(void)
{
        return status_now().state;
}

void
expect_state_at(enum la_state state, const char *file, int line)
{
        if (state_now() == state)
                return;
        print_error("%s:%d: expected %s, but the state is %s\n", file, line, la_state_name(state),
                    la_state_name(state_now()));
        _fail(file, line);
}

bool
find_peer(struct la_snapshot *ret_snapshot)
{
        struct segment s = { 0 };

        segment_ends(&s, true);
        return la_find(e.stack, e.now, e.family, &s.destination, &s.source, ret_snapshot);
}

void
expect_found(enum la_state state)
{
        struct la_snapshot s;

        assert_true(find_peer(&s));
        assert_string_equal(la_state_name(s.state), la_state_name(state));
}

void
expect_gone(void)
{
        struct la_snapshot s;

        assert_false(find_peer(&s));
}

enum la_verdict
verdict_of_last(void)
{
        enum la_verdict last = LA_VERDICT_COUNT;
        struct la_trace t;

        while (la_next_trace(e.stack, &t))
                if (t.kind == LA_TRACE_VERDICT)
                        last = t.verdict;
        assert_true(last != LA_VERDICT_COUNT);
        return last;
}

uint32_t
events_now(void)
{
        struct la_event_report r;
        uint32_t all = 0;

        while (la_next_event(e.stack, &r))
                if (la_handle_equal(r.handle, e.connection))
                        all |= r.happened;
        return all;
}

uint64_t
counted(enum la_counter counter)
{
        return la_counter(e.stack, counter);
}
