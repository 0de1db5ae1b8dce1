/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tcb.h - one connection.
 *
 *      send:      snd.una        snd.rtx       snd.nxt              snd.end
 *      ------------|--------------|-------------|--------------------|------------
 *        acked     | in flight    | to be sent  | written, not sent  |
 *                  |              | once more   |                    ^ our FIN, once the user has closed
 *
 *      receive:   rcv.read       rcv.nxt                    rcv.edge
 *      ------------|--------------|--------------------------|------------
 *        read      | readable     | window, holding what     | not offered
 *                  |              | came ahead of a gap      |
 *
 * Normally snd.rtx = snd.nxt.  A retransmission timeout takes snd.rtx back to snd.una; snd.nxt never goes back, since
 * it says what may be acknowledged (RFC 9293 3.4).
 *
 * The functions under src/tcp change a connection and leave their intentions in it: what to send in `want_...`, when to
 * be woken in the timers, what to tell the user in `happened`.  They never reach for other connections; whoever called
 * them looks at the intentions afterwards (stack/settle.c).
 */
#ifndef LASTACK_TCP_TCB_H
#define LASTACK_TCP_TCB_H

#include "model/check.h"
#include "tcp/host.h"
#include "wire/likely.h"
#include "wire/segment.h"

struct link {
        uint32_t previous, next;
};

/* Not yet set: "the initial value of ssthresh SHOULD be set arbitrarily high" (RFC 5681 3.1). */
#define SSTHRESH_NONE 0x7fffffffu

enum close_linger { LINGER_OFF = -1 };

/* By Fast Open: in whose count it is, that of the listener on its address, or on any, or of none that is left. */
enum let_in { LET_IN_NOT, LET_IN_BY_ADDRESS, LET_IN_BY_ANY, LET_IN_UNCOUNTED };

/* Whether the congestion window sets a rate. */
enum pacing_choice { PACING_AS_STACK, PACING_ON, PACING_OFF };

/* What one connection was told by its user, and a listener's children inherit. */
struct tcp_options_set {
        uint32_t user_timeout_ms;
        uint32_t send_buffer, receive_buffer;
        uint16_t keepalive_time_s, keepalive_interval_s; /* 0: the host's */
        int16_t linger_s;
        uint16_t mss;
        uint8_t keepalive_probes : 7;
        bool send_buffer_set : 1; /* by the user: it does not grow */
        uint8_t tos, ttl;
        bool nodelay : 1, cork : 1, quickack : 1, keepalive : 1;
        bool fast_open : 1;   /* text may go in the SYN */
        bool icmp_errors : 1; /* SHLD-26 holds in synchronized states too */
        uint8_t pacing : 2;   /* enum pacing_choice */
};

struct tcb {
        struct tuple tuple;
        uint8_t state;   /* enum la_state */
        uint8_t came_by; /* enum la_transition: the row that led here */
        uint64_t user;   /* before accept: the listener's handle */
        uint32_t generation;
        uint32_t since_ms; /* when the state was entered */

        struct link output, notice, timer;
        uint32_t armed_ms; /* when the timer's wheel will call */

        struct tcp_options_set set;

        /* Intentions, in one byte: most often there are none. */
        bool want_ack : 1;    /* at once */
        bool want_reset : 1;  /* at once, with state CLOSED */
        bool want_first : 1;  /* send the segment at snd.una once more */
        bool want_probe : 1;  /* send a zero-window or keepalive probe */
        bool want_output : 1; /* something may be sendable: look */
        bool in_output : 1, in_notice : 1, starves : 1;

        /* Timers that run, in one byte too: what is set together is stored together, and found whole when it is loaded. */
        bool rexmit_on : 1;      /* retransmission, or persist when nothing is in flight */
        bool ack_on : 1;         /* delayed acknowledgment */
        bool slow_on : 1;        /* keepalive; linger of an orphan; TIME_WAIT without a record */
        bool cork_on : 1;        /* the last, not full segment waits for more */
        bool rtt_on : 1;         /* the segment that begins at rtt.seq is timed */
        bool retransmitted : 1;  /* something between snd.una and snd.nxt was sent more than once */
        bool first_rto_done : 1; /* RFC 6298 5.7: the SYN's timer had expired */
        bool armed : 1;          /* in the wheel */

        /* What it is. */
        bool passive : 1;  /* came from LISTEN */
        bool held : 1;     /* a handle refers to it */
        bool queued : 1;   /* waits in a listener's accept queue */
        bool hashed : 1;   /* segments find it */
        bool reopened : 1; /* took the place of a TIME_WAIT record */
        bool window_scaling : 1, sack : 1, timestamps : 1;
        bool closed : 1;        /* the user has closed this direction: a FIN stands at snd.end */
        bool dead : 1;          /* the user has closed altogether: nobody will read */
        bool peer_closed : 1;   /* the peer's FIN is before rcv.nxt */
        bool end_told : 1;      /* the user was told of the peer's FIN by a receive */
        bool urgent : 1;        /* rcv.up is ahead of rcv.read */
        bool send_urgent : 1;   /* snd.up is ahead of snd.una */
        bool write_blocked : 1; /* the user was told that there is no room */
        bool more : 1;          /* the last write said that more follows */
        bool fast_open : 1;     /* our SYN asks for Fast Open; from then on: text in the SYN was taken */
        uint8_t let_in : 2;     /* enum let_in: the user has it, though our SYN is not acknowledged yet */
        bool syn_unacked : 1;   /* our SYN stands at snd.una: no later number may be taken for it, once they go round */

        /* Recovery. */
        bool recovering : 1; /* fast recovery (RFC 6582), until snd.una reaches cc.recover */
        bool lossy : 1;      /* after a timeout, until snd.una reaches cc.recover */
        bool soft_error_told : 1;
        bool reduced : 1; /* the window was, for all that was sent before cc.recover; until snd.una is beyond it */

        /* ECN (ecn.h). */
        bool ecn : 1;       /* both ends have agreed on it; in SYN_SENT: asked for */
        bool ecn_plain : 1; /* a SYN that does not ask was sent, too: no text may be marked */
        bool ecn_echo : 1;  /* what leaves says ECE, until the peer says CWR */
        bool ecn_cwr : 1;   /* the next new text says CWR */
        bool ecn_held : 1;  /* nothing new leaves until the retransmission timer expires */
        bool ecn_seen : 1;  /* the peer has sent text that may be marked, or is */

        bool paced : 1;      /* it has a record of pacing.h */
        bool pace_waits : 1; /* text could leave, and may not yet */

        uint16_t happened; /* enum la_happened, not yet told */
        uint8_t error, soft_error;
        uint8_t backoff;            /* doublings of the timer */
        uint8_t retransmits;        /* of the segment at snd.una, or probes, without an answer */
        uint8_t keepalive_sent : 7; /* probes without an answer, 127 at most */
        bool lent : 1;              /* some of what can be read may still lie in packets: loans.h */
        uint8_t congestion;         /* index of the algorithm */
        uint8_t duplicate_acks;
        uint8_t quick_acks; /* so many acknowledgments leave at once: the start of a flow, or after a gap */
        uint8_t send_shift, receive_shift;
        uint16_t send_mss, receive_mss; /* payload without options; 0 before the handshake */
        uint16_t path_mtu;

        struct {
                tcp_seq una, nxt, rtx, end, iss, wl1, wl2, up;
                uint32_t wnd, max_wnd;
        } snd;
        struct {
                tcp_seq nxt, edge, read, irs, up, acked; /* acked: the last ACK number sent, Last.ACK.sent */
        } rcv;

        uint32_t rexmit_ms, ack_ms, slow_ms; /* deadlines */
        uint32_t stalled_ms;                 /* since when the peer has answered nothing; while retransmits > 0 */
        uint32_t heard_ms;                   /* when a segment last arrived */
        uint32_t refused_ms;                 /* when an unacceptable segment was last acknowledged */

        struct {
                uint32_t smoothed_us, variation_us, rto_us; /* RFC 6298's SRTT << 3, RTTVAR << 2, RTO */
                uint32_t begun_us;
                tcp_seq seq;
        } rtt;
        struct {
                uint32_t recent, recent_ms, offset;
        } ts;
        struct {
                uint32_t cwnd, ssthresh, acked;
                tcp_seq recover;
        } cc;

        struct chain out, in;
        uint32_t reassembly; /* index of what came ahead of a gap; 0: nothing did */

        uint32_t retransmitted_total;
        uint16_t sent_turns, received_turns; /* how often the sequence numbers went round */
};

static inline bool
tcb_synchronized(const struct tcb *t)
{
        return t->state >= LA_ESTABLISHED && t->state <= LA_TIME_WAIT;
}

/* RFC 9293's RCV.WND as the peer knows it. */
static inline uint32_t
tcb_window(const struct tcb *t)
{
        int32_t open = seq_diff(t->rcv.edge, t->rcv.nxt);

        return open > 0 ? (uint32_t)open : 0;
}

static inline bool
tcb_fin_sent(const struct tcb *t)
{
        return t->closed && seq_gt(t->snd.nxt, t->snd.end);
}

static inline bool
tcb_fin_acked(const struct tcb *t)
{
        return t->closed && seq_gt(t->snd.una, t->snd.end);
}

static inline uint32_t
tcb_in_flight(const struct tcb *t)
{
        return seq_distance(t->snd.una, t->snd.rtx);
}

static inline uint32_t
tcb_readable(const struct tcb *t)
{
        return seq_distance(t->rcv.read, t->rcv.nxt) - (t->peer_closed ? 1 : 0);
}

/* A fresh connection in CLOSED, with these settings, or the host's for NULL. */
void tcb_init(struct tcp_host *h, struct tcb *t, const struct tuple *tuple, const struct tcp_options_set *set);

void tcp_options_default(const struct tcp_host *h, struct tcp_options_set *ret_set);

/* The only way a state changes: by a row whose `from` is the state. */
void tcb_move(struct tcp_host *h, struct tcb *t, enum la_transition row);

/* Frees buffers and stops timers of what will not send or receive any more; what can be read stays, if `keep_readable`. */
void tcb_quiet(struct tcp_host *h, struct tcb *t, bool keep_readable);

/* To CLOSED, for a reason the user is told. */
void tcb_end(struct tcp_host *h, struct tcb *t, enum la_transition row, enum la_error error);

/* To CLOSED with a reset to the peer. */
LA_RARELY void tcb_reset(struct tcp_host *h, struct tcb *t, enum la_transition row, enum la_error error);

/* The causes that end a connection from (nearly) any state: the row for the state it is in. */
enum la_transition row_of_close(enum la_state state);
enum la_transition row_of_close_unread(enum la_state state);
enum la_transition row_of_abort(enum la_state state);
enum la_transition row_of_abort_time_wait(enum la_state state);
enum la_transition row_of_rst(enum la_state state);
enum la_transition row_of_give_up(enum la_state state);
enum la_transition row_of_user_timeout(enum la_state state);
enum la_transition row_of_keepalive_timeout(enum la_state state);
enum la_transition row_of_icmp_error(enum la_state state);
enum la_transition row_of_orphan_limit(enum la_state state);

/* No row: the cause cannot meet this state. */
#define NO_ROW LA_TRANSITION_COUNT

#endif
