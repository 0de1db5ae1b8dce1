/* SPDX-License-Identifier: BSD-2-Clause */
/* up.c - the command line of `lastack up`. */
#include "cli/up.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/gettext.h"

#define CONNECTIONS_USUAL 65536
#define MTU_USUAL         1500
#define CONNECTIONS_MAX   (1u << 20)

enum {
        OPTION_ADDR = 0x100,
        OPTION_HOST_ADDR,
        OPTION_SERVE,
        OPTION_FORWARD,
        OPTION_SET,
        OPTION_DANGEROUS,
        OPTION_NAME,
        OPTION_MTU,
        OPTION_PLAIN,
        OPTION_QUEUES,
        OPTION_CONNECTIONS,
        OPTION_BUSY_POLL,
        OPTION_PCAP,
        OPTION_UNSHARE,
        OPTION_TAP,
        OPTION_XDP,
        OPTION_XDP_MODE,
        OPTION_TRUST_CHECKSUMS,
        OPTION_GATEWAY,
        OPTION_READY_FD,
};

static const struct argp_option option_list[] = {
        { NULL, 0, NULL, 0, N_("What it answers to, and with what:"), 1 },
        { "addr", OPTION_ADDR, N_("ADDR/BITS"), 0, N_("An address of the stack, and its network; several may be given"),
          1 },
        { "serve", OPTION_SERVE, N_("WHAT=PORT"), 0,
          N_("echo=7, discard=9, chargen=19, or http=80:DIR, which serves the files beneath DIR"), 1 },
        { "forward", OPTION_FORWARD, N_("PORT=TARGET"), 0,
          N_("Carry connections to PORT to an ordinary server: 8080=127.0.0.1:80, 443=unix:/run/server.sock"), 1 },
        { NULL, 0, NULL, 0, N_("How it behaves:"), 2 },
        { "set", OPTION_SET, N_("NAME=VALUE"), 0, N_("A tunable, by Linux's name: tcp_fin_timeout=30"), 2 },
        { "dangerous", OPTION_DANGEROUS, NULL, 0, N_("Let --set do what breaks connections, too: tcp_tw_recycle=1"),
          2 },
        { "connections", OPTION_CONNECTIONS, "N", 0, N_("How many at most, for each queue; 65536 unless said"), 2 },
        { "busy-poll", OPTION_BUSY_POLL, "US", 0,
          N_("Look for packets so many microseconds before sleeping, 0 to 1000; 50 unless said, where there are "
             "processors to spare"),
          2 },
        { NULL, 0, NULL, 0, N_("The interface:"), 3 },
        { "name", OPTION_NAME, "NAME", 0, N_("Of the stack and its interface; la0 unless said"), 3 },
        { "host-addr", OPTION_HOST_ADDR, N_("ADDR/BITS"), 0,
          N_("The address of the kernel's end; the network's first that is free unless said"), 3 },
        { "mtu", OPTION_MTU, "BYTES", 0, N_("576 to 65535; 1500 unless said"), 3 },
        { "plain", OPTION_PLAIN, NULL, 0, N_("Without offloads: no packet is longer than the MTU"), 3 },
        { "queues", OPTION_QUEUES, "N", 0,
          N_("So many queues, each with a stack in a thread of its own; 1 unless said"), 3 },
        { "unshare", OPTION_UNSHARE, NULL, 0,
          N_("In network namespaces of its own: needs no privileges, and leaves the host's network as it is"), 3 },
        { "tap", OPTION_TAP, NULL, 0, N_("Ethernet frames (TAP) instead of packets: to be put on a bridge"), 3 },
        { "xdp", OPTION_XDP, N_("INTERFACE"), 0,
          N_("Make none: take from a real interface what is for --addr, and leave the rest to the kernel (AF_XDP)"),
          3 },
        { "xdp-mode", OPTION_XDP_MODE, "auto|native|copy", 0,
          N_("In the driver, or above it, which is slower; auto unless said: in the driver if it can"), 3 },
        { "trust-checksums", OPTION_TRUST_CHECKSUMS, NULL, 0,
          N_("Do not look at checksums that arrive: for --xdp on a veth pair, whose other end leaves them out"), 3 },
        { "gateway", OPTION_GATEWAY, N_("ADDR"), 0,
          N_("Who takes packets to other networks, with --tap and --xdp; one of each family"), 3 },
        { NULL, 0, NULL, 0, N_("What is said of it:"), 4 },
        { "pcap", OPTION_PCAP, "FILE", 0, N_("Write the packets to FILE (pcapng, for Wireshark), with comments"), 4 },
        { "quiet", 'q', NULL, 0, N_("Say nothing where nothing is wrong"), 4 },
        { "ready-fd", OPTION_READY_FD, "FD", 0, N_("Write a byte to this descriptor, and close it, once all is up"),
          4 },
        { 0 },
};

/* ---- Values ---- */

static unsigned int
number(const char *option, const char *text, unsigned int least, unsigned int most, struct argp_state *state)
{
        char *end;
        unsigned long n;

        errno = 0;
        n = strtoul(text, &end, 10);
        if (*text < '0' || *text > '9' || *end != '\0' || errno || n < least || n > most)
                argp_error(state, _("--%s takes a number from %u to %u, not '%s'"), option, least, most, text);
        return (unsigned int)n;
}

static void
add_address(struct up_address *list, size_t *count, const char *option, const char *text, struct argp_state *state)
{
        const char *problem;

        if (*count == UP_ADDRESSES_MAX)
                argp_error(state, _("at most %d addresses can be given"), UP_ADDRESSES_MAX);
        if (!up_address_parse(text, &list[*count], &problem))
                argp_error(state, _("--%s %s: %s"), option, text, problem);
        if (up_address_is_in(list, *count, &list[*count]))
                argp_error(state, _("--%s %s is given twice"), option, text);
        (*count)++;
}

static void
add_service(struct up_request *r, bool forward, const char *text, struct argp_state *state)
{
        char error[SERVE_ERROR_SIZE];

        if (r->services == UP_SERVICES_MAX)
                argp_error(state, _("at most %d services can be given"), UP_SERVICES_MAX);
        if ((forward ? serve_parse_forward : serve_parse)(text, &r->service[r->services], error, sizeof(error)) < 0)
                argp_error(state, "--%s %s: %s", forward ? "forward" : "serve", text, error);
        r->services++;
}

static void
add_knob(struct up_request *r, char *text, struct argp_state *state)
{
        char *equals = strchr(text, '=');

        if (!equals || equals == text)
                argp_error(state, _("--set takes NAME=VALUE, as in tcp_fin_timeout=30, not '%s'"), text);
        if (r->knobs == UP_KNOBS_MAX)
                argp_error(state, _("at most %d tunables can be given"), UP_KNOBS_MAX);
        *equals = '\0';
        r->knob[r->knobs++] = (struct up_knob){ text, equals + 1 };
}

static void
take_name(struct up_request *r, const char *text, struct argp_state *state)
{
        if (*text == '\0' || strlen(text) >= LA_LINK_NAME_SIZE || strpbrk(text, "/ %:") || text[0] == '.')
                argp_error(state,
                           _("--name takes the name of an interface, at most 15 characters without '/', ':', '%%' and "
                             "blanks, not '%s'"),
                           text);
        r->name = text;
}

static enum la_xdp_mode
xdp_mode(const char *text, struct argp_state *state)
{
        if (strcmp(text, "native") == 0)
                return LA_XDP_NATIVE;
        if (strcmp(text, "copy") == 0)
                return LA_XDP_COPY;
        if (strcmp(text, "auto") != 0)
                argp_error(state, _("--xdp-mode is 'auto', 'native' or 'copy', not '%s'"), text);
        return LA_XDP_AUTO;
}

static void
take_gateway(struct up_request *r, const char *text, struct argp_state *state)
{
        struct up_address a;
        const char *problem;

        if (!up_address_parse(text, &a, &problem))
                argp_error(state, "--gateway %s: %s", text, problem);
        *(a.family == LA_IPV4 ? &r->gateway4 : &r->gateway6) = a;
}

/* ---- What all of it adds up to ---- */

/* Each of the stack's needs one of the kernel's in its network, or nothing is routed there. */
static void
check_host_addresses(const struct up_request *r, struct argp_state *state)
{
        char text[64];

        for (size_t h = 0; h < r->hosts; h++)
                if (up_address_is_in(r->address, r->addresses, &r->host[h]))
                        argp_error(state,
                                   _("--host-addr %s is the stack's own address: the kernel's end needs another"),
                                   up_address_text(&r->host[h], text));
        for (size_t i = 0; i < r->addresses; i++) {
                bool routed = false;

                for (size_t h = 0; h < r->hosts; h++)
                        routed |= up_address_is_near(&r->host[h], &r->address[i]);
                if (!routed)
                        argp_error(state,
                                   _("--addr %s is in the network of no --host-addr, so nothing would be routed to it"),
                                   up_address_text(&r->address[i], text));
        }
}

static void
find_host_address(struct up_request *r, const struct up_address *ours, struct argp_state *state)
{
        struct up_address host;
        char text[64];

        if (ours->prefix == (ours->family == LA_IPV4 ? 32u : 128u))
                argp_error(state,
                           _("--addr %s names no network, so nothing would be routed to it: say /24, or --host-addr"),
                           up_address_text(ours, text));
        if (!up_address_of_host(r, ours, &host))
                argp_error(state,
                           _("the network of --addr %s/%u has no other address for the kernel's end: say --host-addr"),
                           up_address_text(ours, text), ours->prefix);
        if (!up_address_is_in(r->host, r->hosts, &host))
                r->host[r->hosts++] = host;
}

static void
find_host_addresses(struct up_request *r, struct argp_state *state)
{
        if (r->hosts > 0)
                check_host_addresses(r, state);
        else
                for (size_t i = 0; i < r->addresses; i++)
                        find_host_address(r, &r->address[i], state);
}

/* An interface that is there has its MTU, its addresses and its name. */
static void
check_xdp(const struct up_request *r, struct argp_state *state)
{
        const char *option = r->tap                ? "--tap"
                             : r->plain            ? "--plain"
                             : r->unshare          ? "--unshare"
                             : r->queues > 1       ? "--queues"
                             : r->hosts > 0        ? "--host-addr"
                             : r->mtu != MTU_USUAL ? "--mtu"
                                                   : NULL;

        if (option)
                argp_error(state, _("%s is about an interface that is made, and --xdp takes one that is there"),
                           option);
}

static void
check_interface(const struct up_request *r, struct argp_state *state)
{
        bool gateway = r->gateway4.family || r->gateway6.family;

        if (r->xdp)
                check_xdp(r, state);
        else if (r->xdp_mode != LA_XDP_AUTO || r->trust_checksums)
                argp_error(state, _("--xdp-mode and --trust-checksums are about --xdp INTERFACE"));
        if (gateway && !r->tap && !r->xdp)
                argp_error(state, _("--gateway is for --tap and --xdp: on a TUN interface the kernel is the next hop"));
}

static void
check(struct up_request *r, struct argp_state *state)
{
        char error[SERVE_ERROR_SIZE];

        check_interface(r, state);
        if (r->addresses == 0)
                argp_error(state, _("which address? --addr 10.77.0.2/24, for example"));
        if (r->services == 0)
                argp_error(state,
                           _("what is it to serve? --serve echo=7, --serve http=80:DIR, --forward 8080=127.0.0.1:80"));
        if (serve_check_ports(r->service, r->services, error, sizeof(error)) < 0)
                argp_error(state, "%s", error);
        if (r->ready_fd >= 0 && fcntl(r->ready_fd, F_GETFD) < 0)
                argp_error(state, _("--ready-fd %d: no such descriptor is open"), r->ready_fd);
        if (r->pcap && r->queues > 1)
                argp_error(state, _("--pcap writes what one queue carries: leave out --queues"));
        if (!r->xdp)
                find_host_addresses(r, state);
}

static error_t
parse_interface(int key, char *arg, struct argp_state *state, struct up_request *r)
{
        switch (key) {
        case OPTION_NAME:
                take_name(r, arg, state);
                return 0;
        case OPTION_MTU:
                r->mtu = number("mtu", arg, 576, 65535, state);
                return 0;
        case OPTION_PLAIN:
                r->plain = true;
                return 0;
        case OPTION_QUEUES:
                r->queues = number("queues", arg, 1, UP_QUEUES_MAX, state);
                return 0;
        case OPTION_UNSHARE:
                r->unshare = true;
                return 0;
        case OPTION_TAP:
                r->tap = true;
                return 0;
        case OPTION_XDP:
                r->xdp = arg;
                return 0;
        case OPTION_XDP_MODE:
                r->xdp_mode = xdp_mode(arg, state);
                return 0;
        case OPTION_TRUST_CHECKSUMS:
                r->trust_checksums = true;
                return 0;
        case OPTION_GATEWAY:
                take_gateway(r, arg, state);
                return 0;
        default:
                return ARGP_ERR_UNKNOWN;
        }
}

static error_t
parse(int key, char *arg, struct argp_state *state)
{
        struct up_request *r = state->input;

        switch (key) {
        case OPTION_ADDR:
                add_address(r->address, &r->addresses, "addr", arg, state);
                return 0;
        case OPTION_HOST_ADDR:
                add_address(r->host, &r->hosts, "host-addr", arg, state);
                return 0;
        case OPTION_SERVE:
        case OPTION_FORWARD:
                add_service(r, key == OPTION_FORWARD, arg, state);
                return 0;
        case OPTION_SET:
                add_knob(r, arg, state);
                return 0;
        case OPTION_DANGEROUS:
                r->dangerous = true;
                return 0;
        case OPTION_CONNECTIONS:
                r->connections = number("connections", arg, 1, CONNECTIONS_MAX, state);
                return 0;
        case OPTION_BUSY_POLL:
                r->busy_poll_us = number("busy-poll", arg, 0, 1000, state);
                return 0;
        case OPTION_PCAP:
                r->pcap = arg;
                return 0;
        case OPTION_READY_FD:
                r->ready_fd = (int)number("ready-fd", arg, 0, INT32_MAX, state);
                return 0;
        case 'q':
                r->quiet = true;
                return 0;
        case ARGP_KEY_ARGS:
                r->command = state->argv + state->next;
                return 0;
        case ARGP_KEY_END:
                check(r, state);
                return 0;
        default:
                return parse_interface(key, arg, state, r);
        }
}

static const struct argp up_argp = {
        .options = option_list,
        .parser = parse,
        .args_doc = N_("[-- COMMAND...]"),
        .doc = N_("Brings up lastack's own TCP on an interface, where it answers this host's clients, and whatever is "
                  "routed there, until Ctrl-C.\v"
                  "A COMMAND is run once all is up; its end ends the stack, and its exit status is that of lastack up. "
                  "Ctrl-C lets connections finish, for ten seconds at most; a second one ends them at once.\n\n"
                  "  lastack up --addr 10.77.0.2/24 --serve http=80:/srv/www\n"
                  "  lastack up --unshare --addr 10.77.0.2/24 --serve echo=7 -- nc 10.77.0.2 7\n\n"
                  "See lastack-up(1)."),
};

int
command_up(int argc, char **argv)
{
        static struct up_request request = { .name = "la0",
                                             .mtu = MTU_USUAL,
                                             .queues = 1,
                                             .connections = CONNECTIONS_USUAL,
                                             .ready_fd = -1,
                                             .busy_poll_us = UP_BUSY_POLL_UNSAID };

        argp_parse(&up_argp, argc, argv, ARGP_IN_ORDER, NULL, &request);
        return up_run(&request);
}
