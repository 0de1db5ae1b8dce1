/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a packet that carries ICMP, and as one to answer with an error.  The checksums are made right first:
 * nobody guesses them, and what is behind them is what is tested.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/icmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PACKET_MAX 65575

static void
check(bool holds)
{
        if (!holds)
                abort();
}

static void
mend_ipv4(uint8_t *b, size_t n)
{
        size_t header_bytes = n ? (b[0] & 15u) * 4 : 0;

        if (header_bytes < 20 || header_bytes > n)
                return;
        put16(b + 10, 0);
        put_checksum(b + 10, sum_checksum(sum_words(b, header_bytes)));
}

static void
mend_icmp(const struct ip_packet *ip, uint8_t *message)
{
        struct sum s = { 0 };

        if (ip->payload_bytes < 4)
                return;
        put16(message + 2, 0);
        if (ip->family == LA_IPV6)
                s = sum_pseudo_header(LA_IPV6, ip->source, ip->destination, IP_ICMPV6, (uint32_t)ip->payload_bytes);
        put_checksum(message + 2, sum_checksum(sum_add(s, sum_bytes(message, ip->payload_bytes))));
}

/* The message that was just written, as its receiver reads it. */
static struct icmp_message
read_back(const uint8_t *packet, size_t n)
{
        struct icmp_message m;
        struct ip_packet ip;

        check(ip_parse(packet, n, &ip) == WIRE_OK);
        check(icmp_parse(&ip, &m) == WIRE_OK);
        return m;
}

static void
check_echo(const struct icmp_message *request)
{
        static uint8_t packet[PACKET_MAX];
        size_t n = icmp_build_echo_reply(request, packet, sizeof packet);
        struct icmp_message reply;

        if (n == 0)
                return;
        reply = read_back(packet, n);
        check(reply.kind == ICMP_ECHO_REPLY && reply.identifier == request->identifier);
        check(reply.sequence == request->sequence && reply.data_bytes == request->data_bytes);
        check(memcmp(reply.data, request->data, reply.data_bytes) == 0);
}

/* Only what quotes TCP can be read back as an error. */
static void
check_error(const struct ip_packet *offender, size_t n, const uint8_t *packet)
{
        struct icmp_message error;

        check(n <= (offender->family == LA_IPV4 ? ICMP_ERROR_MAX_IPV4 : ICMP_ERROR_MAX_IPV6));
        if (n == 0 || offender->protocol != IP_TCP || offender->payload_bytes < 8 ||
            offender->payload > offender->bytes + 500)
                return;
        error = read_back(packet, n);
        check(icmp_is_error(error.kind) && error.quote.packet_bytes == offender->packet_bytes);
        check(memcmp(error.quote.source.address, offender->source, 16) == 0);
        check(error.quote.source.port == get16(offender->payload));
        check(error.quote.seq.v == get32(offender->payload + 4));
}

static void
check_errors(const struct ip_packet *offender)
{
        static const uint8_t reporter[16] = { 192, 0, 2, 33 };
        uint8_t packet[ICMP_ERROR_MAX_IPV6];

        check_error(offender, icmp_build_too_big(offender, 1300, reporter, packet), packet);
        for (enum icmp_kind kind = ICMP_OTHER; kind <= ICMP_UNKNOWN_ERROR; kind++)
                check_error(offender, icmp_build_unreachable(offender, kind, reporter, packet), packet);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t *bytes = malloc(size ? size : 1);
        struct icmp_message m;
        struct ip_packet ip;

        check(bytes);
        memcpy(bytes, data, size);
        mend_ipv4(bytes, size);
        if (ip_parse(bytes, size, &ip) == WIRE_OK) {
                check(ip.payload + ip.payload_bytes == ip.bytes + ip.packet_bytes && ip.packet_bytes <= size);
                check_errors(&ip);
                if (ip.protocol == (ip.family == LA_IPV4 ? IP_ICMP : IP_ICMPV6))
                        mend_icmp(&ip, bytes + (ip.payload - ip.bytes));
                if (icmp_parse(&ip, &m) == WIRE_OK && m.kind == ICMP_ECHO_REQUEST)
                        check_echo(&m);
        }
        free(bytes);
        return 0;
}
