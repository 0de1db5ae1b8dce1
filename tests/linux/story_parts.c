/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "stories.h"

struct in6_addr
story_address(const char *text)
{
        struct in6_addr result;
        if (inet_pton(AF_INET6, text, &result) != 1)
                errx(1, "%s is no address", text);
        return result;
}

static socklen_t
to_sockaddr(enum population_kind kind, const struct population_end *end, struct sockaddr_storage *ret_address)
{
        memset(ret_address, 0, sizeof(*ret_address));
        if (kind == POPULATION_IPV4) {
                struct sockaddr_in *in = (struct sockaddr_in *)ret_address;
                in->sin_family = AF_INET;
                in->sin_port = htons(end->port);
                memcpy(&in->sin_addr, end->address.s6_addr + 12, 4);
                return sizeof(*in);
        }
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ret_address;
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(end->port);
        in6->sin6_addr = end->address;
        if (IN6_IS_ADDR_LINKLOCAL(&end->address))
                in6->sin6_scope_id = if_nametoindex(POPULATION_DEVICE);
        return sizeof(*in6);
}

void
story_set_option(const struct population_socket *s, int level, int option, int value)
{
        if (setsockopt(s->fd, level, option, &value, sizeof(value)) < 0)
                err(1, "%s (%s): cannot set socket option %d", s->state, s->story, option);
}

void
story_new_socket(struct population_socket *s)
{
        int family = s->kind == POPULATION_IPV4 ? AF_INET : AF_INET6;
        s->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (s->fd < 0)
                err(1, "%s (%s): cannot make a socket", s->state, s->story);
        if (family == AF_INET6)
                story_set_option(s, IPPROTO_IPV6, IPV6_V6ONLY, s->kind == POPULATION_IPV6);
}

void
story_bind(const struct population_socket *s)
{
        struct sockaddr_storage local;
        socklen_t size = to_sockaddr(s->kind, &s->local, &local);
        if (bind(s->fd, (struct sockaddr *)&local, size) < 0)
                err(1, "%s (%s): cannot bind to port %u", s->state, s->story, s->local.port);
}

void
story_connect(const struct population_socket *s)
{
        struct sockaddr_storage remote;
        socklen_t size = to_sockaddr(s->kind, &s->remote, &remote);
        if (connect(s->fd, (struct sockaddr *)&remote, size) < 0 && errno != EINPROGRESS)
                err(1, "%s (%s): cannot connect to port %u", s->state, s->story, s->remote.port);
}

void
story_begin_talk(struct population_socket *s)
{
        bool v4 = s->kind != POPULATION_IPV6;
        size_t skip = v4 ? 12 : 0;
        s->talks = true;
        s->talk = (struct puppet_talk){
                .ip_version = v4 ? 4 : 6,
                .kernel_port = s->local.port,
                .puppet_port = s->remote.port,
                .window = 60000,
                .snd_nxt = UINT32_C(0x1ac00000) + s->local.port,
        };
        memcpy(s->talk.kernel, s->local.address.s6_addr + skip, 16 - skip);
        memcpy(s->talk.puppet, s->remote.address.s6_addr + skip, 16 - skip);
}

static int
state_of(int fd)
{
        struct tcp_info info = { 0 };
        socklen_t size = sizeof(info);
        return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_state : -1;
}

static int
bytes_at(int fd)
{
        int bytes = 0;
        return ioctl(fd, FIONREAD, &bytes) == 0 ? bytes : -1;
}

static void
wait_until(const struct population_socket *s, int (*ask)(int fd), int expected, const char *what)
{
        int answer = ask(s->fd);
        for (int waited_ms = 0; answer != expected; waited_ms++) {
                if (waited_ms >= STORY_PATIENCE_MS)
                        errx(1, "%s (%s), port %u: %s is %d, and was not %d for %d ms", s->state, s->story,
                             s->local.port, what, answer, expected, STORY_PATIENCE_MS);
                nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
                answer = ask(s->fd);
        }
}

void
story_wait_for_state(const struct population_socket *s, int state)
{
        wait_until(s, state_of, state, "the kernel's number of its state");
}

void
story_wait_for_bytes(const struct population_socket *s, int bytes)
{
        wait_until(s, bytes_at, bytes, "the number of bytes to read");
}

int
story_accept(const struct population_socket *listener)
{
        poll(&(struct pollfd){ .fd = listener->fd, .events = POLLIN }, 1, STORY_PATIENCE_MS);
        int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
                err(1, "%s (%s): cannot accept at port %u", listener->state, listener->story, listener->local.port);
        return fd;
}
