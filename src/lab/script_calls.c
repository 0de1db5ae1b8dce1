/* SPDX-License-Identifier: BSD-2-Clause */
/* What applications do in a script. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lab/script.h"

#define SERVED_PORT 80u
#define CALLER_PORT 40000u
#define SEND_MAX    1000000u

/* ---- Which connection ---- */

static struct lab_application *
application_of(struct script *s, int host)
{
        return &s->lab->host[host].application;
}

static tcp_time
now(const struct script *s)
{
        return la_lab_stack_time(s->lab);
}

/* Without a connection of its own it speaks of the one that changed last. */
enum la_state
script_state_of(const struct la_lab *lab, int host)
{
        const struct lab_application *a = &lab->host[host].application;
        static const struct la_endpoint nobody;

        if (a->current >= 0)
                return la_lab_state_after(lab, lab->events, host, &a->local[a->current], &a->remote[a->current]);
        for (size_t i = lab->events; i-- > 0;) {
                const struct la_lab_event *e = &lab->event[i];

                if (e->host == host && e->kind == LA_LAB_EVENT_TRANSITION)
                        return la_lab_state_after(lab, lab->events, host, &e->local,
                                                  e->remote.port ? &e->remote : &nobody);
        }
        return LA_CLOSED;
}

static int
current(struct script *s, int host, struct la_handle *ret_handle)
{
        struct lab_application *a = application_of(s, host);

        if (a->current < 0 && a->listener.generation == 0)
                return script_failed(s, "it has no connection", s->word[0]);
        *ret_handle = a->current < 0 ? a->listener : a->handle[a->current];
        return 0;
}

static int
remember(struct script *s, int host, struct la_handle handle)
{
        struct lab_application *a = application_of(s, host);
        struct la_snapshot seen;

        if (a->count == LAB_HANDLES_MAX)
                return script_failed(s, "a script can have so many connections, not more", s->word[0]);
        if (la_snapshot(s->lab->host[host].stack, now(s), handle, &seen) != LA_OK)
                return script_failed(s, "the connection is gone already", s->word[0]);
        a->handle[a->count] = handle;
        a->local[a->count] = seen.local;
        a->remote[a->count] = seen.remote;
        a->current = a->count++;
        return 0;
}

/* ---- The call and its place in the log ---- */

static void
begin(struct script *s, int host, const struct la_handle *handle)
{
        char text[SCRIPT_LINE_MAX] = "";
        struct la_snapshot seen;
        bool known = handle && la_snapshot(s->lab->host[host].stack, now(s), *handle, &seen) == LA_OK;

        for (size_t i = 1; i < s->words; i++) {
                strcat(text, i > 1 ? " " : "");
                strcat(text, s->word[i]);
        }
        la_lab_begin_call(s->lab, host, text, known ? &seen : NULL);
}

static void
end(struct script *s, int host, enum la_error error)
{
        la_lab_end_call(s->lab, host, error);
}

/* ---- OPEN ---- */

static int
call_listen(struct script *s, int host)
{
        const struct lab_host *h = &s->lab->host[host];
        struct la_endpoint local = { .port = SERVED_PORT };
        uint32_t backlog = 8, port;
        enum la_error error;
        int status;

        if (s->next < s->words && s->word[s->next][0] != 'b') {
                if ((status = script_number(s, 65535, &port)) < 0)
                        return status;
                local.port = (uint16_t)port;
        }
        if (script_take(s, "backlog") && (status = script_number(s, 65535, &backlog)) < 0)
                return status;
        if ((status = script_end(s)) < 0)
                return status;
        begin(s, host, NULL);
        error = la_listen(h->stack, now(s), h->ipv4 ? LA_IPV4 : LA_IPV6, &local, backlog, 0,
                          &application_of(s, host)->listener);
        application_of(s, host)->current = -1;
        end(s, host, error);
        return 0;
}

/* The other host; where there are several, the one called "server". */
static int
other_host(const struct script *s, int host)
{
        int server = la_lab_host_named(s->lab, "server");

        if (server != LA_LAB_NOBODY && server != host)
                return server;
        return host == 0 ? s->lab->hosts - 1 : 0;
}

struct ends {
        enum la_family family;
        struct la_endpoint local, remote;
};

static int
take_port(struct script *s, uint16_t *ret_port)
{
        uint32_t port;
        int status;

        if (script_take(s, "any")) {
                *ret_port = 0;
                return 0;
        }
        if ((status = script_number(s, 65535, &port)) == 0)
                *ret_port = (uint16_t)port;
        return status;
}

static int
take_ends(struct script *s, int host, struct ends *ret_ends)
{
        bool serves = strcmp(s->lab->host[host].name, "server") == 0;
        int to = other_host(s, host), status = 0;
        struct ends e = { .local.port = serves ? SERVED_PORT : CALLER_PORT,
                          .remote.port = serves ? CALLER_PORT : SERVED_PORT };

        while (s->next < s->words && status == 0) {
                if (script_take(s, "from"))
                        status = take_port(s, &e.local.port);
                else if (script_take(s, "port"))
                        status = take_port(s, &e.remote.port);
                else
                        status = script_host(s, &to);
        }
        if (status < 0)
                return status;
        e.family = s->lab->host[host].ipv4 && s->lab->host[to].ipv4 ? LA_IPV4 : LA_IPV6;
        la_lab_host_address(s->lab, host, e.family, e.local.address);
        la_lab_host_address(s->lab, to, e.family, e.remote.address);
        *ret_ends = e;
        return 0;
}

static int
call_connect(struct script *s, int host)
{
        struct la_handle handle;
        struct ends e;
        enum la_error error;
        int status = take_ends(s, host, &e);

        if (status < 0)
                return status;
        begin(s, host, NULL);
        error = la_open(s->lab->host[host].stack, now(s), e.family, &e.local, &e.remote, 0, &handle);
        end(s, host, error);
        return error == LA_OK ? remember(s, host, handle) : 0;
}

static int
call_reopen(struct script *s, int host)
{
        struct lab_application *a = application_of(s, host);
        struct la_handle handle;
        struct ends e;
        enum la_error error;
        int status = take_ends(s, host, &e);

        if (status < 0)
                return status;
        begin(s, host, &a->listener);
        error = la_open_listener(s->lab->host[host].stack, now(s), a->listener, &e.remote, 0, &handle);
        end(s, host, error);
        return error == LA_OK ? remember(s, host, handle) : 0;
}

static int
call_accept(struct script *s, int host)
{
        struct lab_application *a = application_of(s, host);
        struct la_handle handle;
        enum la_error error;

        begin(s, host, NULL);
        error = la_accept(s->lab->host[host].stack, now(s), a->listener, 0, &handle);
        end(s, host, error);
        return error == LA_OK ? remember(s, host, handle) : 0;
}

/* ---- SEND and RECEIVE ---- */

/* What an application has to say is the alphabet, over and over. */
#define TEXT_BYTES (26 * 64)

static void
write_text(uint8_t bytes[TEXT_BYTES])
{
        static const uint8_t text[] = "abcdefghijklmnopqrstuvwxyz";

        for (size_t i = 0; i < TEXT_BYTES; i++)
                bytes[i] = text[i % 26];
}

/* SEND in LISTEN. */
static int
call_send_to(struct script *s, int host, uint32_t length, uint32_t flags)
{
        struct lab_application *a = application_of(s, host);
        uint8_t bytes[TEXT_BYTES];
        struct la_handle handle;
        struct ends e;
        size_t taken;
        enum la_error error;
        int status = take_ends(s, host, &e);

        if (status < 0)
                return status;
        if (length > sizeof bytes)
                return script_wrong(s, "a listener's first words are fewer", s->word[2]);
        write_text(bytes);
        begin(s, host, &a->listener);
        error = la_send_listener(s->lab->host[host].stack, now(s), a->listener, &e.remote, bytes, length, flags, &taken,
                                 &handle);
        end(s, host, error);
        return error == LA_OK ? remember(s, host, handle) : 0;
}

static int
call_send(struct script *s, int host)
{
        uint8_t bytes[TEXT_BYTES];
        struct la_handle handle;
        uint32_t left, flags;
        enum la_error error = LA_OK;
        int status = script_number(s, SEND_MAX, &left);

        if (status < 0 || (status = current(s, host, &handle)) < 0)
                return status;
        flags = script_take(s, "more") ? LA_SEND_MORE : script_take(s, "last") ? LA_SEND_LAST : 0;
        if (script_take(s, "to"))
                return call_send_to(s, host, left, flags);
        write_text(bytes);
        begin(s, host, &handle);
        while (left > 0 && error == LA_OK) {
                size_t n = left < sizeof bytes ? left : sizeof bytes, taken;

                error = la_send(s->lab->host[host].stack, now(s), handle, bytes, n, n < left ? LA_SEND_MORE : flags,
                                &taken);
                if (error != LA_OK || taken < n)
                        break;
                left -= (uint32_t)taken;
        }
        end(s, host, error);
        return script_end(s);
}

static int
call_receive(struct script *s, int host)
{
        uint8_t bytes[4096];
        struct la_handle handle;
        enum la_error error;
        size_t length;
        int status = current(s, host, &handle);

        if (status < 0)
                return status;
        begin(s, host, &handle);
        do
                error = la_receive(s->lab->host[host].stack, now(s), handle, bytes, sizeof bytes, &length);
        while (error == LA_OK);
        end(s, host, error == LA_ERR_AGAIN || error == LA_ERR_END ? LA_OK : error);
        return script_end(s);
}

/* ---- CLOSE and ABORT ---- */

static int
call_end(struct script *s, int host, enum la_error (*end_it)(struct la_stack *, tcp_time, struct la_handle))
{
        struct la_handle handle;
        enum la_error error;
        int status = current(s, host, &handle);

        if (status < 0)
                return status;
        begin(s, host, &handle);
        error = end_it(s->lab->host[host].stack, now(s), handle);
        end(s, host, error);
        return script_end(s);
}

static int
call_shutdown(struct script *s, int host)
{
        return call_end(s, host, la_shutdown);
}

static int
call_close(struct script *s, int host)
{
        return call_end(s, host, la_close);
}

static int
call_abort(struct script *s, int host)
{
        return call_end(s, host, la_abort);
}

static int
call_abort_and_wait(struct script *s, int host)
{
        return call_end(s, host, la_abort_and_wait);
}

/* ---- Settings ---- */

static int
call_option(struct script *s, int host)
{
        static const struct {
                const char *name;
                enum la_option option;
        } options[] = { { "nodelay", LA_OPTION_NODELAY },
                        { "cork", LA_OPTION_CORK },
                        { "quickack", LA_OPTION_QUICKACK },
                        { "keepalive", LA_OPTION_KEEPALIVE },
                        { "keepalive-time", LA_OPTION_KEEPALIVE_TIME },
                        { "keepalive-interval", LA_OPTION_KEEPALIVE_INTERVAL },
                        { "keepalive-probes", LA_OPTION_KEEPALIVE_PROBES },
                        { "user-timeout", LA_OPTION_USER_TIMEOUT },
                        { "linger", LA_OPTION_LINGER },
                        { "send-buffer", LA_OPTION_SEND_BUFFER },
                        { "receive-buffer", LA_OPTION_RECEIVE_BUFFER },
                        { "fastopen", LA_OPTION_FASTOPEN },
                        { "fastopen-connect", LA_OPTION_FASTOPEN_CONNECT },
                        { "icmp-errors", LA_OPTION_ICMP_ERRORS },
                        { "max-pacing-rate", LA_OPTION_MAX_PACING_RATE },
                        { "pacing", LA_OPTION_PACING } };
        const char *word = script_word(s);
        struct la_handle handle;
        uint32_t value;
        int status = script_number(s, INT32_MAX, &value);

        if (status < 0 || (status = current(s, host, &handle)) < 0 || (status = script_end(s)) < 0)
                return status;
        for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
                if (strcmp(word, options[i].name) == 0) {
                        begin(s, host, &handle);
                        end(s, host, la_option_set(s->lab->host[host].stack, now(s), handle, options[i].option, value));
                        return 0;
                }
        return script_wrong(s, "there is no such option", word);
}

static int
call_use(struct script *s, int host)
{
        struct lab_application *a = application_of(s, host);
        uint32_t port;
        int status;

        if (script_take(s, "listener")) {
                a->current = -1;
                return script_end(s);
        }
        if ((status = script_number(s, 65535, &port)) < 0)
                return status;
        for (int i = a->count - 1; i >= 0; i--)
                if (a->remote[i].port == port || a->local[i].port == port) {
                        a->current = i;
                        return script_end(s);
                }
        return script_failed(s, "it has no connection with this port", s->word[2]);
}

static const struct {
        const char *name;
        int (*call)(struct script *s, int host);
} calls[] = {
        { "listen", call_listen },     { "connect", call_connect },
        { "reopen", call_reopen },     { "accept", call_accept },
        { "send", call_send },         { "receive", call_receive },
        { "shutdown", call_shutdown }, { "close", call_close },
        { "abort", call_abort },       { "abort-and-wait", call_abort_and_wait },
        { "option", call_option },     { "use", call_use },
};

int
script_call(struct script *s, int host)
{
        const char *name = script_word(s);

        for (size_t i = 0; name && i < sizeof calls / sizeof calls[0]; i++)
                if (strcmp(name, calls[i].name) == 0)
                        return calls[i].call(s, host);
        return script_wrong(s, "an application cannot do this", name);
}
