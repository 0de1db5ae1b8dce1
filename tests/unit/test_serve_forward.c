/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections carried to a socket of the kernel's: bytes, ends and resets of both sides, and what may go wrong. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "serve_world.h"

#define LARGE    ((size_t)3000000)
#define STUCK_BY ((size_t)200 << 20) /* whatever the kernel's buffers are, this is more */

/* The server behind the service is the test itself. */
static int listener = -1, server = -1;
static uint16_t port;
static char got[LARGE + 1], large[LARGE];
static size_t got_bytes;
static int got_end; /* 0: not yet; 1: end; an errno, negative */

static void
listen_here(void)
{
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t n = sizeof a;

        listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_true(listener >= 0);
        assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof a), 0);
        assert_int_equal(getsockname(listener, (struct sockaddr *)&a, &n), 0);
        assert_int_equal(listen(listener, 1000), 0);
        port = ntohs(a.sin_port);
}

static void
end_server(void)
{
        if (server >= 0)
                close(server);
        server = -1;
}

static int
setup(void **state)
{
        got_bytes = 0;
        got_end = 0;
        for (size_t i = 0; i < LARGE; i++)
                large[i] = (char)(i * 13 + i / 253);
        return setup_world(state);
}

static int
teardown(void **state)
{
        int r = teardown_world(state);

        end_server();
        if (listener >= 0)
                close(listener);
        listener = -1;
        return r;
}

static bool
server_accepts(void)
{
        if (server < 0)
                server = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        return server >= 0;
}

static void
start_forward(void)
{
        char text[100];

        snprintf(text, sizeof text, "8080=127.0.0.1:%u", port);
        start(text);
}

static void
carried(void)
{
        listen_here();
        start_forward();
        connect_to(8080);
        wait_until(server_accepts);
        run_on();
}

static void
server_hears(void)
{
        while (got_end == 0 && got_bytes < LARGE) {
                ssize_t n = recv(server, got + got_bytes, LARGE - got_bytes, 0);

                if (n < 0 && errno == EAGAIN)
                        return;
                if (n > 0)
                        got_bytes += (size_t)n;
                else
                        got_end = n == 0 ? 1 : -errno;
        }
}

static bool
server_has_heard_it(void)
{
        server_hears();
        return got_bytes >= 5;
}

static bool
server_has_heard_the_end(void)
{
        server_hears();
        if (got_bytes == LARGE) {
                char more;
                ssize_t n = recv(server, &more, 1, 0);

                return n == 0;
        }
        return got_end != 0;
}

static bool
client_has_heard_it(void)
{
        return w.heard_bytes >= 5;
}

/* Neither says anything for now: that takes no memory of those who do. */
static void
silence_takes_no_memory(void **state)
{
        (void)state;
        carried();
        assert_int_equal(la_usage(w.server).chunks, 0);
        assert_int_equal(send(server, "hello", 5, MSG_NOSIGNAL), 5);
        wait_until(client_has_heard_it);
        after_ms(200); /* and has acknowledged it */
        assert_int_equal(la_usage(w.server).chunks, 0);
}

static size_t to_say, said;

static bool
server_has_said_it(void)
{
        ssize_t n = send(server, large + said, to_say - said, MSG_NOSIGNAL);

        if (n > 0)
                said += (size_t)n;
        return said == to_say;
}

static void
server_says(const char *text)
{
        assert_int_equal(send(server, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* ---- Bytes and ends ---- */

static void
bytes_go_both_ways(void **unused)
{
        (void)unused;
        carried();
        say("hello");
        wait_until(server_has_heard_it);
        assert_memory_equal(got, "hello", 5);
        server_says("there");
        wait_until(client_has_heard_it);
        expect_heard("there");
}

static void
the_peer_ends_first(void **unused)
{
        (void)unused;
        carried();
        say("hello");
        hang_up();
        wait_until(server_has_heard_the_end);
        assert_int_equal(got_bytes, 5);
        assert_int_equal(got_end, 1);
        assert_int_equal(serve_counts(w.service).open, 1);
        server_says("still");
        wait_until(client_has_heard_it);
        expect_heard("still");
        end_server();
        wait_until(has_ended);
        expect_ended(LA_ERR_END);
        expect_nothing_left();
        assert_int_equal(serve_counts(w.service).closed, 1);
}

static void
the_server_ends_first(void **unused)
{
        (void)unused;
        carried();
        server_says("hello");
        shutdown(server, SHUT_WR);
        wait_until(has_ended);
        expect_ended(LA_ERR_END);
        expect_heard("hello");
        say("still");
        wait_until(server_has_heard_it);
        hang_up();
        wait_until(server_has_heard_the_end);
        assert_int_equal(got_end, 1);
        end_server();
        expect_nothing_left();
}

static void
what_was_said_before_connecting_is_carried(void **unused)
{
        size_t taken;

        (void)unused;
        listen_here();
        start_forward();
        connect_to(8080);
        assert_int_equal(la_send(w.client, now(), w.connection, (const uint8_t *)"early", 5, LA_SEND_LAST, &taken),
                         LA_OK);
        wait_until(server_accepts);
        wait_until(server_has_heard_the_end);
        assert_memory_equal(got, "early", 5);
}

/* A directory of its own, with a Unix socket "s" that somebody listens to. */
static void
listen_at_a_path(char *ret_path, size_t room)
{
        char directory[] = "/tmp/lastack-forward-XXXXXX";
        struct sockaddr_un a = { .sun_family = AF_UNIX };

        assert_non_null(mkdtemp(directory));
        snprintf(a.sun_path, sizeof a.sun_path, "%s/s", directory);
        listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(listener, (struct sockaddr *)&a, sizeof a), 0);
        assert_int_equal(listen(listener, 10), 0);
        snprintf(ret_path, room, "%s", a.sun_path);
}

static void
remove_path(char *path)
{
        unlink(path);
        *strrchr(path, '/') = '\0';
        rmdir(path);
}

static void
from_ipv6_to_a_path(void **unused)
{
        char path[100], text[120];

        (void)unused;
        listen_at_a_path(path, sizeof path);
        snprintf(text, sizeof text, "8080=unix:%s", path);
        start(text);
        w.family = LA_IPV6;
        connect_to(8080);
        remove_path(path);
        wait_until(server_accepts);
        say("hello");
        wait_until(server_has_heard_it);
        end_server();
        wait_until(has_ended);
        expect_ended(LA_ERR_END);
        close_it();
        connect_to(8080); /* it is gone now */
        wait_until(has_ended);
        expect_ended(LA_ERR_RESET);
        assert_non_null(strstr(w.said, "No such file or directory"));
}

/* ---- Who does not read ---- */

/* The pattern of `large`, again and again. */
static size_t
say_pattern(void)
{
        size_t at = said % LARGE, n = LARGE - at < 65536 ? LARGE - at : 65536;
        size_t taken = say_bytes(large + at, n);

        said += taken;
        return taken;
}

/* The server reads nothing: its socket's buffers fill, then the receive buffer, then the window closes. */
static bool
client_is_stuck(void)
{
        size_t before = said;

        for (int i = 0; i < 100 && said == before; i++) {
                after_ms(10);
                while (said < STUCK_BY && say_pattern() > 0)
                        ;
        }
        return said == before;
}

static bool
server_has_heard_all(void)
{
        static char text[65536];
        ssize_t n;

        while ((n = recv(server, text, sizeof text, 0)) > 0)
                for (ssize_t i = 0; i < n; i++)
                        assert_true(text[i] == large[got_bytes++ % LARGE]);
        run_on();
        return n == 0;
}

static void
a_server_that_does_not_read(void **unused)
{
        (void)unused;
        carried();
        said = 0;
        wait_until(client_is_stuck);
        assert_true(said < STUCK_BY);
        assert_int_equal(la_usage(w.server).connections, 1);
        hang_up();
        wait_until(server_has_heard_all);
        assert_int_equal(got_bytes, said);
        end_server();
        expect_nothing_left();
}

static void
a_peer_that_does_not_read(void **unused)
{
        (void)unused;
        carried();
        w.deaf = true;
        said = 0;
        to_say = LARGE;
        for (int i = 0; i < 200 && !server_has_said_it(); i++)
                run_on();
        after_ms(1000);
        w.deaf = false;
        wait_until(server_has_said_it);
        end_server();
        wait_until(has_ended);
        expect_ended(LA_ERR_END);
        assert_int_equal(w.heard_bytes, LARGE);
        assert_memory_equal(w.heard, large, LARGE);
        hang_up();
        expect_nothing_left();
}

/* Both ends of the server are closed while the peer does not read: what epoll would tell of again and again. */
static void
an_end_that_waits_is_not_told_again_and_again(void **unused)
{
        int rounds = 0;

        (void)unused;
        carried();
        hang_up();
        wait_until(server_has_heard_the_end);
        w.deaf = true;
        said = 0;
        to_say = LARGE;
        for (int i = 0; i < 200 && !server_has_said_it(); i++)
                run_on();
        end_server();
        while (pass_once() && rounds < 10000)
                rounds++;
        assert_true(rounds < 10000);
        w.deaf = false;
        wait_until(has_ended);
        assert_true(w.heard_bytes == said);
        assert_memory_equal(w.heard, large, said);
}

/* ---- Resets ---- */

static void
the_peers_reset_is_carried(void **unused)
{
        (void)unused;
        carried();
        say("hello");
        wait_until(server_has_heard_it);
        reset_it();
        wait_until(server_has_heard_the_end);
        assert_int_equal(got_end, -ECONNRESET);
        assert_int_equal(serve_counts(w.service).reset, 1);
        expect_nothing_left();
}

static void
the_servers_reset_is_carried(void **unused)
{
        const struct linger at_once = { .l_onoff = 1 };

        (void)unused;
        carried();
        setsockopt(server, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        end_server();
        wait_until(has_ended);
        expect_ended(LA_ERR_RESET);
        assert_int_equal(serve_counts(w.service).aborted, 1);
        expect_nothing_left();
}

static void
a_refusal_is_a_reset_and_a_line(void **unused)
{
        char line[100];

        (void)unused;
        listen_here();
        close(listener);
        listener = -1;
        start_forward();
        connect_to(8080);
        wait_until(has_ended);
        expect_ended(LA_ERR_RESET);
        snprintf(line, sizeof line, "forward 8080: 127.0.0.1:%u: Connection refused\n", port);
        assert_string_equal(w.said, line);
        assert_int_equal(serve_counts(w.service).unreachable, 1);
        for (int i = 0; i < 3; i++) {
                close_it();
                connect_to(8080);
                wait_until(has_ended);
        }
        assert_string_equal(w.said, line); /* once a second */
        after_ms(1100);
        close_it();
        connect_to(8080);
        wait_until(has_ended);
        assert_non_null(strstr(w.said, "refused (+3)\n"));
}

/* The first address refuses, the second is the server. */
static void
the_next_address_is_tried(void **unused)
{
        struct serve_request request;
        char text[100], error[SERVE_ERROR_SIZE];

        (void)unused;
        listen_here();
        snprintf(text, sizeof text, "8080=127.0.0.1:%u", port);
        assert_int_equal(serve_parse_forward(text, &request, error, sizeof error), 0);
        request.address[1] = request.address[0];
        request.address[0].socket.ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1);
        request.addresses = 2;
        assert_int_equal(serve_start(w.loop, &request, &w.log, &w.service), 0);
        connect_to(8080);
        wait_until(server_accepts);
        say("hello");
        wait_until(server_has_heard_it);
        assert_string_equal(w.said, "");
}

/* ---- Many ---- */

static void
as_many_descriptors_as_may_be(void **unused)
{
        struct rlimit limit;

        (void)unused;
        listen_here();
        start_forward();
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
        assert_true(limit.rlim_cur == limit.rlim_max);
}

/* The limit under which so many more descriptors can be had. */
static rlim_t
limit_for(size_t n)
{
        int some[100];
        rlim_t limit;

        assert_true(n < 100);
        for (size_t i = 0; i < n; i++)
                some[i] = dup(0);
        limit = (rlim_t)some[n - 1] + 1;
        while (n > 0)
                close(some[--n]);
        return limit;
}

static int accepted[100];
static size_t accepted_count;

static void
close_accepted(void)
{
        while (accepted_count > 0)
                close(accepted[--accepted_count]);
}

static bool
nobody_waits(void)
{
        int fd;

        after_ms(10);
        while (accepted_count < 100 && (fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
                accepted[accepted_count++] = fd;
        return serve_counts(w.service).accepted == 40 && la_state_count(w.server, LA_ESTABLISHED) == 40;
}

/* Descriptors for ten connections: the others wait in the backlog until there are more. */
static void
out_of_descriptors(void **unused)
{
        struct rlimit limit, few;
        struct serve_counts counts;

        (void)unused;
        listen_here();
        start_forward();
        assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
        few = limit;
        few.rlim_cur = limit_for(10);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
        for (int i = 0; i < 40; i++)
                connect_to(8080);
        after_ms(3000);
        counts = serve_counts(w.service);
        assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
        assert_int_equal(counts.accepted, 11); /* the last met it, and waits */
        assert_int_equal(counts.aborted, 0);
        assert_int_equal(counts.unreachable, 0);
        assert_true(counts.backed_off > 0);
        assert_non_null(strstr(w.said, "no descriptor for one more connection: Too many open files"));
        wait_until(nobody_waits);
        serve_stop(w.service, true);
        close_accepted();
}

#define forward_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
        const struct CMUnitTest tests[] = {
                forward_test(bytes_go_both_ways),
                forward_test(silence_takes_no_memory),
                forward_test(the_peer_ends_first),
                forward_test(the_server_ends_first),
                forward_test(what_was_said_before_connecting_is_carried),
                forward_test(from_ipv6_to_a_path),
                forward_test(a_server_that_does_not_read),
                forward_test(a_peer_that_does_not_read),
                forward_test(an_end_that_waits_is_not_told_again_and_again),
                forward_test(the_peers_reset_is_carried),
                forward_test(the_servers_reset_is_carried),
                forward_test(a_refusal_is_a_reset_and_a_line),
                forward_test(the_next_address_is_tried),
                forward_test(as_many_descriptors_as_may_be),
                forward_test(out_of_descriptors),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
