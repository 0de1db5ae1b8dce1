/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * kill_at.c - kill -9 between any two steps.
 *
 *         kill_at N COMMAND...
 *
 * Runs a command and kills it when it is about to do the Nth thing (from 1) that changes anything outside of itself: a
 * write, a file made, renamed or removed, an fsync.  Its children live on.  Ends with 99 if it was killed, else as the
 * command does.
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

enum { KILLED = 99, UNAVAILABLE = 77 };

static bool
changes_something(const struct ptrace_syscall_info *call)
{
        switch (call->entry.nr) {
        case SYS_write:
        case SYS_fsync:
        case SYS_fchmod:
        case SYS_renameat2:
        case SYS_unlinkat:
        case SYS_ftruncate:
        case SYS_clone:
#ifdef SYS_unlink
        case SYS_unlink:
        case SYS_mkdir:
#endif
                return true;
        case SYS_openat:
                return (call->entry.args[2] & O_ACCMODE) != O_RDONLY;
        default:
                return false;
        }
}

static void __attribute__((noreturn)) be_the_command(char **command)
{
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
                exit(UNAVAILABLE);
        raise(SIGSTOP);
        execvp(command[0], command);
        err(127, "%s", command[0]);
}

/* To the next stop; false, and *ret_status set, when it has ended. */
static bool
next_stop(pid_t pid, int deliver, int *ret_status)
{
        if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(intptr_t)deliver) < 0 || waitpid(pid, ret_status, 0) < 0)
                return false;
        return WIFSTOPPED(*ret_status);
}

static int
run(pid_t pid, long wanted)
{
        struct ptrace_syscall_info call;
        int status, deliver = 0;
        long count = 0;

        if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
                return WIFEXITED(status) ? WEXITSTATUS(status) : UNAVAILABLE;
        ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(intptr_t)PTRACE_O_TRACESYSGOOD);
        while (next_stop(pid, deliver, &status)) {
                deliver = WSTOPSIG(status) == (SIGTRAP | 0x80) || WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
                if (WSTOPSIG(status) != (SIGTRAP | 0x80) ||
                    ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(call), &call) < 0 ||
                    call.op != PTRACE_SYSCALL_INFO_ENTRY || !changes_something(&call) || ++count < wanted)
                        continue;
                kill(pid, SIGKILL);
                waitpid(pid, &status, 0);
                return KILLED;
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int
main(int argc, char **argv)
{
        pid_t pid;

        if (argc < 3)
                errx(64, "kill_at N COMMAND...");
        pid = fork();
        if (pid < 0)
                err(1, "fork");
        if (pid == 0)
                be_the_command(argv + 2);
        return run(pid, strtol(argv[1], NULL, 10));
}
