/* SPDX-License-Identifier: BSD-2-Clause */
#define _GNU_SOURCE
#include "crowd.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "clock.h"

/* To one address and port there are 64512 connections; after half of them the kernel searches long for the next free
 * port, so a new address is taken well before. */
#define CONNECTIONS_PER_ADDRESS 10000
#define PORT                    7000

/* Enough for a quarter of 64000 sockets. */
#define DESCRIPTORS 16384

struct order {
        uint32_t connections;
        bool keep;
        uint64_t deadline_ns;
};

struct done {
        uint32_t connections;
        int error; /* negative errno that ended it early */
};

/* Where a member meets itself. */
struct place {
        struct sockaddr_in address;
        int listener;
        uint32_t connections;
};

struct connection {
        int active, passive;
};

static int
move_on(struct place *p)
{
        if (p->listener >= 0)
                close(p->listener);
        p->address.sin_addr.s_addr = htonl(ntohl(p->address.sin_addr.s_addr) + 1);
        p->connections = 0;
        p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (p->listener < 0 || bind(p->listener, (struct sockaddr *)&p->address, sizeof(p->address)) < 0 ||
            listen(p->listener, 8) < 0)
                return -errno;
        return 0;
}

static int
make_connection(struct place *p, struct connection *ret)
{
        int r = p->connections == CONNECTIONS_PER_ADDRESS ? move_on(p) : 0;
        if (r < 0)
                return r;
        struct connection c = { .active = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), .passive = -1 };
        if (c.active < 0)
                return -errno;
        if (connect(c.active, (struct sockaddr *)&p->address, sizeof(p->address)) == 0)
                c.passive = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
        if (c.passive < 0) {
                r = -errno;
                close(c.active);
                return r;
        }
        p->connections++;
        *ret = c;
        return 0;
}

/* When its holder ends, a kept connection is to vanish and not to leave a record in TIME_WAIT. */
static void
keep(const struct connection *c)
{
        struct linger none = { .l_onoff = 1 };
        setsockopt(c->active, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
        setsockopt(c->passive, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
}

static struct done
carry_out(struct place *p, const struct order *order)
{
        struct done done = { 0 };
        while (done.connections < order->connections && now_ns() < order->deadline_ns) {
                struct connection c = { 0 };
                done.error = make_connection(p, &c);
                if (done.error < 0)
                        break;
                done.connections++;
                if (order->keep) {
                        keep(&c);
                } else {
                        close(c.active);
                        close(c.passive);
                }
        }
        return done;
}

/* As many descriptors as we are allowed; root may allow itself more. */
static void
allow_many_descriptors(void)
{
        struct rlimit limit, more = { DESCRIPTORS, DESCRIPTORS };
        if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
                return;
        if (limit.rlim_max < DESCRIPTORS && setrlimit(RLIMIT_NOFILE, &more) == 0)
                return;
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
}

static _Noreturn void
be_member(uint32_t number, int line)
{
        struct place place = { .listener = -1,
                               .address = { .sin_family = AF_INET,
                                            .sin_port = htons(PORT),
                                            .sin_addr.s_addr = htonl(0x7f000000 + ((number + 1) << 16)) } };
        struct order order;
        prctl(PR_SET_NAME, CROWD_COMM);
        allow_many_descriptors();
        int r = move_on(&place);
        while (read(line, &order, sizeof(order)) == sizeof(order)) {
                struct done done = { .error = r };
                if (r >= 0)
                        done = carry_out(&place, &order);
                if (write(line, &done, sizeof(done)) != sizeof(done))
                        break;
        }
        _exit(0);
}

static int
start_member(struct crowd_member *m, uint32_t number)
{
        int line[2];
        pid_t parent = getpid();
        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, line) < 0)
                return -errno;
        pid_t pid = fork();
        if (pid == 0) {
                prctl(PR_SET_PDEATHSIG, SIGKILL);
                if (getppid() != parent)
                        _exit(1);
                close(line[0]);
                be_member(number, line[1]);
        }
        close(line[1]);
        if (pid < 0) {
                int r = -errno;
                close(line[0]);
                return r;
        }
        *m = (struct crowd_member){ .pid = pid, .line = line[0] };
        return 0;
}

int
crowd_start(struct crowd *crowd)
{
        memset(crowd, 0, sizeof(*crowd));
        for (uint32_t i = 0; i < CROWD_SIZE; i++) {
                int r = start_member(&crowd->member[i], i);
                if (r < 0) {
                        crowd_dismiss(crowd);
                        return r;
                }
        }
        return 0;
}

/* Each has its share to do at the same time. */
static int
order_all(struct crowd *crowd, const struct order share[CROWD_SIZE], uint32_t ret_made[CROWD_SIZE])
{
        int r = 0;
        for (uint32_t i = 0; i < CROWD_SIZE; i++)
                if (write(crowd->member[i].line, &share[i], sizeof(share[i])) != sizeof(share[i]))
                        return -EPIPE;
        for (uint32_t i = 0; i < CROWD_SIZE; i++) {
                struct done done;
                if (read(crowd->member[i].line, &done, sizeof(done)) != sizeof(done))
                        return -EPIPE;
                ret_made[i] = done.connections;
                if (done.error < 0)
                        r = done.error;
        }
        return r;
}

int
crowd_hold(struct crowd *crowd, uint32_t sockets, uint32_t *ret_held)
{
        struct order share[CROWD_SIZE];
        uint32_t made[CROWD_SIZE] = { 0 }, held = 0;
        for (uint32_t i = 0; i < CROWD_SIZE; i++) {
                uint32_t wanted = sockets / CROWD_SIZE, has = crowd->member[i].held;
                share[i] = (struct order){ .connections = wanted > has ? (wanted - has) / 2 : 0,
                                           .keep = true,
                                           .deadline_ns = UINT64_MAX };
        }
        int r = order_all(crowd, share, made);
        for (uint32_t i = 0; i < CROWD_SIZE; i++)
                held += crowd->member[i].held += 2 * made[i];
        *ret_held = held;
        return r;
}

int
crowd_leave(struct crowd *crowd, uint32_t records, uint64_t deadline_ns, uint32_t *ret_left)
{
        struct order share[CROWD_SIZE];
        uint32_t made[CROWD_SIZE] = { 0 }, left = 0;
        for (uint32_t i = 0; i < CROWD_SIZE; i++)
                share[i] = (struct order){ .connections = (records + CROWD_SIZE - 1) / CROWD_SIZE,
                                           .deadline_ns = deadline_ns };
        int r = order_all(crowd, share, made);
        for (uint32_t i = 0; i < CROWD_SIZE; i++)
                left += made[i];
        *ret_left = left;
        return r;
}

void
crowd_dismiss(struct crowd *crowd)
{
        for (uint32_t i = 0; i < CROWD_SIZE; i++) {
                struct crowd_member *m = &crowd->member[i];
                if (m->pid <= 0)
                        continue;
                kill(m->pid, SIGKILL);
                waitpid(m->pid, NULL, 0);
                close(m->line);
        }
        memset(crowd, 0, sizeof(*crowd));
}
