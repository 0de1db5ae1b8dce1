/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections of a service: their memory, their end, and the lines they wait in. */
#include <stdlib.h>
#include <string.h>

#include "serve/service.h"

/* ---- Memory: slabs, which are kept until the service ends ---- */

#define SLAB_CONNECTIONS 64
#define ALIGNMENT        _Alignof(max_align_t)

struct connection_slab {
        struct connection_slab *next;
        _Alignas(max_align_t) unsigned char connections[];
};

static size_t
connection_stride(const struct serve *service)
{
        return (service->kind->connection_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static struct connection *
connection_at(const struct serve *service, struct connection_slab *slab, size_t i)
{
        return (struct connection *)(void *)(slab->connections + i * connection_stride(service));
}

static void
put_by(struct serve *service, struct connection *c)
{
        c->service = NULL;
        c->next = service->spare;
        service->spare = c;
}

static bool
add_slab(struct serve *service)
{
        struct connection_slab *slab = calloc(1, sizeof *slab + SLAB_CONNECTIONS * connection_stride(service));

        if (!slab)
                return false;
        slab->next = service->slabs;
        service->slabs = slab;
        for (size_t i = SLAB_CONNECTIONS; i > 0; i--)
                put_by(service, connection_at(service, slab, i - 1));
        return true;
}

static void
connection_happened(struct la_handler *handler, struct la_loop *loop, const struct la_event_report *event)
{
        struct connection *c = (struct connection *)handler;

        (void)loop;
        if (event->happened & LA_HAPPENED_ERROR)
                connection_reset(c);
        else
                c->service->kind->happened(c, event->happened);
}

struct connection *
connection_new(struct serve *service)
{
        struct connection *c;

        if (!service->spare && !add_slab(service))
                return NULL;
        c = service->spare;
        service->spare = c->next;
        memset(c, 0, service->kind->connection_bytes);
        c->handler.happened = connection_happened;
        c->service = service;
        c->line = SERVICE_LINES;
        return c;
}

void
connection_forget(struct connection *c)
{
        put_by(c->service, c);
}

void
connections_each(struct serve *service, void (*call)(struct connection *c))
{
        for (struct connection_slab *slab = service->slabs; slab; slab = slab->next)
                for (size_t i = 0; i < SLAB_CONNECTIONS; i++)
                        if (connection_at(service, slab, i)->service)
                                call(connection_at(service, slab, i));
}

void
connections_free(struct serve *service)
{
        while (service->slabs) {
                struct connection_slab *slab = service->slabs;

                service->slabs = slab->next;
                free(slab);
        }
        service->spare = NULL;
}

/* ---- The end ---- */

/* A descriptor may have become free: whoever waits for one need not wait longer. */
static void
release(struct connection *c)
{
        struct serve *service = c->service;

        connection_wait(c, SERVICE_LINES);
        if (service->kind->released)
                service->kind->released(c);
        service->counts.open--;
        if (service->accept_at != LA_NEVER)
                service->accept_at = 0;
        put_by(service, c);
}

void
connection_close(struct connection *c)
{
        (void)la_close(stack_of(c), now_of(c), c->handle);
        c->service->counts.closed++;
        release(c);
}

void
connection_abort(struct connection *c)
{
        (void)la_abort(stack_of(c), now_of(c), c->handle);
        c->service->counts.aborted++;
        c->broken = true;
        release(c);
}

void
connection_reset(struct connection *c)
{
        (void)la_close(stack_of(c), now_of(c), c->handle);
        c->service->counts.reset++;
        c->broken = true;
        release(c);
}

/* ---- What several kinds do ---- */

void
connection_shutdown(struct connection *c)
{
        (void)la_shutdown(stack_of(c), now_of(c), c->handle);
}

void
connection_drop_received(struct connection *c)
{
        struct la_status status;

        if (la_status(stack_of(c), now_of(c), c->handle, &status) != LA_OK)
                return;
        if (status.readable_bytes > 0)
                (void)la_receive_done(stack_of(c), now_of(c), c->handle, status.readable_bytes);
        if (status.peer_closed)
                connection_close(c);
}

/* ---- Lines ---- */

static void
leave_line(struct connection *c)
{
        struct line *l = &c->service->line[c->line];

        if (c->previous)
                c->previous->next = c->next;
        else
                l->first = c->next;
        if (c->next)
                c->next->previous = c->previous;
        else
                l->last = c->previous;
}

static void
join_line(struct connection *c, unsigned int line)
{
        struct line *l = &c->service->line[line];

        c->previous = l->last;
        c->next = NULL;
        if (l->last)
                l->last->next = c;
        else
                l->first = c;
        l->last = c;
        c->since = now_of(c);
}

void
connection_wait(struct connection *c, unsigned int line)
{
        if (c->line < SERVICE_LINES)
                leave_line(c);
        c->line = (uint8_t)line;
        if (line < SERVICE_LINES)
                join_line(c, line);
}

tcp_time
line_deadline(const struct serve *service, unsigned int line)
{
        const struct connection *c = service->line[line].first;

        return c ? c->since + service->kind->patience_ms[line] * (tcp_time)1000 : LA_NEVER;
}

struct connection *
line_late(const struct serve *service, unsigned int line, tcp_time now)
{
        return line_deadline(service, line) <= now ? service->line[line].first : NULL;
}
