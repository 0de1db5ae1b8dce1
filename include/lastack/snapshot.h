/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * snapshot.h - what one TCP connection looks like from outside.
 *
 * The one shape in which a connection reaches whoever looks at it: filters, tables, JSON, the doctor's rules.  It is
 * filled from Linux's TCP and from lastack's own alike, so nothing above needs to know whose connection it is.
 *
 * Not every source knows everything (/proc/net/tcp has no congestion window, a TIME_WAIT record has no owner).  What
 * is known stands in `known`; a field whose bit is not set is zero and means nothing.
 *
 * A snapshot is a plain value and may be copied; only `owners` points elsewhere, and its lender says how long it lives.
 */
#ifndef LASTACK_SNAPSHOT_H
#define LASTACK_SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "lastack/endpoint.h"
#include "lastack/model.h"

/* Linux's names are 15 characters and a NUL, for processes (TASK_COMM_LEN) and congestion controls alike. */
#define LA_NAME_SIZE 16

/* The timer that runs next, in the kernel's grouping (idiag_timer). */
enum la_timer {
        LA_TIMER_NONE,
        LA_TIMER_RETRANSMIT, /* retransmission, early retransmit or tail loss probe; SYN,ACK of a half-open one */
        LA_TIMER_KEEPALIVE,  /* keepalive; or what is left of tcp_fin_timeout beyond 60 s for an orphan in FIN_WAIT_2 */
        LA_TIMER_TIME_WAIT,  /* 2 MSL, or tcp_fin_timeout for an orphan in FIN_WAIT_2 */
        LA_TIMER_PERSIST,    /* zero-window probe */
};

/* Bits of la_snapshot.known. */
enum la_known {
        LA_KNOWN_TIMER = 1 << 0,        /* timer, timer_ms, retransmits */
        LA_KNOWN_QUEUES = 1 << 1,       /* receive_queue, send_queue; of a listener receive_queue alone */
        LA_KNOWN_INODE = 1 << 2,        /* inode; and uid where inode is not 0 */
        LA_KNOWN_COOKIE = 1 << 3,       /* cookie */
        LA_KNOWN_AGE = 1 << 4,          /* age_min_ms, age_max_ms */
        LA_KNOWN_TCP = 1 << 5,          /* tcp, but for what has a bit of its own */
        LA_KNOWN_MEMORY = 1 << 6,       /* memory, but for drops */
        LA_KNOWN_MARK = 1 << 7,         /* mark */
        LA_KNOWN_CGROUP = 1 << 8,       /* cgroup */
        LA_KNOWN_CONGESTION = 1 << 9,   /* tcp.congestion */
        LA_KNOWN_OWNERS = 1 << 10,      /* owners were looked for; none found means nobody visible holds it */
        LA_KNOWN_NETNS = 1 << 11,       /* netns */
        LA_KNOWN_V6ONLY = 1 << 12,      /* v6only */
        LA_KNOWN_QUEUE_LIMIT = 1 << 13, /* a listener's send_queue */
        LA_KNOWN_SEND_WINDOW = 1 << 14, /* tcp.send_window_bytes: 0 is a closed window only if this is set */
        LA_KNOWN_INTERFACE = 1 << 15,   /* interface */
        LA_KNOWN_DROPS = 1 << 16,       /* memory.drops */
        LA_KNOWN_CAME_BY = 1 << 17,     /* came_by */
        LA_KNOWN_HALF_OPEN = 1 << 18,   /* a listener's half_open */
        LA_KNOWN_TRAFFIC = 1 << 19,     /* what tcp says of single segments: see there */
        LA_KNOWN_SEQUENCE = 1 << 20,    /* snd_una, snd_nxt, rcv_nxt */
        LA_KNOWN_PACING = 1 << 21,      /* tcp.pacing_rate, tcp.pacing_wait_ms: a stack of lastack paces it */
};

/* A process that holds the socket open. */
struct la_owner {
        int32_t pid;
        int32_t fd;
        char comm[LA_NAME_SIZE];
};

/* The kernel's struct tcp_info (linux/tcp.h), as far as people look at it.  Times are in the unit of the name's end.
 *
 * Only with LA_KNOWN_TRAFFIC are known: min_rtt_us, last_data_sent_ms, last_data_received_ms, segments_in, segments_out,
 * bytes_retransmitted, pacing_rate, delivery_rate, busy_us and the two after it; and only then does bytes_sent count what
 * was sent again.  LA_KNOWN_PACING tells pacing_rate too. */
struct la_tcp_details {
        bool timestamps, sack, ecn, ecn_seen, fastopen, window_scaling;
        uint8_t send_wscale, receive_wscale; /* RFC 7323 shifts */
        uint8_t backoff;                     /* doublings of the retransmission timer so far */
        uint32_t rto_us, ato_us, rtt_us, rttvar_us, min_rtt_us;
        uint32_t send_mss_bytes, receive_mss_bytes, advertised_mss_bytes, path_mtu_bytes;
        uint32_t cwnd, ssthresh;                                    /* in segments; ssthresh 0x7fffffff: not yet set */
        uint32_t unacked, sacked, lost, retransmitting, reordering; /* in segments */
        uint32_t retransmitted_total;                               /* segments, in the connection's life */
        uint32_t last_data_sent_ms, last_data_received_ms, last_ack_received_ms; /* ago */
        uint32_t receive_space_bytes, receive_ssthresh_bytes, send_window_bytes;
        uint32_t not_sent_bytes;
        uint32_t pacing_wait_ms; /* until the next text may leave, rounded up; 0: none waits for that */
        uint32_t segments_in, segments_out;
        uint64_t bytes_sent, bytes_acked, bytes_received, bytes_retransmitted;
        uint64_t pacing_rate, delivery_rate; /* bytes a second; ~0: no limit */
        uint64_t busy_us, receive_window_limited_us, send_buffer_limited_us;
        char congestion[LA_NAME_SIZE]; /* the congestion control's name */
};

/* The kernel's SK_MEMINFO_* in bytes, and `drops`, which on a listener counts connections it had to refuse. */
struct la_memory {
        uint32_t receive_allocated, receive_buffer, send_allocated, send_buffer;
        uint32_t forward_allocated, send_queued, options, backlog, drops;
};

struct la_snapshot {
        uint32_t known; /* bits of enum la_known */
        enum la_state state;
        enum la_family family;
        struct la_endpoint local, remote;
        uint32_t interface; /* index of the interface it is bound to, 0 for any */

        enum la_timer timer;
        uint32_t timer_ms;    /* until it expires */
        uint32_t retransmits; /* or unanswered probes */

        /* LISTEN: receive_queue is the length of the accept queue and send_queue its limit, both in connections.
         * Other states: bytes received and not yet read, bytes written and not yet acknowledged, as Linux counts
         * them: a SYN or FIN is one, so a CLOSE_WAIT whose data was all read has 1. */
        uint32_t receive_queue, send_queue;
        uint32_t half_open; /* LISTEN: connections in SYN_RECEIVED that it has answered and not yet handed on */

        uint32_t uid;
        uint32_t inode;  /* 0: no descriptor refers to it (half-open, not yet accepted, orphaned, TIME_WAIT) */
        uint64_t cookie; /* the kernel's id of the socket, never used twice */
        uint32_t mark;
        uint64_t cgroup; /* inode of its cgroup (v2) */
        uint32_t netns;  /* inode of its network namespace */
        bool v6only;     /* an IPv6 listener that does not serve IPv4 */

        /* How long it has been in its state, as far as the source can tell: at least, and at most.  Equal where it is
         * known exactly (TIME_WAIT, since its wait last began anew), UINT32_MAX for no upper bound. */
        uint32_t age_min_ms, age_max_ms;
        enum la_transition came_by; /* the transition that led to this state */

        uint32_t snd_una, snd_nxt, rcv_nxt; /* sequence numbers: RFC 9293 3.3.1 */

        const struct la_owner *owners;
        uint32_t owner_count;

        struct la_tcp_details tcp;
        struct la_memory memory;
};

/* True for a connection whose application has closed it and that TCP still has to bring to its end.  So FIN_WAIT_2 is
 * two things: an orphan, which tcp_fin_timeout ends, and one that an application holds half-closed (shutdown), which no
 * timer ends.  In the states before a close, no descriptor means something else: la_snapshot_waits_for_accept(). */
static inline bool
la_snapshot_is_orphan(const struct la_snapshot *s)
{
        if (!(s->known & LA_KNOWN_INODE) || s->inode != 0)
                return false;
        return s->state == LA_FIN_WAIT_1 || s->state == LA_FIN_WAIT_2 || s->state == LA_CLOSING ||
               s->state == LA_LAST_ACK;
}

/* True for a connection that stands in its listener's accept queue: no application has taken it yet. */
static inline bool
la_snapshot_waits_for_accept(const struct la_snapshot *s)
{
        return (s->known & LA_KNOWN_INODE) && s->inode == 0 &&
               (s->state == LA_ESTABLISHED || s->state == LA_CLOSE_WAIT);
}

/* An IPv4 address mapped into IPv6 (RFC 4291 2.5.5.2): IPv4 traffic on an IPv6 socket. */
bool la_endpoint_is_mapped(const struct la_endpoint *e);

#endif
