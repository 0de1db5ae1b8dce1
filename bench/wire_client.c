/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "wire_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"

#define FLOWS_MAX 64
#define AT_ONCE   (1024 * 1024)

struct flow {
        enum wire_work work;
        uint64_t begin, end; /* in ns: what is done between them counts */
        uint64_t done;
        int error;
        pthread_t thread;
};

static int
connect_to(uint16_t port)
{
        struct sockaddr_in server = { .sin_family = AF_INET, .sin_port = htons(port) };
        struct timeval patience = { .tv_sec = 3 };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), status;

        if (fd < 0)
                return -errno;
        inet_pton(AF_INET, "10.77.0.2", &server.sin_addr);
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        if (connect(fd, (struct sockaddr *)&server, sizeof(server)) == 0)
                return fd;
        status = -errno;
        close(fd);
        return status;
}

static int
bulk(struct flow *f, bool to_server)
{
        static uint8_t zeros[AT_ONCE];
        static _Thread_local uint8_t room[AT_ONCE];
        int fd = connect_to(to_server ? 9 : 19), status = 0;
        struct linger reset = { .l_onoff = 1 };
        uint64_t now;

        if (fd < 0)
                return fd;
        while ((now = now_ns()) < f->end) {
                ssize_t n = to_server ? send(fd, zeros, sizeof(zeros), MSG_NOSIGNAL) : recv(fd, room, sizeof(room), 0);

                if (n <= 0) {
                        status = n < 0 ? -errno : -EPIPE;
                        break;
                }
                if (now >= f->begin)
                        f->done += (uint64_t)n;
        }
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
        close(fd);
        return status;
}

static int
converse(void)
{
        int fd = connect_to(7), status = 0;
        char byte = 'x';

        if (fd < 0)
                return fd;
        if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1 || recv(fd, &byte, 1, 0) != 1)
                status = errno ? -errno : -EPIPE;
        close(fd);
        return status;
}

static void *
run_flow(void *argument)
{
        struct flow *f = argument;
        uint64_t now;

        if (f->work != WIRE_CONVERSATIONS) {
                f->error = bulk(f, f->work == WIRE_TO_SERVER);
                return NULL;
        }
        while ((now = now_ns()) < f->end && (f->error = converse()) == 0)
                f->done += now >= f->begin;
        return NULL;
}

double
wire_client(enum wire_work work, unsigned int flows, unsigned int ms)
{
        static struct flow flow[FLOWS_MAX];
        uint64_t now = now_ns(), begin = now + (uint64_t)ms * 100000, end = begin + (uint64_t)ms * 1000000;
        unsigned int started = 0;
        uint64_t done = 0;
        int error = 0;

        for (; started < flows && started < FLOWS_MAX; started++) {
                flow[started] = (struct flow){ .work = work, .begin = begin, .end = end };
                if (pthread_create(&flow[started].thread, NULL, run_flow, &flow[started]) != 0)
                        break;
        }
        for (unsigned int i = 0; i < started; i++) {
                pthread_join(flow[i].thread, NULL);
                done += flow[i].done;
                if (flow[i].error)
                        error = flow[i].error;
        }
        return error ? error : (double)done * 1000 / ms;
}
