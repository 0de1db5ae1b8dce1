/* SPDX-License-Identifier: BSD-2-Clause */
#include "link/icmp_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tcp/siphash.h"
#include "wire/bytes.h"
#include "wire/checksum.h"
#include "wire/fragment.h"
#include "wire/icmp.h"
#include "wire/ip.h"
#include "wire/ipv4.h"

#define PACKET_MAX        (IPV6_HEADER + 0xffff)
#define UDP_HEADER        8
#define UDP_CHECKSUM_AT   6
#define IDENTIFICATIONS   64 /* counters: hosts share one by chance only, and do not see each other's */
#define ERRORS_PER_SECOND 1000
#define ERRORS_AT_ONCE    50
#define ECHO_PER_SECOND   100000000

/* Holds at most `most` tokens and gains `per_second` of them.  What has not come to a whole one is kept in the time. */
struct bucket {
        uint64_t per_second, most, tokens;
        tcp_time counted; /* the time up to which they were counted */
};

struct icmp_answer {
        size_t mtu_bytes;
        struct bucket errors, echoes;
        struct siphash_key key;
        uint32_t identification[IDENTIFICATIONS];
        struct icmp_answer_counts counts;
        size_t ready; /* bytes of the answer that was made and not fetched */
        bool cut;     /* it leaves in pieces */
        struct fragmenter pieces;
        uint8_t packet[PACKET_MAX];
};

/* ---- Tokens ---- */

static struct bucket
bucket_full(uint64_t per_second, uint64_t most)
{
        return (struct bucket){ .per_second = per_second, .most = most, .tokens = most };
}

static void
bucket_fill(struct bucket *b, tcp_time now)
{
        uint64_t us, gained;

        if (now <= b->counted)
                return;
        us = now - b->counted;
        if (us >= 10000000) {
                b->tokens = b->most;
                b->counted = now;
                return;
        }
        gained = us * b->per_second / 1000000;
        b->counted += gained * 1000000 / b->per_second;
        b->tokens = b->tokens + gained < b->most ? b->tokens + gained : b->most;
}

static bool
bucket_take(struct bucket *b, tcp_time now, uint64_t tokens)
{
        bucket_fill(b, now);
        if (b->tokens < tokens)
                return false;
        b->tokens -= tokens;
        return true;
}

static void
bucket_give_back(struct bucket *b, uint64_t tokens)
{
        b->tokens += tokens;
}

/* ---- Making one ---- */

int
icmp_answer_new(const struct icmp_answer_config *config, struct icmp_answer **ret_answer)
{
        struct icmp_answer *a = calloc(1, sizeof *a);
        uint64_t errors = config->errors_per_second ? config->errors_per_second : ERRORS_PER_SECOND;
        uint64_t at_once = config->errors_at_once ? config->errors_at_once : ERRORS_AT_ONCE;
        uint64_t echoes = config->echo_bytes_per_second ? config->echo_bytes_per_second : ECHO_PER_SECOND;

        if (!a)
                return -ENOMEM;
        a->mtu_bytes = config->mtu_bytes;
        a->errors = bucket_full(errors, at_once);
        a->echoes = bucket_full(echoes, echoes / 4 > PACKET_MAX ? echoes / 4 : PACKET_MAX);
        memcpy(&a->key, config->seed, sizeof a->key);
        *ret_answer = a;
        return 0;
}

void
icmp_answer_free(struct icmp_answer *a)
{
        free(a);
}

struct icmp_answer_counts
icmp_answer_counts(const struct icmp_answer *a)
{
        return a->counts;
}

/* ---- What leaves ---- */

/* Two fragmented packets to one host must differ for as long as fragments live, and nobody else is to foretell how: a
 * counter for each of some groups of hosts, which begins anywhere (RFC 7739 5.3). */
static uint32_t
next_identification(struct icmp_answer *a, enum la_family family, const uint8_t *destination)
{
        uint64_t words[3] = { (uint64_t)family };
        uint64_t hash;

        memcpy(&words[1], destination, family == LA_IPV4 ? 4 : 16);
        hash = siphash_words(&a->key, words, 3, 2, 4);
        return (uint32_t)(hash >> 32) + a->identification[hash % IDENTIFICATIONS]++;
}

/* IPv4's routers may cut it: for that it needs an identification of its own. */
static void
permit_cutting(uint8_t *packet, uint32_t identification)
{
        put16(packet + 4, (uint16_t)identification);
        put16(packet + 6, 0);
        put16(packet + IPV4_CHECKSUM_OFFSET, 0);
        put_checksum(packet + IPV4_CHECKSUM_OFFSET, sum_checksum(sum_words(packet, IPV4_HEADER_MIN)));
}

static void
make_ready(struct icmp_answer *a, size_t n)
{
        bool v4 = a->packet[0] >> 4 == 4;
        uint32_t identification = 0;

        a->ready = n;
        a->cut = n > a->mtu_bytes;
        if (a->cut || (v4 && n > ICMP_ERROR_MAX_IPV4))
                identification = next_identification(a, v4 ? LA_IPV4 : LA_IPV6, a->packet + (v4 ? 16 : 24));
        if (v4 && n > ICMP_ERROR_MAX_IPV4)
                permit_cutting(a->packet, identification);
        if (a->cut)
                a->pieces = fragmenter_of(a->packet, n, a->mtu_bytes, identification);
}

static bool
next_piece(struct icmp_answer *a, struct la_packet *p)
{
        size_t n = fragmenter_next(&a->pieces, p->header, &p->part[0].bytes, &p->part[0].length);

        p->header_bytes = (uint16_t)n;
        return n > 0;
}

static bool
next_packet(struct icmp_answer *a, struct la_packet *p)
{
        p->parts = 1;
        p->gso_bytes = 0;
        p->flags = 0;
        if (a->ready == 0)
                return false;
        if (a->cut && next_piece(a, p))
                return true;
        if (!a->cut) {
                p->header_bytes = (uint16_t)ip_build_bytes(a->packet[0] >> 4 == 4 ? LA_IPV4 : LA_IPV6);
                memcpy(p->header, a->packet, p->header_bytes);
                p->part[0] = (struct la_part){ a->packet + p->header_bytes, a->ready - p->header_bytes };
        }
        a->ready = 0;
        return !a->cut;
}

size_t
icmp_answer_next(struct icmp_answer *a, struct la_packet *packets, size_t n)
{
        size_t count = 0;

        while (count < n && next_packet(a, &packets[count]))
                count++;
        return count;
}

/* ---- Errors ---- */

/* Asks for a token only where there is an error to send: what must not be answered costs nothing. */
static void
error_made(struct icmp_answer *a, tcp_time now, size_t n, uint64_t *counter)
{
        if (n == 0)
                return;
        if (!bucket_take(&a->errors, now, 1)) {
                a->counts.limited++;
                return;
        }
        ++*counter;
        make_ready(a, n);
}

static void
unreachable(struct icmp_answer *a, tcp_time now, const struct ip_packet *ip, enum icmp_kind kind)
{
        error_made(a, now, icmp_build_unreachable(ip, kind, ip->destination, a->packet), &a->counts.unreachables);
}

static void
problem_with(struct icmp_answer *a, tcp_time now, const struct ip_packet *ip, const struct ipv6_problem *problem)
{
        bool unknown_protocol = problem->code == IPV6_PROBLEM_UNKNOWN_NEXT_HEADER;

        error_made(a, now, icmp_build_parameter_problem(ip, problem, ip->destination, a->packet),
                   unknown_protocol ? &a->counts.unreachables : &a->counts.problems);
}

/* The packet as far as an error about it needs it, where ip_parse() refused it.  Of a later fragment nobody knows what it
 * says: where it is ICMP's, an empty payload leaves open whether it is an error. */
static struct ip_packet
refused_ipv6(const uint8_t *packet, size_t n)
{
        struct ip_packet ip = { .family = LA_IPV6, .bytes = packet, .protocol = IPV6_NO_NEXT };
        struct ip_fragment f = { .protocol = IPV6_NO_NEXT };
        struct ipv6_problem problem;

        if (ip_parse_quoted(packet, n, &ip) != WIRE_OK) {
                if (fragment_parse(packet, n, &f, &problem) == FRAGMENT_PROBLEM)
                        ip.protocol = f.protocol;
                memcpy(ip.source, packet + 8, 16);
                memcpy(ip.destination, packet + 24, 16);
        }
        ip.packet_bytes = (size_t)IPV6_HEADER + get16(packet + 4);
        return ip;
}

/* ---- Echo and UDP ---- */

static void
answer_icmp(struct icmp_answer *a, tcp_time now, const struct ip_packet *ip)
{
        struct icmp_message m;
        size_t n;

        if (icmp_parse(ip, &m) != WIRE_OK || m.kind != ICMP_ECHO_REQUEST)
                return;
        if (!bucket_take(&a->echoes, now, ip->packet_bytes)) {
                a->counts.limited++;
                return;
        }
        n = icmp_build_echo_reply(&m, a->packet, sizeof a->packet);
        if (n == 0) {
                bucket_give_back(&a->echoes, ip->packet_bytes);
                return;
        }
        a->counts.echo_replies++;
        make_ready(a, n);
}

/* RFC 768: a checksum of zero is none, which only IPv4 permits (RFC 8200 8.1). */
static bool
udp_is_sound(const struct ip_packet *ip, bool checksum_good)
{
        const uint8_t *udp = ip->payload;
        size_t n = ip->payload_bytes < UDP_HEADER ? 0 : get16(udp + 4);

        if (n < UDP_HEADER || n > ip->payload_bytes)
                return false;
        if (checksum_good)
                return true;
        if (get16(udp + UDP_CHECKSUM_AT) == 0)
                return ip->family == LA_IPV4;
        return sum_is_right(sum_add(sum_pseudo_header(ip->family, ip->source, ip->destination, IP_UDP, (uint32_t)n),
                                    sum_bytes(udp, n)));
}

static void
answer_sound(struct icmp_answer *a, tcp_time now, const struct ip_packet *ip, bool checksum_good)
{
        struct ipv6_problem problem;

        switch (ip->protocol) {
        case IP_TCP:
                return;
        case IP_UDP:
                if (udp_is_sound(ip, checksum_good))
                        unreachable(a, now, ip, ICMP_PORT_UNREACHABLE);
                return;
        default:
                if (ip->protocol == (ip->family == LA_IPV4 ? IP_ICMP : IP_ICMPV6))
                        answer_icmp(a, now, ip);
                else if (ip->family == LA_IPV4)
                        unreachable(a, now, ip, ICMP_PROTOCOL_UNREACHABLE);
                else if (ipv6_problem(ip->bytes, ip->packet_bytes, &problem))
                        problem_with(a, now, ip, &problem);
        }
}

void
icmp_answer_packet(struct icmp_answer *a, tcp_time now, const uint8_t *packet, size_t n, bool checksum_good)
{
        struct ip_packet ip;
        struct ipv6_problem problem;

        a->ready = 0;
        if (ip_parse(packet, n, &ip) == WIRE_OK) {
                answer_sound(a, now, &ip, checksum_good);
        } else if (n >= IPV6_HEADER && packet[0] >> 4 == 6 && ipv6_problem(packet, n, &problem)) {
                ip = refused_ipv6(packet, n);
                problem_with(a, now, &ip, &problem);
        }
}

/* ---- Fragments ---- */

void
icmp_answer_problem(struct icmp_answer *a, tcp_time now, const uint8_t *fragment, size_t n,
                    const struct ipv6_problem *problem)
{
        struct ip_packet ip = refused_ipv6(fragment, n);

        a->ready = 0;
        problem_with(a, now, &ip, problem);
}

void
icmp_answer_late(struct icmp_answer *a, tcp_time now, const uint8_t *first, size_t n)
{
        struct ip_packet ip;

        a->ready = 0;
        if (ip_parse_quoted(first, n, &ip) != WIRE_OK)
                return;
        error_made(a, now, icmp_build_reassembly_time_exceeded(&ip, ip.destination, a->packet),
                   &a->counts.times_exceeded);
}
