/* SPDX-License-Identifier: BSD-2-Clause */
/* A service from its start to its end: listening, accepting, patience, stopping. */
#include "serve/service.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BACKLOG     4096 /* as far as somaxconn allows */
#define SECOND_US   ((tcp_time)1000000)
#define LINE_LENGTH 512

static const struct service_kind *const kinds[SERVE_KIND_COUNT] = {
        [SERVE_ECHO] = &echo_kind, [SERVE_DISCARD] = &discard_kind, [SERVE_CHARGEN] = &chargen_kind,
        [SERVE_HTTP] = &http_kind, [SERVE_FORWARD] = &forward_kind,
};

const char *
serve_kind_name(enum serve_kind kind)
{
        return kinds[kind]->name;
}

/* ---- Accepting ---- */

/* False when none waits, or none can be taken now. */
static bool
accept_one(struct door *door)
{
        struct serve *service = door->service;
        struct connection *c;

        if (service->accept_at != LA_NEVER)
                return false;
        c = connection_new(service);
        if (!c) {
                service_back_off(service);
                return false;
        }
        if (la_accept(la_loop_stack(service->loop), la_loop_now(service->loop), door->handle, (uintptr_t)&c->handler,
                      &c->handle) != LA_OK) {
                connection_forget(c);
                return false;
        }
        service->counts.accepted++;
        service->counts.open++;
        service->kind->began(c);
        return true;
}

static void
accept_all(struct door *door)
{
        while (accept_one(door))
                ;
}

static void
door_happened(struct la_handler *handler, struct la_loop *loop, const struct la_event_report *event)
{
        (void)loop;
        if (event->happened & LA_HAPPENED_ACCEPTABLE)
                accept_all((struct door *)handler);
}

void
service_back_off(struct serve *service)
{
        service->counts.backed_off++;
        service->accept_at = la_loop_now(service->loop) + SECOND_US;
}

static void
accept_again(struct serve *service)
{
        service->accept_at = LA_NEVER;
        for (size_t i = 0; i < service->doors; i++)
                accept_all(&service->door[i]);
}

/* ---- Listening ---- */

static int
errno_of(enum la_error error)
{
        if (error == LA_ERR_IN_USE)
                return -EADDRINUSE;
        return error == LA_ERR_NO_LISTENERS ? -ENOSPC : -EINVAL;
}

/* An answer leaves when it is there; whoever is gone without a word is found out. */
static int
open_door(struct serve *service, enum la_family family)
{
        const struct la_endpoint local = { .port = service->request.port };
        struct la_stack *stack = la_loop_stack(service->loop);
        struct door *door = &service->door[service->doors];
        tcp_time now = la_loop_now(service->loop);
        enum la_error error;

        *door = (struct door){ .handler.happened = door_happened, .service = service };
        error = la_listen(stack, now, family, &local, BACKLOG, (uintptr_t)&door->handler, &door->handle);
        if (error != LA_OK)
                return errno_of(error);
        (void)la_option_set(stack, now, door->handle, LA_OPTION_NODELAY, 1);
        (void)la_option_set(stack, now, door->handle, LA_OPTION_KEEPALIVE, 1);
        service->doors++;
        return 0;
}

static void
close_doors(struct serve *service)
{
        while (service->doors > 0)
                (void)la_close(la_loop_stack(service->loop), la_loop_now(service->loop),
                               service->door[--service->doors].handle);
}

static int
open_doors(struct serve *service)
{
        int r = open_door(service, LA_IPV4);

        return r < 0 ? r : open_door(service, LA_IPV6);
}

int
serve_start(struct la_loop *loop, const struct serve_request *request, struct serve_log *log,
            struct serve **ret_service)
{
        const struct service_kind *kind = kinds[request->kind];
        struct serve *service = calloc(1, kind->service_bytes);
        int r;

        if (!service)
                return -ENOMEM;
        service->kind = kind;
        service->loop = loop;
        service->log = log;
        service->request = *request;
        service->accept_at = service->stop_at = LA_NEVER;
        r = kind->starts ? kind->starts(service) : 0;
        if (r < 0) {
                free(service);
                return r;
        }
        r = open_doors(service);
        if (r < 0) {
                serve_free(service);
                return r;
        }
        *ret_service = service;
        return 0;
}

/* ---- Time ---- */

tcp_time
serve_deadline(const struct serve *service)
{
        tcp_time at = service->stop_at < service->accept_at ? service->stop_at : service->accept_at;

        for (unsigned int i = 0; i < SERVICE_LINES; i++)
                if (line_deadline(service, i) < at)
                        at = line_deadline(service, i);
        return at;
}

/* Who is told leaves the line, or goes to its end: what is now at its beginning was there before. */
static void
serve_line(struct serve *service, unsigned int line, tcp_time now)
{
        struct connection *c;

        while ((c = line_late(service, line, now)) != NULL) {
                connection_wait(c, SERVICE_LINES);
                service->kind->late(c);
        }
}

void
serve_advance(struct serve *service)
{
        tcp_time now = la_loop_now(service->loop);

        if (service->accept_at <= now)
                accept_again(service);
        for (unsigned int i = 0; i < SERVICE_LINES; i++)
                serve_line(service, i, now);
        if (service->stop_at <= now) {
                service->stop_at = LA_NEVER;
                connections_each(service, connection_abort);
        }
}

/* ---- Stopping ---- */

/* Whoever has a whole connection already is served, like those before. */
void
serve_stop(struct serve *service, bool abort)
{
        tcp_time now = la_loop_now(service->loop);

        if (!abort && !service->stopping)
                accept_again(service);
        close_doors(service);
        service->stopping = true;
        service->accept_at = LA_NEVER;
        if (abort) {
                connections_each(service, connection_abort);
                return;
        }
        if (service->stop_at == LA_NEVER)
                service->stop_at = now + SERVE_STOP_MS * (tcp_time)1000;
        connections_each(service, service->kind->finish);
}

void
serve_free(struct serve *service)
{
        if (!service)
                return;
        serve_stop(service, true);
        if (service->kind->ends)
                service->kind->ends(service);
        connections_free(service);
        free(service);
}

struct serve_counts
serve_counts(const struct serve *service)
{
        return service->counts;
}

/* ---- The log ---- */

void
service_say(struct serve *service, const char *format, ...)
{
        tcp_time now = la_loop_now(service->loop);
        char line[LINE_LENGTH];
        va_list arguments;
        int n;

        if (!service->log)
                return;
        if (service->said_at != 0 && now < service->said_at + SECOND_US) {
                service->unsaid++;
                return;
        }
        va_start(arguments, format);
        n = vsnprintf(line, sizeof line, format, arguments);
        va_end(arguments);
        if (service->unsaid > 0 && n >= 0 && (size_t)n < sizeof line)
                snprintf(line + n, sizeof line - (size_t)n, " (+%u)", service->unsaid);
        service->said_at = now;
        service->unsaid = 0;
        service->log->say(service->log, line);
}
