/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * capture.c - a capture file of what passes, with what it caused.
 *
 * What an arrived packet caused is told after it, so each is held back until the next thing happens.  What a call or a timer
 * caused is told before the packet that says so leaves, and goes into the comment of the next one that does.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "link/link.h"
#include "link/pcapng.h"

#define COMMENT_SIZE 2048
#define PACKET_MAX   (LA_HEADER_MAX + 65536)

struct la_capture {
        struct la_observer observer; /* first: a call leads back here */
        struct la_loop *loop;
        FILE *file;
        int status;
        uint64_t to_1970_us; /* from the loop's clock */
        bool held;           /* a packet that arrived, in `bytes` */
        tcp_time held_at;
        size_t held_bytes;
        char comment[COMMENT_SIZE]; /* of the held packet, or of the next that leaves */
        uint8_t bytes[PACKET_MAX];
};

static uint64_t
from_1970_us(void)
{
        struct timespec t;

        clock_gettime(CLOCK_REALTIME, &t);
        return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000 - la_clock();
}

static void
write_one(struct la_capture *c, tcp_time at, const struct la_part *parts, size_t n)
{
        if (c->status == 0)
                c->status = pcapng_packet(c->file, 0, c->to_1970_us + at, parts, n, c->comment);
        c->comment[0] = '\0';
}

static void
write_held(struct la_capture *c)
{
        struct la_part part = { c->bytes, c->held_bytes };

        if (c->held)
                write_one(c, c->held_at, &part, 1);
        c->held = false;
}

static size_t
parts_of(const struct la_packet *p, struct la_part parts[LA_PARTS_MAX + 1])
{
        size_t n = 0;

        if (p->header_bytes > 0)
                parts[n++] = (struct la_part){ p->header, p->header_bytes };
        for (size_t i = 0; i < p->parts; i++)
                parts[n++] = p->part[i];
        return n;
}

static void
hold(struct la_capture *c, tcp_time now, const struct la_part *parts, size_t n)
{
        c->held = true;
        c->held_at = now;
        c->held_bytes = 0;
        c->comment[0] = '\0';
        for (size_t i = 0; i < n && c->held_bytes + parts[i].length <= sizeof(c->bytes); i++) {
                memcpy(c->bytes + c->held_bytes, parts[i].bytes, parts[i].length);
                c->held_bytes += parts[i].length;
        }
}

static void
see_packet(struct la_observer *observer, tcp_time now, const struct la_packet *packet, bool out)
{
        struct la_capture *c = (struct la_capture *)observer;
        struct la_part parts[LA_PARTS_MAX + 1];
        size_t n = parts_of(packet, parts);

        write_held(c);
        if (out)
                write_one(c, now, parts, n);
        else
                hold(c, now, parts, n);
}

static void
see_trace(struct la_observer *observer, const struct la_trace *trace)
{
        struct la_capture *c = (struct la_capture *)observer;
        size_t used;

        if (trace->kind == LA_TRACE_VERDICT && !la_verdict_refuses(trace->verdict))
                return;
        if (trace->arrival == 0)
                write_held(c);
        used = strlen(c->comment);
        if (trace->kind == LA_TRACE_TRANSITION) {
                const struct la_transition_info *t = la_transition_info(trace->transition);

                snprintf(c->comment + used, sizeof(c->comment) - used, "%s%s -> %s: %s (%s%s)", used ? "\n" : "",
                         la_state_name(t->from), la_state_name(t->to), t->id,
                         t->section[0] >= '0' && t->section[0] <= '9' ? "RFC 9293 " : "", t->section);
        } else {
                const struct la_verdict_info *v = la_verdict_info(trace->verdict);

                snprintf(c->comment + used, sizeof(c->comment) - used, "%s%s (%s): %s", used ? "\n" : "", v->id,
                         v->section, v->sentence);
        }
}

int
la_capture_open(int fd, const char *interface, const char *application, struct la_loop *loop,
                struct la_capture **ret_capture)
{
        struct la_capture *c = calloc(1, sizeof(*c));
        int status;

        if (!c)
                return -ENOMEM;
        c->observer = (struct la_observer){ .packet = see_packet, .trace = see_trace };
        c->loop = loop;
        c->to_1970_us = from_1970_us();
        c->file = fdopen(fd, "wb");
        status = c->file ? pcapng_section(c->file, application) : -errno;
        if (status == 0)
                status = pcapng_interface(c->file, interface, NULL);
        if (status < 0) {
                if (c->file)
                        fclose(c->file);
                free(c);
                return status;
        }
        la_loop_observe(loop, &c->observer);
        *ret_capture = c;
        return 0;
}

int
la_capture_close(struct la_capture *c)
{
        int status;

        write_held(c);
        la_loop_unobserve(c->loop, &c->observer);
        if (fclose(c->file) != 0 && c->status == 0)
                c->status = -errno;
        status = c->status;
        free(c);
        return status;
}
