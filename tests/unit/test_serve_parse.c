/* SPDX-License-Identifier: BSD-2-Clause */
/* What follows --serve and --forward, and what is said about what is wrong with it. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/serve.h"

static struct serve_request request;
static char error[SERVE_ERROR_SIZE];

static int
serve(const char *text)
{
        error[0] = '\0';
        return serve_parse(text, &request, error, sizeof error);
}

static int
forward(const char *text)
{
        error[0] = '\0';
        return serve_parse_forward(text, &request, error, sizeof error);
}

#define expect_wrong(call, number, words)              \
        do {                                           \
                assert_int_equal(call, -(number));     \
                assert_non_null(strstr(error, words)); \
        } while (0)

static void
services_with_a_port(void **unused)
{
        (void)unused;
        assert_int_equal(serve("echo=7"), 0);
        assert_int_equal(request.kind, SERVE_ECHO);
        assert_int_equal(request.port, 7);
        assert_int_equal(serve("discard=9"), 0);
        assert_int_equal(request.kind, SERVE_DISCARD);
        assert_int_equal(serve("chargen=65535"), 0);
        assert_int_equal(request.kind, SERVE_CHARGEN);
        assert_int_equal(request.port, 65535);
}

static void
http_with_a_directory(void **unused)
{
        (void)unused;
        assert_int_equal(serve("http=80:/"), 0);
        assert_int_equal(request.kind, SERVE_HTTP);
        assert_int_equal(request.port, 80);
        assert_string_equal(request.target, "/");
        expect_wrong(serve("http=80"), EINVAL, "'http=80' does not say which directory: http=80:DIR");
        expect_wrong(serve("http=80:"), EINVAL, "which directory");
        expect_wrong(serve("http=80:/nowhere/at/all"), ENOENT, "'/nowhere/at/all' cannot be served: No such file");
        expect_wrong(serve("http=80:/dev/null"), ENOTDIR, "'/dev/null' cannot be served: Not a directory");
}

static void
what_is_no_service(void **unused)
{
        (void)unused;
        expect_wrong(serve("ecko=7"), EINVAL, "'ecko' is no service; there are echo=7");
        expect_wrong(serve("echo"), EINVAL, "'echo' is not NAME=PORT");
        expect_wrong(serve(""), EINVAL, "'' is not NAME=PORT");
        expect_wrong(serve("8080=127.0.0.1:80"), EINVAL, "use --forward 8080=127.0.0.1:80");
        expect_wrong(serve("echo=7:/tmp"), EINVAL, "echo takes a port and nothing else: echo=7");
}

static void
what_is_no_port(void **unused)
{
        (void)unused;
        expect_wrong(serve("echo=0"), EINVAL, "'0' is no port: a number from 1 to 65535 is");
        expect_wrong(serve("echo=65536"), EINVAL, "'65536' is no port");
        expect_wrong(serve("echo=-7"), EINVAL, "'-7' is no port");
        expect_wrong(serve("echo="), EINVAL, "'' is no port");
        expect_wrong(serve("echo=7x"), EINVAL, "'7x' is no port");
        expect_wrong(serve("echo=99999999999999999999"), EINVAL, "is no port");
        expect_wrong(serve("echo=7-9"), EINVAL, "'7-9' is a range of ports; write the option once for each port");
        expect_wrong(forward("80-90=127.0.0.1:80"), EINVAL, "'80-90' is a range of ports");
        expect_wrong(forward("0=127.0.0.1:80"), EINVAL, "'0' is no port");
        expect_wrong(forward("8080=127.0.0.1:0"), EINVAL, "'0' is no port");
        expect_wrong(forward("8080=127.0.0.1:80-90"), EINVAL, "'80-90' is a range of ports");
}

static void
targets_by_address(void **unused)
{
        (void)unused;
        assert_int_equal(forward("8080=127.0.0.1:80"), 0);
        assert_int_equal(request.kind, SERVE_FORWARD);
        assert_int_equal(request.port, 8080);
        assert_string_equal(request.target, "127.0.0.1:80");
        assert_int_equal(request.addresses, 1);
        assert_int_equal(request.address[0].socket.any.sa_family, AF_INET);
        assert_int_equal(request.address[0].socket.ipv4.sin_port, htons(80));
        assert_int_equal(request.address[0].socket.ipv4.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
        assert_int_equal(forward("8080=[::1]:443"), 0);
        assert_int_equal(request.address[0].socket.any.sa_family, AF_INET6);
        assert_int_equal(request.address[0].socket.ipv6.sin6_port, htons(443));
        assert_int_equal(request.address[0].socket.ipv6.sin6_addr.s6_addr[15], 1);
}

static void
targets_by_name(void **unused)
{
        (void)unused;
        assert_int_equal(forward("8080=localhost:80"), 0);
        assert_true(request.addresses >= 1);
        assert_string_equal(request.target, "localhost:80");
}

static void
targets_by_path(void **unused)
{
        char longest[200] = "8080=unix:/";

        (void)unused;
        assert_int_equal(forward("8080=unix:/run/server.sock"), 0);
        assert_int_equal(request.address[0].socket.any.sa_family, AF_UNIX);
        assert_string_equal(request.address[0].socket.local.sun_path, "/run/server.sock");
        expect_wrong(forward("8080=unix:server.sock"), EINVAL, "'server.sock' is no path of a socket");
        memset(longest + strlen(longest), 'x', 150);
        expect_wrong(forward(longest), ENAMETOOLONG, "too long for the path of a socket: at most 107 bytes");
}

static void
what_is_no_target(void **unused)
{
        (void)unused;
        expect_wrong(forward("8080"), EINVAL, "'8080' is not PORT=TARGET");
        expect_wrong(forward("8080=80"), EINVAL, "'80' is not HOST:PORT");
        expect_wrong(forward("8080=:80"), EINVAL, "':80' is not HOST:PORT");
        expect_wrong(forward("8080=::1:80"), EINVAL, "'::1:80': an IPv6 address stands in brackets");
        expect_wrong(forward("8080=[::1:80"), EINVAL, "stands in brackets");
        expect_wrong(forward("http=127.0.0.1:80"), EINVAL, "'http' is no port");
        expect_wrong(forward("8080=[::g]:80"), EINVAL, "the host '::g' cannot be looked up");
}

static void
a_failure_leaves_the_request(void **unused)
{
        (void)unused;
        assert_int_equal(serve("echo=7"), 0);
        assert_int_equal(serve("discard=0"), -EINVAL);
        assert_int_equal(request.kind, SERVE_ECHO);
        assert_int_equal(request.port, 7);
}

static void
a_port_is_asked_for_once(void **unused)
{
        struct serve_request several[3];

        (void)unused;
        assert_int_equal(serve_parse("echo=7", &several[0], error, sizeof error), 0);
        assert_int_equal(serve_parse("discard=9", &several[1], error, sizeof error), 0);
        assert_int_equal(serve_parse_forward("7=127.0.0.1:7", &several[2], error, sizeof error), 0);
        assert_int_equal(serve_check_ports(several, 2, error, sizeof error), 0);
        expect_wrong(serve_check_ports(several, 3, error, sizeof error), EEXIST,
                     "port 7 is asked for twice, by echo and forward");
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(services_with_a_port),
                cmocka_unit_test(http_with_a_directory),
                cmocka_unit_test(what_is_no_service),
                cmocka_unit_test(what_is_no_port),
                cmocka_unit_test(targets_by_address),
                cmocka_unit_test(targets_by_name),
                cmocka_unit_test(targets_by_path),
                cmocka_unit_test(what_is_no_target),
                cmocka_unit_test(a_failure_leaves_the_request),
                cmocka_unit_test(a_port_is_asked_for_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
