/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop, over a link that leads to a second stack in memory: 10.77.0.2 is the loop's, 10.77.0.1 the other. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "link/link.h"

#define MANY 64

static const uint8_t ours[] = { 10, 77, 0, 2 }, theirs[] = { 10, 77, 0, 1 };

/* ---- A link whose other end is a stack ---- */

static struct memory_link {
        struct la_link link;
        struct la_stack *peer;
        struct la_packet flying[MANY];
        uint8_t bytes[MANY][65536];
        int fails;            /* what receiving answers instead */
        size_t refuses;       /* so many times sending says that it is full */
        bool always_readable; /* a packet that nobody wants arrives each time */
} m;

static int
memory_receive(struct la_link *link, struct la_packet *packets, size_t n)
{
        (void)link;
        if (m.fails)
                return m.fails;
        n = la_output(m.peer, la_clock(), packets, n < MANY ? n : MANY);
        if (n == 0 && m.always_readable) {
                packets[0] = (struct la_packet){ .header_bytes = 1, .header = { 0x45 } };
                return 1;
        }
        return (int)n;
}

static int
memory_send(struct la_link *link, const struct la_packet *packets, size_t n)
{
        (void)link;
        if (m.refuses > 0) {
                m.refuses--;
                return 0;
        }
        la_input(m.peer, la_clock(), packets, n);
        return (int)n;
}

static void
memory_close(struct la_link *link)
{
        close(link->fd);
}

static const struct link_kind memory_kind = {
        .receive = memory_receive,
        .send = memory_send,
        .close = memory_close,
};

/* ---- The fixture ---- */

static struct la_loop *loop;
static struct la_stack *stack;
static void *blocks[2];
static size_t block_bytes;

static struct la_stack *
make_stack(const uint8_t address[4], void **ret_block)
{
        struct la_config config = { .connections = 8, .half_open = 8, .chunks = 256, .trace = 64 };

        memcpy(config.address4, address, 4);
        config.seed[0] = address[3];
        la_link_configure(&config, &m.link);
        block_bytes = la_stack_bytes(&config);
        *ret_block = mmap(NULL, block_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return la_stack_init(*ret_block, block_bytes, &config, la_clock());
}

static int
setup(void **state)
{
        (void)state;
        memset(&m, 0, sizeof(m));
        stack = make_stack(ours, &blocks[0]);
        m.peer = make_stack(theirs, &blocks[1]);
        m.link.kind = &memory_kind;
        m.link.fd = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC); /* always readable, as nothing says when the peer speaks */
        assert_int_equal(la_loop_new(stack, &m.link, &loop), 0);
        assert_int_equal(la_loop_address(loop, LA_IPV4, ours, 24), 0);
        return 0;
}

static int
teardown(void **state)
{
        (void)state;
        la_loop_free(loop);
        la_link_close(&m.link);
        munmap(blocks[0], block_bytes);
        munmap(blocks[1], block_bytes);
        return 0;
}

static void
rounds(unsigned int n)
{
        while (n-- > 0)
                assert_int_equal(la_loop_step(loop, 0), 0);
}

/* ---- Events ---- */

static unsigned int told_acceptable;

static void
listener_happened(struct la_handler *handler, struct la_loop *of, const struct la_event_report *event)
{
        (void)handler;
        assert_ptr_equal(of, loop);
        told_acceptable += !!(event->happened & LA_HAPPENED_ACCEPTABLE);
}

static struct la_handler listener = { listener_happened };

static struct la_handle
connect_to(uint16_t port, const uint8_t address[4])
{
        struct la_endpoint remote = { .port = port };
        struct la_handle handle;

        memcpy(remote.address, address, 4);
        assert_int_equal(la_open(m.peer, la_clock(), LA_IPV4, NULL, &remote, 0, &handle), LA_OK);
        return handle;
}

static void
listen_on(uint16_t port)
{
        struct la_endpoint local = { .port = port };
        struct la_handle handle;

        told_acceptable = 0;
        assert_int_equal(la_listen(stack, la_clock(), LA_IPV4, &local, 8, (uintptr_t)&listener, &handle), LA_OK);
}

static void
test_events_reach_the_handler(void **state)
{
        (void)state;
        listen_on(7);
        connect_to(7, ours);
        rounds(4);
        assert_int_equal(told_acceptable, 1);
        assert_int_equal(la_state_count(m.peer, LA_ESTABLISHED), 1);
}

static void
test_packets_to_others_are_counted_and_not_answered(void **state)
{
        const uint8_t others[] = { 10, 77, 0, 9 };

        (void)state;
        listen_on(7);
        connect_to(7, others);
        rounds(4);
        assert_int_equal(la_loop_counts(loop).not_ours, 1);
        assert_int_equal(la_state_count(m.peer, LA_SYN_SENT), 1);
        assert_int_equal(la_counter(stack, LA_C_InSegs), 0);
}

static void
test_no_more_addresses_than_there_is_room_for(void **state)
{
        uint8_t address[4] = { 10, 78, 0, 1 };

        (void)state;
        for (uint8_t i = 1; i < 64; i++) {
                address[3] = i;
                assert_int_equal(la_loop_address(loop, LA_IPV4, address, 24), 0);
        }
        assert_int_equal(la_loop_address(loop, LA_IPV4, address, 24), -ENOSPC);
        assert_int_equal(la_loop_address(loop, LA_IPV4, address, 33), -EINVAL);
}

static void
test_a_full_device_is_waited_for(void **state)
{
        (void)state;
        listen_on(7);
        m.refuses = 3;
        connect_to(7, ours);
        rounds(4);
        assert_int_equal(la_loop_counts(loop).link_full, 3);
        assert_int_equal(la_state_count(m.peer, LA_ESTABLISHED), 1);
}

static void
test_a_failed_link_is_told(void **state)
{
        (void)state;
        m.fails = -ENODEV;
        assert_int_equal(la_loop_step(loop, 0), -ENODEV);
}

/* What is read in the round in which it came is read from its packet, which here lies in the other stack. */
static bool read_in_place;

static void
reader_happened(struct la_handler *handler, struct la_loop *of, const struct la_event_report *event)
{
        struct la_part part;

        (void)handler;
        (void)of;
        if (!(event->happened & LA_HAPPENED_READABLE))
                return;
        assert_int_equal(la_receive_look(stack, event->handle, &part), LA_OK);
        read_in_place = part.bytes >= (uint8_t *)blocks[1] && part.bytes < (uint8_t *)blocks[1] + block_bytes;
}

static struct la_handler reader = { reader_happened };

static void
test_text_is_read_from_its_packet(void **state)
{
        static uint8_t text[1000];
        struct la_endpoint local = { .port = 7 };
        struct la_handle door, there, here;
        size_t taken;

        (void)state;
        assert_int_equal(la_listen(stack, la_clock(), LA_IPV4, &local, 8, (uintptr_t)&listener, &door), LA_OK);
        there = connect_to(7, ours);
        rounds(4);
        assert_int_equal(la_accept(stack, la_clock(), door, (uintptr_t)&reader, &here), LA_OK);
        assert_int_equal(la_send(m.peer, la_clock(), there, text, sizeof(text), 0, &taken), LA_OK);
        rounds(4);
        assert_true(read_in_place);
}

/* ---- Watches ---- */

struct counted_watch {
        struct la_watch watch;
        unsigned int called;
        struct counted_watch *frees; /* another, when it is called */
};

static void
count_call(struct la_watch *watch, struct la_loop *of, uint32_t events)
{
        struct counted_watch *c = (struct counted_watch *)watch;

        assert_true(events & EPOLLIN);
        c->called++;
        if (c->frees && c->frees->watch.events) {
                assert_int_equal(la_loop_watch(of, &c->frees->watch, 0), 0);
                close(c->frees->watch.fd);
                memset(c->frees, 0xa5, sizeof(*c->frees)); /* as free(3) might */
                c->frees = NULL;
        }
}

static struct counted_watch *
watch_something(void)
{
        struct counted_watch *c = calloc(1, sizeof(*c));

        assert_non_null(c);
        c->watch = (struct la_watch){ .ready = count_call, .fd = eventfd(1, EFD_CLOEXEC) };
        assert_int_equal(la_loop_watch(loop, &c->watch, EPOLLIN), 0);
        return c;
}

static void
stop_watching(struct counted_watch *c)
{
        assert_int_equal(la_loop_watch(loop, &c->watch, 0), 0);
        close(c->watch.fd);
        free(c);
}

static void
test_a_watch_ends_when_it_is_told_to(void **state)
{
        struct counted_watch *c = watch_something();
        unsigned int called;

        (void)state;
        rounds(20);
        called = c->called;
        assert_true(called > 0);
        assert_int_equal(la_loop_watch(loop, &c->watch, 0), 0);
        rounds(20);
        assert_int_equal(c->called, called);
        stop_watching(c);
}

/* Both are ready in the same round, and whichever comes first frees the other. */
static void
test_a_watch_may_end_another_that_is_ready(void **state)
{
        struct counted_watch *a = watch_something(), *b = watch_something();

        (void)state;
        a->frees = b;
        b->frees = a;
        rounds(20);
        if (a->watch.ready == count_call) {
                stop_watching(a);
                free(b);
        } else {
                stop_watching(b);
                free(a);
        }
}

/* A link that always has something must not keep the others waiting. */
static void
test_packets_do_not_starve_watches(void **state)
{
        struct counted_watch *c = watch_something();

        (void)state;
        m.always_readable = true;
        rounds(60);
        assert_true(c->called >= 3);
        stop_watching(c);
}

/* ---- Time ---- */

static void
test_it_waits_until_then(void **state)
{
        uint64_t nothing;
        tcp_time begin;

        (void)state;
        rounds(2);
        assert_int_equal(read(m.link.fd, &nothing, sizeof(nothing)),
                         sizeof(nothing)); /* the link is quiet from now on */
        rounds(2);
        begin = la_clock();
        assert_int_equal(la_loop_step(loop, begin + 20000), 0);
        assert_true(la_clock() >= begin + 20000);
}

/* ---- Observers, and the capture made of them ---- */

struct witness {
        struct la_observer observer;
        char seen[64]; /* a letter each: i, o, T(ransition), V(erdict) */
        size_t n;
};

static void
witness_packet(struct la_observer *observer, tcp_time now, const struct la_packet *packet, bool out)
{
        struct witness *w = (struct witness *)observer;

        (void)now;
        (void)packet;
        if (w->n < sizeof(w->seen) - 1)
                w->seen[w->n++] = out ? 'o' : 'i';
}

static void
witness_trace(struct la_observer *observer, const struct la_trace *trace)
{
        struct witness *w = (struct witness *)observer;

        if (w->n < sizeof(w->seen) - 1 && trace->kind == LA_TRACE_TRANSITION)
                w->seen[w->n++] = 'T';
}

static void
test_observers_see_what_a_packet_caused_after_it(void **state)
{
        struct witness w = { .observer = { .packet = witness_packet, .trace = witness_trace } };

        (void)state;
        listen_on(7);
        la_loop_observe(loop, &w.observer);
        connect_to(7, ours);
        rounds(4);
        la_loop_unobserve(loop, &w.observer);
        assert_string_equal(w.seen, "iToiT"); /* SYN: SYN_RECEIVED; SYN,ACK; ACK: ESTABLISHED */
        connect_to(7, ours);
        rounds(4);
        assert_string_equal(w.seen, "iToiT");
}

static size_t
count_in(const char *bytes, size_t n, const char *text)
{
        size_t count = 0, length = strlen(text);

        for (size_t i = 0; i + length <= n; i++)
                count += memcmp(bytes + i, text, length) == 0;
        return count;
}

/* Blocks hold their type and their length first. */
static unsigned int
count_packet_blocks(const char *bytes, size_t n)
{
        unsigned int count = 0;
        uint32_t head[2];

        for (size_t at = 0; at < n; at += head[1]) {
                assert_true(at + sizeof(head) <= n);
                memcpy(head, bytes + at, sizeof(head));
                assert_true(head[1] >= 12 && head[1] % 4 == 0);
                count += head[0] == 6;
        }
        return count;
}

static void
test_a_capture_says_what_packets_caused(void **state)
{
        int fd = memfd_create("capture", MFD_CLOEXEC), again = dup(fd);
        struct la_capture *capture;
        char bytes[8192];
        ssize_t n;

        (void)state;
        listen_on(7);
        assert_int_equal(la_capture_open(fd, "la0", "test", loop, &capture), 0);
        connect_to(7, ours);
        rounds(4);
        assert_int_equal(la_capture_close(capture), 0);
        n = pread(again, bytes, sizeof(bytes), 0);
        assert_true(n > 0);
        assert_memory_equal(bytes, "\x0a\x0d\x0d\x0a", 4);
        assert_int_equal(count_in(bytes, (size_t)n, "LISTEN -> SYN_RECEIVED: LISTEN_RCV_SYN (RFC 9293"), 1);
        assert_int_equal(count_in(bytes, (size_t)n, "SYN_RECEIVED -> ESTABLISHED"), 1);
        assert_int_equal(count_packet_blocks(bytes, (size_t)n), 3);
        close(again);
}

/* /dev/full takes nothing. */
static void
test_a_capture_that_is_not_whole_says_so(void **state)
{
        FILE *full = fopen("/dev/full", "w");
        struct la_capture *capture;

        (void)state;
        if (!full)
                skip();
        listen_on(7);
        assert_int_equal(la_capture_open(dup(fileno(full)), "la0", "test", loop, &capture), 0);
        connect_to(7, ours);
        rounds(4);
        assert_int_equal(la_capture_close(capture), -ENOSPC);
        fclose(full);
}

#define loop_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
        const struct CMUnitTest tests[] = {
                loop_test(test_events_reach_the_handler),
                loop_test(test_packets_to_others_are_counted_and_not_answered),
                loop_test(test_no_more_addresses_than_there_is_room_for),
                loop_test(test_a_full_device_is_waited_for),
                loop_test(test_a_failed_link_is_told),
                loop_test(test_text_is_read_from_its_packet),
                loop_test(test_a_watch_ends_when_it_is_told_to),
                loop_test(test_a_watch_may_end_another_that_is_ready),
                loop_test(test_packets_do_not_starve_watches),
                loop_test(test_it_waits_until_then),
                loop_test(test_observers_see_what_a_packet_caused_after_it),
                loop_test(test_a_capture_says_what_packets_caused),
                loop_test(test_a_capture_that_is_not_whole_says_so),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
