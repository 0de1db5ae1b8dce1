/* SPDX-License-Identifier: BSD-2-Clause */
/* ICMP errors find the connection they quote; echo and the rest are for another program to answer. */
#include "tcp/pmtu.h"

#include "stack/stack.h"

static enum la_verdict
about_half_open(struct la_stack *s, uint32_t index, const struct icmp_message *m)
{
        struct tcb *t = tcb_at(s, 0);
        struct half_open *o = half_open_at(s, index);
        enum la_verdict verdict;

        if (!seq_eq(m->quote.seq, o->iss)) {
                count(&s->host, LA_C_OutOfWindowIcmps);
                return LA_V_ICMP_NOT_IN_FLIGHT;
        }
        half_open_fill(s, o, t);
        if (m->kind != ICMP_PROTOCOL_UNREACHABLE && m->kind != ICMP_PORT_UNREACHABLE)
                return m->kind == ICMP_PACKET_TOO_BIG ? LA_V_ICMP_IGNORED : icmp_about(&s->host, t, m);
        verdict = LA_V_ICMP_HARD;
        half_open_end(s, index, LA_T_SYN_RECEIVED_ICMP_ERROR);
        return verdict;
}

enum la_verdict
icmp_arrives(struct la_stack *s, const struct ip_packet *ip)
{
        struct icmp_message m;
        struct tuple tuple;
        enum la_verdict verdict;
        uint32_t ref;

        if (icmp_parse(ip, &m) != WIRE_OK)
                return LA_V_ICMP_MALFORMED;
        if (!icmp_is_error(m.kind))
                return LA_V_ICMP_IGNORED;
        tuple = tuple_of(m.family, &m.quote.source, &m.quote.destination);
        ref = index_find(s, &tuple, stack_hash(s, &tuple));
        switch (ref_kind(ref)) {
        case REF_TCB:
                verdict = icmp_about(&s->host, tcb_at(s, ref_index(ref)), &m);
                settle(s, ref_index(ref));
                return verdict;
        case REF_HALF_OPEN:
                return about_half_open(s, ref_index(ref), &m);
        case REF_TIME_WAIT4:
        case REF_TIME_WAIT6:
                return LA_V_ICMP_NOT_IN_FLIGHT; /* nothing is (RFC 5927 4.1) */
        case REF_NONE:
        case REF_LISTENER:
                break;
        }
        return LA_V_ICMP_NO_CONNECTION;
}
