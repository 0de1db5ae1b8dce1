/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/segment.h"

#include <string.h>

#include "wire/bytes.h"

static enum wire_result
check_header(const struct ip_packet *ip, unsigned int flags, size_t *ret_header_bytes)
{
        const uint8_t *tcp = ip->payload;
        size_t header_bytes;

        if (ip->protocol != IP_TCP)
                return WIRE_NOT_TCP;
        if (ip->payload_bytes < TCP_HEADER_MIN)
                return WIRE_TCP_TRUNCATED;
        header_bytes = (size_t)(tcp[12] >> 4) * 4;
        if (header_bytes < TCP_HEADER_MIN || header_bytes > ip->payload_bytes)
                return WIRE_TCP_BAD_DATA_OFFSET;
        if (!(flags & SEGMENT_CHECKSUM_KNOWN)) {
                struct sum s =
                        sum_pseudo_header(ip->family, ip->source, ip->destination, IP_TCP, (uint32_t)ip->payload_bytes);
                if (!sum_is_right(sum_add(s, sum_bytes(tcp, ip->payload_bytes))))
                        return WIRE_TCP_BAD_CHECKSUM;
        }
        *ret_header_bytes = header_bytes;
        return WIRE_OK;
}

static void
fill_from_ip(const struct ip_packet *ip, struct segment *s)
{
        s->family = ip->family;
        memcpy(s->source.address, ip->source, sizeof ip->source);
        memcpy(s->destination.address, ip->destination, sizeof ip->destination);
        s->ip = ip->ip;
}

enum wire_result
segment_parse_ip(const struct ip_packet *ip, unsigned int flags, struct segment *ret_segment)
{
        struct segment *s = ret_segment;
        const uint8_t *tcp = ip->payload;
        size_t header_bytes;
        enum wire_result result = check_header(ip, flags, &header_bytes);

        if (result != WIRE_OK)
                return result;
        fill_from_ip(ip, s);
        s->source.port = get16(tcp);
        s->destination.port = get16(tcp + 2);
        s->seq = seq_of(get32(tcp + 4));
        s->ack_seq = seq_of(get32(tcp + 8));
        s->flags = tcp[13];
        s->window = get16(tcp + 14);
        s->urgent = get16(tcp + 18);
        s->text = tcp + header_bytes;
        s->text_bytes = (uint32_t)(ip->payload_bytes - header_bytes);
        s->length = s->text_bytes + (uint32_t)s->syn + (uint32_t)s->fin;
        s->options_result = options_parse(tcp + TCP_HEADER_MIN, header_bytes - TCP_HEADER_MIN, &s->options);
        return s->options_result == OPTIONS_OK ? WIRE_OK : WIRE_TCP_BAD_OPTION;
}

enum wire_result
segment_parse(const uint8_t *bytes, size_t n, unsigned int flags, struct segment *ret_segment)
{
        struct ip_packet ip;
        enum wire_result result = ip_parse(bytes, n, &ip);

        return result == WIRE_OK ? segment_parse_ip(&ip, flags, ret_segment) : result;
}

static size_t
build_ip(const struct segment *s, size_t payload_bytes, uint8_t *ret_header)
{
        struct ip_packet ip = { .family = s->family, .ip = s->ip, .protocol = IP_TCP };

        memcpy(ip.source, s->source.address, sizeof ip.source);
        memcpy(ip.destination, s->destination.address, sizeof ip.destination);
        return ip_build(&ip, payload_bytes, ret_header);
}

/* Everything but the checksum, whose field is left zero.  Returns the header's sum. */
static struct sum
build_tcp(const struct segment *s, size_t header_bytes, uint8_t *ret_header)
{
        uint8_t *h = ret_header;
        struct sum sum = { 0 };

        put32_summed(h, (uint32_t)s->source.port << 16 | s->destination.port, &sum);
        put32_summed(h + 4, s->seq.v, &sum);
        put32_summed(h + 8, s->ack_seq.v, &sum);
        put32_summed(h + 12, (uint32_t)(header_bytes / 4) << 28 | (uint32_t)s->flags << 16 | s->window, &sum);
        put32_summed(h + 16, s->urgent, &sum);
        options_build(&s->options, h + TCP_HEADER_MIN);
        return sum_add(sum, sum_words(h + TCP_HEADER_MIN, header_bytes - TCP_HEADER_MIN));
}

/* Both headers; the checksum over a text whose sum is `text_sum`, or as the link wants it if that is NULL. */
static size_t
build(const struct segment *s, size_t text_bytes, const struct sum *text_sum, uint8_t *ret_header)
{
        size_t tcp_bytes = TCP_HEADER_MIN + options_bytes(&s->options), ip_bytes;
        struct sum pseudo_header, header;
        uint8_t *tcp;

        if (tcp_bytes > TCP_HEADER_MIN + TCP_OPTIONS_MAX || text_bytes > UINT16_MAX)
                return 0;
        ip_bytes = build_ip(s, tcp_bytes + text_bytes, ret_header);
        if (ip_bytes == 0)
                return 0;
        tcp = ret_header + ip_bytes;
        header = build_tcp(s, tcp_bytes, tcp);
        pseudo_header = sum_pseudo_header(s->family, s->source.address, s->destination.address, IP_TCP,
                                          (uint32_t)(tcp_bytes + text_bytes));
        put_checksum(tcp + TCP_CHECKSUM_OFFSET,
                     text_sum ? sum_checksum(sum_add(sum_add(*text_sum, pseudo_header), header))
                              : (struct checksum){ sum_fold(pseudo_header) });
        return ip_bytes + tcp_bytes;
}

size_t
segment_build_summed(const struct segment *s, size_t text_bytes, struct sum text_sum,
                     uint8_t ret_header[SEGMENT_HEADER_MAX])
{
        return build(s, text_bytes, &text_sum, ret_header);
}

size_t
segment_build(const struct segment *s, const struct wire_piece *text, size_t pieces, enum segment_checksum how,
              uint8_t ret_header[SEGMENT_HEADER_MAX])
{
        struct sum sum = { 0 };
        size_t text_bytes = 0;

        for (size_t i = 0; i < pieces; i++) {
                if (how == SEGMENT_CHECKSUM_FULL)
                        sum = sum_append(sum, text_bytes, sum_bytes(text[i].bytes, text[i].n));
                text_bytes += text[i].n;
        }
        return build(s, text_bytes, how == SEGMENT_CHECKSUM_FULL ? &sum : NULL, ret_header);
}
