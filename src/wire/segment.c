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
fill_flags(uint8_t flags, struct segment *s)
{
        s->flags = flags;
        s->fin = flags & TCP_FIN;
        s->syn = flags & TCP_SYN;
        s->rst = flags & TCP_RST;
        s->psh = flags & TCP_PSH;
        s->ack = flags & TCP_ACK;
        s->urg = flags & TCP_URG;
        s->ece = flags & TCP_ECE;
        s->cwr = flags & TCP_CWR;
}

static uint8_t
flags_of(const struct segment *s)
{
        return (uint8_t)((s->fin ? TCP_FIN : 0) | (s->syn ? TCP_SYN : 0) | (s->rst ? TCP_RST : 0) |
                         (s->psh ? TCP_PSH : 0) | (s->ack ? TCP_ACK : 0) | (s->urg ? TCP_URG : 0) |
                         (s->ece ? TCP_ECE : 0) | (s->cwr ? TCP_CWR : 0));
}

static void
fill_endpoints(const struct ip_packet *ip, struct segment *s)
{
        s->family = ip->family;
        memcpy(s->source.address, ip->source, sizeof ip->source);
        s->source.port = get16(ip->payload);
        memcpy(s->destination.address, ip->destination, sizeof ip->destination);
        s->destination.port = get16(ip->payload + 2);
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
        fill_endpoints(ip, s);
        s->seq = seq_of(get32(tcp + 4));
        s->ack_seq = seq_of(get32(tcp + 8));
        fill_flags(tcp[13], s);
        s->window = get16(tcp + 14);
        s->urgent = get16(tcp + 18);
        s->text = tcp + header_bytes;
        s->text_bytes = (uint32_t)(ip->payload_bytes - header_bytes);
        s->length = s->text_bytes + s->syn + s->fin;
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

/* Everything but the checksum, whose field is left zero. */
static void
build_tcp(const struct segment *s, size_t header_bytes, uint8_t *ret_header)
{
        uint8_t *h = ret_header;

        put32(h, (uint32_t)s->source.port << 16 | s->destination.port);
        put32(h + 4, s->seq.v);
        put32(h + 8, s->ack_seq.v);
        put32(h + 12, (uint32_t)(header_bytes / 4) << 28 | (uint32_t)flags_of(s) << 16 | s->window);
        put32(h + 16, s->urgent);
        options_build(&s->options, h + TCP_HEADER_MIN);
}

struct built {
        size_t ip_bytes, tcp_bytes;   /* of the headers; ip_bytes 0: there can be no such packet */
        struct sum pseudo_header_sum; /* what the checksum field holds besides */
};

static struct built
build_headers(const struct segment *s, size_t text_bytes, uint8_t *ret_header)
{
        struct built b = { .tcp_bytes = TCP_HEADER_MIN + options_bytes(&s->options) };

        if (b.tcp_bytes > TCP_HEADER_MIN + TCP_OPTIONS_MAX || text_bytes > UINT16_MAX)
                return b;
        b.ip_bytes = build_ip(s, b.tcp_bytes + text_bytes, ret_header);
        if (b.ip_bytes == 0)
                return b;
        build_tcp(s, b.tcp_bytes, ret_header + b.ip_bytes);
        b.pseudo_header_sum = sum_pseudo_header(s->family, s->source.address, s->destination.address, IP_TCP,
                                                (uint32_t)(b.tcp_bytes + text_bytes));
        return b;
}

size_t
segment_build_summed(const struct segment *s, size_t text_bytes, struct sum text_sum,
                     uint8_t ret_header[SEGMENT_HEADER_MAX])
{
        struct built b = build_headers(s, text_bytes, ret_header);
        uint8_t *tcp = ret_header + b.ip_bytes;

        if (b.ip_bytes == 0)
                return 0;
        text_sum = sum_add(text_sum, sum_add(b.pseudo_header_sum, sum_words(tcp, b.tcp_bytes)));
        put_checksum(tcp + TCP_CHECKSUM_OFFSET, sum_checksum(text_sum));
        return b.ip_bytes + b.tcp_bytes;
}

static size_t
build_partial(const struct segment *s, size_t text_bytes, uint8_t *ret_header)
{
        struct built b = build_headers(s, text_bytes, ret_header);

        if (b.ip_bytes == 0)
                return 0;
        put_checksum(ret_header + b.ip_bytes + TCP_CHECKSUM_OFFSET, (struct checksum){ sum_fold(b.pseudo_header_sum) });
        return b.ip_bytes + b.tcp_bytes;
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
        return how == SEGMENT_CHECKSUM_FULL ? segment_build_summed(s, text_bytes, sum, ret_header)
                                            : build_partial(s, text_bytes, ret_header);
}
