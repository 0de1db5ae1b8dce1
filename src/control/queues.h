/* SPDX-License-Identifier: BSD-2-Clause */
/* queues.h - what a client consists of: a line to the stack of each queue.  For client.c and client_events.c alone. */
#ifndef LASTACK_CONTROL_QUEUES_H
#define LASTACK_CONTROL_QUEUES_H

#include "control/line.h"

struct queue {
        struct line *line;
        char name[CONTROL_QUEUE_NAME_SIZE];
        struct control_status status;
        struct la_snapshot held; /* the first of a walk that is no listener; */
        bool holds;              /* there is one */
        const char *value;       /* of the tunable that was told */
        bool knob_stays;         /* control_knob_stays() */
        struct la_trace event;   /* the next that is to be told; */
        bool has_event;          /* there is one, */
        uint64_t came_ms;        /* and it was read then */
        uint64_t lost;
        int failed; /* why it tells no more events; 0: it does */
};

struct control_client {
        struct control_trouble *trouble; /* NULL: nobody wants to know */
        struct control_hello hello;
        unsigned int from; /* which queue the last answer came from */
        unsigned int at;   /* which a walk is in */
        bool past_listeners;
        uint64_t failed_ms;  /* when the first queue failed to tell events */
        unsigned int queues; /* at least 1 */
        struct queue queue[];
};

/* Notes whose failure it was.  Returns r. */
int queue_result(struct control_client *client, unsigned int queue, int r);

#endif
