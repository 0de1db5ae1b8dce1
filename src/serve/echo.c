/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RFC 862: "simply sends back to the originating source any data it receives", until the peer closes.
 *
 * What arrived is sent from where it lies, and taken off the receive buffer as far as it was taken: a peer that does not
 * read its echo fills the send buffer, then the receive buffer, and then meets a closed window.  Text and FIN that came
 * together are answered by one segment, since nothing leaves before both calls were made.
 */
#include "serve/service.h"

/* LA_OK when all that was there has been sent back, or why not. */
static enum la_error
echo_part(struct connection *c)
{
        struct la_stack *stack = stack_of(c);
        tcp_time now = now_of(c);
        struct la_part part;
        size_t taken;
        enum la_error error = la_receive_look(stack, c->handle, &part);

        if (error == LA_OK)
                error = la_send(stack, now, c->handle, part.bytes, part.length, 0, &taken);
        if (error == LA_OK)
                error = la_receive_done(stack, now, c->handle, taken);
        return error;
}

static void
echo_began(struct connection *c)
{
        enum la_error error;

        do
                error = echo_part(c);
        while (error == LA_OK);
        if (error == LA_ERR_CLOSING) /* the service stops, and has said so: what still comes is not sent back */
                connection_drop_received(c);
        else if (error != LA_ERR_AGAIN)
                connection_close(c);
}

static void
echo_happened(struct connection *c, uint32_t happened)
{
        if (happened & (LA_HAPPENED_READABLE | LA_HAPPENED_WRITABLE | LA_HAPPENED_PEER_CLOSED | LA_HAPPENED_CLOSED))
                echo_began(c);
}

const struct service_kind echo_kind = {
        .name = "echo",
        .service_bytes = sizeof(struct serve),
        .connection_bytes = sizeof(struct connection),
        .began = echo_began,
        .happened = echo_happened,
        .finish = connection_shutdown,
};
