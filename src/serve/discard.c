/* SPDX-License-Identifier: BSD-2-Clause */
/* RFC 863: "simply throws away any data it receives", until the peer closes.  The bytes are not even looked at. */
#include "serve/service.h"

static void
discard_happened(struct connection *c, uint32_t happened)
{
        if (happened & (LA_HAPPENED_READABLE | LA_HAPPENED_PEER_CLOSED | LA_HAPPENED_CLOSED))
                connection_drop_received(c);
}

const struct service_kind discard_kind = {
        .name = "discard",
        .service_bytes = sizeof(struct serve),
        .connection_bytes = sizeof(struct connection),
        .began = connection_drop_received,
        .happened = discard_happened,
        .finish = connection_shutdown,
};
