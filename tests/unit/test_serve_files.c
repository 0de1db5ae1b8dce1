/* SPDX-License-Identifier: BSD-2-Clause */
/* What HTTP's answers are made of: ranges, tags, dates, types, files beneath a directory, listings. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve/http_date.h"
#include "serve/http_fields.h"
#include "serve/http_file.h"
#include "serve/http_listing.h"
#include "serve/http_mime.h"

static struct http_text
text(const char *t)
{
        return (struct http_text){ t, t ? strlen(t) : 0 };
}

/* ---- Values ---- */

static void
ranges(void **unused)
{
        static const struct {
                const char *value;
                uint64_t size;
                enum http_range result;
                uint64_t first, bytes;
        } rows[] = {
                { "bytes=0-499", 1000, HTTP_RANGE_PART, 0, 500 },
                { "bytes=500-999", 1000, HTTP_RANGE_PART, 500, 500 },
                { "Bytes=500-", 1000, HTTP_RANGE_PART, 500, 500 },
                { "bytes=-500", 1000, HTTP_RANGE_PART, 500, 500 },
                { "bytes=-5000", 1000, HTTP_RANGE_PART, 0, 1000 },
                { "bytes=0-0", 1000, HTTP_RANGE_PART, 0, 1 },
                { "bytes=999-99999", 1000, HTTP_RANGE_PART, 999, 1 },
                { "bytes=0-99999999999999999999999", 1000, HTTP_RANGE_PART, 0, 1000 },
                { "bytes=5000000000-5000000001", 6000000000, HTTP_RANGE_PART, 5000000000, 2 },
                { "bytes=1000-", 1000, HTTP_RANGE_UNSATISFIABLE, 0, 0 },
                { "bytes=99999999999999999999999-", 1000, HTTP_RANGE_UNSATISFIABLE, 0, 0 },
                { "bytes=-0", 1000, HTTP_RANGE_UNSATISFIABLE, 0, 0 },
                { "bytes=0-", 0, HTTP_RANGE_UNSATISFIABLE, 0, 0 },
                { "bytes=-1", 0, HTTP_RANGE_UNSATISFIABLE, 0, 0 },
                { "bytes=5-4", 1000, HTTP_RANGE_NONE, 0, 0 },
                { "bytes=0-1,3-4", 1000, HTTP_RANGE_NONE, 0, 0 },
                { "bytes=", 1000, HTTP_RANGE_NONE, 0, 0 },
                { "bytes=-", 1000, HTTP_RANGE_NONE, 0, 0 },
                { "bytes=1", 1000, HTTP_RANGE_NONE, 0, 0 },
                { "bytes=a-b", 1000, HTTP_RANGE_NONE, 0, 0 },
                { "lines=0-1", 1000, HTTP_RANGE_NONE, 0, 0 },
                { "byte", 1000, HTTP_RANGE_NONE, 0, 0 },
                { NULL, 1000, HTTP_RANGE_NONE, 0, 0 },
        };

        (void)unused;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                uint64_t first = 0, bytes = 0;

                if (http_range_parse(text(rows[i].value), rows[i].size, &first, &bytes) != rows[i].result)
                        fail_msg("%s", rows[i].value ? rows[i].value : "nothing");
                assert_int_equal(first, rows[i].first);
                assert_int_equal(bytes, rows[i].bytes);
        }
}

static void
entity_tags(void **unused)
{
        (void)unused;
        assert_true(http_etag_in(text("\"a\""), "\"a\"", false));
        assert_true(http_etag_in(text("\"b\", \"a\""), "\"a\"", false));
        assert_true(http_etag_in(text("\"x,y\",\"a\""), "\"a\"", false));
        assert_true(http_etag_in(text("*"), "\"a\"", false));
        assert_true(http_etag_in(text("W/\"a\""), "\"a\"", true));
        assert_false(http_etag_in(text("W/\"a\""), "\"a\"", false));
        assert_false(http_etag_in(text("\"ab\""), "\"a\"", true));
        assert_false(http_etag_in(text("a"), "\"a\"", true));
        assert_false(http_etag_in(text("\"a"), "\"a\"", true));
        assert_false(http_etag_in(text("\""), "\"a\"", true));
        assert_false(http_etag_in(text("W/"), "\"a\"", true));
        assert_false(http_etag_in(text(""), "\"a\"", true));
        assert_false(http_etag_in(text(NULL), "\"a\"", true));
}

static void
dates_are_written(void **unused)
{
        char date[HTTP_DATE_SIZE];

        (void)unused;
        http_date_write(784111777, date);
        assert_string_equal(date, "Sun, 06 Nov 1994 08:49:37 GMT");
        http_date_write(0, date);
        assert_string_equal(date, "Thu, 01 Jan 1970 00:00:00 GMT");
        http_date_write((time_t)1 << 62, date);
        assert_string_equal(date, "Thu, 01 Jan 1970 00:00:00 GMT");
}

/* RFC 9110 5.6.7's three examples, and what they are not. */
static void
dates_are_read(void **unused)
{
        static const char *const right[] = {
                "Sun, 06 Nov 1994 08:49:37 GMT",
                "Sunday, 06-Nov-94 08:49:37 GMT",
                "Sun Nov  6 08:49:37 1994",
        };
        static const char *const wrong[] = {
                "",
                "0",
                "Sun, 06 Nov 1994 08:49:37",
                "Sun, 06 Nov 1994 08:49:37 GMTx",
                "Sun, 06 Nov 1994 25:49:37 GMT",
                "Sun, 36 Nov 1994 08:49:37 GMT",
                "Sun, 06 Foo 1994 08:49:37 GMT",
                "Sun, 06 Nov 1994 08:49:37 GMT and something very long that no date is followed by at all",
        };
        time_t at;

        (void)unused;
        for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
                at = 0;
                assert_true(http_date_parse(text(right[i]), &at));
                assert_int_equal(at, 784111777);
        }
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
                assert_false(http_date_parse(text(wrong[i]), &at));
        assert_true(http_date_parse(text("Saturday, 01-Jan-00 00:00:00 GMT"), &at));
        assert_int_equal(at, 946684800);
        assert_false(http_date_parse(text(NULL), &at));
}

static void
types(void **unused)
{
        static const char *const rows[][2] = {
                { "index.html", "text/html; charset=utf-8" },
                { "a/b.HTM", "text/html; charset=utf-8" },
                { "a.css", "text/css; charset=utf-8" },
                { "a.js", "text/javascript; charset=utf-8" },
                { "a.json", "application/json" },
                { "a.7z", "application/x-7z-compressed" },
                { "a.zst", "application/zstd" },
                { "a.png", "image/png" },
                { "a.svg", "image/svg+xml" },
                { "a.tar.gz", "application/gzip" },
                { "a.woff2", "font/woff2" },
                { "a.wasm", "application/wasm" },
                { "README", "application/octet-stream" },
                { "a.html/README", "application/octet-stream" },
                { "a.unknown", "application/octet-stream" },
                { "a.", "application/octet-stream" },
                { "", "application/octet-stream" },
        };

        (void)unused;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
                assert_string_equal(http_mime(rows[i][0]), rows[i][1]);
}

/* ---- Files ---- */

static char top[] = "/tmp/lastack-serve-XXXXXX", site[64];
static int directory;

static void
make_file(const char *name, const char *content)
{
        int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);

        assert_true(fd >= 0);
        assert_int_equal(write(fd, content, strlen(content)), strlen(content));
        close(fd);
}

/* site/ is served; beside it lies what must not be. */
static int
make_site(void **state)
{
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        int fd = socket(AF_UNIX, SOCK_STREAM, 0);

        (void)state;
        assert_non_null(mkdtemp(top));
        snprintf(site, sizeof site, "%s/site", top);
        assert_int_equal(mkdir(site, 0755), 0);
        directory = open(site, O_RDONLY | O_DIRECTORY);
        assert_true(directory >= 0);
        make_file("../secret", "secret");
        assert_int_equal(mkdirat(directory, "sub", 0755), 0);
        assert_int_equal(mkdirat(directory, "sub/deep", 0755), 0);
        make_file("a.txt", "hello");
        make_file("sub/b.txt", "there");
        make_file("sub/<&\">.html", "");
        make_file("sub/.hidden", "");
        make_file("sub/Z", "");
        assert_int_equal(symlinkat("a.txt", directory, "inside"), 0);
        assert_int_equal(symlinkat("sub", directory, "way"), 0);
        assert_int_equal(symlinkat("../secret", directory, "out"), 0);
        assert_int_equal(symlinkat("/etc", directory, "etc"), 0);
        assert_int_equal(symlinkat("nothing", directory, "dangling"), 0);
        assert_int_equal(symlinkat("loop", directory, "loop"), 0);
        assert_int_equal(mkfifoat(directory, "fifo", 0644), 0);
        snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", site);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
        close(fd);
        return 0;
}

static int
remove_site(void **state)
{
        static const char *const files[] = { "../secret",   "a.txt", "sub/b.txt", "sub/<&\">.html",
                                             "sub/.hidden", "sub/Z", "inside",    "way",
                                             "out",         "etc",   "dangling",  "loop",
                                             "fifo",        "socket" };

        (void)state;
        for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
                unlinkat(directory, files[i], 0);
        unlinkat(directory, "sub/deep", AT_REMOVEDIR);
        unlinkat(directory, "sub", AT_REMOVEDIR);
        close(directory);
        rmdir(site);
        return rmdir(top);
}

typedef int opener(int, const char *, struct http_file *);

static int
opened(opener *open_it, const char *name)
{
        struct http_file file = { .fd = -1 };
        int r = open_it(directory, name, &file);

        http_file_close(&file);
        return r;
}

static void
expect_beneath(opener *open_it)
{
        assert_int_equal(opened(open_it, "a.txt"), 0);
        assert_int_equal(opened(open_it, "sub/b.txt"), 0);
        assert_int_equal(opened(open_it, ""), 0);
        assert_int_equal(opened(open_it, "nothing"), -ENOENT);
        assert_int_equal(opened(open_it, "a.txt/b"), -ENOTDIR);
        assert_int_equal(opened(open_it, "fifo"), -EACCES);
        assert_int_equal(opened(open_it, "socket"), -ENXIO);
        assert_true(opened(open_it, "out") < 0);
        assert_true(opened(open_it, "etc") < 0);
        assert_true(opened(open_it, "etc/passwd") < 0);
        assert_true(opened(open_it, "loop") < 0);
        assert_true(opened(open_it, "dangling") < 0);
        assert_true(opened(open_it, "../secret") < 0);
        assert_true(opened(open_it, "sub/../../secret") < 0);
        assert_true(opened(open_it, "/etc/passwd") < 0);
}

static void
files_are_opened_beneath(void **unused)
{
        (void)unused;
        expect_beneath(http_file_open);
        assert_int_equal(opened(http_file_open, "inside"), 0);
        assert_int_equal(opened(http_file_open, "way/b.txt"), 0);
}

static void
step_by_step_no_link_is_followed(void **unused)
{
        (void)unused;
        expect_beneath(http_file_open_stepwise);
        assert_int_equal(opened(http_file_open_stepwise, "inside"), -ELOOP);
        assert_true(opened(http_file_open_stepwise, "way/b.txt") < 0);
}

static void
what_a_file_is(void **unused)
{
        struct http_file file, other;
        char etag[HTTP_ETAG_SIZE], other_etag[HTTP_ETAG_SIZE];

        (void)unused;
        assert_int_equal(http_file_open(directory, "sub", &other), 0);
        assert_true(other.directory);
        http_file_close(&other);
        assert_int_equal(http_file_open(directory, "a.txt", &file), 0);
        assert_false(file.directory);
        assert_int_equal(file.bytes, 5);
        assert_true(http_file_unchanged(&file));
        make_file("a.txt", "hello, longer");
        assert_false(http_file_unchanged(&file));
        assert_int_equal(http_file_open(directory, "a.txt", &other), 0);
        http_file_etag(&file, etag);
        http_file_etag(&other, other_etag);
        assert_string_not_equal(etag, other_etag);
        assert_int_equal(etag[0], '"');
        http_file_close(&file);
        http_file_close(&other);
        assert_int_equal(other.fd, -1);
}

static void
a_listing_is_sorted_and_escaped(void **unused)
{
        struct http_writer w = { .grows = true };
        struct http_file file;
        const char *deep, *z, *b, *odd;

        (void)unused;
        assert_int_equal(http_file_open(directory, "sub", &file), 0);
        assert_int_equal(http_listing(directory, &file, "sub", &w), 0);
        http_write(&w, "", 1);
        assert_false(w.failed);
        deep = strstr(w.bytes, "<a href=\"./deep/\">deep/</a>");
        odd = strstr(w.bytes, "<a href=\"./%3C%26%22%3E.html\">&lt;&amp;&quot;&gt;.html</a>");
        z = strstr(w.bytes, "<a href=\"./Z\">Z</a><td class=n>0");
        b = strstr(w.bytes, "<a href=\"./b.txt\">b.txt</a><td class=n>5");
        assert_true(deep && odd && z && b);
        assert_true(deep < odd && odd < z && z < b);
        assert_non_null(strstr(w.bytes, "<a href=\"../\">"));
        assert_null(strstr(w.bytes, "hidden"));
        http_file_close(&file);
        free(w.bytes);
}

static void
a_listing_shows_what_can_be_had(void **unused)
{
        struct http_writer w = { .grows = true };
        struct http_file file;

        (void)unused;
        assert_int_equal(http_file_open(directory, "", &file), 0);
        assert_int_equal(http_listing(directory, &file, "", &w), 0);
        http_write(&w, "", 1);
        assert_null(strstr(w.bytes, "fifo"));
        assert_null(strstr(w.bytes, "socket"));
        assert_null(strstr(w.bytes, "dangling"));
        assert_null(strstr(w.bytes, "out"));
        assert_null(strstr(w.bytes, "etc"));
        assert_non_null(strstr(w.bytes, "<a href=\"./inside\">inside</a>"));
        assert_non_null(strstr(w.bytes, "<a href=\"./way/\">way/</a>"));
        assert_null(strstr(w.bytes, "href=\"../\""));
        http_file_close(&file);
        free(w.bytes);
}

static void
a_writer_that_is_full_says_so(void **unused)
{
        char room[4];
        struct http_writer w = { .bytes = room, .room = sizeof room };

        (void)unused;
        http_write_text(&w, "abc");
        http_write_number(&w, 10);
        assert_true(w.failed);
        assert_int_equal(w.n, 3);
        http_write_text(&w, "d");
        assert_int_equal(w.n, 3);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(ranges),
                cmocka_unit_test(entity_tags),
                cmocka_unit_test(dates_are_written),
                cmocka_unit_test(dates_are_read),
                cmocka_unit_test(types),
                cmocka_unit_test(files_are_opened_beneath),
                cmocka_unit_test(step_by_step_no_link_is_followed),
                cmocka_unit_test(what_a_file_is),
                cmocka_unit_test(a_listing_is_sorted_and_escaped),
                cmocka_unit_test(a_listing_shows_what_can_be_had),
                cmocka_unit_test(a_writer_that_is_full_says_so),
        };
        return cmocka_run_group_tests(tests, make_site, remove_site);
}
