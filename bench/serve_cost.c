/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the services cost, between two stacks in memory: no link, no system calls but those of the services themselves.  The
 * other stack is the client, and its work is in the figures too.  Counted is the processor's time.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "clock.h"
#include "serve/serve.h"

#define BATCH         64
#define CONVERSATIONS 200000
#define REQUESTS      300000
#define BULK          ((uint64_t)8 << 30)

/* The part of a loop that services know. */
struct la_loop {
        struct la_stack *stack;
        tcp_time now;
};

static struct la_loop loop;
static struct la_stack *client;
static struct la_handle connection;
static uint8_t memory[1 << 18];

struct la_stack *
la_loop_stack(const struct la_loop *l)
{
        return l->stack;
}

tcp_time
la_loop_now(const struct la_loop *l)
{
        return l->now;
}

int
la_loop_watch(struct la_loop *l, struct la_watch *watch, uint32_t events)
{
        (void)l;
        watch->events = events;
        return 0;
}

static void
must(bool holds, const char *what)
{
        if (holds)
                return;
        fprintf(stderr, "serve_cost: cannot %s\n", what);
        exit(1);
}

static double
seconds(void)
{
        return (double)cpu_ns() / SECOND_NS;
}

/* ---- Two stacks ---- */

static struct la_stack *
new_stack(uint8_t last, uint32_t chunk_bytes)
{
        struct la_config c = { .address4 = { 10, 0, 0, last },
                               .seed = { last },
                               .chunk_bytes = chunk_bytes,
                               .gso_bytes = 65000,
                               .checksum_offload = true,
                               .time_wait4 = 65536 };
        size_t bytes = la_stack_bytes(&c);
        void *block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
        struct la_stack *stack;

        must(block != MAP_FAILED, "hold two stacks");
        stack = la_stack_init(block, bytes, &c, loop.now);
        must(la_knob_set(stack, "ip_local_port_range", "1024 65535", NULL) == LA_OK, "set a tunable");
        must(la_knob_set(stack, "tcp_rmem", "4096 1048576 6291456", NULL) == LA_OK, "set a tunable");
        must(la_knob_set(stack, "tcp_wmem", "4096 1048576 6291456", NULL) == LA_OK, "set a tunable");
        must(la_knob_set(stack, "lastack.time_wait_ms", "1", NULL) == LA_OK, "set a tunable");
        return stack;
}

/* Such packets as come over a link with checksum offload: verified, up to 64 KiB. */
static size_t
carry(struct la_stack *from, struct la_stack *to)
{
        static struct la_packet packets[BATCH];
        size_t n = la_output(from, loop.now, packets, BATCH);

        for (size_t i = 0; i < n; i++)
                packets[i].flags |= LA_PACKET_CHECKSUM_GOOD;
        if (n > 0)
                la_input(to, loop.now, packets, n);
        return n;
}

static void
serve_events(void)
{
        struct la_event_report event;

        while (la_next_event(loop.stack, &event)) {
                struct la_handler *handler = (struct la_handler *)(uintptr_t)event.user;

                handler->happened(handler, &loop, &event);
        }
}

static size_t
receive(void)
{
        struct la_event_report event;
        size_t all = 0, n;

        while (la_next_event(client, &event))
                ;
        while (la_receive(client, loop.now, connection, memory, sizeof memory, &n) == LA_OK)
                all += n;
        return all;
}

static size_t
turn(void)
{
        size_t n;

        carry(client, loop.stack);
        serve_events();
        n = carry(loop.stack, client);
        return n;
}

static void
connect_to(uint16_t port)
{
        const struct la_endpoint server = { { 10, 0, 0, 1 }, port };
        enum la_error error = la_open(client, loop.now, LA_IPV4, NULL, &server, 0, &connection);

        must(error == LA_OK, la_error_text(error));
        turn();
        turn();
}

static void
finish(void)
{
        (void)la_close(client, loop.now, connection);
        while (turn() > 0)
                ;
        loop.now += 2000;
        la_advance(client, loop.now);
        la_advance(loop.stack, loop.now);
}

/* ---- Figures ---- */

/* So that the file lies in the page cache. */
static void
warm_up(const char *directory)
{
        char path[100];
        int fd;

        snprintf(path, sizeof path, "%s/large", directory);
        fd = open(path, O_RDONLY);
        must(fd >= 0, "open a file");
        while (read(fd, memory, sizeof memory) > 0)
                ;
        close(fd);
}

static void
say_rate(const char *what, double count, double begin)
{
        printf("%-52s %12.0f /s\n", what, count / (seconds() - begin));
}

static void
echo_conversations(void)
{
        double begin = seconds();

        for (int i = 0; i < CONVERSATIONS; i++) {
                size_t taken;

                connect_to(7);
                (void)la_send(client, loop.now, connection, memory, 1, 0, &taken);
                turn();
                must(receive() == 1, "hear the echo");
                finish();
        }
        say_rate("echo: connect, 1 byte each way, close", CONVERSATIONS, begin);
}

static void
chargen_bulk(uint32_t chunk_bytes)
{
        uint64_t all = 0;
        double begin;

        connect_to(19);
        begin = seconds();
        while (all < BULK) {
                turn();
                all += receive();
        }
        printf("chargen: one flow, chunks of %5u bytes %25.1f Gb/s\n", chunk_bytes,
               (double)all * 8 / 1e9 / (seconds() - begin));
        (void)la_abort(client, loop.now, connection);
        turn();
}

static void
http_requests(void)
{
        static const char request[] = "GET /small HTTP/1.1\r\nHost: a\r\n\r\n";
        double begin;

        connect_to(80);
        begin = seconds();
        for (int i = 0; i < REQUESTS; i++) {
                size_t taken;

                (void)la_send(client, loop.now, connection, (const uint8_t *)request, sizeof request - 1, 0, &taken);
                turn();
                must(receive() > 100, "get a small file");
        }
        say_rate("http: requests of 100 bytes, kept alive", REQUESTS, begin);
        finish();
}

static void
http_bulk(uint32_t chunk_bytes)
{
        static const char request[] = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
        uint64_t all = 0, size = (uint64_t)1 << 30;
        size_t taken;
        double begin;

        connect_to(80);
        begin = seconds();
        (void)la_send(client, loop.now, connection, (const uint8_t *)request, sizeof request - 1, 0, &taken);
        while (all < size) {
                turn();
                all += receive();
        }
        printf("http: a file of 1 GiB, chunks of %5u bytes %21.1f Gb/s\n", chunk_bytes,
               (double)all * 8 / 1e9 / (seconds() - begin));
        finish();
}

static struct serve *
started(const char *text)
{
        struct serve_request request;
        struct serve *service;
        char error[SERVE_ERROR_SIZE];

        must(serve_parse(text, &request, error, sizeof error) == 0, error);
        must(serve_start(&loop, &request, NULL, &service) == 0, "start a service");
        return service;
}

static void
make_file(const char *directory, const char *name, off_t size)
{
        char path[100];
        int fd;

        snprintf(path, sizeof path, "%s/%s", directory, name);
        fd = open(path, O_WRONLY | O_CREAT, 0644);
        must(fd >= 0 && ftruncate(fd, size) == 0, "make a file");
        close(fd);
}

static void
remove_file(const char *directory, const char *name)
{
        char path[100];

        snprintf(path, sizeof path, "%s/%s", directory, name);
        unlink(path);
}

static void
measure(const char *directory, uint32_t chunk_bytes, bool small)
{
        struct serve *echo, *chargen, *http;
        char text[100];

        loop.stack = new_stack(1, chunk_bytes);
        client = new_stack(2, chunk_bytes);
        snprintf(text, sizeof text, "http=80:%s", directory);
        echo = started("echo=7");
        chargen = started("chargen=19");
        http = started(text);
        if (small) {
                echo_conversations();
                http_requests();
        }
        chargen_bulk(chunk_bytes);
        http_bulk(chunk_bytes);
        serve_free(echo);
        serve_free(chargen);
        serve_free(http);
}

int
main(void)
{
        char directory[] = "/tmp/lastack-serve-cost-XXXXXX";

        loop.now = 1000000;
        must(mkdtemp(directory) != NULL, "make a directory");
        make_file(directory, "small", 100);
        make_file(directory, "large", (off_t)1 << 30);
        warm_up(directory);
        measure(directory, 4096, true);
        measure(directory, 16384, false);
        measure(directory, 65536, false);
        remove_file(directory, "small");
        remove_file(directory, "large");
        rmdir(directory);
        return 0;
}
