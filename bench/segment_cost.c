/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * segment_cost.c - what it costs to read and write a segment, beside a memcpy of the same bytes.
 *
 * Each figure is the median of rounds in which all rows take turns, so that a machine that slows down slows all of them:
 * compare them with each other, within one run.  "hot" is one packet over and over (L1); "ring" goes through 256 packets
 * of 2 KiB in turn, as a queue of a driver does (L2).
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "median.h"
#include "wire/segment.h"

#define TEXT_BYTES 1460
#define SLOT_BYTES 2048
#define RING_SLOTS 256
#define REPEATS    4096
#define ROUNDS     101

static uint8_t packets[RING_SLOTS][SLOT_BYTES], texts[RING_SLOTS][SLOT_BYTES], out[RING_SLOTS][SLOT_BYTES];
static struct segment segment_in, data_ipv4, data_ipv6, ack_ipv4;
static size_t packet_bytes;
static volatile uint64_t sink; /* what nobody uses, compilers do not compute */

struct row {
        const char *name;
        void (*run)(size_t slot);
        const struct segment *packet; /* what lies in packets[], for rows that read them */
};

static void
copy_text(size_t slot)
{
        memcpy(out[slot], texts[slot], TEXT_BYTES);
        sink += out[slot][TEXT_BYTES - 1];
}

static void
sum_text(size_t slot)
{
        sink += sum_fold(sum_bytes(texts[slot], TEXT_BYTES));
}

static void
sum_and_copy_text(size_t slot)
{
        sink += sum_fold(sum_copy(out[slot], texts[slot], TEXT_BYTES));
}

static void
read_packet(size_t slot)
{
        if (segment_parse(packets[slot], packet_bytes, 0, &segment_in) != WIRE_OK)
                abort();
        sink += segment_in.seq.v;
}

static void
read_packet_unverified(size_t slot)
{
        if (segment_parse(packets[slot], packet_bytes, SEGMENT_CHECKSUM_KNOWN, &segment_in) != WIRE_OK)
                abort();
        sink += segment_in.seq.v;
}

static void
write_packet(const struct segment *s, size_t slot, enum segment_checksum how)
{
        struct wire_piece text = { texts[slot], s->text_bytes };

        sink += segment_build(s, &text, s->text_bytes != 0, how, out[slot]);
}

static void
write_data(size_t slot)
{
        write_packet(&data_ipv4, slot, SEGMENT_CHECKSUM_FULL);
}

static void
write_data_ipv6(size_t slot)
{
        write_packet(&data_ipv6, slot, SEGMENT_CHECKSUM_FULL);
}

static void
write_data_partial(size_t slot)
{
        write_packet(&data_ipv4, slot, SEGMENT_CHECKSUM_PARTIAL);
}

static void
write_data_copied(size_t slot)
{
        sink += segment_build_summed(&data_ipv4, TEXT_BYTES, sum_copy(out[slot] + 52, texts[slot], TEXT_BYTES),
                                     out[slot]);
}

static void
write_ack(size_t slot)
{
        write_packet(&ack_ipv4, slot, SEGMENT_CHECKSUM_FULL);
}

static void
copy_write_and_read(size_t slot)
{
        write_data_copied(slot);
        if (segment_parse(out[slot], 52 + TEXT_BYTES, 0, &segment_in) != WIRE_OK)
                abort();
        sink += segment_in.seq.v;
}

static const struct row rows[] = {
        { "memcpy 1460 bytes", copy_text, NULL },
        { "checksum 1460 bytes", sum_text, NULL },
        { "checksum while copying", sum_and_copy_text, NULL },
        { "read and verify, 1460 bytes", read_packet, &data_ipv4 },
        { "  IPv6", read_packet, &data_ipv6 },
        { "  checksum known", read_packet_unverified, &data_ipv4 },
        { "  no text: an ACK", read_packet, &ack_ipv4 },
        { "write with checksum, 1460 bytes", write_data, NULL },
        { "  IPv6", write_data_ipv6, NULL },
        { "  checksum left to the link", write_data_partial, NULL },
        { "  text copied behind it as well", write_data_copied, NULL },
        { "  no text: an ACK", write_ack, NULL },
        { "copy, write, read and verify", copy_write_and_read, NULL },
};

#define ROWS (sizeof rows / sizeof *rows)

static struct segment
segment_of(enum la_family family, uint32_t text_bytes)
{
        struct segment s = { .family = family, .ack = true, .window = 501, .text_bytes = text_bytes };

        s.source = (struct la_endpoint){ { 10, 0, 0, 1 }, 40000 };
        s.destination = (struct la_endpoint){ { 10, 0, 0, 2 }, 80 };
        s.ip.hop_limit = 64;
        s.ip.dont_fragment = family == LA_IPV4;
        s.options.has_timestamps = true;
        s.options.ts_value = 123456;
        s.options.ts_echo = 654321;
        return s;
}

static void
fill_packets(const struct segment *s)
{
        for (size_t slot = 0; slot < RING_SLOTS; slot++) {
                struct wire_piece text = { texts[slot], s->text_bytes };
                size_t header_bytes = segment_build(s, &text, 1, SEGMENT_CHECKSUM_FULL, packets[slot]);
                memcpy(packets[slot] + header_bytes, texts[slot], s->text_bytes);
                packet_bytes = header_bytes + s->text_bytes;
        }
}

static double
measure(const struct row *row, size_t slots)
{
        uint64_t start;

        if (row->packet)
                fill_packets(row->packet);
        row->run(0);
        start = now_ns();
        for (size_t i = 0; i < REPEATS; i++)
                row->run(i % slots);
        return (double)(now_ns() - start) / REPEATS;
}

int
main(void)
{
        static double hot[ROWS][ROUNDS], ring[ROWS][ROUNDS];

        for (size_t slot = 0; slot < RING_SLOTS; slot++)
                for (size_t i = 0; i < SLOT_BYTES; i++)
                        texts[slot][i] = (uint8_t)(i * 31 + slot * 7 + i / 251);
        data_ipv4 = segment_of(LA_IPV4, TEXT_BYTES);
        data_ipv6 = segment_of(LA_IPV6, TEXT_BYTES);
        ack_ipv4 = segment_of(LA_IPV4, 0);

        for (size_t round = 0; round < ROUNDS; round++)
                for (size_t i = 0; i < ROWS; i++) {
                        hot[i][round] = measure(&rows[i], 1);
                        ring[i][round] = measure(&rows[i], RING_SLOTS);
                }
        printf("%-34s %8s %8s   ns each, median of %d rounds\n", "", "hot", "ring", ROUNDS);
        for (size_t i = 0; i < ROWS; i++)
                printf("%-34s %8.1f %8.1f\n", rows[i].name, median(hot[i], ROUNDS), median(ring[i], ROUNDS));
        return 0;
}
