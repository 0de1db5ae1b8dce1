/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * deny_netlink - runs a command that may not make netlink sockets, as in a sandbox.
 *
 *         deny_netlink COMMAND [ARGUMENT...]
 *
 * Exits with 77 and the reason on standard error where the kernel has no seccomp filters.
 */
#include <err.h>
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
        SKIP = 77,
};

#define LOAD(field)       BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define SKIP_UNLESS(k, n) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (k), 0, (n))
#define RETURN(what)      BPF_STMT(BPF_RET | BPF_K, (what))

/* The first argument's lower half: socket() takes an int. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOAD_FIRST_ARGUMENT LOAD(args[0])
#else
#define LOAD_FIRST_ARGUMENT BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0]) + 4)
#endif

int
main(int argc, char **argv)
{
        struct sock_filter rules[] = {
                LOAD(nr),
                SKIP_UNLESS(SYS_socket, 3),
                LOAD_FIRST_ARGUMENT,
                SKIP_UNLESS(AF_NETLINK, 1),
                RETURN(SECCOMP_RET_ERRNO | EACCES),
                RETURN(SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { .len = sizeof(rules) / sizeof(*rules), .filter = rules };

        if (argc < 2)
                errx(64, "which command?");
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0) {
                fprintf(stderr, "no seccomp filters here: %s\n", strerror(errno));
                return SKIP;
        }
        execvp(argv[1], argv + 1);
        err(1, "cannot run %s", argv[1]);
}
