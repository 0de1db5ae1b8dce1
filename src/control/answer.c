/* SPDX-License-Identifier: BSD-2-Clause */
#include "control/answer.h"

#include <string.h>
#include <time.h>

#define PLACES_A_SLICE 4096 /* of the table of connections, most of which may be empty: some microseconds */

/* What begins and what continues a kind of question. */
struct question {
        size_t bytes; /* of the request, at least; exactly, where no value follows */
        void (*ask)(struct answer *a, const struct control_source *source, const uint8_t *request, size_t length);
        size_t (*next)(struct answer *a, const struct control_source *source, uint8_t *ret_message);
};

static uint64_t
real_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_REALTIME, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
refuse(struct answer *a, enum control_reason reason, const char *text)
{
        answer_end(a);
        a->kind = CONTROL_REFUSED;
        a->reason = reason;
        a->text = text;
}

/* Fills in the header that a finished message begins with, and ends the question with the last one. */
static size_t
finish(struct answer *a, uint8_t *message, size_t bytes, uint32_t count, bool last)
{
        struct control_header h = control_header_of((enum control_kind)a->kind, a->serial, bytes);

        h.count = count;
        h.flags = last ? CONTROL_LAST : 0;
        memcpy(message, &h, sizeof(h));
        if (last)
                answer_end(a);
        return bytes;
}

/* ---- HELLO and STATUS ---- */

static size_t
next_hello(struct answer *a, const struct control_source *source, uint8_t *ret_message)
{
        struct control_hello hello = *source->hello;

        hello.now_us = source->now;
        hello.real_us = real_us();
        memcpy(ret_message, &hello, sizeof(hello));
        return finish(a, ret_message, sizeof(hello), 1, true);
}

static size_t
next_status(struct answer *a, const struct control_source *source, uint8_t *ret_message)
{
        const struct la_stack *s = source->stack;
        struct control_status status = { .usage = la_usage(s) };

        for (unsigned int i = 0; i < LA_STATE_COUNT; i++)
                status.states[i] = la_state_count(s, (enum la_state)i);
        for (unsigned int i = 0; i < LA_COUNTER_COUNT; i++)
                status.counters[i] = la_counter(s, (enum la_counter)i);
        for (unsigned int i = 0; i < LA_TRANSITION_COUNT; i++)
                status.transitions[i] = la_transition_count(s, (enum la_transition)i);
        for (unsigned int i = 0; i < LA_VERDICT_COUNT; i++)
                status.verdicts[i] = la_verdict_count(s, (enum la_verdict)i);
        if (source->loop) {
                status.loop = la_loop_counts(source->loop);
                status.link = la_link_counts(la_loop_link(source->loop));
        }
        memcpy(ret_message, &status, sizeof(status));
        return finish(a, ret_message, sizeof(status), 1, true);
}

/* ---- WALK and FIND ---- */

static void
ask_walk(struct answer *a, const struct control_source *source, const uint8_t *request, size_t length)
{
        struct control_walk walk;

        (void)source;
        (void)length;
        memcpy(&walk, request, sizeof(walk));
        a->states = walk.states;
        a->parts = walk.parts;
}

static size_t
next_walk(struct answer *a, const struct control_source *source, uint8_t *ret_message)
{
        size_t at = sizeof(struct control_header);
        uint32_t places = PLACES_A_SLICE, count = 0;
        struct la_snapshot s;

        while (CONTROL_MESSAGE_MAX - at >= sizeof(s)) {
                if (!la_next_snapshot_within(source->stack, source->now, &a->cursor, &places, &s)) {
                        if (places > 0)
                                return finish(a, ret_message, at, count, true);
                        break;
                }
                if (a->states == 1u << LA_LISTEN && s.state != LA_LISTEN)
                        return finish(a, ret_message, at, count, true); /* they come first */
                if (!(a->states >> s.state & 1))
                        continue;
                size_t bytes = control_snapshot_trim(&s, a->parts);
                memcpy(ret_message + at, &s, bytes);
                at += bytes;
                count++;
        }
        return count > 0 ? finish(a, ret_message, at, count, false) : 0;
}

static void
ask_find(struct answer *a, const struct control_source *source, const uint8_t *request, size_t length)
{
        (void)source;
        (void)length;
        memcpy(&a->find, request, sizeof(a->find));
        if (a->find.family != LA_IPV4 && a->find.family != LA_IPV6)
                refuse(a, CONTROL_MALFORMED, "");
}

static size_t
next_find(struct answer *a, const struct control_source *source, uint8_t *ret_message)
{
        size_t at = sizeof(struct control_header);
        struct la_snapshot s;
        bool found = la_find(source->stack, source->now, (enum la_family)a->find.family, &a->find.local,
                             &a->find.remote, &s);

        if (found) {
                size_t bytes = control_snapshot_trim(&s, CONTROL_PART_TCP | CONTROL_PART_MEMORY);
                memcpy(ret_message + at, &s, bytes);
                at += bytes;
        }
        return finish(a, ret_message, at, found, true);
}

/* ---- KNOBS and KNOB_SET ---- */

/* The name comes out of it with an end. */
static bool
read_name(struct answer *a, const char name[CONTROL_TEXT_SIZE])
{
        memcpy(a->knob, name, sizeof(a->knob));
        return memchr(a->knob, '\0', sizeof(a->knob)) != NULL;
}

static void
ask_knobs(struct answer *a, const struct control_source *source, const uint8_t *request, size_t length)
{
        struct control_knob_request r;
        const char *sentence;
        int64_t least, most;

        (void)source;
        (void)length;
        memcpy(&r, request, sizeof(r));
        if (!read_name(a, r.name))
                refuse(a, CONTROL_MALFORMED, "");
        else if (a->knob[0] && la_knob_range(a->knob, &least, &most, &sentence) != LA_OK)
                refuse(a, CONTROL_NO_KNOB, la_error_text(LA_ERR_NO_KNOB));
}

static size_t
put_knob(struct answer *a, const struct control_source *source, const char *name, bool last, uint8_t *ret_message)
{
        struct control_knob k = { .least = 0 };
        char *value = (char *)ret_message + sizeof(k);
        const char *sentence = "";

        la_knob_range(name, &k.least, &k.most, &sentence);
        strncpy(k.name, name, sizeof(k.name) - 1);
        strncpy(k.sentence, sentence, sizeof(k.sentence) - 1);
        la_knob_standard(source->stack, name, k.standard, sizeof(k.standard));
        value[0] = '\0';
        la_knob_get(source->stack, name, value, CONTROL_VALUE_MAX);
        memcpy(ret_message, &k, sizeof(k));
        return finish(a, ret_message, sizeof(k) + strlen(value) + 1, 1, last);
}

static size_t
next_knobs(struct answer *a, const struct control_source *source, uint8_t *ret_message)
{
        const char *name;

        if (a->knob[0])
                return put_knob(a, source, a->knob, true, ret_message);
        name = la_knob_name(a->cursor++);
        return put_knob(a, source, name, !la_knob_name(a->cursor), ret_message);
}

static void
set_knob(struct answer *a, const struct control_source *source, bool dangerous, const char *value)
{
        const char *sentence = NULL;
        enum la_error error = dangerous ? la_knob_set_dangerous(source->stack, a->knob, value, &sentence)
                                        : la_knob_set(source->stack, a->knob, value, &sentence);

        if (!sentence)
                sentence = la_error_text(error);
        if (error == LA_ERR_NO_KNOB)
                refuse(a, CONTROL_NO_KNOB, sentence);
        else if (error == LA_ERR_DANGER)
                refuse(a, CONTROL_DANGER, sentence);
        else if (error != LA_OK)
                refuse(a, CONTROL_KNOB_VALUE, sentence);
}

static void
ask_knob_set(struct answer *a, const struct control_source *source, const uint8_t *request, size_t length)
{
        struct control_knob_request r;
        const char *value = (const char *)request + sizeof(r);
        size_t room = length - sizeof(r);

        memcpy(&r, request, sizeof(r));
        if (!read_name(a, r.name) || room == 0 || value[room - 1] != '\0')
                refuse(a, CONTROL_MALFORMED, "");
        else
                set_knob(a, source, r.dangerous != 0, value);
}

static size_t
next_knob_set(struct answer *a, const struct control_source *source, uint8_t *ret_message)
{
        return put_knob(a, source, a->knob, true, ret_message);
}

/* ---- EVENTS ---- */

static void
ask_events(struct answer *a, const struct control_source *source, const uint8_t *request, size_t length)
{
        struct control_subscription s;

        (void)length;
        memcpy(&s, request, sizeof(s));
        a->what = s.what;
        a->since_us = source->now;
        if (la_stack_config(source->stack)->trace == 0)
                refuse(a, CONTROL_NO_TRACE, "");
        else if (ring_init(&a->events) < 0)
                refuse(a, CONTROL_NO_MEMORY, "");
}

/* Entries that the stack's own ring lost since then are lost to everybody.  What it lost while nobody looked is not: it
 * is counted from when somebody first looked again. */
static uint64_t
lost_in_stack(struct answer *a, const struct control_source *source)
{
        uint64_t lost = la_trace_lost(source->stack);

        if (!a->lost_known) {
                a->lost_known = true;
                a->lost_before = lost;
        }
        return lost - a->lost_before;
}

static size_t
next_events(struct answer *a, const struct control_source *source, uint8_t *ret_message)
{
        struct control_events e = { .lost = a->events.lost + lost_in_stack(a, source) };
        struct la_trace traces[64];
        size_t at = sizeof(e);
        uint32_t count = 0, n;

        do {
                n = ring_take(&a->events, traces, sizeof(traces) / sizeof(traces[0]));
                memcpy(ret_message + at, traces, n * sizeof(traces[0]));
                at += n * sizeof(traces[0]);
                count += n;
        } while (n > 0 && CONTROL_MESSAGE_MAX - at >= sizeof(traces));
        memcpy(ret_message, &e, sizeof(e));
        return count > 0 ? finish(a, ret_message, at, count, false) : 0;
}

static bool
wanted(const struct answer *a, const struct la_trace *trace)
{
        switch (trace->kind) {
        case LA_TRACE_TRANSITION:
                return a->what & CONTROL_TRANSITIONS;
        case LA_TRACE_VERDICT:
                return (a->what & CONTROL_VERDICTS) && la_verdict_refuses(trace->verdict);
        }
        return false;
}

void
answer_event(struct answer *a, const struct la_trace *trace)
{
        if (a->kind == CONTROL_EVENTS && trace->at >= a->since_us && wanted(a, trace))
                ring_put(&a->events, trace);
}

/* ---- REFUSED ---- */

static size_t
next_refusal(struct answer *a, const struct control_source *source, uint8_t *ret_message)
{
        struct control_refusal r = { .reason = (uint32_t)a->reason };

        memcpy(r.version, source->hello->version, sizeof(r.version));
        strncpy(r.text, a->text, sizeof(r.text) - 1);
        memcpy(ret_message, &r, sizeof(r));
        return finish(a, ret_message, sizeof(r), 0, true);
}

void
answer_refuse(struct answer *a, enum control_reason reason)
{
        refuse(a, reason, "");
}

/* ---- All ---- */

static const struct question questions[] = {
        [CONTROL_HELLO] = { sizeof(struct control_header), NULL, next_hello },
        [CONTROL_STATUS] = { sizeof(struct control_header), NULL, next_status },
        [CONTROL_WALK] = { sizeof(struct control_walk), ask_walk, next_walk },
        [CONTROL_FIND] = { sizeof(struct control_find), ask_find, next_find },
        [CONTROL_KNOBS] = { sizeof(struct control_knob_request), ask_knobs, next_knobs },
        [CONTROL_KNOB_SET] = { sizeof(struct control_knob_request), ask_knob_set, next_knob_set },
        [CONTROL_EVENTS] = { sizeof(struct control_subscription), ask_events, next_events },
        [CONTROL_REFUSED] = { 0, NULL, next_refusal },
};

static bool
is_question(uint16_t kind, size_t length)
{
        size_t bytes = kind > 0 && kind < CONTROL_REFUSED ? questions[kind].bytes : 0;

        return bytes > 0 && (kind == CONTROL_KNOB_SET ? length >= bytes : length == bytes);
}

void
answer_ask(struct answer *a, const struct control_source *source, const uint8_t *message, size_t length)
{
        struct control_header h;
        enum control_reason reason = control_header_read(message, length, &h);

        answer_end(a);
        a->serial = h.serial;
        if (reason == CONTROL_OTHER_VERSION && h.kind == CONTROL_HELLO)
                reason = CONTROL_NO_REASON; /* to see what a version it is */
        if (reason == CONTROL_NO_REASON && !is_question(h.kind, length))
                reason = CONTROL_MALFORMED;
        if (reason == CONTROL_NO_REASON && h.stack != 0)
                reason = CONTROL_NO_STACK;
        if (reason != CONTROL_NO_REASON) {
                answer_refuse(a, reason);
                return;
        }
        a->kind = h.kind;
        if (questions[h.kind].ask)
                questions[h.kind].ask(a, source, message, length);
}

bool
answer_is_ready(const struct answer *a)
{
        return answer_goes_on(a) && (a->kind != CONTROL_EVENTS || a->events.count > 0);
}

size_t
answer_next(struct answer *a, const struct control_source *source, uint8_t *ret_message)
{
        return answer_goes_on(a) ? questions[a->kind].next(a, source, ret_message) : 0;
}

void
answer_end(struct answer *a)
{
        ring_fini(&a->events);
        *a = (struct answer){ .serial = a->serial };
}
