/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/queues.h"

#define QUEUES_MAX 1024 /* what says it has more makes no sense */

int
queue_result(struct control_client *c, unsigned int queue, int r)
{
        c->from = queue;
        if (c->trouble && c->queues > 1)
                strcpy(c->trouble->queue, r < 0 ? c->queue[queue].name : "");
        return r;
}

/* ---- Connecting ---- */

/* "la0" and 2: "la0.2"; and a path before its ".sock". */
static void
name_queue(const char *stack, unsigned int queue, char ret_name[CONTROL_QUEUE_NAME_SIZE])
{
        size_t length = strlen(stack);
        bool path = strchr(stack, '/') && length > 5 && strcmp(stack + length - 5, ".sock") == 0;

        snprintf(ret_name, CONTROL_QUEUE_NAME_SIZE, "%.*s.%u%s", (int)(path ? length - 5 : length), stack, queue,
                 path ? ".sock" : "");
}

/* "la0.0" is how the first queue is asked alone, which answers under the name of all. */
static int
connect_to_first_alone(const char *name, struct line **ret_line, char ret_version[32])
{
        size_t length = strlen(name);
        char stack[LA_CONTROL_NAME_MAX + 1] = "";
        int r;

        if (strchr(name, '/') || length <= 2 || length - 2 >= sizeof(stack) || strcmp(name + length - 2, ".0") != 0)
                return -ENOENT;
        memcpy(stack, name, length - 2);
        r = line_connect(stack, ret_line, ret_version);
        if (r < 0 || (line_hello_of(*ret_line)->queue == 0 && line_hello_of(*ret_line)->queues > 1))
                return r;
        line_close(*ret_line);
        return -ENOENT;
}

/* One queue of those that the first one speaks of, and not another stack that took the name. */
static int
connect_to_queue(struct control_client *c, unsigned int i, char ret_version[32])
{
        int r = line_connect(c->queue[i].name, &c->queue[i].line, ret_version);
        const struct control_hello *h = r < 0 ? NULL : line_hello_of(c->queue[i].line);

        if (r < 0)
                return r;
        return h->queue == i && h->pid == c->hello.pid ? 0 : -ENOENT;
}

static uint32_t
sum(uint32_t a, uint32_t b)
{
        return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* What a stack has a limit of: the members that struct la_config and struct la_usage both have. */
#define POOLS(EACH)       \
        EACH(connections) \
        EACH(half_open) EACH(time_wait4) EACH(time_wait6) EACH(listeners) EACH(chunks) EACH(reassemblies) EACH(paced)
#define ADD(member) all->member = sum(all->member, one->member);

/* What all of them together were made for. */
static void
add_config(struct la_config *all, const struct la_config *one)
{
        POOLS(ADD)
}

static int
connect_to_others(struct control_client *c, const char *name, char ret_version[32])
{
        for (unsigned int i = 0; c->queues > 1 && i < c->queues; i++) {
                name_queue(name, i, c->queue[i].name);
                int r = i == 0 ? 0 : queue_result(c, i, connect_to_queue(c, i, ret_version));
                if (r < 0)
                        return r;
                if (i > 0)
                        add_config(&c->hello.config, &line_hello_of(c->queue[i].line)->config);
        }
        return 0;
}

/* Takes the line to the first, or to the only one. */
static int
connect_client(const char *name, struct line *first, bool alone, struct control_trouble *trouble,
               struct control_client **ret_client)
{
        const struct control_hello *h = line_hello_of(first);
        unsigned int queues = alone || h->queue > 0 || h->queues == 0 ? 1 : h->queues;
        struct control_client *c = queues > QUEUES_MAX ? NULL : calloc(1, sizeof(*c) + queues * sizeof(c->queue[0]));
        int r;

        if (!c) {
                line_close(first);
                return queues > QUEUES_MAX ? -EBADMSG : -ENOMEM;
        }
        c->trouble = trouble;
        c->hello = *h;
        c->queues = queues;
        c->queue[0].line = first;
        snprintf(c->queue[0].name, sizeof(c->queue[0].name), "%s", name);
        r = connect_to_others(c, name, trouble->version);
        if (r < 0)
                control_close(c);
        else
                *ret_client = c;
        return r;
}

int
control_connect(const char *name, struct control_client **ret_client, struct control_trouble *ret_trouble)
{
        struct control_trouble unheard, *trouble = ret_trouble ? ret_trouble : &unheard;
        struct line *first;
        bool alone = false;
        int r;

        *trouble = (struct control_trouble){ .version = "" };
        r = line_connect(name, &first, trouble->version);
        if (r == -ENOENT)
                alone = (r = connect_to_first_alone(name, &first, trouble->version)) == 0;
        if (r == 0)
                r = connect_client(name, first, alone, trouble, ret_client);
        if (r == 0)
                (*ret_client)->trouble = ret_trouble;
        return r;
}

void
control_close(struct control_client *c)
{
        if (!c)
                return;
        for (unsigned int i = 0; i < c->queues; i++)
                line_close(c->queue[i].line);
        free(c);
}

/* ---- Which they are ---- */

const struct control_hello *
control_hello_of(const struct control_client *c)
{
        return &c->hello;
}

unsigned int
control_queues(const struct control_client *c)
{
        return c->queues;
}

struct control_queue
control_queue(const struct control_client *c, unsigned int queue)
{
        const struct queue *q = &c->queue[queue];

        return (struct control_queue){ .name = q->name, .hello = line_hello_of(q->line), .status = &q->status };
}

unsigned int
control_from(const struct control_client *c)
{
        return c->from;
}

const char *
control_said(const struct control_client *c)
{
        return line_said(c->queue[c->from].line);
}

/* ---- Status ---- */

static void
add_numbers(uint64_t *all, const uint64_t *one, size_t n)
{
        for (size_t i = 0; i < n; i++)
                all[i] += one[i];
}

static void
add_usage(struct la_usage *all, const struct la_usage *one)
{
        POOLS(ADD)
        all->orphans = sum(all->orphans, one->orphans);
        all->replies_lost = sum(all->replies_lost, one->replies_lost);
}

static void
add_status(struct control_status *all, const struct control_status *one)
{
        add_numbers(all->states, one->states, LA_STATE_COUNT);
        add_numbers(all->counters, one->counters, LA_COUNTER_COUNT);
        add_numbers(all->transitions, one->transitions, LA_TRANSITION_COUNT);
        add_numbers(all->verdicts, one->verdicts, LA_VERDICT_COUNT);
        add_usage(&all->usage, &one->usage);
        all->loop.echo_replies += one->loop.echo_replies;
        all->loop.unreachables += one->loop.unreachables;
        all->loop.not_ours += one->loop.not_ours;
        all->loop.fragments += one->loop.fragments;
        all->loop.reassembled += one->loop.reassembled;
        all->loop.fragments_dropped += one->loop.fragments_dropped;
        all->loop.link_full += one->loop.link_full;
        all->link.packets_in += one->link.packets_in;
        all->link.bytes_in += one->link.bytes_in;
        all->link.packets_out += one->link.packets_out;
        all->link.bytes_out += one->link.bytes_out;
        all->link.refused_in += one->link.refused_in;
        all->link.dropped_out += one->link.dropped_out;
}

int
control_status(struct control_client *c, struct control_status *ret_status)
{
        for (unsigned int i = 0; i < c->queues; i++) {
                int r = queue_result(c, i, line_status(c->queue[i].line, &c->queue[i].status));
                if (r < 0)
                        return r;
        }
        *ret_status = c->queue[0].status;
        for (unsigned int i = 1; i < c->queues; i++)
                add_status(ret_status, &c->queue[i].status);
        return 0;
}

/* ---- Snapshots ---- */

/* All are asked at once, so that what they tell is of about the same time. */
int
control_walk(struct control_client *c, uint32_t states, uint32_t parts)
{
        int r = 0;

        c->at = 0;
        c->past_listeners = c->queues == 1; /* one queue tells them first by itself */
        for (unsigned int i = 0; i < c->queues && r == 0; i++) {
                c->queue[i].holds = false;
                r = queue_result(c, i, line_walk(c->queue[i].line, states, parts));
        }
        return r;
}

/* The next listener of any; what each queue tells after its last one is held back.  0 if there are no more. */
static int
next_listener(struct control_client *c, struct la_snapshot *ret_snapshot)
{
        for (; c->at < c->queues; c->at++) {
                struct queue *q = &c->queue[c->at];
                int r = queue_result(c, c->at, line_walk_next(q->line, &q->held));
                if (r < 0)
                        return r;
                if (r > 0 && q->held.state == LA_LISTEN) {
                        *ret_snapshot = q->held;
                        return 1;
                }
                q->holds = r > 0;
        }
        c->at = 0;
        c->past_listeners = true;
        return 0;
}

int
control_walk_next(struct control_client *c, struct la_snapshot *ret_snapshot)
{
        int r = c->past_listeners ? 0 : next_listener(c, ret_snapshot);

        for (; r == 0 && c->at < c->queues; c->at += r == 0) {
                struct queue *q = &c->queue[c->at];
                if (q->holds) {
                        *ret_snapshot = q->held;
                        q->holds = false;
                        c->from = c->at;
                        return 1;
                }
                r = queue_result(c, c->at, line_walk_next(q->line, ret_snapshot));
        }
        return r;
}

int
control_find(struct control_client *c, enum la_family family, const struct la_endpoint *local,
             const struct la_endpoint *remote, struct la_snapshot *ret_snapshot)
{
        int r = 0;

        for (unsigned int i = 0; i < c->queues && r == 0; i++)
                r = queue_result(c, i, line_find(c->queue[i].line, family, local, remote, ret_snapshot));
        return r;
}
