/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * echo.c - a server on a TUN interface that sends back whatever it is sent (RFC 862).
 *
 *     cc echo.c -o echo $(pkg-config --cflags --libs lastack)
 *     sudo ./echo                             # in a second terminal: nc 10.77.0.2 7
 *
 * The kernel's end of the interface is 10.77.0.1, ours 10.77.0.2.
 */
#include <lastack/link.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

static const uint8_t kernels_address[] = { 10, 77, 0, 1 };
static const uint8_t our_address[] = { 10, 77, 0, 2 };

static volatile sig_atomic_t stopped;

static void
stop(int signal)
{
        (void)signal;
        stopped = 1;
}

static void
give_up(const char *what, int error)
{
        fprintf(stderr, "echo: %s: %s\n", what, strerror(-error));
        exit(1);
}

/* A connection is nothing but its handle, so one handler serves all of them. */
static void
echo(struct la_handler *handler, struct la_loop *loop, const struct la_event_report *event)
{
        struct la_stack *stack = la_loop_stack(loop);
        tcp_time now = la_loop_now(loop);
        struct la_part part;
        enum la_error error;
        size_t taken;

        (void)handler;
        while ((error = la_receive_look(stack, event->handle, &part)) == LA_OK) {
                if (la_send(stack, now, event->handle, part.bytes, part.length, 0, &taken) != LA_OK)
                        return; /* no room: LA_HAPPENED_WRITABLE follows, and what was not read stays */
                la_receive_done(stack, now, event->handle, taken);
        }
        if (error != LA_ERR_AGAIN)
                la_close(stack, now, event->handle); /* the peer has closed, or the connection has failed */
}

static struct la_handler connection = { echo };

static void
accept_all(struct la_handler *handler, struct la_loop *loop, const struct la_event_report *event)
{
        uint64_t user = (uintptr_t)&connection;
        struct la_event_report accepted = { .user = user };

        (void)handler;
        while (la_accept(la_loop_stack(loop), la_loop_now(loop), event->handle, user, &accepted.handle) == LA_OK)
                echo(&connection, loop, &accepted); /* it may have sent something already */
}

static struct la_handler listener = { accept_all };

static struct la_stack *
make_stack(const struct la_link *link)
{
        struct la_config config = { .connections = 10000 };
        size_t bytes;
        void *block;

        la_link_configure(&config, link);
        if (getrandom(config.seed, sizeof(config.seed), 0) < 0)
                return NULL;
        bytes = la_stack_bytes(&config);
        block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        return block == MAP_FAILED ? NULL : la_stack_init(block, bytes, &config, la_clock());
}

int
main(void)
{
        struct la_tun_config tun = { .name = "la0", .mtu = 1500 };
        struct la_endpoint port_7 = { .port = 7 };
        struct la_handle handle;
        struct la_stack *stack;
        struct la_link *link;
        struct la_loop *loop;
        int status;

        if ((status = la_tun_open(&tun, &link)) < 0)
                give_up("cannot make the interface la0", status);
        if ((status = la_interface_address("la0", LA_IPV4, kernels_address, 24)) < 0)
                give_up("cannot give la0 its address", status);
        if (!(stack = make_stack(link)))
                give_up("no memory for the stack", -ENOMEM);
        if ((status = la_loop_new(stack, link, &loop)) < 0)
                give_up("no loop", status);
        la_loop_address(loop, LA_IPV4, our_address, 24);
        la_listen(stack, la_clock(), LA_IPV4, &port_7, 128, (uintptr_t)&listener, &handle);

        signal(SIGINT, stop);
        signal(SIGTERM, stop);
        puts("10.77.0.2 port 7 echoes; Ctrl-C ends it");
        while (!stopped && ((status = la_loop_step(loop, LA_NEVER)) >= 0 || status == -EINTR))
                ;
        la_loop_free(loop);
        la_link_close(link);
        return stopped ? 0 : 1;
}
