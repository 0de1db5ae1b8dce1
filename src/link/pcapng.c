/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/pcapng.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

        OPTION_BYTES_MAX = 65535,
};

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
        if (n > 0)
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
        size_t n = text ? strnlen(text, OPTION_BYTES_MAX) : 0;

        if (n == 0)
                return;
        add_u16(b, code);
        add_u16(b, (uint32_t)n);
        add_bytes(b, text, n);
        pad(b, n);
}

static int
write_block(FILE *file, uint32_t type, struct block *body)
{
        uint32_t head[2] = { type, (uint32_t)(body->used + 12) };
        bool written;
        int status;

        errno = 0;
        written = !body->failed && fwrite(head, sizeof(head), 1, file) == 1 &&
                  fwrite(body->bytes, 1, body->used, file) == body->used && fwrite(&head[1], 4, 1, file) == 1;
        status = written ? 0 : body->failed ? -ENOMEM : errno ? -errno : -EIO;
        free(body->bytes);
        return status;
}

int
pcapng_section(FILE *file, const char *application)
{
        struct block b = { 0 };

        add_u32(&b, BYTE_ORDER_MAGIC);
        add_u16(&b, 1); /* version 1.0 */
        add_u16(&b, 0);
        add_u32(&b, UINT32_MAX); /* of unknown length */
        add_u32(&b, UINT32_MAX);
        add_option(&b, OPTION_SECTION_APPLICATION, application);
        add_u32(&b, OPTION_END);
        return write_block(file, BLOCK_SECTION, &b);
}

int
pcapng_interface(FILE *file, const char *name, const char *description)
{
        struct block b = { 0 };

        add_u16(&b, LINKTYPE_RAW);
        add_u16(&b, 0);
        add_u32(&b, 0); /* packets are whole */
        add_option(&b, OPTION_INTERFACE_NAME, name);
        add_option(&b, OPTION_INTERFACE_DESCRIPTION, description);
        add_u32(&b, OPTION_END);
        return write_block(file, BLOCK_INTERFACE, &b);
}

int
pcapng_packet(FILE *file, uint32_t interface, uint64_t at_us, const struct la_part *parts, size_t n,
              const char *comment)
{
        struct block b = { 0 };
        size_t length = 0;

        for (size_t i = 0; i < n; i++)
                length += parts[i].length;
        add_u32(&b, interface);
        add_u32(&b, (uint32_t)(at_us >> 32));
        add_u32(&b, (uint32_t)at_us);
        add_u32(&b, (uint32_t)length);
        add_u32(&b, (uint32_t)length);
        for (size_t i = 0; i < n; i++)
                add_bytes(&b, parts[i].bytes, parts[i].length);
        pad(&b, length);
        add_option(&b, OPTION_COMMENT, comment);
        add_u32(&b, OPTION_END);
        return write_block(file, BLOCK_PACKET, &b);
}
