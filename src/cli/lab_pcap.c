/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capture files: draft-ietf-opsawg-pcapng.  One section; an interface for each run, which carries bare IP packets
 * (LINKTYPE_RAW); a packet block for each packet as it was sent, with a comment on what became of it and what it caused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/gettext.h"
#include "cli/lab.h"

enum {
        BLOCK_INTERFACE = 1,
        BLOCK_PACKET = 6,
        BLOCK_SECTION = 0x0a0d0d0a,

        BYTE_ORDER_MAGIC = 0x1a2b3c4d,
        LINKTYPE_RAW = 101,

        OPTION_END = 0,
        OPTION_COMMENT = 1,
        OPTION_SECTION_APPLICATION = 4,
        OPTION_INTERFACE_NAME = 2,
        OPTION_INTERFACE_DESCRIPTION = 3,
};

#define COMMENT_SIZE 1024

/* Blocks hold their own length twice: they are put together before they are written. */
struct block {
        uint8_t *bytes;
        size_t used, room;
        bool failed;
};

static void
add_bytes(struct block *b, const void *bytes, size_t n)
{
        if (b->used + n > b->room) {
                size_t room = (b->used + n) * 2;
                uint8_t *grown = realloc(b->bytes, room);

                if (!grown) {
                        b->failed = true;
                        return;
                }
                b->bytes = grown;
                b->room = room;
        }
        memcpy(b->bytes + b->used, bytes, n);
        b->used += n;
}

static void
add_u16(struct block *b, uint32_t n)
{
        uint16_t value = (uint16_t)n;

        add_bytes(b, &value, sizeof(value));
}

static void
add_u32(struct block *b, uint32_t n)
{
        add_bytes(b, &n, sizeof(n));
}

static void
pad(struct block *b, size_t n)
{
        add_bytes(b, "\0\0\0", (4 - n % 4) % 4);
}

static void
add_option(struct block *b, uint32_t code, const char *text)
{
        size_t n = strlen(text);

        add_u16(b, code);
        add_u16(b, (uint32_t)n);
        add_bytes(b, text, n);
        pad(b, n);
}

static int
write_block(FILE *file, uint32_t type, struct block *body)
{
        uint32_t head[2] = { type, (uint32_t)(body->used + 12) };
        bool written = !body->failed && fwrite(head, sizeof(head), 1, file) == 1 &&
                       fwrite(body->bytes, 1, body->used, file) == body->used && fwrite(&head[1], 4, 1, file) == 1;
        int status = written ? 0 : body->failed ? -ENOMEM : errno ? -errno : -EIO;

        free(body->bytes);
        return status;
}

static int
write_section(FILE *file)
{
        struct block b = { 0 };

        add_u32(&b, BYTE_ORDER_MAGIC);
        add_u16(&b, 1); /* version 1.0 */
        add_u16(&b, 0);
        add_u32(&b, UINT32_MAX); /* of unknown length */
        add_u32(&b, UINT32_MAX);
        add_option(&b, OPTION_SECTION_APPLICATION, "lastack lab");
        add_u32(&b, OPTION_END);
        return write_block(file, BLOCK_SECTION, &b);
}

static int
write_interface(FILE *file, const struct lab_run *run)
{
        struct block b = { 0 };

        add_u16(&b, LINKTYPE_RAW);
        add_u16(&b, 0);
        add_u32(&b, 0); /* packets are whole */
        add_option(&b, OPTION_INTERFACE_NAME, run->scenario->name);
        if (run->scenario->title)
                add_option(&b, OPTION_INTERFACE_DESCRIPTION, _(run->scenario->title));
        add_u32(&b, OPTION_END);
        return write_block(file, BLOCK_INTERFACE, &b);
}

/* ---- Comments ---- */

static void
append(char *text, const char *more)
{
        size_t n = strlen(text);

        snprintf(text + n, COMMENT_SIZE - n, "%s%s", n > 0 ? "\n" : "", more);
}

static void
comment_journey(const struct la_lab *lab, const struct la_lab_packet *p, char *text)
{
        char line[256], what[128];

        snprintf(line, sizeof(line), "%s -> %s: %s%s%s%s", la_lab_host_name(lab, p->from),
                 p->to >= 0 ? la_lab_host_name(lab, p->to) : "?", la_lab_describe(lab, p->id, what, sizeof(what)),
                 p->duplicate ? ", duplicated by the path"
                 : p->again   ? ", retransmitted"
                              : "",
                 p->marked ? ", marked on its way (CE)" : "", p->corrupted ? ", damaged on its way" : "");
        append(text, line);
        if (p->fate == LA_LAB_DELIVERED)
                snprintf(line, sizeof(line), "arrives at %llu.%06u s", (unsigned long long)(p->ended / 1000000),
                         (unsigned int)(p->ended % 1000000));
        else
                snprintf(line, sizeof(line), "%s", p->fate == LA_LAB_UNDER_WAY ? "still under way" : "lost");
        append(text, line);
}

static void
comment_effect(const struct la_lab *lab, const struct la_lab_event *e, char *text)
{
        const struct la_transition_info *t;
        const struct la_verdict_info *v;
        char line[256];

        if (e->kind == LA_LAB_EVENT_TRANSITION) {
                t = la_transition_info(e->transition);
                snprintf(line, sizeof(line), "%s: %s -> %s, %s (%s%s)", la_lab_host_name(lab, e->host),
                         la_state_name(t->from), la_state_name(t->to), t->id,
                         t->section[0] >= '0' && t->section[0] <= '9' ? "RFC 9293 " : "", t->section);
                append(text, line);
        } else if (e->kind == LA_LAB_EVENT_VERDICT) {
                v = la_verdict_info(e->verdict);
                snprintf(line, sizeof(line), "%s: verdict %s (%s)", la_lab_host_name(lab, e->host), v->id, v->section);
                append(text, line);
        }
}

static void
comment_packet(const struct la_lab *lab, const struct la_lab_packet *p, char *text)
{
        size_t delivery = LA_LAB_NO_CAUSE;

        text[0] = '\0';
        comment_journey(lab, p, text);
        for (size_t i = 0; i < la_lab_event_count(lab); i++) {
                const struct la_lab_event *e = la_lab_event(lab, i);

                if (e->kind == LA_LAB_EVENT_DELIVERED && e->packet == p->id)
                        delivery = i;
                else if (delivery != LA_LAB_NO_CAUSE && e->cause == delivery)
                        comment_effect(lab, e, text);
        }
}

static int
write_packet(FILE *file, uint32_t interface, const struct la_lab *lab, const struct la_lab_packet *p, tcp_time base)
{
        char comment[COMMENT_SIZE];
        struct block b = { 0 };
        uint64_t at = base + p->sent;

        add_u32(&b, interface);
        add_u32(&b, (uint32_t)(at >> 32));
        add_u32(&b, (uint32_t)at);
        add_u32(&b, (uint32_t)p->length);
        add_u32(&b, (uint32_t)p->length);
        add_bytes(&b, p->bytes, p->length);
        pad(&b, p->length);
        comment_packet(lab, p, comment);
        add_option(&b, OPTION_COMMENT, comment);
        add_u32(&b, OPTION_END);
        return write_block(file, BLOCK_PACKET, &b);
}

static int
write_run(FILE *file, uint32_t interface, const struct lab_run *run, tcp_time base)
{
        int status = 0;

        for (size_t i = 0; i < la_lab_packet_count(run->lab) && status == 0; i++)
                status = write_packet(file, interface, run->lab, la_lab_packet(run->lab, i), base);
        return status;
}

/* All interfaces come first, so that readers that want them so are content; one run's time begins where another's ended. */
static int
write_all(FILE *file, const struct lab_run *runs, size_t count)
{
        tcp_time base = 0;
        int status = write_section(file);

        for (size_t i = 0; i < count && status == 0; i++)
                status = write_interface(file, &runs[i]);
        for (size_t i = 0; i < count && status == 0; i++)
                if (runs[i].lab) {
                        status = write_run(file, (uint32_t)i, &runs[i], base);
                        base += la_lab_now(runs[i].lab) + 1000000;
                }
        return status;
}

int
lab_runs_pcap(const char *path, const struct lab_run *runs, size_t count)
{
        FILE *file = fopen(path, "wbe");
        int status;

        if (!file)
                return -errno;
        errno = 0;
        status = write_all(file, runs, count);
        if (fclose(file) != 0 && status == 0)
                status = -errno;
        return status;
}
