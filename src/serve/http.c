/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files over HTTP/1.1 and HTTP/1.0: GET and HEAD, one request after the other on a connection, each answered before the
 * next is read.
 *
 *         reading:   the head lies in the receive buffer, whole in most cases, and is parsed where it lies; what comes in
 *                    pieces is collected.  A body, which means nothing to GET, is skipped.
 *         answering: the head of the answer and a small body go in one call; a larger file is read straight into the send
 *                    buffer, as far as there is room.  A file that is cut or changed meanwhile ends in a reset: the peer
 *                    never gets the right number of wrong bytes.
 *         leaving:   after a refusal there may be more to come; it is read and forgotten for a while, since a reset might
 *                    overtake the answer (RFC 9112 9.6).
 *
 * Who is slow meets limits: a head must be whole within 20 s of its beginning, a connection without a request is kept for
 * 60 s, and for as long an answer of which nothing more is taken.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/http_answer.h"
#include "serve/service.h"

enum http_line {
        LINE_REQUEST, /* a head that has begun, or the first one */
        LINE_IDLE,    /* the next one */
        LINE_SENDING,
        LINE_LEAVING,
};

#define LEAVING_BYTES_MAX (1024 * 1024)

struct http_service {
        struct serve s; /* first */
        struct http_site site;
};

enum phase {
        READING,
        ANSWERING,
        LEAVING,
};

struct http_connection {
        struct connection c; /* first */
        enum phase phase;
        bool keep_alive; /* after the answer that is being sent */
        bool spoke;      /* a request has been answered */
        bool hurries;    /* the service stops */
        bool unread;     /* after a refusal: nothing is known of what may follow */
        char *input;     /* a head that came in pieces, HTTP_HEAD_MAX bytes; NULL: none has begun */
        size_t input_bytes;
        uint64_t skip; /* bytes of the last request's body still to come */
        char *rest;    /* of the answer's head and page, what was not taken */
        size_t rest_at, rest_bytes;
        struct http_file file; /* then the part of it from `at` to `end` */
        uint64_t at, end;
        size_t left_bytes; /* forgotten while leaving */
};

/* What a step came to: another may follow, something must happen first, or there is no connection any more. */
enum step {
        STEP_ON,
        STEP_WAIT,
        STEP_GONE,
};

static struct http_site *
site_of(struct http_connection *h)
{
        return &((struct http_service *)h->c.service)->site;
}

static enum step
wait_in(struct http_connection *h, enum http_line line)
{
        connection_wait(&h->c, line);
        return STEP_WAIT;
}

static enum step
abort_it(struct http_connection *h)
{
        connection_abort(&h->c);
        return STEP_GONE;
}

static enum step
close_it(struct http_connection *h)
{
        connection_close(&h->c);
        return STEP_GONE;
}

/* ---- Answering ---- */

/* Keeps what was not taken of some bytes. */
static bool
keep_rest(struct http_connection *h, const char *bytes, size_t n)
{
        char *rest;

        if (n == 0)
                return true;
        rest = realloc(h->rest, h->rest_bytes + n);
        if (!rest)
                return false;
        memcpy(rest + h->rest_bytes, bytes, n);
        h->rest = rest;
        h->rest_bytes += n;
        return true;
}

/* Sends what is taken now, unless something waits already; false if the connection is not to be saved. */
static bool
send_or_keep(struct http_connection *h, const struct http_writer *w, uint32_t flags)
{
        size_t taken = 0;
        enum la_error error = LA_ERR_AGAIN;

        if (w->n == 0)
                return true;
        if (h->rest_bytes == 0)
                error = la_send(stack_of(&h->c), now_of(&h->c), h->c.handle, (const uint8_t *)w->bytes, w->n, flags,
                                &taken);
        if (error != LA_OK && error != LA_ERR_AGAIN)
                return false;
        return keep_rest(h, w->bytes + taken, w->n - taken);
}

/* The answer's parts, in their order; from here on the file is the connection's. */
static enum step
begin_answer(struct http_connection *h, struct http_answer *a)
{
        bool sent;

        h->phase = ANSWERING;
        h->keep_alive = a->keep_alive;
        h->spoke = true;
        h->file = a->file;
        h->at = a->first;
        h->end = a->first + a->bytes;
        sent = send_or_keep(h, &a->head, a->page.n > 0 || a->bytes > 0 ? LA_SEND_MORE : 0) &&
               send_or_keep(h, &a->page, 0);
        a->file.fd = -1;
        http_answer_fini(a);
        return sent ? STEP_ON : abort_it(h);
}

static enum step
refuse(struct http_connection *h, unsigned int status, bool head_only)
{
        struct http_answer answer;

        http_answer_status(site_of(h), status, head_only, &answer);
        return begin_answer(h, &answer);
}

static enum step
send_rest(struct http_connection *h)
{
        size_t taken;
        enum la_error error =
                la_send(stack_of(&h->c), now_of(&h->c), h->c.handle, (const uint8_t *)h->rest + h->rest_at,
                        h->rest_bytes - h->rest_at, h->at < h->end ? LA_SEND_MORE : 0, &taken);

        if (error != LA_OK)
                return error == LA_ERR_AGAIN ? wait_in(h, LINE_SENDING) : abort_it(h);
        h->rest_at += taken;
        if (h->rest_at < h->rest_bytes)
                return wait_in(h, LINE_SENDING);
        free(h->rest);
        h->rest = NULL;
        h->rest_at = h->rest_bytes = 0;
        return STEP_ON;
}

/* The last bytes are not sent before it is known that they, and all before them, are of one version. */
static enum step
send_file(struct http_connection *h)
{
        struct la_stack *stack = stack_of(&h->c);
        uint8_t *bytes;
        size_t room;
        ssize_t n;
        enum la_error error = la_send_space(stack, h->c.handle, &bytes, &room);

        if (error != LA_OK)
                return error == LA_ERR_AGAIN ? wait_in(h, LINE_SENDING) : abort_it(h);
        n = pread(h->file.fd, bytes, room < h->end - h->at ? room : h->end - h->at, (off_t)h->at);
        if (n <= 0)
                return abort_it(h);
        h->at += (uint64_t)n;
        if (h->at == h->end && !http_file_unchanged(&h->file))
                return abort_it(h);
        error = la_send_commit(stack, now_of(&h->c), h->c.handle, (size_t)n, h->at < h->end ? LA_SEND_MORE : 0);
        return error == LA_OK ? STEP_ON : abort_it(h);
}

/* All has been written.  Where nothing can be unread, closing is all there is to do. */
static enum step
end_answer(struct http_connection *h)
{
        struct la_status status;

        http_file_close(&h->file);
        if (h->keep_alive && !h->hurries) {
                h->phase = READING;
                connection_wait(&h->c, SERVICE_LINES);
                return STEP_ON;
        }
        if (h->skip == 0 && !h->unread && la_status(stack_of(&h->c), now_of(&h->c), h->c.handle, &status) == LA_OK &&
            status.readable_bytes == 0)
                return close_it(h);
        connection_shutdown(&h->c);
        connection_wait(&h->c, LINE_LEAVING);
        h->phase = LEAVING;
        return STEP_ON;
}

static enum step
answer_on(struct http_connection *h)
{
        if (h->rest)
                return send_rest(h);
        if (h->at < h->end)
                return send_file(h);
        return end_answer(h);
}

/* ---- Reading ---- */

static void
forget_input(struct http_connection *h)
{
        free(h->input);
        h->input = NULL;
        h->input_bytes = 0;
}

/* A head that lies in the receive buffer: looked at, answered as far as the stack is not needed for that, then taken. */
static enum step
take_head(struct http_connection *h, const char *bytes, size_t n, size_t before)
{
        struct http_request request;
        struct http_answer answer;
        int parsed = http_request_parse(bytes, n, &request);

        if (parsed == 0)
                return STEP_WAIT;
        if (parsed < 0) {
                h->unread = true;
                return refuse(h, (unsigned int)-parsed, request.method == HTTP_HEAD);
        }
        http_answer(site_of(h), &request, request.keep_alive && !h->hurries, &answer);
        (void)la_receive_done(stack_of(&h->c), now_of(&h->c), h->c.handle, (size_t)parsed - before);
        h->skip = request.body_bytes;
        forget_input(h);
        return begin_answer(h, &answer);
}

/* A head that is not whole yet: collected, and its time runs. */
static enum step
collect(struct http_connection *h, const struct la_part *part)
{
        size_t room = HTTP_HEAD_MAX - h->input_bytes, n = part->length < room ? part->length : room;
        size_t before = h->input_bytes;
        enum step step;

        if (!h->input) {
                h->input = malloc(HTTP_HEAD_MAX);
                if (!h->input)
                        return abort_it(h);
                if (h->c.line != LINE_REQUEST)
                        connection_wait(&h->c, LINE_REQUEST);
        }
        memcpy(h->input + before, part->bytes, n);
        h->input_bytes += n;
        if (before > 0) {
                step = take_head(h, h->input, h->input_bytes, before);
                if (step != STEP_WAIT)
                        return step;
        }
        (void)la_receive_done(stack_of(&h->c), now_of(&h->c), h->c.handle, n);
        return STEP_ON;
}

static enum step
skip_body(struct http_connection *h, size_t there)
{
        size_t n = there < h->skip ? there : (size_t)h->skip;

        (void)la_receive_done(stack_of(&h->c), now_of(&h->c), h->c.handle, n);
        h->skip -= n;
        return STEP_ON;
}

static enum step
nothing_to_read(struct http_connection *h)
{
        if (h->input)
                return STEP_WAIT; /* in LINE_REQUEST since it began */
        if (!h->spoke && h->c.line == LINE_REQUEST)
                return STEP_WAIT;
        return wait_in(h, h->spoke ? LINE_IDLE : LINE_REQUEST);
}

static enum step
read_on(struct http_connection *h)
{
        struct la_part part;
        enum la_error error = la_receive_look(stack_of(&h->c), h->c.handle, &part);
        enum step step = STEP_WAIT;

        if (error == LA_ERR_AGAIN)
                return nothing_to_read(h);
        if (error != LA_OK)
                return close_it(h);
        if (h->skip > 0)
                return skip_body(h, part.length);
        if (!h->input)
                step = take_head(h, (const char *)part.bytes, part.length, 0);
        return step == STEP_WAIT ? collect(h, &part) : step;
}

/* ---- Leaving ---- */

static enum step
leave(struct http_connection *h)
{
        struct la_status status;

        if (la_status(stack_of(&h->c), now_of(&h->c), h->c.handle, &status) != LA_OK)
                return abort_it(h);
        if (status.readable_bytes > 0)
                (void)la_receive_done(stack_of(&h->c), now_of(&h->c), h->c.handle, status.readable_bytes);
        h->left_bytes += status.readable_bytes;
        if (status.peer_closed)
                return close_it(h);
        return h->left_bytes > LEAVING_BYTES_MAX ? abort_it(h) : STEP_WAIT;
}

/* ---- What happens ---- */

static void
go_on(struct http_connection *h)
{
        enum step step;

        do
                step = h->phase == READING ? read_on(h) : h->phase == ANSWERING ? answer_on(h) : leave(h);
        while (step == STEP_ON);
}

static void
http_began(struct connection *c)
{
        struct http_connection *h = (struct http_connection *)c;

        h->file.fd = -1;
        go_on(h);
}

/* While an answer is sent, what arrives waits. */
static void
http_happened(struct connection *c, uint32_t happened)
{
        struct http_connection *h = (struct http_connection *)c;

        if (h->phase != ANSWERING || (happened & (LA_HAPPENED_WRITABLE | LA_HAPPENED_CLOSED)))
                go_on(h);
}

static void
http_late(struct connection *c)
{
        struct http_connection *h = (struct http_connection *)c;

        if (h->phase == ANSWERING)
                connection_abort(c);
        else if (h->phase == LEAVING || !h->input)
                connection_close(c);
        else {
                h->unread = true;
                if (refuse(h, 408, false) == STEP_ON)
                        go_on(h);
        }
}

static void
http_finish(struct connection *c)
{
        struct http_connection *h = (struct http_connection *)c;

        h->hurries = true;
        if (h->phase == READING && !h->input)
                connection_close(c);
}

static void
http_released(struct connection *c)
{
        struct http_connection *h = (struct http_connection *)c;

        http_file_close(&h->file);
        free(h->input);
        free(h->rest);
}

/* ---- The service ---- */

static int
http_starts(struct serve *service)
{
        struct http_service *http = (struct http_service *)service;

        http->site.directory = open(service->request.target, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return http->site.directory < 0 ? -errno : 0;
}

static void
http_ends(struct serve *service)
{
        close(((struct http_service *)service)->site.directory);
}

const struct service_kind http_kind = {
        .name = "http",
        .service_bytes = sizeof(struct http_service),
        .connection_bytes = sizeof(struct http_connection),
        .patience_ms = { [LINE_REQUEST] = 20000, [LINE_IDLE] = 60000, [LINE_SENDING] = 60000, [LINE_LEAVING] = 5000 },
        .starts = http_starts,
        .ends = http_ends,
        .began = http_began,
        .happened = http_happened,
        .late = http_late,
        .finish = http_finish,
        .released = http_released,
};
