/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * served.c - a stack with connections in every state, for tests of what lastack shows of a stack.
 *
 *     served NAME                     all states once, at ports that test_stack.py knows; orders come on standard input:
 *                                     connect, refuse (to a port that nobody listens on)
 *     served NAME empty               nothing, in a stack for 100 connections; the orders are "hold N" and "wait N", so many
 *                                     that are accepted or are not, "leak N", CLOSE_WAIT that nobody ends, and "churn N",
 *                                     closed here first
 *     served NAME CONNECTIONS         so many, half of them in TIME_WAIT, and one more that goes to and fro without a
 *                                     pause; the order "pause" tells how that went since it was asked the last time
 *
 * It says "ready", and ends with its standard input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "lastack/control.h"
#include "peers.h"

#define PORT      80
#define ECHO_PORT 7

static struct peers p;
static struct la_handle listener;
static struct la_handle pinger;
static bool ended;

static void
require(bool holds, const char *what)
{
        if (holds)
                return;
        fprintf(stderr, "served: %s\n", what);
        exit(1);
}
#define REQUIRE(condition) require(condition, #condition)

/* ---- Connections ---- */

static struct la_endpoint
at(uint8_t last_byte, uint16_t port)
{
        return (struct la_endpoint){ .address = { 10, 77, 0, last_byte }, .port = port };
}

static struct la_handle
open_from_there(const struct la_endpoint *local, uint16_t to)
{
        struct la_endpoint remote = at(2, to);
        struct la_handle handle;

        REQUIRE(la_open(p.there, la_clock(), LA_IPV4, local, &remote, 0, &handle) == LA_OK);
        return handle;
}

/* Both ends of a connection from there to here. */
struct ends {
        struct la_handle here, there;
};

static struct ends
connect_from(const struct la_endpoint *local)
{
        struct ends ends = { .there = open_from_there(local, PORT) };

        peers_settle(&p);
        REQUIRE(la_accept(p.here, la_clock(), listener, 0, &ends.here) == LA_OK);
        return ends;
}

static struct ends
connect_from_port(uint16_t port)
{
        struct la_endpoint local = at(1, port);

        return connect_from(&local);
}

static void
write_to(struct la_stack *stack, struct la_handle handle, size_t length)
{
        static const uint8_t bytes[4096];
        size_t taken;

        REQUIRE(la_send(stack, la_clock(), handle, bytes, length, 0, &taken) == LA_OK && taken == length);
}

static void
shut_down(struct la_stack *stack, struct la_handle handle)
{
        REQUIRE(la_shutdown(stack, la_clock(), handle) == LA_OK);
        peers_settle(&p);
}

/* ---- One in each state ---- */

static void
make_synchronized(void)
{
        struct ends e;

        connect_from_port(40001); /* ESTABLISHED, nothing under way */
        e = connect_from_port(40002);
        write_to(p.there, e.there, 1000); /* not read */
        e = connect_from_port(40003);
        peers_mute(&p, 40003);
        write_to(p.here, e.here, 2000); /* not acknowledged */
}

static void
make_closing(void)
{
        struct ends e;

        e = connect_from_port(40010); /* FIN_WAIT_1 */
        peers_mute(&p, 40010);
        shut_down(p.here, e.here);
        e = connect_from_port(40011); /* FIN_WAIT_2, held */
        shut_down(p.here, e.here);
        e = connect_from_port(40012); /* FIN_WAIT_2, an orphan */
        REQUIRE(la_close(p.here, la_clock(), e.here) == LA_OK);
        peers_settle(&p);
        e = connect_from_port(40013); /* CLOSE_WAIT */
        shut_down(p.there, e.there);
        e = connect_from_port(40014); /* CLOSING */
        peers_mute(&p, 40014);
        shut_down(p.here, e.here);
        shut_down(p.there, e.there);
        e = connect_from_port(40015); /* LAST_ACK */
        shut_down(p.there, e.there);
        peers_mute(&p, 40015);
        shut_down(p.here, e.here);
        e = connect_from_port(40016); /* TIME_WAIT */
        REQUIRE(la_close(p.here, la_clock(), e.here) == LA_OK);
        peers_settle(&p);
        shut_down(p.there, e.there);
}

static void
make_opening(void)
{
        struct la_endpoint remote = at(9, 4000);
        struct la_handle handle;

        open_from_there(&(struct la_endpoint){ .address = { 10, 77, 0, 1 }, .port = 40004 }, PORT); /* not accepted */
        peers_settle(&p);
        peers_mute(&p, 40020);
        open_from_there(&(struct la_endpoint){ .address = { 10, 77, 0, 1 }, .port = 40020 }, PORT); /* SYN_RECEIVED */
        peers_mute(&p, 4000);
        REQUIRE(la_open(p.here, la_clock(), LA_IPV4, NULL, &remote, 0, &handle) == LA_OK); /* SYN_SENT */
        peers_settle(&p);
}

static void
listen_on(uint16_t port, struct la_handle *ret_listener)
{
        struct la_endpoint local = { .port = port };

        REQUIRE(la_listen(p.here, la_clock(), LA_IPV4, &local, 8, 0, ret_listener) == LA_OK);
}

/* ---- Orders ---- */

static void tell_pause(void);

static void
wait_unaccepted(void)
{
        open_from_there(NULL, PORT);
        peers_settle(&p);
}

static void
hold(void)
{
        connect_from(NULL);
}

static void
leak(void)
{
        shut_down(p.there, connect_from(NULL).there);
}

static void
churn(void)
{
        struct ends e = connect_from(NULL);

        REQUIRE(la_close(p.here, la_clock(), e.here) == LA_OK);
        peers_settle(&p);
        REQUIRE(la_close(p.there, la_clock(), e.there) == LA_OK);
        peers_settle(&p);
}

/* "leak 15"; false for another kind of order. */
static bool
carry_out_often(const char *order)
{
        static const struct {
                const char *word;
                void (*once)(void);
        } words[] = { { "hold ", hold }, { "wait ", wait_unaccepted }, { "leak ", leak }, { "churn ", churn } };

        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
                size_t length = strlen(words[i].word);
                if (strncmp(order, words[i].word, length) != 0)
                        continue;
                for (unsigned long n = strtoul(order + length, NULL, 10); n > 0; n--)
                        words[i].once();
                return true;
        }
        return false;
}

static void
carry_out(const char *order)
{
        if (strcmp(order, "connect") == 0)
                connect_from(NULL);
        else if (strcmp(order, "refuse") == 0)
                open_from_there(NULL, 81);
        else if (strcmp(order, "pause") == 0)
                tell_pause();
        else
                require(carry_out_often(order), order);
        puts("done");
        fflush(stdout);
}

static void
ordered(struct la_watch *watch, struct la_loop *loop, uint32_t events)
{
        char text[256];
        ssize_t n = read(watch->fd, text, sizeof(text) - 1);

        (void)loop;
        (void)events;
        if (n <= 0) {
                ended = true;
                return;
        }
        text[n] = '\0';
        text[strcspn(text, "\n")] = '\0';
        carry_out(text);
}

/* ---- A crowd ---- */

static void
make_crowd(uint32_t connections)
{
        for (uint32_t i = 0; i < connections; i++) {
                struct la_endpoint local = { .address = { 10, 78, (uint8_t)(i / 50000), 1 },
                                             .port = (uint16_t)(1024 + i % 50000) };
                struct ends e = { .there = open_from_there(&local, PORT) };

                for (unsigned int step = 0; la_accept(p.here, la_clock(), listener, 0, &e.here) != LA_OK; step++) {
                        REQUIRE(step < 1000);
                        peers_step(&p);
                }
                if (i % 2 == 0)
                        continue;
                la_close(p.here, la_clock(), e.here);
                for (unsigned int step = 0; step < 3; step++)
                        peers_step(&p);
                la_close(p.there, la_clock(), e.there);
                for (unsigned int step = 0; step < 3; step++)
                        peers_step(&p);
        }
}

/* To and fro: `there` sends a byte, `here` sends it back, ... */
static struct la_handle echo_listener, echo_here;
static uint64_t pings;
static uint64_t last_ping_us, longest_pause_us, since_us;

/* Of this thread: how busy it is with other things, and not the machine. */
static uint64_t
busy_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static bool
pass_back(struct la_stack *stack, struct la_handle handle)
{
        uint8_t byte;
        size_t n;

        if (la_receive(stack, la_clock(), handle, &byte, 1, &n) != LA_OK)
                return false;
        return la_send(stack, la_clock(), handle, &byte, 1, 0, &n) == LA_OK;
}

static void
begin_pinging(void)
{
        listen_on(ECHO_PORT, &echo_listener);
        pinger = open_from_there(NULL, ECHO_PORT);
        peers_settle(&p);
        REQUIRE(la_accept(p.here, la_clock(), echo_listener, 0, &echo_here) == LA_OK);
        write_to(p.there, pinger, 1);
        p.keep_awake = true;
        peers_step(&p);
        last_ping_us = since_us = busy_us();
}

static void
ping(void)
{
        uint64_t now_us;

        pass_back(p.here, echo_here);
        if (!pass_back(p.there, pinger))
                return;
        now_us = busy_us();
        pings++;
        if (now_us - last_ping_us > longest_pause_us)
                longest_pause_us = now_us - last_ping_us;
        last_ping_us = now_us;
}

/* How it went since the last time. */
static void
tell_pause(void)
{
        printf("%.0f to and fro a second of the processor's, longest pause %.3f ms of it; ",
               (double)pings * 1e6 / (double)(busy_us() - since_us), (double)longest_pause_us / 1000);
        pings = longest_pause_us = 0;
        last_ping_us = since_us = busy_us();
}

/* ---- All ---- */

static void
forget_events(struct la_stack *stack)
{
        struct la_event_report event;

        while (la_next_event(stack, &event))
                ;
}

static void
serve(bool crowd)
{
        struct la_watch orders = { .ready = ordered, .fd = STDIN_FILENO };

        REQUIRE(la_loop_watch(p.loop, &orders, EPOLLIN) == 0);
        puts("ready");
        fflush(stdout);
        while (!ended) {
                la_loop_step(p.loop, la_clock() + 100000);
                forget_events(p.there);
                if (crowd)
                        ping();
        }
}

int
main(int argc, char **argv)
{
        bool empty = argc > 2 && strcmp(argv[2], "empty") == 0;
        uint32_t connections = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
        struct la_control *control;
        const char *why;

        if (argc < 2)
                return 64;
        require(peers_init(&p, empty ? 36 : connections ? connections : 1000), "no memory"); /* and 64 more */
        listen_on(PORT, &listener);
        la_knob_set(p.here, "lastack.time_wait_ms", "3600000", &why);
        if (connections > 0) {
                make_crowd(connections);
                begin_pinging();
        } else if (!empty) {
                make_synchronized();
                make_closing();
                make_opening();
                la_knob_set(p.here, "tcp_fin_timeout", "30", &why);
        }
        int r = la_control_open(p.loop, argv[1], "a test's stack", &control);
        if (r < 0) {
                fprintf(stderr, "served: %s: %s\n", argv[1], strerror(-r));
                return 1;
        }
        serve(connections > 0);
        la_control_close(control);
        return 0;
}
