/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The conversation with the kernel: which requests are sent, and what is done when it answers badly.  The kernel is
 * played by a script: what it says to each datagram that is waited for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "diag_bytes.h"
#include "linux/dump.h"

/* What the kernel says next. */
enum answer {
        END_OF_SCRIPT,
        SOCKETS, /* an ESTABLISHED and a LISTEN */
        DONE,
        DONE_INTERRUPTED,
        NOT_THERE,      /* NLMSG_ERROR with ENOENT */
        DONE_NOT_THERE, /* NLMSG_DONE with ENOENT, which is how tcp_diag's absence is told */
        NOT_SPOKEN,     /* NLMSG_ERROR with EOPNOTSUPP */
        SOCKETS_INTERRUPTED,
        CUT_SHORT,  /* a datagram larger than the buffer */
        OVERFLOWED, /* the socket's buffer was full */
        SIGNAL,     /* EINTR */
        STRANGER,   /* a datagram of another process's */
        BROKEN,     /* a message with an impossible length */
        DEAD,       /* EIO */
};

static const enum answer *script;
static uint8_t requests[16]; /* of each: TCPDIAG_GETSOCK, or the family asked for */
static size_t request_count;
static uint32_t sequence, last_states, last_port;
static uint8_t last_extensions;

ssize_t __wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *bytes, size_t size);
ssize_t __wrap_recvmsg(int fd, struct msghdr *message, int flags);

ssize_t
__wrap_mnl_socket_sendto(const struct mnl_socket *nl, const void *bytes, size_t size)
{
        const struct nlmsghdr *header = bytes;

        assert_int_equal(header->nlmsg_len, size);
        assert_int_equal(header->nlmsg_flags, NLM_F_REQUEST | NLM_F_DUMP);
        assert_true(request_count < sizeof(requests));
        sequence = header->nlmsg_seq;
        last_port = mnl_socket_get_portid(nl);
        if (header->nlmsg_type == TCPDIAG_GETSOCK) {
                const struct inet_diag_req *ask = NLMSG_DATA(header);

                requests[request_count++] = TCPDIAG_GETSOCK;
                last_states = ask->idiag_states;
                last_extensions = ask->idiag_ext;
        } else {
                const struct inet_diag_req_v2 *ask = NLMSG_DATA(header);

                assert_int_equal(header->nlmsg_type, SOCK_DIAG_BY_FAMILY);
                assert_int_equal(ask->sdiag_protocol, IPPROTO_TCP);
                requests[request_count++] = ask->sdiag_family;
                last_states = ask->idiag_states;
                last_extensions = ask->idiag_ext;
        }
        return (ssize_t)size;
}

static void
say(struct diag_bytes *b, enum answer answer)
{
        switch ((int)answer) {
        case SOCKETS_INTERRUPTED:
        case SOCKETS:
                diag_socket(b, AF_INET, TCP_ESTABLISHED);
                diag_socket(b, AF_INET6, TCP_LISTEN);
                break;
        case DONE:
        case DONE_INTERRUPTED:
                diag_done(b, 0);
                break;
        case NOT_THERE:
                diag_refusal(b, -ENOENT);
                break;
        case DONE_NOT_THERE:
                diag_done(b, -ENOENT);
                break;
        case NOT_SPOKEN:
                diag_refusal(b, -EOPNOTSUPP);
                break;
        case STRANGER:
                diag_refusal(b, -EPERM);
                break;
        case BROKEN:
                diag_socket(b, AF_INET, TCP_ESTABLISHED);
                diag_last(b)->nlmsg_len = 5;
                break;
        default:
                break;
        }
        if (answer == SOCKETS_INTERRUPTED || answer == DONE_INTERRUPTED)
                diag_last(b)->nlmsg_flags |= NLM_F_DUMP_INTR;
}

static ssize_t
failing(int error)
{
        errno = error;
        return -1;
}

ssize_t
__wrap_recvmsg(int fd, struct msghdr *message, int flags)
{
        struct diag_bytes b = { .sequence = sequence, .port = last_port };
        struct sockaddr_nl *from = message->msg_name;
        enum answer answer = *script;

        (void)fd;
        (void)flags;
        if (answer == END_OF_SCRIPT)
                fail_msg("asked for more than the script has");
        script++;
        if (answer == SIGNAL)
                return failing(EINTR);
        if (answer == OVERFLOWED)
                return failing(ENOBUFS);
        if (answer == DEAD)
                return failing(EIO);
        say(&b, answer);
        *from = (struct sockaddr_nl){ .nl_family = AF_NETLINK, .nl_pid = answer == STRANGER ? 1234 : 0 };
        message->msg_namelen = sizeof(*from);
        message->msg_flags = answer == CUT_SHORT ? MSG_TRUNC : 0;
        assert_true(message->msg_iov[0].iov_len >= b.size);
        memcpy(message->msg_iov[0].iov_base, b.bytes, b.size);
        return (ssize_t)b.size;
}

/* ---- What a caller sees ---- */

static struct dump_request request;
static struct dump_report report;
static unsigned int sockets, restarts;

static int
begin(void **unused)
{
        (void)unused;
        request = (struct dump_request){ .states = DUMP_ALL_STATES, .proc = "/nonexistent" };
        request_count = 0;
        return 0;
}

/* Follows the script to its end.  Returns 0 or the error that dump_open() or dump_next() returned. */
static int
dump_with(const enum answer *answers)
{
        struct la_snapshot snapshot = { 0 };
        struct dump *dump;
        int r;

        script = answers;
        sockets = restarts = 0;
        r = dump_open(&request, &dump);
        if (r < 0)
                return r;
        while ((r = dump_next(dump, &snapshot)) > 0) {
                if (r == DUMP_SOCKET)
                        sockets++;
                if (r == DUMP_RESTARTED) {
                        sockets = 0;
                        restarts++;
                }
        }
        report = dump_report(dump);
        dump_close(dump);
        if (r == 0)
                assert_int_equal(*script, END_OF_SCRIPT);
        return r;
}
#define DUMP(...) dump_with((const enum answer[]){ __VA_ARGS__, END_OF_SCRIPT })

static void
one_walk_for_both_families(void **unused)
{
        (void)unused;
        assert_int_equal(DUMP(SOCKETS, SOCKETS, DONE), 0);
        assert_int_equal(sockets, 4);
        assert_int_equal(request_count, 1);
        assert_int_equal(requests[0], TCPDIAG_GETSOCK);
        assert_int_equal(report.source, DUMP_FROM_NETLINK);
        assert_int_equal(report.refused, 0);
        assert_false(report.inconsistent);
        assert_int_equal(report.repeats, 0);
}

static void
nothing_there(void **unused)
{
        (void)unused;
        assert_int_equal(DUMP(DONE), 0);
        assert_int_equal(sockets, 0);
}

static void
newer_dialect_where_the_older_is_not_spoken(void **unused)
{
        (void)unused;
        assert_int_equal(DUMP(NOT_SPOKEN, SOCKETS, DONE, SOCKETS, DONE), 0);
        assert_int_equal(sockets, 4);
        assert_int_equal(request_count, 3);
        assert_int_equal(requests[1], AF_INET);
        assert_int_equal(requests[2], AF_INET6);
        assert_int_equal(report.source, DUMP_FROM_NETLINK);
}

static void
kernel_without_ipv6(void **unused)
{
        (void)unused;
        assert_int_equal(DUMP(NOT_SPOKEN, SOCKETS, DONE, NOT_THERE), 0);
        assert_int_equal(sockets, 2);
}

static void
states_are_asked_for_by_linux_numbers(void **unused)
{
        (void)unused;
        request.states = 1u << LA_CLOSED | 1u << LA_SYN_RECEIVED | 1u << LA_TIME_WAIT;
        assert_int_equal(DUMP(DONE), 0);
        assert_int_equal(last_states, 1u << 7 | 1u << 3 | 1u << 6);
        assert_int_equal(last_extensions, 0);
        assert_int_equal(DUMP(NOT_SPOKEN, DONE, DONE), 0);
        assert_int_equal(last_states, 1u << 7 | 1u << 3 | 1u << 6);
}

/* What is only bound costs a walk over all ports, so it is told to who wants it. */
static void
what_is_only_bound_is_asked_for_where_wanted(void **unused)
{
        (void)unused;
        request.want = DUMP_WANT_BOUND;
        request.states = 1u << LA_CLOSED;
        assert_int_equal(DUMP(DONE), 0);
        assert_int_equal(last_states, 1u << 7 | 1u << 13);
        request.states = 1u << LA_LISTEN;
        assert_int_equal(DUMP(DONE), 0);
        assert_int_equal(last_states, 1u << 10);
}

static void
extensions_are_asked_for_where_wanted(void **unused)
{
        (void)unused;
        request.want = DUMP_WANT_TCP | DUMP_WANT_CGROUP;
        assert_int_equal(DUMP(DONE), 0);
        assert_int_equal(last_extensions, 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_CONG - 1));
        request.want = DUMP_WANT_MEMORY | DUMP_WANT_MARK;
        assert_int_equal(DUMP(NOT_SPOKEN, DONE, DONE), 0);
        assert_int_equal(last_extensions, 1 << (INET_DIAG_SKMEMINFO - 1));
}

static void
interrupted_once(void **unused)
{
        (void)unused;
        assert_int_equal(DUMP(SOCKETS, SOCKETS_INTERRUPTED, SOCKETS, DONE), 0);
        assert_int_equal(restarts, 1);
        assert_int_equal(sockets, 2);
        assert_int_equal(report.repeats, 1);
        assert_false(report.inconsistent);
}

static void
interrupted_each_time(void **unused)
{
        (void)unused;
        assert_int_equal(DUMP(SOCKETS, DONE_INTERRUPTED, DONE_INTERRUPTED, DONE_INTERRUPTED, SOCKETS_INTERRUPTED,
                              DONE_INTERRUPTED),
                         0);
        assert_int_equal(restarts, 3);
        assert_int_equal(sockets, 2);
        assert_int_equal(report.repeats, 3);
        assert_true(report.inconsistent);
}

/* Both passes of the newer dialect belong to one answer. */
static void
interrupted_in_the_second_pass(void **unused)
{
        (void)unused;
        assert_int_equal(DUMP(NOT_SPOKEN, SOCKETS, DONE, SOCKETS_INTERRUPTED, SOCKETS, DONE, DONE), 0);
        assert_int_equal(restarts, 1);
        assert_int_equal(sockets, 2);
        assert_int_equal(requests[request_count - 2], AF_INET);
}

static void
lost_datagrams_make_it_start_over(void **unused)
{
        static const enum answer losses[] = { CUT_SHORT, OVERFLOWED, BROKEN };

        (void)unused;
        for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
                request_count = 0;
                assert_int_equal(DUMP(SOCKETS, losses[i], SOCKETS, SOCKETS, DONE), 0);
                assert_int_equal(restarts, 1);
                assert_int_equal(sockets, 4);
                assert_false(report.inconsistent);
                assert_int_equal(DUMP(losses[i], SOCKETS, DONE), 0);
                assert_int_equal(restarts, 1);
        }
}

/* Less than all must not pass for all. */
static void
lost_datagrams_each_time_are_an_error(void **unused)
{
        (void)unused;
        assert_int_equal(DUMP(BROKEN, OVERFLOWED, CUT_SHORT, BROKEN), -EBADMSG);
        assert_int_equal(restarts, 3);
}

static void
signals_and_strangers_change_nothing(void **unused)
{
        (void)unused;
        assert_int_equal(DUMP(SIGNAL, STRANGER, SOCKETS, STRANGER, SIGNAL, DONE), 0);
        assert_int_equal(sockets, 2);
        assert_int_equal(request_count, 1);
}

static void
error_in_the_middle(void **unused)
{
        (void)unused;
        assert_int_equal(DUMP(SOCKETS, DEAD), -EIO);
        assert_int_equal(DUMP(SOCKETS, NOT_THERE), -ENOENT);
}

/* ---- Where netlink cannot be had ---- */

static char directory[] = "/tmp/lastack-test-XXXXXX";

static void
write_proc_file(const char *name, const char *text)
{
        char path[64];
        FILE *file;

        snprintf(path, sizeof(path), "%s/%s", directory, name);
        file = fopen(path, "w");
        assert_non_null(file);
        fputs(text, file);
        fclose(file);
}

static int
make_proc(void **unused)
{
        (void)unused;
        if (!mkdtemp(directory))
                return -1;
        write_proc_file("tcp", "  sl  local_address\n"
                               "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0"
                               "        0 53193 1 0000000000000000 100 0 0 10 0\n");
        return 0;
}

static int
remove_proc(void **unused)
{
        char path[64];

        (void)unused;
        snprintf(path, sizeof(path), "%s/tcp", directory);
        unlink(path);
        return rmdir(directory);
}

static void
proc_where_the_kernel_has_no_sock_diag(void **unused)
{
        (void)unused;
        request.proc = directory;
        request.want = DUMP_WANT_BOUND;
        assert_int_equal(DUMP(NOT_THERE, DONE_NOT_THERE), 0);
        assert_int_equal(sockets, 1);
        assert_int_equal(report.source, DUMP_FROM_PROC);
        assert_int_equal(report.refused, ENOENT);
        assert_true(report.missing & LA_KNOWN_TCP);
        assert_true(report.missing & LA_KNOWN_QUEUE_LIMIT);
        assert_int_equal(report.missing_states, 1u << LA_CLOSED);
}

static void
proc_where_it_is_asked_for(void **unused)
{
        (void)unused;
        request.proc = directory;
        request.proc_only = true;
        assert_int_equal(DUMP(END_OF_SCRIPT), 0);
        assert_int_equal(request_count, 0);
        assert_int_equal(sockets, 1);
        assert_int_equal(report.refused, 0);
}

static void
neither_netlink_nor_proc(void **unused)
{
        (void)unused;
        assert_int_equal(DUMP(NOT_SPOKEN, NOT_SPOKEN), -EOPNOTSUPP);
        request.proc_only = true;
        assert_int_equal(DUMP(END_OF_SCRIPT), -ENOENT);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup(function, begin)
        const struct CMUnitTest tests[] = {
                TEST(one_walk_for_both_families),
                TEST(nothing_there),
                TEST(newer_dialect_where_the_older_is_not_spoken),
                TEST(kernel_without_ipv6),
                TEST(states_are_asked_for_by_linux_numbers),
                TEST(what_is_only_bound_is_asked_for_where_wanted),
                TEST(extensions_are_asked_for_where_wanted),
                TEST(interrupted_once),
                TEST(interrupted_each_time),
                TEST(interrupted_in_the_second_pass),
                TEST(lost_datagrams_make_it_start_over),
                TEST(lost_datagrams_each_time_are_an_error),
                TEST(signals_and_strangers_change_nothing),
                TEST(error_in_the_middle),
                TEST(proc_where_the_kernel_has_no_sock_diag),
                TEST(proc_where_it_is_asked_for),
                TEST(neither_netlink_nor_proc),
        };

        return cmocka_run_group_tests(tests, make_proc, remove_proc);
}
