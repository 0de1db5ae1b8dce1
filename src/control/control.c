/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control.c - a stack's side of the conversation, served within the steps of its loop.
 *
 * A client is read from only when nothing it asked is still being answered, and an answer is made only when there is room
 * for it in the socket.  So nothing is ever stored for a client but one message, and the events it has yet to be told.
 * While an answer goes on, the client's socket is watched for room: each step of the loop makes a slice of it.  Slices of
 * walks are some fifty microseconds of work, and where packets pass meanwhile, these have three times as long to
 * themselves after each: a walk over a million connections takes a fourth of the thread's time at most, for a second or
 * two.
 */
#include "lastack/control.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "control/answer.h"
#include "control/listener.h"
#include "control/place.h"

#define CLIENTS_MAX 32
#define CLIENT_SENDS \
        (1 << 19)          /* bytes ahead of the client, if the system lets us: some messages for each time it runs */
#define REST_FOR_PACKETS 3 /* times as long as a slice took */

struct client {
        struct la_watch watch; /* first */
        struct la_control *control;
        struct client *next;
        struct answer answer;
        size_t length; /* of the message that is to be sent; 0: none */
        uint8_t message[CONTROL_MESSAGE_MAX];
};

struct la_control {
        struct la_watch watch; /* first: of the listener */
        struct control_listener listener;
        struct la_loop *loop;
        struct la_observer observer;
        bool observing;
        struct control_hello hello;
        struct client *clients;
        unsigned int client_count;
        uint64_t rest_until_us;  /* no slice of a walk before the thread has worked so long ... */
        uint64_t packets_before; /* ... unless no more packets have passed than these */
};

static struct control_source
source_of(const struct la_control *c)
{
        return (struct control_source){
                .stack = la_loop_stack(c->loop),
                .now = la_loop_now(c->loop),
                .hello = &c->hello,
                .loop = c->loop,
        };
}

/* ---- Events ---- */

static struct la_control *
of_observer(struct la_observer *observer)
{
        return (struct la_control *)((char *)observer - offsetof(struct la_control, observer));
}

static void
traced(struct la_observer *observer, const struct la_trace *trace)
{
        struct la_control *c = of_observer(observer);

        for (struct client *client = c->clients; client; client = client->next) {
                if (client->answer.kind != CONTROL_EVENTS)
                        continue;
                answer_event(&client->answer, trace);
                if (answer_is_ready(&client->answer))
                        la_loop_watch(c->loop, &client->watch, EPOLLIN | EPOLLOUT);
        }
}

/* The loop is slower for who is observed: so only while somebody wants it. */
static void
observe_if_wanted(struct la_control *c)
{
        bool wanted = false;

        for (const struct client *client = c->clients; client; client = client->next)
                wanted |= client->answer.kind == CONTROL_EVENTS;
        if (wanted == c->observing)
                return;
        c->observing = wanted;
        if (wanted)
                la_loop_observe(c->loop, &c->observer);
        else
                la_loop_unobserve(c->loop, &c->observer);
}

/* ---- Clients ---- */

static void
client_end(struct client *client)
{
        struct la_control *c = client->control;

        for (struct client **at = &c->clients; *at; at = &(*at)->next)
                if (*at == client) {
                        *at = client->next;
                        break;
                }
        c->client_count--;
        la_loop_watch(c->loop, &client->watch, 0);
        close(client->watch.fd);
        answer_end(&client->answer);
        free(client);
        observe_if_wanted(c);
}

/* Sends what can be sent now.  Returns 0, or a negative errno when the client is gone. */
static int
tell(struct client *client)
{
        struct control_source source = source_of(client->control);

        if (client->length == 0)
                client->length = answer_next(&client->answer, &source, client->message);
        if (client->length == 0)
                return 0;
        if (send(client->watch.fd, client->message, client->length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
                return errno == EAGAIN || errno == ENOBUFS ? 0 : -errno;
        client->length = 0;
        return 0;
}

static uint64_t
packets_passed(const struct la_control *c)
{
        struct la_link_counts counts = la_link_counts(la_loop_link(c->loop));

        return counts.packets_in + counts.packets_out;
}

/* The thread's own time: what other programs take of the processor is no work of ours. */
static uint64_t
worked_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Is it the packets' turn? */
static bool
rests(const struct la_control *c, const struct client *client)
{
        return client->answer.kind == CONTROL_WALK && packets_passed(c) != c->packets_before &&
               worked_us() < c->rest_until_us;
}

/* A slice, and then a rest if it was one of a walk. */
static int
tell_in_turn(struct client *client)
{
        struct la_control *c = client->control;
        bool walks = client->answer.kind == CONTROL_WALK;
        uint64_t begin_us = walks ? worked_us() : 0;
        int r = tell(client);

        if (walks) {
                uint64_t end_us = worked_us();

                c->rest_until_us = end_us + REST_FOR_PACKETS * (end_us - begin_us);
                c->packets_before = packets_passed(c);
        }
        return r;
}

/* Reads a question.  Returns 0, or a negative errno when there will be no more. */
static int
listen_to(struct client *client)
{
        struct control_source source = source_of(client->control);
        ssize_t n = recv(client->watch.fd, client->message, sizeof(client->message), MSG_DONTWAIT | MSG_TRUNC);

        if (n < 0)
                return errno == EAGAIN ? 0 : -errno;
        if (n == 0)
                return -ENOTCONN;
        /* Of one that is too long, the rest is not there to be read. */
        answer_ask(&client->answer, &source, client->message, (size_t)n <= sizeof(client->message) ? (size_t)n : 0);
        observe_if_wanted(client->control);
        return 0;
}

static void
client_ready(struct la_watch *watch, struct la_loop *loop, uint32_t events)
{
        struct client *client = (struct client *)watch;
        bool idle = client->length == 0 && !answer_is_ready(&client->answer);
        int r = 0;

        if (idle && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
                r = listen_to(client);
        else if (events & (EPOLLHUP | EPOLLERR))
                r = -ENOTCONN;
        else if (rests(client->control, client))
                return;
        if (r == 0)
                r = tell_in_turn(client);
        if (r < 0) {
                client_end(client);
                return;
        }
        la_loop_watch(loop, watch, client->length > 0 || answer_is_ready(&client->answer) ? EPOLLOUT : EPOLLIN);
}

static void
client_begin(struct la_control *c, int fd, enum control_reason refused)
{
        struct client *client = calloc(1, sizeof(*client));

        if (!client) {
                close(fd);
                return;
        }
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &(int){ CLIENT_SENDS }, sizeof(int));
        client->watch = (struct la_watch){ .ready = client_ready, .fd = fd };
        client->control = c;
        client->next = c->clients;
        c->clients = client;
        c->client_count++;
        if (refused != CONTROL_NO_REASON) {
                answer_refuse(&client->answer, refused);
                tell(client);
        }
        if (refused != CONTROL_NO_REASON || la_loop_watch(c->loop, &client->watch, EPOLLIN) < 0)
                client_end(client);
}

/* Of those who have asked nothing the first goes: who connects and is silent must not keep others out. */
static bool
make_room(struct la_control *c)
{
        struct client *silent = NULL;

        for (struct client *client = c->clients; client; client = client->next)
                if (!answer_goes_on(&client->answer) && client->length == 0)
                        silent = client;
        if (silent)
                client_end(silent);
        return silent != NULL;
}

static void
listener_ready(struct la_watch *watch, struct la_loop *loop, uint32_t events)
{
        struct la_control *c = (struct la_control *)watch;
        int refused, fd = listener_accept(&c->listener, &refused);

        (void)loop;
        (void)events;
        if (fd == -EACCES)
                client_begin(c, refused, CONTROL_NOT_YOU);
        else if (fd >= 0)
                client_begin(c, fd,
                             c->client_count < CLIENTS_MAX || make_room(c) ? CONTROL_NO_REASON : CONTROL_TOO_MANY);
}

/* ---- Open and close ---- */

static void
fill_hello(struct la_control *c, const char *name, const char *application)
{
        struct control_hello *h = &c->hello;
        struct timespec t;

        clock_gettime(CLOCK_REALTIME, &t);
        strncpy(h->version, LASTACK_VERSION, sizeof(h->version) - 1);
        strncpy(h->name, name, sizeof(h->name) - 1);
        strncpy(h->application, application ? application : "", sizeof(h->application) - 1);
        prctl(PR_GET_NAME, h->comm);
        h->layout = control_layout();
        h->pid = getpid();
        h->queues = 1;
        h->began_us = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
        h->link = la_link_facts(la_loop_link(c->loop));
        h->config = *la_stack_config(la_loop_stack(c->loop));
        memset(h->config.seed, 0, sizeof(h->config.seed));
}

int
la_control_open(struct la_loop *loop, const char *name, const char *application, struct la_control **ret_control)
{
        struct la_link_facts link = la_link_facts(la_loop_link(loop));
        struct la_control *c;
        int r;

        if (!name)
                name = link.name;
        if (!place_name_is_valid(name))
                return -EINVAL;
        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->loop = loop;
        c->observer.trace = traced;
        fill_hello(c, name, application);
        r = listener_open(&c->listener, name);
        c->watch = (struct la_watch){ .ready = listener_ready, .fd = c->listener.fd };
        if (r == 0)
                r = la_loop_watch(loop, &c->watch, EPOLLIN);
        if (r < 0) {
                listener_close(&c->listener);
                free(c);
                return r;
        }
        *ret_control = c;
        return 0;
}

void
la_control_queue(struct la_control *c, unsigned int queue, unsigned int queues)
{
        c->hello.queue = queue;
        c->hello.queues = queues;
}

const char *
la_control_path(const struct la_control *c)
{
        return c->listener.address.sun_path;
}

void
la_control_close(struct la_control *c)
{
        if (!c)
                return;
        while (c->clients)
                client_end(c->clients);
        la_loop_watch(c->loop, &c->watch, 0);
        listener_close(&c->listener);
        free(c);
}
