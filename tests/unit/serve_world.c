/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve_world.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define BATCH          32
#define MOST_ROUNDS    2000000
#define PATIENCE_MS    10000
#define EVENTS_AT_ONCE 64

struct world w;

/* The part of a loop that services know, over nothing: lastack/link.h has the words. */
struct la_loop {
        struct la_stack *stack;
        tcp_time now;
        int epoll;
};

struct la_stack *
la_loop_stack(const struct la_loop *loop)
{
        return loop->stack;
}

tcp_time
la_loop_now(const struct la_loop *loop)
{
        return loop->now;
}

int
la_loop_watch(struct la_loop *loop, struct la_watch *watch, uint32_t events)
{
        struct epoll_event event = { .events = events, .data.ptr = watch };
        int how = watch->events == 0 ? EPOLL_CTL_ADD : events == 0 ? EPOLL_CTL_DEL : EPOLL_CTL_MOD;

        if (events == watch->events)
                return 0;
        if (epoll_ctl(loop->epoll, how, watch->fd, &event) < 0)
                return -errno;
        watch->events = events;
        return 0;
}

tcp_time
now(void)
{
        return w.loop->now;
}

/* ---- Packets, events, descriptors ---- */

static bool
carry(struct la_stack *from, struct la_stack *to)
{
        static struct la_packet packets[BATCH];
        size_t n = la_output(from, now(), packets, BATCH);

        la_input(to, now(), packets, n);
        w.packets += n;
        return n > 0;
}

static bool
serve_events(void)
{
        struct la_event_report event;
        bool any = false;

        while (la_next_event(w.server, &event)) {
                struct la_handler *handler = (struct la_handler *)(uintptr_t)event.user;

                any = true;
                handler->happened(handler, w.loop, &event);
        }
        return any;
}

static void
hear(void)
{
        struct la_event_report event;

        while (la_next_event(w.client, &event))
                ;
        while (!w.deaf && w.connection.generation && w.heard_bytes < HEARD_ROOM) {
                size_t n;
                enum la_error error = la_receive(w.client, now(), w.connection, (uint8_t *)w.heard + w.heard_bytes,
                                                 HEARD_ROOM - w.heard_bytes, &n);

                if (error == LA_ERR_AGAIN)
                        return;
                w.ended = error;
                if (error != LA_OK)
                        return;
                w.heard_bytes += n;
                w.heard[w.heard_bytes] = '\0';
        }
}

/* One at a time: what one does may end the watch of another. */
static bool
serve_descriptors(int timeout_ms)
{
        struct epoll_event event;
        struct la_watch *watch;

        if (epoll_wait(w.loop->epoll, &event, 1, timeout_ms) < 1)
                return false;
        watch = event.data.ptr;
        watch->ready(watch, w.loop, event.events);
        return true;
}

static bool
serve_time(void)
{
        if (!w.service || serve_deadline(w.service) > now())
                return false;
        serve_advance(w.service);
        return true;
}

bool
pass_once(void)
{
        bool any = serve_events();

        any |= serve_time();
        any |= serve_descriptors(0);
        any |= carry(w.server, w.client);
        hear();
        any |= carry(w.client, w.server);
        return any;
}

void
run_on(void)
{
        int rounds = 0;

        while (pass_once())
                assert_true(++rounds < MOST_ROUNDS);
}

void
wait_until_at(bool (*happened)(void), const char *what, const char *file, int line)
{
        struct timespec begin, t;

        clock_gettime(CLOCK_MONOTONIC, &begin);
        for (run_on(); !happened(); run_on()) {
                serve_descriptors(1);
                clock_gettime(CLOCK_MONOTONIC, &t);
                if ((t.tv_sec - begin.tv_sec) * 1000 > PATIENCE_MS) {
                        print_error("%s:%d: %s did not come true\n", file, line, what);
                        _fail(file, line);
                }
        }
}

void
after_ms(uint32_t ms)
{
        for (uint32_t i = 0; i < ms; i++) {
                w.loop->now += 1000;
                la_advance(w.server, now());
                la_advance(w.client, now());
                run_on();
        }
}

/* ---- Making and ending it ---- */

static struct la_stack *
new_stack(uint8_t last, uint32_t chunks)
{
        struct la_config c = {
                .address4 = { 10, 0, 0, last }, .seed = { last }, .chunks = chunks, .connections = 3000
        };
        struct la_stack *stack;
        void *block;

        c.half_open = 3000;
        c.address6[0] = 0xfd;
        c.address6[15] = last;
        w.stack_bytes = la_stack_bytes(&c);
        block = mmap(NULL, w.stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        assert_true(block != MAP_FAILED);
        stack = la_stack_init(block, w.stack_bytes, &c, now());
        assert_non_null(stack);
        return stack;
}

static void
end_stacks(void)
{
        munmap(w.server, w.stack_bytes);
        munmap(w.client, w.stack_bytes);
}

static void
begin_stacks(uint32_t chunks)
{
        w.server = new_stack(1, chunks);
        w.client = new_stack(2, chunks);
        w.loop->stack = w.server;
}

void
restart_stacks(uint32_t chunks)
{
        end_stacks();
        begin_stacks(chunks);
}

static void
note(struct serve_log *log, const char *line)
{
        size_t n = strlen(w.said);

        (void)log;
        snprintf(w.said + n, sizeof w.said - n, "%s\n", line);
}

int
setup_world(void **state)
{
        (void)state;
        w = (struct world){ .log.say = note, .family = LA_IPV4 };
        w.loop = calloc(1, sizeof *w.loop);
        w.heard = malloc(HEARD_ROOM + 1);
        assert_true(w.loop && w.heard);
        w.heard[0] = '\0';
        w.loop->now = 1000000;
        w.loop->epoll = epoll_create1(EPOLL_CLOEXEC);
        assert_true(w.loop->epoll >= 0);
        begin_stacks(0);
        return 0;
}

int
teardown_world(void **state)
{
        (void)state;
        serve_free(w.service);
        end_stacks();
        close(w.loop->epoll);
        free(w.loop);
        free(w.heard);
        return 0;
}

void
start(const char *text)
{
        struct serve_request request;
        char error[SERVE_ERROR_SIZE] = "";
        bool forward = text[0] >= '0' && text[0] <= '9';
        int r = forward ? serve_parse_forward(text, &request, error, sizeof error)
                        : serve_parse(text, &request, error, sizeof error);

        assert_string_equal(error, "");
        assert_int_equal(r, 0);
        assert_int_equal(serve_start(w.loop, &request, &w.log, &w.service), 0);
}

/* ---- The client ---- */

void
connect_to(uint16_t port)
{
        struct la_endpoint remote = { .port = port };

        if (w.family == LA_IPV4)
                memcpy(remote.address, (uint8_t[]){ 10, 0, 0, 1 }, 4);
        else
                remote.address[0] = 0xfd, remote.address[15] = 1;
        w.ended = LA_OK;
        assert_int_equal(la_open(w.client, now(), w.family, NULL, &remote, 0, &w.connection), LA_OK);
        assert_int_equal(la_option_set(w.client, now(), w.connection, LA_OPTION_NODELAY, 1), LA_OK);
        run_on();
}

size_t
say_bytes(const void *bytes, size_t n)
{
        size_t taken = 0, all = 0;

        while (all < n &&
               la_send(w.client, now(), w.connection, (const uint8_t *)bytes + all, n - all, 0, &taken) == LA_OK) {
                all += taken;
                run_on();
        }
        return all;
}

void
say(const char *text)
{
        assert_int_equal(say_bytes(text, strlen(text)), strlen(text));
}

void
hang_up(void)
{
        assert_int_equal(la_shutdown(w.client, now(), w.connection), LA_OK);
        run_on();
}

void
reset_it(void)
{
        assert_int_equal(la_abort(w.client, now(), w.connection), LA_OK);
        w.connection = (struct la_handle){ 0 };
        run_on();
}

void
close_it(void)
{
        assert_int_equal(la_close(w.client, now(), w.connection), LA_OK);
        w.connection = (struct la_handle){ 0 };
        run_on();
}

void
forget_heard(void)
{
        w.heard_bytes = 0;
        w.heard[0] = '\0';
}

void
expect_heard_at(const char *text, const char *file, int line)
{
        if (strcmp(w.heard, text) != 0) {
                print_error("%s:%d: heard \"%s\", not \"%s\"\n", file, line, w.heard, text);
                _fail(file, line);
        }
        forget_heard();
}

bool
has_ended(void)
{
        return w.ended != LA_OK;
}

void
expect_ended_at(enum la_error how, const char *file, int line)
{
        if (w.ended != how) {
                print_error("%s:%d: it ended with \"%s\", not \"%s\"\n", file, line, la_error_text(w.ended),
                            la_error_text(how));
                _fail(file, line);
        }
}

void
expect_nothing_left(void)
{
        struct la_usage server, client;

        if (w.connection.generation)
                close_it();
        after_ms(100);
        server = la_usage(w.server);
        client = la_usage(w.client);
        assert_int_equal(server.connections, 0);
        assert_int_equal(server.chunks, 0);
        assert_int_equal(client.connections, 0);
        assert_int_equal(client.chunks, 0);
        if (w.service)
                assert_int_equal(serve_counts(w.service).open, 0);
}
