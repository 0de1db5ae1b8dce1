/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * http_get.c - fetches one page with a TCP of its own, over a TUN interface, and writes what comes to standard output.
 *
 *     cc http_get.c -o http_get $(pkg-config --cflags --libs lastack)
 *     python3 -m http.server 8000 &
 *     sudo ./http_get 10.77.0.1 8000 /            # 10.77.0.1 is the kernel's end of the interface
 *
 * For a server elsewhere the kernel has to forward, and to translate 10.77.0.2 (ip_forward, masquerading).
 */
#include <lastack/link.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

static const uint8_t kernels_address[] = { 10, 77, 0, 1 };
static const uint8_t our_address[] = { 10, 77, 0, 2 };

struct fetch {
        struct la_handler handler; /* first: an event leads back here */
        char request[1024];
        size_t sent, length;
        bool done;
        enum la_error error;
};

static void
give_up(const char *what, const char *why)
{
        fprintf(stderr, "http_get: %s: %s\n", what, why);
        exit(1);
}

static void
send_request(struct fetch *f, struct la_loop *loop, struct la_handle connection)
{
        size_t taken;

        while (f->sent < f->length) {
                if (la_send(la_loop_stack(loop), la_loop_now(loop), connection, (const uint8_t *)f->request + f->sent,
                            f->length - f->sent, 0, &taken) != LA_OK)
                        return; /* no room yet: LA_HAPPENED_WRITABLE follows */
                f->sent += taken;
        }
}

static void
write_answer(struct fetch *f, struct la_loop *loop, struct la_handle connection)
{
        struct la_stack *stack = la_loop_stack(loop);
        struct la_part part;

        while ((f->error = la_receive_look(stack, connection, &part)) == LA_OK) {
                fwrite(part.bytes, 1, part.length, stdout);
                la_receive_done(stack, la_loop_now(loop), connection, part.length);
        }
        if (f->error == LA_ERR_AGAIN || f->error == LA_ERR_NOT_CONNECTED)
                return; /* more follows */
        la_close(stack, la_loop_now(loop), connection);
        f->done = true;
}

static void
happened(struct la_handler *handler, struct la_loop *loop, const struct la_event_report *event)
{
        struct fetch *f = (struct fetch *)handler;

        if (event->happened & (LA_HAPPENED_CONNECTED | LA_HAPPENED_WRITABLE))
                send_request(f, loop, event->handle);
        write_answer(f, loop, event->handle);
}

static struct la_loop *
make_loop(void)
{
        struct la_tun_config tun = { .name = "la0", .mtu = 1500 };
        struct la_config config = { .connections = 16 };
        struct la_loop *loop;
        struct la_link *link;
        size_t bytes;
        void *block;
        int status = la_tun_open(&tun, &link);

        if (status == 0)
                status = la_interface_address("la0", LA_IPV4, kernels_address, 24);
        if (status < 0)
                give_up("cannot make the interface la0", strerror(-status));
        la_link_configure(&config, link);
        memcpy(config.address4, our_address, 4);
        if (getrandom(config.seed, sizeof(config.seed), 0) < 0)
                give_up("no random numbers", "getrandom");
        bytes = la_stack_bytes(&config);
        block = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (block == MAP_FAILED)
                give_up("no memory for the stack", "mmap");
        status = la_loop_new(la_stack_init(block, bytes, &config, la_clock()), link, &loop);
        if (status < 0)
                give_up("no loop", strerror(-status));
        la_loop_address(loop, LA_IPV4, our_address, 24);
        return loop;
}

int
main(int argc, char **argv)
{
        struct fetch fetch = { .handler = { happened } };
        struct la_endpoint server = { 0 };
        struct la_handle connection;
        struct la_loop *loop;
        enum la_error error;

        if (argc != 4 || inet_pton(AF_INET, argv[1], server.address) != 1 || !(server.port = (uint16_t)atoi(argv[2])))
                give_up("usage", "http_get ADDRESS PORT PATH");
        fetch.length = (size_t)snprintf(fetch.request, sizeof(fetch.request),
                                        "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", argv[3], argv[1]);
        if (fetch.length >= sizeof(fetch.request))
                give_up(argv[3], "too long");
        loop = make_loop();
        error = la_open(la_loop_stack(loop), la_clock(), LA_IPV4, NULL, &server, (uintptr_t)&fetch.handler,
                        &connection);
        if (error != LA_OK)
                give_up(argv[1], la_error_text(error));
        while (!fetch.done && la_loop_step(loop, LA_NEVER) >= 0)
                ;
        la_loop_step(loop, 0); /* the FIN */
        if (fetch.error != LA_ERR_END)
                give_up(argv[1], la_error_text(fetch.error));
        return 0;
}
