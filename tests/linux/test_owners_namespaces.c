/* SPDX-License-Identifier: BSD-2-Clause */
/* Owners in a PID namespace of the test's own, where it knows every process there is. */
#define _GNU_SOURCE
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "linux/owners.h"

/* What the first process of the namespace found out, as its exit status. */
enum finding {
        AS_EXPECTED,
        NO_NAMESPACE,
        NO_BPF,
        NOT_COLLECTED,
        WRONG_COUNT,
        WRONG_PID,
        WRONG_HIDDEN,
};

static uint32_t
inode_of(int fd)
{
        struct stat st;
        return fstat(fd, &st) < 0 ? 0 : (uint32_t)st.st_ino;
}

static pid_t
start_sleeper(void)
{
        pid_t pid = fork();
        if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                for (;;)
                        pause();
        }
        return pid;
}

/* Waits for a process and returns what it found. */
static enum finding
finding_of(pid_t pid)
{
        int status = 0;
        if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
                return NOT_COLLECTED;
        return (enum finding)WEXITSTATUS(status);
}

static pid_t run(enum finding (*part)(void))
{
        pid_t pid = fork();
        if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                _exit((int)part());
        }
        return pid;
}

static enum finding (*first_process)(void);

static enum finding
with_own_proc(void)
{
        return mount("proc", "/proc", "proc", 0, NULL) < 0 ? NO_NAMESPACE : first_process();
}

static enum finding
new_namespace(void)
{
        if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
                return NO_NAMESPACE;
        return finding_of(run(with_own_proc));
}

/* Runs `first` as process 1 of a new PID namespace with its own /proc. */
static enum finding in_pid_namespace(enum finding (*first)(void))
{
        first_process = first;
        return finding_of(run(new_namespace));
}

static void
expect_as_expected(enum finding found)
{
        static const char *const reasons[] = {
                [NO_NAMESPACE] = "the kernel does not permit a PID namespace of our own (needs root)",
                [NO_BPF] = "built without BPF, or the kernel does not permit it here",
        };
        if (found == NO_NAMESPACE || found == NO_BPF) {
                printf("# %s\n", reasons[found]);
                fflush(stdout);
                skip();
        }
        assert_int_equal(found, AS_EXPECTED);
}

/* The kernel's walk must give the numbers that processes have here, not those of the first namespace. */
static enum finding
numbers_by_bpf(void)
{
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        pid_t sharer = start_sleeper();
        struct owners *owners;
        if (owners_collect_from(OWNERS_FROM_BPF, &owners) < 0)
                return NO_BPF;
        uint32_t count;
        const struct la_owner *owner = owners_of(owners, inode_of(fd), &count);
        if (count != 2)
                return WRONG_COUNT;
        return getpid() == 1 && owner[0].pid == 1 && owner[1].pid == sharer ? AS_EXPECTED : WRONG_PID;
}

static void
pids_are_those_of_our_namespace(void **state)
{
        (void)state;
        expect_as_expected(in_pid_namespace(numbers_by_bpf));
}

static uint32_t expected_hidden;

static enum finding
look_as_nobody(void)
{
        struct owners *owners;
        if (setgid(65534) < 0 || setuid(65534) < 0)
                return NO_NAMESPACE;
        if (owners_collect_from(OWNERS_FROM_PROC, &owners) < 0)
                return NOT_COLLECTED;
        return owners_hidden(owners) == expected_hidden ? AS_EXPECTED : WRONG_HIDDEN;
}

/* Of the processes here, two hold descriptors: process 1 and the sleeper.  The zombie holds none. */
static enum finding
count_hidden(void)
{
        pid_t sleeper = start_sleeper(), zombie = fork();
        if (zombie == 0)
                _exit(0);
        siginfo_t info;
        if (sleeper < 0 || zombie < 0 || waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT) < 0)
                return NO_NAMESPACE;
        expected_hidden = 2;
        return finding_of(run(look_as_nobody));
}

static void
only_who_may_hold_sockets_is_hidden(void **state)
{
        (void)state;
        expect_as_expected(in_pid_namespace(count_hidden));
}

static enum finding
hidden_by_the_mount(void)
{
        if (mount("proc", "/proc", "proc", MS_REMOUNT, "hidepid=2") < 0)
                return NO_NAMESPACE;
        expected_hidden = 1;
        return finding_of(run(look_as_nobody));
}

static void
hidepid_is_noticed(void **state)
{
        (void)state;
        expect_as_expected(in_pid_namespace(hidden_by_the_mount));
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(pids_are_those_of_our_namespace),
                cmocka_unit_test(only_who_may_hold_sockets_is_hidden),
                cmocka_unit_test(hidepid_is_noticed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
