/* SPDX-License-Identifier: BSD-2-Clause */
/* Who holds a socket, asked of both sources about processes made for the purpose. */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/resource.h>
#include <sys/socket.h>

#include "owners_words.h"

static bool no_proc; /* as in a chroot: there is not even the directory */

DIR *__wrap_opendir(const char *name);
DIR *__real_opendir(const char *name);

DIR *
__wrap_opendir(const char *name)
{
        if (!no_proc || strcmp(name, "/proc") != 0)
                return __real_opendir(name);
        errno = ENOENT;
        return NULL;
}

static void
a_socket_is_ours(void **state)
{
        int fd = tcp_socket();
        struct owners *owners = collect(state);
        assert_int_equal(count_of(owners, inode_of(fd)), 1);
        expect_owner(owners, inode_of(fd), 0, getpid(), fd, "owner");
        owners_free(owners);
        close(fd);
}

static void
every_descriptor_is_a_row(void **state)
{
        int fd = tcp_socket(), again = dup(fd);
        struct owners *owners = collect(state);
        assert_int_equal(count_of(owners, inode_of(fd)), 2);
        expect_owner(owners, inode_of(fd), 0, getpid(), fd, "owner");
        expect_owner(owners, inode_of(fd), 1, getpid(), again, "owner");
        owners_free(owners);
        close(again);
        close(fd);
}

static void
take_an_odd_name(int to, int fd)
{
        prctl(PR_SET_NAME, "a) [b] c:15 byte");
        say(to, fd);
}

static void
a_forked_child_shares(void **state)
{
        int fd = tcp_socket();
        struct child child = child_start(take_an_odd_name, fd);
        child_says(&child);
        struct owners *owners = collect(state);
        bool child_first = child.pid < getpid();
        assert_int_equal(count_of(owners, inode_of(fd)), 2);
        expect_owner(owners, inode_of(fd), child_first ? 1 : 0, getpid(), fd, "owner");
        expect_owner(owners, inode_of(fd), child_first ? 0 : 1, child.pid, fd, "a) [b] c:15 byt");
        owners_free(owners);
        child_stop(&child);
        close(fd);
}

union fd_message {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
};

static void
send_fd(int over, int fd)
{
        union fd_message control = { .header = { CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS } };
        memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
        char byte = 0;
        struct iovec text = { &byte, 1 };
        struct msghdr message = {
                .msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };
        assert_int_equal(sendmsg(over, &message, 0), 1);
}

static void
receive_fd(int to, int over)
{
        union fd_message control;
        char byte;
        int fd;
        struct iovec text = { &byte, 1 };
        struct msghdr message = {
                .msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
        };
        if (recvmsg(over, &message, 0) != 1)
                _exit(1);
        memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
        say(to, fd);
}

static void
a_passed_socket_changes_hands(void **state)
{
        int ends[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
        struct child child = child_start(receive_fd, ends[1]);
        int fd = tcp_socket();
        uint32_t inode = inode_of(fd);
        send_fd(ends[0], fd);
        close(fd);
        int childs_fd = child_says(&child);
        struct owners *owners = collect(state);
        assert_int_equal(count_of(owners, inode), 1);
        expect_owner(owners, inode, 0, child.pid, childs_fd, "owner");
        owners_free(owners);
        child_stop(&child);
        close(ends[0]);
        close(ends[1]);
}

static void
nobody_owns_what_is_closed(void **state)
{
        int fd = tcp_socket();
        uint32_t inode = inode_of(fd);
        close(fd);
        struct owners *owners = collect(state);
        assert_int_equal(count_of(owners, inode), 0);
        assert_int_equal(count_of(owners, 0), 0);
        assert_int_equal(count_of(owners, UINT32_MAX), 0);
        owners_free(owners);
}

static void
a_file_is_no_socket(void **state)
{
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        struct owners *owners = collect(state);
        assert_int_equal(count_of(owners, inode_of(ends[0])), 0);
        owners_free(owners);
        close(ends[0]);
        close(ends[1]);
}

#define MANY 2000
static void
stay(int to, int argument)
{
        say(to, argument);
}

/* Numbers at even distances hash without a collision; those with gaps of all sizes between do not. */
static int
tcp_socket_after_a_gap(void)
{
        static uint32_t random;
        random = random * 1664525 + 1013904223;
        for (uint32_t i = random >> 29; i > 0; i--)
                close(tcp_socket());
        return tcp_socket();
}

static void
each_of_many_is_found(void **state)
{
        static int fds[MANY];
        struct rlimit limit;
        getrlimit(RLIMIT_NOFILE, &limit);
        rlim_t before = limit.rlim_cur;
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
        int many = limit.rlim_cur > MANY + 100 ? MANY : (int)limit.rlim_cur - 100;
        for (int i = 0; i < many; i++)
                fds[i] = tcp_socket_after_a_gap();
        struct child child = child_start(stay, 0);
        child_says(&child);

        struct owners *owners = collect(state);
        uint32_t child_first = child.pid < getpid();
        for (int i = 0; i < many; i++) {
                assert_int_equal(count_of(owners, inode_of(fds[i])), 2);
                expect_owner(owners, inode_of(fds[i]), child_first, getpid(), fds[i], "owner");
                expect_owner(owners, inode_of(fds[i]), !child_first, child.pid, fds[i], "owner");
        }
        owners_free(owners);

        child_stop(&child);
        for (int i = 0; i < many; i++)
                close(fds[i]);
        limit.rlim_cur = before;
        setrlimit(RLIMIT_NOFILE, &limit);
}

static void *
wait_for_ever(void *argument)
{
        for (;;)
                pause();
        return argument;
}

static void
threads_are_one_owner(void **state)
{
        int fd = tcp_socket();
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, wait_for_ever, NULL), 0);
        struct owners *owners = collect(state);
        assert_int_equal(count_of(owners, inode_of(fd)), 1);
        expect_owner(owners, inode_of(fd), 0, getpid(), fd, "owner");
        owners_free(owners);
        pthread_cancel(thread);
        pthread_join(thread, NULL);
        close(fd);
}

/* Its first thread ends, and two go on: the kernel then walks their common files once for each. */
static void
leave_two_threads(int to, int fd)
{
        pthread_t thread;
        (void)fd;
        for (int i = 0; i < 2; i++)
                pthread_create(&thread, NULL, wait_for_ever, NULL);
        say(to, getpid());
        pthread_exit(NULL);
}

static bool
is_zombie(pid_t pid)
{
        char name[32], text[256] = "";
        snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
        FILE *stat_file = fopen(name, "re");
        assert_non_null(stat_file);
        size_t n = fread(text, 1, sizeof(text) - 1, stat_file);
        text[n] = '\0';
        fclose(stat_file);
        const char *after = strrchr(text, ')');
        return after && strncmp(after, ") Z", 3) == 0;
}

static void
threads_without_their_first_are_one_owner(void **state)
{
        int fd = tcp_socket();
        struct child child = child_start(leave_two_threads, fd);
        child_says(&child);
        for (int waited_ms = 0; waited_ms < 2000 && !is_zombie(child.pid); waited_ms++)
                usleep(1000);
        assert_true(is_zombie(child.pid));
        struct owners *owners = collect(state);
        bool child_first = child.pid < getpid();
        assert_int_equal(count_of(owners, inode_of(fd)), 2);
        expect_owner(owners, inode_of(fd), child_first ? 0 : 1, child.pid, fd, "owner");
        owners_free(owners);
        child_stop(&child);
        close(fd);
}

static void
look_as_nobody(int to, int fd)
{
        uint32_t inode = inode_of(fd);
        struct owners *owners;
        close(fd);
        if (setgid(65534) < 0 || setuid(65534) < 0 || owners_collect(&owners) < 0)
                _exit(1);
        say(to, (int)owners_source(owners));
        say(to, (int)owners_hidden(owners));
        say(to, (int)count_of(owners, inode));
}

/* In a process of its own: it gives up its rights. */
static void
the_unprivileged_are_told_what_is_hidden(void **state)
{
        (void)state;
        if (geteuid() != 0)
                skip_because("needs root, to become somebody who may not look into this process");
        int fd = tcp_socket();
        struct child child = child_start(look_as_nobody, fd);
        assert_int_equal(child_says(&child), OWNERS_FROM_PROC);
        assert_in_range(child_says(&child), 1, INT32_MAX);
        assert_int_equal(child_says(&child), 0);
        child_stop(&child);
        close(fd);
}

static void
any_source_will_do(void **state)
{
        (void)state;
        int fd = tcp_socket();
        struct owners *owners;
        assert_int_equal(owners_collect(&owners), 0);
        expect_owner(owners, inode_of(fd), 0, getpid(), fd, "owner");
        owners_free(owners);
        owners_free(NULL);
        close(fd);
}

static void
without_proc_all_is_hidden(void **unused)
{
        struct owners *owners;
        uint32_t count = 7;

        (void)unused;
        no_proc = true;
        int r = owners_collect_from(OWNERS_FROM_PROC, &owners);
        no_proc = false;
        assert_int_equal(r, 0);
        assert_true(owners_hidden(owners) > 0);
        assert_null(owners_of(owners, 1, &count));
        assert_int_equal(count, 0);
        owners_free(owners);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                BOTH(a_socket_is_ours),
                BOTH(every_descriptor_is_a_row),
                BOTH(a_forked_child_shares),
                BOTH(a_passed_socket_changes_hands),
                BOTH(nobody_owns_what_is_closed),
                BOTH(a_file_is_no_socket),
                BOTH(each_of_many_is_found),
                BOTH(threads_are_one_owner),
                cmocka_unit_test_prestate(threads_without_their_first_are_one_owner, &from_bpf),
                cmocka_unit_test(the_unprivileged_are_told_what_is_hidden),
                cmocka_unit_test(any_source_will_do),
                cmocka_unit_test(without_proc_all_is_hidden),
        };
        return cmocka_run_group_tests(tests, call_ourselves_owner, NULL);
}
