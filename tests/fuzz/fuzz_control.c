/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_control.c - the input is what a client says to a running stack: messages, each two bytes of length (the lower one
 * first) and as many bytes.  With the highest bit of the length set, its header is put right before it is read, so that
 * what stands behind it is reached.
 *
 * Whatever is said, there is an answer, in messages that are whole and have the question's number, with an end; and
 * tunables keep values that they could be set to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "control/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool holds, const char *what)
{
        if (holds)
                return;
        fprintf(stderr, "fuzz_control: %s\n", what);
        abort();
}
#define REQUIRE(condition) require(condition, #condition)

/* A stack with a listener and a few connections that nobody answers. */
static struct la_stack *
make_stack(void)
{
        struct la_config config = { .connections = 16,
                                    .half_open = 16,
                                    .time_wait4 = 16,
                                    .time_wait6 = 16,
                                    .chunks = 64,
                                    .trace = 64,
                                    .address4 = { 10, 0, 0, 1 } };
        struct la_endpoint here = { .port = 80 }, there = { .address = { 10, 0, 0, 2 }, .port = 443 };
        size_t bytes = la_stack_bytes(&config);
        void *block = aligned_alloc(64, bytes);
        struct la_handle handle;

        REQUIRE(block != NULL);
        memset(block, 0, bytes);
        struct la_stack *stack = la_stack_init(block, bytes, &config, 1000);
        REQUIRE(la_listen(stack, 1000, LA_IPV4, &here, 8, 0, &handle) == LA_OK);
        for (unsigned int i = 0; i < 4; i++)
                REQUIRE(la_open(stack, 1000, LA_IPV4, NULL, &there, 0, &handle) == LA_OK);
        return stack;
}

static void
put_right(uint8_t *message, size_t length)
{
        struct control_header h;

        if (length < sizeof(h))
                return;
        memcpy(&h, message, sizeof(h));
        h.magic = CONTROL_MAGIC;
        h.version = CONTROL_VERSION;
        h.stack = 0;
        h.kind %= 10;
        h.bytes = (uint32_t)length;
        memcpy(message, &h, sizeof(h));
}

static void
check_message(const uint8_t *message, size_t length, uint32_t serial)
{
        struct control_header h;

        REQUIRE(length <= CONTROL_MESSAGE_MAX);
        REQUIRE(control_header_read(message, length, &h) == CONTROL_NO_REASON);
        REQUIRE(h.serial == serial);
        REQUIRE(h.kind >= CONTROL_HELLO && h.kind <= CONTROL_REFUSED);
}

/* All of an answer; of events only what is there. */
static void
read_answer(struct answer *a, const struct control_source *source)
{
        static uint8_t message[CONTROL_MESSAGE_MAX];
        uint32_t serial = a->serial;

        for (unsigned int i = 0; answer_is_ready(a); i++) {
                size_t n = answer_next(a, source, message);
                REQUIRE(i < 1000);
                if (n > 0)
                        check_message(message, n, serial);
        }
        REQUIRE(!answer_goes_on(a) || a->kind == CONTROL_EVENTS);
}

static void
tell_events(struct answer *a, struct la_stack *stack)
{
        struct la_trace trace;

        while (la_next_trace(stack, &trace))
                answer_event(a, &trace);
}

static void
ask(struct answer *a, const struct control_source *source, const uint8_t *data, size_t length, bool right)
{
        uint8_t *message = malloc(length + 1); /* so that a sanitizer sees what is read behind the end */

        REQUIRE(message != NULL);
        memcpy(message, data, length);
        if (right)
                put_right(message, length);
        answer_ask(a, source, message, length);
        free(message);
        REQUIRE(answer_goes_on(a));
        tell_events(a, source->stack);
        read_answer(a, source);
}

static void
check_knobs(struct la_stack *stack)
{
        static char value[CONTROL_VALUE_MAX];
        const char *name, *why = "";

        for (size_t i = 0; (name = la_knob_name(i)) != NULL; i++) {
                REQUIRE(la_knob_get(stack, name, value, sizeof(value)) == LA_OK);
                REQUIRE(la_knob_set_dangerous(stack, name, value, &why) == LA_OK);
        }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct la_stack *stack = make_stack();
        struct control_hello hello = { .version = "fuzz", .layout = control_layout() };
        struct control_source source = { .stack = stack, .now = 1000, .hello = &hello };
        struct answer answer = { .kind = 0 };

        while (size >= 2) {
                size_t length = (size_t)(data[0] | (data[1] & 0x7f) << 8), rest = size - 2;
                bool right = data[1] & 0x80;

                if (length > rest)
                        length = rest;
                ask(&answer, &source, data + 2, length, right);
                data += 2 + length;
                size = rest - length;
        }
        answer_end(&answer);
        check_knobs(stack);
        free(stack);
        return 0;
}
