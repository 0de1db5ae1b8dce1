/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sock_diag over netlink, in two dialects.  The older one (TCPDIAG_GETSOCK, Linux 2.6.12) takes no address family and
 * so walks the kernel's table once for IPv4 and IPv6 together; the newer one (SOCK_DIAG_BY_FAMILY, Linux 3.3) has to
 * walk it once for each.  Both bring the same messages and attributes, and the walk is what costs, so the older one is
 * asked first and the newer one where a kernel does not speak it.
 *
 * The kernel makes no part of a dump larger than 32 KiB (net/netlink/af_netlink.c), so a larger buffer brings nothing.
 */
#include "linux/sock_diag.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "linux/kernel.h"
#include "linux/netns.h"
#include "linux/sock_diag_reader.h"

enum { BUFFER_SIZE = 32 * 1024, REPEATS_MAX = 3, TCP_BOUND_INACTIVE = 13 };

/* What is asked, one after the other, until the kernel has told all. */
enum pass { PASS_LEGACY, PASS_IPV4, PASS_IPV6 };

struct sock_diag {
        struct dump_request request;
        enum pass pass;
        struct mnl_socket *netlink;
        struct sock_diag_reader reader;
        unsigned int repeats;
        _Alignas(8) uint8_t buffer[BUFFER_SIZE];
};

/* CLOSED is two things to Linux: TCP_CLOSE, and since Linux 6.8 TCP_BOUND_INACTIVE, which is a socket that has an
 * address and neither listens nor connects.  SYN_RECV implies TCP_NEW_SYN_RECV. */
static uint32_t
linux_states(const struct dump_request *request)
{
        uint32_t mask = 0;

        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                if (request->states & (1u << i))
                        mask |= 1u << la_state_info((enum la_state)i)->linux_number;
        if ((request->states & (1u << LA_CLOSED)) && (request->want & DUMP_WANT_BOUND))
                mask |= 1u << TCP_BOUND_INACTIVE;
        return mask;
}

/* Bits of idiag_ext.  The mark and the cgroup come without being asked for. */
static uint8_t
extensions(uint32_t want)
{
        uint8_t bits = 0;

        if (want & DUMP_WANT_TCP)
                bits |= 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_CONG - 1);
        if (want & DUMP_WANT_MEMORY)
                bits |= 1 << (INET_DIAG_SKMEMINFO - 1);
        return bits;
}

static int
send_legacy_request(struct sock_diag *d)
{
        struct {
                struct nlmsghdr header;
                struct inet_diag_req ask;
        } message = {
                .header = { .nlmsg_len = sizeof(message),
                            .nlmsg_type = TCPDIAG_GETSOCK,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                            .nlmsg_seq = ++d->reader.sequence },
                .ask = { .idiag_ext = extensions(d->request.want), .idiag_states = linux_states(&d->request) },
        };

        return mnl_socket_sendto(d->netlink, &message, sizeof(message)) < 0 ? -errno : 0;
}

static int
send_request(struct sock_diag *d, uint8_t family)
{
        struct {
                struct nlmsghdr header;
                struct inet_diag_req_v2 ask;
        } message = {
                .header = { .nlmsg_len = sizeof(message),
                            .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                            .nlmsg_seq = ++d->reader.sequence },
                .ask = { .sdiag_family = family,
                         .sdiag_protocol = IPPROTO_TCP,
                         .idiag_ext = extensions(d->request.want),
                         .idiag_states = linux_states(&d->request) },
        };

        return mnl_socket_sendto(d->netlink, &message, sizeof(message)) < 0 ? -errno : 0;
}

static int
send_request_of(struct sock_diag *d, enum pass pass)
{
        switch (pass) {
        case PASS_LEGACY:
                return send_legacy_request(d);
        case PASS_IPV4:
                return send_request(d, AF_INET);
        case PASS_IPV6:
        default:
                return send_request(d, AF_INET6);
        }
}

static int
open_netlink(struct sock_diag *d)
{
        struct mnl_socket *netlink = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
        int error;

        if (!netlink)
                return -errno;
        if (mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID) < 0) {
                error = errno;
                mnl_socket_close(netlink);
                return -error;
        }
        d->netlink = netlink;
        d->reader.port = mnl_socket_get_portid(netlink);
        return 0;
}

static int
open_netlink_in_netns(struct sock_diag *d)
{
        struct netns_visit visit;
        int r = netns_enter(d->request.netns_fd, &visit), back;

        if (r < 0)
                return r;
        r = open_netlink(d);
        back = netns_leave(&visit);
        return r < 0 ? r : back;
}

static void
close_netlink(struct sock_diag *d)
{
        if (d->netlink)
                mnl_socket_close(d->netlink);
        d->netlink = NULL;
}

/* A datagram of the kernel's into the reader, or the news that some of it is lost.  Returns 0 or a negative errno. */
static int
receive(struct sock_diag *d)
{
        for (;;) {
                struct sockaddr_nl from = { 0 };
                struct iovec part = { d->buffer, sizeof(d->buffer) };
                struct msghdr message = {
                        .msg_name = &from, .msg_namelen = sizeof(from), .msg_iov = &part, .msg_iovlen = 1
                };
                ssize_t size = recvmsg(mnl_socket_get_fd(d->netlink), &message, 0);

                if (size < 0 && errno == EINTR)
                        continue;
                if (size < 0 && errno != ENOBUFS)
                        return -errno;
                if (size >= 0 && (message.msg_namelen != sizeof(from) || from.nl_pid != 0))
                        continue; /* not the kernel's */
                if (size < 0 || (message.msg_flags & MSG_TRUNC))
                        sock_diag_reader_lose(&d->reader);
                else
                        sock_diag_reader_take(&d->reader, d->buffer, (size_t)size);
                return 0;
        }
}

/* Each pass has its own netlink socket: closing the old one makes the kernel forget what it still had to say. */
static int
start(struct sock_diag *d, enum pass pass)
{
        int r;

        close_netlink(d);
        sock_diag_reader_take(&d->reader, d->buffer, 0);
        d->pass = pass;
        r = open_netlink_in_netns(d);
        if (r < 0)
                return r;
        r = send_request_of(d, pass);
        if (r < 0)
                return r;
        r = receive(d);
        return r < 0 ? r : sock_diag_reader_refusal(&d->reader);
}

static int
start_dialect(struct sock_diag *d)
{
        int r = start(d, PASS_LEGACY);

        if (r < 0 && d->netlink)
                r = start(d, PASS_IPV4);
        return r;
}

/* Starts over, unless that was tried often enough; the last time, an interrupted answer is taken as it is. */
static int
repeat(struct sock_diag *d)
{
        int r;

        if (d->repeats == REPEATS_MAX)
                return -EBADMSG;
        d->repeats++;
        d->reader = (struct sock_diag_reader){
                .states = d->request.states,
                .want = d->request.want,
                .sequence = d->reader.sequence,
                .goes_on_if_interrupted = d->repeats == REPEATS_MAX,
        };
        r = start(d, d->pass == PASS_LEGACY ? PASS_LEGACY : PASS_IPV4);
        return r < 0 ? r : DUMP_RESTARTED;
}

/* The kernel has told all of this pass: 1 if another has begun, 0 if that was the last, or a negative errno. */
static int
start_next_pass(struct sock_diag *d)
{
        int r;

        if (d->pass != PASS_IPV4)
                return 0;
        r = start(d, PASS_IPV6);
        if (r == -ENOENT) /* a kernel built without IPv6 */
                return 0;
        return r < 0 ? r : 1;
}

int
sock_diag_open(const struct dump_request *request, struct sock_diag **ret)
{
        struct sock_diag *d = calloc(1, sizeof(*d));
        int r;

        if (!d)
                return -ENOMEM;
        d->request = *request;
        d->reader.states = request->states;
        d->reader.want = request->want;
        r = start_dialect(d);
        if (r < 0) {
                sock_diag_close(d);
                return r;
        }
        *ret = d;
        return 0;
}

int
sock_diag_next(struct sock_diag *d, struct la_snapshot *ret_snapshot)
{
        for (;;) {
                int r, step = sock_diag_reader_next(&d->reader, ret_snapshot);

                if (step < 0)
                        return step;
                switch ((enum sock_diag_step)step) {
                case SOCK_DIAG_SOCKET:
                        return DUMP_SOCKET;
                case SOCK_DIAG_EMPTY:
                        r = receive(d);
                        break;
                case SOCK_DIAG_DONE:
                        r = start_next_pass(d);
                        if (r == 0)
                                return DUMP_END;
                        break;
                case SOCK_DIAG_INTERRUPTED:
                case SOCK_DIAG_DAMAGED:
                default:
                        return repeat(d);
                }
                if (r < 0)
                        return r;
        }
}

void
sock_diag_report(const struct sock_diag *d, struct dump_report *report)
{
        report->missing = d->reader.missing;
        if (!kernel_at_least(6, 8)) /* unless it was given the patch that brings them */
                report->missing_states = (1u << LA_CLOSED) & d->request.states & ~d->reader.seen;
        report->inconsistent = d->reader.interrupted;
        report->repeats = d->repeats;
        report->malformed = d->reader.malformed;
}

void
sock_diag_close(struct sock_diag *d)
{
        if (!d)
                return;
        close_netlink(d);
        free(d);
}
