/* SPDX-License-Identifier: BSD-2-Clause */
#include "linux/sock_diag_decode.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include "linux/age.h"
#include "linux/dump.h"

/* How long the attributes that are read may be at least: what every kernel since 2.6.12 fills.  Longer ones are read as
 * far as they are understood. */
static const uint16_t attribute_sizes[INET_DIAG_MAX + 1] = {
        [INET_DIAG_INFO] = offsetof(struct tcp_info, tcpi_pacing_rate),
        [INET_DIAG_CONG] = 1,
        [INET_DIAG_SKMEMINFO] = (SK_MEMINFO_OPTMEM + 1) * sizeof(uint32_t),
        [INET_DIAG_SKV6ONLY] = sizeof(uint8_t),
        [INET_DIAG_MARK] = sizeof(uint32_t),
        [INET_DIAG_CGROUP_ID] = sizeof(uint64_t),
};

struct attributes {
        const struct nlattr *of[INET_DIAG_MAX + 1];
};

static bool
collect_attributes(const struct nlmsghdr *message, struct attributes *ret)
{
        const uint8_t *next = (const uint8_t *)message + NLMSG_LENGTH(sizeof(struct inet_diag_msg));
        size_t left = message->nlmsg_len - (size_t)(next - (const uint8_t *)message);

        while (left >= sizeof(struct nlattr)) {
                const struct nlattr *attribute = (const struct nlattr *)(const void *)next;
                size_t size = attribute->nla_len, type = mnl_attr_get_type(attribute);

                if (size < sizeof(*attribute) || size > left)
                        return false;
                if (type <= INET_DIAG_MAX) {
                        if (size - sizeof(*attribute) < attribute_sizes[type])
                                return false;
                        ret->of[type] = attribute;
                }
                size = NLMSG_ALIGN(size);
                if (size >= left)
                        return true;
                next += size;
                left -= size;
        }
        return left == 0;
}

static bool
read_family(const struct inet_diag_msg *m, enum la_family *ret)
{
        if (m->idiag_family != AF_INET && m->idiag_family != AF_INET6)
                return false;
        *ret = m->idiag_family == AF_INET ? LA_IPV4 : LA_IPV6;
        return true;
}

static void
fill_endpoint(struct la_endpoint *e, enum la_family family, const __be32 address[4], __be16 port)
{
        memset(e->address, 0, sizeof(e->address));
        memcpy(e->address, address, family == LA_IPV4 ? 4 : 16);
        e->port = ntohs(port);
}

/* idiag_timer has the values of enum la_timer; a number of a later kernel is no timer that could be named. */
static void
fill_timer(const struct inet_diag_msg *m, struct la_snapshot *s)
{
        if (m->idiag_timer > LA_TIMER_PERSIST)
                return;
        s->known |= LA_KNOWN_TIMER;
        s->timer = (enum la_timer)m->idiag_timer;
        s->timer_ms = m->idiag_expires;
        s->retransmits = m->idiag_retrans;
}

static void
fill_message(const struct inet_diag_msg *m, enum la_state state, enum la_family family, struct la_snapshot *s)
{
        s->known = LA_KNOWN_QUEUES | LA_KNOWN_INODE | LA_KNOWN_COOKIE | LA_KNOWN_INTERFACE;
        s->state = state;
        s->family = family;
        fill_endpoint(&s->local, family, m->id.idiag_src, m->id.idiag_sport);
        fill_endpoint(&s->remote, family, m->id.idiag_dst, m->id.idiag_dport);
        s->interface = m->id.idiag_if;
        fill_timer(m, s);
        s->receive_queue = m->idiag_rqueue;
        s->send_queue = m->idiag_wqueue;
        if (state == LA_LISTEN)
                s->known |= LA_KNOWN_QUEUE_LIMIT;
        s->uid = m->idiag_uid;
        s->inode = m->idiag_inode;
        s->cookie = (uint64_t)m->id.idiag_cookie[1] << 32 | m->id.idiag_cookie[0];
}

static void
fill_options(const struct tcp_info *info, struct la_tcp_details *tcp)
{
        tcp->timestamps = info->tcpi_options & TCPI_OPT_TIMESTAMPS;
        tcp->sack = info->tcpi_options & TCPI_OPT_SACK;
        tcp->window_scaling = info->tcpi_options & TCPI_OPT_WSCALE;
        tcp->ecn = info->tcpi_options & TCPI_OPT_ECN;
        tcp->ecn_seen = info->tcpi_options & TCPI_OPT_ECN_SEEN;
        tcp->fastopen = info->tcpi_options & TCPI_OPT_SYN_DATA;
        tcp->send_wscale = info->tcpi_snd_wscale;
        tcp->receive_wscale = info->tcpi_rcv_wscale;
        tcp->backoff = info->tcpi_backoff;
}

static void
fill_times(const struct tcp_info *info, struct la_tcp_details *tcp)
{
        tcp->rto_us = info->tcpi_rto;
        tcp->ato_us = info->tcpi_ato;
        tcp->rtt_us = info->tcpi_rtt;
        tcp->rttvar_us = info->tcpi_rttvar;
        tcp->min_rtt_us = info->tcpi_min_rtt == UINT32_MAX ? 0 : info->tcpi_min_rtt;
        tcp->last_data_sent_ms = info->tcpi_last_data_sent;
        tcp->last_data_received_ms = info->tcpi_last_data_recv;
        tcp->last_ack_received_ms = info->tcpi_last_ack_recv;
        tcp->busy_us = info->tcpi_busy_time;
        tcp->receive_window_limited_us = info->tcpi_rwnd_limited;
        tcp->send_buffer_limited_us = info->tcpi_sndbuf_limited;
}

static void
fill_windows(const struct tcp_info *info, struct la_tcp_details *tcp)
{
        tcp->send_mss_bytes = info->tcpi_snd_mss;
        tcp->receive_mss_bytes = info->tcpi_rcv_mss;
        tcp->advertised_mss_bytes = info->tcpi_advmss;
        tcp->path_mtu_bytes = info->tcpi_pmtu;
        tcp->cwnd = info->tcpi_snd_cwnd;
        tcp->ssthresh = info->tcpi_snd_ssthresh;
        tcp->receive_space_bytes = info->tcpi_rcv_space;
        tcp->receive_ssthresh_bytes = info->tcpi_rcv_ssthresh;
        tcp->send_window_bytes = info->tcpi_snd_wnd;
        tcp->not_sent_bytes = info->tcpi_notsent_bytes;
        tcp->pacing_rate = info->tcpi_pacing_rate;
        tcp->delivery_rate = info->tcpi_delivery_rate;
}

static void
fill_amounts(const struct tcp_info *info, struct la_tcp_details *tcp)
{
        tcp->unacked = info->tcpi_unacked;
        tcp->sacked = info->tcpi_sacked;
        tcp->lost = info->tcpi_lost;
        tcp->retransmitting = info->tcpi_retrans;
        tcp->reordering = info->tcpi_reordering;
        tcp->retransmitted_total = info->tcpi_total_retrans;
        tcp->segments_in = info->tcpi_segs_in;
        tcp->segments_out = info->tcpi_segs_out;
        tcp->bytes_sent = info->tcpi_bytes_sent;
        tcp->bytes_acked = info->tcpi_bytes_acked;
        tcp->bytes_received = info->tcpi_bytes_received;
        tcp->bytes_retransmitted = info->tcpi_bytes_retrans;
}

/* A listener's tcp_info says nothing of a connection: the kernel puts the accept queue into tcpi_unacked.  An older
 * kernel's is shorter, and what it does not tell stays zero. */
static void
fill_tcp(const struct nlattr *attribute, struct la_snapshot *s)
{
        struct tcp_info info = { 0 };
        size_t size = mnl_attr_get_payload_len(attribute);

        if (s->state == LA_LISTEN)
                return;
        memcpy(&info, mnl_attr_get_payload(attribute), size < sizeof(info) ? size : sizeof(info));
        s->known |= LA_KNOWN_TCP | LA_KNOWN_TRAFFIC;
        if (size >= offsetof(struct tcp_info, tcpi_snd_wnd) + sizeof(info.tcpi_snd_wnd))
                s->known |= LA_KNOWN_SEND_WINDOW;
        fill_options(&info, &s->tcp);
        fill_times(&info, &s->tcp);
        fill_windows(&info, &s->tcp);
        fill_amounts(&info, &s->tcp);
}

static void
fill_congestion(const struct nlattr *attribute, struct la_snapshot *s)
{
        const char *name = mnl_attr_get_payload(attribute);
        size_t length = strnlen(name, mnl_attr_get_payload_len(attribute));

        if (length == 0 || length >= sizeof(s->tcp.congestion))
                return;
        s->known |= LA_KNOWN_CONGESTION;
        memcpy(s->tcp.congestion, name, length);
}

static void
fill_memory(const struct nlattr *attribute, struct la_snapshot *s)
{
        uint32_t values[SK_MEMINFO_VARS] = { 0 };
        size_t size = mnl_attr_get_payload_len(attribute);

        memcpy(values, mnl_attr_get_payload(attribute), size < sizeof(values) ? size : sizeof(values));
        s->known |= LA_KNOWN_MEMORY | LA_KNOWN_DROPS;
        s->memory.receive_allocated = values[SK_MEMINFO_RMEM_ALLOC];
        s->memory.receive_buffer = values[SK_MEMINFO_RCVBUF];
        s->memory.send_allocated = values[SK_MEMINFO_WMEM_ALLOC];
        s->memory.send_buffer = values[SK_MEMINFO_SNDBUF];
        s->memory.forward_allocated = values[SK_MEMINFO_FWD_ALLOC];
        s->memory.send_queued = values[SK_MEMINFO_WMEM_QUEUED];
        s->memory.options = values[SK_MEMINFO_OPTMEM];
        s->memory.backlog = values[SK_MEMINFO_BACKLOG];
        s->memory.drops = values[SK_MEMINFO_DROPS];
}

static void
fill_small(const struct attributes *a, uint32_t want, struct la_snapshot *s)
{
        if (a->of[INET_DIAG_SKV6ONLY]) {
                s->known |= LA_KNOWN_V6ONLY;
                s->v6only = mnl_attr_get_u8(a->of[INET_DIAG_SKV6ONLY]);
        }
        if ((want & DUMP_WANT_MARK) && a->of[INET_DIAG_MARK]) {
                s->known |= LA_KNOWN_MARK;
                s->mark = mnl_attr_get_u32(a->of[INET_DIAG_MARK]);
        }
        if ((want & DUMP_WANT_CGROUP) && a->of[INET_DIAG_CGROUP_ID]) {
                s->known |= LA_KNOWN_CGROUP;
                s->cgroup = mnl_attr_get_u64(a->of[INET_DIAG_CGROUP_ID]);
        }
}

static void
fill_attributes(const struct attributes *a, uint32_t want, struct la_snapshot *s)
{
        fill_small(a, want, s);
        if ((want & DUMP_WANT_TCP) && a->of[INET_DIAG_INFO])
                fill_tcp(a->of[INET_DIAG_INFO], s);
        if ((want & DUMP_WANT_TCP) && a->of[INET_DIAG_CONG])
                fill_congestion(a->of[INET_DIAG_CONG], s);
        if ((want & DUMP_WANT_MEMORY) && a->of[INET_DIAG_SKMEMINFO])
                fill_memory(a->of[INET_DIAG_SKMEMINFO], s);
}

/* Most sockets' attributes were not asked for and need no reading; an IPv6 listener's v6only always has a reader. */
static bool
attributes_matter(enum la_state state, uint32_t want)
{
        return want != 0 || state == LA_LISTEN || state == LA_CLOSED;
}

bool
sock_diag_decode(const struct nlmsghdr *message, uint32_t want, struct la_snapshot *ret_snapshot)
{
        const struct inet_diag_msg *m = mnl_nlmsg_get_payload(message);
        struct attributes attributes;
        enum la_family family;
        enum la_state state;
        bool matter;

        if (mnl_nlmsg_get_payload_len(message) < sizeof(*m))
                return false;
        if (!read_family(m, &family) || !la_state_from_linux(m->idiag_state, &state))
                return false;
        matter = attributes_matter(state, want);
        if (matter) {
                memset(&attributes, 0, sizeof(attributes));
                if (!collect_attributes(message, &attributes))
                        return false;
        }
        memset(ret_snapshot, 0, want ? sizeof(*ret_snapshot) : offsetof(struct la_snapshot, tcp));
        fill_message(m, state, family, ret_snapshot);
        if (matter)
                fill_attributes(&attributes, want, ret_snapshot);
        age_fill(ret_snapshot);
        return true;
}

uint32_t
sock_diag_expected(const struct la_snapshot *s, uint32_t want)
{
        uint32_t expected = 0;

        if (s->inode == 0) /* may be a half-open or TIME_WAIT record, which has no more to tell */
                return 0;
        if ((want & DUMP_WANT_TCP) && s->state != LA_LISTEN && s->state != LA_CLOSED)
                expected |= LA_KNOWN_TCP | LA_KNOWN_CONGESTION;
        if (want & DUMP_WANT_MEMORY)
                expected |= LA_KNOWN_MEMORY;
        if (want & DUMP_WANT_MARK)
                expected |= LA_KNOWN_MARK;
        if (want & DUMP_WANT_CGROUP)
                expected |= LA_KNOWN_CGROUP;
        return expected;
}
