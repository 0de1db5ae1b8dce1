/* SPDX-License-Identifier: BSD-2-Clause */
/* The head of an HTTP request: what is read of it, what is refused, and as what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "serve/http_request.h"

static struct http_request r;

/* In a block of its own, so that a read past its end is found. */
static int
parse_bytes(const char *bytes, size_t n)
{
        static char *block;

        free(block);
        block = malloc(n ? n : 1);
        assert_non_null(block);
        memcpy(block, bytes, n);
        return http_request_parse(block, n, &r);
}

static int
parse(const char *text)
{
        return parse_bytes(text, strlen(text));
}

static void
expect_text(struct http_text t, const char *expected)
{
        assert_int_equal(t.length, strlen(expected));
        assert_memory_equal(t.bytes, expected, t.length);
}

#define HOST "Host: a\r\n"

static void
a_request_is_read(void **unused)
{
        const char text[] = "GET /a/b?c=d HTTP/1.1\r\nHost: example.org:80\r\nRange:\t bytes=0-4 \r\n"
                            "If-None-Match: \"x\"\r\nX-Other: y\r\n\r\nGET";

        (void)unused;
        assert_int_equal(parse(text), strlen(text) - 3);
        assert_int_equal(r.method, HTTP_GET);
        assert_int_equal(r.minor, 1);
        assert_true(r.keep_alive);
        assert_int_equal(r.body_bytes, 0);
        expect_text(r.target, "/a/b?c=d");
        expect_text(r.host, "example.org:80");
        expect_text(r.range, "bytes=0-4");
        expect_text(r.if_none_match, "\"x\"");
        assert_null(r.if_range.bytes);
}

/* However it is cut, more is asked for until it is whole. */
static void
every_beginning_needs_more(void **unused)
{
        const char text[] = "\r\nHEAD http://a/b HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\n";

        (void)unused;
        for (size_t n = 0; n < strlen(text); n++)
                assert_int_equal(parse_bytes(text, n), 0);
        assert_int_equal(parse(text), strlen(text));
        assert_int_equal(r.method, HTTP_HEAD);
        assert_false(r.keep_alive);
        assert_int_equal(r.body_bytes, 5);
        expect_text(r.target, "/b");
}

static void
what_keeps_a_connection(void **unused)
{
        static const struct {
                const char *text;
                bool keeps;
        } rows[] = {
                { "GET / HTTP/1.1\r\n" HOST "\r\n", true },
                { "GET / HTTP/1.2\r\n" HOST "\r\n", true },
                { "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", false },
                { "GET / HTTP/1.1\r\n" HOST "connection: TE, CLOSE\r\n\r\n", false },
                { "GET / HTTP/1.1\r\n" HOST "Connection: close\r\nConnection: keep-alive\r\n\r\n", false },
                { "GET / HTTP/1.1\r\n" HOST "Connection: closed\r\n\r\n", true },
                { "GET / HTTP/1.0\r\n\r\n", false },
                { "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true },
                { "GET / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 3\r\n\r\n", false },
                { "GET / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nConnection: keep-alive\r\n\r\n", false },
        };

        (void)unused;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                assert_int_equal(parse(rows[i].text), strlen(rows[i].text));
                if (r.keep_alive != rows[i].keeps)
                        fail_msg("%s", rows[i].text);
        }
}

static void
what_is_refused(void **unused)
{
        static const struct {
                int status;
                const char *text;
        } rows[] = {
                { 400, "GET /\r\n" },
                { 400, "GET / HTTP/1.1 \r\n" },
                { 400, "GET  / HTTP/1.1\r\n" },
                { 400, "GET / http/1.1\r\n" },
                { 400, "GET / HTTP/11\r\n" },
                { 400, "GET / HTTP/1.1\n" },
                { 400, "\n" },
                { 400, "G(T / HTTP/1.1\r\n" },
                { 400, " GET / HTTP/1.1\r\n" },
                { 400, "GET /\x01 HTTP/1.1\r\n" },
                { 400, "GET a HTTP/1.1\r\n" },
                { 400, "GET * HTTP/1.1\r\n" },
                { 400, "GET / HTTP/1.1\r\n\r\n" }, /* no Host */
                { 400, "GET / HTTP/1.1\r\n" HOST HOST "\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST "Name : x\r\n\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST " folded\r\n\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST "nothing\r\n\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST ": x\r\n\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST "A: x\ry\r\n\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST "A: \x7f\r\n\r\n" },
                { 400, "GET / HTTP/1.1\r\nHost: a\n\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST "\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST "Content-Length:\r\n\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n" },
                { 400, "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: a\r\nTransfer-Encoding: chunked\r\n\r\n" },
                { 400, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" },
                { 405, "POST / HTTP/1.1\r\n" },
                { 405, "OPTIONS * HTTP/1.1\r\n" },
                { 405, "CONNECT a:443 HTTP/1.1\r\n" },
                { 411, "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: Chunked\r\n\r\n" },
                { 413, "GET / HTTP/1.1\r\n" HOST "Content-Length: 65537\r\n\r\n" },
                { 413, "GET / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999999999\r\n\r\n" },
                { 417, "GET / HTTP/1.1\r\n" HOST "Expect: wonders\r\n\r\n" },
                { 501, "get / HTTP/1.1\r\n" },
                { 501, "BREW / HTTP/1.1\r\n" },
                { 501, "GET / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n" },
                { 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
                { 505, "GET / HTTP/0.9\r\n" },
        };

        (void)unused;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                int status = -parse(rows[i].text);

                if (status != rows[i].status)
                        fail_msg("%d instead of %d: %s", status, rows[i].status, rows[i].text);
        }
        assert_int_equal(parse_bytes("GET / HTTP/1.1\r\nA: \0\r\n\r\n", 24), -400);
}

/* A text of a beginning, n times `c`, and an end. */
static int
parse_long(const char *begin, char c, size_t n, const char *end)
{
        size_t all = strlen(begin) + n + strlen(end);
        char *text = malloc(all + 1);
        int result;

        assert_non_null(text);
        strcpy(text, begin);
        memset(text + strlen(begin), c, n);
        strcpy(text + strlen(begin) + n, end);
        result = parse_bytes(text, all);
        free(text);
        return result;
}

static void
sizes_have_limits(void **unused)
{
        const char end[] = " HTTP/1.0\r\n\r\n";

        (void)unused;
        assert_int_equal(parse_long("GET /", 'a', HTTP_TARGET_MAX - 1, end),
                         HTTP_TARGET_MAX + strlen("GET ") + strlen(end));
        assert_int_equal(parse_long("GET /", 'a', HTTP_TARGET_MAX, end), -414);
        assert_int_equal(parse_long("GET /", 'a', HTTP_HEAD_MAX, ""), -414);
        assert_int_equal(parse_long("GET / HTTP/1.0\r\nA: ", 'a', HTTP_HEAD_MAX, ""), -431);
        assert_int_equal(parse_long("GET / HTTP/1.0\r\nA: ", 'a', HTTP_HEAD_MAX, "\r\n\r\n"), -431);
        assert_int_equal(parse_long("GET / HTTP/1.0\r\nA: ", 'a', 100, ""), 0);
        assert_int_equal(parse_long("", '\r', HTTP_HEAD_MAX, ""), -414);
}

static void
fields_have_a_limit(void **unused)
{
        char text[2000] = "GET / HTTP/1.0\r\n";

        (void)unused;
        for (int i = 0; i < HTTP_FIELDS_MAX; i++)
                strcat(text, "a: b\r\n");
        assert_int_equal(parse(text), 0);
        strcat(text, "a: b\r\n");
        assert_int_equal(parse(text), -431);
}

static void
what_came_twice_does_not_count(void **unused)
{
        const char text[] = "GET / HTTP/1.0\r\nRange: bytes=0-1\r\nrange: bytes=2-3\r\nIf-Match: \"a\"\r\n"
                            "RANGE: bytes=4-5\r\n\r\n";

        (void)unused;
        assert_int_equal(parse(text), strlen(text));
        assert_null(r.range.bytes);
        expect_text(r.if_match, "\"a\"");
}

/* ---- Paths ---- */

static struct http_path path;

static int
decode(const char *target)
{
        return http_path_decode((struct http_text){ target, strlen(target) }, &path);
}

static void
paths_are_decoded(void **unused)
{
        static const struct {
                const char *target, *path;
                bool slash;
        } rows[] = {
                { "/", "", true },
                { "//", "", true },
                { "/a", "a", false },
                { "/a/", "a/", true },
                { "/a/b.html", "a/b.html", false },
                { "//a///b//", "a/b/", true },
                { "/a%20b", "a b", false },
                { "/%C3%a4", "\xc3\xa4", false },
                { "/a%2Fb", "a/b", false },
                { "/a?b/c", "a", false },
                { "/a/?..", "a/", true },
                { "/.well-known/x", ".well-known/x", false },
                { "/a..b/c.", "a..b/c.", false },
                { "/a+b", "a+b", false },
                { "/./a/./b", "a/b", false },
                { "/%2e/a/.", "a/", false },
        };

        (void)unused;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                size_t n = strlen(rows[i].path);

                assert_int_equal(decode(rows[i].target), 0);
                if (n > 0 && rows[i].path[n - 1] == '/')
                        n--;
                assert_int_equal(strlen(path.text), n);
                assert_memory_equal(path.text, rows[i].path, n);
                assert_int_equal(path.slash, rows[i].slash);
        }
        assert_int_equal(decode("/a?b/c"), 0);
        expect_text(path.query, "?b/c");
}

static void
paths_do_not_climb(void **unused)
{
        static const struct {
                int status;
                const char *target;
        } rows[] = {
                { 404, "/.." },           { 404, "/../etc/passwd" },
                { 404, "/a/../b" },       { 404, "/%2e%2e/etc" },
                { 404, "/a/%2E%2E%2fb" }, { 404, "/.git/HEAD" },
                { 404, "/a/.htaccess" },  { 404, "/.well-knownx" },
                { 400, "/a%00b" },        { 400, "/%" },
                { 400, "/%4" },           { 400, "/%zz" },
                { 400, "/%4g" },
        };

        (void)unused;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
                if (decode(rows[i].target) != -rows[i].status)
                        fail_msg("%s", rows[i].target);
}

static void
the_longest_path_has_room(void **unused)
{
        char target[HTTP_TARGET_MAX + 1];

        (void)unused;
        memset(target, 'a', sizeof target);
        target[0] = '/';
        assert_int_equal(http_path_decode((struct http_text){ target, HTTP_TARGET_MAX }, &path), 0);
        assert_int_equal(strlen(path.text), HTTP_TARGET_MAX - 1);
        target[HTTP_TARGET_MAX - 1] = '/';
        assert_int_equal(http_path_decode((struct http_text){ target, HTTP_TARGET_MAX }, &path), 0);
        assert_int_equal(strlen(path.text), HTTP_TARGET_MAX - 2);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_request_is_read),
                cmocka_unit_test(every_beginning_needs_more),
                cmocka_unit_test(what_keeps_a_connection),
                cmocka_unit_test(what_is_refused),
                cmocka_unit_test(sizes_have_limits),
                cmocka_unit_test(fields_have_a_limit),
                cmocka_unit_test(what_came_twice_does_not_count),
                cmocka_unit_test(paths_are_decoded),
                cmocka_unit_test(paths_do_not_climb),
                cmocka_unit_test(the_longest_path_has_room),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
