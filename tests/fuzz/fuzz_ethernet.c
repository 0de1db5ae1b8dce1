/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any frames to a host on an Ethernet, and packets of its own between them: commands of two bytes, what to do and how much
 * time passes before, each followed by what it needs.  Whatever is said are whole frames from our MAC, and all memory is
 * given back.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "link/ethernet.h"
#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/ip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t ours[6] = { 2, 0, 0, 0, 0, 1 };

static void
check(bool holds)
{
        if (!holds)
                abort();
}

static void
fetch(struct neighbours *n)
{
        const struct neighbour_frame *frame;
        unsigned int count = 0;

        while ((frame = neighbours_next(n))) {
                check(memcmp(frame->header + 6, ours, 6) == 0 && frame->packet.header_bytes > 0);
                check(get16(frame->header + 12) >= 0x0800 && ++count < 1000);
        }
}

/* To our MAC or all, and neighbour discovery with a right checksum. */
static void
arrive(struct neighbours *n, tcp_time now, const uint8_t *bytes, size_t size)
{
        uint8_t *frame = malloc(ETHERNET_HEADER + size);
        uint8_t *packet = frame + ETHERNET_HEADER;

        memset(frame, 0xff, 12);
        memcpy(packet, bytes, size);
        put16(frame + 12, size > 0 && packet[0] >> 4 == 6 ? 0x86dd : 0x0806);
        if (size >= 64 && packet[0] >> 4 == 6) {
                struct sum s;

                put16(packet + 4, (uint16_t)(size - 40));
                put16(packet + 42, 0);
                s = sum_pseudo_header(LA_IPV6, packet + 8, packet + 24, IP_ICMPV6, (uint32_t)(size - 40));
                put_checksum(packet + 42, sum_checksum(sum_add(s, sum_bytes(packet + 40, size - 40))));
        }
        ethernet_arrived(n, ours, now, frame, ETHERNET_HEADER + size);
        free(frame);
}

static void
leave(struct neighbours *n, tcp_time now, uint8_t to)
{
        static const uint8_t text[5] = "text";
        struct ip_packet ip = { .family = to & 1 ? LA_IPV6 : LA_IPV4, .protocol = IP_TCP };
        struct la_packet p = { .parts = 1, .part = { { text, sizeof text } } };
        uint8_t header[ETHERNET_HEADER];

        if (to & 1)
                memcpy(ip.destination, (uint8_t[16]){ 0xfd, 0x77, [15] = to }, 16);
        else
                memcpy(ip.destination, (uint8_t[4]){ to & 2 ? 192 : 10, 0, 2, to }, 4);
        p.header_bytes = (uint16_t)ip_build(&ip, sizeof text, p.header);
        if (neighbours_header(n, now, &p, header))
                check(memcmp(header + 6, ours, 6) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct neighbours_config config = { .entries = 4, .waiting_bytes = 4000, .gateway4 = { 192, 0, 2, 254 } };
        struct neighbours *n;
        tcp_time now = 1;

        memcpy(config.mac, ours, 6);
        check(neighbours_new(&config, &n) == 0);
        check(neighbours_address(n, now, LA_IPV4, (uint8_t[4]){ 192, 0, 2, 1 }, 24) == 0);
        check(neighbours_address(n, now, LA_IPV6, (uint8_t[16]){ 0xfd, 0x77, [15] = 1 }, 64) == 0);
        while (size >= 2) {
                size_t length = data[0] & 0x80 ? data[0] & 0x7fu : 0;

                if (length > size - 2)
                        length = size - 2;
                now += (tcp_time)data[1] * 50000;
                neighbours_advance(n, now);
                check(neighbours_deadline(n) > now);
                if (length > 0)
                        arrive(n, now, data + 2, length);
                else
                        leave(n, now, data[0]);
                if (data[1] & 1)
                        fetch(n);
                data += 2 + length;
                size -= 2 + length;
        }
        fetch(n);
        neighbours_free(n);
        return 0;
}
