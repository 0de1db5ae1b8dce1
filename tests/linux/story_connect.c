/* SPDX-License-Identifier: BSD-2-Clause */
#include <err.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stories.h"

enum {
        KEEPALIVE_S = 600,
};

static const char *const any[POPULATION_KINDS] = { "::ffff:0.0.0.0", "::", "::" };
static const char *const loopback[POPULATION_KINDS] = { "::ffff:127.0.0.1", "::1", "::ffff:127.0.0.1" };

void
bound(struct population *p, struct population_socket *s)
{
        (void)p;
        s->remote = (struct population_end){ .address = story_address(any[s->kind]) };
        story_new_socket(s);
        story_bind(s);
}

/* The puppet is silent. */
void
syn_sent(struct population *p, struct population_socket *s)
{
        story_new_socket(s);
        story_bind(s);
        story_begin_talk(s);
        story_connect(s);
        puppet_await(p->puppet, &s->talk, PUPPET_SYN);
        s->receive_queue = 0;
}

/* RFC 9293 figure 7: both sent a SYN, and the puppet does not acknowledge ours. */
void
simultaneous_open(struct population *p, struct population_socket *s)
{
        syn_sent(p, s);
        puppet_send(p->puppet, &s->talk, PUPPET_SYN, 0);
        story_wait_for_state(s, TCP_SYN_RECV);
}

static void
answer_syn(struct population *p, struct population_socket *s)
{
        puppet_acknowledge(&s->talk);
        puppet_send(p->puppet, &s->talk, PUPPET_SYN | PUPPET_ACK, 0);
        story_wait_for_state(s, TCP_ESTABLISHED);
        s->receive_queue = s->send_queue = 0;
}

void
established(struct population *p, struct population_socket *s)
{
        syn_sent(p, s);
        answer_syn(p, s);
}

void
established_on_link(struct population *p, struct population_socket *s)
{
        s->local.address = story_address("fe80::1");
        s->remote.address = story_address("fe80::2");
        snprintf(s->device, sizeof(s->device), "%s", POPULATION_DEVICE);
        established(p, s);
}

void
kept_alive(struct population *p, struct population_socket *s)
{
        established(p, s);
        story_set_option(s, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_S);
        story_set_option(s, SOL_SOCKET, SO_KEEPALIVE, 1);
}

/* A number of bytes that no other socket has. */
static int
some_bytes(const struct population *p, const struct population_socket *s)
{
        return 100 + (int)(s - p->sockets);
}

void
unread(struct population *p, struct population_socket *s)
{
        established(p, s);
        s->receive_queue = some_bytes(p, s);
        puppet_send(p->puppet, &s->talk, PUPPET_PSH | PUPPET_ACK, (size_t)s->receive_queue);
        story_wait_for_bytes(s, s->receive_queue);
}

static void
write_some(const struct population *p, struct population_socket *s)
{
        static const char bytes[100 + POPULATION_SIZE];
        s->send_queue = some_bytes(p, s);
        if (write(s->fd, bytes, (size_t)s->send_queue) != s->send_queue)
                err(1, "%s (%s): cannot write", s->state, s->story);
}

void
unacknowledged(struct population *p, struct population_socket *s)
{
        established(p, s);
        write_some(p, s);
}

/* RFC 9293 3.8.6.1: the peer has no room, our end probes. */
void
window_closed(struct population *p, struct population_socket *s)
{
        syn_sent(p, s);
        s->talk.window = 0;
        answer_syn(p, s);
        write_some(p, s);
}

/* Client and server on this host; what the server sees is mapped if its listener takes both kinds. */
void
pair_make(const struct population_socket *listener, struct population_socket *client, struct population_socket *server)
{
        client->local.address = client->remote.address = story_address(loopback[client->kind]);
        client->remote.port = listener->local.port;
        server->kind = listener->kind;
        server->local = client->remote;
        server->remote = client->local;
        story_new_socket(client);
        story_bind(client);
        story_connect(client);
        server->fd = story_accept(listener);
        story_wait_for_state(client, TCP_ESTABLISHED);
        client->receive_queue = client->send_queue = server->receive_queue = server->send_queue = 0;
}

void
pair(struct population *p, struct population_socket *s)
{
        pair_make(&p->sockets[p->doors[s->kind]], s, population_add(p, s->state, s->story, s->kind));
}

void
pair_of_two_kinds(struct population *p, struct population_socket *s)
{
        pair_make(&p->sockets[p->doors[POPULATION_MAPPED]], s, population_add(p, s->state, s->story, s->kind));
}

/* Both of our processes hold it. */
void
established_shared(struct population *p, struct population_socket *s)
{
        established(p, s);
        s->keeper = POPULATION_BOTH;
}
