/* SPDX-License-Identifier: BSD-2-Clause */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "puppet.h"

enum {
        PATIENCE_MS = 5000,
        PACKET_SIZE = 2048,
        IPV4_HEADER = 20,
        IPV6_HEADER = 40,
        TCP_HEADER = 20,
        MSS_OPTION = 4,
        MSS = 1200,
        PROTOCOL_TCP = 6,
};

/* What the puppet looks at in a segment that arrived. */
struct segment {
        uint32_t seq;
        unsigned int flags;
        uint32_t length; /* in sequence space: SYN and FIN count */
};

static void
put16(uint8_t *at, unsigned int value)
{
        at[0] = (uint8_t)(value >> 8);
        at[1] = (uint8_t)value;
}

static void
put32(uint8_t *at, uint32_t value)
{
        put16(at, value >> 16);
        put16(at + 2, value & 0xffff);
}

static unsigned int
get16(const uint8_t *at)
{
        return (unsigned int)at[0] << 8 | at[1];
}

static uint32_t
get32(const uint8_t *at)
{
        return (uint32_t)get16(at) << 16 | get16(at + 2);
}

/* RFC 1071: the sum, not yet folded and complemented. */
static uint32_t
sum_of(const uint8_t *bytes, size_t size, uint32_t sum)
{
        for (size_t i = 0; i + 1 < size; i += 2)
                sum += get16(bytes + i);
        if (size % 2)
                sum += (uint32_t)bytes[size - 1] << 8;
        return sum;
}

static uint16_t
checksum(uint32_t sum)
{
        while (sum >> 16)
                sum = (sum & 0xffff) + (sum >> 16);
        return (uint16_t)~sum;
}

static size_t
address_size(const struct puppet_talk *talk)
{
        return talk->ip_version == 4 ? 4 : 16;
}

static size_t
put_ip_header(uint8_t *packet, const struct puppet_talk *talk, size_t payload)
{
        size_t header = talk->ip_version == 4 ? IPV4_HEADER : IPV6_HEADER;
        memset(packet, 0, header);
        if (talk->ip_version == 4) {
                packet[0] = 4 << 4 | IPV4_HEADER / 4;
                put16(packet + 2, (unsigned int)(header + payload));
                packet[8] = 64;
                packet[9] = PROTOCOL_TCP;
                memcpy(packet + 12, talk->puppet, 4);
                memcpy(packet + 16, talk->kernel, 4);
                put16(packet + 10, checksum(sum_of(packet, header, 0)));
        } else {
                packet[0] = 6 << 4;
                put16(packet + 4, (unsigned int)payload);
                packet[6] = PROTOCOL_TCP;
                packet[7] = 64;
                memcpy(packet + 8, talk->puppet, 16);
                memcpy(packet + 24, talk->kernel, 16);
        }
        return header;
}

static size_t
put_tcp_header(uint8_t *tcp, const struct puppet_talk *talk, unsigned int flags)
{
        size_t header = flags & PUPPET_SYN ? TCP_HEADER + MSS_OPTION : TCP_HEADER;
        memset(tcp, 0, header);
        put16(tcp, talk->puppet_port);
        put16(tcp + 2, talk->kernel_port);
        put32(tcp + 4, talk->snd_nxt);
        put32(tcp + 8, flags & PUPPET_ACK ? talk->acknowledged : 0);
        tcp[12] = (uint8_t)(header / 4 << 4);
        tcp[13] = (uint8_t)flags;
        put16(tcp + 14, talk->window);
        if (flags & PUPPET_SYN) {
                tcp[20] = 2; /* RFC 9293 3.7.1: maximum segment size */
                tcp[21] = MSS_OPTION;
                put16(tcp + 22, MSS);
        }
        return header;
}

void
puppet_send(int puppet, struct puppet_talk *talk, unsigned int flags, size_t size)
{
        uint8_t tcp[PACKET_SIZE - IPV6_HEADER], packet[PACKET_SIZE];
        size_t length = put_tcp_header(tcp, talk, flags);
        if (size > sizeof(tcp) - length)
                errx(1, "the puppet cannot send %zu bytes in one segment", size);
        memset(tcp + length, 'x', size);
        length += size;

        uint32_t pseudo_header = sum_of(talk->kernel, address_size(talk), PROTOCOL_TCP + (uint32_t)length);
        pseudo_header = sum_of(talk->puppet, address_size(talk), pseudo_header);
        put16(tcp + 16, checksum(sum_of(tcp, length, pseudo_header)));

        size_t header = put_ip_header(packet, talk, length);
        memcpy(packet + header, tcp, length);
        if (write(puppet, packet, header + length) < 0)
                err(1, "the puppet cannot send");
        talk->snd_nxt += (uint32_t)size + !!(flags & PUPPET_SYN) + !!(flags & PUPPET_FIN);
}

/* True if the packet is a TCP segment of this conversation, from the kernel. */
static bool
is_of(const uint8_t *packet, size_t size, const struct puppet_talk *talk, struct segment *ret_segment)
{
        bool v4 = talk->ip_version == 4;
        size_t header = v4 ? (size_t)(packet[0] & 15) * 4 : IPV6_HEADER;
        if (size < header + TCP_HEADER || packet[0] >> 4 != talk->ip_version || packet[v4 ? 9 : 6] != PROTOCOL_TCP)
                return false;
        const uint8_t *source = packet + (v4 ? 12 : 8), *tcp = packet + header;
        if (memcmp(source, talk->kernel, address_size(talk)) ||
            memcmp(source + address_size(talk), talk->puppet, address_size(talk)) || get16(tcp) != talk->kernel_port ||
            get16(tcp + 2) != talk->puppet_port)
                return false;

        size_t data = size - header - (size_t)(tcp[12] >> 4) * 4;
        unsigned int flags = tcp[13];
        *ret_segment = (struct segment){
                .seq = get32(tcp + 4),
                .flags = flags,
                .length = (uint32_t)data + !!(flags & PUPPET_SYN) + !!(flags & PUPPET_FIN),
        };
        return true;
}

static void
take(struct puppet_talk *talk, const struct segment *s)
{
        if (s->flags & PUPPET_SYN)
                talk->rcv_nxt = s->seq + s->length;
        else if (s->seq == talk->rcv_nxt)
                talk->rcv_nxt += s->length;
}

static int64_t
now_ms(void)
{
        struct timespec now;
        clock_gettime(CLOCK_MONOTONIC, &now);
        return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static const char *
flags_in_words(unsigned int flags)
{
        static char words[32];
        snprintf(words, sizeof(words), "%s%s%s%s%s", flags & PUPPET_SYN ? " SYN" : "", flags & PUPPET_ACK ? " ACK" : "",
                 flags & PUPPET_PSH ? " PSH" : "", flags & PUPPET_FIN ? " FIN" : "", flags & PUPPET_RST ? " RST" : "");
        return words;
}

void
puppet_await(int puppet, struct puppet_talk *talk, unsigned int flags)
{
        uint8_t packet[PACKET_SIZE];
        struct segment segment;
        int64_t deadline = now_ms() + PATIENCE_MS;
        for (int64_t left = PATIENCE_MS; left > 0; left = deadline - now_ms()) {
                poll(&(struct pollfd){ .fd = puppet, .events = POLLIN }, 1, (int)left);
                ssize_t size = read(puppet, packet, sizeof(packet));
                if (size <= 0 || !is_of(packet, (size_t)size, talk, &segment))
                        continue;
                take(talk, &segment);
                if ((segment.flags & flags) == flags)
                        return;
        }
        errx(1, "the puppet at port %u waited %d ms in vain for a segment with%s from port %u", talk->puppet_port,
             PATIENCE_MS, flags_in_words(flags), talk->kernel_port);
}

void
puppet_acknowledge(struct puppet_talk *talk)
{
        talk->acknowledged = talk->rcv_nxt;
}

void
puppet_ignore(int puppet)
{
        uint8_t packet[PACKET_SIZE];
        while (read(puppet, packet, sizeof(packet)) > 0)
                ;
}

int
puppet_open(const char *name)
{
        int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (tun < 0)
                return -errno;
        struct ifreq device = { .ifr_flags = IFF_TUN | IFF_NO_PI };
        snprintf(device.ifr_name, sizeof(device.ifr_name), "%s", name);
        if (ioctl(tun, TUNSETIFF, &device) < 0) {
                int error = errno;
                close(tun);
                return -error;
        }
        return tun;
}
