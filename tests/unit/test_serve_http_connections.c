/* SPDX-License-Identifier: BSD-2-Clause */
/* HTTP's connections: many requests, slow peers, refusals, files that change while they are sent. */
#include <fcntl.h>
#include <unistd.h>

#include "serve_site.h"

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
