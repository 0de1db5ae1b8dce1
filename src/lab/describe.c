/* SPDX-License-Identifier: BSD-2-Clause */
/* A packet in words. */
#include <stdio.h>
#include <string.h>

#include "lab/world.h"
#include "wire/icmp.h"

struct text {
        char *at;
        size_t room;
};

static void
add(struct text *t, const char *format, const char *word, unsigned int number)
{
        int n = snprintf(t->at, t->room, format, word, number);

        if (n < 0)
                return;
        if ((size_t)n >= t->room)
                n = t->room > 0 ? (int)t->room - 1 : 0;
        t->at += n;
        t->room -= (size_t)n;
}

/* PSH is left out: no state depends on it. */
static void
describe_flags(const struct segment *g, struct text *t)
{
        const struct {
                bool set;
                const char *name;
        } flags[] = { { g->syn, "SYN" }, { g->fin, "FIN" }, { g->rst, "RST" }, { g->urg, "URG" },
                      { g->ack, "ACK" }, { g->ece, "ECE" }, { g->cwr, "CWR" } };
        const char *comma = "";

        for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
                if (flags[i].set) {
                        add(t, "%s", comma, 0);
                        add(t, "%s", flags[i].name, 0);
                        comma = ",";
                }
        if (comma[0] == '\0')
                add(t, "%s", "no flags", 0);
}

/* A reset for something unknown counts from nothing: its number is 0 (RFC 9293 3.10.7.1). */
static uint32_t
relative(tcp_seq seq, tcp_seq base, bool known)
{
        return known && seq.v != 0 ? seq_distance(base, seq) : seq.v;
}

/* What lies a little before the beginning is a probe of something acknowledged: -1, and not four thousand millions. */
static void
add_number(struct text *t, const char *name, uint32_t number)
{
        if (number >= 0xffff0000u)
                add(t, " %s -%u", name, 0u - number);
        else
                add(t, " %s %u", name, number);
}

static void
describe_segment(const struct lab_packet *p, struct text *t)
{
        const struct segment *g = &p->segment;

        describe_flags(g, t);
        add_number(t, "seq", relative(g->seq, p->base_seq, p->base_seq_known));
        if (g->ack)
                add_number(t, "ack", relative(g->ack_seq, p->base_ack, p->base_ack_known));
        if (g->syn && g->options.has_fastopen)
                add(t, "%s", g->options.cookie_bytes > 0 ? ", cookie" : ", asks for a cookie", 0);
        if (g->text_bytes > 0)
                add(t, "%s %u bytes", ",", g->text_bytes);
        if (g->window == 0 && !g->rst)
                add(t, " %s 0", "win", 0);
}

static const char *
icmp_name(enum icmp_kind kind)
{
        switch (kind) {
        case ICMP_NETWORK_UNREACHABLE:
                return "network unreachable";
        case ICMP_HOST_UNREACHABLE:
                return "host unreachable";
        case ICMP_PROTOCOL_UNREACHABLE:
                return "protocol unreachable";
        case ICMP_PORT_UNREACHABLE:
                return "port unreachable";
        case ICMP_PACKET_TOO_BIG:
                return "packet too big";
        case ICMP_PROHIBITED:
                return "prohibited";
        case ICMP_TIME_EXCEEDED:
                return "time exceeded";
        case ICMP_SOURCE_ROUTE_FAILED:
        case ICMP_PARAMETER_PROBLEM:
        case ICMP_SOURCE_QUENCH:
        case ICMP_UNKNOWN_ERROR:
        case ICMP_ECHO_REQUEST:
        case ICMP_ECHO_REPLY:
        case ICMP_OTHER:
                break;
        }
        return "message";
}

static void
describe_other(const struct lab_packet *p, struct text *t)
{
        struct ip_packet ip;
        struct icmp_message m;

        if (ip_parse(p->seen.bytes, p->seen.length, &ip) != WIRE_OK || icmp_parse(&ip, &m) != WIRE_OK) {
                add(t, "%s, %u bytes", "packet", (unsigned int)p->seen.length);
                return;
        }
        add(t, "ICMP %s", icmp_name(m.kind), 0);
        if (m.kind == ICMP_PACKET_TOO_BIG)
                add(t, ", %s %u", "MTU", m.mtu_bytes);
}

const char *
la_lab_describe(const struct la_lab *lab, size_t packet, char *text, size_t room)
{
        struct text t = { text, room };

        if (room > 0)
                text[0] = '\0';
        if (packet >= lab->packets)
                return text;
        if (lab->packet[packet]->tcp)
                describe_segment(lab->packet[packet], &t);
        else
                describe_other(lab->packet[packet], &t);
        return text;
}
