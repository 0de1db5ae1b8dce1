/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * service.h - what all services have: listeners, connections, and those who wait in line for something to happen.
 *
 * A kind of service is a row of functions.  Its own data follow a struct serve and a struct connection, each the first
 * member of a larger one.
 *
 * A connection is its service's from began() on until connection_close() or connection_abort(), by the kind itself, or
 * until the peer has reset it; in each case released() is called last.  After a call that may end it, it is not looked at.
 */
#ifndef LASTACK_SERVE_SERVICE_H
#define LASTACK_SERVE_SERVICE_H

#include "serve/serve.h"

#define SERVICE_LINES 4 /* things to wait for, each with its own patience */

struct connection {
        struct la_handler handler; /* first: its address is what the stack knows */
        struct serve *service;     /* NULL: not in use */
        struct la_handle handle;
        struct connection *previous, *next; /* in its line, or in the list of those not in use */
        tcp_time since;                     /* when it joined the line */
        uint8_t line;                       /* SERVICE_LINES: it stands in none */
        bool broken;                        /* it was aborted or reset: released() may want to know */
};

struct service_kind {
        const char *name;
        size_t service_bytes, connection_bytes;
        uint32_t patience_ms[SERVICE_LINES];

        int (*starts)(struct serve *service); /* NULL: nothing to do; likewise where it says so below */
        void (*ends)(struct serve *service);  /* or NULL */

        void (*began)(struct connection *c); /* accepted; bytes and the end may be there already */
        void (*happened)(struct connection *c, uint32_t happened);
        void (*late)(struct connection *c);     /* the patience of its line has run out; or NULL */
        void (*finish)(struct connection *c);   /* the service stops: come to an end */
        void (*released)(struct connection *c); /* its memory goes; or NULL */
};

extern const struct service_kind echo_kind, discard_kind, chargen_kind, http_kind, forward_kind;

/* One for each address family. */
struct door {
        struct la_handler handler; /* first */
        struct serve *service;
        struct la_handle handle;
};

/* Those who wait for the same thing wait equally long, so a line is in the order of their deadlines. */
struct line {
        struct connection *first, *last;
};

struct connection_slab;

struct serve {
        const struct service_kind *kind;
        struct la_loop *loop;
        struct serve_log *log;
        struct serve_request request;
        struct door door[2];
        size_t doors;
        struct line line[SERVICE_LINES];
        struct connection *spare; /* not in use */
        struct connection_slab *slabs;
        struct serve_counts counts;
        tcp_time accept_at; /* accepting pauses until then; LA_NEVER: it does not pause */
        tcp_time stop_at;   /* what is still there then is reset; LA_NEVER: it goes on */
        tcp_time said_at;   /* when service_say() last said something ... */
        uint32_t unsaid;    /* ... and how much it has kept to itself since */
        bool stopping;
};

static inline struct la_stack *
stack_of(const struct connection *c)
{
        return la_loop_stack(c->service->loop);
}

static inline tcp_time
now_of(const struct connection *c)
{
        return la_loop_now(c->service->loop);
}

/* A connection without handle; NULL if there is no memory. */
struct connection *connection_new(struct serve *service);
void connection_forget(struct connection *c); /* one that was never accepted */

/* la_close(), la_abort(); `c` is gone.  connection_reset() is for one that has ended by itself. */
void connection_close(struct connection *c);
void connection_abort(struct connection *c);
void connection_reset(struct connection *c);

/* This end's direction ends; the peer's goes on. */
void connection_shutdown(struct connection *c);

/* Throws away what has arrived, and closes if the peer has. */
void connection_drop_received(struct connection *c);

/* Joins a line, or goes to its end; late() is called when the patience runs out.  SERVICE_LINES: waits for nothing. */
void connection_wait(struct connection *c, unsigned int line);

/* Each connection in use, by the kind's function, which may end it. */
void connections_each(struct serve *service, void (*call)(struct connection *c));

/* The first of a line if its patience has run out at `now`, NULL otherwise. */
struct connection *line_late(const struct serve *service, unsigned int line, tcp_time now);
tcp_time line_deadline(const struct serve *service, unsigned int line);

void connections_free(struct serve *service);

/* No connection is accepted for a second, or until one ends. */
void service_back_off(struct serve *service);

/* Tells the log, at most once a second. */
void service_say(struct serve *service, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
