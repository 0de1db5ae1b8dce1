/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any fragments in any order: commands of one byte, each followed by what it needs.  Headers are made right first, and
 * from few senders with few identifications, so that pieces meet.  What comes out whole is a packet that is no fragment, and
 * the bounds hold.  What a host would answer to it is made, too.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "link/fragments.h"
#include "link/icmp_answer.h"
#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define DATAGRAMS 3

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
        b[4] = 0;
        b[5] &= 1;
        memset(b + 12, 9, 8);
        put16(b + 2, (uint16_t)n);
        put16(b + 10, 0);
        put_checksum(b + 10, sum_checksum(sum_words(b, header_bytes)));
}

static void
mend_ipv6(uint8_t *b, size_t n)
{
        if (n < 40)
                return;
        put16(b + 4, (uint16_t)(n - 40));
        memset(b + 8, 9, 32);
        if (b[6] == 44 && n >= 48)
                put32(b + 44, get32(b + 44) & 1);
}

static void
fetch(struct icmp_answer *answer)
{
        struct la_packet packets[3];
        size_t n, pieces = 0;

        while ((n = icmp_answer_next(answer, packets, 3)) > 0)
                for (size_t i = 0; i < n; i++) {
                        check(packets[i].header_bytes + packets[i].part[0].length <= 1280);
                        check(++pieces < 60);
                }
}

static void
add(struct fragments *f, struct icmp_answer *answer, tcp_time now, const uint8_t *bytes, size_t n)
{
        struct fragments_news news;
        struct ip_packet ip;

        switch (fragments_add(f, now, bytes, n, &news)) {
        case FRAGMENTS_WHOLE:
                check(ip_parse(news.packet, news.packet_bytes, &ip) != WIRE_IP_FRAGMENT || news.packet[0] >> 4 == 6);
                check(news.packet_bytes <= 65575);
                icmp_answer_packet(answer, now, news.packet, news.packet_bytes, true);
                break;
        case FRAGMENTS_NOT_ONE:
                icmp_answer_packet(answer, now, bytes, n, true);
                break;
        case FRAGMENTS_DROPPED:
                if (news.has_problem)
                        icmp_answer_problem(answer, now, bytes, n, &news.problem);
                break;
        case FRAGMENTS_WAITING:
                check(fragments_deadline(f) != LA_NEVER);
                break;
        }
        fetch(answer);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct icmp_answer_config config = { .mtu_bytes = 1280 };
        struct icmp_answer *answer = NULL;
        struct fragments_news late;
        struct fragments *f = NULL;
        tcp_time now = 0;

        check(fragments_new(DATAGRAMS, FRAGMENTS_BYTES_MIN, &f) == 0 && icmp_answer_new(&config, &answer) == 0);
        while (size >= 2) {
                size_t n = data[0] < size - 2 ? data[0] : size - 2;
                uint8_t *copy = malloc(n ? n : 1);

                memcpy(copy, data + 2, n);
                if (n > 0 && copy[0] >> 4 == 4)
                        mend_ipv4(copy, n);
                else if (n > 0 && copy[0] >> 4 == 6)
                        mend_ipv6(copy, n);
                now += (tcp_time)data[1] * 100000;
                while (fragments_advance(f, now, &late)) {
                        icmp_answer_late(answer, now, late.packet, late.packet_bytes);
                        fetch(answer);
                }
                check(fragments_deadline(f) > now);
                add(f, answer, now, copy, n);
                check(fragments_datagrams(f) <= DATAGRAMS && fragments_bytes(f) <= FRAGMENTS_BYTES_MIN);
                free(copy);
                data += 2 + n;
                size -= 2 + n;
        }
        fragments_free(f);
        icmp_answer_free(answer);
        return 0;
}
