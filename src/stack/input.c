/* SPDX-License-Identifier: BSD-2-Clause */
/* From a packet to the connection, the record or the listener that it is for. */
#include "stack/stack.h"

#include <string.h>

/* ---- Bytes to a segment ---- */

/* "Count it even if it's bad", as Linux says. */
static void
count_malformed(struct tcp_host *h)
{
        count(h, LA_C_InSegs);
        count(h, LA_C_InErrs);
}

static LA_RARELY enum la_verdict
verdict_of(struct tcp_host *h, enum wire_result result)
{
        switch (result) {
        case WIRE_OK:
        case WIRE_TCP_BAD_OPTION:
                return LA_V_NOT_OURS; /* nothing else is wrong with it */
        case WIRE_IP_TRUNCATED:
                return LA_V_IP_TRUNCATED;
        case WIRE_IP_BAD_VERSION:
                return LA_V_IP_BAD_VERSION;
        case WIRE_IP_BAD_HEADER_LENGTH:
                return LA_V_IP_BAD_HEADER;
        case WIRE_IP_BAD_CHECKSUM:
                return LA_V_IP_BAD_CHECKSUM;
        case WIRE_IP_FRAGMENT:
                return LA_V_IP_FRAGMENT;
        case WIRE_IP_BAD_EXTENSION:
        case WIRE_IP_REFUSED_OPTION:
        case WIRE_IP_SOURCE_ROUTED:
                return LA_V_IP_REFUSED;
        case WIRE_NOT_TCP:
                return LA_V_NOT_TCP;
        case WIRE_TCP_TRUNCATED:
                count_malformed(h);
                return LA_V_TCP_TRUNCATED;
        case WIRE_TCP_BAD_DATA_OFFSET:
                count_malformed(h);
                return LA_V_TCP_BAD_OFFSET;
        case WIRE_TCP_BAD_CHECKSUM:
                count_malformed(h);
                count(h, LA_C_InCsumErrors);
                return LA_V_TCP_BAD_CHECKSUM;
        case WIRE_NOT_ICMP:
        case WIRE_ICMP_TRUNCATED:
        case WIRE_ICMP_BAD_CHECKSUM:
        case WIRE_ICMP_BAD_QUOTE:
        case WIRE_RESULT_COUNT:
                break;
        }
        return LA_V_ICMP_MALFORMED;
}

static bool
is_ours(const struct la_stack *s, const struct ip_packet *ip)
{
        if (LA_LIKELY(!s->host.rules.strict_addresses))
                return true;
        return ip->family == LA_IPV4 ? memcmp(ip->destination, s->config.address4, 4) == 0
                                     : memcmp(ip->destination, s->config.address6, 16) == 0;
}

/* A packet as la_input() gets it: where its headers lie, and the pieces of what follows them. */
struct packet_view {
        const uint8_t *bytes;
        size_t n, total;
        const struct la_part *rest;
        size_t rest_count;
};

static struct packet_view
view_of(const struct la_packet *p)
{
        struct packet_view v = { p->header, p->header_bytes, p->header_bytes, p->part, p->parts };

        if (LA_UNLIKELY(v.n == 0) && p->parts > 0) {
                v.bytes = p->part[0].bytes;
                v.n = v.total = p->part[0].length;
                v.rest++;
                v.rest_count--;
        }
        for (size_t i = 0; i < v.rest_count; i++)
                v.total += v.rest[i].length;
        return v;
}

/* A packet in pieces: the IP header is read by itself, and the checksum made over all of them. */
static enum wire_result
parse_pieces(const struct packet_view *v, unsigned int flags, struct ip_packet *ip, struct segment *ret_segment)
{
        enum wire_result result = ip_parse_quoted(v->bytes, v->n, ip);
        size_t header, at, whole;
        struct sum sum;

        if (result != WIRE_OK)
                return result;
        header = (size_t)(ip->payload - ip->bytes);
        if (ip->packet_bytes > v->total || v->n < header)
                return WIRE_IP_TRUNCATED;
        if (ip->packet_bytes < v->total)
                return WIRE_IP_BAD_HEADER_LENGTH; /* padding behind pieces: nobody makes that */
        if (ip->family == LA_IPV4 && !sum_is_right(sum_header(ip->bytes, header)))
                return WIRE_IP_BAD_CHECKSUM;
        if (ip->protocol != IP_TCP)
                return WIRE_NOT_TCP;
        at = v->n - header;
        whole = v->total - header;
        result = segment_parse_ip(ip, SEGMENT_CHECKSUM_KNOWN, ret_segment);
        if ((result != WIRE_OK && result != WIRE_TCP_BAD_OPTION) || (flags & SEGMENT_CHECKSUM_KNOWN))
                return result;
        sum = sum_pseudo_header(ip->family, ip->source, ip->destination, IP_TCP, (uint32_t)whole);
        sum = sum_add(sum, at % 4 == 0 ? sum_words(ip->payload, at) : sum_bytes(ip->payload, at));
        for (size_t i = 0; i < v->rest_count; i++) {
                sum = sum_append(sum, at, sum_bytes(v->rest[i].bytes, v->rest[i].length));
                at += v->rest[i].length;
        }
        return sum_is_right(sum) ? result : WIRE_TCP_BAD_CHECKSUM;
}

/* The segment's text, in as many pieces as the packet came in: its own, or `put` where some of it follows the header. */
struct text_parts {
        const struct la_part *part;
        size_t count;
        struct la_part put[LA_PARTS_MAX + 1];
};

static void
find_text(const struct packet_view *v, struct segment *g, struct text_parts *text)
{
        uint32_t rest_bytes = (uint32_t)(v->total - v->n);

        text->part = v->rest;
        text->count = v->rest_count;
        if (LA_UNLIKELY(g->text_bytes > 0)) {
                text->part = text->put;
                text->put[0] = (struct la_part){ g->text, g->text_bytes };
                for (size_t i = 0; i < v->rest_count; i++)
                        text->put[1 + i] = v->rest[i];
                text->count++;
        }
        g->text_bytes += rest_bytes;
        g->length += rest_bytes;
}

/* With a wrong option it is one too: what stood before that counts (MUST-7). */
static bool
is_segment(enum wire_result result)
{
        return LA_LIKELY(result == WIRE_OK) || result == WIRE_TCP_BAD_OPTION;
}

static enum wire_result
parse(const struct packet_view *v, unsigned int flags, struct ip_packet *ip, struct segment *g, struct text_parts *text)
{
        enum wire_result result;

        if (v->rest_count == 0) {
                result = ip_parse(v->bytes, v->n, ip);
                if (result == WIRE_OK)
                        result = ip->protocol == IP_TCP ? segment_parse_ip(ip, flags, g) : WIRE_NOT_TCP;
        } else {
                result = parse_pieces(v, flags, ip, g);
        }
        if (is_segment(result))
                find_text(v, g, text);
        return result;
}

/* Linux's counters of codepoints stand in their order. */
static void
count_codepoint(struct tcp_host *h, const struct ip_packet *ip)
{
        _Static_assert(LA_C_InECT1Pkts == LA_C_InNoECTPkts + IP_ECT_1 &&
                               LA_C_InECT0Pkts == LA_C_InNoECTPkts + IP_ECT_0 &&
                               LA_C_InCEPkts == LA_C_InNoECTPkts + IP_CE,
                       "the order of counter.def");
        count(h, (enum la_counter)(LA_C_InNoECTPkts + ip_ecn_of(&ip->ip)));
}

/* ---- The segment to whom it is for ---- */

static enum la_verdict
no_connection(struct la_stack *s, const struct tuple *tuple, struct arrival *a)
{
        uint32_t listener = listener_find(s, tuple);

        return listener ? listener_arrives(s, listener, tuple, a) : arrives_closed(a->segment);
}

static enum la_verdict
whole_connection(struct la_stack *s, uint32_t index, struct arrival *a)
{
        enum la_verdict verdict = arrives(&s->host, tcb_at(s, index), a);

        settle(s, index);
        return verdict;
}

static uint32_t
ref_of(const struct la_stack *s, const struct tuple *tuple)
{
        const struct tcb *latest = tcb_at(s, s->latest);

        if (latest->hashed && tuple_equal(&latest->tuple, tuple))
                return ref_make(REF_TCB, s->latest);
        return index_find(s, tuple, stack_hash(s, tuple));
}

static enum la_verdict
find_and_arrive(struct la_stack *s, const struct tuple *tuple, struct arrival *a)
{
        uint32_t ref = ref_of(s, tuple);

        switch (ref_kind(ref)) {
        case REF_TCB:
                s->latest = ref_index(ref);
                return whole_connection(s, ref_index(ref), a);
        case REF_HALF_OPEN:
                return half_open_arrives(s, ref_index(ref), a);
        case REF_TIME_WAIT4:
        case REF_TIME_WAIT6:
                return time_wait_arrives(s, ref, a);
        case REF_NONE:
        case REF_LISTENER:
                break;
        }
        return no_connection(s, tuple, a);
}

enum la_verdict
segment_arrives(struct la_stack *s, struct arrival *a)
{
        struct tuple tuple = tuple_of_segment(a->segment);
        enum la_verdict verdict = LA_V_BAD_ADDRESS;

        count(&s->host, LA_C_InSegs);
        /* MUST-57, MUST-63; and nobody can be answered who is not one host. */
        if (ip_is_unicast(a->segment->family, tuple.remote) && ip_is_unicast(a->segment->family, tuple.local))
                verdict = find_and_arrive(s, &tuple, a);
        if (LA_UNLIKELY(verdict != LA_V_GO_ON) && la_verdict_info(verdict)->answer == LA_ANSWER_RESET)
                reply_reset(s, a->segment);
        host_verdict(&s->host, &tuple, verdict);
        return verdict;
}

/* What is no segment, or none of ours. */
static LA_RARELY enum la_verdict
other_arrives(struct la_stack *s, const struct packet_view *v, const struct ip_packet *ip, enum wire_result result)
{
        bool icmp =
                result == WIRE_NOT_TCP && v->rest_count == 0 && (ip->protocol == IP_ICMP || ip->protocol == IP_ICMPV6);

        if (!icmp)
                return verdict_of(&s->host, result);
        return is_ours(s, ip) ? icmp_arrives(s, ip) : LA_V_NOT_OURS;
}

static void
packet_arrives(struct la_stack *s, const struct la_packet *p)
{
        struct packet_view v = view_of(p);
        unsigned int flags =
                p->flags & (LA_PACKET_CHECKSUM_GOOD | LA_PACKET_CHECKSUM_PARTIAL) ? SEGMENT_CHECKSUM_KNOWN : 0;
        struct segment g;
        struct ip_packet ip;
        struct text_parts text;
        struct arrival a = { .segment = &g };
        enum wire_result result;

        s->host.arrival = ++s->host.arrivals;
        ip.bytes = NULL;
        result = parse(&v, flags, &ip, &g, &text);
        if (ip.bytes)
                count_codepoint(&s->host, &ip);
        if (LA_LIKELY(is_segment(result) && is_ours(s, &ip))) {
                a.parts = text.part;
                a.part_count = text.count;
                segment_arrives(s, &a);
        } else {
                host_verdict(&s->host, NULL, other_arrives(s, &v, &ip, result));
        }
        s->host.arrival = 0;
}

void
la_input(struct la_stack *s, tcp_time now, const struct la_packet *packets, size_t n)
{
        host_set_time(&s->host, now);
        for (size_t i = 0; i < n; i++)
                packet_arrives(s, &packets[i]);
}

void
la_input_lent(struct la_stack *s, tcp_time now, const struct la_packet *packets, size_t n)
{
        s->host.loans.open = true;
        la_input(s, now, packets, n);
        s->host.loans.open = false;
}

/* Both directions of a flow hash alike: the ends are put in order first. */
bool
la_flow_hash(const uint8_t key[16], const struct la_packet *packet, uint32_t *ret_hash)
{
        struct packet_view v = view_of(packet);
        struct siphash_key k = { tuple_load8(key), tuple_load8(key + 8) };
        struct la_endpoint a = { 0 }, b = { 0 };
        struct ip_packet ip;
        struct tuple tuple;
        uint64_t words[5];
        size_t n;
        int order;

        if (ip_parse_quoted(v.bytes, v.n, &ip) != WIRE_OK || ip.protocol != IP_TCP || ip.payload_bytes < 4)
                return false;
        memcpy(a.address, ip.source, 16);
        memcpy(b.address, ip.destination, 16);
        a.port = (uint16_t)(ip.payload[0] << 8 | ip.payload[1]);
        b.port = (uint16_t)(ip.payload[2] << 8 | ip.payload[3]);
        order = memcmp(a.address, b.address, 16);
        if (order == 0)
                order = (int)a.port - (int)b.port;
        tuple = order < 0 ? tuple_of(ip.family, &a, &b) : tuple_of(ip.family, &b, &a);
        n = tuple_words(&tuple, true, true, words);
        *ret_hash = (uint32_t)siphash_words(&k, words, n, 1, 3);
        return true;
}
