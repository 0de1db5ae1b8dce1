/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "wire_veth.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define AT_ONCE (1024 * 1024)

static int
set(const char *path, const char *value)
{
        int fd = open(path, O_WRONLY | O_CLOEXEC), status = 0;

        if (fd < 0)
                return -errno;
        if (write(fd, value, strlen(value)) < 0)
                status = -errno;
        close(fd);
        return status;
}

int
veth_enter(void)
{
        int status = unshare(CLONE_NEWNET) < 0 ? -errno : 0;

        if (status == 0)
                status = set("/proc/sys/net/ipv4/tcp_max_tw_buckets", "0");
        return status < 0 ? status : set("/proc/sys/net/ipv4/ip_local_port_range", "1024 65535");
}

/* One connection to its end. */
static void *
serve_connection(void *argument)
{
        int fd = (int)(intptr_t)argument;
        struct sockaddr_in local;
        socklen_t n = sizeof(local);
        uint8_t *room = calloc(1, AT_ONCE);
        ssize_t moved = 1;

        getsockname(fd, (struct sockaddr *)&local, &n);
        while (moved > 0 && room)
                if (local.sin_port == htons(19))
                        moved = send(fd, room, AT_ONCE, MSG_NOSIGNAL);
                else
                        moved = recv(fd, room, AT_ONCE, 0);
        free(room);
        close(fd);
        return NULL;
}

static int
listen_on(uint16_t port)
{
        struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 || listen(fd, 128) < 0)
                return -errno;
        return fd;
}

static void *
serve_bulk(void *argument)
{
        int listener = (int)(intptr_t)argument, fd;
        pthread_t thread;

        while ((fd = accept(listener, NULL, NULL)) >= 0)
                if (pthread_create(&thread, NULL, serve_connection, (void *)(intptr_t)fd) == 0)
                        pthread_detach(thread);
        return NULL;
}

/* Conversations follow one another: no thread for each. */
static void
serve_echo(int listener)
{
        char byte;
        int fd;

        while ((fd = accept(listener, NULL, NULL)) >= 0) {
                while (recv(fd, &byte, 1, 0) == 1 && send(fd, &byte, 1, MSG_NOSIGNAL) == 1)
                        ;
                close(fd);
        }
}

static int
shell(const char *command)
{
        return system(command) == 0 ? 0 : -EIO;
}

/* The pair is made from within the new namespace, whose parent's is that of the process that started this one. */
static int
make_pair(pid_t outside)
{
        char command[512];

        snprintf(command, sizeof(command),
                 "ip link add vb type veth peer name va netns %d && ip addr add 10.77.0.2/24 dev vb && ip link set vb "
                 "up && "
                 "nsenter -t %d -n ip addr add 10.77.0.1/24 dev va && nsenter -t %d -n ip link set va up",
                 (int)outside, (int)outside, (int)outside);
        return shell(command);
}

int
veth_serve(int ready_fd)
{
        int echo, discard, chargen, status = unshare(CLONE_NEWNET) < 0 ? -errno : make_pair(getppid());
        pthread_t thread;

        if (status < 0 || (echo = listen_on(7)) < 0 || (discard = listen_on(9)) < 0 || (chargen = listen_on(19)) < 0)
                return status < 0 ? status : -EADDRINUSE;
        pthread_create(&thread, NULL, serve_bulk, (void *)(intptr_t)discard);
        pthread_create(&thread, NULL, serve_bulk, (void *)(intptr_t)chargen);
        if (write(ready_fd, "", 1) < 0)
                return -errno;
        serve_echo(echo);
        return 0;
}

void
veth_remove(void)
{
        shell("ip link del va");
}
