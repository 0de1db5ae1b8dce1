/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * answer.h - from a client's question to the messages that answer it, one after the other.
 *
 *         answer_ask(&a, &source, message, length);
 *         while (answer_goes_on(&a)) {
 *                 n = answer_next(&a, &source, message);         0: nothing yet, the stack has its turn
 *                 send n bytes
 *         }
 *
 * No call does more than a slice of the work, so a stack is never kept waiting.  Whatever the question is, there is an
 * answer, be it a refusal.
 */
#ifndef LASTACK_CONTROL_ANSWER_H
#define LASTACK_CONTROL_ANSWER_H

#include "control/protocol.h"
#include "control/ring.h"

/* What is asked about. */
struct control_source {
        struct la_stack *stack;
        tcp_time now;
        const struct control_hello *hello; /* all but the times */
        const struct la_loop *loop;        /* NULL: its counts are zeros */
};

struct answer {
        uint16_t kind; /* enum control_kind; 0: nothing is asked */
        uint32_t serial;
        uint64_t cursor;
        uint32_t states, parts;         /* WALK */
        struct control_find find;       /* FIND */
        char knob[CONTROL_TEXT_SIZE];   /* KNOBS, KNOB_SET */
        uint32_t what;                  /* EVENTS */
        struct ring events;             /* EVENTS */
        uint64_t since_us, lost_before; /* EVENTS */
        bool lost_known;                /* EVENTS */
        enum control_reason reason;     /* REFUSED */
        const char *text;               /* REFUSED; lives as long as the program */
};

/* Takes a message for the next question.  Only when nothing is asked, or events are: these end with it. */
void answer_ask(struct answer *a, const struct control_source *source, const uint8_t *message, size_t length);

/* The same for who may not ask. */
void answer_refuse(struct answer *a, enum control_reason reason);

static inline bool
answer_goes_on(const struct answer *a)
{
        return a->kind != 0;
}

/* Is there something to be said now?  True of every question but EVENTS when nothing has happened. */
bool answer_is_ready(const struct answer *a);

/* Writes at most CONTROL_MESSAGE_MAX bytes, and says how many. */
size_t answer_next(struct answer *a, const struct control_source *source, uint8_t *ret_message);

/* Something happened in the stack. */
void answer_event(struct answer *a, const struct la_trace *trace);

/* Ends what was asked. */
void answer_end(struct answer *a);

#endif
