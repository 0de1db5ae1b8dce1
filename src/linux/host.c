/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/host.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/file.h"

/* Whole numbers with blanks between them; returns how many there are, at most `room`. */
static size_t
numbers_in(const char *text, int64_t *ret, size_t room)
{
        size_t count = 0;
        char *end;

        for (; count < room; text = end, count++) {
                long long n = strtoll(text, &end, 10);
                if (end == text)
                        break;
                ret[count] = n;
        }
        return count;
}

/* Leaves *ret as it is where the file is not there or has fewer numbers. */
static void
read_numbers(int netns_fd, const char *path, int64_t *ret, size_t count)
{
        int64_t numbers[3];
        char *text;
        size_t size;

        if (file_read(netns_fd, path, &text, &size) < 0)
                return;
        if (numbers_in(text, numbers, 3) >= count)
                memcpy(ret, numbers, count * sizeof(*ret));
        free(text);
}

/* ---- Tables with a line for each processor ------------------------------------------------------------------------- */

/* The number of a heading's column, -1 if it is not there. */
static int
column_of(const char *heading, const char *name)
{
        size_t length = strlen(name);
        int column = 0;

        for (const char *p = heading + strspn(heading, " "); *p && *p != '\n'; column++) {
                size_t word = strcspn(p, " \n");
                if (word == length && strncmp(p, name, length) == 0)
                        return column;
                p += word;
                p += strspn(p, " ");
        }
        return -1;
}

/* The sum of a column of hexadecimal numbers over all lines. */
static int64_t
sum_of(const char *lines, int column)
{
        int64_t sum = 0;

        for (const char *line = lines; *line;) {
                const char *p = line, *next = strchr(line, '\n');
                char *end;
                for (int i = 0; i <= column; i++, p = end) {
                        unsigned long long n = strtoull(p, &end, 16);
                        if (end == p || (next && end > next))
                                break;
                        if (i == column)
                                sum += (int64_t)n;
                }
                if (!next)
                        break;
                line = next + 1;
        }
        return sum;
}

void
host_parse_conntrack(struct host *h, const char *text, size_t size)
{
        const struct {
                const char *name;
                int64_t *place;
        } columns[] = {
                { "drop", &h->track_drops },
                { "early_drop", &h->track_early_drops },
                { "insert_failed", &h->track_insert_failures },
        };
        const char *lines = memchr(text, '\n', size);

        for (size_t i = 0; lines && i < sizeof(columns) / sizeof(columns[0]); i++) {
                int column = column_of(text, columns[i].name);
                if (column >= 0)
                        *columns[i].place = sum_of(lines + 1, column);
        }
}

/* The second column is what was dropped (net/core/net-procfs.c, softnet_seq_show()). */
void
host_parse_softnet(struct host *h, const char *text, size_t size)
{
        if (size > 0)
                h->softnet_drops = sum_of(text, 1);
}

static void
read_table(int netns_fd, const char *name, void (*parse)(struct host *, const char *, size_t), struct host *h)
{
        char *text;
        size_t size;

        if (file_read_proc_net(netns_fd, name, &text, &size) < 0)
                return;
        parse(h, text, size);
        free(text);
}

void
host_read(int netns_fd, struct host *ret)
{
        struct host h = { -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1 };
        int64_t memory[3] = { -1, -1, -1 };

        read_numbers(netns_fd, "/proc/sys/net/ipv4/tcp_mem", memory, 3);
        h.memory_low_pages = memory[0];
        h.memory_pressure_pages = memory[1];
        h.memory_max_pages = memory[2];
        h.page_bytes = sysconf(_SC_PAGESIZE);
        read_numbers(netns_fd, "/proc/sys/net/ipv4/tcp_ehash_entries", &h.buckets, 1);
        read_numbers(netns_fd, "/proc/sys/net/ipv4/ip_unprivileged_port_start", &h.unprivileged_start, 1);
        read_numbers(netns_fd, "/proc/sys/net/netfilter/nf_conntrack_count", &h.tracked, 1);
        read_numbers(netns_fd, "/proc/sys/net/netfilter/nf_conntrack_max", &h.tracked_most, 1);
        read_numbers(netns_fd, "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established", &h.tracked_s, 1);
        read_table(netns_fd, "stat/nf_conntrack", host_parse_conntrack, &h);
        read_table(netns_fd, "softnet_stat", host_parse_softnet, &h);
        *ret = h;
}

/* ---- Processes ----------------------------------------------------------------------------------------------------- */

static int64_t
limit_in(const char *word)
{
        int64_t limit;

        if (strncmp(word, "unlimited", 9) == 0)
                return INT64_MAX;
        return numbers_in(word, &limit, 1) == 1 ? limit : -1;
}

int64_t
host_parse_limits(const char *text, int64_t *ret_hard)
{
        static const char title[] = "Max open files";
        const char *word = strstr(text, title);

        if (!word)
                return -1;
        word += sizeof(title) - 1;
        word += strspn(word, " ");
        int64_t soft = limit_in(word);
        word += strcspn(word, " \n");
        word += strspn(word, " ");
        if (soft >= 0)
                *ret_hard = limit_in(word);
        return soft;
}

int
host_process_files(int32_t pid, int64_t *ret_limit, int64_t *ret_hard)
{
        char path[64], *text;
        size_t size;
        int r;

        snprintf(path, sizeof(path), "/proc/%d/limits", pid);
        r = file_read(0, path, &text, &size);
        if (r < 0)
                return r;
        int64_t hard = -1, limit = host_parse_limits(text, &hard);
        free(text);
        if (limit < 0)
                return -EBADMSG;
        *ret_limit = limit;
        *ret_hard = hard;
        return 0;
}

int
host_count_files(int32_t pid, int64_t *ret_files)
{
        char path[64];
        int64_t count = 0;

        snprintf(path, sizeof(path), "/proc/%d/fd", pid);
        DIR *directory = opendir(path);
        if (!directory)
                return -errno;
        for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
                count += entry->d_name[0] != '.';
        closedir(directory);
        *ret_files = count;
        return 0;
}
