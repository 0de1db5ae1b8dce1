/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "linux/throwaway.h"

static const char device[] = "veth0";

/* ---- The cable: rtnetlink(7) ---- */

static void
put_peer(struct nlmsghdr *message, int netns)
{
        struct nlattr *data = mnl_attr_nest_start(message, IFLA_INFO_DATA);
        struct nlattr *peer = mnl_attr_nest_start(message, VETH_INFO_PEER);
        struct ifinfomsg *head = mnl_nlmsg_put_extra_header(message, sizeof(*head));

        head->ifi_family = AF_UNSPEC;
        mnl_attr_put_strz(message, IFLA_IFNAME, device);
        mnl_attr_put_u32(message, IFLA_NET_NS_FD, (uint32_t)netns);
        mnl_attr_nest_end(message, peer);
        mnl_attr_nest_end(message, data);
}

/* The kernel's answer: 0 or a negative errno. */
static int
ask(const struct nlmsghdr *message)
{
        struct mnl_socket *netlink = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
        char buffer[4096];
        ssize_t size;
        int r = 0;

        if (!netlink)
                return -errno;
        if (mnl_socket_sendto(netlink, message, message->nlmsg_len) < 0 ||
            (size = mnl_socket_recvfrom(netlink, buffer, sizeof(buffer))) < 0 ||
            mnl_cb_run(buffer, (size_t)size, message->nlmsg_seq, 0, NULL, NULL) < 0)
                r = -errno;
        mnl_socket_close(netlink);
        return r;
}

static int
make_cable(int to_netns)
{
        char buffer[1024];
        struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
        struct ifinfomsg *head;
        struct nlattr *info;

        message->nlmsg_type = RTM_NEWLINK;
        message->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK;
        message->nlmsg_seq = 1;
        head = mnl_nlmsg_put_extra_header(message, sizeof(*head));
        head->ifi_family = AF_UNSPEC;
        mnl_attr_put_strz(message, IFLA_IFNAME, device);
        info = mnl_attr_nest_start(message, IFLA_LINKINFO);
        mnl_attr_put_strz(message, IFLA_INFO_KIND, "veth");
        put_peer(message, to_netns);
        mnl_attr_nest_end(message, info);
        return ask(message);
}

/* ---- Devices: netdevice(7) ---- */

static int
set_up(int fd, const char *name)
{
        struct ifreq request = { 0 };

        snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
        if (ioctl(fd, SIOCGIFFLAGS, &request) < 0)
                return -errno;
        request.ifr_flags |= IFF_UP;
        return ioctl(fd, SIOCSIFFLAGS, &request) < 0 ? -errno : 0;
}

static int
set_address(int fd, const char *name, unsigned long what, const char *address)
{
        struct sockaddr_in in = { .sin_family = AF_INET };
        struct ifreq request = { 0 };

        inet_pton(AF_INET, address, &in.sin_addr);
        snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
        memcpy(&request.ifr_addr, &in, sizeof(in));
        return ioctl(fd, what, &request) < 0 ? -errno : 0;
}

/* In the namespace that the process is in. */
static int
give_address(const char *name, const char *address)
{
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

        if (fd < 0)
                return -errno;
        r = set_up(fd, "lo");
        if (r == 0)
                r = set_address(fd, name, SIOCSIFADDR, address);
        if (r == 0)
                r = set_address(fd, name, SIOCSIFNETMASK, "255.255.255.0");
        if (r == 0)
                r = set_up(fd, name);
        close(fd);
        return r;
}

static int
open_own(void)
{
        int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

        return fd < 0 ? -errno : fd;
}

/* ---- Both ---- */

static int
cable_between(struct throwaway_pair *p)
{
        int r;

        if (unshare(CLONE_NEWNET) < 0)
                return -errno;
        p->client = open_own();
        if (p->client < 0)
                return p->client;
        r = make_cable(p->server);
        if (r < 0)
                return r;
        if (setns(p->server, CLONE_NEWNET) < 0)
                return -errno;
        r = give_address(device, THROWAWAY_SERVER);
        if (setns(p->client, CLONE_NEWNET) < 0)
                return -errno;
        return r == 0 ? give_address(device, THROWAWAY_CLIENT) : r;
}

/* Without veth: an address that is not 127.0.0.1 is none of loopback to tcp_tw_reuse, wherever it lies. */
static int
one_for_both(struct throwaway_pair *p)
{
        int r;

        p->one = true;
        p->client = p->server;
        if (setns(p->server, CLONE_NEWNET) < 0)
                return -errno;
        r = give_address("lo", "127.0.0.1");
        if (r == 0)
                r = give_address("lo:1", THROWAWAY_CLIENT);
        return r == 0 ? give_address("lo:2", THROWAWAY_SERVER) : r;
}

int
throwaway_pair_enter(struct throwaway_pair *ret)
{
        struct throwaway_pair p = { .client = -1, .server = -1 };
        int r = throwaway_enter();

        if (r < 0)
                return r;
        p.server = open_own();
        if (p.server < 0)
                return p.server;
        if (cable_between(&p) < 0)
                r = one_for_both(&p);
        *ret = p;
        return r;
}
