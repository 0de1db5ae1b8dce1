/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * host.c - a stack on a link of any kind, for the tests: echo on port 7, discard on 9, chargen on 19.
 *
 *     host tun|tap|xdp INTERFACE [WORD=VALUE...]
 *
 *     addr=10.77.0.2/24         an address of the stack; several may be given
 *     kernel=10.77.0.1/24       TUN, TAP: one of the kernel's end
 *     mtu= mac= gw4= gw6= ring= mode=auto|native|copy trust=1 plain=1
 *
 * Says "ready" and how, when it is up; ends when its input does, and says what it counted as JSON.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "serve/serve.h"

#define ADDRESSES_MAX 8

struct given_address {
        enum la_family family;
        uint8_t bytes[16];
        unsigned int prefix;
};

static struct la_tun_config tun = { .mtu = 1500 };
static struct la_xdp_config xdp;
static struct given_address addresses[ADDRESSES_MAX], kernels[ADDRESSES_MAX];
static size_t address_count, kernel_count;
static bool ended;

static void __attribute__((noreturn)) give_up(const char *what, int error)
{
        printf("failed %s: %s\n", what, strerror(-error));
        exit(1);
}

/* ---- Words ---- */

static void
read_address(char *text, struct given_address *ret)
{
        char *slash = strchr(text, '/');

        ret->family = strchr(text, ':') ? LA_IPV6 : LA_IPV4;
        ret->prefix = slash ? (unsigned int)atoi(slash + 1) : 128;
        if (slash)
                *slash = '\0';
        if (inet_pton(ret->family == LA_IPV4 ? AF_INET : AF_INET6, text, ret->bytes) != 1)
                give_up(text, -EINVAL);
}

static void
read_mac(const char *text, uint8_t ret_mac[6])
{
        unsigned int b[6] = { 0 };

        if (sscanf(text, "%x:%x:%x:%x:%x:%x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) != 6)
                give_up(text, -EINVAL);
        for (size_t i = 0; i < 6; i++)
                ret_mac[i] = (uint8_t)b[i];
}

static void
read_gateway(char *text)
{
        struct given_address gateway = { .family = LA_IPV4 };

        read_address(text, &gateway);
        memcpy(gateway.family == LA_IPV4 ? tun.gateway4 : tun.gateway6, gateway.bytes,
               gateway.family == LA_IPV4 ? 4 : 16);
        memcpy(gateway.family == LA_IPV4 ? xdp.gateway4 : xdp.gateway6, gateway.bytes,
               gateway.family == LA_IPV4 ? 4 : 16);
}

static enum la_xdp_mode
mode_of(const char *text)
{
        return strcmp(text, "native") == 0 ? LA_XDP_NATIVE : strcmp(text, "copy") == 0 ? LA_XDP_COPY : LA_XDP_AUTO;
}

static void
read_word(char *word)
{
        char *value = strchr(word, '=');

        if (!value)
                give_up(word, -EINVAL);
        *value++ = '\0';
        if (strcmp(word, "addr") == 0 && address_count < ADDRESSES_MAX)
                read_address(value, &addresses[address_count++]);
        else if (strcmp(word, "kernel") == 0 && kernel_count < ADDRESSES_MAX)
                read_address(value, &kernels[kernel_count++]);
        else if (strcmp(word, "mtu") == 0)
                tun.mtu = (uint32_t)atoi(value);
        else if (strcmp(word, "gw4") == 0 || strcmp(word, "gw6") == 0)
                read_gateway(value);
        else if (strcmp(word, "mac") == 0)
                read_mac(value, xdp.mac);
        else if (strcmp(word, "ring") == 0)
                xdp.ring = (uint32_t)atoi(value);
        else if (strcmp(word, "mode") == 0)
                xdp.mode = mode_of(value);
        else if (strcmp(word, "trust") == 0)
                xdp.trust_checksums = true;
        else if (strcmp(word, "plain") == 0)
                tun.plain = true;
        else
                give_up(word, -EINVAL);
}

/* ---- The stack ---- */

static struct la_link *
open_link(const char *kind, const char *interface)
{
        struct la_link *link = NULL;
        int status;

        if (strcmp(kind, "xdp") == 0) {
                xdp.interface = interface;
                status = la_xdp_open(&xdp, &link);
        } else {
                tun.name = interface;
                tun.tap = strcmp(kind, "tap") == 0;
                memcpy(tun.mac, xdp.mac, 6);
                status = la_tun_open(&tun, &link);
        }
        if (status < 0)
                give_up(interface, status);
        for (size_t i = 0; i < kernel_count; i++) {
                status = la_interface_address(interface, kernels[i].family, kernels[i].bytes, kernels[i].prefix);
                if (status < 0)
                        give_up("the kernel's address", status);
        }
        return link;
}

static struct la_stack *
make_stack(const struct la_link *link)
{
        struct la_config config = { .connections = 4096, .chunks = 16384, .time_wait4 = 65536 };
        struct la_stack *stack = NULL;
        const char *why = NULL;
        size_t bytes;
        void *block;

        la_link_configure(&config, link);
        if (getrandom(config.seed, sizeof(config.seed), 0) < 0)
                give_up("no randomness", -errno);
        bytes = la_stack_bytes(&config);
        block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (block != MAP_FAILED)
                stack = la_stack_init(block, bytes, &config, la_clock());
        if (!stack)
                give_up("no stack", -ENOMEM);
        if (la_knob_set(stack, "tcp_rmem", "4096 4194304 6291456", &why) != LA_OK ||
            la_knob_set(stack, "tcp_wmem", "4096 4194304 4194304", &why) != LA_OK)
                give_up(why ? why : "knobs", -EINVAL);
        return stack;
}

static void
hear_end(struct la_watch *watch, struct la_loop *loop, uint32_t events)
{
        char byte;

        (void)events;
        if (read(watch->fd, &byte, 1) <= 0) {
                ended = true;
                la_loop_watch(loop, watch, 0);
        }
}

static void
say_counts(struct la_loop *loop)
{
        struct la_loop_counts l = la_loop_counts(loop);
        struct la_link_counts c = la_link_counts(la_loop_link(loop));

        printf("{\"packets_in\": %llu, \"packets_out\": %llu, \"refused_in\": %llu, \"dropped_out\": %llu, "
               "\"echo_replies\": %llu, \"unreachables\": %llu, \"not_ours\": %llu, \"fragments\": %llu, "
               "\"reassembled\": %llu, \"fragments_dropped\": %llu}\n",
               (unsigned long long)c.packets_in, (unsigned long long)c.packets_out, (unsigned long long)c.refused_in,
               (unsigned long long)c.dropped_out, (unsigned long long)l.echo_replies,
               (unsigned long long)l.unreachables, (unsigned long long)l.not_ours, (unsigned long long)l.fragments,
               (unsigned long long)l.reassembled, (unsigned long long)l.fragments_dropped);
}

static void
serve_until_end(struct la_loop *loop)
{
        static const char *const what[] = { "echo=7", "discard=9", "chargen=19" };
        struct la_watch watch = { .ready = hear_end, .fd = 0 };
        struct serve *service[3];
        char error[SERVE_ERROR_SIZE];
        int status = 0;

        for (size_t i = 0; i < 3 && status == 0; i++) {
                struct serve_request request;

                status = serve_parse(what[i], &request, error, sizeof(error));
                if (status == 0)
                        status = serve_start(loop, &request, NULL, &service[i]);
        }
        if (status < 0)
                give_up("cannot serve", status);
        la_loop_watch(loop, &watch, EPOLLIN);
        while (!ended && status == 0) {
                tcp_time until = LA_NEVER;

                for (size_t i = 0; i < 3; i++)
                        if (serve_deadline(service[i]) < until)
                                until = serve_deadline(service[i]);
                status = la_loop_step(loop, until);
                for (size_t i = 0; i < 3; i++)
                        serve_advance(service[i]);
        }
        if (status < 0)
                give_up("the link", status);
        for (size_t i = 0; i < 3; i++)
                serve_free(service[i]);
}

int
main(int argc, char **argv)
{
        static const char *const modes[] = { "packets", "native", "copy" };
        struct la_link *link;
        struct la_loop *loop;
        int status;

        setvbuf(stdout, NULL, _IOLBF, 0);
        if (argc < 3)
                give_up("usage: host tun|tap|xdp INTERFACE [WORD=VALUE...]", -EINVAL);
        for (int i = 3; i < argc; i++)
                read_word(argv[i]);
        link = open_link(argv[1], argv[2]);
        status = la_loop_new(make_stack(link), link, &loop);
        if (status < 0)
                give_up("no loop", status);
        for (size_t i = 0; i < address_count; i++) {
                const struct given_address *a = &addresses[i];

                status = la_loop_address(loop, a->family, a->bytes, a->prefix);
                if (status < 0)
                        give_up("address", status);
        }
        printf("ready %s\n", modes[la_xdp_mode(link)]);
        serve_until_end(loop);
        say_counts(loop);
        la_loop_free(loop);
        la_link_close(link);
        return 0;
}
