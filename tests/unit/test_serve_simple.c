/* SPDX-License-Identifier: BSD-2-Clause */
/* echo, discard and chargen between two stacks in memory; and what all services do: stop, count, refuse a taken port. */
#include <errno.h>

#include "serve_world.h"

static void
echo_sends_back(void **unused)
{
        (void)unused;
        start("echo=7");
        connect_to(7);
        say("hello");
        expect_heard("hello");
        say("again");
        expect_heard("again");
        hang_up();
        expect_ended(LA_ERR_END);
        expect_nothing_left();
        assert_int_equal(serve_counts(w.service).closed, 1);
}

static void
echo_over_ipv6(void **unused)
{
        (void)unused;
        start("echo=7");
        w.family = LA_IPV6;
        connect_to(7);
        say("hello");
        expect_heard("hello");
}

/* SYN; SYN,ACK; ACK; text and FIN; ACK, text and FIN; ACK: nothing is said twice. */
static void
echo_answers_text_and_fin_at_once(void **unused)
{
        size_t taken;
        uint64_t before;

        (void)unused;
        start("echo=7");
        connect_to(7);
        before = w.packets;
        assert_int_equal(la_send(w.client, now(), w.connection, (const uint8_t *)"x", 1, LA_SEND_LAST, &taken), LA_OK);
        run_on();
        expect_heard("x");
        expect_ended(LA_ERR_END);
        assert_int_equal(w.packets - before, 3);
        expect_nothing_left();
}

static void
echo_is_whole_though_nobody_reads_for_a_while(void **unused)
{
        static char text[3000000];
        size_t taken;

        (void)unused;
        for (size_t i = 0; i < sizeof text - 1; i++)
                text[i] = (char)('a' + i % 26 + (i / 26) % 3);
        start("echo=7");
        connect_to(7);
        w.deaf = true;
        taken = say_bytes(text, sizeof text - 1);
        for (int i = 0; i < 10; i++) {
                after_ms(500);
                taken += say_bytes(text + taken, sizeof text - 1 - taken);
        }
        assert_true(taken > 400000 && taken < 1000000); /* two send buffers, two receive buffers */
        w.deaf = false;
        run_on();
        say(text + taken);
        hang_up();
        expect_ended(LA_ERR_END);
        assert_string_equal(w.heard, text);
        expect_nothing_left();
}

static void
echo_survives_a_reset(void **unused)
{
        (void)unused;
        start("echo=7");
        connect_to(7);
        say("hello");
        reset_it();
        assert_int_equal(serve_counts(w.service).reset, 1);
        expect_nothing_left();
}

static void
discard_reads_and_is_silent(void **unused)
{
        static char text[1000000];

        (void)unused;
        start("discard=9");
        connect_to(9);
        assert_int_equal(say_bytes(text, sizeof text), sizeof text);
        expect_heard("");
        hang_up();
        expect_ended(LA_ERR_END);
        expect_nothing_left();
}

/* RFC 864's example, as far as a line of it goes. */
static void
expect_pattern(const char *text, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                size_t line = i / 74, column = i % 74;
                char c = column == 72 ? '\r' : column == 73 ? '\n' : (char)(' ' + (line + column) % 95);

                if (text[i] != c)
                        fail_msg("byte %zu is %d, not %d", i, text[i], c);
        }
}

static void
chargen_rotates_its_lines(void **unused)
{
        (void)unused;
        start("chargen=19");
        w.deaf = true;
        connect_to(19);
        for (size_t least = 74 * 1000; least < HEARD_ROOM; least += 300000) {
                w.deaf = false;
                for (int i = 0; i < 1000 && w.heard_bytes < least; i++)
                        pass_once();
                w.deaf = true;
        }
        assert_true(w.heard_bytes > 3 * 1000 * 1000);
        assert_memory_equal(w.heard, " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefg\r\n!",
                            75);
        expect_pattern(w.heard, w.heard_bytes);
        reset_it();
        expect_nothing_left();
}

/* Its pattern is constant, and sent from where it lies: whole chunks, from the first on. */
static void
chargen_does_not_copy(void **unused)
{
        static struct la_packet packets[64];
        size_t outside = 0, all = 0, n;

        (void)unused;
        start("chargen=19");
        w.deaf = true;
        connect_to(19);
        w.deaf = false; /* until now it read nothing, and its window is full */
        for (int round = 0; round < 50 && all == 0; round++) {
                pass_once();
                n = la_output(w.server, now(), packets, 64);
                for (size_t i = 0; i < n; i++)
                        for (size_t j = 0; j < packets[i].parts; j++) {
                                const uint8_t *at = packets[i].part[j].bytes, *block = (const uint8_t *)w.server;

                                all += packets[i].part[j].length;
                                if (at < block || at >= block + w.stack_bytes)
                                        outside += packets[i].part[j].length;
                        }
        }
        assert_true(all > 0);
        assert_int_equal(outside, all);
}

static void
chargen_ends_when_the_peer_does(void **unused)
{
        (void)unused;
        start("chargen=19");
        w.deaf = true;
        connect_to(19);
        say("whatever");
        hang_up();
        w.deaf = false;
        run_on();
        expect_ended(LA_ERR_END);
        expect_pattern(w.heard, w.heard_bytes);
        expect_nothing_left();
}

/* ---- All services ---- */

static void
a_taken_port_is_refused(void **unused)
{
        struct serve_request request = { .kind = SERVE_DISCARD, .port = 7 };
        struct serve *other = NULL;

        (void)unused;
        start("echo=7");
        assert_int_equal(serve_start(w.loop, &request, &w.log, &other), -EADDRINUSE);
        assert_null(other);
}

static bool
refused(void)
{
        connect_to(7);
        return w.ended == LA_ERR_REFUSED;
}

static void
stopping_lets_them_finish(void **unused)
{
        struct la_handle first;

        (void)unused;
        start("echo=7");
        connect_to(7);
        say("one");
        first = w.connection;
        serve_stop(w.service, false);
        run_on();
        expect_heard("one");
        expect_ended(LA_ERR_END); /* this end's FIN */
        assert_int_equal(serve_counts(w.service).open, 1);
        assert_true(refused());
        w.connection = first;
        close_it();
        assert_int_equal(serve_counts(w.service).open, 0);
}

static void
stopping_is_bounded(void **unused)
{
        (void)unused;
        start("discard=9");
        connect_to(9);
        serve_stop(w.service, false);
        after_ms(SERVE_STOP_MS - 10);
        assert_int_equal(serve_counts(w.service).open, 1);
        after_ms(20);
        assert_int_equal(serve_counts(w.service).open, 0);
        assert_int_equal(serve_counts(w.service).aborted, 1);
}

static void
stopping_at_once_resets(void **unused)
{
        (void)unused;
        start("echo=7");
        connect_to(7);
        serve_stop(w.service, true);
        run_on();
        expect_ended(LA_ERR_RESET);
        expect_nothing_left();
}

/* More than one slab of connections, and the memory of those that ended is used again. */
static void
many_come_and_go(void **unused)
{
        struct la_handle them[1000];

        (void)unused;
        start("echo=7");
        for (int round = 0; round < 2; round++) {
                for (size_t i = 0; i < 1000; i++) {
                        connect_to(7);
                        them[i] = w.connection;
                }
                assert_int_equal(serve_counts(w.service).open, 1000);
                for (size_t i = 0; i < 1000; i++) {
                        w.connection = them[i];
                        say("x");
                        expect_heard("x");
                        close_it();
                }
                assert_int_equal(serve_counts(w.service).open, 0);
        }
        assert_int_equal(serve_counts(w.service).accepted, 2000);
        expect_nothing_left();
}

/* Less than one connection may hold in its two buffers, and twenty connections. */
static void
little_memory_is_shared(void **unused)
{
        struct la_handle them[20];
        static char text[200000];

        (void)unused;
        memset(text, 'x', sizeof text - 1);
        restart_stacks(48);
        start("echo=7");
        for (size_t i = 0; i < 20; i++) {
                connect_to(7);
                them[i] = w.connection;
        }
        for (size_t i = 0; i < 20; i++) {
                size_t done = 0;

                w.connection = them[i];
                for (int rounds = 0; done < sizeof text - 1 && rounds < 10000; rounds++) {
                        done += say_bytes(text + done, sizeof text - 1 - done);
                        if (done < sizeof text - 1)
                                after_ms(1);
                }
                for (int rounds = 0; w.heard_bytes < done && rounds < 10000; rounds++)
                        after_ms(1);
                assert_int_equal(w.heard_bytes, sizeof text - 1);
                forget_heard();
                close_it();
        }
        expect_nothing_left();
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                world_test(echo_sends_back),
                world_test(echo_over_ipv6),
                world_test(echo_answers_text_and_fin_at_once),
                world_test(echo_is_whole_though_nobody_reads_for_a_while),
                world_test(echo_survives_a_reset),
                world_test(discard_reads_and_is_silent),
                world_test(chargen_rotates_its_lines),
                world_test(chargen_does_not_copy),
                world_test(chargen_ends_when_the_peer_does),
                world_test(a_taken_port_is_refused),
                world_test(stopping_lets_them_finish),
                world_test(stopping_is_bounded),
                world_test(stopping_at_once_resets),
                world_test(many_come_and_go),
                world_test(little_memory_is_shared),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
