/* SPDX-License-Identifier: BSD-2-Clause */
/* Network namespaces without having any but our own: names that are none, and coming back.  setns() is played. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "linux/netns.h"

static int setns_calls, setns_errors[2]; /* of the first calls; 0: it works */
static bool setns_refuses;

int __wrap_setns(int fd, int kind);

int
__wrap_setns(int fd, int kind)
{
        assert_int_equal(kind, CLONE_NEWNET);
        assert_true(fcntl(fd, F_GETFD) >= 0);
        errno = setns_refuses ? EPERM : setns_calls < 2 ? setns_errors[setns_calls] : 0;
        setns_calls++;
        return errno ? -1 : 0;
}

static unsigned int
open_files(void)
{
        DIR *directory = opendir("/proc/self/fd");
        unsigned int count = 0;

        assert_non_null(directory);
        while (readdir(directory))
                count++;
        closedir(directory);
        return count;
}

static int
begin(void **unused)
{
        (void)unused;
        setns_calls = 0;
        setns_refuses = false;
        memset(setns_errors, 0, sizeof(setns_errors));
        return 0;
}

/* A descriptor that is not of our namespace: where it leads does not matter. */
static int
elsewhere(void)
{
        int fd = open("/", O_RDONLY | O_CLOEXEC);

        assert_true(fd > 0);
        return fd;
}

/* ---- Going and coming back ---- */

static void
own_namespace_needs_no_journey(void **unused)
{
        struct netns_visit visit;
        int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

        (void)unused;
        assert_true(own > 0);
        assert_int_equal(netns_enter(0, &visit), 0);
        assert_int_equal(netns_leave(&visit), 0);
        assert_int_equal(netns_enter(own, &visit), 0);
        assert_int_equal(netns_leave(&visit), 0);
        assert_int_equal(setns_calls, 0);
        close(own);
}

static void
there_and_back(void **unused)
{
        struct netns_visit visit;
        int fd = elsewhere();
        unsigned int before = open_files();

        (void)unused;
        assert_int_equal(netns_enter(fd, &visit), 0);
        assert_int_equal(setns_calls, 1);
        assert_int_equal(netns_leave(&visit), 0);
        assert_int_equal(setns_calls, 2);
        assert_int_equal(netns_leave(&visit), 0); /* a second time changes nothing */
        assert_int_equal(setns_calls, 2);
        assert_int_equal(open_files(), before);
        close(fd);
}

static void
not_let_in(void **unused)
{
        struct netns_visit visit = { -77 };
        int fd = elsewhere();
        unsigned int before = open_files();

        (void)unused;
        setns_errors[0] = EPERM;
        assert_int_equal(netns_enter(fd, &visit), -EPERM);
        assert_int_equal(visit.home, -77);
        assert_int_equal(open_files(), before);
        close(fd);
}

static void
no_way_back(void **unused)
{
        int fd = elsewhere();
        unsigned int before = open_files();

        (void)unused;
        setns_errors[1] = EPERM;
        assert_int_equal(netns_open_file(fd, "/dev/null"), -EPERM);
        assert_int_equal(open_files(), before);
        close(fd);
}

static void
back_even_if_the_file_is_not_there(void **unused)
{
        int fd = elsewhere();
        unsigned int before = open_files();

        (void)unused;
        assert_int_equal(netns_open_file(fd, "/nonexistent"), -ENOENT);
        assert_int_equal(setns_calls, 2);
        assert_int_equal(open_files(), before);
        close(fd);
}

/* ---- Lists ---- */

static void
own_namespace_listed(void **unused)
{
        struct netns_list list = { 0 };
        uint32_t inode;

        (void)unused;
        assert_int_equal(netns_inode(0, &inode), 0);
        assert_true(inode != 0);
        assert_int_equal(netns_list_open(NULL, &list), 0);
        assert_int_equal(list.count, 1);
        assert_int_equal(list.netns[0].fd, 0);
        assert_int_equal(list.netns[0].inode, inode);
        netns_list_close(&list);
        netns_list_close(&list);
}

static void
ourselves_by_pid(void **unused)
{
        struct netns_list list;
        char pid[32], with_name[64];
        uint32_t inode;
        unsigned int before = open_files();

        (void)unused;
        assert_int_equal(netns_inode(0, &inode), 0);
        snprintf(pid, sizeof(pid), "%d", getpid());
        snprintf(with_name, sizeof(with_name), "%d:test_netns", getpid());
        assert_int_equal(netns_list_open(pid, &list), 0);
        assert_int_equal(list.count, 1);
        assert_int_equal(list.netns[0].inode, inode);
        assert_string_equal(list.netns[0].name, pid);
        netns_list_close(&list);
        assert_int_equal(netns_list_open(with_name, &list), 0);
        assert_int_equal(list.netns[0].inode, inode);
        netns_list_close(&list);
        assert_int_equal(netns_list_open("/proc/self/ns/net", &list), 0);
        assert_int_equal(list.netns[0].inode, inode);
        netns_list_close(&list);
        assert_int_equal(open_files(), before);
}

static void
words_that_are_no_namespace(void **unused)
{
        static const struct {
                const char *which;
                int error;
        } words[] = {
                { "", -ENOENT },
                { ".", -ENOENT },
                { "..", -ENOENT },
                { "no-such-name", -ENOENT },
                { "0", -ENOENT },
                { "-1", -ENOENT },
                { "99999999999999999999", -ENOENT },
                { "1x", -ENOENT },
                { "/nonexistent", -ENOENT },
                { "/", -EINVAL },
                { "/dev/null", -EINVAL },
                { "/proc/self/ns/mnt", -EINVAL },
        };
        struct netns_list list = { .count = 77 };
        unsigned int before = open_files();

        (void)unused;
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
                assert_int_equal(netns_list_open(words[i].which, &list), words[i].error);
                assert_int_equal(list.count, 77);
        }
        assert_int_equal(open_files(), before);
}

/* A pipe that nobody writes into must not stop us. */
static void
pipe_is_no_namespace(void **unused)
{
        char directory[] = "/tmp/lastack-test-XXXXXX", path[64];
        struct netns_list list;

        (void)unused;
        assert_non_null(mkdtemp(directory));
        snprintf(path, sizeof(path), "%s/pipe", directory);
        assert_int_equal(mkfifo(path, 0600), 0);
        assert_int_equal(netns_list_open(path, &list), -EINVAL);
        unlink(path);
        rmdir(directory);
}

/* Where nothing but our own may be entered, our own is there, first, with a name, and the rest is counted. */
static void
all_that_may_be_seen(void **unused)
{
        struct netns_list list;
        uint32_t inode;

        (void)unused;
        assert_int_equal(netns_inode(0, &inode), 0);
        setns_refuses = true;
        assert_int_equal(netns_list_open("all", &list), 0);
        assert_int_equal(list.count, 1);
        assert_int_equal(list.refused, setns_calls);
        assert_int_equal(list.netns[0].fd, 0);
        assert_int_equal(list.netns[0].inode, inode);
        assert_true(strlen(list.netns[0].name) > 0);
        netns_list_close(&list);
}

static void
every_problem_has_its_sentence(void **unused)
{
        static const int errors[] = { -ENOENT, -ESRCH, -EINVAL, -EPERM, -EACCES, -EMFILE };

        (void)unused;
        for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
                assert_non_null(strstr(netns_problem(errors[i]), "%s"));
        assert_non_null(strstr(netns_problem(-ENOENT), "there is no"));
        assert_non_null(strstr(netns_problem(-EPERM), "CAP_SYS_ADMIN"));
        assert_null(netns_problem(-ENOMEM));
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup(function, begin)
        const struct CMUnitTest tests[] = {
                TEST(own_namespace_needs_no_journey),
                TEST(there_and_back),
                TEST(not_let_in),
                TEST(no_way_back),
                TEST(back_even_if_the_file_is_not_there),
                TEST(own_namespace_listed),
                TEST(ourselves_by_pid),
                TEST(words_that_are_no_namespace),
                TEST(pipe_is_no_namespace),
                TEST(all_that_may_be_seen),
                TEST(every_problem_has_its_sentence),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
