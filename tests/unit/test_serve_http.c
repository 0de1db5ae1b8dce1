/* SPDX-License-Identifier: BSD-2-Clause */
/* HTTP from a client's connection: whole answers, many requests, slow peers, files that change while they are sent. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve_world.h"

#define BIG ((size_t)3000000)

static char site[] = "/tmp/lastack-http-XXXXXX";
static int directory;
static char *big;

static void
make_file(const char *name, const char *content, size_t n)
{
        int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, content, n), n);
        close(fd);
}

static void
set_time(const char *name, time_t at)
{
        const struct timespec both[2] = { { .tv_sec = at }, { .tv_sec = at } };

        assert_int_equal(utimensat(directory, name, both, 0), 0);
}

static int
make_site(void **state)
{
        int fd;

        (void)state;
        assert_non_null(mkdtemp(site));
        directory = open(site, O_RDONLY | O_DIRECTORY);
        big = malloc(BIG);
        assert_true(directory >= 0 && big);
        for (size_t i = 0; i < BIG; i++)
                big[i] = (char)(i * 7 + i / 251);
        make_file("a.txt", "0123456789", 10);
        set_time("a.txt", 784111777);
        make_file("empty.html", "", 0);
        make_file("big.bin", big, BIG);
        make_file("closed", "x", 1);
        assert_int_equal(fchmodat(directory, "closed", 0, 0), 0);
        assert_int_equal(mkdirat(directory, "with", 0755), 0);
        make_file("with/index.html", "<p>index", 8);
        assert_int_equal(mkdirat(directory, "list", 0755), 0);
        make_file("list/one", "1", 1);
        fd = openat(directory, "sparse", O_WRONLY | O_CREAT, 0644);
        assert_int_equal(pwrite(fd, "end", 3, (off_t)5 << 30), 3);
        close(fd);
        return 0;
}

static int
remove_site(void **state)
{
        static const char *const files[] = { "a.txt",           "empty.html", "big.bin", "closed",
                                             "with/index.html", "list/one",   "sparse",  "changing" };

        (void)state;
        for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
                unlinkat(directory, files[i], 0);
        unlinkat(directory, "with", AT_REMOVEDIR);
        unlinkat(directory, "list", AT_REMOVEDIR);
        close(directory);
        free(big);
        return rmdir(site);
}

static void
start_http(void)
{
        char text[100];

        snprintf(text, sizeof text, "http=80:%s", site);
        start(text);
        connect_to(80);
}

/* ---- Words about answers ---- */

static const char *
body(void)
{
        const char *end = strstr(w.heard, "\r\n\r\n");

        assert_non_null(end);
        return end + 4;
}

static void
expect_status(int status)
{
        char line[32];

        snprintf(line, sizeof line, "HTTP/1.1 %d ", status);
        if (strncmp(w.heard, line, strlen(line)) != 0)
                fail_msg("not %d: %.300s", status, w.heard);
}

static void
expect_field(const char *field)
{
        char line[256];
        const char *found;

        snprintf(line, sizeof line, "\r\n%s\r\n", field);
        found = strstr(w.heard, line);
        if (!found || found > body())
                fail_msg("no '%s' in: %.600s", field, w.heard);
}

static void
expect_no_field(const char *name)
{
        char line[256];
        const char *found;

        snprintf(line, sizeof line, "\r\n%s:", name);
        found = strstr(w.heard, line);
        if (found && found < body())
                fail_msg("'%s' in: %.600s", name, w.heard);
}

static void
expect_body(const char *text, size_t n)
{
        assert_int_equal(w.heard_bytes - (size_t)(body() - w.heard), n);
        assert_memory_equal(body(), text, n);
}

/* Asks for something with fields that each end with CRLF, on the connection that there is. */
static void
ask(const char *method, const char *target, const char *fields)
{
        char text[2000];

        forget_heard();
        snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: test\r\n%s\r\n", method, target, fields);
        say(text);
}

#define get(target, fields) ask("GET", target, fields)

/* ---- Answers ---- */

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

/* ---- Connections ---- */

static void
a_refusal_closes(void **unused)
{
        (void)unused;
        start_http();
        say("POST /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nwhat follows is not read as a request");
        expect_status(405);
        expect_field("Allow: GET, HEAD");
        expect_field("Connection: close");
        expect_ended(LA_ERR_END); /* and no reset, though not all was read */
        say("GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
        assert_null(strstr(w.heard, "0123456789"));
        expect_nothing_left();
}

static void
who_does_not_stop_is_reset(void **unused)
{
        static char text[2000000];

        (void)unused;
        start_http();
        say("BREW / HTTP/1.1\r\n\r\n");
        expect_status(501);
        (void)say_bytes(text, sizeof text);
        assert_int_equal(serve_counts(w.service).aborted, 1);
}

static void
requests_in_a_row(void **unused)
{
        char text[10000] = "";
        size_t answers = 0;

        (void)unused;
        start_http();
        for (int i = 0; i < 100; i++)
                strcat(text, "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n");
        strcat(text, "GET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET /big.bin HTTP/1.1\r\n");
        say(text);
        for (const char *at = w.heard; (at = strstr(at, "\r\n\r\n0123456789")) != NULL; at++)
                answers++;
        assert_int_equal(answers, 101);
        expect_ended(LA_ERR_END);
        expect_nothing_left();
}

/* More answers than the send buffer holds, since nobody reads them. */
static void
many_large_answers_wait(void **unused)
{
        size_t found = 0;

        (void)unused;
        start_http();
        w.deaf = true;
        for (int i = 0; i < 60; i++)
                say("GET /big.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=0-39999\r\n\r\n"
                    "GET /list/ HTTP/1.1\r\nHost: a\r\n\r\n");
        after_ms(1000);
        w.deaf = false;
        run_on();
        for (size_t i = 0; i + 40000 < w.heard_bytes; i++)
                if (memcmp(w.heard + i, "\r\n\r\n", 4) == 0 && memcmp(w.heard + i + 4, big, 40000) == 0)
                        found++;
        assert_int_equal(found, 60);
        hang_up();
        expect_ended(LA_ERR_END);
        expect_nothing_left();
}

static void
byte_by_byte(void **unused)
{
        const char text[] = "GET /a.txt HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyzGET /a.txt HTTP/1.0\r\n\r\n";

        (void)unused;
        start_http();
        for (size_t i = 0; i < strlen(text); i++)
                assert_int_equal(say_bytes(text + i, 1), 1);
        expect_status(200);
        assert_non_null(strstr(body() + 10, "\r\n\r\n0123456789"));
        expect_field("Connection: keep-alive");
        expect_ended(LA_ERR_END);
        expect_nothing_left();
}

static void
half_closed_peers_are_answered(void **unused)
{
        (void)unused;
        start_http();
        w.deaf = true;
        say("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
        hang_up();
        w.deaf = false;
        run_on();
        expect_body(big, BIG);
        expect_ended(LA_ERR_END);
        expect_nothing_left();
}

static void
slow_heads_meet_a_limit(void **unused)
{
        (void)unused;
        start_http();
        for (int i = 0; i < 19; i++) {
                assert_int_equal(say_bytes("G", 1), 1);
                after_ms(1000);
        }
        expect_heard("");
        after_ms(1100);
        expect_status(408);
        expect_ended(LA_ERR_END);
        expect_nothing_left();
}

static void
silence_meets_a_limit(void **unused)
{
        (void)unused;
        start_http();
        after_ms(20100);
        expect_heard("");
        expect_ended(LA_ERR_END);
        close_it();
        connect_to(80);
        get("/a.txt", "");
        after_ms(59000);
        expect_status(200);
        assert_false(has_ended());
        after_ms(1100);
        expect_ended(LA_ERR_END);
        expect_nothing_left();
}

static void
who_does_not_read_is_reset(void **unused)
{
        (void)unused;
        start_http();
        w.deaf = true;
        get("/big.bin", "");
        after_ms(61000);
        assert_int_equal(serve_counts(w.service).aborted, 1);
        w.deaf = false;
        run_on();
        expect_ended(LA_ERR_RESET);
}

static void
stopping_ends_after_the_answer(void **unused)
{
        struct la_handle busy;

        (void)unused;
        start_http();
        w.deaf = true;
        get("/big.bin", "");
        busy = w.connection;
        w.deaf = false;
        connect_to(80);
        serve_stop(w.service, false);
        run_on();
        expect_ended(LA_ERR_END); /* the idle one */
        close_it();
        w.connection = busy;
        run_on();
        expect_body(big, BIG);
        expect_ended(LA_ERR_END);
        expect_nothing_left();
}

/* ---- Files that change ---- */

static void
begin_changing(void)
{
        make_file("changing", big, BIG);
        start_http();
        w.deaf = true;
        get("/changing", "");
        assert_int_equal(serve_counts(w.service).open, 1);
}

static void
expect_never_whole(void)
{
        w.deaf = false;
        run_on();
        expect_ended(LA_ERR_RESET);
        assert_true(w.heard_bytes < BIG);
        assert_int_equal(serve_counts(w.service).aborted, 1);
        expect_nothing_left();
}

static void
a_file_that_is_cut(void **unused)
{
        (void)unused;
        begin_changing();
        make_file("changing", "short", 5);
        expect_never_whole();
}

static void
a_file_that_is_written_to(void **unused)
{
        int fd;

        (void)unused;
        begin_changing();
        usleep(20000); /* changes are told apart by the kernel's clock, whose ticks are 10 ms at most */
        fd = openat(directory, "changing", O_WRONLY);
        assert_int_equal(pwrite(fd, "other", 5, BIG - 5), 5);
        close(fd);
        expect_never_whole();
}

/* What has been opened is still all of one version. */
static void
a_file_that_is_replaced(void **unused)
{
        (void)unused;
        begin_changing();
        assert_int_equal(unlinkat(directory, "changing", 0), 0);
        make_file("changing", "other", 5);
        w.deaf = false;
        run_on();
        expect_status(200);
        expect_body(big, BIG);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                world_test(a_file_is_sent),
                world_test(head_has_no_body),
                world_test(a_large_file_is_whole),
                world_test(beyond_four_gibibytes),
                world_test(parts_of_a_file),
                world_test(conditions),
                world_test(conditions_by_date),
                world_test(directories),
                world_test(what_is_not_to_be_had),
                world_test(a_refusal_closes),
                world_test(who_does_not_stop_is_reset),
                world_test(requests_in_a_row),
                world_test(many_large_answers_wait),
                world_test(byte_by_byte),
                world_test(half_closed_peers_are_answered),
                world_test(slow_heads_meet_a_limit),
                world_test(silence_meets_a_limit),
                world_test(who_does_not_read_is_reset),
                world_test(stopping_ends_after_the_answer),
                world_test(a_file_that_is_cut),
                world_test(a_file_that_is_written_to),
                world_test(a_file_that_is_replaced),
        };
        return cmocka_run_group_tests(tests, make_site, remove_site);
}
