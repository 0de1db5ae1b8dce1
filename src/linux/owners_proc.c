/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * owners_proc.c - owners from /proc/PID/fd (proc(5)).
 *
 * Each descriptor there is a link whose text says what it is, "socket:[12345]" for a socket.  The text is read and never
 * followed: following the link to a file on a dead network filesystem would hang.
 *
 * Processes come and go meanwhile.  All of one is reached through one descriptor of its directory, which stays that
 * process's even if its number is given to another, and then says ESRCH or ENOENT; who has exited owns nothing.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/holding.h"

static bool
has_exited(int r)
{
        return r == -ENOENT || r == -ESRCH;
}

static bool
is_forbidden(int r)
{
        return r == -EACCES || r == -EPERM;
}

static int
open_at(int directory, const char *name, int flags)
{
        int fd = openat(directory, name, flags | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

/* Reads the beginning of a file; returns its length without the NUL put behind it, or a negative errno. */
static ssize_t
read_start(int directory, const char *name, char *buffer, size_t size)
{
        int fd = open_at(directory, name, O_RDONLY);
        if (fd < 0)
                return fd;
        ssize_t n = read(fd, buffer, size - 1);
        int r = n < 0 ? -errno : 0;
        close(fd);
        if (r < 0)
                return r;
        buffer[n] = '\0';
        return n;
}

static int
read_comm(int process, char comm[LA_NAME_SIZE])
{
        char text[64];
        ssize_t n = read_start(process, "comm", text, sizeof(text));
        if (n < 0)
                return (int)n;
        text[strcspn(text, "\n")] = '\0';
        snprintf(comm, LA_NAME_SIZE, "%.*s", LA_NAME_SIZE - 1, text);
        return 0;
}

/* Kernel threads and zombies have neither arguments nor sockets. */
static bool
may_hold_sockets(int process)
{
        char start[2];
        return read_start(process, "cmdline", start, sizeof(start)) != 0;
}

static bool
parse_number(const char *text, uint32_t max, char end, uint32_t *ret_number)
{
        char *rest;
        errno = 0;
        unsigned long number = strtoul(text, &rest, 10);
        if (!isdigit((unsigned char)*text) || errno || number > max || *rest != end)
                return false;
        *ret_number = (uint32_t)number;
        return true;
}

static bool
parse_socket_link(const char *text, uint32_t *ret_inode)
{
        static const char before[] = "socket:[";
        return strncmp(text, before, strlen(before)) == 0 &&
               parse_number(text + strlen(before), UINT32_MAX, ']', ret_inode);
}

/* Adds the descriptor called `name` if it is a socket.  One closed meanwhile is none. */
static int
add_descriptor(struct holdings *h, int fds, const char *name, uint32_t pid)
{
        char text[sizeof("socket:[4294967295]") + 1];
        uint32_t fd, inode;
        if (!parse_number(name, INT32_MAX, '\0', &fd))
                return 0;
        ssize_t n = readlinkat(fds, name, text, sizeof(text) - 1);
        if (n < 0)
                return has_exited(-errno) ? 0 : -errno;
        text[n] = '\0';
        if (!parse_socket_link(text, &inode))
                return 0;
        if (holdings_reserve(h, 1) < 0)
                return -ENOMEM;
        h->rows[h->count++] = (struct holding){ .inode = inode, .owner = { .pid = (int32_t)pid, .fd = (int32_t)fd } };
        return 0;
}

static int
add_descriptors(struct holdings *h, DIR *fds, uint32_t pid)
{
        const struct dirent *entry;
        int r = 0;
        while (r >= 0 && (errno = 0, entry = readdir(fds)))
                r = add_descriptor(h, dirfd(fds), entry->d_name, pid);
        return r < 0 ? r : -errno;
}

/* Calls the rows from `begin` on by their process's name, which is read only if there are some. */
static int
name_rows(struct holdings *h, size_t begin, int process)
{
        char comm[LA_NAME_SIZE];
        int r = begin < h->count ? read_comm(process, comm) : 0;
        if (r < 0)
                return r;
        for (size_t i = begin; i < h->count; i++)
                memcpy(h->rows[i].owner.comm, comm, sizeof(comm));
        return 0;
}

static int
look_into(struct holdings *h, int process, uint32_t pid)
{
        int fd = open_at(process, "fd", O_RDONLY | O_DIRECTORY);
        if (fd < 0)
                return fd;
        DIR *fds = fdopendir(fd);
        if (!fds) {
                int r = -errno;
                close(fd);
                return r;
        }
        size_t begin = h->count;
        int r = add_descriptors(h, fds, pid);
        if (r >= 0)
                r = name_rows(h, begin, process);
        if (r < 0)
                h->count = begin;
        closedir(fds);
        return r;
}

static int
add_process(struct holdings *h, int proc, const char *name, uint32_t pid)
{
        int process = open_at(proc, name, O_PATH | O_DIRECTORY);
        if (process < 0)
                return has_exited(process) ? 0 : process;
        int r = look_into(h, process, pid);
        if (is_forbidden(r)) {
                h->hidden += may_hold_sockets(process);
                r = 0;
        }
        close(process);
        return has_exited(r) ? 0 : r;
}

static int
add_processes(struct holdings *h, DIR *proc)
{
        const struct dirent *entry;
        bool first_seen = false;
        uint32_t pid;
        int r = 0;
        while (r >= 0 && (errno = 0, entry = readdir(proc))) {
                if (!parse_number(entry->d_name, INT32_MAX, '\0', &pid))
                        continue;
                first_seen |= pid == 1;
                r = add_process(h, dirfd(proc), entry->d_name, pid);
        }
        if (r >= 0)
                r = -errno;
        /* There always is a process 1; hidepid keeps it from us, and nobody knows how many more. */
        if (!first_seen && h->hidden == 0)
                h->hidden = 1;
        return r;
}

int
holdings_from_proc(struct holdings *h)
{
        DIR *proc = opendir("/proc");
        if (!proc && errno == ENOENT) { /* a chroot without it hides them all */
                h->hidden = 1;
                return 0;
        }
        if (!proc)
                return -errno;
        int r = add_processes(h, proc);
        closedir(proc);
        return r;
}
