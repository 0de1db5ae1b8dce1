/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYN cookies (RFC 4987 3.6; Bernstein, 1996): the SYN,ACK's sequence number says all that has to be remembered.
 *
 *      sequence number   | 24 bits: keyed hash of tuple, peer's number, minute | 5: minute | 3: MSS |
 *      timestamp sent    | ... | 1: ECN | 1: SACK | 4: window shift, 15 for none |
 *
 * The sequence number has no room for what the peer's SYN offered beside the MSS; with timestamps the low bits of ours
 * carry it, since the peer sends them back (the clock they make a little earlier than it is).  Without timestamps the
 * connection goes without window scaling, SACK and ECN.
 */
#include "stack/stack.h"

#include "tcp/congestion.h"
#include "tcp/ecn.h"
#include "tcp/mss.h"

#define MINUTE_US     (UINT64_C(64) * 1000000)
#define MINUTES_VALID 2
#define RECENT_MS     (MINUTES_VALID * 64 * 1000)
#define TS_BITS       6
#define TS_MASK       ((1u << TS_BITS) - 1)
#define TS_NO_SCALE   15u
#define TS_SACK       16u
#define TS_ECN        32u

/* The MSS that most peers announce, smallest first: what is announced is rounded down to one of them. */
static const uint16_t mss4[8] = { 64, 536, 1200, 1300, 1400, 1440, 1460, 8960 };
static const uint16_t mss6[8] = { 64, 1220, 1300, 1380, 1400, 1420, 1440, 8940 };

static const uint16_t *
mss_table(const struct tuple *tuple)
{
        return tuple->family == LA_IPV4 ? mss4 : mss6;
}

static uint32_t
minute_of(const struct tcp_host *h)
{
        return (uint32_t)(h->now_us / MINUTE_US);
}

static uint32_t
cookie_hash(const struct tcp_host *h, const struct tuple *tuple, tcp_seq irs, uint32_t minute, uint32_t mss_index)
{
        uint64_t words[2];

        words[0] = tuple_secret(&h->keys.cookies, tuple, true, true);
        words[1] = (uint64_t)irs.v << 32 | (uint64_t)(minute & 0x1fffffff) << 3 | mss_index;
        return (uint32_t)siphash_words(&h->keys.cookies, words, 2, 2, 4) & 0xffffff00u;
}

static tcp_seq
cookie_at(const struct tcp_host *h, const struct tuple *tuple, tcp_seq irs, uint32_t minute, uint32_t mss_index)
{
        return seq_of(cookie_hash(h, tuple, irs, minute, mss_index) | (minute & 31) << 3 | mss_index);
}

static tcp_seq
cookie_make(const struct tcp_host *h, const struct tuple *tuple, tcp_seq irs, uint16_t peer_mss)
{
        const uint16_t *table = mss_table(tuple);
        uint32_t i = 7;

        while (i > 0 && table[i] > peer_mss)
                i--;
        return cookie_at(h, tuple, irs, minute_of(h), i);
}

static bool
cookie_check(const struct tcp_host *h, const struct tuple *tuple, tcp_seq irs, tcp_seq iss, uint16_t *ret_mss)
{
        uint32_t mss_index = iss.v & 7;

        for (uint32_t ago = 0; ago <= MINUTES_VALID; ago++) {
                if (!seq_eq(cookie_at(h, tuple, irs, minute_of(h) - ago, mss_index), iss))
                        continue;
                *ret_mss = mss_table(tuple)[mss_index];
                return true;
        }
        return false;
}

/* ---- Sending one ---- */

static uint32_t
ts_with_options(uint32_t now, const struct half_open *o)
{
        uint32_t bits = (o->window_scaling ? o->send_shift & 15u : TS_NO_SCALE) | (o->sack ? TS_SACK : 0) |
                        (o->ecn ? TS_ECN : 0);
        uint32_t ts = (now & ~TS_MASK) | bits;

        return (int32_t)(ts - now) > 0 ? ts - (1u << TS_BITS) : ts;
}

/* False, and nothing sent, for a cookie that is not ahead of what the connection in TIME_WAIT used (RFC 1122
 * 4.2.2.13): the peer's next SYN has another. */
bool
cookie_answer(struct la_stack *s, struct listener *l, const struct tuple *tuple, const struct segment *g,
              uint32_t waiting)
{
        struct tcp_host *h = &s->host;
        struct half_open o = { .listener = l->index, .tuple = *tuple, .irs = g->seq, .window = g->window };
        struct tcb *t = tcb_at(s, 0);
        struct outgoing *out = reply_slot(s);

        o.timestamps = h->rules.timestamps && g->options.has_timestamps;
        o.ts_recent = o.timestamps ? g->options.ts_value : 0;
        o.sack = o.timestamps && h->rules.sack && g->options.sack_permitted;
        o.window_scaling = o.timestamps && h->rules.window_scaling && g->options.has_window_scale;
        o.send_shift = o.window_scaling ? g->options.window_shift : 0;
        half_open_take_rules(&o, &h->rules);
        o.ecn = o.timestamps && ecn_granted(h, g);
        o.peer_mss = g->options.has_mss ? g->options.mss_bytes : mss_default(tuple);
        o.iss = cookie_make(h, tuple, g->seq, o.peer_mss);
        o.since_ms = h->now_ms;
        half_open_fill(s, &o, t);
        t->snd.rtx = t->snd.iss;
        if (waiting && seq_le(o.iss, seq_add(time_wait_at(s, waiting)->snd_nxt, 65535 + 2)))
                return false;
        if (!output_next(h, t, 1, out))
                return false;
        if (o.timestamps)
                out->segment.options.ts_value = ts_with_options(out->segment.options.ts_value, &o);
        l->cookie_ms = h->now_ms;
        l->cookies_out = true;
        count(h, LA_C_SyncookiesSent);
        reply_add(s);
        return true;
}

/* ---- One comes back ---- */

/* Linux, too, believes in cookies only while it has sent some: else an attacker could try numbers at leisure. */
static bool
expects_cookies(const struct la_stack *s, struct listener *l)
{
        if (l->cookies_out && s->host.now_ms - l->cookie_ms > RECENT_MS)
                l->cookies_out = false;
        return l->cookies_out && s->host.rules.syncookies > 0;
}

static void
remember(struct half_open *o, const struct tcp_host *h, const struct segment *g)
{
        uint32_t bits = g->options.ts_echo & TS_MASK;

        o->timestamps = h->rules.timestamps && g->options.has_timestamps;
        if (!o->timestamps)
                return;
        o->ts_recent = g->options.ts_value;
        o->sack = h->rules.sack && (bits & TS_SACK);
        o->ecn = h->rules.ecn != ECN_NEVER && (bits & TS_ECN);
        o->window_scaling = h->rules.window_scaling && (bits & 15) != TS_NO_SCALE;
        o->send_shift = o->window_scaling ? (uint8_t)(bits & 15) : 0;
}

static uint32_t
make_connection(struct la_stack *s, uint32_t listener, const struct tuple *tuple, const struct segment *g, uint16_t mss,
                uint32_t waiting)
{
        struct half_open o = { .listener = listener, .tuple = *tuple, .peer_mss = mss, .window = g->window };
        uint32_t tcb = tcb_take(s, tuple, &listener_at(s, listener)->set), hash = stack_hash(s, tuple);
        struct tcb *t = tcb_at(s, tcb);
        enum la_transition row = waiting ? LA_T_TIME_WAIT_RCV_COOKIE_ACK : LA_T_LISTEN_RCV_COOKIE_ACK;

        if (!tcb)
                return 0;
        o.irs = seq_sub(g->seq, 1);
        o.iss = seq_sub(g->ack_seq, 1);
        o.since_ms = s->host.now_ms;
        o.retries = 1; /* when the SYN,ACK left is not known */
        remember(&o, &s->host, g);
        half_open_take_rules(&o, &s->host.rules);
        half_open_fill(s, &o, t);
        t->first_rto_done = t->retransmitted = t->syn_unacked = false;
        t->snd.una = t->snd.nxt;
        t->state = waiting ? LA_TIME_WAIT : LA_LISTEN;
        tcb_move(&s->host, t, row);
        congestion_at(t->congestion)->on_established(&s->host, t);
        enter_established(&s->host, t);
        if (waiting) {
                index_replace(s, hash, waiting, ref_make(REF_TCB, tcb));
                time_wait_at(s, waiting)->shadowed = true;
                time_wait_forget(s, waiting);
        } else {
                index_add(s, hash, ref_make(REF_TCB, tcb));
        }
        t->hashed = true;
        pacing_on_opened(&s->host, t, listener_at(s, listener)->max_pacing_rate);
        return tcb;
}

enum la_verdict
cookie_arrives(struct la_stack *s, uint32_t listener, const struct tuple *tuple, struct arrival *a, uint32_t waiting)
{
        struct listener *l = listener_at(s, listener);
        const struct segment *g = a->segment;
        enum la_verdict verdict;
        uint16_t mss;
        uint32_t tcb;

        if (!expects_cookies(s, l))
                return LA_V_LISTEN_ACK;
        if (!cookie_check(&s->host, tuple, seq_sub(g->seq, 1), seq_sub(g->ack_seq, 1), &mss)) {
                if (!waiting)
                        count(&s->host, LA_C_SyncookiesFailed);
                return LA_V_LISTEN_COOKIE_BAD;
        }
        count(&s->host, LA_C_SyncookiesRecv);
        if (!listener_accepts(s, l)) {
                count(&s->host, LA_C_ListenOverflows);
                listener_count_drop(s, l);
                return LA_V_SYN_RECEIVED_QUEUE_FULL;
        }
        tcb = make_connection(s, listener, tuple, g, mss, waiting);
        if (!tcb) {
                listener_count_drop(s, l);
                return LA_V_NO_MEMORY;
        }
        verdict = arrives(&s->host, tcb_at(s, tcb), a);
        count(&s->host, LA_C_PassiveOpens);
        listener_queue(s, listener, tcb);
        settle(s, tcb);
        return verdict;
}
