/* SPDX-License-Identifier: BSD-2-Clause */
#include "wire/segment.h"

#include <string.h>

#include "wire/bytes.h"
#include "wire/ipv4.h"
#include "wire/ipv6.h"

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
                s = sum_add(s, ip->payload_bytes == header_bytes ? sum_header(tcp, header_bytes)
                                                                 : sum_bytes(tcp, ip->payload_bytes));
                if (!sum_is_right(s))
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

/* ---- Writing ---- */

/* The IP header but for its length, and IPv4's checksum. */
static void
begin_ipv4(const struct segment *s, struct segment_headers *h)
{
        uint8_t *ip = h->first;

        h->ip_bytes = IPV4_HEADER_MIN;
        h->ip_word = 0x45000000 | (uint32_t)s->ip.traffic_class << 16;
        memcpy(ip + 12, s->source.address, 4);
        memcpy(ip + 16, s->destination.address, 4);
        h->pseudo_header.v = sum_load(s->source.address) + sum_load(s->destination.address);
        h->ip_sum = h->pseudo_header;
        put32_summed(ip + 4, (uint32_t)s->ip.identification << 16 | (s->ip.dont_fragment ? IPV4_DONT_FRAGMENT : 0),
                     &h->ip_sum);
        put32_summed(ip + 8, (uint32_t)s->ip.hop_limit << 24 | (uint32_t)IP_TCP << 16, &h->ip_sum);
}

static void
begin_ipv6(const struct segment *s, struct segment_headers *h)
{
        uint8_t *ip = h->first;

        h->ip_bytes = IPV6_HEADER;
        h->ip_word = (uint32_t)IP_TCP << 8 | s->ip.hop_limit;
        put32(ip, 6u << 28 | (uint32_t)s->ip.traffic_class << 20 | (s->ip.flow_label & 0xfffff));
        memcpy(ip + 8, s->source.address, 16);
        memcpy(ip + 24, s->destination.address, 16);
        h->pseudo_header = sum_add(sum_words(s->source.address, 16), sum_words(s->destination.address, 16));
}

static void
finish_ip(const struct segment_headers *h, size_t payload_bytes, uint8_t *ip)
{
        struct sum s = h->ip_sum;

        if (LA_UNLIKELY(h->ip_bytes == IPV6_HEADER)) {
                put32(ip + 4, (uint32_t)payload_bytes << 16 | h->ip_word);
                return;
        }
        put32_summed(ip, h->ip_word | (uint32_t)(h->ip_bytes + payload_bytes), &s);
        put_checksum(ip + 10, sum_checksum(s));
}

/* Everything but sequence number, control bits and checksum. */
static void
begin_tcp(const struct segment *s, size_t bytes, struct segment_headers *h)
{
        uint8_t *tcp = h->first + h->ip_bytes;

        h->bytes = (uint8_t)(h->ip_bytes + bytes);
        h->seq = s->seq;
        h->control = (uint32_t)(bytes / 4) << 28 | s->window;
        h->tcp_sum.v = 0;
        if (bytes > TCP_HEADER_MIN) {
                options_put(&s->options, tcp + TCP_HEADER_MIN);
                h->tcp_sum = sum_words(tcp + TCP_HEADER_MIN, bytes - TCP_HEADER_MIN);
        }
        put32_summed(tcp, (uint32_t)s->source.port << 16 | s->destination.port, &h->tcp_sum);
        put32_summed(tcp + 8, s->ack_seq.v, &h->tcp_sum);
        put32_summed(tcp + 16, s->urgent, &h->tcp_sum);
}

bool
segment_headers_begin(const struct segment *s, uint8_t first[SEGMENT_HEADER_MAX], struct segment_headers *ret_headers)
{
        size_t tcp_bytes = TCP_HEADER_MIN + options_bytes(&s->options);

        if (tcp_bytes > TCP_HEADER_MIN + TCP_OPTIONS_MAX)
                return false;
        ret_headers->first = first;
        if (LA_LIKELY(s->family == LA_IPV4))
                begin_ipv4(s, ret_headers);
        else
                begin_ipv6(s, ret_headers);
        begin_tcp(s, tcp_bytes, ret_headers);
        return true;
}

/* IPv4's length counts its own header, IPv6's does not (RFC 791 3.1, RFC 8200 3). */
static bool
length_fits(enum la_family family, size_t tcp_bytes, size_t text_bytes)
{
        return text_bytes <= UINT16_MAX &&
               tcp_bytes + text_bytes <= UINT16_MAX - (family == LA_IPV4 ? IPV4_HEADER_MIN : 0u);
}

size_t
segment_headers_write(const struct segment_headers *h, uint32_t offset, uint8_t flags, size_t text_bytes,
                      const struct sum *text_sum, uint8_t *ret_header)
{
        size_t tcp_bytes = (size_t)(h->bytes - h->ip_bytes) + text_bytes;
        uint8_t *tcp = ret_header + h->ip_bytes;
        struct sum pseudo_header = h->pseudo_header, sum = h->tcp_sum;

        if (!length_fits(h->ip_bytes == IPV6_HEADER ? LA_IPV6 : LA_IPV4, tcp_bytes - text_bytes, text_bytes))
                return 0;
        if (LA_UNLIKELY(ret_header != h->first))
                memcpy(ret_header, h->first, h->bytes);
        finish_ip(h, tcp_bytes, ret_header);
        pseudo_header.v += (uint64_t)network32((uint32_t)tcp_bytes) + network32(IP_TCP);
        put32_summed(tcp + 4, seq_add(h->seq, offset).v, &sum);
        put32_summed(tcp + 12, h->control | (uint32_t)flags << 16, &sum);
        put_checksum(tcp + TCP_CHECKSUM_OFFSET, text_sum ? sum_checksum(sum_add(sum_add(*text_sum, pseudo_header), sum))
                                                         : (struct checksum){ sum_fold(pseudo_header) });
        return h->bytes;
}

static size_t
build(const struct segment *s, size_t text_bytes, const struct sum *text_sum, uint8_t *ret_header)
{
        struct segment_headers h;

        if (!length_fits(s->family, TCP_HEADER_MIN + options_bytes(&s->options), text_bytes) ||
            !segment_headers_begin(s, ret_header, &h))
                return 0;
        return segment_headers_write(&h, 0, s->flags, text_bytes, text_sum, ret_header);
}

size_t
segment_build_summed(const struct segment *s, size_t text_bytes, struct sum text_sum,
                     uint8_t ret_header[SEGMENT_HEADER_MAX])
{
        return build(s, text_bytes, &text_sum, ret_header);
}

struct sum
segment_sum_pieces(const struct wire_piece *text, size_t pieces, size_t *ret_bytes)
{
        struct sum sum = { 0 };
        size_t n = 0;

        for (size_t i = 0; i < pieces; i++) {
                sum = sum_append(sum, n, sum_bytes(text[i].bytes, text[i].n));
                n += text[i].n;
        }
        *ret_bytes = n;
        return sum;
}

size_t
segment_build(const struct segment *s, const struct wire_piece *text, size_t pieces, enum segment_checksum how,
              uint8_t ret_header[SEGMENT_HEADER_MAX])
{
        size_t text_bytes = 0;
        struct sum sum;

        if (how == SEGMENT_CHECKSUM_FULL) {
                sum = segment_sum_pieces(text, pieces, &text_bytes);
                return build(s, text_bytes, &sum, ret_header);
        }
        for (size_t i = 0; i < pieces; i++)
                text_bytes += text[i].n;
        return build(s, text_bytes, NULL, ret_header);
}
