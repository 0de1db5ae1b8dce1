/* SPDX-License-Identifier: BSD-2-Clause */
/* netdevice(7) for what is as old as it, rtnetlink(7) for addresses and queues. */
#include "link/interface.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define ROUTE_WAIT_MS 1000

static int
ask(unsigned long request, const char *name, struct ifreq *r)
{
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), status;

        if (fd < 0)
                return -errno;
        strncpy(r->ifr_name, name, sizeof(r->ifr_name) - 1);
        status = ioctl(fd, request, r) < 0 ? -errno : 0;
        close(fd);
        return status;
}

int
interface_mtu(const char *name, uint32_t *ret_mtu)
{
        struct ifreq r = { 0 };
        int status = ask(SIOCGIFMTU, name, &r);

        if (status == 0)
                *ret_mtu = (uint32_t)r.ifr_mtu;
        return status;
}

int
interface_set_mtu(const char *name, uint32_t mtu)
{
        struct ifreq r = { .ifr_mtu = (int)mtu };

        return ask(SIOCSIFMTU, name, &r);
}

int
interface_up(const char *name)
{
        struct ifreq r = { 0 };
        int status = ask(SIOCGIFFLAGS, name, &r);

        r.ifr_flags |= IFF_UP;
        return status < 0 ? status : ask(SIOCSIFFLAGS, name, &r);
}

int
interface_mac(const char *name, uint8_t ret_mac[6])
{
        struct ifreq r = { 0 };
        int status = ask(SIOCGIFHWADDR, name, &r);

        if (status == 0 && r.ifr_hwaddr.sa_family != ARPHRD_ETHER)
                status = -EPROTOTYPE;
        if (status == 0)
                memcpy(ret_mac, r.ifr_hwaddr.sa_data, 6);
        return status;
}

/* Sends one request and waits for what the kernel says to it; `ret_type` gets a route's, where that is the answer. */
static int
netlink_request(struct nlmsghdr *request, uint8_t *ret_type)
{
        uint8_t answer[8192];
        struct mnl_socket *s = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
        const struct nlmsghdr *first = (const struct nlmsghdr *)answer;
        ssize_t n = -1;
        int status = 0;

        if (!s)
                return -errno;
        request->nlmsg_flags |= NLM_F_REQUEST | (ret_type ? 0 : NLM_F_ACK);
        request->nlmsg_seq = (uint32_t)time(NULL);
        if (mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID) == 0 &&
            mnl_socket_sendto(s, request, request->nlmsg_len) == (ssize_t)request->nlmsg_len)
                n = mnl_socket_recvfrom(s, answer, sizeof(answer));
        if (n < 0 ||
            mnl_cb_run(answer, (size_t)n, request->nlmsg_seq, mnl_socket_get_portid(s), NULL, NULL) == MNL_CB_ERROR)
                status = errno ? -errno : -EIO;
        else if (ret_type && mnl_nlmsg_ok(first, (int)n) && first->nlmsg_type == RTM_NEWROUTE)
                *ret_type = ((const struct rtmsg *)mnl_nlmsg_get_payload(first))->rtm_type;
        mnl_socket_close(s);
        return status;
}

/* SIOCSIFTXQLEN takes the host's own CAP_NET_ADMIN, in a user namespace as well (net/core/dev_ioctl.c); this does not. */
int
interface_set_queue(const char *name, uint32_t packets)
{
        uint8_t room[256] = { 0 };
        struct nlmsghdr *request = mnl_nlmsg_put_header(room);
        struct ifinfomsg *message = mnl_nlmsg_put_extra_header(request, sizeof(*message));

        request->nlmsg_type = RTM_NEWLINK;
        message->ifi_index = (int)if_nametoindex(name);
        if (message->ifi_index == 0)
                return -errno;
        mnl_attr_put_u32(request, IFLA_TXQLEN, packets);
        return netlink_request(request, NULL);
}

/* Whether the kernel takes packets to this address as its own. */
static bool
is_kernels_own(const uint8_t address[16])
{
        uint8_t room[256] = { 0 }, type = RTN_UNSPEC;
        struct nlmsghdr *request = mnl_nlmsg_put_header(room);
        struct rtmsg *message = mnl_nlmsg_put_extra_header(request, sizeof(*message));

        request->nlmsg_type = RTM_GETROUTE;
        message->rtm_family = AF_INET6;
        message->rtm_dst_len = 128;
        mnl_attr_put(request, RTA_DST, 16, address);
        return netlink_request(request, &type) == 0 && type == RTN_LOCAL;
}

/* An IPv6 address is there at once, and its route a little later, by a worker of the kernel's: a packet to it that comes
 * between the two is lost. */
static void
wait_for_route(const uint8_t address[16])
{
        const struct timespec moment = { .tv_nsec = 1000000 };

        for (unsigned int i = 0; i < ROUTE_WAIT_MS && !is_kernels_own(address); i++)
                nanosleep(&moment, NULL);
}

int
la_interface_address(const char *name, enum la_family family, const uint8_t *address, unsigned int prefix)
{
        uint8_t room[256] = { 0 };
        size_t n = family == LA_IPV4 ? 4 : 16;
        struct nlmsghdr *request = mnl_nlmsg_put_header(room);
        struct ifaddrmsg *message = mnl_nlmsg_put_extra_header(request, sizeof(*message));
        int status;

        if (prefix > n * 8)
                return -EINVAL;
        request->nlmsg_type = RTM_NEWADDR;
        request->nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
        message->ifa_family = family == LA_IPV4 ? AF_INET : AF_INET6;
        message->ifa_prefixlen = (uint8_t)prefix;
        message->ifa_flags = family == LA_IPV6 ? IFA_F_NODAD : 0;
        message->ifa_index = if_nametoindex(name);
        if (message->ifa_index == 0)
                return -errno;
        mnl_attr_put(request, IFA_LOCAL, n, address);
        mnl_attr_put(request, IFA_ADDRESS, n, address);
        status = netlink_request(request, NULL);
        if (status == 0 && family == LA_IPV6)
                wait_for_route(address);
        return status;
}
