/* SPDX-License-Identifier: BSD-2-Clause */
/* owners_words.h - the words that tests of owners are written in: sockets, processes that have them, and who is found. */
#ifndef LASTACK_TESTS_OWNERS_WORDS_H
#define LASTACK_TESTS_OWNERS_WORDS_H

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "linux/owners.h"

static enum owners_source from_proc = OWNERS_FROM_PROC, from_bpf = OWNERS_FROM_BPF;

static inline void
skip_because(const char *reason)
{
        printf("# %s\n", reason);
        fflush(stdout);
        skip();
}

static inline struct owners *
collect(void **state)
{
        enum owners_source source = *(enum owners_source *)*state;
        struct owners *owners = NULL;
        int r = owners_collect_from(source, &owners);
        if (r == -EOPNOTSUPP)
                skip_because("built without BPF");
        if (r < 0 && source == OWNERS_FROM_BPF)
                skip_because("the kernel does not permit BPF here (needs CAP_BPF, CAP_PERFMON and Linux 5.17)");
        assert_int_equal(r, 0);
        assert_int_equal(owners_source(owners), source);
        return owners;
}

static inline uint32_t
inode_of(int fd)
{
        struct stat st;
        assert_int_equal(fstat(fd, &st), 0);
        return (uint32_t)st.st_ino;
}

static inline int
tcp_socket(void)
{
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(fd >= 0);
        return fd;
}

static inline uint32_t
count_of(const struct owners *owners, uint32_t inode)
{
        uint32_t count = 12345;
        const struct la_owner *owner = owners_of(owners, inode, &count);
        assert_int_equal(owner == NULL, count == 0);
        return count;
}

static inline void
expect_owner(const struct owners *owners, uint32_t inode, uint32_t index, pid_t pid, int fd, const char *comm)
{
        uint32_t count;
        const struct la_owner *owner = owners_of(owners, inode, &count);
        assert_in_range(index, 0, count - 1);
        assert_int_equal(owner[index].pid, pid);
        assert_int_equal(owner[index].fd, fd);
        assert_string_equal(owner[index].comm, comm);
}

struct child {
        pid_t pid;
        int said; /* what it writes */
};

/* Starts a process that does its part with the two arguments, writing to `say` when done, and then stays. */
static inline struct child
child_start(void (*part)(int say, int argument), int argument)
{
        int pipe_ends[2];
        assert_int_equal(pipe(pipe_ends), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                part(pipe_ends[1], argument);
                for (;;)
                        pause();
        }
        close(pipe_ends[1]);
        return (struct child){ .pid = pid, .said = pipe_ends[0] };
}

static inline int
child_says(const struct child *child)
{
        int said;
        assert_int_equal(read(child->said, &said, sizeof(said)), sizeof(said));
        return said;
}

static inline void
child_stop(const struct child *child)
{
        kill(child->pid, SIGKILL);
        waitpid(child->pid, NULL, 0);
        close(child->said);
}

static inline void
say(int to, int what)
{
        if (write(to, &what, sizeof(what)) != sizeof(what))
                _exit(1);
}

static inline int
call_ourselves_owner(void **state)
{
        (void)state;
        return prctl(PR_SET_NAME, "owner");
}

#define ROUNDS 25 /* a race that is lost at all is lost more than once in so many */

/* Whether a race is worth another round: on a host with very many descriptors one takes seconds. */
static inline bool
once_more(int rounds, time_t begin)
{
        return rounds < 2 || (rounds < ROUNDS && time(NULL) - begin < 5);
}

/* Each test of both sources. */
#define BOTH(test)                                          \
        { #test " (/proc)", test, NULL, NULL, &from_proc }, \
        {                                                   \
#test " (BPF)", test, NULL, NULL, &from_bpf \
        }

#endif
