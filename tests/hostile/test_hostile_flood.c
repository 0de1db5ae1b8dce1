/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 4987: SYNs from everywhere that nobody means, and a listener that goes on serving who means it. */
#include "../unit/engine.h"

#include <time.h>

#define BACKLOG      128
#define CLIENT_EVERY (FLOOD_SYNS / 100)
#define SYN_EVERY_US 10 /* 100,000 a second */

static uint64_t random_state;

static uint64_t
random_number(void)
{
        random_state ^= random_state << 13;
        random_state ^= random_state >> 7;
        random_state ^= random_state << 17;
        return random_state;
}

/* A SYN from a forged address, as cheap as it can be made: the flood must not be slower than what it tests. */
static void
forged_syn(void)
{
        struct la_packet p = { 0 };
        struct segment s = { .family = e.family, .syn = true, .window = 65535 };
        uint64_t r = random_number();

        s.seq = seq_of((uint32_t)r);
        s.ip.hop_limit = 64;
        s.options.has_mss = true;
        s.options.mss_bytes = 1460;
        s.source.address[0] = e.family == LA_IPV4 ? 11 : 0xfd;
        for (size_t i = 1; i < 4; i++)
                s.source.address[i] = (uint8_t)(r >> (32 + 8 * i));
        s.source.port = (uint16_t)(1 + r % 65535);
        s.destination.address[0] = e.family == LA_IPV4 ? 10 : 0xfd;
        s.destination.address[e.family == LA_IPV4 ? 3 : 15] = 1;
        s.destination.port = LOCAL_PORT;
        p.header_bytes = (uint16_t)segment_build(&s, NULL, 0, SEGMENT_CHECKSUM_FULL, p.header);
        la_input(e.stack, e.now, &p, 1);
}

static uint64_t
drained(void)
{
        struct la_packet packets[16];
        uint64_t all = 0;
        size_t n;

        while ((n = la_output(e.stack, e.now, packets, 16)) > 0)
                all += n;
        return all;
}

static void
somebody_is_served(uint16_t port)
{
        drained();
        e.peer_port = port;
        seg("S 0:0 win 65535 mss 1460 sackok ws 7 ts 5 0");
        expect_sent("SA 0:0 ack 1");
        char ack[64];
        snprintf(ack, sizeof ack, "PA 1:11 ack 1 ts 6 %u", e.last.options.ts_value);
        seg(ack);
        accept_it();
        expect_state(LA_ESTABLISHED);
        assert_int_equal(read_bytes(), 10);
        forget_sent();
        assert_int_equal(la_abort(e.stack, e.now, e.connection), LA_OK);
        forget_sent();
}

static void
make(uint32_t half_open)
{
        struct la_config c = usual_config();
        struct la_endpoint any = { .port = LOCAL_PORT };

        c.half_open = half_open;
        c.trace = 0;
        remake(&c);
        random_state = 88172645463325252u;
        assert_int_equal(la_listen(e.stack, e.now, e.family, &any, BACKLOG, 0, &e.listener), LA_OK);
}

static void
flood(const char *cookies, uint32_t half_open)
{
        struct timespec start, end;
        uint64_t answers = 0;

        make(half_open);
        knob("tcp_syncookies", cookies);
        clock_gettime(CLOCK_MONOTONIC, &start);
        for (uint32_t i = 1; i <= FLOOD_SYNS; i++) {
                forged_syn();
                e.now += SYN_EVERY_US;
                if (i % 16 == 0) {
                        la_advance(e.stack, e.now);
                        answers += drained();
                }
                if (i % CLIENT_EVERY == 0)
                        somebody_is_served((uint16_t)(1000 + i / CLIENT_EVERY));
                struct la_usage u = la_usage(e.stack);
                if (u.half_open > BACKLOG + 1 || u.half_open > half_open || u.connections > 0 || u.chunks > 0 ||
                    u.time_wait4 + u.time_wait6 > 0)
                        fail_msg("SYN %u: %u half-open, %u connections, %u chunks", i, u.half_open, u.connections,
                                 u.chunks);
        }
        clock_gettime(CLOCK_MONOTONIC, &end);
        print_message("# %d SYNs, cookies %s: %.0f ns each, answers %llu\n", FLOOD_SYNS, cookies,
                      ((double)(end.tv_sec - start.tv_sec) * 1e9 + (double)(end.tv_nsec - start.tv_nsec)) / FLOOD_SYNS,
                      (unsigned long long)answers);
        assert_true(counted(LA_C_SyncookiesRecv) > 0);
        assert_true(counted(LA_C_SyncookiesSent) > FLOOD_SYNS / 2);
        assert_int_equal(la_usage(e.stack).replies_lost, 0);
}

static void
a_million_syns_and_a_listener_that_serves(void **state)
{
        (void)state;
        flood("1", 1024);
}

static void
with_cookies_only(void **state)
{
        (void)state;
        flood("2", 1024);
        assert_int_equal(la_usage(e.stack).half_open, 0);
}

/* The stack's own limit is reached before the listener's. */
static void
with_less_memory_than_backlog(void **state)
{
        (void)state;
        flood("1", 32);
}

/* Without cookies the flood is felt, but bounded; and when it is over, so is the trouble. */
static void
without_cookies_it_ends_with_the_flood(void **state)
{
        (void)state;
        make(1024);
        knob("tcp_syncookies", "0");
        for (uint32_t i = 0; i < FLOOD_SYNS / 10; i++) {
                forged_syn();
                e.now += SYN_EVERY_US;
                drained();
                assert_in_range(la_usage(e.stack).half_open, 1, BACKLOG + 1);
        }
        assert_true(counted(LA_C_TCPReqQFullDrop) > FLOOD_SYNS / 10 - 1000);
        for (int i = 0; i < 300; i++) {
                e.now += 1000000;
                la_advance(e.stack, e.now);
                drained();
        }
        assert_int_equal(la_usage(e.stack).half_open, 0);
        somebody_is_served(999);
}

/* A forged ACK is no cookie, and a flood of them makes nothing. */
static void
acks_that_are_no_cookies(void **state)
{
        (void)state;
        make(1024);
        knob("tcp_syncookies", "2");
        somebody_is_served(999);
        for (uint32_t i = 0; i < 20000; i++) {
                char line[64];

                snprintf(line, sizeof line, "A 1:1 ack %u", (uint32_t)random_number());
                e.peer_port = (uint16_t)(2000 + i % 60000);
                seg(line);
                forget_sent();
        }
        assert_int_equal(la_usage(e.stack).connections, 0);
        assert_int_equal(counted(LA_C_SyncookiesRecv), 1);
        assert_int_equal(counted(LA_C_SyncookiesFailed), 20000);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                engine_test(a_million_syns_and_a_listener_that_serves),
                engine_test6(a_million_syns_and_a_listener_that_serves),
                engine_test(with_cookies_only),
                engine_test(with_less_memory_than_backlog),
                engine_test(without_cookies_it_ends_with_the_flood),
                engine_test(acks_that_are_no_cookies),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
