/* SPDX-License-Identifier: BSD-2-Clause */
/* up_interface.c - what a stack is brought up on: an interface that is made, or one that is shared with the kernel. */
#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/gettext.h"
#include "cli/say_error.h"
#include "cli/up.h"

struct la_tun_config
up_tun_config(const struct up_request *r)
{
        struct la_tun_config tun = {
                .name = r->name, .mtu = r->mtu, .queues = r->queues, .plain = r->plain, .tap = r->tap
        };

        memcpy(tun.gateway4, r->gateway4.bytes, sizeof(tun.gateway4));
        memcpy(tun.gateway6, r->gateway6.bytes, sizeof(tun.gateway6));
        return tun;
}

int
up_interface_complain(const struct up_request *r, const char *what, int error)
{
        say_error(_("cannot make %s: %s\n"), what, strerror(-error));
        if (error == -EACCES && access("/dev/net/tun", R_OK | W_OK) < 0 && errno == EACCES)
                fputs(_("/dev/net/tun is for root alone here; its usual mode lets everybody open it: chmod 666 "
                        "/dev/net/tun\n"),
                      stderr);
        else if ((error == -EPERM || error == -EACCES) && !r->unshare)
                fputs(_("It takes root, or CAP_NET_ADMIN. Without: lastack up --unshare ... brings it up in network "
                        "namespaces of its own.\n"),
                      stderr);
        else if (error == -EBUSY)
                fprintf(stderr, _("Somebody else has the interface; --name gives another: --name %.10s-2\n"), r->name);
        else if (error == -ENOENT || error == -ENODEV || error == -ENXIO)
                fputs(_("There is no /dev/net/tun: modprobe tun, or, in a container, --device /dev/net/tun.\n"),
                      stderr);
        else if ((error == -EPERM || error == -ENOSPC) && r->unshare)
                fputs(_("This system lets only root make namespaces (user.max_user_namespaces, "
                        "kernel.unprivileged_userns_clone, AppArmor).\n"),
                      stderr);
        return EXIT_NOT_TOLD;
}

static int
make(const struct up_request *r, struct la_link **ret_links)
{
        struct la_tun_config tun = up_tun_config(r);
        int status = la_tun_open(&tun, ret_links);

        if (status < 0)
                return up_interface_complain(r, r->name, status);
        for (size_t i = 0; i < r->hosts; i++) {
                char text[64];

                status = la_interface_address(r->name, r->host[i].family, r->host[i].bytes, r->host[i].prefix);
                if (status < 0) {
                        say_error(_("cannot give this end of %s its address %s/%u: %s\n"), r->name,
                                  up_address_text(&r->host[i], text), r->host[i].prefix, strerror(-status));
                        for (unsigned int q = 0; q < r->queues; q++)
                                la_link_close(ret_links[q]);
                        return EXIT_NOT_TOLD;
                }
        }
        return 0;
}

/* ---- An interface that is there ---- */

static const char *
why_not_shared(int error)
{
        switch (-error) {
        case ENODEV:
                return _("there is no such interface; ip link lists them");
        case EMSGSIZE:
                return _("its MTU is too large: ip link set INTERFACE mtu 3498, or less");
        case EBUSY:
                return _("another program has the interface, or its queue");
        case EOPNOTSUPP:
                return _("its driver cannot: leave out --xdp-mode native");
        case EPERM:
                return _("it takes root, or CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF");
        case ENOBUFS:
                return _("too little memory may be locked: ulimit -l");
        case ENOSYS:
                return _("this lastack was built without BPF");
        case EAFNOSUPPORT:
                return _("this kernel has no AF_XDP");
        default:
                return strerror(-error);
        }
}

static bool
is_veth(const char *interface)
{
        struct ethtool_drvinfo driver = { .cmd = ETHTOOL_GDRVINFO };
        struct ifreq r = { .ifr_data = (char *)&driver };
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        bool is = false;

        if (fd < 0)
                return false;
        strncpy(r.ifr_name, interface, sizeof(r.ifr_name) - 1);
        is = ioctl(fd, SIOCETHTOOL, &r) == 0 && strcmp(driver.driver, "veth") == 0;
        close(fd);
        return is;
}

/* Nothing would connect, and only a counter would tell why. */
static void
warn_of_checksums(const struct up_request *r)
{
        if (!r->trust_checksums && is_veth(r->xdp))
                fprintf(stderr,
                        _("%s is one of a veth pair, whose other end may leave checksums out: what has none is "
                          "refused, "
                          "unless --trust-checksums is given.\n"),
                        r->xdp);
}

static int
share(const struct up_request *r, struct la_link **ret_link)
{
        struct la_xdp_config xdp = { .interface = r->xdp, .mode = r->xdp_mode, .trust_checksums = r->trust_checksums };
        int status;

        memcpy(xdp.gateway4, r->gateway4.bytes, sizeof(xdp.gateway4));
        memcpy(xdp.gateway6, r->gateway6.bytes, sizeof(xdp.gateway6));
        status = la_xdp_open(&xdp, ret_link);
        if (status == 0) {
                warn_of_checksums(r);
                return 0;
        }
        say_error(_("cannot share %s: %s\n"), r->xdp, why_not_shared(status));
        return EXIT_NOT_TOLD;
}

int
up_interface_open(const struct up_request *r, struct la_link **ret_links)
{
        return r->xdp ? share(r, ret_links) : make(r, ret_links);
}
