/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a packet.  The first is not of it, but says whether TCP's checksum is looked at (bit 0: it is not) and
 * whether IPv4's is left as it is (bit 1): who changes bytes at random rarely gets past both.  What is read must lie
 * within the packet, and what is read and written must read the same again.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/bytes.h"
#include "wire/segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PACKET_MAX 65575

static void
check(bool holds)
{
        if (!holds)
                abort();
}

static void
check_same_options(const struct tcp_options *a, const struct tcp_options *b)
{
        check(a->has_mss == b->has_mss && a->mss_bytes == b->mss_bytes);
        check(a->has_window_scale == b->has_window_scale && a->window_shift == b->window_shift);
        check(a->sack_permitted == b->sack_permitted && a->sack_count == b->sack_count);
        check(memcmp(a->sack, b->sack, a->sack_count * sizeof a->sack[0]) == 0);
        check(a->has_timestamps == b->has_timestamps && a->ts_value == b->ts_value && a->ts_echo == b->ts_echo);
        check(a->has_user_timeout == b->has_user_timeout && a->user_timeout_s == b->user_timeout_s);
        check(a->has_fastopen == b->has_fastopen && a->cookie_bytes == b->cookie_bytes);
        check(memcmp(a->cookie, b->cookie, a->cookie_bytes) == 0);
        check(!b->window_shift_capped);
}

static void
check_same(const struct segment *a, const struct segment *b)
{
        check(a->family == b->family);
        check(memcmp(a->source.address, b->source.address, 16) == 0 && a->source.port == b->source.port);
        check(memcmp(a->destination.address, b->destination.address, 16) == 0);
        check(a->destination.port == b->destination.port);
        check(a->ip.traffic_class == b->ip.traffic_class && a->ip.hop_limit == b->ip.hop_limit);
        check(a->ip.dont_fragment == b->ip.dont_fragment && a->ip.identification == b->ip.identification);
        check(a->ip.flow_label == b->ip.flow_label);
        check(seq_eq(a->seq, b->seq) && seq_eq(a->ack_seq, b->ack_seq));
        check(a->window == b->window && a->urgent == b->urgent && a->flags == b->flags);
        check(a->fin == b->fin && a->syn == b->syn && a->rst == b->rst && a->psh == b->psh);
        check(a->ack == b->ack && a->urg == b->urg && a->ece == b->ece && a->cwr == b->cwr);
        check(a->text_bytes == b->text_bytes && a->length == b->length);
        check(a->text_bytes == 0 || memcmp(a->text, b->text, a->text_bytes) == 0);
        check_same_options(&a->options, &b->options);
}

/* Options that take more room in the layout that is written than in the one that was read may not fit any more; so may a
 * text that only extension headers' absence made too long. */
static bool
fits(const struct segment *s)
{
        size_t bytes = segment_header_bytes(s->family, &s->options) + s->text_bytes;

        return options_bytes(&s->options) <= TCP_OPTIONS_MAX && bytes <= (s->family == LA_IPV4 ? 65535 : 65575);
}

static void
check_round_trip(const struct segment *s)
{
        static uint8_t packet[PACKET_MAX], summed[SEGMENT_HEADER_MAX];
        size_t half = s->text_bytes / 2;
        struct wire_piece text[] = { { s->text, half }, { s->text + half, s->text_bytes - half } };
        size_t header_bytes = segment_build(s, text, 2, SEGMENT_CHECKSUM_FULL, packet);
        struct segment again;

        check((header_bytes != 0) == fits(s));
        if (header_bytes == 0)
                return;
        check(header_bytes == segment_header_bytes(s->family, &s->options));
        check(segment_build_summed(s, s->text_bytes, sum_copy(packet + header_bytes, s->text, s->text_bytes), summed) ==
              header_bytes);
        check(memcmp(packet, summed, header_bytes) == 0);
        check(segment_parse(packet, header_bytes + s->text_bytes, 0, &again) == WIRE_OK);
        check_same(s, &again);
}

static void
mend_ipv4(uint8_t *b, size_t n)
{
        size_t header_bytes = n ? (b[0] & 15u) * 4 : 0;

        if (header_bytes < 20 || header_bytes > n || b[0] >> 4 != 4)
                return;
        put16(b + 10, 0);
        put_checksum(b + 10, sum_checksum(sum_words(b, header_bytes)));
}

static void
check_packet(const uint8_t *bytes, size_t n, unsigned int flags)
{
        struct segment s;
        enum wire_result result = segment_parse(bytes, n, flags, &s);

        check(result < WIRE_RESULT_COUNT);
        if (result != WIRE_OK && result != WIRE_TCP_BAD_OPTION)
                return;
        check((result == WIRE_OK) == (s.options_result == OPTIONS_OK));
        check(s.text > bytes && s.text + s.text_bytes <= bytes + n);
        check_round_trip(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t *packet;

        if (size < 2)
                return 0;
        packet = malloc(size - 1);
        check(packet);
        memcpy(packet, data + 1, size - 1);
        if (!(data[0] & 2))
                mend_ipv4(packet, size - 1);
        check_packet(packet, size - 1, data[0] & 1 ? SEGMENT_CHECKSUM_KNOWN : 0);
        free(packet);
        return 0;
}
