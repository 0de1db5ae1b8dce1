/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control/reach.h"

struct line {
        int fd;
        uint32_t serial;
        bool last; /* the message below is the last one of its answer */
        struct control_header header;
        size_t at;     /* what of the message has been read */
        uint32_t left; /* entries that have not */
        struct control_hello hello;
        char said[256];
        uint8_t message[CONTROL_MESSAGE_MAX + 1];
};

/* ---- Messages ---- */

static int
errno_of(enum control_reason reason)
{
        switch (reason) {
        case CONTROL_OTHER_VERSION:
                return -EPROTO;
        case CONTROL_NOT_YOU:
                return -EACCES;
        case CONTROL_TOO_MANY:
                return -EUSERS;
        case CONTROL_NO_KNOB:
                return -ENODEV;
        case CONTROL_KNOB_VALUE:
                return -ERANGE;
        case CONTROL_DANGER:
                return -EPERM;
        case CONTROL_NO_TRACE:
                return -EOPNOTSUPP;
        case CONTROL_NO_MEMORY:
                return -ENOMEM;
        case CONTROL_NO_REASON:
        case CONTROL_MALFORMED:
        case CONTROL_NO_STACK:
                break;
        }
        return -EBADMSG;
}

static int
ask(struct line *c, enum control_kind kind, void *request, size_t bytes)
{
        struct control_header h = control_header_of(kind, ++c->serial, bytes);

        c->said[0] = '\0';
        c->last = false;
        c->left = 0;
        memcpy(request, &h, sizeof(h));
        if (send(c->fd, request, bytes, MSG_NOSIGNAL) >= 0)
                return 0;
        return errno == EPIPE ? 0 : errno == EAGAIN ? -ETIMEDOUT : -errno; /* why it has ended may still be read */
}

static int
refused(struct line *c)
{
        struct control_refusal r;

        if (c->header.bytes < sizeof(r))
                return -EBADMSG;
        memcpy(&r, c->message, sizeof(r));
        r.text[sizeof(r.text) - 1] = r.version[sizeof(r.version) - 1] = '\0';
        strcpy(c->said, r.text);
        memcpy(c->hello.version, r.version, sizeof(r.version));
        return errno_of((enum control_reason)r.reason);
}

/* Is what was received an answer to the question?  An old question's is left out (-EAGAIN). */
static int
judge(struct line *c, size_t length)
{
        enum control_reason reason = control_header_read(c->message, length, &c->header);

        if (length > CONTROL_MESSAGE_MAX || reason == CONTROL_MALFORMED)
                return -EBADMSG;
        if (c->header.kind == CONTROL_REFUSED && (c->header.serial == c->serial || c->header.serial == 0))
                return refused(c);
        if (reason == CONTROL_OTHER_VERSION && c->header.kind != CONTROL_HELLO)
                return -EPROTO;
        if (c->header.serial != c->serial)
                return -EAGAIN;
        c->last = c->header.flags & CONTROL_LAST;
        c->left = c->header.count;
        return 0;
}

/* The next message of an answer, of `bytes` at least. */
static int
receive(struct line *c, enum control_kind kind, size_t bytes)
{
        int r;

        do {
                ssize_t n = recv(c->fd, c->message, sizeof(c->message), 0);
                if (n < 0 && (errno == EINTR || errno == ECONNRESET)) {
                        r = -EAGAIN; /* told once, before what had been said until then */
                        continue;
                }
                if (n < 0)
                        return errno == EAGAIN ? -ETIMEDOUT : -errno;
                if (n == 0)
                        return -ECONNRESET;
                r = judge(c, (size_t)n);
        } while (r == -EAGAIN);
        if (r == 0 && (c->header.kind != kind || c->header.bytes < bytes))
                r = -EBADMSG;
        c->at = bytes;
        return r;
}

static int
ask_simply(struct line *c, enum control_kind kind, size_t bytes)
{
        struct control_header h;
        int r = ask(c, kind, &h, sizeof(h));

        return r < 0 ? r : receive(c, kind, bytes);
}

/* ---- Connecting ---- */

static int
greet(struct line *c)
{
        int r = ask_simply(c, CONTROL_HELLO, offsetof(struct control_hello, layout));

        if (r < 0)
                return r;
        memcpy(c->hello.version, c->message + offsetof(struct control_hello, version), sizeof(c->hello.version));
        if (c->header.version != CONTROL_VERSION || c->header.bytes != sizeof(c->hello))
                return -EPROTO;
        memcpy(&c->hello, c->message, sizeof(c->hello));
        return c->hello.layout == control_layout() ? 0 : -EPROTO;
}

int
line_connect(const char *name, struct line **ret_line, char ret_version[32])
{
        struct line *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return -ENOMEM;
        r = c->fd = reach_name(name);
        if (r >= 0)
                r = greet(c);
        if (r < 0) {
                memcpy(ret_version, c->hello.version, sizeof(c->hello.version) - 1);
                line_close(c);
                return r;
        }
        *ret_line = c;
        return 0;
}

void
line_close(struct line *c)
{
        if (!c)
                return;
        if (c->fd >= 0)
                close(c->fd);
        free(c);
}

const struct control_hello *
line_hello_of(const struct line *c)
{
        return &c->hello;
}

const char *
line_said(const struct line *c)
{
        return c->said;
}

/* ---- Status, snapshots ---- */

int
line_status(struct line *c, struct control_status *ret_status)
{
        int r = ask_simply(c, CONTROL_STATUS, sizeof(*ret_status));

        if (r == 0)
                memcpy(ret_status, c->message, sizeof(*ret_status));
        return r;
}

int
line_walk(struct line *c, uint32_t states, uint32_t parts)
{
        struct control_walk walk = { .states = states, .parts = parts };

        return ask(c, CONTROL_WALK, &walk, sizeof(walk));
}

/* What is looked up in tables must be in them. */
static bool
is_sound_snapshot(const struct la_snapshot *s)
{
        return s->state < LA_STATE_COUNT && s->timer <= LA_TIMER_PERSIST && s->came_by < LA_TRANSITION_COUNT &&
               !s->owners && !s->owner_count && (s->family == LA_IPV4 || s->family == LA_IPV6) &&
               memchr(s->tcp.congestion, '\0', sizeof(s->tcp.congestion));
}

static int
take_snapshot(struct line *c, struct la_snapshot *ret_snapshot)
{
        size_t bytes = control_snapshot_bytes(c->message + c->at, c->header.bytes - c->at);

        if (bytes == 0)
                return -EBADMSG;
        memset((uint8_t *)ret_snapshot + bytes, 0, sizeof(*ret_snapshot) - bytes);
        memcpy(ret_snapshot, c->message + c->at, bytes);
        c->at += bytes;
        c->left--;
        return is_sound_snapshot(ret_snapshot) ? 1 : -EBADMSG;
}

int
line_walk_next(struct line *c, struct la_snapshot *ret_snapshot)
{
        while (c->left == 0) {
                if (c->last)
                        return 0;
                int r = receive(c, CONTROL_WALK, sizeof(struct control_header));
                if (r < 0)
                        return r;
        }
        return take_snapshot(c, ret_snapshot);
}

int
line_find(struct line *c, enum la_family family, const struct la_endpoint *local, const struct la_endpoint *remote,
          struct la_snapshot *ret_snapshot)
{
        struct control_find find = { .family = (uint32_t)family, .local = *local, .remote = *remote };
        int r = ask(c, CONTROL_FIND, &find, sizeof(find));

        if (r == 0)
                r = receive(c, CONTROL_FIND, sizeof(struct control_header));
        if (r < 0 || c->left == 0)
                return r;
        return take_snapshot(c, ret_snapshot);
}

/* ---- Tunables ---- */

static int
receive_knob(struct line *c, enum control_kind kind, struct control_knob_view *ret_knob)
{
        struct control_knob k;
        int r = receive(c, kind, sizeof(k) + 1);

        if (r < 0)
                return r;
        memcpy(&k, c->message, sizeof(k));
        c->message[c->header.bytes - 1] = '\0';
        k.name[sizeof(k.name) - 1] = k.standard[sizeof(k.standard) - 1] = k.sentence[sizeof(k.sentence) - 1] = '\0';
        memcpy(ret_knob->name, k.name, sizeof(k.name));
        memcpy(ret_knob->standard, k.standard, sizeof(k.standard));
        memcpy(ret_knob->sentence, k.sentence, sizeof(k.sentence));
        ret_knob->least = k.least;
        ret_knob->most = k.most;
        ret_knob->value = (const char *)c->message + sizeof(k);
        return 0;
}

int
line_knobs(struct line *c)
{
        struct control_knob_request request = { .dangerous = 0 };

        return ask(c, CONTROL_KNOBS, &request, sizeof(request));
}

int
line_knobs_next(struct line *c, struct control_knob_view *ret_knob)
{
        int r = c->last ? 0 : receive_knob(c, CONTROL_KNOBS, ret_knob);

        if (r < 0)
                return r;
        if (c->left == 0)
                return 0;
        c->left = 0;
        return 1;
}

/* The names that the stack takes are at most as long; a longer one is none of them. */
static bool
put_name(struct control_knob_request *request, const char *name)
{
        if (strlen(name) >= sizeof(request->name))
                return false;
        strcpy(request->name, name);
        return true;
}

int
line_knob(struct line *c, const char *name, struct control_knob_view *ret_knob)
{
        struct control_knob_request request = { .dangerous = 0 };
        int r;

        if (*name == '\0' || !put_name(&request, name))
                return -ENODEV;
        r = ask(c, CONTROL_KNOBS, &request, sizeof(request));
        return r < 0 ? r : receive_knob(c, CONTROL_KNOBS, ret_knob);
}

int
line_knob_set(struct line *c, const char *name, const char *value, bool dangerous, struct control_knob_view *ret_knob)
{
        uint8_t message[CONTROL_MESSAGE_MAX];
        struct control_knob_request request = { .dangerous = dangerous };
        size_t length = strlen(value) + 1;
        int r;

        if (*name == '\0' || !put_name(&request, name))
                return -ENODEV;
        if (length > sizeof(message) - sizeof(request))
                return -ERANGE;
        memcpy(message, &request, sizeof(request));
        memcpy(message + sizeof(request), value, length);
        r = ask(c, CONTROL_KNOB_SET, message, sizeof(request) + length);
        return r < 0 ? r : receive_knob(c, CONTROL_KNOB_SET, ret_knob);
}

/* ---- Events ---- */

int
line_events(struct line *c, uint32_t what)
{
        struct control_subscription s = { .what = what };

        return ask(c, CONTROL_EVENTS, &s, sizeof(s));
}

static bool
is_sound(const struct la_trace *t)
{
        return (t->kind == LA_TRACE_TRANSITION && t->transition < LA_TRANSITION_COUNT) ||
               (t->kind == LA_TRACE_VERDICT && t->verdict < LA_VERDICT_COUNT);
}

int
line_event(struct line *c, struct la_trace *ret_event, uint64_t *ret_lost)
{
        struct control_events e;
        int r = c->left > 0 ? 0 : receive(c, CONTROL_EVENTS, sizeof(e));

        if (r < 0)
                return r;
        if (c->left == 0 || c->header.bytes - c->at < sizeof(*ret_event))
                return -EBADMSG;
        memcpy(&e, c->message, sizeof(e));
        memcpy(ret_event, c->message + c->at, sizeof(*ret_event));
        c->at += sizeof(*ret_event);
        c->left--;
        *ret_lost = e.lost;
        return is_sound(ret_event) ? 1 : -EBADMSG;
}

bool
line_event_is_at_hand(const struct line *c)
{
        return c->left > 0;
}

int
line_fd(const struct line *c)
{
        return c->fd;
}
