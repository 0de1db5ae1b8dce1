/* SPDX-License-Identifier: BSD-2-Clause */
#include <err.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stories.h"

enum {
        LINGER_S = 120, /* the longest that TCP_LINGER2 takes */
};

static void
half_close(struct population *p, struct population_socket *s)
{
        if (shutdown(s->fd, SHUT_WR) < 0)
                err(1, "%s (%s): cannot shut down", s->state, s->story);
        puppet_await(p->puppet, &s->talk, PUPPET_FIN);
}

/* The application lets go: whatever comes now concerns an orphan. */
static void
let_go(struct population_socket *s)
{
        close(s->fd);
        s->fd = -1;
}

void
fin_wait_1(struct population *p, struct population_socket *s)
{
        established(p, s);
        half_close(p, s);
        s->send_queue = 1; /* the FIN */
}

void
fin_wait_2(struct population *p, struct population_socket *s)
{
        fin_wait_1(p, s);
        puppet_acknowledge(&s->talk);
        puppet_send(p->puppet, &s->talk, PUPPET_ACK, 0);
        story_wait_for_state(s, TCP_FIN_WAIT2);
        s->send_queue = 0;
}

void
closing(struct population *p, struct population_socket *s)
{
        fin_wait_1(p, s);
        puppet_send(p->puppet, &s->talk, PUPPET_FIN | PUPPET_ACK, 0);
        story_wait_for_state(s, TCP_CLOSING);
        s->receive_queue = 1; /* Linux counts the peer's FIN as something to read */
}

static void
receive_fin(struct population *p, struct population_socket *s)
{
        puppet_send(p->puppet, &s->talk, PUPPET_FIN | PUPPET_ACK, 0);
        story_wait_for_state(s, TCP_CLOSE_WAIT);
        s->receive_queue = 1;
}

void
close_wait(struct population *p, struct population_socket *s)
{
        established(p, s);
        receive_fin(p, s);
}

/* A server that does not close when its client does: the classic leak. */
void
close_wait_leaked(struct population *p, struct population_socket *s)
{
        accepted(p, s);
        receive_fin(p, s);
        s->keeper = POPULATION_YOUNGER;
}

void
last_ack(struct population *p, struct population_socket *s)
{
        close_wait(p, s);
        half_close(p, s);
        s->send_queue = 1;
}

void
fin_wait_1_orphan(struct population *p, struct population_socket *s)
{
        fin_wait_1(p, s);
        let_go(s);
}

/* Closed at once becomes a small record that holds nothing but the addresses. */
void
fin_wait_2_orphan(struct population *p, struct population_socket *s)
{
        fin_wait_2(p, s);
        let_go(s);
}

/* An orphan that is to wait longer than TIME_WAIT remains a whole socket for the difference. */
void
fin_wait_2_lingering(struct population *p, struct population_socket *s)
{
        fin_wait_2(p, s);
        story_set_option(s, IPPROTO_TCP, TCP_LINGER2, LINGER_S);
        let_go(s);
}

void
closing_orphan(struct population *p, struct population_socket *s)
{
        closing(p, s);
        let_go(s);
}

void
last_ack_orphan(struct population *p, struct population_socket *s)
{
        last_ack(p, s);
        let_go(s);
}

void
time_wait(struct population *p, struct population_socket *s)
{
        fin_wait_2(p, s);
        puppet_send(p->puppet, &s->talk, PUPPET_FIN | PUPPET_ACK, 0);
        let_go(s);
}

void
time_wait_after_closing(struct population *p, struct population_socket *s)
{
        closing(p, s);
        puppet_acknowledge(&s->talk);
        puppet_send(p->puppet, &s->talk, PUPPET_ACK, 0);
        let_go(s);
        s->receive_queue = s->send_queue = 0;
}

/* On loopback: whoever closes first waits, and of the other nothing remains. */
static void
close_pair(struct population_socket *first, struct population_socket *second)
{
        shutdown(first->fd, SHUT_WR);
        story_wait_for_state(second, TCP_CLOSE_WAIT);
        let_go(second);
        let_go(first);
}

void
time_wait_of_client(struct population *p, struct population_socket *s)
{
        struct population_socket server = *s;
        pair_make(&p->sockets[p->doors[s->kind]], s, &server);
        close_pair(s, &server);
}

void
time_wait_of_server(struct population *p, struct population_socket *s)
{
        struct population_socket client = *s;
        pair_make(&p->sockets[p->doors[s->kind]], &client, s);
        close_pair(s, &client);
}
