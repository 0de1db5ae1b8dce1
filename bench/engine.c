/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The engine in memory: two stacks on one core pass each other packets, without any I/O.
 *
 *         engine [SECONDS]
 *
 * Prints nanoseconds per 1460-byte data segment (checksums made and verified, acknowledgments included), nanoseconds
 * for connect, request, response and close, how that grows with what is merely held, and beside them what memcpy and
 * the checksum of the same bytes cost in the same run.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "lastack/tcp.h"
#include "wire/checksum.h"

#define BATCH 32

static const struct la_endpoint server = { { 10, 0, 0, 2 }, 80 };
static struct la_stack *side[2];
static size_t side_bytes[2];
static tcp_time now = 1000000;
static double seconds = 1;

static double
clock_s(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
must(enum la_error error, const char *what)
{
        if (error == LA_OK)
                return;
        fprintf(stderr, "%s: %s\n", what, la_error_text(error));
        exit(1);
}

static struct la_stack *
make(const struct la_config *c, size_t *ret_bytes)
{
        size_t bytes = la_stack_bytes(c);
        void *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

        if (block == MAP_FAILED) {
                perror("mmap");
                exit(1);
        }
        *ret_bytes = bytes;
        return la_stack_init(block, bytes, c, now);
}

static void
make_both(uint32_t connections, uint32_t time_wait)
{
        for (int i = 0; i < 2; i++) {
                struct la_config c = { .connections = connections + 1000,
                                       .time_wait4 = time_wait + 100000,
                                       .chunks = 8192 };

                memcpy(c.address4, server.address, 4);
                c.address4[3] = (uint8_t)(i + 1);
                c.seed[0] = (uint8_t)i;
                side[i] = make(&c, &side_bytes[i]);
                la_knob_set(side[i], "tcp_max_tw_buckets", "16777216", NULL);
                la_knob_set(side[i], "ip_local_port_range", "1024 65535", NULL);
        }
}

static void
forget_both(void)
{
        for (int i = 0; i < 2; i++)
                munmap(side[i], side_bytes[i]);
}

/* Everything that either has to say, until nobody has. */
static size_t
exchange(void)
{
        static struct la_packet p[BATCH];
        size_t all = 0, n, last;

        do {
                last = all;
                for (int i = 0; i < 2; i++)
                        while ((n = la_output(side[i], now, p, BATCH)) > 0) {
                                la_input(side[1 - i], now, p, n);
                                all += n;
                                if (n < BATCH)
                                        break;
                        }
        } while (all != last);
        return all;
}

static struct la_handle listener;

static void
listen_there(void)
{
        struct la_endpoint any = { .port = 80 };

        must(la_listen(side[1], now, LA_IPV4, &any, 1000, 0, &listener), "listen");
}

static struct la_handle
connect_both(const struct la_endpoint *from, struct la_handle *ret_there)
{
        struct la_handle here;

        must(la_open(side[0], now, LA_IPV4, from, &server, 0, &here), "open");
        exchange();
        must(la_accept(side[1], now, listener, 0, ret_there), "accept");
        return here;
}

static void
drop_events(void)
{
        struct la_event_report r;

        for (int i = 0; i < 2; i++)
                while (la_next_event(side[i], &r))
                        ;
}

/* ---- Figures ---- */

static double
data_segment_ns(void)
{
        struct la_handle here, there;
        uint64_t segments = 0, bytes = 0;
        double begin, end;

        make_both(10, 10);
        for (int i = 0; i < 2; i++) {
                la_knob_set(side[i], "tcp_rmem", "4096 4194304 6291456", NULL);
                la_knob_set(side[i], "tcp_wmem", "4096 4194304 6291456", NULL);
                la_knob_set(side[i], "tcp_timestamps", "0", NULL);
        }
        listen_there();
        here = connect_both(NULL, &there);
        begin = clock_s();
        do {
                for (int round = 0; round < 100; round++) {
                        for (int i = 0; i < 8; i++) {
                                uint8_t *to;
                                size_t room;

                                if (la_send_space(side[0], here, &to, &room) != LA_OK)
                                        break;
                                la_send_commit(side[0], now, here, room, LA_SEND_MORE);
                        }
                        exchange();
                        for (;;) {
                                struct la_part part;

                                if (la_receive_look(side[1], there, &part) != LA_OK)
                                        break;
                                bytes += part.length;
                                la_receive_done(side[1], now, there, part.length);
                        }
                        exchange();
                        drop_events();
                        now += 10;
                        la_advance(side[0], now);
                        la_advance(side[1], now);
                }
                end = clock_s();
        } while (end - begin < seconds);
        segments = bytes / 1460;
        forget_both();
        return (end - begin) * 1e9 / (double)segments;
}

/* Each address has ports for so many conversations while their TIME_WAIT lasts. */
#define FOR_EACH_ADDRESS 40000

static void
one_conversation(uint64_t number)
{
        struct la_endpoint from = { .address = { 10, 3, 0, (uint8_t)(1 + number / FOR_EACH_ADDRESS) } };
        struct la_handle here, there;
        uint8_t byte = 1;
        size_t n;

        here = connect_both(&from, &there);
        must(la_send(side[0], now, here, &byte, 1, 0, &n), "send");
        exchange();
        must(la_receive(side[1], now, there, &byte, 1, &n), "receive");
        must(la_send(side[1], now, there, &byte, 1, 0, &n), "send");
        exchange();
        must(la_receive(side[0], now, here, &byte, 1, &n), "receive");
        must(la_close(side[0], now, here), "close");
        exchange();
        must(la_close(side[1], now, there), "close");
        exchange();
        drop_events();
        now += 1;
        la_advance(side[0], now);
        la_advance(side[1], now);
}

static double
conversation_ns(uint32_t established, uint32_t time_wait)
{
        struct la_handle there;
        uint64_t n = 0;
        double begin, end;

        make_both(established, time_wait);
        listen_there();
        for (uint32_t i = 0; i < established; i++) {
                struct la_endpoint from = { { 10, 1, (uint8_t)(i >> 24), 0 }, (uint16_t)(1024 + i % 60000) };

                from.address[2] = (uint8_t)(i / 60000);
                connect_both(&from, &there);
                drop_events();
        }
        for (uint32_t i = 0; i < time_wait; i++) {
                struct la_endpoint from = { { 10, 2, (uint8_t)(i / 60000 / 200), (uint8_t)(1 + i / 60000 % 200) },
                                            (uint16_t)(1024 + i % 60000) };
                struct la_handle here = connect_both(&from, &there);

                la_close(side[0], now, here);
                exchange();
                la_close(side[1], now, there);
                exchange();
                drop_events();
        }
        for (n = 0; n < 1000; n++)
                one_conversation(n);
        begin = clock_s();
        do {
                for (int i = 0; i < 100; i++)
                        one_conversation(n++);
                end = clock_s();
        } while (end - begin < seconds && n < 900000);
        if (la_state_count(side[0], LA_TIME_WAIT) < time_wait)
                fprintf(stderr, "only %llu are held\n", (unsigned long long)la_state_count(side[0], LA_TIME_WAIT));
        forget_both();
        return (end - begin) * 1e9 / (double)(n - 1000);
}

static double
idle_tick_ns(uint32_t established)
{
        struct la_handle there;
        double begin;
        const int ticks = 1000000;

        make_both(established, 10);
        listen_there();
        for (uint32_t i = 0; i < established; i++) {
                struct la_endpoint from = { { 10, 1, (uint8_t)(i / 60000), 0 }, (uint16_t)(1024 + i % 60000) };

                connect_both(&from, &there);
                drop_events();
        }
        now += 10000000;
        la_advance(side[0], now);
        begin = clock_s();
        for (int i = 0; i < ticks; i++) {
                now += 1000;
                la_advance(side[0], now);
        }
        begin = (clock_s() - begin) * 1e9 / ticks;
        forget_both();
        return begin;
}

static double
memcpy_ns(void)
{
        static uint8_t a[64][1500], b[64][1500];
        const int n = 2000000;
        double begin = clock_s();

        for (int i = 0; i < n; i++) {
                memcpy(a[i % 64], b[i % 64], 1460);
                __asm__ volatile("" ::: "memory");
        }
        return (clock_s() - begin) * 1e9 / n;
}

static double
checksum_ns(void)
{
        static uint8_t a[64][1500];
        const int n = 2000000;
        double begin = clock_s();
        uint64_t sum = 0;

        for (int i = 0; i < n; i++) {
                sum += sum_bytes(a[i % 64], 1460).v;
                __asm__ volatile("" ::: "memory");
        }
        if (sum == 1)
                puts("");
        return (clock_s() - begin) * 1e9 / n;
}

int
main(int argc, char **argv)
{
        static const struct {
                uint32_t established, time_wait;
        } held[] = { { 0, 0 }, { 0, 100000 }, { 100000, 0 }, { 100000, 100000 }, { 0, 1000000 } };

        if (argc > 1)
                seconds = atof(argv[1]);
        printf("memcpy of 1460 bytes                    %8.1f ns\n", memcpy_ns());
        printf("checksum of 1460 bytes                  %8.1f ns\n", checksum_ns());
        printf("data segment of 1460 bytes, both ends   %8.1f ns\n", data_segment_ns());
        for (size_t i = 0; i < sizeof held / sizeof held[0]; i++)
                printf("conversation, %7u established and %8u TIME_WAIT held %8.0f ns\n", held[i].established,
                       held[i].time_wait, conversation_ns(held[i].established, held[i].time_wait));
        printf("idle tick, 100000 established           %8.1f ns\n", idle_tick_ns(100000));
        return 0;
}
