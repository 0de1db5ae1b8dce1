/* SPDX-License-Identifier: BSD-2-Clause */
#include "serve_site.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char site[] = "/tmp/lastack-http-XXXXXX";
int directory;
char *big;

void
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

int
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

int
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

void
start_http(void)
{
        char text[100];

        snprintf(text, sizeof text, "http=80:%s", site);
        start(text);
        connect_to(80);
}

/* ---- Words about answers ---- */

const char *
body(void)
{
        const char *end = strstr(w.heard, "\r\n\r\n");

        assert_non_null(end);
        return end + 4;
}

void
expect_status(int status)
{
        char line[32];

        snprintf(line, sizeof line, "HTTP/1.1 %d ", status);
        if (strncmp(w.heard, line, strlen(line)) != 0)
                fail_msg("not %d: %.300s", status, w.heard);
}

void
expect_field(const char *field)
{
        char line[256];
        const char *found;

        snprintf(line, sizeof line, "\r\n%s\r\n", field);
        found = strstr(w.heard, line);
        if (!found || found > body())
                fail_msg("no '%s' in: %.600s", field, w.heard);
}

void
expect_no_field(const char *name)
{
        char line[256];
        const char *found;

        snprintf(line, sizeof line, "\r\n%s:", name);
        found = strstr(w.heard, line);
        if (found && found < body())
                fail_msg("'%s' in: %.600s", name, w.heard);
}

void
expect_body(const char *text, size_t n)
{
        assert_int_equal(w.heard_bytes - (size_t)(body() - w.heard), n);
        assert_memory_equal(body(), text, n);
}

void
ask(const char *method, const char *target, const char *fields)
{
        char text[2000];

        forget_heard();
        snprintf(text, sizeof text, "%s %s HTTP/1.1\r\nHost: test\r\n%s\r\n", method, target, fields);
        say(text);
}
