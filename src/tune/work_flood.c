/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * work_flood.c - SYNs whose sender does not exist, and who still gets in.
 *
 * A raw socket in the client's namespace sends them to the server's, over the cable between the two.  The answers go to
 * addresses that nobody has, so each stays half-open for as long as the server cares.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "linux/tunable.h"
#include "tune/trial.h"

#define FORGED       6000
#define FORGED_NET   "198.51.100.0" /* TEST-NET-2, RFC 5737 */
#define FORGED_HOSTS 250
#define EACH_US      2000

struct packet {
        struct iphdr ip;
        struct tcphdr tcp;
};

static uint16_t
checksum(const uint16_t *words, size_t count, uint32_t sum)
{
        for (size_t i = 0; i < count; i++)
                sum += words[i];
        while (sum >> 16)
                sum = (sum & 0xffff) + (sum >> 16);
        return (uint16_t)~sum;
}

/* RFC 9293 3.1: the pseudo-header, then the segment. */
static uint16_t
tcp_checksum(const struct packet *p)
{
        struct {
                uint32_t from, to;
                uint8_t zero, protocol;
                uint16_t length;
        } pseudo = { p->ip.saddr, p->ip.daddr, 0, IPPROTO_TCP, htons(sizeof(p->tcp)) };
        uint16_t words[(sizeof(pseudo) + sizeof(p->tcp)) / 2];

        memcpy(words, &pseudo, sizeof(pseudo));
        memcpy((char *)words + sizeof(pseudo), &p->tcp, sizeof(p->tcp));
        return checksum(words, sizeof(words) / 2, 0);
}

static struct packet
forged_syn(uint32_t number)
{
        struct packet p = { .ip = { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP } };
        struct in_addr net;

        inet_pton(AF_INET, FORGED_NET, &net);
        p.ip.tot_len = htons(sizeof(p));
        p.ip.saddr = htonl(ntohl(net.s_addr) + 1 + number % FORGED_HOSTS);
        inet_pton(AF_INET, THROWAWAY_SERVER, &p.ip.daddr);
        p.tcp.source = htons((uint16_t)(1024 + number / FORGED_HOSTS));
        p.tcp.dest = htons(TUNE_WORK_PORT);
        p.tcp.seq = htonl(number * 7919);
        p.tcp.doff = 5;
        p.tcp.syn = 1;
        p.tcp.window = htons(65535);
        p.tcp.check = tcp_checksum(&p);
        return p;
}

static int
send_forged(void)
{
        int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
        struct sockaddr_in to = { .sin_family = AF_INET };

        if (fd < 0)
                return -errno;
        inet_pton(AF_INET, THROWAWAY_SERVER, &to.sin_addr);
        for (uint32_t i = 0; i < FORGED; i++) {
                struct packet p = forged_syn(i);
                (void)sendto(fd, &p, sizeof(p), 0, (struct sockaddr *)&to, sizeof(to));
        }
        close(fd);
        return 0;
}

/* The server must think that it could answer: a way to the forged addresses, and no check of the way back. */
static int
let_them_in(struct tune_work *w)
{
        struct rtentry route = { .rt_flags = RTF_UP };
        struct sockaddr_in to = { .sin_family = AF_INET }, mask = { .sin_family = AF_INET };
        char device[] = "veth0", loopback[] = "lo";
        int fd, r = 0;

        inet_pton(AF_INET, FORGED_NET, &to.sin_addr);
        inet_pton(AF_INET, "255.255.255.0", &mask.sin_addr);
        memcpy(&route.rt_dst, &to, sizeof(to));
        memcpy(&route.rt_genmask, &mask, sizeof(mask));
        route.rt_dev = w->pair.one ? loopback : device;
        if (setns(w->pair.server, CLONE_NEWNET) < 0)
                return -errno;
        fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd < 0 || ioctl(fd, SIOCADDRT, &route) < 0)
                r = -errno;
        if (fd >= 0)
                close(fd);
        (void)tunable_write(0, "net/ipv4/conf/all/rp_filter", "0");
        (void)tunable_write(0, w->pair.one ? "net/ipv4/conf/lo/rp_filter" : "net/ipv4/conf/veth0/rp_filter", "0");
        if (setns(w->pair.client, CLONE_NEWNET) < 0)
                r = -errno;
        return r;
}

static void
connect_among_them(struct tune_work *w)
{
        struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(TUNE_WORK_PORT) };
        struct timeval patience = { .tv_usec = 300000 };
        uint64_t begun = tune_now_us();
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        inet_pton(AF_INET, THROWAWAY_SERVER, &a.sin_addr);
        w->side->tried++;
        if (fd >= 0)
                setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        if (fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
                tune_work_made(w, tune_now_us() - begun);
        else
                tune_work_failed(w, errno == EINPROGRESS ? ETIMEDOUT : errno);
        if (fd >= 0)
                close(fd);
}

int
tune_work_flood(struct tune_work *w)
{
        pid_t server = tune_work_server(w, 0, false);
        int r = server < 0 ? server : let_them_in(w);

        if (r == 0)
                r = send_forged();
        while (r == 0 && tune_now_us() < w->deadline_us && w->side->tried < w->trial->connections) {
                connect_among_them(w);
                nanosleep(&(struct timespec){ .tv_nsec = EACH_US * 1000L }, NULL);
        }
        return r;
}
