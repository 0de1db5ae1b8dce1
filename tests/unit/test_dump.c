/* SPDX-License-Identifier: BSD-2-Clause */
/* The dump of this very host, over netlink and, where a seccomp filter denies netlink, from /proc: a listener of our
 * own must be found in both, by its port and inode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "linux/count.h"
#include "linux/netns.h"

struct listener {
        int fd;
        uint16_t port;
        uint32_t inode;
};

static struct listener
listen_somewhere(void)
{
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        socklen_t size = sizeof(address);
        struct listener l = { .fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) };
        struct stat status;

        assert_true(l.fd >= 0);
        assert_int_equal(bind(l.fd, (struct sockaddr *)&address, size), 0);
        assert_int_equal(listen(l.fd, 17), 0);
        assert_int_equal(getsockname(l.fd, (struct sockaddr *)&address, &size), 0);
        assert_int_equal(fstat(l.fd, &status), 0);
        l.port = ntohs(address.sin_port);
        l.inode = (uint32_t)status.st_ino;
        return l;
}

/* 0 if the listener is found as it is, with *ret_snapshot and *ret_report; otherwise a negative errno. */
static int
find(const struct dump_request *request, const struct listener *l, struct la_snapshot *ret_snapshot,
     struct dump_report *ret_report)
{
        struct la_snapshot s;
        struct dump *dump;
        bool found = false;
        int r = dump_open(request, &dump);

        if (r < 0)
                return r;
        memset(&s, 0, sizeof(s));
        while ((r = dump_next(dump, &s)) > 0)
                if (r == DUMP_SOCKET && s.state == LA_LISTEN && s.local.port == l->port && s.inode == l->inode) {
                        *ret_snapshot = s;
                        found = true;
                }
        *ret_report = dump_report(dump);
        dump_close(dump);
        return r < 0 ? r : found ? 0 : -ENODATA;
}

static void
skip_because(const char *reason)
{
        printf("# %s\n", reason);
        fflush(stdout);
        skip();
}

static void
over_netlink(void **unused)
{
        struct dump_request request = { .states = 1u << LA_LISTEN, .want = DUMP_WANT_MEMORY };
        struct listener l = listen_somewhere();
        struct dump_report report;
        struct la_snapshot s;
        uint32_t netns;

        (void)unused;
        assert_int_equal(find(&request, &l, &s, &report), 0);
        close(l.fd);
        if (report.source != DUMP_FROM_NETLINK) {
                skip_because("netlink is refused here");
        }
        assert_int_equal(s.send_queue, 17);
        assert_true(s.known & LA_KNOWN_QUEUE_LIMIT);
        assert_true(s.known & LA_KNOWN_MEMORY);
        assert_int_equal(s.uid, getuid());
        assert_int_equal(netns_inode(0, &netns), 0);
        assert_true(s.known & LA_KNOWN_NETNS);
        assert_int_equal(s.netns, netns);
        assert_int_equal(report.malformed, 0);
}

static void
from_proc(void **unused)
{
        struct dump_request request = { .states = 1u << LA_LISTEN, .proc_only = true };
        struct listener l = listen_somewhere();
        struct dump_report report;
        struct la_snapshot s;

        (void)unused;
        assert_int_equal(find(&request, &l, &s, &report), 0);
        close(l.fd);
        assert_int_equal(report.source, DUMP_FROM_PROC);
        assert_int_equal(report.refused, 0);
        assert_false(s.known & LA_KNOWN_QUEUE_LIMIT);
        assert_int_equal(s.uid, getuid());
        assert_int_equal(report.malformed, 0);
}

/* From here on, socket(AF_NETLINK, ...) fails with EPERM in this process. */
static bool
deny_netlink(void)
{
        struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        struct sock_fprog program = { sizeof(code) / sizeof(code[0]), code };

        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

enum { ALL_WELL, NO_SECCOMP = 77, NOT_FOUND, WRONG_REPORT, WRONG_COUNT };

static int
without_netlink(const struct listener *l)
{
        struct dump_request request = { .states = DUMP_ALL_STATES };
        uint64_t counts[LA_STATE_COUNT];
        struct dump_report report;
        struct la_snapshot s;

        if (!deny_netlink())
                return NO_SECCOMP;
        if (find(&request, l, &s, &report) < 0)
                return NOT_FOUND;
        if (report.source != DUMP_FROM_PROC || report.refused != EPERM)
                return WRONG_REPORT;
        if (count_states(&request, counts, &report) < 0 || counts[LA_LISTEN] == 0 || report.source != DUMP_FROM_PROC)
                return WRONG_COUNT;
        return ALL_WELL;
}

static void
from_proc_where_netlink_is_denied(void **unused)
{
        struct listener l = listen_somewhere();
        int status;
        pid_t child = fork();

        (void)unused;
        assert_true(child >= 0);
        if (child == 0)
                _exit(without_netlink(&l));
        assert_int_equal(waitpid(child, &status, 0), child);
        close(l.fd);
        assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == NO_SECCOMP) {
                skip_because("this kernel has no seccomp filters");
        }
        assert_int_equal(WEXITSTATUS(status), ALL_WELL);
}

/* A socket that is bound and does nothing yet: Linux tells it since 6.8. */
static void
closed_is_told_or_said_to_be_missing(void **unused)
{
        struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        struct dump_request request = { .states = 1u << LA_CLOSED, .want = DUMP_WANT_BOUND };
        uint64_t counts[LA_STATE_COUNT];
        struct dump_report report;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        (void)unused;
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
        assert_int_equal(count_states(&request, counts, &report), 0);
        close(fd);
        assert_true(counts[LA_CLOSED] > 0 || report.missing_states == 1u << LA_CLOSED);
}

int
main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(over_netlink),
                cmocka_unit_test(from_proc),
                cmocka_unit_test(from_proc_where_netlink_is_denied),
                cmocka_unit_test(closed_is_told_or_said_to_be_missing),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
