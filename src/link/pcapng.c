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

/* Blocks hold their own length twice: they are put together in memory before they are written. */
struct block {
        FILE *stream; /* open_memstream(3); NULL: there was no memory */
        char *bytes;
        size_t used;
};

/* The stream keeps where `bytes` and `used` lie: a block stays where it is. */
static void
block_begin(struct block *b)
{
        b->bytes = NULL;
        b->used = 0;
        b->stream = open_memstream(&b->bytes, &b->used);
}

static void
add_bytes(struct block *b, const void *bytes, size_t n)
{
        if (b->stream)
                fwrite(bytes, 1, n, b->stream); /* a failure is remembered: ferror(3) */
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
        size_t n = text ? strlen(text) : 0;

        if (n == 0)
                return;
        if (n > OPTION_BYTES_MAX)
                n = OPTION_BYTES_MAX;
        add_u16(b, code);
        add_u16(b, (uint32_t)n);
        add_bytes(b, text, n);
        pad(b, n);
}

static int
write_block(FILE *file, uint32_t type, struct block *body)
{
        bool failed = !body->stream || ferror(body->stream), written;
        uint32_t head[2] = { type, 0 };
        int status;

        if (body->stream && fclose(body->stream) != 0)
                failed = true;
        head[1] = (uint32_t)(body->used + 12);
        errno = 0;
        written = !failed && fwrite(head, sizeof(head), 1, file) == 1 &&
                  fwrite(body->bytes, 1, body->used, file) == body->used && fwrite(&head[1], 4, 1, file) == 1;
        status = written ? 0 : failed ? -ENOMEM : errno ? -errno : -EIO;
        free(body->bytes);
        return status;
}

int
pcapng_section(FILE *file, const char *application)
{
        struct block b;

        block_begin(&b);
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
        struct block b;

        block_begin(&b);
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
        struct block b;
        size_t length = 0;

        block_begin(&b);
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
