/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/proc_tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/netns.h"
#include "linux/proc_tcp_line.h"

/* The kernel gives a page at most for each read; the rest is room for the line that a page ends within. */
enum { BUFFER_SIZE = 32 * 1024, FILE_COUNT = 2 };

struct proc_tcp {
        uint32_t states;
        int files[FILE_COUNT]; /* tcp and tcp6; -1 once read to the end */
        size_t at;             /* the file that is being read */
        size_t begin, end;     /* what is not yet read of `buffer` */
        bool in_too_long;      /* within a line that does not fit into it */
        uint64_t malformed;
        char buffer[BUFFER_SIZE];
};

static int
open_file(const struct dump_request *request, const char *name)
{
        char path[PATH_MAX];
        int fd;

        if (!request->proc)
                return netns_open_proc_net(request->netns_fd, name);
        if ((size_t)snprintf(path, sizeof(path), "%s/%s", request->proc, name) >= sizeof(path))
                return -ENAMETOOLONG;
        fd = open(path, O_RDONLY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int
open_files(struct proc_tcp *p, const struct dump_request *request)
{
        p->files[0] = open_file(request, "tcp");
        if (p->files[0] < 0)
                return p->files[0];
        p->files[1] = open_file(request, "tcp6");
        return p->files[1] < 0 && p->files[1] != -ENOENT ? p->files[1] : 0;
}

int
proc_tcp_open(const struct dump_request *request, struct proc_tcp **ret)
{
        struct proc_tcp *p = calloc(1, sizeof(*p));
        int r;

        if (!p)
                return -ENOMEM;
        p->states = request->states;
        p->files[0] = p->files[1] = -1;
        r = open_files(p, request);
        if (r < 0) {
                proc_tcp_close(p);
                return r;
        }
        *ret = p;
        return 0;
}

/* More of the current file behind what is left of it: how much, 0 at its end, or a negative errno. */
static ssize_t
fill_buffer(struct proc_tcp *p)
{
        ssize_t size;

        memmove(p->buffer, p->buffer + p->begin, p->end - p->begin);
        p->end -= p->begin;
        p->begin = 0;
        if (p->end == sizeof(p->buffer)) {
                p->end = 0;
                p->in_too_long = true;
        }
        do
                size = read(p->files[p->at], p->buffer + p->end, sizeof(p->buffer) - p->end);
        while (size < 0 && errno == EINTR);
        if (size < 0)
                return -errno;
        p->end += (size_t)size;
        return size;
}

/* On to the next file: false if this was the last.  A last line without its newline was cut off: what is left of it
 * may read like a whole one and lie. */
static bool
next_file(struct proc_tcp *p)
{
        if (p->begin < p->end || p->in_too_long)
                p->malformed++;
        p->begin = p->end = 0;
        p->in_too_long = false;
        p->at++;
        return p->at < FILE_COUNT && p->files[p->at] >= 0;
}

/* The next line, borrowed until the next call, without its newline: 1, 0 if there are no more, or a negative errno. */
static int
next_line(struct proc_tcp *p, const char **ret_line, size_t *ret_length)
{
        for (;;) {
                const char *line = p->buffer + p->begin;
                const char *newline = memchr(line, '\n', p->end - p->begin);
                ssize_t size;

                if (newline) {
                        *ret_line = line;
                        *ret_length = (size_t)(newline - line);
                        p->begin += *ret_length + 1;
                        return 1;
                }
                size = fill_buffer(p);
                if (size < 0)
                        return (int)size;
                if (size == 0 && !next_file(p))
                        return 0;
        }
}

int
proc_tcp_next(struct proc_tcp *p, struct la_snapshot *ret_snapshot)
{
        const char *line;
        size_t length;
        int r;

        if (p->at == FILE_COUNT || p->files[p->at] < 0)
                return DUMP_END;
        while ((r = next_line(p, &line, &length)) > 0) {
                bool rest_of_too_long = p->in_too_long;

                p->in_too_long = false;
                if (!rest_of_too_long && proc_tcp_is_heading(line, length))
                        continue;
                if (rest_of_too_long || !proc_tcp_line(line, length, ret_snapshot))
                        p->malformed++;
                else if (p->states & (1u << ret_snapshot->state))
                        return DUMP_SOCKET;
        }
        return r < 0 ? r : DUMP_END;
}

void
proc_tcp_report(const struct proc_tcp *p, struct dump_report *report)
{
        report->missing = LA_KNOWN_COOKIE | LA_KNOWN_TCP | LA_KNOWN_SEND_WINDOW | LA_KNOWN_CONGESTION |
                          LA_KNOWN_MEMORY | LA_KNOWN_MARK | LA_KNOWN_CGROUP | LA_KNOWN_V6ONLY | LA_KNOWN_QUEUE_LIMIT |
                          LA_KNOWN_INTERFACE;
        report->missing_states = (1u << LA_CLOSED) & p->states;
        report->malformed = p->malformed;
}

void
proc_tcp_close(struct proc_tcp *p)
{
        if (!p)
                return;
        for (size_t i = 0; i < FILE_COUNT; i++)
                if (p->files[i] >= 0)
                        close(p->files[i]);
        free(p);
}
