/* SPDX-License-Identifier: BSD-2-Clause */
#include <err.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stories.h"

enum {
        DOOR_BACKLOG = 100,
};

static const char *const any[POPULATION_KINDS] = { "::ffff:0.0.0.0", "::", "::" };

static void
listen_with(struct population_socket *s, int backlog)
{
        story_bind(s);
        if (listen(s->fd, backlog) < 0)
                err(1, "%s (%s): cannot listen at port %u", s->state, s->story, s->local.port);
        s->receive_queue = 0;
        s->send_queue = backlog;
        s->drops = 0;
}

static void
be_listener(struct population_socket *s)
{
        s->local.address = story_address(any[s->kind]);
        s->remote = (struct population_end){ .address = s->local.address };
        story_new_socket(s);
}

/* No two idle listeners have the same limit. */
void
listening(struct population *p, struct population_socket *s)
{
        (void)p;
        be_listener(s);
        listen_with(s, s->local.port % 1000);
}

void
listening_at_the_door(struct population *p, struct population_socket *s)
{
        be_listener(s);
        listen_with(s, DOOR_BACKLOG);
        p->doors[s->kind] = (size_t)(s - p->sockets);
}

void
listening_on_device(struct population *p, struct population_socket *s)
{
        (void)p;
        be_listener(s);
        snprintf(s->device, sizeof(s->device), "lo");
        if (setsockopt(s->fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", sizeof("lo")) < 0)
                err(1, "%s (%s): cannot bind to the device lo", s->state, s->story);
        listen_with(s, 5);
}

/* Two listeners with one address, as servers with a process for each core have them. */
void
listening_twice(struct population *p, struct population_socket *s)
{
        struct population_socket *twin = population_add(p, s->state, s->story, s->kind);
        twin->local = s->local;
        be_listener(s);
        be_listener(twin);
        story_set_option(s, SOL_SOCKET, SO_REUSEPORT, 1);
        story_set_option(twin, SOL_SOCKET, SO_REUSEPORT, 1);
        listen_with(s, 8);
        listen_with(twin, 9);
}

/* Both of our processes hold it, as a server that forks has it. */
void
listening_shared(struct population *p, struct population_socket *s)
{
        listening(p, s);
        s->keeper = POPULATION_BOTH;
}

/* The puppet connects to a listener: `s` becomes a half-open connection, which has no descriptor. */
static void
half_open_at(struct population *p, struct population_socket *s, const struct population_socket *listener)
{
        s->local.port = listener->local.port;
        s->remote.port = p->next_puppet_port++;
        story_begin_talk(s);
        puppet_send(p->puppet, &s->talk, PUPPET_SYN, 0);
}

void
half_open(struct population *p, struct population_socket *s)
{
        half_open_at(p, s, &p->sockets[p->doors[s->kind]]);
        puppet_await(p->puppet, &s->talk, PUPPET_SYN | PUPPET_ACK);
}

/* The handshake is done, and the application has not accepted. */
static struct population_socket *
queued_at(struct population *p, struct population_socket *listener, const char *state)
{
        struct population_socket *s = population_add(p, state, "not yet accepted", listener->kind);
        half_open_at(p, s, listener);
        puppet_await(p->puppet, &s->talk, PUPPET_SYN | PUPPET_ACK);
        puppet_acknowledge(&s->talk);
        puppet_send(p->puppet, &s->talk, PUPPET_ACK, 0);
        listener->receive_queue++;
        return s;
}

void
listening_with_queue(struct population *p, struct population_socket *s)
{
        be_listener(s);
        listen_with(s, 16);
        queued_at(p, s, "ESTABLISHED");
        queued_at(p, s, "ESTABLISHED");
        struct population_socket *gone = queued_at(p, s, "CLOSE_WAIT");
        puppet_send(p->puppet, &gone->talk, PUPPET_FIN | PUPPET_ACK, 0);
}

/* One more than the limit fits: the kernel refuses when the queue is longer than that. */
void
listening_overflown(struct population *p, struct population_socket *s)
{
        struct population_socket refused;
        be_listener(s);
        listen_with(s, 3);
        while (s->receive_queue <= s->send_queue)
                refused = *queued_at(p, s, "ESTABLISHED");
        while (s->drops < 7 + (int)s->kind) {
                half_open_at(p, &refused, s);
                s->drops++;
        }
}

void
accepted(struct population *p, struct population_socket *s)
{
        const struct population_socket *door = &p->sockets[p->doors[s->kind]];
        half_open(p, s);
        puppet_acknowledge(&s->talk);
        puppet_send(p->puppet, &s->talk, PUPPET_ACK, 0);
        s->fd = story_accept(door);
        s->receive_queue = s->send_queue = 0;
}
