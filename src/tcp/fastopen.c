/* SPDX-License-Identifier: BSD-2-Clause */
#include "tcp/fastopen.h"

#include <string.h>

#include "tcp/ecn.h"
#include "tcp/mss.h"
#include "tcp/rto.h"
#include "tcp/timestamps.h"

#define DAY_US (UINT64_C(24) * 60 * 60 * 1000000)

/* After a failure a way is left alone for a minute, then for two, four, ... up to about an hour. */
#define PAUSE_MS      60000u
#define PAUSE_DOUBLED 6

/* "the client MAY limit the cached MSS to 1460 bytes for IPv4 or 1440 for IPv6" (4.1.3). */
#define MSS_MOST4 1460
#define MSS_MOST6 1440

/* ---- Cookies ---- */

static struct siphash_key
key_of_day(const struct tcp_host *h, uint64_t day)
{
        uint64_t first[2] = { day, 1 }, second[2] = { day, 2 };

        return (struct siphash_key){ siphash_words(&h->keys.fastopen, first, 2, 2, 4),
                                     siphash_words(&h->keys.fastopen, second, 2, 2, 4) };
}

void
fastopen_cookie_make(const struct siphash_key *key, const struct tuple *tuple,
                     uint8_t ret_cookie[FASTOPEN_COOKIE_BYTES])
{
        uint64_t words[4] = { tuple_load8(tuple->remote), tuple_load8(tuple->remote + 8), tuple_load8(tuple->local),
                              tuple_load8(tuple->local + 8) };
        uint64_t cookie;

        if (tuple->family == LA_IPV4)
                words[0] = (words[0] & 0xffffffff) | words[2] << 32;
        cookie = siphash_words(key, words, tuple->family == LA_IPV4 ? 1 : 4, 2, 4);
        for (int i = 0; i < FASTOPEN_COOKIE_BYTES; i++)
                ret_cookie[i] = (uint8_t)(cookie >> (8 * i));
}

void
fastopen_cookie_give(const struct tcp_host *h, const struct tuple *tuple, struct tcp_options *o)
{
        struct siphash_key key = key_of_day(h, h->now_us / DAY_US);

        o->has_fastopen = true;
        o->cookie_bytes = FASTOPEN_COOKIE_BYTES;
        fastopen_cookie_make(&key, tuple, o->cookie);
}

static bool
is_cookie_of(const struct tcp_host *h, uint64_t day, const struct tuple *tuple, const struct tcp_options *o)
{
        struct siphash_key key = key_of_day(h, day);
        uint8_t cookie[FASTOPEN_COOKIE_BYTES];

        fastopen_cookie_make(&key, tuple, cookie);
        return memcmp(cookie, o->cookie, sizeof cookie) == 0;
}

enum fastopen_cookie
fastopen_cookie_check(const struct tcp_host *h, const struct tuple *tuple, const struct tcp_options *o)
{
        uint64_t today = h->now_us / DAY_US;

        if (!o->has_fastopen || o->cookie_bytes != FASTOPEN_COOKIE_BYTES)
                return FASTOPEN_COOKIE_WRONG;
        if (is_cookie_of(h, today, tuple, o))
                return FASTOPEN_COOKIE_GOOD;
        return is_cookie_of(h, today - 1, tuple, o) ? FASTOPEN_COOKIE_OF_YESTERDAY : FASTOPEN_COOKIE_WRONG;
}

/* ---- The server's connection ---- */

enum la_verdict
fastopen_take_text(struct tcp_host *h, struct tcb *t, struct arrival *a)
{
        uint32_t window = tcb_window(t);
        enum la_verdict v;

        a->seq = seq_add(a->segment->seq, 1);
        a->skipped = 0;
        a->fin = a->segment->fin && a->segment->text_bytes < window;
        a->length = a->segment->text_bytes < window ? a->segment->text_bytes : window;
        if ((v = sixth_check_urg(h, t, a)) != LA_V_GO_ON || (v = seventh_process_text(h, t, a)) != LA_V_GO_ON)
                return v;
        return eighth_check_fin(h, t, a);
}

bool
fastopen_is_syn_again(const struct tcb *t, const struct segment *s)
{
        return t->let_in && s->syn && !s->ack && !s->rst && seq_eq(s->seq, t->rcv.irs);
}

enum la_verdict
fastopen_on_syn_again(const struct tcp_host *h, struct tcb *t, const struct segment *s)
{
        t->ecn = t->ecn && ecn_granted(h, s);
        t->snd.rtx = t->snd.una;
        t->first_rto_done = true;
        rto_on_resent(h, t);
        t->want_output = true;
        return LA_V_SYN_RECEIVED_SYN_AGAIN;
}

/* ---- The client's memory of servers ---- */

static struct fastopen_server *
set_of(const struct tcp_host *h, const struct tuple *tuple)
{
        uint32_t hash = (uint32_t)tuple_secret(&h->keys.fastopen, tuple, false, false);
        struct fastopen_server *all = (struct fastopen_server *)((uintptr_t)h + h->servers.offset);

        return &all[hash % h->servers.sets * FASTOPEN_WAYS];
}

static bool
is_server_of(const struct fastopen_server *s, const struct tuple *tuple)
{
        return s->family == tuple->family && memcmp(s->remote, tuple->remote, 16) == 0 &&
               memcmp(s->local, tuple->local, 16) == 0;
}

static struct fastopen_server *
server_find(const struct tcp_host *h, const struct tuple *tuple)
{
        struct fastopen_server *set = set_of(h, tuple);

        for (int i = 0; i < FASTOPEN_WAYS; i++)
                if (is_server_of(&set[i], tuple))
                        return &set[i];
        return NULL;
}

static struct fastopen_server *
server_make(const struct tcp_host *h, const struct tuple *tuple)
{
        struct fastopen_server *set = set_of(h, tuple), *oldest = set, *s = server_find(h, tuple);

        for (int i = 0; !s && i < FASTOPEN_WAYS; i++) {
                if (set[i].family == 0)
                        s = &set[i];
                else if ((int32_t)(set[i].used_ms - oldest->used_ms) < 0)
                        oldest = &set[i];
        }
        if (!s)
                s = oldest;
        if (!is_server_of(s, tuple)) {
                *s = (struct fastopen_server){ .family = tuple->family };
                memcpy(s->local, tuple->local, 16);
                memcpy(s->remote, tuple->remote, 16);
        }
        s->used_ms = h->now_ms;
        return s;
}

static bool
is_avoided(const struct tcp_host *h, struct fastopen_server *s, uint16_t port)
{
        uint32_t doublings = s->failures - 1u < PAUSE_DOUBLED ? s->failures - 1u : PAUSE_DOUBLED;

        if (s->port == 0 || s->failures == 0)
                return false;
        if (ms_reached(h->now_ms, s->failed_ms + (PAUSE_MS << doublings)))
                s->port = 0;
        return s->port == port;
}

/* ---- The client's connection ---- */

/* The cookie, or the wish for one; the server's MSS if text may go along, else 0. */
static uint16_t
ask(struct tcp_host *h, struct tcb *t, struct tcp_options *o)
{
        struct fastopen_server *s = server_find(h, &t->tuple);
        bool no_cookie = h->rules.fastopen & FASTOPEN_CLIENT_NO_COOKIE;
        uint16_t mss = mss_default(&t->tuple), most = t->tuple.family == LA_IPV4 ? MSS_MOST4 : MSS_MOST6;

        if (s && is_avoided(h, s, t->tuple.remote_port))
                return 0;
        if (s && s->mss)
                mss = s->mss < most ? s->mss : most;
        if (!no_cookie) {
                o->has_fastopen = true;
                o->cookie_bytes = s ? s->cookie_bytes : 0;
                if (s)
                        memcpy(o->cookie, s->cookie, sizeof o->cookie);
        }
        if (options_bytes(o) > TCP_OPTIONS_MAX) {
                o->has_fastopen = false;
                return 0;
        }
        t->fast_open = true;
        return no_cookie || o->cookie_bytes > 0 ? mss : 0;
}

/* Like Linux, room is left for the options that boxes on the way may add. */
static uint32_t
text_room(const struct tcp_host *h, const struct tcb *t, uint16_t mss)
{
        uint32_t room = mss_to_send(h, t, mss) + (t->timestamps ? TIMESTAMPS_BYTES : 0);

        return mss > 0 && room > TCP_OPTIONS_MAX ? room - TCP_OPTIONS_MAX : 0;
}

/* In the first SYN only: what goes again goes without. */
static bool
is_wanted(const struct tcp_host *h, const struct tcb *t)
{
        bool first_time = !t->first_rto_done && seq_eq(t->snd.nxt, seq_add(t->snd.iss, 1));

        return t->state == LA_SYN_SENT && first_time && t->set.fast_open && (h->rules.fastopen & FASTOPEN_CLIENT);
}

/* PSH is left out, which boxes on the way do not expect in a SYN.  Urgent text waits for the handshake, and so does a FIN
 * that has no text before it. */
void
fastopen_on_syn(struct tcp_host *h, struct tcb *t, struct outgoing *o)
{
        uint32_t room, queued = seq_distance(t->snd.nxt, t->snd.end);

        if (!is_wanted(h, t))
                return;
        room = text_room(h, t, ask(h, t, &o->segment.options));
        if (room == 0 || queued == 0 || t->send_urgent)
                return;
        o->from = t->snd.nxt;
        o->text_bytes = queued < room ? queued : room;
        o->segment.fin = t->closed && o->text_bytes == queued;
        t->snd.nxt = t->snd.rtx = seq_add(o->from, o->text_bytes + (o->segment.fin ? 1 : 0));
        if (t->snd.nxt.v < o->from.v)
                t->sent_turns++;
        count(h, LA_C_TCPOrigDataSent);
}

static void
fail(struct tcp_host *h, struct fastopen_server *s, const struct tcb *t)
{
        s->port = t->tuple.remote_port;
        s->failed_ms = h->now_ms;
        if (s->failures < UINT8_MAX)
                s->failures++;
}

/* "Client: Receiving SYN-ACK" (4.2.2); and 4.2.1, 3 for a server that gives no cookie. */
void
fastopen_on_syn_ack(struct tcp_host *h, struct tcb *t, const struct segment *s)
{
        struct fastopen_server *server = server_make(h, &t->tuple);
        bool text = seq_gt(t->snd.nxt, seq_add(t->snd.iss, 1)), taken = text && seq_eq(t->snd.una, t->snd.nxt);
        bool cookie = s->options.has_fastopen && s->options.cookie_bytes > 0;

        server->mss = s->options.has_mss ? s->options.mss_bytes : mss_default(&t->tuple);
        if (cookie) {
                server->cookie_bytes = s->options.cookie_bytes;
                memcpy(server->cookie, s->options.cookie, sizeof server->cookie);
        }
        if (taken || cookie) {
                server->failures = 0;
                server->port = 0;
        } else if (!t->first_rto_done) {
                server->cookie_bytes = 0;
                fail(h, server, t);
        }
        if (text)
                count(h, taken ? LA_C_TCPFastOpenActive : LA_C_TCPFastOpenActiveFail);
        t->fast_open = taken;
}

void
fastopen_on_failure(struct tcp_host *h, const struct tcb *t)
{
        fail(h, server_make(h, &t->tuple), t);
}
