/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/reception.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "wire/ip.h"

/* Enough for what a host that speaks TCP gets in fragments: large echo requests, and what others try. */
#define DATAGRAMS      64
#define FRAGMENT_BYTES ((size_t)4 << 20)

int
reception_open(struct reception *r, uint32_t mtu)
{
        struct icmp_answer_config config = { .mtu_bytes = mtu };
        int status;

        if (getrandom(config.seed, sizeof(config.seed), 0) != sizeof(config.seed))
                return -errno;
        status = fragments_new(DATAGRAMS, FRAGMENT_BYTES, &r->fragments);
        return status < 0 ? status : icmp_answer_new(&config, &r->answer);
}

void
reception_close(struct reception *r)
{
        fragments_free(r->fragments);
        icmp_answer_free(r->answer);
}

int
reception_address(struct reception *r, enum la_family family, const uint8_t *address, unsigned int prefix)
{
        size_t n = family == LA_IPV4 ? 4 : 16;
        struct reception_address *a = &r->address[r->count];

        if (prefix > n * 8)
                return -EINVAL;
        if (r->count == RECEPTION_ADDRESSES)
                return -ENOSPC;
        memcpy(a->address, address, n);
        a->family = family;
        a->prefix = prefix;
        r->count++;
        return 0;
}

static bool
is_ours(const struct reception *r, enum la_family family, const uint8_t *address)
{
        size_t n = family == LA_IPV4 ? 4 : 16;

        for (unsigned int i = 0; i < r->count; i++)
                if (r->address[i].family == family && memcmp(r->address[i].address, address, n) == 0)
                        return true;
        return false;
}

static bool
is_for_others(const struct reception *r, const uint8_t *bytes, size_t n)
{
        if (r->count == 0)
                return false;
        if (n >= 20 && bytes[0] >> 4 == 4)
                return !is_ours(r, LA_IPV4, bytes + 16);
        return n >= 40 && bytes[0] >> 4 == 6 && !is_ours(r, LA_IPV6, bytes + 24);
}

/* The one that nearly all are: TCP, whole, without extension headers. */
static bool
is_plain_tcp(const uint8_t *bytes, size_t n)
{
        if (n >= 20 && bytes[0] >> 4 == 4)
                return bytes[9] == IP_TCP && (bytes[6] & 0x3f) == 0 && bytes[7] == 0;
        return n >= 40 && bytes[0] >> 4 == 6 && bytes[6] == IP_TCP;
}

/* ICMP errors may be about a connection; a packet that is refused has a verdict. */
static bool
is_for_the_stack(const uint8_t *bytes, size_t n)
{
        struct ip_packet ip;

        if (is_plain_tcp(bytes, n) || ip_parse(bytes, n, &ip) != WIRE_OK)
                return true;
        switch (ip.protocol) {
        case IP_TCP:
                return true;
        case IP_ICMP: /* 8: echo request */
                return ip.family == LA_IPV4 && !(ip.payload_bytes > 0 && ip.payload[0] == 8);
        case IP_ICMPV6: /* 128 and above are no errors */
                return ip.family == LA_IPV6 && !(ip.payload_bytes > 0 && ip.payload[0] >= 128);
        default:
                return false;
        }
}

static enum reception_fate
judge_whole(struct reception *r, tcp_time now, const uint8_t *bytes, size_t n, bool checksum_good,
            enum reception_fate if_stack)
{
        if (is_plain_tcp(bytes, n))
                return if_stack;
        icmp_answer_packet(r->answer, now, bytes, n, checksum_good);
        return is_for_the_stack(bytes, n) ? if_stack : RECEPTION_DONE;
}

static enum reception_fate
judge_fragment(struct reception *r, tcp_time now, const uint8_t *bytes, size_t n, bool checksum_good,
               struct la_packet *ret_whole)
{
        struct fragments_news news;

        switch (fragments_add(r->fragments, now, bytes, n, &news)) {
        case FRAGMENTS_NOT_ONE:
                return judge_whole(r, now, bytes, n, checksum_good, RECEPTION_STACK);
        case FRAGMENTS_WHOLE:
                ret_whole->header_bytes = 0;
                ret_whole->parts = 1;
                ret_whole->gso_bytes = 0;
                ret_whole->flags = 0;
                ret_whole->part[0] = (struct la_part){ news.packet, news.packet_bytes };
                return judge_whole(r, now, news.packet, news.packet_bytes, false, RECEPTION_WHOLE);
        case FRAGMENTS_DROPPED:
                if (news.has_problem)
                        icmp_answer_problem(r->answer, now, bytes, n, &news.problem);
                break;
        case FRAGMENTS_WAITING:
                break;
        }
        return RECEPTION_DONE;
}

enum reception_fate
reception_judge(struct reception *r, tcp_time now, const struct la_packet *packet, struct la_packet *ret_whole)
{
        const uint8_t *bytes = packet->header_bytes ? packet->header : packet->part[0].bytes;
        size_t n = packet->header_bytes ? packet->header_bytes : packet->part[0].length;
        bool in_one_piece = packet->header_bytes == 0 && packet->parts == 1;

        if (is_for_others(r, bytes, n)) {
                r->not_ours++;
                return RECEPTION_DONE;
        }
        if (!in_one_piece || is_plain_tcp(bytes, n))
                return RECEPTION_STACK;
        return judge_fragment(r, now, bytes, n, packet->flags & (LA_PACKET_CHECKSUM_GOOD | LA_PACKET_CHECKSUM_PARTIAL),
                              ret_whole);
}

tcp_time
reception_deadline(const struct reception *r)
{
        return fragments_deadline(r->fragments);
}

bool
reception_advance(struct reception *r, tcp_time now)
{
        struct fragments_news late;

        if (!fragments_advance(r->fragments, now, &late))
                return false;
        icmp_answer_late(r->answer, now, late.packet, late.packet_bytes);
        return true;
}

size_t
reception_answers(struct reception *r, struct la_packet *packets, size_t n)
{
        return icmp_answer_next(r->answer, packets, n);
}

struct la_loop_counts
reception_counts(const struct reception *r)
{
        struct fragments_counts f = fragments_counts(r->fragments);
        struct icmp_answer_counts a = icmp_answer_counts(r->answer);

        return (struct la_loop_counts){
                .echo_replies = a.echo_replies,
                .unreachables = a.unreachables,
                .not_ours = r->not_ours,
                .fragments = f.arrived,
                .reassembled = f.whole,
                .fragments_dropped = f.dropped,
        };
}
