/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ends TCP in the stack and carries the bytes to a socket of the kernel's, and back.
 *
 *         peer ==== lastack: receive buffer ----> send() ==== server
 *                   lastack: send buffer    <---- recv() ====
 *
 * Nothing is kept in between.  What the kernel does not take stays in the receive buffer, so that the peer's window
 * closes; while the send buffer is full the kernel's socket is not read, so that the server's does.
 *
 *         the peer's FIN        all it said is passed on, then SHUT_WR
 *         the server's FIN      likewise, then la_shutdown()
 *         the peer's RST        the socket is closed with SO_LINGER 0, which makes the kernel send one
 *         the server's RST      la_abort()
 *         cannot connect        la_abort(), and a line for the log; where a name has several addresses, after the last
 *
 * One connection here takes one descriptor.  When there are none left, the connection that met this waits, and no other
 * is accepted, until one ends or a second has passed: meanwhile the listener's backlog fills, and SYNs meet its limits.
 *
 * A socket that there is nothing to do with at the moment is not watched at all: epoll would tell of its end again and
 * again.  So a server's RST is seen once there is something to carry again.
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "serve/service.h"

enum forward_line {
        LINE_CONNECTING,
        LINE_LATER,
};

struct forward_connection {
        struct connection c;   /* first */
        struct la_watch watch; /* of the kernel's socket */
        size_t address;        /* of the target's, the one that is tried, or that answered */
        bool connected;
        bool peer_ended;   /* the peer's end has been passed on */
        bool server_ended; /* the server's has */
};

/* What a direction waits for. */
enum flow {
        FLOW_SOCKET, /* the kernel's socket */
        FLOW_STACK,  /* an event of the stack */
        FLOW_ENDED,
        FLOW_BROKEN,
};

/* ---- Bytes ---- */

static enum flow
pass_end_to_server(struct forward_connection *f)
{
        f->peer_ended = true;
        return shutdown(f->watch.fd, SHUT_WR) < 0 && errno != ENOTCONN ? FLOW_BROKEN : FLOW_ENDED;
}

/* From the receive buffer into the socket. */
static enum flow
to_server(struct forward_connection *f)
{
        struct la_stack *stack = stack_of(&f->c);

        while (!f->peer_ended) {
                struct la_part part;
                enum la_error error = la_receive_look(stack, f->c.handle, &part);
                ssize_t n;

                if (error == LA_ERR_END)
                        return pass_end_to_server(f);
                if (error != LA_OK)
                        return error == LA_ERR_AGAIN ? FLOW_STACK : FLOW_BROKEN;
                n = send(f->watch.fd, part.bytes, part.length, MSG_NOSIGNAL | MSG_DONTWAIT);
                if (n < 0)
                        return errno == EAGAIN || errno == EINTR ? FLOW_SOCKET : FLOW_BROKEN;
                (void)la_receive_done(stack, now_of(&f->c), f->c.handle, (size_t)n);
        }
        return FLOW_ENDED;
}

static enum flow
pass_end_to_peer(struct forward_connection *f)
{
        f->server_ended = true;
        (void)la_shutdown(stack_of(&f->c), now_of(&f->c), f->c.handle);
        return FLOW_ENDED;
}

/* Memory for bytes that do not come yet is given back: of those who wait there can be more than chunks. */
static enum flow
nothing_came(struct forward_connection *f, int error)
{
        if (error != EAGAIN && error != EINTR)
                return FLOW_BROKEN;
        (void)la_send_commit(stack_of(&f->c), now_of(&f->c), f->c.handle, 0, 0);
        return FLOW_SOCKET;
}

/* From the socket into the send buffer.  Less than there was room for means that there is no more now: to ask once more
 * would take memory for bytes that do not come. */
static enum flow
to_peer(struct forward_connection *f)
{
        struct la_stack *stack = stack_of(&f->c);

        while (!f->server_ended) {
                uint8_t *bytes;
                size_t room;
                ssize_t n;
                enum la_error error = la_send_space(stack, f->c.handle, &bytes, &room);

                if (error != LA_OK)
                        return error == LA_ERR_AGAIN ? FLOW_STACK : FLOW_BROKEN;
                n = recv(f->watch.fd, bytes, room, MSG_DONTWAIT);
                if (n < 0)
                        return nothing_came(f, errno);
                if (n == 0)
                        return pass_end_to_peer(f);
                error = la_send_commit(stack, now_of(&f->c), f->c.handle, (size_t)n, 0);
                if (error != LA_OK)
                        return FLOW_BROKEN;
                if ((size_t)n < room)
                        return FLOW_SOCKET;
        }
        return FLOW_ENDED;
}

static bool
watch_for(struct forward_connection *f, uint32_t events)
{
        return f->watch.events == events || la_loop_watch(f->c.service->loop, &f->watch, events) == 0;
}

/* What the direction to the peer was waiting for. */
static enum flow
flow_to_peer(const struct forward_connection *f)
{
        if (f->server_ended)
                return FLOW_ENDED;
        return f->watch.events & EPOLLIN ? FLOW_SOCKET : FLOW_STACK;
}

/* Both directions as far as they go; `in` says whether it is worth asking the socket for more. */
static void
go_on(struct forward_connection *f, bool in)
{
        enum flow out = to_server(f);
        enum flow back = in && out != FLOW_BROKEN ? to_peer(f) : flow_to_peer(f);

        if (out == FLOW_BROKEN || back == FLOW_BROKEN)
                connection_abort(&f->c);
        else if (out == FLOW_ENDED && back == FLOW_ENDED)
                connection_close(&f->c);
        else if (!watch_for(f, (out == FLOW_SOCKET ? EPOLLOUT : 0u) | (back == FLOW_SOCKET ? EPOLLIN : 0u)))
                connection_abort(&f->c);
}

/* ---- Connecting ---- */

static void try_next(struct forward_connection *f);

static void
give_up_socket(struct forward_connection *f)
{
        (void)watch_for(f, 0);
        if (f->watch.fd >= 0)
                close(f->watch.fd);
        f->watch.fd = -1;
}

static void
refused(struct forward_connection *f, int error)
{
        struct serve *s = f->c.service;

        give_up_socket(f);
        if (++f->address < s->request.addresses) {
                try_next(f);
                return;
        }
        s->counts.unreachable++;
        service_say(s, "forward %u: %s: %s", s->request.port, s->request.target, strerror(error));
        connection_abort(&f->c);
}

static void
established(struct forward_connection *f)
{
        f->connected = true;
        connection_wait(&f->c, SERVICE_LINES);
        go_on(f, true);
}

static void
connect_ends(struct forward_connection *f)
{
        int error = 0;
        socklen_t bytes = sizeof error;

        if (getsockopt(f->watch.fd, SOL_SOCKET, SO_ERROR, &error, &bytes) < 0)
                error = errno;
        if (error == 0)
                established(f);
        else
                refused(f, error);
}

static void
socket_ready(struct la_watch *watch, struct la_loop *loop, uint32_t events)
{
        struct forward_connection *f =
                (struct forward_connection *)(void *)((char *)watch - offsetof(struct forward_connection, watch));

        (void)loop;
        if (!f->connected)
                connect_ends(f);
        else
                go_on(f, (events & ~(uint32_t)EPOLLOUT) != 0);
}

static bool
out_of_descriptors(int error)
{
        return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

static void
wait_for_descriptor(struct forward_connection *f, int error)
{
        struct serve *s = f->c.service;

        service_say(s, "forward %u: no descriptor for one more connection: %s; accepting pauses", s->request.port,
                    strerror(error));
        service_back_off(s);
        connection_wait(&f->c, LINE_LATER);
}

/* A Unix socket whose server's backlog is full says EAGAIN, and does not tell when there is room. */
static void
try_connect(struct forward_connection *f, const struct serve_address *a)
{
        if (connect(f->watch.fd, &a->socket.any, a->bytes) == 0) {
                established(f);
        } else if (errno == EINPROGRESS && watch_for(f, EPOLLOUT)) {
                connection_wait(&f->c, LINE_CONNECTING);
        } else if (errno == EAGAIN) {
                give_up_socket(f);
                connection_wait(&f->c, LINE_LATER);
        } else {
                refused(f, errno);
        }
}

static void
try_next(struct forward_connection *f)
{
        const struct serve_address *a = &f->c.service->request.address[f->address];
        int one = 1;

        f->watch = (struct la_watch){ .ready = socket_ready };
        f->watch.fd = socket(a->socket.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (f->watch.fd < 0 && out_of_descriptors(errno)) {
                wait_for_descriptor(f, errno);
                return;
        }
        if (f->watch.fd < 0) {
                refused(f, errno);
                return;
        }
        if (a->socket.any.sa_family != AF_UNIX)
                (void)setsockopt(f->watch.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        try_connect(f, a);
}

static void
forward_began(struct connection *c)
{
        struct forward_connection *f = (struct forward_connection *)c;

        f->watch.fd = -1;
        try_next(f);
}

/* ---- What happens ---- */

static void
forward_happened(struct connection *c, uint32_t happened)
{
        struct forward_connection *f = (struct forward_connection *)c;

        if (f->connected)
                go_on(f, (happened & LA_HAPPENED_WRITABLE) != 0);
}

static void
forward_late(struct connection *c)
{
        struct forward_connection *f = (struct forward_connection *)c;

        if (f->watch.fd < 0)
                try_next(f);
        else
                refused(f, ETIMEDOUT);
}

/* What flows goes on, until both have ended. */
static void
forward_finish(struct connection *c)
{
        struct forward_connection *f = (struct forward_connection *)c;

        if (!f->connected)
                connection_abort(c);
}

/* SO_LINGER 0: the kernel says RST, and forgets what it had not sent. */
static void
forward_released(struct connection *c)
{
        struct forward_connection *f = (struct forward_connection *)c;
        const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

        if (c->broken && f->watch.fd >= 0)
                (void)setsockopt(f->watch.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        give_up_socket(f);
}

/* As many descriptors as this process may have. */
static int
forward_starts(struct serve *service)
{
        struct rlimit limit;

        (void)service;
        if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
                limit.rlim_cur = limit.rlim_max;
                (void)setrlimit(RLIMIT_NOFILE, &limit);
        }
        return 0;
}

const struct service_kind forward_kind = {
        .name = "forward",
        .service_bytes = sizeof(struct serve),
        .connection_bytes = sizeof(struct forward_connection),
        .patience_ms = { [LINE_CONNECTING] = 10000, [LINE_LATER] = 100 },
        .starts = forward_starts,
        .began = forward_began,
        .happened = forward_happened,
        .late = forward_late,
        .finish = forward_finish,
        .released = forward_released,
};
