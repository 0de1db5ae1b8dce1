/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/arrives.h"

/* RFC 9293 3.10.7.1. */
enum la_verdict
arrives_closed(const struct segment *s)
{
        return s->rst ? LA_V_CLOSED_RST : LA_V_CLOSED;
}

/* RFC 9293 3.10.7.2. */
enum la_verdict
arrives_listen(const struct segment *s)
{
        if (s->rst)
                return LA_V_LISTEN_RST;
        if (s->ack)
                return LA_V_LISTEN_ACK;
        if (!s->syn)
                return LA_V_LISTEN_NO_SYN;
        return LA_V_GO_ON;
}
