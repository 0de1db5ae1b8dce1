/* SPDX-License-Identifier: BSD-2-Clause */
/* wire_client.h - what Linux's own TCP does with a server for a while, over whatever lies between. */
#ifndef LASTACK_BENCH_WIRE_CLIENT_H
#define LASTACK_BENCH_WIRE_CLIENT_H

#include <stdint.h>

enum wire_work {
        WIRE_TO_SERVER,     /* bulk to port 9 */
        WIRE_FROM_SERVER,   /* bulk from port 19 */
        WIRE_CONVERSATIONS, /* with port 7: connect, one byte each way, close by the client */
        WIRE_WORK_COUNT
};

/* With 10.77.0.2, by `flows` threads, for `ms` milliseconds after a start of a tenth of that.  Returns bytes a second, or
 * conversations a second; a negative errno where it could not be done. */
double wire_client(enum wire_work work, unsigned int flows, unsigned int ms);

#endif
