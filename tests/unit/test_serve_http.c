/* SPDX-License-Identifier: BSD-2-Clause */
/* What HTTP answers: files, parts of them, conditions, directories, refusals. */
#include <unistd.h>

#include "serve_site.h"

static void
a_file_is_sent(void **unused)
{
        (void)unused;
        start_http();
        get("/a.txt", "");
        expect_status(200);
        expect_field("Content-Type: text/plain; charset=utf-8");
        expect_field("Content-Length: 10");
        expect_field("Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT");
        expect_field("Accept-Ranges: bytes");
        expect_field("Connection: keep-alive");
        assert_non_null(strstr(w.heard, "\r\nETag: \""));
        assert_non_null(strstr(w.heard, "\r\nDate: "));
        expect_body("0123456789", 10);
        get("/empty.html?x", "");
        expect_status(200);
        expect_field("Content-Length: 0");
        expect_body("", 0);
}

static void
head_has_no_body(void **unused)
{
        (void)unused;
        start_http();
        ask("HEAD", "/a.txt", "Range: bytes=0-1\r\n");
        expect_status(200);
        expect_field("Content-Length: 10");
        expect_body("", 0);
        ask("HEAD", "/nothing", "");
        expect_status(404);
        expect_body("", 0);
        ask("HEAD", "/list/", "");
        expect_status(200);
        expect_body("", 0);
        get("/a.txt", "");
        expect_body("0123456789", 10);
}

static void
a_large_file_is_whole(void **unused)
{
        (void)unused;
        start_http();
        get("/big.bin", "");
        expect_status(200);
        expect_field("Content-Length: 3000000");
        expect_field("Content-Type: application/octet-stream");
        expect_body(big, BIG);
        get("/big.bin", "Range: bytes=1000000-2500000\r\n");
        expect_status(206);
        expect_field("Content-Range: bytes 1000000-2500000/3000000");
        expect_body(big + 1000000, 1500001);
}

static void
beyond_four_gibibytes(void **unused)
{
        (void)unused;
        start_http();
        get("/sparse", "Range: bytes=5368709119-\r\n");
        expect_status(206);
        expect_field("Content-Length: 4");
        expect_field("Content-Range: bytes 5368709119-5368709122/5368709123");
        expect_body("\0end", 4);
        ask("HEAD", "/sparse", "");
        expect_field("Content-Length: 5368709123");
}

static void
parts_of_a_file(void **unused)
{
        (void)unused;
        start_http();
        get("/a.txt", "Range: bytes=2-4\r\n");
        expect_status(206);
        expect_field("Content-Range: bytes 2-4/10");
        expect_field("Content-Length: 3");
        expect_body("234", 3);
        get("/a.txt", "Range: bytes=-3\r\n");
        expect_body("789", 3);
        get("/a.txt", "Range: bytes=7-\r\n");
        expect_body("789", 3);
        get("/a.txt", "Range: bytes=10-\r\n");
        expect_status(416);
        expect_field("Content-Range: bytes */10");
        get("/a.txt", "Range: bytes=0-1, 3-4\r\n");
        expect_status(200);
        expect_body("0123456789", 10);
}

/* The tag as the server says it. */
static void
learn_etag(char *ret_etag, size_t room)
{
        const char *etag;

        get("/a.txt", "");
        etag = strstr(w.heard, "\r\nETag: ") + 8;
        snprintf(ret_etag, room, "%.*s", (int)strcspn(etag, "\r"), etag);
}

static void
conditions(void **unused)
{
        char etag[100], fields[300];

        (void)unused;
        start_http();
        learn_etag(etag, sizeof etag);
        snprintf(fields, sizeof fields, "If-None-Match: \"x\", %s\r\n", etag);
        get("/a.txt", fields);
        expect_status(304);
        expect_no_field("Content-Length");
        expect_body("", 0);
        snprintf(fields, sizeof fields, "If-Match: %s\r\nIf-None-Match: \"x\"\r\nRange: bytes=0-0\r\nIf-Range: %s\r\n",
                 etag, etag);
        get("/a.txt", fields);
        expect_status(206);
        get("/a.txt", "Range: bytes=0-0\r\nIf-Range: \"x\"\r\n");
        expect_status(200);
        get("/a.txt", "If-Match: \"x\"\r\n");
        expect_status(412);
        get("/a.txt", "If-None-Match: \"x\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
        expect_status(200);
}

static void
conditions_by_date(void **unused)
{
        (void)unused;
        start_http();
        get("/a.txt", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
        expect_status(304);
        get("/a.txt", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n");
        expect_status(200);
        get("/a.txt", "If-Modified-Since: whenever\r\n");
        expect_status(200);
        get("/a.txt", "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n");
        expect_status(412);
        get("/a.txt", "Range: bytes=0-0\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
        expect_status(206);
        get("/a.txt", "Range: bytes=0-0\r\nIf-Range: Sun, 06 Nov 1994 08:49:38 GMT\r\n");
        expect_status(200);
}

static void
directories(void **unused)
{
        (void)unused;
        start_http();
        get("/with?a=b", "");
        expect_status(301);
        expect_field("Location: /with/?a=b");
        get("//with", "");
        expect_field("Location: /with/");
        get("/with/", "");
        expect_status(200);
        expect_field("Content-Type: text/html; charset=utf-8");
        expect_body("<p>index", 8);
        get("/list/", "");
        expect_status(200);
        assert_non_null(strstr(body(), "<a href=\"./one\">one</a>"));
        get("/", "");
        expect_status(200);
        assert_non_null(strstr(body(), "<a href=\"./list/\">list/</a>"));
        get("/a.txt/", "");
        expect_status(404);
        get("/./with/./", "");
        expect_status(200);
        get("/with/.", "");
        expect_status(301);
        expect_field("Location: /with/");
}

static void
what_is_not_to_be_had(void **unused)
{
        (void)unused;
        start_http();
        get("/nothing", "");
        expect_status(404);
        expect_field("Connection: keep-alive");
        get("/../a.txt", "");
        expect_status(404);
        get("/a%00.txt", "");
        expect_status(400);
        get("/a%2Etxt", "");
        expect_status(200);
        if (geteuid() != 0) {
                get("/closed", "");
                expect_status(403);
        }
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                world_test(a_file_is_sent),        world_test(head_has_no_body), world_test(a_large_file_is_whole),
                world_test(beyond_four_gibibytes), world_test(parts_of_a_file),  world_test(conditions),
                world_test(conditions_by_date),    world_test(directories),      world_test(what_is_not_to_be_had),
        };
        return cmocka_run_group_tests(tests, make_site, remove_site);
}
