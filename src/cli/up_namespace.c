/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * up_namespace.c - network namespaces of one's own, for who has no privileges, or does not want the host's network touched.
 *
 * A child enters them and makes the interface; the descriptor of a TUN device works from anywhere, so it is handed back,
 * and the stack stays outside: what it forwards to are this host's servers.  The child then waits, so that others can
 * join it (nsenter), or runs the command.
 */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/gettext.h"
#include "cli/say_error.h"
#include "cli/up.h"

#define NOT_RUN 127 /* as a shell says of a command that is not there */

/* What the child tells: a status, what it was about, and the descriptors beside it. */
struct report {
        int status;
        char what[64];
};

static int
write_file(const char *path, const char *text)
{
        int fd = open(path, O_WRONLY | O_CLOEXEC), status = 0;

        if (fd < 0)
                return -errno;
        if (write(fd, text, strlen(text)) < 0)
                status = -errno;
        close(fd);
        return status;
}

/* In a user namespace of one's own one may make network namespaces, and be root in them. */
static int
become_root(uid_t uid, gid_t gid)
{
        char map[64];
        int status;

        status = write_file("/proc/self/setgroups", "deny");
        if (status < 0 && status != -ENOENT)
                return status;
        snprintf(map, sizeof(map), "0 %u 1", (unsigned int)uid);
        status = write_file("/proc/self/uid_map", map);
        snprintf(map, sizeof(map), "0 %u 1", (unsigned int)gid);
        return status < 0 ? status : write_file("/proc/self/gid_map", map);
}

static int
enter(struct report *report)
{
        uid_t uid = geteuid();
        gid_t gid = getegid();

        snprintf(report->what, sizeof(report->what), "%s", N_("namespaces of its own"));
        if (uid == 0 && unshare(CLONE_NEWNET) == 0)
                return 0;
        if (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
                return -errno;
        return become_root(uid, gid);
}

static int
raise_loopback(void)
{
        struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        int status = fd < 0 || ioctl(fd, SIOCSIFFLAGS, &lo) < 0 ? -errno : 0;

        if (fd >= 0)
                close(fd);
        return status;
}

static int
furnish(const struct up_request *r, struct report *report, struct la_link **links)
{
        struct la_tun_config tun = up_tun_config(r);
        int status = enter(report);

        if (status == 0)
                status = raise_loopback();
        if (status < 0)
                return status;
        snprintf(report->what, sizeof(report->what), "%s", N_("the interface"));
        return la_tun_open(&tun, links);
}

/* ---- Descriptors from one process to the other: unix(7), SCM_RIGHTS ---- */

union rights {
        struct cmsghdr header;
        char room[CMSG_SPACE(sizeof(int) * UP_QUEUES_MAX)];
};

static int
send_report(int socket, struct report *report, const int *fds, size_t n)
{
        union rights rights = { 0 };
        struct iovec v = { report, sizeof(*report) };
        struct msghdr message = { .msg_iov = &v, .msg_iovlen = 1 };

        if (n > 0) {
                message.msg_control = &rights;
                message.msg_controllen = CMSG_SPACE(sizeof(int) * n);
                rights.header.cmsg_level = SOL_SOCKET;
                rights.header.cmsg_type = SCM_RIGHTS;
                rights.header.cmsg_len = CMSG_LEN(sizeof(int) * n);
                memcpy(CMSG_DATA(&rights.header), fds, sizeof(int) * n);
        }
        return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

static int
receive_report(int socket, struct report *report, int *fds, size_t n)
{
        union rights rights = { 0 };
        struct iovec v = { report, sizeof(*report) };
        struct msghdr message = {
                .msg_iov = &v, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof(rights)
        };

        if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != sizeof(*report))
                return -ECHILD;
        if (report->status == 0) {
                if (rights.header.cmsg_type != SCM_RIGHTS || rights.header.cmsg_len != CMSG_LEN(sizeof(int) * n))
                        return -EPROTO;
                memcpy(fds, CMSG_DATA(&rights.header), sizeof(int) * n);
        }
        return report->status;
}

/* ---- The child ---- */

/* The stack's end is the end of the pipe, and of this. */
_Noreturn static void
wait_and_run(const struct up_request *r, int go_fd)
{
        sigset_t none;
        char byte;

        sigemptyset(&none);
        if (!r->command)
                signal(SIGINT, SIG_IGN); /* Ctrl-C is the stack's */
        sigprocmask(SIG_SETMASK, &none, NULL);
        while (read(go_fd, &byte, 1) == 1)
                if (r->command) {
                        execvp(r->command[0], r->command);
                        say_error("%s: %s\n", r->command[0], strerror(errno));
                        _exit(NOT_RUN);
                }
        _exit(0);
}

_Noreturn static void
live_in_it(const struct up_request *r, int socket, int go_fd)
{
        struct report report = { 0 };
        struct la_link *links[UP_QUEUES_MAX];
        int fds[UP_QUEUES_MAX];

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        report.status = furnish(r, &report, links);
        for (size_t i = 0; i < r->queues && report.status == 0; i++)
                fds[i] = la_link_fd(links[i]);
        for (size_t i = 0; i < r->hosts && report.status == 0; i++)
                report.status = la_interface_address(r->name, r->host[i].family, r->host[i].bytes, r->host[i].prefix);
        if (send_report(socket, &report, fds, report.status == 0 ? r->queues : 0) < 0 || report.status < 0)
                _exit(1);
        for (size_t i = 0; i < r->queues; i++)
                la_link_close(links[i]);
        close(socket);
        wait_and_run(r, go_fd);
}

int
up_namespace_make(const struct up_request *r, struct up_namespace *ret_namespace, int *ret_fds, const char **ret_what)
{
        static struct report report;
        int sockets[2], go[2], status;
        pid_t pid;

        *ret_what = N_("a process in namespaces of its own");
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) < 0 || pipe2(go, O_CLOEXEC) < 0)
                return -errno;
        fflush(NULL);
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                close(sockets[0]);
                close(go[1]);
                live_in_it(r, sockets[1], go[0]);
        }
        close(sockets[1]);
        close(go[0]);
        status = receive_report(sockets[0], &report, ret_fds, r->queues);
        close(sockets[0]);
        if (report.what[0])
                *ret_what = report.what;
        *ret_namespace = (struct up_namespace){ pid, go[1] };
        return status;
}

int
up_command_hold(const struct up_request *r, struct up_namespace *ret_namespace)
{
        int go[2];
        pid_t pid;

        if (pipe2(go, O_CLOEXEC) < 0)
                return -errno;
        fflush(NULL);
        pid = fork();
        if (pid < 0)
                return -errno;
        if (pid == 0) {
                close(go[1]);
                prctl(PR_SET_PDEATHSIG, SIGTERM);
                wait_and_run(r, go[0]);
        }
        close(go[0]);
        *ret_namespace = (struct up_namespace){ pid, go[1] };
        return 0;
}
