/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * work.c - connections made and ended, in a trial's namespaces.
 *
 * The process is in the client's; sockets stay in the namespace that they were made in.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "linux/count.h"
#include "tune/trial.h"

#define ACCEPT_US     10000 /* a slow server: 100 connections a second */
#define BURST_MOST    2000
#define HALF_MOST     400
#define EXHAUSTED_US  1000 /* rest after EADDRNOTAVAIL */
#define CONNECT_WAITS 1000000
#define SETTLES_US    500000

static struct sockaddr_in
address_of(const char *text)
{
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(TUNE_WORK_PORT) };

        inet_pton(AF_INET, text, &a.sin_addr);
        return a;
}

static void
rest(uint64_t us)
{
        nanosleep(&(struct timespec){ .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000 }, NULL);
}

static bool
is_over(const struct tune_work *w)
{
        return tune_now_us() >= w->deadline_us || w->side->tried >= w->trial->connections;
}

/* ---- The server ---- */

static int
listen_in(int netns, int home, uint32_t backlog)
{
        struct sockaddr_in a = address_of(THROWAWAY_SERVER);
        int fd, r = 0;

        if (setns(netns, CLONE_NEWNET) < 0)
                return -errno;
        fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, (int)backlog) < 0)
                r = -errno;
        if (setns(home, CLONE_NEWNET) < 0)
                r = -errno;
        if (r < 0 && fd >= 0)
                close(fd);
        return r < 0 ? r : fd;
}

static void
serve(int listener, uint32_t pause_us, bool hold)
{
        char bytes[512];

        for (;;) {
                int fd = accept(listener, NULL, NULL);
                if (fd < 0 && errno != EINTR && errno != ECONNABORTED && errno != EMFILE)
                        return;
                if (fd >= 0 && !hold) {
                        if (pause_us == 0)
                                while (read(fd, bytes, sizeof(bytes)) > 0)
                                        ;
                        close(fd);
                }
                if (pause_us > 0)
                        rest(pause_us);
        }
}

pid_t
tune_work_server(struct tune_work *w, uint32_t pause_us, bool hold)
{
        int listener = listen_in(w->pair.server, w->pair.client, w->trial->backlog);
        pid_t parent = getpid(), child;

        if (listener < 0)
                return listener;
        child = fork();
        if (child == 0) {
                if (throwaway_end_with(parent))
                        serve(listener, pause_us, hold);
                _exit(0);
        }
        close(listener);
        return child < 0 ? -errno : child;
}

/* ---- The client ---- */

static int
new_socket(int more)
{
        struct timeval patience = { .tv_sec = CONNECT_WAITS / 1000000 };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | more, 0);

        if (fd >= 0 && !more) /* which connect() obeys, too */
                setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        return fd;
}

/* A port where nobody listens refuses, and leaves no TIME_WAIT. */
void
tune_work_warm_up(void)
{
        struct sockaddr_in a = address_of(THROWAWAY_SERVER);
        struct timeval patience = { .tv_usec = 50000 };
        bool refused = false;

        a.sin_port = htons(TUNE_WORK_PORT - 1);
        for (unsigned int i = 0; i < 20 && !refused; i++) {
                int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
                if (fd < 0)
                        return;
                setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
                refused = connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0 && errno == ECONNREFUSED;
                close(fd);
        }
}

static void
note_exhaustion(struct tune_work *w, int error)
{
        if (error != EADDRNOTAVAIL)
                return;
        if (!w->side->ports_out) {
                w->side->ports_out = true;
                w->side->made_until_out = w->side->made;
                w->side->until_out_us = tune_now_us() - w->begun_us;
        }
        rest(EXHAUSTED_US);
}

/* One connection, made and, unless it is to be kept, closed: this end first.  Returns its descriptor, or -1. */
static int
connect_once(struct tune_work *w)
{
        struct sockaddr_in a = address_of(THROWAWAY_SERVER);
        int fd = new_socket(0), error = 0;
        uint64_t begun = tune_now_us();

        w->side->tried++;
        if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
                error = errno == EINPROGRESS ? ETIMEDOUT : errno;
        if (error == 0) {
                tune_work_made(w, tune_now_us() - begun);
                return fd;
        }
        if (fd >= 0)
                close(fd);
        tune_work_failed(w, error);
        note_exhaustion(w, error);
        return -1;
}

/* The server closes a little later than we do: until it has, a connection is in FIN_WAIT_2. */
static void
let_it_close(const struct tune_work *w)
{
        struct dump_request request = { .states = 1u << LA_FIN_WAIT_1 | 1u << LA_FIN_WAIT_2,
                                        .netns_fd = w->pair.client };
        uint64_t counts[LA_STATE_COUNT], until = tune_now_us() + SETTLES_US;

        while (tune_now_us() < until && count_states(&request, counts, NULL) == 0 &&
               counts[LA_FIN_WAIT_1] + counts[LA_FIN_WAIT_2] > 0)
                rest(SETTLES_US / 50);
}

int
tune_work_ports(struct tune_work *w)
{
        pid_t server = tune_work_server(w, 0, false);

        if (server < 0)
                return server;
        while (!is_over(w)) {
                int fd = connect_once(w);
                if (fd >= 0)
                        close(fd);
        }
        w->ended_us = tune_now_us();
        let_it_close(w);
        kill(server, SIGKILL);
        return 0;
}

int
tune_work_half_closed(struct tune_work *w)
{
        pid_t server = tune_work_server(w, 0, true);

        if (server < 0)
                return server;
        for (unsigned int i = 0; i < HALF_MOST && !is_over(w); i++) {
                int fd = connect_once(w);
                if (fd >= 0)
                        close(fd);
        }
        if (tune_now_us() < w->deadline_us)
                rest(w->deadline_us - tune_now_us());
        return 0;
}

/* ---- Many at once ---- */

struct attempt {
        int fd;
        bool made;
        uint64_t begun_us;
};

static bool
begin(struct tune_work *w, int epoll, struct attempt *attempt)
{
        struct sockaddr_in a = address_of(THROWAWAY_SERVER);
        struct epoll_event event = { .events = EPOLLOUT | EPOLLET, .data.ptr = attempt };

        *attempt = (struct attempt){ .fd = new_socket(SOCK_NONBLOCK), .begun_us = tune_now_us() };
        w->side->tried++;
        if (attempt->fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, attempt->fd, &event) < 0 ||
            (connect(attempt->fd, (struct sockaddr *)&a, sizeof(a)) < 0 && errno != EINPROGRESS)) {
                tune_work_failed(w, errno);
                note_exhaustion(w, errno);
                return false;
        }
        return true;
}

/* It is connected, or was refused; or what was connected is reset. */
static void
go_on(struct tune_work *w, struct attempt *attempt, uint32_t events)
{
        socklen_t size = sizeof(int);
        int error = 0;

        if (events & (EPOLLERR | EPOLLHUP)) {
                getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &error, &size);
                if (error != 0) {
                        tune_work_failed(w, error);
                        close(attempt->fd);
                        attempt->fd = -1;
                        return;
                }
        }
        if (events & EPOLLOUT && !attempt->made) {
                attempt->made = true;
                tune_work_made(w, tune_now_us() - attempt->begun_us);
        }
}

static void
watch_until_deadline(struct tune_work *w, int epoll)
{
        struct epoll_event events[64];

        for (uint64_t now = tune_now_us(); now < w->deadline_us; now = tune_now_us()) {
                int count = epoll_wait(epoll, events, 64, (int)((w->deadline_us - now) / 1000) + 1);
                for (int i = 0; i < count; i++)
                        go_on(w, events[i].data.ptr, events[i].events);
        }
}

static int
burst(struct tune_work *w, uint32_t most)
{
        uint32_t count = w->trial->connections < most ? w->trial->connections : most;
        struct attempt *attempts = calloc(count, sizeof(*attempts));
        int epoll = epoll_create1(EPOLL_CLOEXEC);

        if (!attempts || epoll < 0)
                return -ENOMEM;
        for (uint32_t i = 0; i < count && !is_over(w); i++)
                if (!begin(w, epoll, &attempts[i]) && attempts[i].fd >= 0) {
                        close(attempts[i].fd);
                        attempts[i].fd = -1;
                }
        watch_until_deadline(w, epoll);
        for (uint32_t i = 0; i < w->side->tried; i++)
                if (attempts[i].fd >= 0 && !attempts[i].made)
                        tune_work_failed(w, ETIMEDOUT);
        return 0; /* they end with the process, after they were counted */
}

int
tune_work_accept(struct tune_work *w)
{
        pid_t server = tune_work_server(w, ACCEPT_US, true);

        return server < 0 ? server : burst(w, BURST_MOST);
}
